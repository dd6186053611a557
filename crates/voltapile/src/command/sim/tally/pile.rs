//! What one pile said, heard and did.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use voltapile_protocol::aaf5::code::{AccountAnswer, VinResult};
use voltapile_protocol::layout::{Direction, Layout};
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::Code;
use voltapile_protocol::ykc::code::{LoginResult, Outcome};
use voltapile_protocol::ykc::message::Message;
use voltapile_protocol::{Protocol, aaf5};
use voltapile_simulator::fault::Fault;
use voltapile_simulator::frames::Exchange;
use voltapile_simulator::model::{KeyFlaw, Moment, TransactionNumber, account_refusal, vin_refusal};
use voltapile_simulator::runner::Deed;

use super::line::{Brought, brought};
use super::totals::{FrameCount, Totals};

/// Reasons for the end of connections that are told apart; what comes behind them counts as the last.
const REASONS_MAX: usize = 16;
/// An answer that is out for less is not missing yet.
const ANSWER_PATIENCE: Duration = Duration::from_secs(5);
/// Heartbeats that are remembered as unanswered; a flood of more counts as answered.
const HEARTBEATS_WAITING_MAX: usize = 64;

/// A record that the pile has sent.
#[derive(Debug)]
struct RecordTally {
    sent_at: Tick,
    /// Whether the platform took it, once it answered.
    answer: Option<bool>,
    /// 1e-4 kWh.
    energy: u64,
    /// 1e-4 yuan.
    amount: u64,
}

/// What one pile said, heard and did.
#[derive(Debug)]
pub(in super::super) struct PileTally {
    now: Tick,
    is_online: bool,
    connections: u64,
    lost: BTreeMap<String, u64>,
    protocol: Protocol,
    exchange: Exchange,
    frames: BTreeMap<(bool, Protocol, u16), FrameCount>,
    stray_bytes_down: u64,
    undecodable_down: u64,
    /// When a login was sent that is not answered yet.
    login_out: Option<Tick>,
    logins_accepted: u64,
    logins_refused: BTreeMap<u8, u64>,
    turned_away: u64,
    logins_unanswered: u64,
    /// Logins that the pile did not take: the platform told another key, or none.
    keys_wrong: u64,
    keys_unused: u64,
    /// When a tariff was asked for first, or could have come, that has not come yet.
    tariff_out: Option<Tick>,
    /// Whether an AA F5 pile was given one, which it keeps.
    has_tariff: bool,
    charging: u64,
    charges: u64,
    starts_consented: u64,
    starts_refused: BTreeMap<u8, u64>,
    records: HashMap<TransactionNumber, RecordTally>,
    heartbeats: u64,
    heartbeats_answered: u64,
    heartbeats_unanswered: u64,
    /// When those were sent that are not answered yet.
    heartbeats_out: VecDeque<Tick>,
    faults: BTreeMap<Fault, u64>,
}

impl PileTally {
    /// Nothing has happened yet.
    pub(super) fn new(protocol: Protocol) -> Self {
        Self {
            now: Tick::default(),
            is_online: Default::default(),
            connections: Default::default(),
            lost: Default::default(),
            protocol,
            exchange: Exchange::of(protocol),
            frames: Default::default(),
            stray_bytes_down: Default::default(),
            undecodable_down: Default::default(),
            login_out: Default::default(),
            logins_accepted: Default::default(),
            logins_refused: Default::default(),
            turned_away: Default::default(),
            logins_unanswered: Default::default(),
            keys_wrong: Default::default(),
            keys_unused: Default::default(),
            tariff_out: Default::default(),
            has_tariff: false,
            charging: Default::default(),
            charges: Default::default(),
            starts_consented: Default::default(),
            starts_refused: Default::default(),
            records: Default::default(),
            heartbeats: Default::default(),
            heartbeats_answered: Default::default(),
            heartbeats_unanswered: Default::default(),
            heartbeats_out: Default::default(),
            faults: Default::default(),
        }
    }

    pub(super) fn connected(&mut self, now: Moment) {
        self.now = now.tick;
        self.connections += 1;
        self.exchange = Exchange::of(self.protocol);
    }

    pub(super) fn disconnected(&mut self, now: Moment, reason: &str) {
        self.now = now.tick;
        self.is_online = false;
        if self.lost.len() < REASONS_MAX || self.lost.contains_key(reason) {
            *self.lost.entry(reason.to_owned()).or_default() += 1;
        } else if let Some(mut last) = self.lost.last_entry() {
            *last.get_mut() += 1;
        }
        match self.login_out.take() {
            Some(at) if is_overdue(at, now.tick) => self.logins_unanswered += 1,
            // A platform that refuses an AA F5 pile has no other word for it.
            Some(_) if self.protocol == Protocol::Aaf5 => {
                self.turned_away += 1;
                *self.logins_refused.entry(LoginResult::Refused.number()).or_default() += 1;
            }
            // What was asked just before the end may have been answered all the same.
            _ => {}
        }
        let overdue = self.heartbeats_out.iter().filter(|at| is_overdue(**at, now.tick)).count();
        self.heartbeats_unanswered += overdue as u64;
        self.heartbeats_out.clear();
    }

