//! The answer to a record.

use crate::aaf5::field::{CardNumber, ConnectorNumber};
use crate::aaf5::message::{ChargeRecord, FineChargeRecord, FineRecordConfirm, Message, RecordConfirm};
use crate::layout::Layout;
use crate::wire::Text;

/// The answer to a record (201, 221): what it must repeat is read from the body, so that a record whose rest cannot be
/// read can be confirmed, too. `None` for another command and for a body that ends before.
pub(super) fn confirm(command: u16, raw: &[u8]) -> Option<Message> {
    let layout = match command {
        ChargeRecord::CODE => ChargeRecord::LAYOUT,
        FineChargeRecord::CODE => FineChargeRecord::LAYOUT,
        _ => return None,
    };
    let connector_number = ConnectorNumber(*field(layout, raw, "connector_number")?.first()?);
    let card_number: CardNumber = Text(*field(layout, raw, "card_number")?.first_chunk()?);
    let record_index = Some(i32::from_le_bytes(*field(layout, raw, "record_index")?.first_chunk()?));
    Some(if command == ChargeRecord::CODE {
        RecordConfirm { connector_number, card_number, record_index, ..Default::default() }.into()
    } else {
        FineRecordConfirm { connector_number, card_number, record_index, ..Default::default() }.into()
    })
}

/// The bytes of a body from where a field begins.
fn field<'b>(layout: &Layout, raw: &'b [u8], name: &str) -> Option<&'b [u8]> {
    layout.find(raw, |field| field.name == name).map(|(_, bytes)| bytes)
}
