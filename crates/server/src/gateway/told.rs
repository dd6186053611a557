//! What a message says beyond whose it is, read along its layout: battery messages, as they are kept with an order.

use serde_json::{Map, Value};
use voltapile_protocol::inspect::explain::{self, Field};
use voltapile_protocol::layout::Layout;
use voltapile_protocol::wire::Kind;

/// Fields that say whose message it is, not what it says.
const ADDRESS: [&str; 3] = ["transaction_number", "pile_code", "connector_number"];

/// A message, decoded.
pub(super) struct Told {
    /// The number of the connector as it stands there; 0 where none does.
    pub(super) connector: u64,
    pub(super) data: Value,
    /// Names of the fields that report something wrong.
    pub(super) errors: Vec<String>,
}

/// Decodes a body along its layout. `is_wrong` says which fields report something wrong.
pub(super) fn read(layout: &'static Layout, body: &[u8], fault_base: u8, is_wrong: impl Fn(&Field) -> bool) -> Told {
    let (mut data, mut errors, mut connector) = (Map::new(), Vec::new(), 0);
    for field in explain::body(layout, body, fault_base).fields {
        match field.kind {
            Kind::Reserved => continue,
            Kind::Connector { .. } => connector = field.number,
            _ => {}
        }
        if ADDRESS.contains(&field.name.as_str()) {
            continue;
        }
        if is_wrong(&field) {
            errors.push(field.name.clone());
        }
        data.insert(field.name, field.value.to_json());
    }
    Told { connector, data: Value::Object(data), errors }
}
