//! Frames of either protocol as a line brings them.

use voltapile_protocol::Protocol;
use voltapile_protocol::layout::Layout;
use voltapile_protocol::{aaf5, ykc};

/// Finds frames in one direction of a line.
#[derive(Debug)]
pub(super) enum Line {
    Ykc(ykc::Framer),
    Aaf5(aaf5::Framer),
}

/// What a frame brings.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "it lives as long as one look at a frame")]
pub(super) enum Brought {
    Ykc(ykc::message::Message),
    Aaf5(aaf5::Message),
    /// Nothing that can be read.
    Undecodable,
}

impl Line {
    pub(super) const fn new(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Ykc => Self::Ykc(ykc::Framer::new()),
            Protocol::Aaf5 => Self::Aaf5(aaf5::Framer::new()),
        }
    }

    /// Bytes that were no frames.
    pub(super) const fn skipped(&self) -> u64 {
        match self {
            Self::Ykc(framer) => framer.skipped().bytes,
            Self::Aaf5(framer) => framer.skipped().bytes,
        }
    }

    /// Hands out each frame: its type, its layout, what it brings.
    pub(super) fn push(&mut self, bytes: &[u8], mut found: impl FnMut(u16, Option<&'static Layout>, Brought)) {
        match self {
            Self::Ykc(framer) => framer.push(bytes, |piece| {
                let ykc::framer::Piece::Frame(frame) = piece else { return };
                let dialect = ykc::Dialect::V16;
                let message = ykc::message::Message::decode(frame.frame_type, frame.body, dialect);
                let layout = ykc::message::layout(frame.frame_type, frame.body.len(), dialect);
                found(frame.frame_type.into(), layout, message.map_or(Brought::Undecodable, Brought::Ykc));
            }),
            Self::Aaf5(framer) => framer.push(bytes, |piece| {
                let aaf5::framer::Piece::Frame(frame) = piece else { return };
                let dialect = aaf5::Dialect::default();
                let message = aaf5::Message::decode(frame.command, frame.body, dialect);
                let layout = aaf5::message::layout(frame.command, frame.body.len(), dialect);
                found(frame.command, layout, message.map_or(Brought::Undecodable, Brought::Aaf5));
            }),
        }
    }
}
