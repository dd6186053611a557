//! Bytes of connections as a trace: frames where there are any, what is none kept as evidence.

use voltapile_protocol::layout::Direction;
use voltapile_protocol::time::Tick;
use voltapile_protocol::{Protocol, aaf5, ykc};

use crate::exam::ConnectionId;
use crate::trace::{EntryId, Happening, Trace, TraceEntry};

/// Entries that a trace holds at most: a day of a busy pile, some 30 MB. What comes later is not recorded.
const ENTRIES_MAX: usize = 100_000;
/// Bytes of junk in one entry; longer junk makes several.
const JUNK_MAX: usize = 1_024;

/// Writes a trace of what passes.
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    trace: Trace,
    /// Bytes of which it is not clear yet what they are, for each connection and direction; at most a frame's worth each.
    begun: Vec<Begun>,
}

#[derive(Debug, Clone)]
struct Begun {
    connection: ConnectionId,
    direction: Direction,
    bytes: Vec<u8>,
}

impl Recorder {
    /// A frame that the exam itself sent, good or bad on purpose: nobody has to find it.
    pub fn sent(&mut self, at: Tick, connection: ConnectionId, direction: Direction, raw: &[u8]) -> Option<EntryId> {
        self.note(at, connection, Happening::Frame(direction, raw.to_vec()))
    }

    /// What was recorded.
    #[must_use]
    pub const fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Gives away what was recorded.
    #[must_use]
    pub fn into_trace(self) -> Trace {
        self.trace
    }

    /// Whether the trace is full: nothing more is recorded.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.trace.entries().len() >= ENTRIES_MAX
    }

    /// A connection was made.
    pub fn opened(&mut self, at: Tick, connection: ConnectionId) {
        self.note(at, connection, Happening::Opened);
    }

    /// A connection ended; who ended it (`None` when the line broke). What was begun and never ended is junk.
    pub fn closed(&mut self, at: Tick, connection: ConnectionId, by: Option<Direction>) {
        let ended: Vec<Begun> = self.begun.extract_if(.., |begun| begun.connection == connection).collect();
        for begun in ended {
            self.junk(at, connection, begun.direction, &begun.bytes);
        }
        self.note(at, connection, Happening::Closed(by));
    }

    /// Bytes passed. Gives the place of each frame that ended with them, good or bad, in order.
    pub fn passed(&mut self, at: Tick, connection: ConnectionId, direction: Direction, bytes: &[u8]) -> Vec<EntryId> {
        let known = |begun: &Begun| begun.connection == connection && begun.direction == direction;
        let mut stream = match self.begun.iter().position(known) {
            Some(position) => self.begun.swap_remove(position).bytes,
            None => Vec::new(),
        };
        stream.extend_from_slice(bytes);
        let mut frames = Vec::new();
        let mut rest = stream.as_slice();
        while let Some((piece, behind)) = split(rest) {
            match piece {
                Piece::Frame(raw) => {
                    frames.extend(self.note(at, connection, Happening::Frame(direction, raw.to_vec())));
                }
                Piece::Junk(junk) => self.junk(at, connection, direction, junk),
            }
            rest = behind;
        }
        if !rest.is_empty() {
            self.begun.push(Begun { connection, direction, bytes: rest.to_vec() });
        }
        frames
    }

    fn junk(&mut self, at: Tick, connection: ConnectionId, direction: Direction, bytes: &[u8]) {
        for junk in bytes.chunks(JUNK_MAX) {
            self.note(at, connection, Happening::Junk(direction, junk.to_vec()));
        }
    }

    fn note(&mut self, at: Tick, connection: ConnectionId, happening: Happening) -> Option<EntryId> {
        (!self.is_full()).then(|| self.trace.push(TraceEntry { at, connection, happening }))
    }
}

