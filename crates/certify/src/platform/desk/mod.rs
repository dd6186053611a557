//! Where the exam keeps its connections, asks its questions, and hears what comes back.

mod lines;
mod talk;

use std::collections::VecDeque;
use std::time::Duration;

use voltapile_protocol::time::Tick;
use voltapile_protocol::ykc::field::TransactionNumber;
use voltapile_protocol::ykc::message::{TariffResponse, TransactionRecord};

use super::PlatformOptions;
use super::asked::{AskId, Asked, Heard};
use crate::check::Finding;
use crate::exam::{ConnectionId, Effect};
use crate::recorder::Recorder;
use crate::trace::EntryId;

/// Requests of the platform that are kept for the verdicts; a busy platform sends a dozen.
const REQUESTS_MAX: usize = 256;

/// What is done on a connection as soon as it stands.
pub(in crate::platform) type Greeting = fn(&mut Desk, ConnectionId);

/// A connection.
#[derive(Debug)]
pub(in crate::platform) struct Line {
    id: ConnectionId,
    state: LineState,
    greeting: Option<Greeting>,
    /// Number of the next frame that the exam sends there.
    sequence: u16,
    /// When it stood.
    pub(in crate::platform) opened: Option<Tick>,
    /// When the platform, or the line itself, ended it.
    pub(in crate::platform) lost: Option<Tick>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineState {
    Dialing,
    Open,
    Closed,
}

/// What is learnt on the way.
#[derive(Debug, Default)]
pub(in crate::platform) struct Facts {
    /// The tariff that 0x0A gave.
    pub(in crate::platform) tariff: Option<TariffResponse>,
    /// Number of the order that a card's start was given.
    pub(in crate::platform) order: Option<TransactionNumber>,
    /// A record that was sent before the login and may still be unacknowledged.
    pub(in crate::platform) early_record: Option<(AskId, TransactionRecord)>,
    /// The connection that a newer login replaced.
    pub(in crate::platform) replaced: Option<ConnectionId>,
    /// Records made up so far.
    pub(in crate::platform) records: u32,
}

/// The exam's state, all but where it is in its plan.
pub(in crate::platform) struct Desk {
    pub(in crate::platform) options: PlatformOptions,
    pub(in crate::platform) now: Tick,
    pub(in crate::platform) facts: Facts,
    pub(in crate::platform) effects: Vec<Effect>,
    pub(in crate::platform) findings: Vec<Finding>,
    /// What the platform asked of the pile, oldest first.
    pub(in crate::platform) requests: Vec<Heard>,
    recorder: Recorder,
    lines: Vec<Line>,
    /// The newest connection on which the pile is logged in.
    main: Option<ConnectionId>,
    scheduled: VecDeque<(Tick, ConnectionId, Vec<u8>)>,
    asked: Vec<Asked>,
    /// The first question of the phase.
    phase_asks: usize,
    /// The first entry of the phase.
    phase_entry: usize,
    phase_began: Tick,
    /// The connection whose end the phase waits for.
    pub(in crate::platform) awaits_end_of: Option<ConnectionId>,
}

impl Desk {
    pub(in crate::platform) fn new(options: PlatformOptions) -> Self {
        Self {
            options,
            now: Tick::default(),
            facts: Facts::default(),
            effects: Vec::new(),
            findings: Vec::new(),
            requests: Vec::new(),
            recorder: Recorder::default(),
            lines: Vec::new(),
            main: None,
            scheduled: VecDeque::new(),
            asked: Vec::new(),
            phase_asks: 0,
            phase_entry: 0,
            phase_began: Tick::default(),
            awaits_end_of: None,
        }
    }

    pub(in crate::platform) fn begin_phase(&mut self) {
        self.phase_asks = self.asked.len();
        self.phase_entry = self.recorder.trace().entries().len();
        self.phase_began = self.now;
        self.awaits_end_of = None;
    }

    /// Whether the phase still waits for something that can come.
    pub(in crate::platform) fn is_waiting(&self) -> bool {
        let open_asks = self.asked.get(self.phase_asks..).unwrap_or_default().iter();
        self.lines.iter().any(|line| line.state == LineState::Dialing)
            || !self.scheduled.is_empty()
            || open_asks.into_iter().any(|asked| asked.is_open() && self.is_open(asked.line))
            || self.awaits_end_of.is_some_and(|line| self.is_open(line))
    }

    /// When the next scheduled bytes leave.
    pub(in crate::platform) fn next_send(&self) -> Option<Tick> {
        self.scheduled.front().map(|(at, ..)| *at)
    }

    /// The phase's questions, in order.
    pub(in crate::platform) fn asks(&self) -> Vec<AskId> {
        (self.phase_asks..self.asked.len()).map(AskId).collect()
    }

    /// The phase's question at a place, from 0.
    pub(in crate::platform) fn nth(&self, place: usize) -> Option<AskId> {
        (self.phase_asks + place < self.asked.len()).then_some(AskId(self.phase_asks + place))
    }

    /// The phase's last question.
    pub(in crate::platform) fn last(&self) -> Option<AskId> {
        (self.asked.len() > self.phase_asks).then(|| AskId(self.asked.len() - 1))
    }

    pub(in crate::platform) fn asked(&self, id: AskId) -> Option<&Asked> {
        self.asked.get(id.0)
    }

    /// What passed on a connection since the phase began, junk included; at most `most` entries.
    pub(in crate::platform) fn phase_entries(&self, line: ConnectionId, most: usize) -> Vec<EntryId> {
        let entries = self.recorder.trace().entries().iter().enumerate().skip(self.phase_entry);
        entries.filter(|(_, entry)| entry.connection == line).map(|(at, _)| EntryId(at)).take(most).collect()
    }

    /// How long the phase lasts by now.
    pub(in crate::platform) fn phase_age(&self) -> Duration {
        self.now.since(self.phase_began)
    }

    pub(in crate::platform) const fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// The record that was sent last.
    pub(in crate::platform) fn last_record(&self) -> Option<TransactionRecord> {
        let asked = self.asked.iter().rfind(|asked| asked.frame_type == TransactionRecord::CODE)?;
        TransactionRecord::decode(&asked.body).ok()
    }

    /// Answers to frames that were flagged as encrypted: they may be flagged, too.
    pub(in crate::platform) fn flagged_answers(&self) -> Vec<EntryId> {
        let flagged = self.asked.iter().filter(|asked| asked.encryption != 0);
        flagged.flat_map(|asked| asked.answers.iter().map(|heard| heard.entry)).collect()
    }
}
