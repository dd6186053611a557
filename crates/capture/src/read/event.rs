//! What an assembler finds in packets.

use std::collections::BTreeMap;

use super::Skipped;
use crate::{Ends, Side, Timestamp};

/// Something that was found, in the order of the packets that made it certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// A conversation began.
    Opened(Opened),
    /// A side said something: its bytes in the order in which the other side's TCP handed them on.
    Flight(Flight<'a>),
    /// Bytes came once more; what was said first counts.
    Repeated(Repeated<'a>),
    /// A conversation ended.
    Closed {
        /// Its number.
        conversation: usize,
        /// When.
        at: Timestamp,
        /// How.
        end: End,
    },
    /// Something is wrong or missing.
    Problem {
        /// In which packet it was noticed, from 1.
        packet: u64,
        /// When.
        at: Timestamp,
        /// What it is.
        problem: Problem,
    },
}

/// The begin of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// Its number, from 1 in the order of begin.
    pub conversation: usize,
    /// When.
    pub at: Timestamp,
    /// Who talks to whom.
    pub ends: Ends,
    /// How it is known who dialled.
    pub known: Known,
}

/// How it is known which side is the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// The capture has the begin of the connection.
    Handshake,
    /// It begins in the middle of the connection: who has the higher port is taken for the client.
    Ports,
    /// Both ports are the same: who spoke first is taken for the client.
    FirstWord,
}

/// Bytes of a side that follow each other, from one packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flight<'a> {
    /// The conversation.
    pub conversation: usize,
    /// When the packet passed.
    pub at: Timestamp,
    /// The packet's number, from 1.
    pub packet: u64,
    /// Who sent it.
    pub side: Side,
    /// Bytes missing from the capture before these.
    pub gap: u64,
    /// Where the bytes stand in what the side has said, gaps counted.
    pub position: u64,
    /// Where they stand in the file.
    pub offset: usize,
    /// The bytes; none where only a gap is told, at the end of a conversation.
    pub bytes: &'a [u8],
}

/// Bytes that had come before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeated<'a> {
    /// The conversation.
    pub conversation: usize,
    /// Who sent them.
    pub side: Side,
    /// Where they stand in what the side has said; `None` where that is not known, before its first word or behind its
    /// last.
    pub position: Option<u64>,
    /// Where they stand in the file.
    pub offset: usize,
    /// The bytes.
    pub bytes: &'a [u8],
}

/// How a conversation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Both sides said so.
    Finished,
    /// One side broke it off.
    Reset(Side),
    /// The same ports began a new one.
    Replaced,
    /// Too many were open; this one had been silent for longest.
    Evicted,
    /// The capture ended.
    Capture,
}

/// Something that is wrong or missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Bytes are missing from the capture.
    #[error("connection {conversation}: {bytes} bytes are missing from the capture")]
    Gap {
        /// The conversation.
        conversation: usize,
        /// Who sent them.
        side: Side,
        /// How many.
        bytes: u64,
    },
    /// The numbers of a side jumped so far that what lies between cannot be counted.
    #[error("connection {conversation}: the sequence numbers jump; what follows is taken as it comes")]
    Jump {
        /// The conversation.
        conversation: usize,
        /// Whose numbers.
        side: Side,
    },
    /// A packet was left out. Each reason is told once; the statistics count them.
    #[error("left out: {0}")]
    Skipped(Skipped),
}

/// What an assembler has seen, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Packets in all.
    pub packets: u64,
    /// Those with a segment of TCP.
    pub segments: u64,
    /// Conversations.
    pub conversations: u64,
    /// Bytes handed on.
    pub bytes: u64,
    /// Bytes that had come before, keep-alives excluded.
    pub repeated: u64,
    /// Segments that came too early.
    pub reordered: u64,
    /// Segments that only ask whether the other side is there.
    pub keep_alives: u64,
    /// Runs of bytes that are missing.
    pub gaps: u64,
    /// Bytes that are missing.
    pub missing: u64,
    /// Packets that were captured with fewer bytes than they had.
    pub cut: u64,
    /// Packets that were left out, by reason.
    pub skipped: BTreeMap<Skipped, u64>,
}
