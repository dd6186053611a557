//! Requests of the platform that the model still has to answer: an answer repeats sequence number and reserved fields.

use super::send::Header;
use crate::aaf5::field::connector_in;
use crate::aaf5::message::Message;
use crate::session::agree;
use crate::wire::Writer;

/// Requests remembered; beyond that the oldest is forgotten and its answer gets a number of its own.
const PENDING_MAX: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pending {
    command: u16,
    connector: Option<u8>,
    header: Header,
}

/// Requests without an answer so far, oldest first.
#[derive(Debug, Default)]
pub(super) struct PendingReplies {
    pending: Vec<Pending>,
}

impl PendingReplies {
    pub(super) fn clear(&mut self) {
        self.pending.clear();
    }

    /// Remembers a request.
    pub(super) fn remember(&mut self, request: &Message, header: Header) {
        if self.pending.len() >= PENDING_MAX {
            self.pending.remove(0);
        }
        self.pending.push(Pending { command: request.frame_type(), connector: connector_of(request), header });
    }

    /// What an answer repeats; `None` when nothing asked for it.
    pub(super) fn take(&mut self, answer: &Message) -> Option<Header> {
        let command = answer.layout()?.reply_to?;
        let connector = connector_of(answer);
        let at = self
            .pending
            .iter()
            .position(|pending| pending.command == command && agree(pending.connector, connector))?;
        Some(self.pending.remove(at).header)
    }
}

/// The connector that a request or its answer speaks of.
fn connector_of(message: &Message) -> Option<u8> {
    let mut body = Vec::new();
    message.write(&mut Writer::new(&mut body));
    connector_in(message.layout()?, &body)
}
