//! What an answer is matched with its request by: pile, type and (where both name them) transaction number and
//! connector.

use crate::layout::Layout;
use crate::session::agree;
use crate::ykc::field::{PileCode, connector_in};

/// What a request and its answer have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) pile: PileCode,
    request_type: u16,
    transaction: Option<[u8; 16]>,
    connector: Option<u8>,
}

impl Subject {
    /// Of a body with a known layout: of a request of this type, or of the answer to one.
    pub(super) fn of(pile: PileCode, request_type: u16, layout: &Layout, body: &[u8]) -> Self {
        Self {
            pile,
            request_type,
            transaction: layout.named(body, "transaction_number"),
            connector: connector_in(layout, body),
        }
    }
}

impl crate::session::Subject for Subject {
    fn fits(self, asked: Self) -> bool {
        self.pile == asked.pile
            && self.request_type == asked.request_type
            && agree(self.transaction, asked.transaction)
            && agree(self.connector, asked.connector)
    }
}
