//! Requests of the platform that a pile's model still has to answer.

use super::agree;

/// Requests remembered; beyond that the oldest is forgotten and its answer gets a number of its own.
const PENDING_MAX: usize = 16;

/// Requests without an answer so far, oldest first, each with what its answer has to repeat.
#[derive(Debug)]
pub(crate) struct PendingReplies<H>(Vec<PendingReply<H>>);

#[derive(Debug)]
struct PendingReply<H> {
    request: u16,
    connector: Option<u8>,
    header: H,
}

impl<H> Default for PendingReplies<H> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<H> PendingReplies<H> {
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Remembers a request by its type, or command, and the connector that it speaks of.
    pub(crate) fn remember(&mut self, request: u16, connector: Option<u8>, header: H) {
        if self.0.len() >= PENDING_MAX {
            self.0.remove(0);
        }
        self.0.push(PendingReply { request, connector, header });
    }

    /// What the answer to such a request repeats; `None` when nothing asked for it. `connector` says which one the answer
    /// speaks of, and is only asked where it matters: nearly every report answers nothing.
    pub(crate) fn take(&mut self, request: u16, connector: impl FnOnce() -> Option<u8>) -> Option<H> {
        let first = self.0.iter().position(|pending| pending.request == request)?;
        let connector = connector();
        let fits = |pending: &PendingReply<H>| pending.request == request && agree(pending.connector, connector);
        let at = self.0.iter().skip(first).position(fits)?;
        Some(self.0.remove(first + at).header)
    }
}
