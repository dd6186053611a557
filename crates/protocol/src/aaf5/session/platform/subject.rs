//! What an answer is matched with its request by: command, and where both name them, connector and index of a parameter
//! or of a control. The sequence number is no help: piles send constants.

use crate::aaf5::field::connector_in;
use crate::layout::Layout;
use crate::session::agree;

/// What a request and its answer have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Subject {
    request: u16,
    connector: Option<u8>,
    index: Option<u32>,
}

impl Subject {
    /// Of a body with a known layout: of a request with this command, or of the answer to one.
    pub(super) fn of(request: u16, layout: &Layout, body: &[u8]) -> Self {
        let index = layout.find(body, |field| matches!(field.name, "first_index" | "index"));
        Self {
            request,
            connector: connector_in(layout, body),
            index: index.and_then(|(_, bytes)| bytes.first_chunk().copied().map(u32::from_le_bytes)),
        }
    }
}

impl crate::session::Subject for Subject {
    fn fits(self, asked: Self) -> bool {
        self.request == asked.request && agree(self.connector, asked.connector) && agree(self.index, asked.index)
    }
}