    pub(super) fn passed(&mut self, now: Moment, direction: Direction, bytes: &[u8]) {
        self.now = now.tick;
        let is_down = direction == Direction::Down;
        let mut exchange = std::mem::replace(&mut self.exchange, Exchange::of(self.protocol));
        let skipped_before = exchange.skipped(direction);
        exchange.push(direction, bytes, &mut |frame| {
            let (layout, brought) = brought(self.protocol, &frame);
            self.frame(now, is_down, (frame.frame_type, layout), &brought);
        });
        if is_down {
            self.stray_bytes_down += exchange.skipped(direction) - skipped_before;
        }
        self.exchange = exchange;
    }

    fn frame(
        &mut self,
        now: Moment,
        is_down: bool,
        (frame_type, layout): (u16, Option<&'static Layout>),
        brought: &Brought,
    ) {
        let count = self.frames.entry((is_down, self.protocol, frame_type)).or_insert(FrameCount { count: 0, layout });
        count.count += 1;
        match (is_down, brought) {
            (true, Brought::Undecodable) => self.undecodable_down += 1,
            (true, Brought::Ykc(message)) => self.heard(message),
            (true, Brought::Aaf5(message)) => self.heard_aaf5(message),
            (false, Brought::Ykc(Message::LoginRequest(_)) | Brought::Aaf5(aaf5::Message::SignInRequest(_))) => {
                self.login_out = Some(now.tick);
            }
            (false, Brought::Ykc(Message::TariffRequest(_))) => _ = self.tariff_out.get_or_insert(now.tick),
            (false, _) => {}
        }
    }

    fn heard_aaf5(&mut self, message: &aaf5::Message) {
        match message {
            aaf5::Message::SignInResponse(_) => {
                self.login_out = None;
                self.logins_accepted += u64::from(!std::mem::replace(&mut self.is_online, true));
                // Such a pile asks for nothing: the platform has to come by itself.
                if !self.has_tariff {
                    self.tariff_out.get_or_insert(self.now);
                }
            }
            aaf5::Message::TariffSetRequest(_) | aaf5::Message::TimeOfUseTariffSetRequest(_) => {
                self.tariff_out = None;
                self.has_tariff = true;
            }
            aaf5::Message::AccountQueryResponse(answer) => {
                let is_granted = answer.answer == AccountAnswer::Valid;
                self.consented(is_granted, account_refusal(answer.answer).number());
            }
            aaf5::Message::VinStartResponse(answer) => {
                self.consented(answer.result == VinResult::Accepted, vin_refusal(answer.refusal).number());
            }
            _ => {}
        }
    }

    fn heard(&mut self, message: &Message) {
        match message {
            Message::LoginResponse(answer) => {
                self.login_out = None;
                self.is_online = answer.login_result == LoginResult::Accepted;
                if self.is_online {
                    self.logins_accepted += 1;
                } else {
                    *self.logins_refused.entry(answer.login_result.number()).or_default() += 1;
                }
            }
            Message::TariffResponse(_) | Message::TariffResponseV17(_) | Message::TariffSetRequest(_) => {
                self.tariff_out = None;
            }
            Message::StartResponse(answer) => {
                self.consented(answer.auth_result == Outcome::Succeeded, answer.fail_reason.number())
            }
            Message::ParallelStartResponse(answer) => {
                self.consented(answer.auth_result == Outcome::Succeeded, answer.fail_reason.number())
            }
            _ => {}
        }
    }

    fn consented(&mut self, is_granted: bool, reason: u8) {
        if is_granted {
            self.starts_consented += 1;
        } else {
            *self.starts_refused.entry(reason).or_default() += 1;
        }
    }

    /// Notes what the pile did; gives back how long a heartbeat's answer took where it is one.
    pub(super) fn did(&mut self, now: Moment, deed: &Deed<'_>) -> Option<Duration> {
        self.now = now.tick;
        match *deed {
            Deed::FaultPlayed(fault) => *self.faults.entry(fault).or_default() += 1,
            Deed::LoginAccepted | Deed::RecordTold { .. } => {}
            Deed::KeyRefused(flaw) => {
                self.is_online = false;
                self.tariff_out = None;
                self.logins_accepted = self.logins_accepted.saturating_sub(1);
                *(if flaw == KeyFlaw::Another { &mut self.keys_wrong } else { &mut self.keys_unused }) += 1;
            }
            Deed::HeartbeatSent => {
                self.heartbeats += 1;
                if self.heartbeats_out.len() < HEARTBEATS_WAITING_MAX {
                    self.heartbeats_out.push_back(now.tick);
                }
            }
            Deed::HeartbeatAnswered => {
                self.heartbeats_answered += 1;
                return self.heartbeat_out(now.tick).map(|sent| now.tick.since(sent));
            }
            Deed::ChargeBegan { .. } => {
                self.charging += 1;
                self.charges += 1;
            }
            Deed::ChargeEnded { .. } => self.charging = self.charging.saturating_sub(1),
            Deed::RecordSent { record: sent, .. } => {
                let (energy, amount) = (sent.total_energy, sent.total_amount);
                let first = || RecordTally { sent_at: now.tick, answer: None, energy, amount };
                self.records.entry(sent.transaction_number).or_insert_with(first);
            }
            Deed::RecordAnswered { transaction_number, is_taken } => {
                if let Some(record) = self.records.get_mut(&transaction_number) {
                    record.answer = Some(is_taken);
                }
            }
        }
        None
    }

    /// When the heartbeat was sent that is answered now. Answers say not to which heartbeat they belong: where one is out
    /// for too long and others follow it, its answer was lost, and this is that of a later one.
    fn heartbeat_out(&mut self, now: Tick) -> Option<Tick> {
        while self.heartbeats_out.len() > 1 && self.heartbeats_out.front().is_some_and(|at| is_overdue(*at, now)) {
            self.heartbeats_out.pop_front();
            self.heartbeats_unanswered += 1;
        }
        self.heartbeats_out.pop_front()
    }

    /// Records that the platform confirmed, and logins that it refused.
    pub(super) fn facts(&self) -> (u64, u64) {
        let confirmed = self.records.values().filter(|record| record.answer == Some(true)).count();
        (confirmed as u64, self.logins_refused.values().sum())
    }

    /// Adds what this pile comes to.
    pub(super) fn add_to(&self, totals: &mut Totals) {
        totals.protocols.insert(self.protocol);
        totals.online += u64::from(self.is_online);
        totals.never_connected += u64::from(self.connections == 0);
        totals.connections += self.connections;
        add_all(&mut totals.lost, &self.lost);
        for (key, frames) in &self.frames {
            totals.frames.entry(*key).or_insert(FrameCount { count: 0, ..*frames }).count += frames.count;
        }
        totals.stray_bytes_down += self.stray_bytes_down;
        totals.undecodable_down += self.undecodable_down;
        totals.logins_accepted += self.logins_accepted;
        totals.turned_away += self.turned_away;
        add_all(&mut totals.logins_refused, &self.logins_refused);
        let login_overdue = self.login_out.is_some_and(|at| is_overdue(at, self.now));
        totals.logins_unanswered += self.logins_unanswered + u64::from(login_overdue);
        totals.keys_wrong += self.keys_wrong;
        totals.keys_unused += self.keys_unused;
        totals.tariffs_missing += u64::from(self.tariff_out.is_some_and(|at| is_overdue(at, self.now)));
        totals.charging += self.charging;
        totals.charges += self.charges;
        totals.starts_consented += self.starts_consented;
        add_all(&mut totals.starts_refused, &self.starts_refused);
        self.add_records(totals);
        totals.heartbeats += self.heartbeats;
        totals.heartbeats_answered += self.heartbeats_answered;
        let out = self.heartbeats_out.iter().filter(|at| is_overdue(**at, self.now)).count();
        totals.heartbeats_unanswered += self.heartbeats_unanswered + out as u64;
        add_all(&mut totals.faults, &self.faults);
    }

    fn add_records(&self, totals: &mut Totals) {
        for record in self.records.values() {
            totals.records_sent += 1;
            match record.answer {
                Some(true) => totals.records_confirmed += 1,
                Some(false) => totals.records_rejected += 1,
                None => totals.records_overdue += u64::from(is_overdue(record.sent_at, self.now)),
            }
            totals.energy += record.energy;
            totals.amount += record.amount;
        }
    }
}

fn is_overdue(sent: Tick, now: Tick) -> bool {
    now.since(sent) > ANSWER_PATIENCE
}

fn add_all<K: Clone + Ord>(sums: &mut BTreeMap<K, u64>, counts: &BTreeMap<K, u64>) {
    for (key, count) in counts {
        *sums.entry(key.clone()).or_default() += count;
    }
}
