//! Requests of the platform that the model still has to answer: a reply repeats the sequence number of its request.

use crate::layout::Layout;
use crate::wire::Writer;
use crate::ykc::field::{PileCode, connector_in};
use crate::ykc::message::Message;

/// Requests remembered; beyond that the oldest is forgotten and its reply gets a number of its own.
const PENDING_MAX: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pending {
    request_type: u16,
    connector: Option<u8>,
    sequence: [u8; 2],
}

/// Requests without a reply so far, oldest first.
#[derive(Debug, Default)]
pub(super) struct PendingReplies {
    pending: Vec<Pending>,
}

impl PendingReplies {
    pub(super) fn clear(&mut self) {
        self.pending.clear();
    }

    /// Remembers a request.
    pub(super) fn remember(&mut self, request: &Message, sequence: [u8; 2]) {
        if self.pending.len() >= PENDING_MAX {
            self.pending.remove(0);
        }
        let request_type = u16::from(request.frame_type());
        self.pending.push(Pending { request_type, connector: connector_of(request), sequence });
    }

    /// The sequence number for a reply; `None` when nothing asked for it.
    pub(super) fn take(&mut self, reply: &Message) -> Option<[u8; 2]> {
        let request_type = reply.layout()?.reply_to?;
        // Nearly every 0x13 answers nothing: only what may answer something is looked into.
        self.pending.iter().find(|pending| pending.request_type == request_type)?;
        let connector = connector_of(reply);
        let at = self.pending.iter().position(|pending| {
            let same_connector = pending.connector.zip(connector).is_none_or(|(asked, answered)| asked == answered);
            pending.request_type == request_type && same_connector
        })?;
        Some(self.pending.remove(at).sequence)
    }
}

/// The connector that a request or its reply speaks of.
fn connector_of(message: &Message) -> Option<u8> {
    let mut body = Vec::new();
    message.write(&mut Writer::new(&mut body));
    connector_in(message.layout()?, &body)
}

/// The pile that a body names; `None` where its layout names none or the body ends before.
pub(super) fn addressee(layout: &Layout, body: &[u8]) -> Option<PileCode> {
    let (_, bytes) = layout.find(body, |field| field.name == "pile_code")?;
    bytes.first_chunk().map(|code| PileCode(*code))
}
