//! Numbers of the model at the width and with the offset of the wire.

use voltapile_protocol::wire::Celsius;

/// A temperature with the wire's offset of −50 °C.
pub(super) fn celsius(temperature: i64) -> Celsius<-50> {
    Celsius::from_raw(u8::try_from((temperature + 50).max(0)).unwrap_or(u8::MAX))
}

/// Two bytes; what is more is the most.
pub(super) fn word(value: u64) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}

/// Four bytes; what is more is the most.
pub(super) fn narrow(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
