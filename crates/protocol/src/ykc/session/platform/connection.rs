//! Framer and session of one connection.

use std::sync::Arc;

use super::event::{DeadlineEvent, Event};
use super::session::Session;
use crate::session::{CloseReason, PlatformSession, Settings};
use crate::time::Tick;
use crate::ykc::field::PileCode;
use crate::ykc::frame::Frame;
use crate::ykc::framer::{Relative, Ykc};

/// Bytes in, events out.
pub type Connection = crate::session::Connection<Session>;

impl PlatformSession for Session {
    type Framing = Ykc;
    type Event<'a> = Event<'a>;
    type PileCode = PileCode;

    fn new(settings: Arc<Settings>, now: Tick) -> Self {
        Self::new(settings, now)
    }

    fn settings(&self) -> &Settings {
        self.settings()
    }

    fn handle_frame<'a, 'f: 'a>(
        &mut self,
        now: Tick,
        frame: &Frame<'f>,
        decrypted: &'a mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Event<'a> {
        self.handle_frame(now, frame, decrypted, out)
    }

    fn relative(relative: Relative) -> (Event<'static>, CloseReason) {
        match relative {
            Relative::Version2 => (Event::Version2, CloseReason::Version2),
        }
    }

    fn next_deadline(&self) -> Tick {
        self.next_deadline()
    }

    fn handle_deadline(&mut self, now: Tick, _out: &mut Vec<u8>) -> Option<DeadlineEvent> {
        self.handle_deadline(now)
    }
}
