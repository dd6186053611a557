//! Firmware by its name.

use crate::model::PileSetup;

/// Makes the pile one with this firmware.
pub(super) fn apply(_setup: &mut PileSetup, name: &str) -> Result<(), String> {
    Err(format!("no firmware {name:?}"))
}
