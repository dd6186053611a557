//! The answer to a record.

use crate::aaf5::field::{CardNumber, ConnectorNumber};
use crate::aaf5::message::{ChargeRecord, FineChargeRecord, FineRecordConfirm, Message, RecordConfirm};
use crate::wire::Text;

/// The answer to a record (201, 221): what it must repeat is read from the body, so that a record whose rest cannot be
/// read can be confirmed, too. `None` for another command and for a body that ends before.
pub(super) fn confirm(command: u16, raw: &[u8]) -> Option<Message> {
    let layout = match command {
        ChargeRecord::CODE => ChargeRecord::LAYOUT,
        FineChargeRecord::CODE => FineChargeRecord::LAYOUT,
        _ => return None,
    };
    let [connector_number] = layout.named(raw, "connector_number")?;
    let connector_number = ConnectorNumber(connector_number);
    let card_number: CardNumber = Text(layout.named(raw, "card_number")?);
    let record_index = Some(i32::from_le_bytes(layout.named(raw, "record_index")?));
    Some(if command == ChargeRecord::CODE {
        RecordConfirm { connector_number, card_number, record_index, ..Default::default() }.into()
    } else {
        FineRecordConfirm { connector_number, card_number, record_index, ..Default::default() }.into()
    })
}
