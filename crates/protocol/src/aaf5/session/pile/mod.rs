//! The pile role: signs in, keeps the link alive, reports its connectors, keeps settings and tariff, and never forgets a
//! record before its time.
//!
//! The driver owns socket and clock; the model owns connectors and cars. Between them: frames and moments go in, bytes
//! to send are appended to `out`, and what the model has to know comes back as a [`PileEvent`].

mod answer;
mod clock;
mod config;
mod event;
mod frame_of_record;
mod heartbeat;
mod record;
mod send;
mod settings;
mod sign_in;
mod tariff;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use config::{PileConfig, PileQuirks, RecordCommand, Version};
pub use event::PileEvent;
pub use frame_of_record::record_of;
pub use settings::WhiteList;
pub use tariff::{PileTariff, Prices};

use self::clock::PileClock;
use self::frame_of_record::RecordConfirmation;
use self::heartbeat::Heartbeat;
use self::record::Records;
use self::send::Header;
use self::settings::{Parameters, SERVICE_PRICE};
use super::RESERVED;
use crate::aaf5::cipher::BodyCipher;
use crate::aaf5::code::ReportNow;
use crate::aaf5::field::{ConnectorNumber, PERIODS};
use crate::aaf5::frame::Frame;
use crate::aaf5::message::{Dialect, FineChargeRecord, Message, StatusReport, TariffPeriod, TimeOfUsePeriod};
use crate::layout::Direction;
use crate::session::PendingReplies;
pub use crate::session::{RECORDS_MAX, RecordSchedule, RecordsFull};
use crate::time::Tick;
use crate::wire::{BcdTime, Overflow, Text};

/// How long the answer to a sign-in is waited for.
pub const SIGN_IN_WAIT: Duration = Duration::from_secs(5);
/// Sign-ins tried on one connection before it is given up.
pub const SIGN_IN_TRIES: u8 = 3;

/// Why a message did not leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The pile is not signed in.
    #[error("the pile is not signed in")]
    Offline,
    /// The message does not fit into a frame.
    #[error(transparent)]
    Overflow(#[from] Overflow),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No connection, or one that is to be closed.
    Offline,
    /// 106 was sent `tries` times.
    SigningIn { tries: u8 },
    /// The platform took the sign-in.
    Working,
}

/// The tariffs a pile was given, and which of them it charges by.
#[derive(Debug, Default)]
struct Tariffs {
    electricity: Option<Box<[TariffPeriod; PERIODS]>>,
    time_of_use: Option<Box<[TimeOfUsePeriod; PERIODS]>>,
    current: Option<PileTariff>,
}

/// The pile's end of one connection after the other: what must survive a reconnect does.
#[derive(Debug)]
pub struct PileSession {
    config: PileConfig,
    phase: Phase,
    /// Number of this connection's sign-ins, which 105 repeats.
    random: u32,
    sequence: u8,
    clock: PileClock,
    /// When 106 is sent again.
    sign_in_at: Option<Tick>,
    heartbeat: Heartbeat,
    /// When the next reports of status leave.
    status_at: Option<Tick>,
    /// How the connectors are, by number from 1.
    statuses: Vec<StatusReport>,
    /// Whether 105 offered to take 222.
    fine_offered: bool,
    cipher: Option<Box<BodyCipher>>,
    /// Reserved fields of the last 7.
    reserved_of_start: [u8; RESERVED],
    tariffs: Tariffs,
    parameters: Parameters,
    white_list: WhiteList,
    pending: PendingReplies<Header>,
    records: Records,
}

impl PileSession {
    /// A pile that is switched on but not connected; its clock was never set.
    #[must_use]
    pub fn new(config: PileConfig) -> Self {
        let statuses = (1..=config.connector_count)
            .map(|number| StatusReport { connector_number: ConnectorNumber(number), ..StatusReport::default() })
            .collect();
        Self {
            parameters: Parameters::new(&config),
            records: Records::new(config.quirks.record_schedule),
            config,
            phase: Phase::Offline,
            random: 0,
            sequence: 0,
            clock: PileClock::never_set(),
            sign_in_at: None,
            heartbeat: Heartbeat::default(),
            status_at: None,
            statuses,
            fine_offered: false,
            cipher: None,
            reserved_of_start: [0; RESERVED],
            tariffs: Tariffs::default(),
            white_list: WhiteList::default(),
            pending: PendingReplies::default(),
        }
    }

    /// What the pile says of itself.
    #[must_use]
    pub const fn config(&self) -> &PileConfig {
        &self.config
    }

    /// Whether the platform took the sign-in.
    #[must_use]
    pub const fn is_signed_in(&self) -> bool {
        matches!(self.phase, Phase::Working)
    }

    /// The tariff the pile charges by, where it has one.
    #[must_use]
    pub const fn tariff(&self) -> Option<&PileTariff> {
        self.tariffs.current.as_ref()
    }

    /// Integer parameter 27: the service price of a tariff that has none of its own, in 0.01 CNY/kWh.
    #[must_use]
    pub fn service_price(&self) -> u32 {
        self.parameters.integer(SERVICE_PRICE)
    }

    /// An integer parameter; 0 for one that was never set.
    #[must_use]
    pub fn parameter(&self, index: u32) -> u32 {
        self.parameters.integer(index)
    }

    /// Who may charge while the platform cannot be reached.
    #[must_use]
    pub const fn white_list(&self) -> &WhiteList {
        &self.white_list
    }

    /// What the pile's clock shows.
    #[must_use]
    pub fn clock(&self, now: Tick) -> BcdTime {
        self.clock.shows(now)
    }

