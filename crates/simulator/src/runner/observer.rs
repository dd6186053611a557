//! Whoever watches what passes between virtual piles and their platform: an interactive page, a capture, a checker.

use voltapile_protocol::layout::Direction;
use voltapile_protocol::ykc::field::PileCode;

use crate::model::Moment;

/// Watches lines. Called from the piles' tasks as things happen, so it must be quick and never wait.
pub trait Observer: Send + Sync {
    /// A connection was made; the addresses of both ends are the pile's and the platform's.
    fn connected(&self, pile: PileCode, now: Moment, ends: Ends);

    /// Bytes passed: exactly what one write or read moved, after line faults have had their way with it.
    fn passed(&self, pile: PileCode, now: Moment, direction: Direction, bytes: &[u8]);

    /// The connection ended, and why.
    fn disconnected(&self, pile: PileCode, now: Moment, reason: &str);
}

/// Both ends of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// The pile's address.
    pub pile: std::net::SocketAddr,
    /// The platform's.
    pub platform: std::net::SocketAddr,
}
