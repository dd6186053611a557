//! Framer and session of one connection.

use std::sync::Arc;

use super::{CloseReason, DeadlineEvent, Settings};
use crate::framer::{Framer, Framing, Piece, Skipped};
use crate::time::Tick;

/// A protocol's session at the platform's end, as a [`Connection`] drives it.
pub trait PlatformSession {
    /// How its frames look.
    type Framing: Framing;
    /// What it says of a frame.
    type Event<'a>;
    /// How it names piles.
    type PileCode;

    /// The session of a connection that was just accepted.
    fn new(settings: Arc<Settings>, now: Tick) -> Self;

    /// The times and habits.
    fn settings(&self) -> &Settings;

    /// Takes a frame. Answers that need no decision are appended to `out`.
    fn handle_frame<'a, 'f: 'a>(
        &mut self,
        now: Tick,
        frame: &FrameOf<'f, Self>,
        decrypted: &'a mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Self::Event<'a>;

    /// What it says, and how it ends, where the peer speaks a relative of the protocol.
    fn relative(relative: RelativeOf<Self>) -> (Self::Event<'static>, CloseReason);

    /// When [`handle_deadline`](Self::handle_deadline) is to be called at the latest.
    fn next_deadline(&self) -> Tick;

    /// Gives one thing that has become due; to be called until it gives `None`.
    fn handle_deadline(&mut self, now: Tick, out: &mut Vec<u8>) -> Option<DeadlineEvent<Self::PileCode>>;
}

/// A frame of a session's protocol.
pub type FrameOf<'a, S> = <<S as PlatformSession>::Framing as Framing>::Frame<'a>;
/// A relative of a session's protocol.
pub type RelativeOf<S> = <<S as PlatformSession>::Framing as Framing>::Relative;

/// Bytes in, events out.
#[derive(Debug)]
pub struct Connection<S: PlatformSession> {
    framer: Framer<S::Framing>,
    session: S,
    /// When the last bytes came, for frames that never end.
    fed: Tick,
}

impl<S: PlatformSession> Connection<S> {
    /// A connection that was just accepted.
    #[must_use]
    pub fn new(settings: Arc<Settings>, now: Tick) -> Self {
        Self { framer: Framer::new(), session: S::new(settings, now), fed: now }
    }

    /// The session, to answer with.
    pub const fn session(&mut self) -> &mut S {
        &mut self.session
    }

    /// What was skipped since the last time.
    pub const fn take_skipped(&mut self) -> Skipped {
        self.framer.take_skipped()
    }

    /// Takes bytes. For each frame `on_event` gets the session to answer with, what the frame means, the frame itself
    /// (`None` where the peer speaks a relative) and the buffer for answers.
    ///
    /// # Errors
    /// [`CloseReason`] when the peer has sent too much that is no frame, or speaks a relative of the protocol.
    pub fn handle_bytes(
        &mut self,
        now: Tick,
        bytes: &[u8],
        out: &mut Vec<u8>,
        mut on_event: impl FnMut(&mut S, S::Event<'_>, Option<&FrameOf<'_, S>>, &mut Vec<u8>),
    ) -> Result<(), CloseReason> {
        self.fed = now;
        let Self { framer, session, .. } = self;
        let mut end = None;
        framer.push(bytes, |piece| end = handle_piece(session, now, piece, out, &mut on_event).or(end));
        self.verdict(end)
    }

    /// When [`handle_deadline`](Self::handle_deadline) is to be called at the latest.
    #[must_use]
    pub fn next_deadline(&self) -> Tick {
        let next = self.session.next_deadline();
        if self.framer.pending() == 0 { next } else { next.min(self.fed + self.session.settings().partial_within) }
    }

    /// Gives one thing that has become due; to be called until it gives `None`. A frame that was begun and not ended in
    /// time is given up: what follows its first byte is scanned again, and `on_event` gets what was hidden in it.
    pub fn handle_deadline(
        &mut self,
        now: Tick,
        out: &mut Vec<u8>,
        mut on_event: impl FnMut(&mut S, S::Event<'_>, Option<&FrameOf<'_, S>>, &mut Vec<u8>),
    ) -> Option<DeadlineEvent<S::PileCode>> {
        if self.framer.pending() > 0 && now >= self.fed + self.session.settings().partial_within {
            let Self { framer, session, .. } = self;
            let mut end = None;
            while framer.pending() > 0 {
                framer.give_up_partial(|piece| end = handle_piece(session, now, piece, out, &mut on_event).or(end));
            }
            if let Err(reason) = self.verdict(end) {
                return Some(DeadlineEvent::Close(reason));
            }
        }
        self.session.handle_deadline(now, out)
    }

    fn verdict(&self, end: Option<CloseReason>) -> Result<(), CloseReason> {
        let settings = self.session.settings();
        let budget = if self.framer.seen_frame() { settings.junk_in_a_row } else { settings.junk_before_first_frame };
        let is_junk = self.framer.skipped().since_frame > budget;
        end.or(is_junk.then_some(CloseReason::Junk)).map_or(Ok(()), Err)
    }
}

/// Hands on what a piece means; why the connection is to end, where it shows that the peer speaks a relative.
fn handle_piece<S: PlatformSession>(
    session: &mut S,
    now: Tick,
    piece: Piece<FrameOf<'_, S>, RelativeOf<S>>,
    out: &mut Vec<u8>,
    on_event: &mut impl FnMut(&mut S, S::Event<'_>, Option<&FrameOf<'_, S>>, &mut Vec<u8>),
) -> Option<CloseReason> {
    match piece {
        Piece::Frame(frame) => {
            let mut decrypted = Vec::new();
            let event = session.handle_frame(now, &frame, &mut decrypted, out);
            on_event(session, event, Some(&frame), out);
            None
        }
        Piece::Relative(relative) => {
            let (event, reason) = S::relative(relative);
            on_event(session, event, None, out);
            Some(reason)
        }
    }
}
