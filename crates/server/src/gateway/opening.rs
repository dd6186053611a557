//! Which protocol a peer speaks: its first frame says so.
//!
//! A start byte alone is no proof: modems say things of their own first, and 0x68 is also an `h`. So bytes are kept until
//! a frame of one protocol holds; what they come to then goes to that protocol's adapter, with all that stood before it,
//! so that bounds on junk, its counters and what is said about it are the same as on a connection whose protocol was
//! known from the begin.

use voltapile_protocol::Protocol;
use voltapile_protocol::session::Settings;
use voltapile_protocol::time::Tick;
use voltapile_protocol::{aaf5, ykc};

/// Reads after which no more is waited for. Each looks at all bytes again, and a sign-in of 142 bytes may come byte by
/// byte.
const LOOKS_MAX: u16 = 256;

/// The bytes of a peer whose protocol is not known yet.
#[derive(Debug)]
pub(super) struct Opening {
    opened: Tick,
    /// When the last bytes came.
    fed: Tick,
    looks: u16,
    bytes: Vec<u8>,
}

/// What the bytes come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// The peer speaks this protocol.
    Speaks(Protocol),
    /// No frame holds, and waiting is no use; this protocol is the most likely. What looks like none is the business of
    /// the older one.
    Likely(Protocol),
}

/// What the bytes show so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// A frame of this protocol, whole and sound.
    Frame(Protocol),
    /// It may begin anywhere; these are the first bytes that look like the start of one.
    Perhaps(Option<Protocol>),
    /// What stands first is a frame of this protocol that does not hold: there is nothing to wait for.
    Broken(Protocol),
}

impl Opening {
    pub(super) const fn new(opened: Tick) -> Self {
        Self { opened, fed: opened, looks: 0, bytes: Vec::new() }
    }

    /// When the connection was opened.
    pub(super) const fn opened(&self) -> Tick {
        self.opened
    }

    /// When the last bytes came.
    pub(super) const fn fed(&self) -> Tick {
        self.fed
    }

    /// Takes more bytes; gives the protocol once it is known, or once waiting is no use.
    pub(super) fn handle_bytes(&mut self, now: Tick, bytes: &[u8], settings: &Settings) -> Option<Decision> {
        self.fed = now;
        self.looks += 1;
        self.bytes.extend_from_slice(bytes);
        let is_too_much = self.bytes.len() as u64 > settings.junk_before_first_frame || self.looks >= LOOKS_MAX;
        let waits = !is_too_much && matches!(shown(&self.bytes), Shown::Perhaps(_));
        (!waits).then(|| self.decide())
    }

    /// When waiting is no use any more.
    pub(super) fn next_deadline(&self, settings: &Settings) -> Tick {
        let end = self.opened + settings.first_frame_within;
        if self.bytes.is_empty() { end } else { end.min(self.fed + settings.partial_within) }
    }

    /// What is likely when the peer says no more.
    pub(super) fn decide(&self) -> Decision {
        match shown(&self.bytes) {
            Shown::Frame(protocol) => Decision::Speaks(protocol),
            Shown::Broken(protocol) => Decision::Likely(protocol),
            Shown::Perhaps(start) => Decision::Likely(start.unwrap_or(Protocol::Ykc)),
        }
    }

    /// How many bytes there are so far.
    pub(super) const fn kept(&self) -> usize {
        self.bytes.len()
    }

    /// All bytes so far.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// What bytes show from their begin.
fn shown(bytes: &[u8]) -> Shown {
    let mut start = None;
    let mut broken = None;
    for at in 0..bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        match begins(rest) {
            None => {}
            Some(Shown::Frame(protocol)) => return Shown::Frame(protocol),
            Some(Shown::Perhaps(protocol)) => start = start.or(protocol),
            Some(Shown::Broken(protocol)) if at == 0 => broken = Some(protocol),
            Some(Shown::Broken(_)) => {}
        }
    }
    broken.map_or(Shown::Perhaps(start), Shown::Broken)
}

