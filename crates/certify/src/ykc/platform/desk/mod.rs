//! Where the exam keeps its connections, asks its questions, and hears what comes back.

mod lines;
mod talk;

use std::time::Duration;

use voltapile_protocol::layout::Direction;
use voltapile_protocol::time::Tick;
use voltapile_protocol::ykc::field::TransactionNumber;
use voltapile_protocol::ykc::message::{TariffResponse, TransactionRecord};

use super::PlatformOptions;
use super::asked::{AskId, Asked, Heard};
use crate::check::Finding;
use crate::exam::ConnectionId;
use crate::exam::exchange::Exchange;
use crate::trace::EntryId;

/// Requests of the platform that are kept for the verdicts; a busy platform sends a dozen.
const REQUESTS_MAX: usize = 256;

/// What is done on a connection as soon as it stands.
pub(in crate::ykc::platform) type Greeting = fn(&mut Desk, ConnectionId);

/// What is known of a connection besides whether it stands.
#[derive(Debug)]
struct Line {
    id: ConnectionId,
    greeting: Option<Greeting>,
    /// Number of the next frame that the exam sends there.
    sequence: u16,
}

/// What is learnt on the way.
#[derive(Debug, Default)]
pub(in crate::ykc::platform) struct Facts {
    /// The tariff that 0x0A gave.
    pub(in crate::ykc::platform) tariff: Option<TariffResponse>,
    /// Number of the order that a card's start was given.
    pub(in crate::ykc::platform) order: Option<TransactionNumber>,
    /// A record that was sent before the login and may still be unacknowledged.
    pub(in crate::ykc::platform) early_record: Option<(AskId, TransactionRecord)>,
    /// The connection that a newer login replaced.
    pub(in crate::ykc::platform) replaced: Option<ConnectionId>,
    /// Records made up so far.
    pub(in crate::ykc::platform) records: u32,
}

/// The exam's state, all but where it is in its plan.
pub(in crate::ykc::platform) struct Desk {
    pub(in crate::ykc::platform) options: PlatformOptions,
    pub(in crate::ykc::platform) facts: Facts,
    pub(in crate::ykc::platform) findings: Vec<Finding>,
    /// What the platform asked of the pile, oldest first.
    pub(in crate::ykc::platform) requests: Vec<Heard>,
    pub(in crate::ykc::platform) exchange: Exchange,
    lines: Vec<Line>,
    /// The newest connection on which the pile is logged in.
    main: Option<ConnectionId>,
    asked: Vec<Asked>,
    /// The first question of the phase.
    phase_asks: usize,
    /// The first entry of the phase.
    phase_entry: usize,
    phase_began: Tick,
    /// The connection whose end the phase waits for.
    pub(in crate::ykc::platform) awaits_end_of: Option<ConnectionId>,
}

impl Desk {
    pub(in crate::ykc::platform) fn new(options: PlatformOptions) -> Self {
        Self {
            options,
            facts: Facts::default(),
            findings: Vec::new(),
            requests: Vec::new(),
            exchange: Exchange::new(Direction::Up),
            lines: Vec::new(),
            main: None,
            asked: Vec::new(),
            phase_asks: 0,
            phase_entry: 0,
            phase_began: Tick::default(),
            awaits_end_of: None,
        }
    }

    pub(in crate::ykc::platform) const fn now(&self) -> Tick {
        self.exchange.now
    }

    pub(in crate::ykc::platform) fn begin_phase(&mut self) {
        self.phase_asks = self.asked.len();
        self.phase_entry = self.exchange.recorder.trace().entries().len();
        self.phase_began = self.now();
        self.awaits_end_of = None;
    }

    /// Whether the phase still waits for something that can come.
    pub(in crate::ykc::platform) fn is_waiting(&self) -> bool {
        let open_asks = self.asked.get(self.phase_asks..).unwrap_or_default().iter();
        self.exchange.is_dialling()
            || self.exchange.next_part().is_some()
            || open_asks.into_iter().any(|asked| asked.is_open() && self.is_open(asked.line))
            || self.awaits_end_of.is_some_and(|line| self.is_open(line))
    }

    /// The phase's questions, in order.
    pub(in crate::ykc::platform) fn asks(&self) -> Vec<AskId> {
        (self.phase_asks..self.asked.len()).map(AskId).collect()
    }

    /// The phase's question at a place, from 0.
    pub(in crate::ykc::platform) fn nth(&self, place: usize) -> Option<AskId> {
        (self.phase_asks + place < self.asked.len()).then_some(AskId(self.phase_asks + place))
    }

    /// The phase's last question.
    pub(in crate::ykc::platform) fn last(&self) -> Option<AskId> {
        (self.asked.len() > self.phase_asks).then(|| AskId(self.asked.len() - 1))
    }

    pub(in crate::ykc::platform) fn asked(&self, id: AskId) -> Option<&Asked> {
        self.asked.get(id.0)
    }

    /// What passed on a connection since the phase began, junk included; at most `most` entries.
    pub(in crate::ykc::platform) fn phase_entries(&self, line: ConnectionId, most: usize) -> Vec<EntryId> {
        let entries = self.exchange.recorder.trace().entries().iter().enumerate().skip(self.phase_entry);
        entries.filter(|(_, entry)| entry.connection == line).map(|(at, _)| EntryId(at)).take(most).collect()
    }

    /// How long the phase lasts by now.
    pub(in crate::ykc::platform) fn phase_age(&self) -> Duration {
        self.now().since(self.phase_began)
    }

    /// The record that was sent last.
    pub(in crate::ykc::platform) fn last_record(&self) -> Option<TransactionRecord> {
        let asked = self.asked.iter().rfind(|asked| asked.frame_type == TransactionRecord::CODE)?;
        TransactionRecord::decode(&asked.body).ok()
    }

    /// Answers to frames that were flagged as encrypted: they may be flagged, too.
    pub(in crate::ykc::platform) fn flagged_answers(&self) -> Vec<EntryId> {
        let flagged = self.asked.iter().filter(|asked| asked.encryption != 0);
        flagged.flat_map(|asked| asked.answers.iter().map(|heard| heard.entry)).collect()
    }
}
