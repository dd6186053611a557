//! The tongue of AA F5.

mod alarm;
mod ask;
pub(in crate::model) mod failure;
mod limit;
mod record;
mod request;
mod start;
mod status;
mod tariff;

use std::collections::VecDeque;
use std::time::Duration;

use voltapile_protocol::aaf5::Frame;
use voltapile_protocol::aaf5::code::{ConnectorType, ControlIndex, EncryptionFlag, UpdateProgress, WorkState};
use voltapile_protocol::aaf5::field::{CardNumber, PileCode};
use voltapile_protocol::aaf5::frame::{Envelope, write_message};
use voltapile_protocol::aaf5::message::{Dialect, FirmwareUpdateReport, HeartbeatRequest, Message};
use voltapile_protocol::aaf5::session::pile::{PileConfig, PileEvent, PileSession};
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::{Bytes, Connectors, Text};
use voltapile_protocol::ykc::code::{PileType, UpdateResult};
use voltapile_protocol::ykc::field::PhysicalCardNumber;

use self::alarm::Alarming;
use self::ask::Query;
use self::start::LateAnswer;
use super::{Heard, Standing, Word};
use crate::model::action::{Credential, VinCharacters};
use crate::model::aes_key::{AesKey, KeyFlaw};
use crate::model::context::PileState;
use crate::model::record::Record;
use crate::model::setup::{Aaf5Speech, PileSetup};
use crate::model::transaction::TransactionNumber;

/// How long somebody waits for the platform's consent (practice: CAR).
pub(super) const CONSENT_WAIT: Duration = Duration::from_secs(10);
/// Pause between looks at a charging connector, simulated.
const CHARGING_LOOK_MS: u64 = 15_000;
/// Pause between looks at an idle connector, simulated.
const IDLE_LOOK_MS: u64 = 5 * 60_000;
/// From the start to the flow of current, simulated.
const PREPARING_MS: u64 = 3_000;
/// Pause between 302, simulated.
const CAR_MS: u64 = 30_000;
/// Seconds between 104 on the wire at least, however fast time runs.
const STATUS_SECONDS_LEAST: u32 = 2;
/// Users of charges that are remembered until their records.
const USERS_MAX: usize = 64;

/// What the platform set at a connector; the session has answered already.
#[derive(Debug)]
pub(in crate::model) enum Setting {
    /// What it gives: control 17 until the pile restarts, 26 for one charge; 0 ends either.
    Limit { connector: u8, command: ControlIndex, argument: u32 },
    /// Whether no charge may begin there (control 23); one under way goes on.
    Service { connector: u8, is_suspended: bool },
    /// Whether somebody pressed the emergency stop from afar (integer parameter 85), at the whole pile.
    EmergencyStop(bool),
    /// The service price is another one.
    Prices,
    /// What a charge may cost, 1e-4 yuan: the account of whoever charges there was topped up.
    Balance { connector: u8, balance: u32 },
}

/// A session, and what stands around it.
#[derive(Debug)]
pub(in crate::model) struct Aaf5Tongue {
    pub(super) session: PileSession,
    /// The key that it has, and insists on.
    aes_key: Option<AesKey>,
    /// Where the next random number of a sign-in begins.
    random: u32,
    alarming: Alarming,
    /// The connector where somebody asked last: 203 does not always name one.
    asking: u8,
    queries: Vec<Query>,
    /// Power at most while the platform cannot be reached, in 0.1 kW; 0 for any.
    offline_power: u32,
    /// Who charges, as the start named them.
    users: VecDeque<(TransactionNumber, CardNumber)>,
    /// Answers to starts that wait until the charge has begun.
    late_answers: Vec<LateAnswer>,
    /// 302 counts them.
    reports: u16,
}