/// What bytes begin with, where it looks like the start of a frame.
fn begins(bytes: &[u8]) -> Option<Shown> {
    use aaf5::frame::FrameError as Aaf5;
    use ykc::frame::FrameError as Ykc;
    match bytes.first()? {
        0x68 => Some(match ykc::frame::Frame::parse(bytes) {
            Ok(_) => Shown::Frame(Protocol::Ykc),
            Err(Ykc::Incomplete { .. }) => Shown::Perhaps(Some(Protocol::Ykc)),
            // A length in two bytes is V2.x: the adapter knows what to say.
            Err(Ykc::LengthTooSmall(_) | Ykc::NoStart | Ykc::BadCrc) => Shown::Broken(Protocol::Ykc),
        }),
        0xAA => match aaf5::Frame::parse(bytes) {
            Ok(_) => Some(Shown::Frame(Protocol::Aaf5)),
            Err(Aaf5::Incomplete { .. }) => Some(Shown::Perhaps(Some(Protocol::Aaf5))),
            Err(Aaf5::BadLength(_) | Aaf5::BadChecksum { .. }) => Some(Shown::Broken(Protocol::Aaf5)),
            Err(Aaf5::NoStart) => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ykc() -> Vec<u8> {
        let mut out = Vec::new();
        ykc::frame::write_frame(&mut out, Default::default(), 0x03, |writer| writer.put(&[0; 9])).unwrap();
        out
    }

    fn aaf5() -> Vec<u8> {
        let mut out = Vec::new();
        aaf5::frame::write_frame(&mut out, Default::default(), 106, |writer| writer.put(&[0x31; 133])).unwrap();
        out
    }

    /// The protocol, when the bytes come one by one, and after how many.
    fn opened_by(bytes: &[u8]) -> Option<(Decision, usize)> {
        let settings = Settings::default();
        let mut opening = Opening::new(Tick(1));
        (1..).zip(bytes).find_map(|(count, byte)| {
            opening.handle_bytes(Tick(1), &[*byte], &settings).map(|decision| (decision, count))
        })
    }

    #[test]
    fn the_first_frame_decides_whatever_stands_before_it() {
        for junk in [&b""[..], b"AT+CSQ\r\n", b"hello", &[0xAA], &[0xAA, 0xF5, 0xAA], &[0x68], &[0x68, 0x68, 0xAA]] {
            for (frame, protocol) in [(ykc(), Protocol::Ykc), (aaf5(), Protocol::Aaf5)] {
                let bytes = [junk, &frame].concat();
                let (decided, count) = opened_by(&bytes).unwrap();
                assert!(decided == Decision::Speaks(protocol) || count < bytes.len(), "{junk:02x?} {protocol:?}");
                let mut opening = Opening::new(Tick(1));
                let at_once = opening.handle_bytes(Tick(1), &bytes, &Settings::default());
                assert_eq!(at_once, Some(Decision::Speaks(protocol)), "{junk:02x?}");
            }
        }
    }

    #[test]
    fn what_is_broken_at_its_begin_is_not_waited_for() {
        let mut broken = ykc();
        *broken.last_mut().unwrap() ^= 1;
        assert_eq!(opened_by(&broken), Some((Decision::Likely(Protocol::Ykc), broken.len())));
        let mut broken = aaf5();
        *broken.last_mut().unwrap() ^= 1;
        assert_eq!(opened_by(&broken), Some((Decision::Likely(Protocol::Aaf5), broken.len())));
    }

    #[test]
    fn junk_is_kept_up_to_its_bound() {
        let settings = Settings::default();
        let bound = usize::try_from(settings.junk_before_first_frame).unwrap();
        let mut opening = Opening::new(Tick(1));
        assert_eq!(opening.handle_bytes(Tick(1), &vec![0; bound], &settings), None);
        assert_eq!(opening.handle_bytes(Tick(1), &[0], &settings), Some(Decision::Likely(Protocol::Ykc)));
        assert_eq!(opened_by(&vec![0; bound]), Some((Decision::Likely(Protocol::Ykc), usize::from(LOOKS_MAX))));
        let mut opening = Opening::new(Tick(1));
        opening.handle_bytes(Tick(5), &aaf5()[..30], &settings);
        assert_eq!(opening.next_deadline(&settings), Tick(5) + settings.partial_within);
        assert_eq!(opening.decide(), Decision::Likely(Protocol::Aaf5));
    }
}
