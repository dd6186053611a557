//! Frames of AA F5 in a stream.

use super::frame::{Frame, FrameError, START};
use super::relative::Relative;
pub use crate::framer::Skipped;
use crate::framer::{self, Flaw, Framing};

/// What the framer met.
pub type Piece<'a> = framer::Piece<Frame<'a>, Relative>;

/// The scanner of one connection.
pub type Framer = framer::Framer<Aaf5>;

/// How frames of AA F5 look.
#[derive(Debug, Clone, Copy, Default)]
pub struct Aaf5;

impl Framing for Aaf5 {
    type Frame<'a> = Frame<'a>;
    type Error = FrameError;
    type Relative = Relative;

    fn parse(bytes: &[u8]) -> Result<Frame<'_>, FrameError> {
        Frame::parse(bytes)
    }

    fn length(frame: &Frame<'_>) -> usize {
        frame.raw.len()
    }

    fn judge(error: FrameError, bytes: &[u8], is_first: bool) -> Flaw<Relative> {
        match error {
            FrameError::Incomplete { missing } => Flaw::Unfinished { missing },
            FrameError::NoStart => Flaw::Junk(junk(bytes)),
            FrameError::BadLength(_) => Flaw::BadLength(None),
            FrameError::BadChecksum { .. } if is_first => Flaw::BadCheck(Relative::recognise(bytes)),
            FrameError::BadChecksum { .. } => Flaw::BadCheck(None),
        }
    }

    fn relative_in_silence(bytes: &[u8]) -> Option<Relative> {
        Relative::recognise(bytes)
    }
}

/// How many bytes stand before the next that may be a start.
fn junk(bytes: &[u8]) -> usize {
    let [first, second] = START;
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == first)) {
        at += found;
        if bytes.get(at + 1).is_none_or(|byte| *byte == second) {
            return at;
        }
        at += 1;
    }
    bytes.len()
}
