//! What the inspector needs to know of each protocol: what it is called, its layouts, and where bodies stand in frames.

use crate::family::Protocol;
use crate::layout::Layout;
use crate::{aaf5, ykc};

/// What people call a protocol, in Chinese and English.
#[must_use]
pub const fn title(protocol: Protocol) -> (&'static str, &'static str) {
    match protocol {
        Protocol::Ykc => ("云快充", "YKC"),
        Protocol::Aaf5 => ("AA F5", "AA F5"),
    }
}

/// All layouts of a protocol; of several for one type the usual one comes last.
#[must_use]
pub const fn layouts(protocol: Protocol) -> &'static [&'static Layout] {
    match protocol {
        Protocol::Ykc => ykc::message::LAYOUTS,
        Protocol::Aaf5 => aaf5::message::LAYOUTS,
    }
}

/// The layout of a frame type for a body of `length` bytes; the dialect is YKC's.
#[must_use]
pub fn layout(protocol: Protocol, frame_type: u16, length: usize, dialect: ykc::Dialect) -> Option<&'static Layout> {
    match protocol {
        Protocol::Ykc => ykc::message::layout(u8::try_from(frame_type).ok()?, length, dialect),
        Protocol::Aaf5 => aaf5::message::layout(frame_type, length, aaf5::Dialect::Standard),
    }
}

/// Bytes of a frame before its body.
#[must_use]
pub const fn header_length(protocol: Protocol) -> usize {
    match protocol {
        Protocol::Ykc => ykc::frame::HEADER_LENGTH,
        Protocol::Aaf5 => aaf5::frame::HEADER_LENGTH,
    }
}

/// The longest body that tells layouts apart: longer ones have the layout of this one.
#[must_use]
pub const fn longest_body(protocol: Protocol) -> usize {
    match protocol {
        Protocol::Ykc => ykc::frame::MAX_BODY,
        Protocol::Aaf5 => aaf5::frame::MAX_LENGTH - aaf5::frame::MIN_LENGTH,
    }
}
