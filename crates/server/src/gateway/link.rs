//! The way to a connection from elsewhere in the server: letters and a deadline.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::Waker;

use voltapile_platform::business::StartDecision;
use voltapile_platform::command::Command;
use voltapile_platform::identity::PileCode;
use voltapile_protocol::time::Tick;

use crate::core::{Backlog, Link};
use crate::store::SessionId;

/// Something that happened elsewhere and concerns a connection.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Letter {
    /// A newer login of the pile lives elsewhere.
    Lose(PileCode, SessionId),
    /// A record with this token has been committed, or could not be.
    Kept {
        /// Given when the record was handed over.
        token: u64,
        /// What became of it.
        kept: Kept,
    },
    /// A command for a pile.
    Command(Box<Command>),
    /// The pile was told not to work before it logged in here.
    WorkForbidden,
    /// What was decided of a start that a pile asked for; `None` when nothing could be.
    StartDecided {
        /// Given when the request was handed over.
        token: u64,
        /// The decision.
        decision: Option<Box<StartDecision>>,
    },
}

/// What became of a record that was handed to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// It could not be stored.
    No,
    /// It was there already.
    Before,
    /// Another body was there under its number; it is durable beside that one.
    Beside,
    /// It is durable, and was not there before.
    Newly,
}

/// Letters, waker and deadline of one connection.
#[derive(Debug, Default)]
pub(super) struct PileLink {
    mail: Mutex<Mail>,
    has_mail: AtomicBool,
    deadline: AtomicU64,
    /// Its work that waits for room in the store.
    pub(super) backlog: Backlog,
}

#[derive(Debug, Default)]
struct Mail {
    letters: VecDeque<Letter>,
    waker: Option<Waker>,
}

impl PileLink {
    /// Drops a letter in the box and wakes the connection.
    pub(super) fn send(&self, letter: Letter) {
        let mut mail = self.mail.lock().unwrap_or_else(PoisonError::into_inner);
        mail.letters.push_back(letter);
        self.has_mail.store(true, Ordering::Release);
        let waker = mail.waker.clone();
        drop(mail);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Takes the oldest letter.
    pub(super) fn take(&self) -> Option<Letter> {
        if !self.has_mail.load(Ordering::Acquire) {
            return None;
        }
        let mut mail = self.mail.lock().unwrap_or_else(PoisonError::into_inner);
        let letter = mail.letters.pop_front();
        if mail.letters.is_empty() {
            // A burst's memory is not kept for an idle connection.
            mail.letters = VecDeque::new();
            self.has_mail.store(false, Ordering::Release);
        }
        letter
    }

    /// Sets whom to wake.
    pub(super) fn set_waker(&self, waker: &Waker) {
        self.mail.lock().unwrap_or_else(PoisonError::into_inner).waker = Some(waker.clone());
    }

    /// Wakes the connection without a letter.
    pub(super) fn wake(&self) {
        let waker = self.mail.lock().unwrap_or_else(PoisonError::into_inner).waker.clone();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// When the connection is to be woken at the latest.
    pub(super) fn deadline(&self) -> Tick {
        Tick(self.deadline.load(Ordering::Relaxed))
    }

    /// Sets that moment.
    pub(super) fn set_deadline(&self, deadline: Tick) {
        self.deadline.store(deadline.0, Ordering::Relaxed);
    }
}

impl Link for PileLink {
    fn command(&self, command: Command) {
        self.send(Letter::Command(Box::new(command)));
    }

    fn backlog(&self) -> &Backlog {
        &self.backlog
    }

    fn wake(&self) {
        Self::wake(self);
    }

    fn forbid_work(&self) {
        self.send(Letter::WorkForbidden);
    }

    fn lose(&self, pile: PileCode, session: SessionId) {
        self.send(Letter::Lose(pile, session));
    }
}
