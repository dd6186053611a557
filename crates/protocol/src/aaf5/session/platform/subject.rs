//! What an answer is matched with its request by: command, and where both name them, connector, index of a parameter
//! or of a control, and number of the charge to be started. The sequence number is no help: piles send constants.

use crate::aaf5::field::{TransactionNumber, connector_in};
use crate::aaf5::message::StartRequest;
use crate::layout::Layout;
use crate::session::agree;
use crate::wire::Text;

/// What a request and its answer have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Subject {
    request: u16,
    connector: Option<u8>,
    index: Option<u32>,
    /// Which charge it is about: an answer to a start may come when the next start is already asked for.
    charge: Option<TransactionNumber>,
}

impl Subject {
    /// Of a body with a known layout: of a request with this command, or of the answer to one.
    pub(super) fn of(request: u16, layout: &Layout, body: &[u8]) -> Self {
        Self {
            request,
            connector: connector_in(layout, body),
            index: layout.named(body, "first_index").or_else(|| layout.named(body, "index")).map(u32::from_le_bytes),
            charge: if request == StartRequest::CODE { charge_in(layout, body) } else { None },
        }
    }
}

/// The charge that a body names, cut where it ends; what stands behind a zero is no part of it.
fn charge_in(layout: &Layout, body: &[u8]) -> Option<TransactionNumber> {
    let number: TransactionNumber = Text(layout.named(body, "transaction_number")?);
    Text::new(&number.text()).ok().filter(|number| !number.is_empty())
}

impl crate::session::Subject for Subject {
    fn fits(self, asked: Self) -> bool {
        self.request == asked.request
            && agree(self.connector, asked.connector)
            && agree(self.index, asked.index)
            && agree(self.charge, asked.charge)
    }
}
