//! Promise 4: every frame can be explained. Whatever the piles sent, spoilt or not, goes through the inspector as it
//! leaves.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use voltapile_protocol::inspect::scan::{Piece, scan};
use voltapile_protocol::inspect::text::{Style, render};
use voltapile_protocol::inspect::{Lang, Options, Report};
use voltapile_protocol::layout::Direction;
use voltapile_protocol::ykc::field::PileCode;
use voltapile_simulator::fault::ledger::Ledger;
use voltapile_simulator::model::Moment;
use voltapile_simulator::runner::{Deed, Ends, Observer};

use super::Violation;
use super::evidence::Evidence;

/// Bytes of a connection that are explained together: several frames, and garbage between them.
const TOGETHER: usize = 2_048;
/// Of so many such parts one is explained; the others cost too much where a thousand piles talk at once.
const EVERY: u64 = 4;

/// What came of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Explained {
    pub(super) frames: u64,
    pub(super) bytes: u64,
    pub(super) failures: Vec<Violation>,
}

/// Keeps the ledger, and explains what passes.
pub(super) struct Watcher {
    pub(super) ledger: Ledger,
    said: Mutex<Said>,
}

#[derive(Default)]
struct Said {
    of_piles: HashMap<PileCode, Vec<u8>>,
    parts: u64,
    explained: Explained,
}

impl Watcher {
    pub(super) fn new(ledger: Ledger) -> Self {
        Self { ledger, said: Mutex::default() }
    }

    pub(super) fn explained(&self) -> Explained {
        self.said.lock().unwrap().explained.clone()
    }
}

impl Observer for Watcher {
    fn connected(&self, pile: PileCode, now: Moment, ends: Ends) {
        self.ledger.connected(pile, now, ends);
    }

    fn passed(&self, pile: PileCode, _: Moment, direction: Direction, bytes: &[u8]) {
        if direction != Direction::Up {
            return;
        }
        let mut said = self.said.lock().unwrap();
        let own = said.of_piles.entry(pile).or_default();
        own.extend_from_slice(bytes);
        if own.len() < TOGETHER {
            return;
        }
        let part = std::mem::take(own);
        said.parts += 1;
        if said.parts.is_multiple_of(EVERY) {
            said.explained.take(pile, &part);
        }
    }

    fn disconnected(&self, pile: PileCode, now: Moment, reason: &str) {
        self.ledger.disconnected(pile, now, reason);
    }

    fn did(&self, pile: PileCode, now: Moment, deed: &Deed<'_>) {
        self.ledger.did(pile, now, deed);
    }
}

impl Explained {
    /// Explains bytes in both languages; they must all be accounted for.
    fn take(&mut self, pile: PileCode, bytes: &[u8]) {
        let look = AssertUnwindSafe(|| {
            let (mut frames, mut covered) = (0, 0);
            for piece in scan(bytes, Options::default()) {
                match piece {
                    Piece::Found(found) => {
                        let report = Report::new(&found, Options::default());
                        for lang in [Lang::Zh, Lang::En] {
                            assert!(!render(&report, 1, Style { lang, colour: false }).is_empty());
                        }
                        covered += found.raw.len();
                        frames += 1;
                    }
                    Piece::Skipped { bytes, .. } => covered += bytes.len(),
                }
            }
            assert_eq!(covered, bytes.len(), "bytes that nobody explains");
            frames
        });
        match catch_unwind(look) {
            Ok(frames) => self.frames += frames,
            Err(_) => self.failures.push(Violation::at(pile, format!("cannot be explained: {bytes:02x?}"))),
        }
        self.bytes += bytes.len() as u64;
    }
}

pub(super) fn look(evidence: &Evidence) -> Vec<Violation> {
    let mut found = evidence.explained.failures.clone();
    if evidence.explained.frames < evidence.size.piles as u64 {
        found.push(Violation::of_all(format!("only {} frames were explained", evidence.explained.frames)));
    }
    found
}