enum Piece<'b> {
    /// A frame's bytes, its CRC good or bad.
    Frame(&'b [u8]),
    /// Bytes of no frame.
    Junk(&'b [u8]),
}

/// What the begin of a stream is.
enum Begin {
    /// A frame of so many bytes.
    Frame(usize),
    /// What would be one of so many bytes if its check sum held.
    BadFrame(usize),
    /// More bytes are needed to tell.
    Unclear,
    /// No frame.
    Junk,
}

impl Begin {
    fn of(stream: &[u8]) -> Self {
        match protocol_of(stream) {
            Some(Protocol::Ykc) => Self::of_ykc(stream),
            Some(Protocol::Aaf5) => Self::of_aaf5(stream),
            None => Self::Junk,
        }
    }

    fn of_ykc(stream: &[u8]) -> Self {
        use ykc::frame::{FrameError, UNCOUNTED};
        match ykc::Frame::parse(stream) {
            Ok(frame) => Self::Frame(frame.raw.len()),
            Err(FrameError::Incomplete { .. }) => Self::Unclear,
            Err(FrameError::BadCrc) => {
                Self::BadFrame(stream.get(1).map_or(0, |length| usize::from(*length)) + UNCOUNTED)
            }
            Err(FrameError::NoStart | FrameError::LengthTooSmall(_)) => Self::Junk,
        }
    }

    fn of_aaf5(stream: &[u8]) -> Self {
        use aaf5::frame::{Frame, FrameError};
        match Frame::parse(stream) {
            Ok(frame) => Self::Frame(frame.raw.len()),
            Err(FrameError::Incomplete { .. }) => Self::Unclear,
            Err(FrameError::BadChecksum { .. }) => {
                let length = stream.get(2..4).and_then(|length| length.first_chunk());
                Self::BadFrame(length.map_or(0, |length| usize::from(u16::from_le_bytes(*length))))
            }
            Err(FrameError::NoStart | FrameError::BadLength(_)) => Self::Junk,
        }
    }
}

/// The protocol whose frames begin like this.
fn protocol_of(stream: &[u8]) -> Option<Protocol> {
    const AAF5: u8 = aaf5::frame::START[0];
    match *stream.first()? {
        ykc::frame::START => Some(Protocol::Ykc),
        AAF5 => Some(Protocol::Aaf5),
        _ => None,
    }
}

/// Takes the first piece off a stream; `None` while more bytes are needed to tell what it is.
fn split(stream: &[u8]) -> Option<(Piece<'_>, &[u8])> {
    match Begin::of(stream) {
        Begin::Frame(length) => {
            let (raw, behind) = stream.split_at_checked(length)?;
            Some((Piece::Frame(raw), behind))
        }
        Begin::Unclear => None,
        Begin::BadFrame(length) => {
            let (raw, behind) = stream.split_at_checked(length)?;
            // A frame with a bad check sum, unless the next one does not begin where it ends or a good one is hidden in it.
            let fits = behind.is_empty() || protocol_of(behind) == protocol_of(stream);
            let is_frame = |at: usize| matches!(stream.get(at..).map(Begin::of), Some(Begin::Frame(_)));
            match (1..length).find(|at| is_frame(*at)) {
                None if fits => Some((Piece::Frame(raw), behind)),
                hidden => junk_before(stream, hidden.unwrap_or(1)),
            }
        }
        Begin::Junk => {
            let start = stream.iter().skip(1).position(|byte| protocol_of(&[*byte]).is_some());
            junk_before(stream, start.map_or(stream.len(), |before| before + 1))
        }
    }
}

fn junk_before(stream: &[u8], at: usize) -> Option<(Piece<'_>, &[u8])> {
    let (junk, behind) = stream.split_at_checked(at).filter(|(junk, _)| !junk.is_empty())?;
    Some((Piece::Junk(junk), behind))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use voltapile_protocol::ykc::frame::{Envelope, write_frame};

    use super::*;

    const AT: Tick = Tick(7);
    const LINE: ConnectionId = ConnectionId(0);

    fn frame(number: u8) -> Vec<u8> {
        let mut out = Vec::new();
        write_frame(&mut out, Envelope { sequence: [number, 0], ..Envelope::default() }, 3, |writer| {
            writer.put(&[0x68; 9]);
        })
        .unwrap();
        out
    }

    fn recorded(pieces: &[&[u8]]) -> Vec<Happening> {
        let mut recorder = Recorder::default();
        for piece in pieces {
            recorder.passed(AT, LINE, Direction::Up, piece);
        }
        recorder.closed(AT, LINE, None);
        recorder.into_trace().entries().iter().map(|entry| entry.happening.clone()).collect()
    }

    #[test]
    fn keeps_bad_frames_and_junk_apart_from_good_frames() {
        let good = frame(1);
        let mut bad = frame(2);
        bad[14] ^= 0xFF;
        let stream = [b"xy".as_slice(), &good, &bad, &good, &[0x68, 9]].concat();
        let up = |raw: &[u8]| Happening::Frame(Direction::Up, raw.to_vec());
        let junk = |raw: &[u8]| Happening::Junk(Direction::Up, raw.to_vec());
        let expected = vec![junk(b"xy"), up(&good), up(&bad), up(&good), junk(&[0x68, 9]), Happening::Closed(None)];
        assert_eq!(recorded(&[&stream]), expected);
    }

    #[test]
    fn finds_a_frame_hidden_behind_a_false_start() {
        let good = frame(1);
        let stream = [&[0x68, 12], good.as_slice(), &good].concat();
        let happenings = recorded(&[&stream]);
        let frames = happenings.iter().filter(|happening| **happening == Happening::Frame(Direction::Up, good.clone()));
        assert_eq!(frames.count(), 2);
    }

    #[test]
    fn knows_frames_of_both_protocols_good_and_bad() {
        let good = aaf5_frame(1);
        let mut bad = aaf5_frame(2);
        bad[9] ^= 0xFF;
        let stream = [b"xy".as_slice(), &good, &bad, &good, &[0xAA, 0xF5, 9]].concat();
        let up = |raw: &[u8]| Happening::Frame(Direction::Up, raw.to_vec());
        let junk = |raw: &[u8]| Happening::Junk(Direction::Up, raw.to_vec());
        let expected =
            vec![junk(b"xy"), up(&good), up(&bad), up(&good), junk(&[0xAA, 0xF5, 9]), Happening::Closed(None)];
        assert_eq!(recorded(&[&stream]), expected);
        let hidden = [&[0xAA, 0xF5, 40, 0], good.as_slice(), &good].concat();
        let frames = recorded(&[&hidden]).into_iter().filter(|happening| *happening == up(&good)).count();
        assert_eq!(frames, 2);
    }

    fn aaf5_frame(number: u8) -> Vec<u8> {
        let mut out = Vec::new();
        let envelope = aaf5::frame::Envelope { sequence: number, ..aaf5::frame::Envelope::default() };
        aaf5::frame::write_frame(&mut out, envelope, 102, |writer| writer.put(&[0xAA; 9])).unwrap();
        out
    }

    proptest! {
        #[test]
        fn loses_no_byte_and_no_frame(cuts in prop::collection::vec(1_usize..40, 1..20), count in 1_usize..6) {
            let stream: Vec<u8> = (0..count).flat_map(|number| frame(number as u8)).collect();
            let mut pieces = Vec::new();
            let mut rest = stream.as_slice();
            for cut in cuts {
                let (piece, behind) = rest.split_at(cut.min(rest.len()));
                pieces.push(piece);
                rest = behind;
            }
            pieces.push(rest);
            prop_assert_eq!(recorded(&pieces).len(), count + 1);
        }
    }
}