    /// Sets the pile's clock, in milliseconds since 1970 began in UTC.
    pub const fn set_clock(&mut self, now: Tick, unix_ms: u64) {
        self.clock.set(now, unix_ms);
    }

    /// Records that the platform has not confirmed.
    #[must_use]
    pub const fn unconfirmed_records(&self) -> usize {
        self.records.unconfirmed()
    }

    /// Records that were given up without the platform's word, where the [schedule](RecordSchedule::forgets) says so.
    #[must_use]
    pub const fn forgotten_records(&self) -> usize {
        self.records.forgotten()
    }

    /// The firmware is another one from now on; the next sign-in says so.
    pub const fn set_software_version(&mut self, version: u32) {
        self.config.software_version = version;
    }

    /// The pile was switched off and on: it forgets its link, and sends its last records once more.
    pub fn restart(&mut self) {
        self.disconnect();
        self.config.start_count = self.config.start_count.saturating_add(1);
        self.records.restarted(self.config.quirks.records_after_start.into());
    }

    /// A connection stands: signs in with a random number.
    pub fn connect(&mut self, now: Tick, random: u32, out: &mut Vec<u8>) {
        self.disconnect();
        self.random = random;
        self.sequence = 0;
        self.sign_in(now, 1, out);
    }

    /// The connection is gone: nothing is due until the next one.
    pub fn disconnect(&mut self) {
        self.phase = Phase::Offline;
        self.sign_in_at = None;
        self.heartbeat = Heartbeat::default();
        self.status_at = None;
        self.cipher = None;
        self.pending.clear();
    }

    /// Takes a frame. Frames for other piles, those that cannot be decrypted and those that make no sense are passed
    /// over, as piles do.
    pub fn handle_frame(&mut self, now: Tick, frame: &Frame<'_>, out: &mut Vec<u8>) -> Option<PileEvent> {
        if self.phase == Phase::Offline {
            return None;
        }
        if !frame.is_encrypted() {
            return self.handle_body(now, frame, frame.body, out);
        }
        let body = self.cipher.as_ref()?.decrypt(frame.body).ok()?;
        self.handle_body(now, frame, &body, out)
    }

    fn handle_body(&mut self, now: Tick, frame: &Frame<'_>, body: &[u8], out: &mut Vec<u8>) -> Option<PileEvent> {
        let message = Message::decode(frame.command, body, Dialect::default()).ok()?;
        let layout = message.layout().filter(|layout| layout.direction == Direction::Down)?;
        if layout.named(body, "pile_code").is_some_and(|code| !Text(code).says(&self.config.pile_code)) {
            return None;
        }
        let header = Header { sequence: frame.sequence, reserved: body.first_chunk().copied().unwrap_or_default() };
        match message {
            Message::SignInResponse(answer) => return self.on_sign_in(now, &answer, out),
            _ if !self.is_signed_in() => {}
            Message::HeartbeatResponse(_) => self.heartbeat.answered(),
            Message::StatusResponse(answer) => {
                let is_asked = answer.report_now == Some(ReportNow::Yes);
                if is_asked || self.config.quirks.status_for_each_answer {
                    self.send_status(answer.connector_number.number(), out);
                }
            }
            Message::RecordConfirm(_) | Message::FineRecordConfirm(_) => {
                let word = RecordConfirmation::of(&message)?;
                let confirmed = self.records.confirm(&word, self.config.quirks.confirms_blindly);
                return confirmed.map(|(record_index, transaction_number)| PileEvent::RecordConfirmed {
                    record_index,
                    transaction_number,
                });
            }
            Message::AlarmResponse(_)
            | Message::StartCompleteResponse(_)
            | Message::BmsConfirm(_)
            | Message::VinStartResultConfirm(_) => {}
            message => return self.on_request(now, message, header, out),
        }
        None
    }

    /// When [`handle_deadline`](Self::handle_deadline) wants to be called next.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Tick> {
        let records = if self.is_signed_in() { self.records.next_deadline() } else { None };
        [self.sign_in_at, self.heartbeat.due_at(), self.status_at, records].into_iter().flatten().min()
    }

    /// Does what is due by now.
    pub fn handle_deadline(&mut self, now: Tick, out: &mut Vec<u8>) -> Option<PileEvent> {
        let is_due = |at: Option<Tick>| at.is_some_and(|at| at <= now);
        if is_due(self.sign_in_at) && !self.sign_in_again(now, out) {
            self.disconnect();
            return Some(PileEvent::LinkDead);
        }
        if is_due(self.heartbeat.due_at()) && !self.send_heartbeat(now, out) {
            self.disconnect();
            return Some(PileEvent::LinkDead);
        }
        if is_due(self.status_at) {
            self.send_all_statuses(now, out);
        }
        self.send_due_records(now, out);
        None
    }

    /// Keeps a record until the platform confirms it, and sends it now if it can. Energies are thousandths of a kWh,
    /// whichever command brings them; the pile's code and the number of the record are filled in. Gives back the number that the pile gave it.
    ///
    /// # Errors
    /// [`RecordsFull`] when too many wait already; the record is not kept.
    pub fn send_record(&mut self, now: Tick, record: FineChargeRecord, out: &mut Vec<u8>) -> Result<i32, RecordsFull> {
        let record = FineChargeRecord { pile_code: self.config.pile_code, ..record };
        let index = self.records.keep(record, self.is_signed_in().then_some(now))?;
        self.send_due_records(now, out);
        Ok(index)
    }
}