impl Aaf5Tongue {
    pub(super) fn of(setup: &PileSetup, speech: &Aaf5Speech, speed: u32) -> Self {
        let pile_code: PileCode = text(&setup.config.pile_code.to_string());
        let status_seconds = (15 / speed.max(1)).max(STATUS_SECONDS_LEAST);
        let config = PileConfig {
            connector_type: if setup.config.pile_type == PileType::Ac { ConnectorType::Ac } else { ConnectorType::Dc },
            connector_count: setup.config.connector_count,
            version: speech.version,
            software_version: speech.software_version,
            status_seconds: status_seconds as u8,
            can_encrypt: speech.can_encrypt,
            quirks: speech.quirks,
            ..PileConfig::new(pile_code)
        };
        Self {
            session: PileSession::new(config),
            aes_key: speech.aes_key,
            random: 0,
            alarming: Alarming::of(setup.config.connector_count),
            asking: 1,
            queries: Vec::new(),
            offline_power: 0,
            users: VecDeque::new(),
            late_answers: Vec::new(),
            reports: 0,
        }
    }

    pub(super) fn connect(&mut self, now: Tick, out: &mut Vec<u8>) {
        self.random = self.random.wrapping_mul(1_103_515_245).wrapping_add(now.0 as u32 | 1);
        self.session.connect(now, self.random, out);
    }

    /// A session says nothing before it signed in: all that such a pile says is that it is alive.
    pub(super) fn connect_unasked(&self, out: &mut Vec<u8>) {
        let pile_code = self.session.config().pile_code;
        let heartbeat = HeartbeatRequest { pile_code, plugged: Some(Connectors::default()), ..Default::default() };
        let written = write_message(out, Envelope::default(), &heartbeat.into());
        debug_assert!(written.is_ok(), "a heartbeat fits into a frame");
    }

    pub(super) fn disconnect(&mut self) {
        self.late_answers.clear();
        self.queries.clear();
        self.alarming.disconnected();
        self.session.disconnect();
    }

    /// What was told of limits is forgotten, but for those of setting 88 and control 25, which are in flash.
    pub(super) fn restart(&mut self) {
        self.disconnect();
        self.session.restart();
    }

    pub(super) const fn is_logged_in(&self) -> bool {
        self.session.is_signed_in()
    }

    pub(super) const fn is_working(&self) -> bool {
        self.session.is_signed_in() && self.session.tariff().is_some()
    }

    pub(super) fn firmware_version(&self) -> String {
        let version = self.session.config().software_version;
        format!("{}.{:02}", version / 100, version % 100)
    }

    /// What has no digits is a version later.
    pub(super) fn set_firmware_version(&mut self, version: &str) {
        let digits: String = version.chars().filter(char::is_ascii_digit).take(6).collect();
        let next = self.session.config().software_version.saturating_add(1);
        self.session.set_software_version(digits.parse().unwrap_or(next));
    }

    pub(super) fn next_deadline(&self) -> Option<Tick> {
        let own = [self.alarming.next_at(), self.asks_again_at(), self.answers_late_at()];
        own.into_iter().chain([self.session.next_deadline()]).flatten().min()
    }

    pub(super) fn handle_deadline(&mut self, now: Tick, out: &mut Vec<u8>) -> Option<Heard> {
        let event = self.session.handle_deadline(now, out);
        self.repeat_alarms(now, out);
        self.ask_again(now, out);
        self.give_up_late_answers(now, out);
        event.and_then(|event| self.heard(now, event))
    }

    pub(super) fn hear(&mut self, now: Tick, frame: &[u8], out: &mut Vec<u8>) -> Option<Heard> {
        let frame = Frame::parse(frame).ok()?;
        if let Some(flaw) = self.key_flaw(&frame) {
            return Some(Heard::KeyRefused(flaw));
        }
        let event = self.session.handle_frame(now, &frame, out);
        event.and_then(|event| self.heard(now, event))
    }

    /// Why a sign-in is not taken whose answer has another key than the pile's.
    fn key_flaw(&self, frame: &Frame<'_>) -> Option<KeyFlaw> {
        let AesKey(own) = self.aes_key.filter(|_| !self.is_logged_in() && !frame.is_encrypted())?;
        let Ok(Message::SignInResponse(answer)) = Message::decode(frame.command, frame.body, Dialect::default()) else {
            return None;
        };
        match answer.aes_key {
            _ if answer.encryption != Some(EncryptionFlag::Aes) => Some(KeyFlaw::Unused),
            Some(key) if key.0 == own => None,
            _ => Some(KeyFlaw::Another),
        }
    }

