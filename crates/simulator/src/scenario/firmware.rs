//! Firmware by its name.

use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::suggest::nearest;

use crate::model::{AAF5_FIRMWARES, Aaf5Firmware, FIRMWARES, Firmware, PileSetup};

/// The pile with the firmware of a name, of those that speak its protocol.
///
/// # Errors
/// Which firmware there is, where none has the name.
pub fn equip(setup: PileSetup, name: &str) -> Result<PileSetup, String> {
    match setup.protocol() {
        Protocol::Ykc => match Firmware::named(name) {
            Some(firmware) => Ok(setup.with_firmware(firmware)),
            None => Err(unknown(name, &FIRMWARES.each_ref().map(|firmware| firmware.name))),
        },
        Protocol::Aaf5 => match Aaf5Firmware::named(name) {
            Some(firmware) => Ok(firmware.on(setup)),
            None => Err(unknown(name, &AAF5_FIRMWARES.each_ref().map(|firmware| firmware.name))),
        },
    }
}

fn unknown(name: &str, names: &[&str]) -> String {
    let hint = nearest(name, names.iter().copied());
    let hint = hint.map(|name| format!(" (did you mean {name:?}?)")).unwrap_or_default();
    format!("there is no firmware {name:?}{hint}; known are {}", names.join(", "))
}
