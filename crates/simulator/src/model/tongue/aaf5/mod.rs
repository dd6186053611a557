//! The tongue of AA F5.

mod ask;
pub(in crate::model) mod failure;
mod record;
mod request;
mod status;
mod tariff;

use std::collections::VecDeque;

use voltapile_protocol::aaf5::Frame;
use voltapile_protocol::aaf5::code::{ConnectorType, UpdateProgress};
use voltapile_protocol::aaf5::field::{CardNumber, ConnectorNumber, PileCode};
use voltapile_protocol::aaf5::frame::{Envelope, write_message};
use voltapile_protocol::aaf5::message::{
    FirmwareUpdateReport, HeartbeatRequest, Message, StartCompleteReport, StartResponse, VinStartResult,
};
use voltapile_protocol::aaf5::session::pile::{PileConfig, PileEvent, PileSession};
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::{Bytes, Connectors, Text};
use voltapile_protocol::ykc::code::{PileType, RemoteStartFailure, StartSource, UpdateResult};
use voltapile_protocol::ykc::field::{HardwareFaults, PhysicalCardNumber};

use super::{Heard, Standing, Word};
use crate::model::action::{Credential, VinCharacters};
use crate::model::charge::Charge;
use crate::model::connector::StartOrder;
use crate::model::context::PileState;
use crate::model::record::Record;
use crate::model::setup::{Aaf5Speech, PileSetup};
use crate::model::transaction::TransactionNumber;

/// Integer parameter of the service price.
const SERVICE_PRICE: u32 = 27;
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

/// What the platform said that only this protocol knows.
#[derive(Debug)]
pub(in crate::model) enum Request {
    /// It asks for something.
    Asked(Box<Message>),
    /// It answers what the pile said.
    Answered(Box<Message>),
}

