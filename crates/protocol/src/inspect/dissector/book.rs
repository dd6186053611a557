//! What the dissector is told of each protocol: its declarations, and the runtime that knows its framing.

use super::super::declared;
use super::lua::string;
use crate::family::Protocol;
use crate::layout::Layout;
use crate::{aaf5, ykc};

/// A protocol as the dissector needs it.
pub(super) struct Book {
    pub(super) protocol: Protocol,
    /// All layouts.
    pub(super) layouts: &'static [&'static Layout],
    /// How many dialects it has.
    pub(super) dialects: usize,
    /// The longest body.
    pub(super) longest_body: usize,
    /// The part of the runtime that knows its framing.
    pub(super) framing: &'static str,
    /// What that part is told: statements in Lua.
    pub(super) constants: fn() -> String,
    /// What the list of packets calls it.
    abbreviation: &'static str,
    /// Its title before each frame, in Chinese and English.
    title: (&'static str, &'static str),
    /// Its name in the list of protocols.
    name: (&'static str, &'static str),
}

const YKC: Book = Book {
    protocol: Protocol::Ykc,
    layouts: declared::layouts(Protocol::Ykc),
    dialects: ykc::Dialect::ALL.len(),
    longest_body: ykc::frame::MAX_BODY,
    framing: include_str!("runtime/ykc.lua"),
    constants: String::new,
    abbreviation: "YKC",
    title: ("云快充", "YKC"),
    name: ("云快充充电桩协议", "YKC charging pile protocol"),
};

const AAF5: Book = Book {
    protocol: Protocol::Aaf5,
    layouts: declared::layouts(Protocol::Aaf5),
    dialects: 1,
    longest_body: aaf5::frame::MAX_FIRMWARE_LENGTH - aaf5::frame::MIN_LENGTH,
    framing: include_str!("runtime/aaf5.lua"),
    constants: longest_frames,
    abbreviation: "AA F5",
    title: ("盛弘", "AA F5"),
    name: ("盛弘 AA F5 充电桩协议", "AA F5 charging pile protocol"),
};

/// How long frames of AA F5 may be.
fn longest_frames() -> String {
    use aaf5::frame::{FIRMWARE_DATA, MAX_FIRMWARE_LENGTH, MAX_LENGTH};
    format!(
        "own.longest = {{ usual = {MAX_LENGTH}, type = {FIRMWARE_DATA}, [{FIRMWARE_DATA}] = {MAX_FIRMWARE_LENGTH} }}\n"
    )
}

impl Book {
    /// That of a protocol.
    pub(super) const fn of(protocol: Protocol) -> &'static Self {
        match protocol {
            Protocol::Ykc => &YKC,
            Protocol::Aaf5 => &AAF5,
        }
    }

    /// The layout of a frame type for a body of a length, in the dialect of a place.
    pub(super) fn choice(&self, frame_type: u16, length: usize, dialect: usize) -> Option<&'static Layout> {
        declared::layout(self.protocol, frame_type, length, *ykc::Dialect::ALL.get(dialect)?)
    }

    /// The call that makes the protocol in Lua.
    pub(super) fn maker(&self) -> String {
        let texts = [self.protocol.name(), self.abbreviation].map(string).join(", ");
        let (title, name) = (super::lua::pair(self.title.0, self.title.1), [self.name.0, self.name.1].map(string));
        format!("new_protocol({texts}, {title}, {})", name.join(", "))
    }
}
