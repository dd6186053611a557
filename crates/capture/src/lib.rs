//! What passed between piles and platforms, as files keep it: pcap and pcapng to conversations of bytes, and back.
//!
//! Nothing here knows a protocol: a conversation is two addresses and what each side said when, in the order in which
//! the other side's TCP would have handed it on. Nothing here opens a file or reads a clock either.

pub mod read;
pub mod write;

use std::net::SocketAddr;

/// A moment on the wall clock: microseconds since 1970 in UTC, as captures have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub u64);

/// A side of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Who dialled: the pile.
    Client,
    /// Who was dialled: the platform.
    Server,
}

/// Both ends of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ends {
    /// Who dialled.
    pub client: SocketAddr,
    /// Who was dialled.
    pub server: SocketAddr,
}
