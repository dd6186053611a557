//! What happened during an exam, in order: the evidence.

use voltapile_protocol::layout::Direction;
use voltapile_protocol::time::Tick;

use crate::exam::ConnectionId;

/// What happened, in order.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    entries: Vec<TraceEntry>,
}

/// An entry's place in its trace, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct EntryId(pub usize);

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceEntry {
    /// When.
    pub at: Tick,
    /// On which connection.
    pub connection: ConnectionId,
    /// What.
    pub happening: Happening,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// The connection was made.
    Opened,
    /// A frame passed: all of its bytes, whether its CRC holds or not.
    Frame(Direction, Vec<u8>),
    /// Bytes passed in which no frame was found.
    Junk(Direction, Vec<u8>),
    /// The connection ended; who ended it (`None` when the line broke).
    Closed(Option<Direction>),
}

impl Trace {
    /// Adds what happened, and says where it stands.
    pub fn push(&mut self, entry: TraceEntry) -> EntryId {
        self.entries.push(entry);
        EntryId(self.entries.len() - 1)
    }

    /// All entries, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[TraceEntry] {
        &self.entries
    }

    /// An entry.
    #[must_use]
    pub fn get(&self, id: EntryId) -> Option<&TraceEntry> {
        self.entries.get(id.0)
    }
}
