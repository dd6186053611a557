//! What a plan of an exam is made of: steps that people are told of, and phases, each of which says something, waits,
//! and judges.

use std::time::Duration;

use super::desk::Desk;
use crate::check::Check;
use crate::exam::ConnectionId;

/// Time that a platform has to answer. A pile that waits longer repeats its question or gives the connection up.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Time after the last answer in which an answer that nobody asked for may still come, or the end of the connection.
pub(super) const SETTLE: Duration = Duration::from_millis(150);

/// A part of the exam that people are told of.
pub(super) struct Step {
    pub(super) zh: &'static str,
    pub(super) en: &'static str,
    /// The rules it judges, in the order of the catalogue.
    pub(super) checks: &'static [&'static Check],
    pub(super) phases: &'static [Phase],
}

/// Something said, the wait for what comes back, and the verdict.
pub(super) struct Phase {
    pub(super) begin: Begin,
    pub(super) judge: Judge,
    /// How long it lasts at most.
    pub(super) within: Duration,
    /// How long it goes on once nothing more is waited for.
    pub(super) settle: Duration,
}

/// How a phase begins.
pub(super) enum Begin {
    /// By itself.
    Free(fn(&mut Desk)),
    /// On a connection on which the pile is logged in; one is made where there is none.
    LoggedIn(fn(&mut Desk, ConnectionId)),
}

/// How a phase is judged.
pub(super) enum Judge {
    /// By itself.
    By(fn(&mut Desk)),
    /// The connection goes on after something strange: the phase's last question is answered.
    GoesOn(&'static Check),
    /// All of the phase's questions are answered.
    Answered(&'static Check),
}

impl Phase {
    pub(super) const fn free(begin: fn(&mut Desk), judge: fn(&mut Desk)) -> Self {
        Self { begin: Begin::Free(begin), judge: Judge::By(judge), within: ANSWER_WITHIN, settle: Duration::ZERO }
    }

    pub(super) const fn logged_in(begin: fn(&mut Desk, ConnectionId), judge: fn(&mut Desk)) -> Self {
        Self { begin: Begin::LoggedIn(begin), judge: Judge::By(judge), within: ANSWER_WITHIN, settle: Duration::ZERO }
    }

    /// A phase that shows that the connection goes on after something strange.
    pub(super) const fn goes_on(check: &'static Check, begin: fn(&mut Desk, ConnectionId)) -> Self {
        Self { judge: Judge::GoesOn(check), ..Self::logged_in(begin, |_| {}).settling() }
    }

    /// A phase that shows that whatever it asks is answered.
    pub(super) const fn answered(check: &'static Check, begin: fn(&mut Desk, ConnectionId)) -> Self {
        Self { judge: Judge::Answered(check), ..Self::logged_in(begin, |_| {}) }
    }

    /// The same, with time for answers that nobody asked for.
    pub(super) const fn settling(self) -> Self {
        Self { settle: SETTLE, ..self }
    }

    /// The same, lasting longer.
    pub(super) const fn within(self, seconds: u64) -> Self {
        Self { within: Duration::from_secs(seconds), ..self }
    }
}
