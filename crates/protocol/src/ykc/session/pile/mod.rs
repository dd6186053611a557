//! The pile role: logs in, keeps the link alive, settles the tariff, and never forgets a record before its time.
//!
//! The driver owns socket and clock; the model owns connectors and cars. Between them: frames and moments go in, bytes
//! to send are appended to `out`, and what the model has to know comes back as a [`PileEvent`].

mod answer;
mod config;
mod event;
mod frame_of_record;
mod heartbeat;
mod tariff;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use config::{HeartbeatPattern, PileConfig, PileQuirks};
pub use event::PileEvent;
pub use frame_of_record::{RecordFrame, record_of};
pub use tariff::{PileTariff, TIERS, TierRates};

use super::SequenceCounter;
use crate::session::{PendingReplies, RecordStore};
pub use crate::session::{RECORDS_MAX, RecordSchedule, RecordsFull};
use crate::time::Tick;
use crate::wire::{Ascii, Overflow};
use crate::ykc::code::{ConfirmResult, ConnectorHealth, LoginResult, VerifyResult};
use crate::ykc::field::TariffId;
use crate::ykc::frame::{Envelope, write_message};
use crate::ykc::message::{LoginRequest, Message, TariffRequest, TariffVerifyRequest, TransactionRecord};
use crate::ykc::{CrcOrder, Frame};

/// Pause before a login or a question about the tariff is repeated.
pub const RETRY_PAUSE: Duration = Duration::from_secs(10);
/// Logins tried on one connection before it is given up.
pub const LOGIN_TRIES: u8 = 3;
/// Pause between heartbeats.
pub const HEARTBEAT_PAUSE: Duration = Duration::from_secs(10);
/// Heartbeats without an answer that make a link dead.
pub const HEARTBEATS_MISSED: u8 = 3;

/// Why a message did not leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The pile is not logged in.
    #[error("the pile is not logged in")]
    Offline,
    /// The message does not fit into a frame.
    #[error(transparent)]
    Overflow(#[from] Overflow),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No connection, or one that is to be closed.
    Offline,
    /// A connection on which the pile speaks as if it were logged in already.
    Unasked,
    /// 0x01 was sent `tries` times.
    LoggingIn { tries: u8 },
    /// 0x05 was sent.
    VerifyingTariff,
    /// 0x09 was sent.
    RequestingTariff,
    /// The tariff is settled.
    Working,
}

/// The pile's end of one connection after the other: what must survive a reconnect does.
#[derive(Debug)]
pub struct PileSession {
    config: PileConfig,
    phase: Phase,
    sequence: SequenceCounter,
    /// When the login or the question about the tariff is repeated.
    retry_at: Option<Tick>,
    heartbeat_at: Option<Tick>,
    heartbeats_unanswered: u8,
    /// Connector of the next heartbeat, where they are told in turn.
    heartbeat_connector: u8,
    /// Connectors that are not well, and how they are.
    unhealthy: Vec<(u8, ConnectorHealth)>,
    /// Sequence numbers of requests that the model has to answer.
    pending: PendingReplies<[u8; 2]>,
    records: RecordStore<TransactionRecord>,
}

impl PileSession {
    /// A pile that is switched on but not connected.
    #[must_use]
    pub fn new(config: PileConfig) -> Self {
        Self {
            records: RecordStore::new(config.quirks.record_schedule),
            config,
            phase: Phase::Offline,
            sequence: SequenceCounter::default(),
            retry_at: None,
            heartbeat_at: None,
            heartbeats_unanswered: 0,
            heartbeat_connector: 1,
            unhealthy: Vec::new(),
            pending: PendingReplies::default(),
        }
    }

    /// What the pile says of itself.
    #[must_use]
    pub const fn config(&self) -> &PileConfig {
        &self.config
    }

    /// Number of the tariff the pile has; zero for none.
    #[must_use]
    pub const fn tariff_id(&self) -> TariffId {
        self.config.tariff_id
    }

