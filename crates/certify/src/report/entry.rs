//! An entry of the trace as people read it.

use voltapile_protocol::inspect::lang::Bilingual;
use voltapile_protocol::inspect::{self, Options};
use voltapile_protocol::layout::Direction;

use super::moment;
use crate::trace::{EntryId, Happening, TraceEntry};

/// An entry of the trace, explained.
pub(super) struct Entry<'a> {
    /// Its place in the trace, counted from 1 for people.
    pub(super) number: usize,
    /// Seconds since the exam began: `+12.345`.
    pub(super) at: String,
    /// The connection, counted from 1 for people.
    pub(super) connection: u32,
    /// Who sent it, for what was sent.
    pub(super) direction: Option<Direction>,
    /// What happened: `0x03 heartbeat`, `connection opened`.
    pub(super) title: Bilingual,
    /// The bytes that passed.
    pub(super) bytes: &'a [u8],
    /// The frame in them, explained.
    pub(super) frame: Option<inspect::Report>,
}

impl<'a> Entry<'a> {
    /// Explains an entry.
    pub(super) fn new(id: EntryId, entry: &'a TraceEntry) -> Self {
        let (direction, bytes, frame, title) = match &entry.happening {
            Happening::Opened => (None, &[][..], None, Bilingual::new("连接建立", "connection opened")),
            Happening::Closed(by) => (None, &[][..], None, closed(*by)),
            Happening::Junk(direction, bytes) => (Some(*direction), bytes.as_slice(), None, junk(bytes.len())),
            Happening::Frame(direction, bytes) => {
                let frame = explain(bytes);
                let title = frame.as_ref().map_or_else(|| junk(bytes.len()), title);
                (Some(*direction), bytes.as_slice(), frame, title)
            }
        };
        let (number, at) = (id.0 + 1, moment::since_begin(entry.at.0));
        Self { number, at, connection: u32::from(entry.connection.0) + 1, direction, title, bytes, frame }
    }

    /// `→` for what a pile sends, `←` for what a platform sends.
    pub(super) const fn arrow(&self) -> &'static str {
        match self.direction {
            Some(Direction::Up) => "→",
            Some(Direction::Down) => "←",
            None => "·",
        }
    }
}

/// The frame in bytes that are one frame.
pub(super) fn explain(bytes: &[u8]) -> Option<inspect::Report> {
    inspect::inspect(bytes, Options::default()).reports.into_iter().next()
}

fn title(frame: &inspect::Report) -> Bilingual {
    let Some(header) = frame.header else { return junk(frame.raw.len()) };
    let kind = frame.type_text(header);
    match frame.layout {
        Some(layout) => Bilingual::new(format!("{kind} {}", layout.zh), format!("{kind} {}", layout.en)),
        None => Bilingual::new(format!("{kind} 未知类型"), format!("{kind} unknown type")),
    }
}

fn junk(length: usize) -> Bilingual {
    Bilingual::new(
        format!("{length} 字节，不成帧"),
        format!("{length} {}, no frame", if length == 1 { "byte" } else { "bytes" }),
    )
}

fn closed(by: Option<Direction>) -> Bilingual {
    match by {
        Some(Direction::Up) => Bilingual::new("桩关闭连接", "pile closed the connection"),
        Some(Direction::Down) => Bilingual::new("平台关闭连接", "platform closed the connection"),
        None => Bilingual::new("连接中断", "connection broken"),
    }
}
