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

/// Reads after which no more is waited for: a sign-in of 142 bytes may come byte by byte.
const LOOKS_MAX: u16 = 256;

/// The bytes of a peer whose protocol is not known yet.
#[derive(Debug)]
pub(super) struct Opening {
    opened: Tick,
    /// When the last bytes came.
    fed: Tick,
    looks: u16,
    bytes: Vec<u8>,
    /// Bytes looked at as a start; each that cannot be one is looked at once, so that junk costs no more than its length.
    scanned: usize,
    /// Where what looks like a start has not come to its end.
    unfinished: Vec<Start>,
    /// A frame that holds.
    found: Option<Protocol>,
    /// What stands first is a frame of this protocol that does not hold.
    broken: Option<Protocol>,
    /// Places that turned out to be no start.
    #[cfg(test)]
    judged: usize,
}

/// What looks like the start of a frame.
#[derive(Debug, Clone, Copy)]
struct Start {
    at: usize,
    protocol: Protocol,
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

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// A frame of this protocol, whole and sound.
    Frame(Protocol),
    /// The begin of one.
    Begin(Protocol),
    /// A frame of this protocol that does not hold.
    Broken(Protocol),
}

impl Opening {
    pub(super) const fn new(opened: Tick) -> Self {
        Self {
            opened,
            fed: opened,
            looks: 0,
            bytes: Vec::new(),
            scanned: 0,
            unfinished: Vec::new(),
            found: None,
            broken: None,
            #[cfg(test)]
            judged: 0,
        }
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
        self.look();
        let is_too_much = self.bytes.len() as u64 > settings.junk_before_first_frame || self.looks >= LOOKS_MAX;
        // What is broken at its begin is not waited for.
        (is_too_much || self.found.is_some() || self.broken.is_some()).then(|| self.decide())
    }

    /// When waiting is no use any more.
    pub(super) fn next_deadline(&self, settings: &Settings) -> Tick {
        let end = self.opened + settings.first_frame_within;
        if self.bytes.is_empty() { end } else { end.min(self.fed + settings.partial_within) }
    }

    /// What is likely when the peer says no more.
    pub(super) fn decide(&self) -> Decision {
        let start = || self.unfinished.first().map(|start| start.protocol);
        match self.found {
            Some(protocol) => Decision::Speaks(protocol),
            None => Decision::Likely(self.broken.or_else(start).unwrap_or(Protocol::Ykc)),
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

    /// Looks at what had no end yet, and at what is new.
    fn look(&mut self) {
        let new = std::mem::replace(&mut self.scanned, self.bytes.len())..self.bytes.len();
        #[cfg(test)]
        let new_count = new.len();
        let before = std::mem::take(&mut self.unfinished);
        for at in before.iter().map(|start| start.at).chain(new) {
            match begins(self.bytes.get(at..).unwrap_or_default()) {
                Some(Shown::Frame(protocol)) => {
                    self.found = Some(protocol);
                    return;
                }
                Some(Shown::Begin(protocol)) => self.unfinished.push(Start { at, protocol }),
                Some(Shown::Broken(protocol)) if at == 0 => self.broken = Some(protocol),
                Some(Shown::Broken(_)) | None => {}
            }
        }
        #[cfg(test)]
        {
            self.judged += before.len() + new_count - self.unfinished.len();
        }
    }
}

/// What bytes begin with, where it looks like the start of a frame.
fn begins(bytes: &[u8]) -> Option<Shown> {
    use aaf5::frame::FrameError as Aaf5;
    use ykc::frame::FrameError as Ykc;
    match bytes.first()? {
        0x68 => Some(match ykc::frame::Frame::parse(bytes) {
            Ok(_) => Shown::Frame(Protocol::Ykc),
            Err(Ykc::Incomplete { .. }) => Shown::Begin(Protocol::Ykc),
            // A length in two bytes is V2.x: the adapter knows what to say.
            Err(Ykc::LengthTooSmall(_) | Ykc::NoStart | Ykc::BadCrc) => Shown::Broken(Protocol::Ykc),
        }),
        0xAA => match aaf5::Frame::parse(bytes) {
            Ok(_) => Some(Shown::Frame(Protocol::Aaf5)),
            Err(Aaf5::Incomplete { .. }) => Some(Shown::Begin(Protocol::Aaf5)),
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
    fn no_place_is_judged_twice() {
        // The first waits for more than may come; behind it stand starts that end, and do not hold.
        for junk in [[0x68; 4], [0xAA, 0xF5, 9, 0], [0x68, 4, 0xAA, 0xF5]] {
            let bytes = [&[0xAA, 0xF5, 0, 0x10][..], &junk.repeat(200)].concat();
            let mut opening = Opening::new(Tick(1));
            let mut pieces = bytes.chunks(4).map(|piece| opening.handle_bytes(Tick(1), piece, &Settings::default()));
            assert!(pieces.all(|decision| decision.is_none()));
            assert_eq!((opening.judged + opening.unfinished.len(), opening.found), (bytes.len(), None), "{junk:02x?}");
            assert_eq!(opening.decide(), Decision::Likely(Protocol::Aaf5));
        }
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