    /// Whether the platform took the login.
    #[must_use]
    pub const fn is_logged_in(&self) -> bool {
        matches!(self.phase, Phase::VerifyingTariff | Phase::RequestingTariff | Phase::Working)
    }

    /// Whether the pile is logged in and its tariff is settled.
    #[must_use]
    pub const fn is_working(&self) -> bool {
        matches!(self.phase, Phase::Working)
    }

    /// Records that the platform has not confirmed.
    #[must_use]
    pub fn unconfirmed_records(&self) -> usize {
        self.records.len()
    }

    /// Records that were given up without the platform's word, as [some firmware](RecordSchedule::forgets) does.
    #[must_use]
    pub const fn forgotten_records(&self) -> usize {
        self.records.forgotten()
    }

    /// The model took a tariff that came with 0x58: the pile may charge.
    pub fn adopt_tariff(&mut self, tariff_id: TariffId) {
        self.config.tariff_id = tariff_id;
        if self.is_logged_in() {
            self.begin_work();
        }
    }

    /// The firmware is another one from now on; the next login says so.
    pub const fn set_firmware_version(&mut self, version: Ascii<8>) {
        self.config.firmware_version = version;
    }

    /// A connection stands: logs in.
    pub fn connect(&mut self, now: Tick, out: &mut Vec<u8>) {
        self.disconnect();
        self.sequence = SequenceCounter::default();
        self.log_in(now, 1, out);
    }

    /// A connection stands, but the pile forgot that it has to log in: it begins with a heartbeat, and what it
    /// [sends](Self::send) leaves, until it [connects](Self::connect).
    pub fn connect_unasked(&mut self, now: Tick, out: &mut Vec<u8>) {
        self.disconnect();
        self.sequence = SequenceCounter::default();
        self.phase = Phase::Unasked;
        self.send_heartbeat(now, out);
    }

    /// Sends every record that the platform has not confirmed, whenever it is due.
    pub fn send_all_records(&mut self, out: &mut Vec<u8>) {
        let frame = self.config.quirks.record_frame;
        let records: Vec<Message> = self.records.all().map(|record| frame.message(record)).collect();
        for record in records {
            self.ask(&record, out);
        }
    }

    /// The connection is gone: nothing is due until the next one.
    pub fn disconnect(&mut self) {
        self.phase = Phase::Offline;
        self.retry_at = None;
        self.heartbeat_at = None;
        self.heartbeats_unanswered = 0;
        self.pending.clear();
    }

    /// Takes a frame. Frames for other piles, encrypted ones and those that make no sense are passed over, as piles do.
    pub fn handle_frame(&mut self, now: Tick, frame: &Frame<'_>, out: &mut Vec<u8>) -> Option<PileEvent> {
        if self.phase == Phase::Offline || frame.encryption != 0 || self.passes_over(frame) {
            return None;
        }
        let message = Message::decode(frame.frame_type, frame.body, self.config.dialect).ok()?;
        let addressee = message.layout()?.named(frame.body, "pile_code");
        if addressee.is_some_and(|code| code != self.config.pile_code.0) {
            return None;
        }
        match message {
            Message::LoginResponse(answer) => self.on_login(now, answer.login_result, out),
            Message::HeartbeatResponse(_) => {
                self.heartbeats_unanswered = 0;
                None
            }
            Message::TariffVerifyResponse(answer) => self.on_verified(now, answer.verify_result, out),
            Message::TariffResponse(answer) => self.on_tariff(PileTariff::from(&answer)),
            Message::TariffResponseV17(answer) => self.on_tariff(PileTariff::from(&answer)),
            Message::TransactionRecordConfirm(answer) => {
                let (transaction_number, result) = (answer.transaction_number, answer.confirm_result);
                let keeps = result != ConfirmResult::Uploaded && self.config.quirks.keeps_refused_records;
                self.records
                    .confirm(|record| record.transaction_number == transaction_number, keeps)
                    .then_some(PileEvent::RecordConfirmed { transaction_number, result })
            }
            message => self.on_request(message, frame.sequence, out),
        }
    }