/// A session, and what stands around it.
#[derive(Debug)]
pub(in crate::model) struct Aaf5Tongue {
    session: PileSession,
    /// Where the next random number of a sign-in begins.
    random: u32,
    /// What is broken at each connector.
    faults: Vec<HardwareFaults>,
    /// The connector where somebody asked last: 203 does not always name one.
    asking: u8,
    /// Who charges, as the start named them.
    users: VecDeque<(TransactionNumber, CardNumber)>,
    /// Answers to starts that wait until the charge has begun.
    late_answers: Vec<StartResponse>,
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
        let connectors = usize::from(setup.config.connector_count);
        Self {
            session: PileSession::new(config),
            random: 0,
            faults: vec![HardwareFaults::default(); connectors],
            asking: 1,
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
        self.session.disconnect();
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

    pub(super) const fn unconfirmed_records(&self) -> usize {
        self.session.unconfirmed_records()
    }

    pub(super) const fn forgotten_records(&self) -> usize {
        self.session.forgotten_records()
    }

    pub(super) fn next_deadline(&self) -> Option<Tick> {
        self.session.next_deadline()
    }

    pub(super) fn handle_deadline(&mut self, now: Tick, out: &mut Vec<u8>) -> Option<Heard> {
        self.session.handle_deadline(now, out).and_then(|event| self.heard(event))
    }

    pub(super) fn hear(&mut self, now: Tick, frame: &[u8], out: &mut Vec<u8>) -> Option<Heard> {
        let frame = Frame::parse(frame).ok()?;
        self.session.handle_frame(now, &frame, out).and_then(|event| self.heard(event))
    }

    /// What the model has to know of what the session says.
    fn heard(&self, event: PileEvent) -> Option<Heard> {
        Some(match event {
            PileEvent::SignedIn { suspended, clock } => {
                Heard::LoggedIn { is_locked: Some(suspended), clock: clock.and_then(|time| time.civil()) }
            }
            PileEvent::SignedInAgain { suspended } => Heard::Permitted { is_locked: suspended, power_percent: 100 },
            PileEvent::LinkDead => Heard::LinkDead,
            PileEvent::TariffChanged(_) => Heard::TariffChanged(self.tariff()?),
            PileEvent::ParametersSet { first_index, values } => {
                let behind = u64::from(first_index) + values.len() as u64;
                let is_price = first_index <= SERVICE_PRICE && u64::from(SERVICE_PRICE) < behind;
                Heard::TariffChanged(self.tariff().filter(|_| is_price)?)
            }
            PileEvent::ClockSet(time) => Heard::ClockSet(time.civil()?),
            PileEvent::Control { connector, command, argument } => request::control(connector, command, argument)?,
            PileEvent::Reboot => Heard::Reboot { when_idle: false },
            PileEvent::Request(request) => Heard::Aaf5(Request::Asked(request)),
            PileEvent::Answer(answer) => Heard::Aaf5(Request::Answered(answer)),
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
        let known = self.users.iter().find(|(number, _)| *number == record.transaction_number);
        known.map_or_else(|| card_text(record.card), |(_, user)| *user)
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
            Credential::Card(card, _) => {
                let (card, bare) = (card_text(card).text(), bare_card(card));
                list.cards.iter().any(|known| {
                    let known = known.text();
                    known.eq_ignore_ascii_case(&card) || known.eq_ignore_ascii_case(&bare)
                })
            }
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

    pub(super) fn say(&mut self, state: &PileState, connector: u8, word: Word<'_>, out: &mut Vec<u8>) {
        match word {
            Word::Standing(standing) => self.show(state, connector, &standing, out),
            Word::CarSays(charge) => {
                self.reports = self.reports.wrapping_add(1);
                let report = status::bms(self.session.config().pile_code, connector, self.reports, charge);
                self.tell(&report.into(), out);
            }
            Word::Asks { credential, vin, .. } => self.ask(connector, credential, vin, out),
            Word::Answers(order, refusal) => self.answer_start(connector, order, refusal, out),
            // What the car said is in 104 and 302, and 104 has the parking lock.
            Word::CarMet(_) | Word::CarLeft(_) | Word::BreaksOff(..) | Word::Vehicle(_) | Word::Lock(_) => {}
        }
    }

    /// Notes how a connector stands; the session tells it in its time, and at once when the work state changes.
    fn show(&mut self, state: &PileState, connector: u8, standing: &Standing<'_>, out: &mut Vec<u8>) {
        let before = self.session.status(connector).map(|status| status.work_state);
        let user = standing.charge.and_then(|charge| {
            let known = self.users.iter().find(|(number, _)| *number == charge.transaction_number);
            known.map(|(_, user)| *user)
        });
        let status = status::report(state, connector, standing, user);
        let has_begun = before != Some(status.work_state) && status::is_charging(&status);
        self.session.set_status(status, out);
        self.tell_of_faults(connector, standing.faults, out);
        if has_begun && let Some(charge) = standing.charge {
            self.tell_of_begin(connector, charge, out);
        }
    }

    /// Current flows: answers that waited for it, and what the car said (110, 210).
    fn tell_of_begin(&mut self, connector: u8, charge: &Charge, out: &mut Vec<u8>) {
        let waiting = self.late_answers.extract_if(.., |answer| answer.connector_number.number() == connector);
        let waiting: Vec<StartResponse> = waiting.collect();
        for answer in waiting {
            self.tell(&answer.into(), out);
        }
        let (pile_code, connector_number) = (self.session.config().pile_code, ConnectorNumber(connector));
        if charge.start_source == StartSource::Vin {
            self.tell(&VinStartResult { pile_code, connector_number, ..Default::default() }.into(), out);
        }
        if self.session.config().connector_type == ConnectorType::Dc {
            let report = StartCompleteReport { connector_number, ..status::start_complete(pile_code, charge) };
            self.tell(&report.into(), out);
        }
    }

    fn answer_start(
        &mut self,
        connector: u8,
        order: &StartOrder,
        refusal: Option<RemoteStartFailure>,
        out: &mut Vec<u8>,
    ) {
        let answer = StartResponse {
            pile_code: self.session.config().pile_code,
            connector_number: ConnectorNumber(connector),
            result: failure::start_failure(refusal),
            transaction_number: Some(text(order.start.transaction_number.as_str())),
            ..Default::default()
        };
        if refusal.is_none() && self.session.config().quirks.late_start_answer {
            self.late_answers.push(answer);
        } else {
            self.tell(&answer.into(), out);
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

/// The same without the zeros that a short number begins with.
fn bare_card(card: PhysicalCardNumber) -> String {
    card_text(card).text().trim_start_matches('0').to_owned()
}

/// The card that a text means; `None` where it is no hexadecimal number.
fn physical(card: &CardNumber) -> Option<PhysicalCardNumber> {
    let card = card.text();
    let fits = (1..=16).contains(&card.len());
    u64::from_str_radix(&card, 16).ok().filter(|_| fits).map(|number| Bytes(number.to_be_bytes()))
}
