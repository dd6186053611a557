//! Firmware by its name.

use voltapile_protocol::inspect::suggest::nearest;

use crate::model::{FIRMWARES, Firmware};

/// The firmware of a name.
///
/// # Errors
/// Which firmware there is, where none has the name.
pub fn find_firmware(name: &str) -> Result<&'static Firmware, String> {
    Firmware::named(name).ok_or_else(|| {
        let names: Vec<&str> = FIRMWARES.iter().map(|firmware| firmware.name).collect();
        let hint = nearest(name, names.iter().copied());
        let hint = hint.map(|name| format!(" (did you mean {name:?}?)")).unwrap_or_default();
        format!("there is no firmware {name:?}{hint}; known are {}", names.join(", "))
    })
}