    /// What the model has to know of what the session says.
    fn heard(&mut self, now: Tick, event: PileEvent) -> Option<Heard> {
        Some(match event {
            PileEvent::SignedIn { suspended, clock } => {
                self.alarming.connected(now);
                Heard::LoggedIn { is_locked: Some(suspended), clock: clock.and_then(|time| time.civil()) }
            }
            PileEvent::SignedInAgain { suspended } => Heard::Suspended(suspended),
            PileEvent::LinkDead => Heard::LinkDead,
            PileEvent::TariffChanged(_) => Heard::TariffChanged(self.tariff()?),
            PileEvent::ParametersSet { first_index, values } => Heard::Aaf5Set(self.set(first_index, &values)),
            PileEvent::ClockSet(time) => Heard::ClockSet(time.civil()?),
            PileEvent::Control { connector, commands } => Heard::Aaf5Set(self.controlled(connector, &commands)),
            PileEvent::Reboot => Heard::Reboot { when_idle: false },
            PileEvent::Request(request) => Heard::Aaf5Asked(request),
            PileEvent::Answer(answer) => Heard::Aaf5Answered(answer),
            PileEvent::RecordConfirmed { .. } | PileEvent::TextSet { .. } | PileEvent::WhiteListChanged => return None,
        })
    }

    pub(super) fn say_updated(&mut self, result: UpdateResult, out: &mut Vec<u8>) {
        let progress = match result {
            UpdateResult::Succeeded => UpdateProgress::Downloaded,
            UpdateResult::DownloadTimeout => UpdateProgress::ConnectionFailed,
            _ => UpdateProgress::DownloadFailed,
        };
        self.tell(&FirmwareUpdateReport { progress, ..Default::default() }.into(), out);
    }

    pub(super) fn keep_record(&mut self, now: Tick, record: &Record, out: &mut Vec<u8>) {
        let user = self.user_of(record);
        let kept = self.session.send_record(now, record::charge_record(record, user), out);
        debug_assert!(kept.is_ok(), "nobody charges when the store of records is nearly full");
    }

    /// Who a charge was for: as the start named them, else the card.
    fn user_of(&self, record: &Record) -> CardNumber {
        self.user(record.transaction_number).unwrap_or_else(|| card_text(record.card))
    }

    /// Who a charge is for, where the platform said so.
    fn user(&self, charge: TransactionNumber) -> Option<CardNumber> {
        self.users.iter().find(|(number, _)| *number == charge).map(|(_, user)| *user)
    }

    /// Whether a charge is for whoever asks at the pile; nobody knows whose car it is.
    pub(super) fn is_user(&self, charge: TransactionNumber, credential: Credential) -> bool {
        let (Credential::Card(card, _) | Credential::Account(card, _)) = credential else { return false };
        self.user(charge).is_some_and(|user| is_card(&user, card))
    }

    /// Remembers who a charge is for.
    fn remember_user(&mut self, number: TransactionNumber, user: CardNumber) {
        if self.users.len() >= USERS_MAX {
            self.users.pop_front();
        }
        self.users.push_back((number, user));
    }

    pub(super) const fn report_pause_ms(&self, standing: &Standing<'_>) -> u64 {
        match standing.charge {
            Some(charge) if charge.elapsed_ms == 0 => PREPARING_MS,
            _ if standing.is_busy => CHARGING_LOOK_MS,
            _ => IDLE_LOOK_MS,
        }
    }

    pub(super) const fn car_pause_ms(&self) -> u64 {
        CAR_MS
    }

