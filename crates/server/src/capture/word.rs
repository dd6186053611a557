//! What the writing thread is told, and how much of it may wait.

use std::io;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, mpsc};

use tokio::sync::oneshot;
use voltapile_capture::{Ends, Side, Timestamp};

use super::shelf::CaptureId;
use super::{Running, Shared};

/// Bytes that may wait to be written. A disk that stands still for longer than it takes to fill this makes gaps.
pub(super) const WAITING_MAX: usize = 16 * 1024 * 1024;
/// What a word takes besides its bytes, about.
const WORD_BYTES: usize = 256;

/// Where something goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Target {
    /// The directory where everything goes.
    All,
    /// The capture of a pile.
    Pile(CaptureId),
}

/// A word to the thread.
#[derive(Debug)]
pub(super) enum Word {
    /// Something passed on a line.
    Passed(Target, Passed),
    /// A capture of a pile begins.
    Start {
        /// Which.
        capture: Arc<Running>,
        /// Told whether its file could be made.
        done: oneshot::Sender<io::Result<()>>,
    },
    /// A capture of a pile is stopped.
    Stop {
        /// Which.
        id: CaptureId,
        /// Told when it has ended.
        done: oneshot::Sender<()>,
    },
    /// Everything ends.
    End {
        /// Told when all is written.
        done: oneshot::Sender<()>,
    },
}

/// Something that passed on a line.
#[derive(Debug)]
pub(super) struct Passed {
    /// The line's number, which is never used again.
    pub(super) line: u64,
    pub(super) ends: Ends,
    pub(super) at: Timestamp,
    /// What was dropped before it.
    pub(super) lost: Lost,
    /// Names of piles that are new on the line.
    pub(super) names: Option<Box<str>>,
    pub(super) what: What,
}

/// What passed.
#[derive(Debug)]
pub(super) enum What {
    /// The line begins.
    Opened,
    /// A side said something.
    Said(Side, Arc<[u8]>),
    /// The line ends, for a reason in a stable word.
    Closed(&'static str),
}

/// Bytes that were dropped, by side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Lost {
    pub(super) client: u64,
    pub(super) server: u64,
}

impl Lost {
    pub(super) fn add(&mut self, side: Side, bytes: usize) {
        match side {
            Side::Client => self.client += bytes as u64,
            Side::Server => self.server += bytes as u64,
        }
    }
}

/// The way to the thread. Words are few or bounded by [`WAITING_MAX`]; the end of a line always gets through, so that the
/// thread never keeps a line that is gone.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) words: mpsc::Sender<Word>,
    pub(super) shared: Arc<Shared>,
}

impl Queue {
    /// Sends a word that must get through.
    pub(super) fn send(&self, word: Word) {
        self.shared.waiting.fetch_add(weight(&word), Relaxed);
        // Without a thread nothing is captured any more.
        let _ = self.words.send(word);
    }

    /// Offers something that passed; `false` when there is no room for it.
    pub(super) fn offer(&self, target: Target, passed: Passed) -> bool {
        let word = Word::Passed(target, passed);
        let has_room = self.shared.waiting.load(Relaxed) + weight(&word) <= WAITING_MAX;
        if has_room {
            self.send(word);
        }
        has_room
    }
}

/// Bytes that a word takes while it waits.
pub(super) fn weight(word: &Word) -> usize {
    match word {
        Word::Passed(_, Passed { what: What::Said(_, bytes), .. }) => WORD_BYTES + bytes.len(),
        _ => WORD_BYTES,
    }
}