    /// Whether this firmware makes nothing of a frame.
    fn passes_over(&self, frame: &Frame<'_>) -> bool {
        let quirks = &self.config.quirks;
        let is_unreadable = quirks.drops_high_first && frame.crc_order == CrcOrder::HighFirst;
        is_unreadable || quirks.unknown_types.contains(&frame.frame_type)
    }

    /// When [`handle_deadline`](Self::handle_deadline) wants to be called next.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Tick> {
        let records = if self.is_logged_in() { self.records.next_deadline() } else { None };
        [self.retry_at, self.heartbeat_at, records].into_iter().flatten().min()
    }

    /// Does what is due by now.
    pub fn handle_deadline(&mut self, now: Tick, out: &mut Vec<u8>) -> Option<PileEvent> {
        if self.retry_at.is_some_and(|at| at <= now) && !self.retry(now, out) {
            self.disconnect();
            return Some(PileEvent::LinkDead);
        }
        if self.heartbeat_at.is_some_and(|at| at <= now) {
            if self.heartbeats_unanswered >= HEARTBEATS_MISSED {
                self.disconnect();
                return Some(PileEvent::LinkDead);
            }
            self.send_heartbeat(now, out);
        }
        self.send_due_records(now, out);
        None
    }

    /// Sends what the model has to say: a reply gets the number of the request it answers, anything else a new one.
    ///
    /// # Errors
    /// [`SendError`] when the pile is not logged in or the message is too long for a frame.
    pub fn send(&mut self, message: &Message, out: &mut Vec<u8>) -> Result<(), SendError> {
        if !self.is_logged_in() && self.phase != Phase::Unasked {
            return Err(SendError::Offline);
        }
        let sequence = self.sequence_of_request(message).unwrap_or_else(|| self.next_sequence());
        Ok(write_message(out, self.envelope(sequence, message.frame_type()), message)?)
    }

    /// Keeps a record until the platform confirms it, and sends it now if it can.
    ///
    /// # Errors
    /// [`RecordsFull`] when too many wait already; the record is not kept.
    pub fn send_record(&mut self, now: Tick, record: TransactionRecord, out: &mut Vec<u8>) -> Result<(), RecordsFull> {
        self.records.keep(record, self.is_logged_in().then_some(now))?;
        self.send_due_records(now, out);
        Ok(())
    }

    /// Sends 0x01 for the `tries`th time on this connection.
    fn log_in(&mut self, now: Tick, tries: u8, out: &mut Vec<u8>) {
        let login = LoginRequest {
            pile_code: self.config.pile_code,
            pile_type: self.config.pile_type,
            connector_count: self.config.connector_count,
            protocol_version: self.config.protocol_version,
            firmware_version: self.config.firmware_version,
            network_type: self.config.network_type,
            sim_iccid: self.config.iccid,
            carrier: self.config.carrier,
            ..LoginRequest::default()
        };
        self.phase = Phase::LoggingIn { tries };
        self.retry_at = Some(now + RETRY_PAUSE);
        self.ask(&login.into(), out);
    }

    fn on_login(&mut self, now: Tick, result: LoginResult, out: &mut Vec<u8>) -> Option<PileEvent> {
        if !matches!(self.phase, Phase::LoggingIn { .. }) {
            return None;
        }
        if result != LoginResult::Accepted {
            self.disconnect();
            return Some(PileEvent::LoginRefused);
        }
        self.verify_tariff(now, out);
        self.records.reconnected(now);
        self.send_due_records(now, out);
        if !self.config.quirks.heartbeat_waits_for_tariff {
            self.send_heartbeat(now, out);
        }
        Some(PileEvent::LoggedIn)
    }

    fn on_verified(&mut self, now: Tick, result: VerifyResult, out: &mut Vec<u8>) -> Option<PileEvent> {
        if self.phase != Phase::VerifyingTariff {
            return None;
        }
        let has_none = self.config.tariff_id == TariffId::default();
        if result == VerifyResult::Same && !has_none && !self.config.quirks.always_requests_tariff {
            self.begin_work();
            return Some(PileEvent::TariffConfirmed);
        }
        self.request_tariff(now, out);
        None
    }

    fn on_tariff(&mut self, tariff: PileTariff) -> Option<PileEvent> {
        if !self.is_logged_in() {
            return None;
        }
        self.config.tariff_id = tariff.id;
        self.begin_work();
        Some(PileEvent::TariffChanged(Box::new(tariff)))
    }

    /// The tariff is settled: nothing to repeat, and heartbeats that waited for it may begin with the next deadline.
    fn begin_work(&mut self) {
        self.phase = Phase::Working;
        let due = self.retry_at.take();
        self.heartbeat_at = self.heartbeat_at.or(due);
    }

    /// Repeats what was not answered; `false` when it was repeated often enough.
    fn retry(&mut self, now: Tick, out: &mut Vec<u8>) -> bool {
        match self.phase {
            Phase::LoggingIn { tries } if tries >= LOGIN_TRIES => return false,
            Phase::LoggingIn { tries } => self.log_in(now, tries + 1, out),
            Phase::VerifyingTariff => self.verify_tariff(now, out),
            Phase::RequestingTariff => self.request_tariff(now, out),
            Phase::Offline | Phase::Unasked | Phase::Working => self.retry_at = None,
        }
        true
    }

    fn verify_tariff(&mut self, now: Tick, out: &mut Vec<u8>) {
        self.phase = Phase::VerifyingTariff;
        self.retry_at = Some(now + RETRY_PAUSE);
        let (pile_code, tariff_id) = (self.config.pile_code, self.config.tariff_id);
        self.ask(&TariffVerifyRequest { pile_code, tariff_id, ..Default::default() }.into(), out);
    }

    fn request_tariff(&mut self, now: Tick, out: &mut Vec<u8>) {
        self.phase = Phase::RequestingTariff;
        self.retry_at = Some(now + RETRY_PAUSE);
        self.ask(&TariffRequest { pile_code: self.config.pile_code, ..Default::default() }.into(), out);
    }

    fn send_due_records(&mut self, now: Tick, out: &mut Vec<u8>) {
        if !self.is_logged_in() {
            return;
        }
        let (frame, mut due) = (self.config.quirks.record_frame, Vec::new());
        self.records.take_due(now, |record| due.push(frame.message(record)));
        for record in due {
            self.ask(&record, out);
        }
    }

    fn next_sequence(&mut self) -> [u8; 2] {
        if self.config.quirks.zero_sequence { [0, 0] } else { self.sequence.next() }
    }

    fn envelope(&self, sequence: [u8; 2], frame_type: u8) -> Envelope {
        let quirks = &self.config.quirks;
        let is_exception = quirks.crc_exceptions.contains(&frame_type);
        let crc_order = if is_exception { quirks.crc_order.other() } else { quirks.crc_order };
        Envelope { sequence, encryption: 0, crc_order }
    }

    /// Sends one of the session's own requests, all of which fit into a frame.
    fn ask(&mut self, message: &Message, out: &mut Vec<u8>) {
        let sequence = self.next_sequence();
        self.reply(message, sequence, out);
    }

    /// Sends a message of the session's own with a given number.
    fn reply(&self, message: &Message, sequence: [u8; 2], out: &mut Vec<u8>) {
        let written = write_message(out, self.envelope(sequence, message.frame_type()), message);
        debug_assert!(written.is_ok(), "the session's own messages fit into a frame");
    }
}