    /// Whether a card, or a car, is in the white list.
    pub(super) fn knows_offline(&self, credential: Credential, vin: Option<VinCharacters>) -> bool {
        let list = self.session.white_list();
        match credential {
            Credential::Card(card, _) => list.cards.iter().any(|known| is_card(known, card)),
            Credential::Vin => vin
                .is_some_and(|vin| list.vins.contains(&vin) || list.cards.iter().any(|known| known.as_bytes() == vin)),
            Credential::Account(..) => false,
        }
    }

    /// The numbers of its white list's cards.
    pub(super) fn offline_cards(&self) -> Vec<PhysicalCardNumber> {
        let list = self.session.white_list();
        let cards = list.cards.iter().map(|card| physical(card).unwrap_or_default());
        cards.chain(list.vins.iter().map(|_| PhysicalCardNumber::default())).collect()
    }

    pub(super) fn say(&mut self, now: Tick, state: &PileState, connector: u8, word: Word<'_>, out: &mut Vec<u8>) {
        match word {
            Word::Standing(standing) => {
                self.show(state, connector, &standing, out);
                self.note_faults(now, connector, standing.faults, out);
            }
            Word::CarSays(charge) => {
                self.reports = self.reports.wrapping_add(1);
                let report = status::bms(self.session.config().pile_code, connector, self.reports, charge);
                self.tell(&report.into(), out);
            }
            Word::Asks { credential, vin, .. } => self.ask(now, connector, credential, vin, out),
            Word::CannotBegin(start, reason) => self.tell_of_failure((connector, state.is_dc), start, reason, out),
            Word::Answers(order, refusal) => self.answer_order(now, (connector, state.is_dc), order, refusal, out),
            Word::Keeps(order) => self.answer_start(connector, order.start.transaction_number, failure::NONE, out),
            // What the car said is in 104 and 302, and 104 has the parking lock.
            Word::CarMet(_) | Word::CarLeft(_) | Word::BreaksOff(..) | Word::Vehicle(_) | Word::Lock(_) => {}
        }
    }

    /// Notes how a connector stands; the session tells it in its time, and at once when the work state changes.
    fn show(&mut self, state: &PileState, connector: u8, standing: &Standing<'_>, out: &mut Vec<u8>) {
        let before = self.session.status(connector).map(|status| status.work_state);
        let user = standing.charge.and_then(|charge| self.user(charge.transaction_number));
        if !standing.is_plugged {
            self.forget_query(connector);
        }
        let status = status::report(state, connector, standing, user);
        let was_preparing = before == Some(WorkState::Preparing);
        let has_begun = before != Some(status.work_state) && status::is_charging(&status);
        self.session.set_status(status, out);
        if has_begun && let Some(charge) = standing.charge {
            self.tell_of_begin(connector, charge, out);
        }
        if was_preparing && !standing.is_busy {
            self.tell_of_no_begin(connector, out);
        }
    }

    /// Sends a message; what a pile has to say while it is offline is lost, but for its records.
    fn tell(&mut self, message: &Message, out: &mut Vec<u8>) {
        let _lost_when_offline = self.session.send(message, out);
    }
}

/// A text that fits, as all do that are made here.
fn text(text: &str) -> Text<32> {
    Text::new(text).unwrap_or_default()
}

/// A card as its reader reads it: sixteen digits.
fn card_text(card: PhysicalCardNumber) -> CardNumber {
    text(&card.0.iter().map(|byte| format!("{byte:02X}")).collect::<String>())
}

/// Whether a text means a card, with or without the zeros that a short number begins with.
fn is_card(text: &CardNumber, card: PhysicalCardNumber) -> bool {
    let (text, card) = (text.text(), card_text(card).text());
    text.eq_ignore_ascii_case(&card) || text.eq_ignore_ascii_case(card.trim_start_matches('0'))
}

/// The card that a text means; `None` where it is no hexadecimal number.
fn physical(card: &CardNumber) -> Option<PhysicalCardNumber> {
    let card = card.text();
    let fits = (1..=16).contains(&card.len());
    u64::from_str_radix(&card, 16).ok().filter(|_| fits).map(|number| Bytes(number.to_be_bytes()))
}
