//! Both ends of an AA F5 connection bear whatever the other says: no panic, no answer that is no frame, and deadlines
//! that come to an end.
//!
//! Input: segments, each a byte (who hears it, and whether time passes before), a command, a length, and a body.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use voltapile_protocol::aaf5::Frame;
use voltapile_protocol::aaf5::field::PileCode;
use voltapile_protocol::aaf5::frame::{Envelope, write_frame};
use voltapile_protocol::aaf5::session::pile::{PileConfig, PileSession};
use voltapile_protocol::aaf5::session::platform::{Connection, Event, Session, Settings, SignInAnswer};
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::Text;

/// Deadlines that one moment may have.
const DUE_AT_ONCE: usize = 200;

fuzz_target!(|data: &[u8]| {
    let code: PileCode = Text::new("P").expect("a short text");
    let mut ends = Ends {
        now: Tick(0),
        platform: Connection::new(Arc::new(Settings::default()), Tick(0)),
        pile: PileSession::new(PileConfig { connector_count: 2, can_encrypt: true, ..PileConfig::new(code) }),
    };
    // One run in two begins with a pile that is signed in at both ends.
    let mut out = Vec::new();
    ends.pile.connect(ends.now, 0, &mut out);
    let mut segments = data;
    if data.first().is_some_and(|byte| byte % 2 == 0) {
        let answer = ends.tell_platform(&out);
        ends.tell_pile(&answer);
    }
    while let [how, low, high, length, rest @ ..] = segments {
        let (body, rest) = rest.split_at(usize::from(*length).min(rest.len()));
        segments = rest;
        if how & 0x40 != 0 {
            ends.pass(u64::from(*how) * 100);
        }
        let mut bytes = Vec::new();
        let envelope = Envelope { info: how & 0x80, sequence: *how };
        // Most commands are small numbers; the high byte chooses among the groups there are.
        let command = u16::from(*low) + [0, 100, 200, 300, 400, 1000, 1100, 1300][usize::from(*high) % 8];
        write_frame(&mut bytes, envelope, command, |writer| writer.put(body)).expect("fits a frame");
        if how & 1 == 0 {
            ends.tell_platform(&bytes);
        } else {
            ends.tell_pile(&bytes);
        }
    }
    ends.pass(3_600_000);
});

struct Ends {
    now: Tick,
    platform: Connection,
    pile: PileSession,
}

impl Ends {
    fn tell_platform(&mut self, bytes: &[u8]) -> Vec<u8> {
        let (mut out, now) = (Vec::new(), self.now);
        let _ = self.platform.handle_bytes(now, bytes, &mut out, |session, event, _, out| match event {
            Event::SignIn { reply_to, request, .. } => {
                let answer = SignInAnswer { key: (now.0 % 2 == 1).then_some([7; 32]), ..SignInAnswer::default() };
                let _ = session.accept_sign_in(now, reply_to, &request, answer, out);
            }
            Event::Record { reply_to, command, raw, .. } => {
                if let Some(confirm) = Session::record_confirm(command, raw) {
                    session.reply(reply_to, &confirm, out).expect("a confirmation fits a frame");
                }
            }
            _ => {}
        });
        assert_frames(&out);
        out
    }

    fn tell_pile(&mut self, bytes: &[u8]) {
        let mut out = Vec::new();
        let mut rest = bytes;
        while let Ok(frame) = Frame::parse(rest) {
            let _ = self.pile.handle_frame(self.now, &frame, &mut out);
            rest = &rest[frame.raw.len()..];
        }
        assert_frames(&out);
    }

    /// Lets so many milliseconds pass and does what is due then.
    fn pass(&mut self, milliseconds: u64) {
        self.now = Tick(self.now.0 + milliseconds);
        let mut out = Vec::new();
        let due = (0..DUE_AT_ONCE).take_while(|_| {
            let due = self.platform.handle_deadline(self.now, &mut out, |_, _, _, _| {});
            due.is_some_and(|due| !format!("{due:?}").starts_with("Close"))
        });
        assert!(due.count() < DUE_AT_ONCE, "deadlines without end");
        let _ = self.pile.handle_deadline(self.now, &mut out);
        assert_frames(&out);
    }
}

/// What was written is whole frames.
fn assert_frames(mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let frame = Frame::parse(bytes).expect("an end writes frames");
        bytes = &bytes[frame.raw.len()..];
    }
}
