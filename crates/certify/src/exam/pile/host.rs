//! The platform that is played for the pile: what any protocol's has, and what a protocol adds.

use std::fmt;
use std::time::Duration;

use voltapile_protocol::Protocol;
use voltapile_protocol::layout::Direction;
use voltapile_protocol::time::Tick;

use super::PileExamOptions;
use super::facts::Facts;
use super::script::{Manners, Step};
use crate::check::Finding;
use crate::exam::ConnectionId;
use crate::exam::exchange::{Exchange, Mark};
use crate::trace::Trace;

/// Between the two halves of a frame: long enough to be two packets, shorter than any pile waits for the rest.
const HALVES_APART: Duration = Duration::from_millis(300);
/// Connections that are open at once. One pile needs one, or two while it dials anew.
const OPEN_MAX: usize = 16;

/// What a protocol brings to the exam of its piles: its steps, its messages, its rules.
pub trait Tongue: fmt::Debug + Sized + 'static {
    /// Which protocol.
    const PROTOCOL: Protocol;
    /// The steps, in order.
    const STEPS: &'static [Step<Self::Request>];
    /// How an exam takes back what it has changed at the pile: the first word of each is what is owed.
    const FAREWELL: &'static [Step<Self::Request>];
    /// Ends the charge at connector 1.
    const STOP: Self::Request;
    /// What is said of taking back when the exam is broken off, in Chinese and English.
    const BROKEN_OFF: (&'static str, &'static str);
    /// Names a pile.
    type Pile: fmt::Debug + Clone + Copy + Default;
    /// Names a card.
    type Card: fmt::Debug + Clone + Copy;
    /// What can be asked of a pile.
    type Request: fmt::Debug + Copy + PartialEq;

    /// What it needs to speak.
    fn new(options: &PileExamOptions<Self::Pile, Self::Card>) -> Self;

    /// The pile under examination, once it is known.
    fn pile(&self) -> Option<Self::Pile>;

    /// A pile's name for the report.
    fn name(pile: Self::Pile) -> String;

    /// The request that takes back what another one changes at the pile.
    fn undone_by(request: Self::Request) -> Option<Self::Request>;

    /// The frames of a request; `None` where it can't be asked.
    fn asking(&mut self, request: Self::Request, unix_ms: u64) -> Option<Asking>;

    /// Takes a frame of the pile: tells the host what it says, and answers it.
    fn hear(&mut self, host: &mut Host<Self>, connection: ConnectionId, raw: &[u8]);

    /// Judges a trace for a pile's sake.
    fn judge(trace: &Trace, pile: Self::Pile, until: Tick, marks: &[Mark]) -> Vec<Finding>;
}

/// A request as it leaves.
#[derive(Debug)]
pub struct Asking {
    /// Its frame, or several in one write.
    pub(crate) frames: Vec<Vec<u8>>,
    /// Types of the requests whose answers are waited for.
    pub(crate) awaited: Vec<u16>,
    /// The rule that its frames stand for.
    pub(crate) rule: Option<&'static str>,
    pub(crate) way: Way,
}

/// How a request leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// At once.
    Whole,
    /// In two halves with a pause between them.
    Halves,
    /// Behind bytes of no frame.
    Behind(&'static [u8]),
}

/// The platform that is played.
#[derive(Debug)]
pub struct Host<T: Tongue> {
    pub(crate) exchange: Exchange,
    pub(crate) facts: Facts,
    pub(crate) manners: Manners,
    /// The connection of the examined pile.
    pub(crate) current: Option<ConnectionId>,
    /// What takes back what was changed at the pile.
    pub(crate) owed: Vec<T::Request>,
    pub(super) began_unix_ms: u64,
}

impl<T: Tongue> Host<T> {
    pub(super) fn new(began_unix_ms: u64) -> Self {
        Self {
            exchange: Exchange::new(Direction::Down),
            facts: Facts::default(),
            manners: Manners::GOOD,
            current: None,
            owed: Vec::new(),
            began_unix_ms,
        }
    }

    /// The true time.
    pub(crate) const fn unix_ms(&self) -> u64 {
        self.began_unix_ms + self.exchange.now.0
    }

    /// A connection was made. Where there are too many, one on which nobody logged in is hung up.
    pub(super) fn opened(&mut self, connection: ConnectionId) {
        self.exchange.opened(connection);
        if self.exchange.open_ids().count() > OPEN_MAX {
            let idle = self.exchange.open_ids().find(|open| !self.exchange.is_logged_in(*open));
            self.close(idle.unwrap_or(connection));
        }
    }

    /// A connection ended without the exam's doing.
    pub(super) fn lost(&mut self, connection: ConnectionId, is_broken: bool) {
        self.exchange.lost(connection, is_broken);
        self.current = self.current.filter(|current| *current != connection);
    }

    /// Hangs up.
    pub(crate) fn close(&mut self, connection: ConnectionId) {
        self.exchange.close(connection);
        self.current = self.current.filter(|current| *current != connection);
    }

    /// The examined pile logs in. The newest login counts; the connection before it is half open at best.
    pub(crate) fn let_in(&mut self, connection: ConnectionId) {
        if let Some(old) = self.current.filter(|old| *old != connection) {
            self.close(old);
        }
        self.exchange.set_logged_in(connection, true);
        self.current = Some(connection);
        self.facts.logged_in();
    }

    /// The examined pile is not let in.
    pub(crate) fn refuse(&mut self, connection: ConnectionId) {
        self.exchange.set_logged_in(connection, false);
        self.current = self.current.filter(|current| *current != connection);
    }

    /// Owes something to the pile, once.
    pub(crate) fn owe(&mut self, undo: T::Request) {
        if !self.owed.contains(&undo) {
            self.owed.push(undo);
        }
    }

    /// Sends a request to the pile.
    pub(super) fn ask(&mut self, tongue: &mut T, request: T::Request) {
        let Some(connection) = self.current else { return };
        let Some(asking) = tongue.asking(request, self.unix_ms()) else { return };
        let Asking { frames, awaited, rule, way } = asking;
        awaited.into_iter().for_each(|request| self.facts.wait_for(request));
        let mut bytes = frames.concat();
        match (way, frames.as_slice()) {
            (Way::Whole, [_only]) => self.exchange.send(connection, bytes, rule),
            (Way::Halves, _) => {
                let rest = bytes.split_off(bytes.len() / 2);
                let whole = frames.into_iter().next().map(|frame| (frame, rule));
                self.exchange.put(connection, bytes);
                self.exchange.put_later(connection, HALVES_APART, rest, whole);
            }
            (Way::Whole | Way::Behind(_), _) => {
                if let Way::Behind(junk) = way {
                    self.exchange.note_bytes(connection, junk);
                    bytes.splice(0..0, junk.iter().copied());
                }
                frames.iter().for_each(|frame| self.exchange.note(connection, frame, rule));
                self.exchange.put(connection, bytes);
            }
        }
        self.owed.retain(|owed| *owed != request);
        if let Some(undo) = T::undone_by(request) {
            self.owe(undo);
        }
    }

    /// Sends the second half of a frame that is due.
    pub(super) fn send_rest(&mut self) {
        while let Some(part) = self.exchange.due() {
            if let Some((frame, rule)) = part.whole {
                self.exchange.note(part.line, &frame, rule);
            }
            self.exchange.put(part.line, part.bytes);
        }
    }
}
