//! What bytes begin with, in the protocol that is spoken or, where that is not known yet, in any.

use voltapile_protocol::{Protocol, aaf5, ykc};

/// The longest frame of all protocols.
pub(super) const LONGEST: usize = aaf5::frame::MAX_FIRMWARE_LENGTH;

/// What bytes begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begin {
    /// A frame that holds, so many bytes long.
    Frame(Protocol, usize),
    /// What may become one.
    Unfinished,
    /// No frame, whatever follows.
    Nothing,
}

impl Begin {
    /// What bytes begin with.
    pub(super) fn of(bytes: &[u8], spoken: Option<Protocol>) -> Self {
        let mut begin = Self::Nothing;
        for protocol in Protocol::ALL.into_iter().filter(|protocol| spoken.is_none_or(|only| only == *protocol)) {
            match Self::in_protocol(protocol, bytes, spoken.is_some()) {
                Self::Nothing => {}
                Self::Unfinished => begin = Self::Unfinished,
                frame @ Self::Frame(..) => return frame,
            }
        }
        begin
    }

    /// `certain` says that the protocol is known to be spoken.
    fn in_protocol(protocol: Protocol, bytes: &[u8], certain: bool) -> Self {
        match protocol {
            Protocol::Ykc => match ykc::Frame::parse(bytes) {
                Ok(frame) => Self::Frame(protocol, frame.raw.len()),
                Err(ykc::FrameError::Incomplete { .. }) => Self::Unfinished,
                Err(_) => Self::Nothing,
            },
            Protocol::Aaf5 => match aaf5::Frame::parse(bytes) {
                // Its check sum of eight bits is little proof: that of zeros always holds.
                Ok(frame) if !certain && !is_known(frame.command) => Self::Nothing,
                Ok(frame) => Self::Frame(protocol, frame.raw.len()),
                Err(aaf5::FrameError::Incomplete { .. }) => Self::Unfinished,
                Err(_) => Self::Nothing,
            },
        }
    }
}

fn is_known(command: u16) -> bool {
    aaf5::message::LAYOUTS.iter().any(|layout| layout.code == command)
}
