//! Framer and session of one connection.

use std::sync::Arc;

use super::event::{DeadlineEvent, Event};
use super::session::Session;
use crate::aaf5::frame::Frame;
use crate::aaf5::framer::{Framer, Piece, Skipped};
use crate::session::{CloseReason, Settings};
use crate::time::Tick;

/// Bytes in, events out.
#[derive(Debug)]
pub struct Connection {
    framer: Framer,
    session: Session,
    /// When the last bytes came, for frames that never end.
    fed: Tick,
}

impl Connection {
    /// A connection that was just accepted.
    #[must_use]
    pub fn new(settings: Arc<Settings>, now: Tick) -> Self {
        Self { framer: Framer::new(), session: Session::new(settings, now), fed: now }
    }

    /// The session, to answer with.
    pub const fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// What was skipped so far.
    #[must_use]
    pub const fn skipped(&self) -> Skipped {
        self.framer.skipped()
    }

    /// Takes bytes. For each frame `on_event` gets the session to answer with, what the frame means, the frame itself
    /// (`None` for [`Event::Relative`]) and the buffer for answers.
    ///
    /// # Errors
    /// [`CloseReason`] when the peer has sent too much that is no frame, or speaks a relative of the protocol.
    pub fn handle_bytes(
        &mut self,
        now: Tick,
        bytes: &[u8],
        out: &mut Vec<u8>,
        mut on_event: impl FnMut(&mut Session, Event<'_>, Option<&Frame<'_>>, &mut Vec<u8>),
    ) -> Result<(), CloseReason> {
        self.fed = now;
        let Self { framer, session, .. } = self;
        let mut is_relative = false;
        framer.push(bytes, |piece| is_relative |= handle_piece(session, now, piece, out, &mut on_event));
        self.verdict(is_relative)
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
        mut on_event: impl FnMut(&mut Session, Event<'_>, Option<&Frame<'_>>, &mut Vec<u8>),
    ) -> Option<DeadlineEvent> {
        if self.framer.pending() > 0 && now >= self.fed + self.session.settings().partial_within {
            let Self { framer, session, .. } = self;
            let mut is_relative = false;
            while framer.pending() > 0 {
                framer.give_up_partial(|piece| is_relative |= handle_piece(session, now, piece, out, &mut on_event));
            }
            if let Err(reason) = self.verdict(is_relative) {
                return Some(DeadlineEvent::Close(reason));
            }
        }
        self.session.handle_deadline(now, out)
    }

    fn verdict(&self, is_relative: bool) -> Result<(), CloseReason> {
        let settings = self.session.settings();
        let budget = if self.framer.seen_frame() { settings.junk_in_a_row } else { settings.junk_before_first_frame };
        match () {
            () if is_relative => Err(CloseReason::Relative),
            () if self.framer.skipped().since_frame > budget => Err(CloseReason::Junk),
            () => Ok(()),
        }
    }
}

/// Hands on what a piece means; whether it shows that the peer speaks a relative.
fn handle_piece(
    session: &mut Session,
    now: Tick,
    piece: Piece<'_>,
    out: &mut Vec<u8>,
    on_event: &mut impl FnMut(&mut Session, Event<'_>, Option<&Frame<'_>>, &mut Vec<u8>),
) -> bool {
    match piece {
        Piece::Frame(frame) => {
            let mut decrypted = Vec::new();
            let event = session.handle_frame(now, &frame, &mut decrypted, out);
            on_event(session, event, Some(&frame), out);
            false
        }
        Piece::Relative(relative) => {
            on_event(session, Event::Relative(relative), None, out);
            true
        }
    }
}
