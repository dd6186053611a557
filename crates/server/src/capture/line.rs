//! A line as captures see it: it lives as long as its connection, and knows where what passes on it goes.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use voltapile_capture::{Ends, Side, Timestamp};
use voltapile_platform::identity::PileCode;

use super::Captures;
use super::word::{Lost, Passed, Target, What, Word};

/// Bytes before the login that are kept for the capture of a pile that is not known yet. A login has 34.
const EARLY_BYTES: usize = 4 * 1024;

/// Who is on a line.
pub trait Aboard {
    /// The piles that are logged in, or that were refused.
    fn piles(&self) -> impl Iterator<Item = PileCode>;

    /// Whether all of them belong to the same operator, or all to none.
    fn have_one_operator(&self) -> bool;
}

/// A line that something is captured of.
#[derive(Debug)]
pub struct Line {
    number: u64,
    ends: Ends,
    /// When it began, if that was seen.
    begun: Option<Timestamp>,
    /// What passed before anybody knew whose line it is, from the begin on.
    early: Option<Early>,
    feeds: Vec<Feed>,
}

#[derive(Debug, Default)]
struct Early {
    said: Vec<(Side, Timestamp, Arc<[u8]>)>,
    bytes: usize,
}

/// A capture that the line goes to.
#[derive(Debug)]
struct Feed {
    target: Target,
    /// What found no room in the queue.
    lost: Lost,
    /// Piles that were named.
    named: usize,
}

impl Line {
    pub(super) fn new(number: u64, ends: Ends, begun: Option<Timestamp>) -> Self {
        let early = begun.is_some().then(Early::default);
        Self { number, ends, begun, early, feeds: Vec::new() }
    }

    /// Tells of the begin where everything is captured.
    pub(super) fn begin(&mut self, captures: &Captures) {
        if let (Some(begun), true) = (self.begun, captures.shared.takes_all.load(Relaxed)) {
            self.feed(captures, Target::All, begun, &[], What::Opened);
        }
    }

    /// A side said something.
    pub fn passed(&mut self, captures: &Captures, aboard: &impl Aboard, side: Side, bytes: &[u8]) {
        let at = captures.shared.clock.capture_time();
        let bytes: Arc<[u8]> = bytes.into();
        let piles: Vec<PileCode> = aboard.piles().collect();
        if captures.shared.takes_all.load(Relaxed) {
            self.feed(captures, Target::All, at, &piles, What::Said(side, Arc::clone(&bytes)));
        }
        if piles.is_empty() {
            self.keep_early(side, at, bytes);
            return;
        }
        let early = self.early.take();
        if !aboard.have_one_operator() {
            // Who has one of the piles would get the bytes of somebody else's with it.
            return;
        }
        let running = captures.shared.running();
        let captured = piles.iter().filter_map(|pile| running.get(pile));
        for capture in captured.filter(|capture| capture.is_fed.load(Relaxed)) {
            let target = Target::Pile(capture.id);
            if let (Some(begun), Some(early)) = (self.begun, &early) {
                self.feed(captures, target, begun, &piles, What::Opened);
                for (side, at, bytes) in &early.said {
                    self.feed(captures, target, *at, &piles, What::Said(*side, Arc::clone(bytes)));
                }
            }
            self.feed(captures, target, at, &piles, What::Said(side, Arc::clone(&bytes)));
        }
    }

    /// The line has ended.
    pub fn closed(self, captures: &Captures, reason: &'static str) {
        let at = captures.shared.clock.capture_time();
        for Feed { target, lost, .. } in self.feeds {
            let what = What::Closed(reason);
            let passed = Passed { line: self.number, ends: self.ends, at, lost, names: None, what };
            captures.queue().send(Word::Passed(target, passed));
        }
    }

    fn keep_early(&mut self, side: Side, at: Timestamp, bytes: Arc<[u8]>) {
        let Some(early) = &mut self.early else { return };
        early.bytes += bytes.len();
        if early.bytes > EARLY_BYTES {
            self.early = None;
        } else {
            early.said.push((side, at, bytes));
        }
    }

    /// Offers something to a capture; what finds no room is counted, and missing.
    fn feed(&mut self, captures: &Captures, target: Target, at: Timestamp, piles: &[PileCode], what: What) {
        let (line, ends) = (self.number, self.ends);
        let place = self.feed_of(captures, target);
        let Some(feed) = self.feeds.get_mut(place) else { return };
        let new = piles.get(feed.named..).filter(|new| !new.is_empty());
        let names = new.map(|new| new.iter().map(PileCode::as_str).collect::<Vec<_>>().join(", ").into());
        let said = match &what {
            What::Said(side, bytes) => Some((*side, bytes.len())),
            What::Opened | What::Closed(_) => None,
        };
        if captures.queue().offer(target, Passed { line, ends, at, lost: feed.lost, names, what }) {
            feed.lost = Lost::default();
            feed.named = feed.named.max(piles.len());
        } else if let Some((side, bytes)) = said {
            feed.lost.add(side, bytes);
            captures.shared.metrics.capture_bytes_dropped.fetch_add(bytes as u64, Relaxed);
        }
    }

    /// The feed of a capture, new or not. Those of captures that ended long ago make room.
    fn feed_of(&mut self, captures: &Captures, target: Target) -> usize {
        if let Some(place) = self.feeds.iter().position(|feed| feed.target == target) {
            return place;
        }
        if self.feeds.len() > captures.shared.settings.piles_at_once {
            let oldest = self.feeds.iter().position(|feed| feed.target != Target::All);
            oldest.map(|oldest| self.feeds.remove(oldest));
        }
        self.feeds.push(Feed { target, lost: Lost::default(), named: 0 });
        self.feeds.len() - 1
    }
}
