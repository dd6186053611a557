//! Values as they stand in a scenario's file: each checks itself, so that the parser can name the line.

use std::time::Duration;

use serde::Deserialize;
use voltapile_protocol::wire::{Ascii, Bytes};
use voltapile_protocol::ykc::code::HARDWARE_FAULTS;
use voltapile_protocol::ykc::field::{HardwareFaults, PhysicalCardNumber, PileCode};

use super::span::parse_span;
use crate::model::{AesKey, BadAesKey, VinCharacters};

/// A span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Span(pub(super) Duration);

/// A card's physical number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Card(pub(super) PhysicalCardNumber);

/// A vehicle identification number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct VinText(pub(super) VinCharacters);

/// A pile's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Code(pub(super) PileCode);

/// 16 characters of a password's MD5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct PasswordMd5(pub(super) Ascii<16>);

/// A key with which a pile encrypts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct AesKeyText(pub(super) AesKey);

/// A frame type of YKC or a command of AA F5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
pub(super) struct FrameType(pub(super) u16);

/// Conditions of broken hardware, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub(super) struct Broken(pub(super) HardwareFaults);

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        parse_span(&text).map(Self).map_err(|error| format!("{text:?} is no time: {error}"))
    }
}

impl TryFrom<String> for Card {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        parse_card(&text).map(Self)
    }
}

impl TryFrom<String> for VinText {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        parse_vin(&text).map(Self)
    }
}

impl TryFrom<String> for Code {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        parse_pile_code(&text).map(Self)
    }
}

impl TryFrom<String> for PasswordMd5 {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let bytes = <[u8; 16]>::try_from(text.as_bytes()).ok().filter(|bytes| bytes.iter().all(u8::is_ascii_hexdigit));
        let bytes = bytes.ok_or_else(|| format!("{text:?} is no MD5: expected its 16 hex digits in the middle"))?;
        Ok(Self(Ascii(bytes)))
    }
}

impl TryFrom<String> for AesKeyText {
    type Error = BadAesKey;

    fn try_from(text: String) -> Result<Self, BadAesKey> {
        text.parse().map(Self)
    }
}

impl TryFrom<i64> for FrameType {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        let fits = u16::try_from(number).map(Self);
        fits.map_err(|_| format!("{number} is no frame type and no command: expected 0 to {}", u16::MAX))
    }
}

impl TryFrom<Vec<String>> for Broken {
    type Error = String;

    fn try_from(names: Vec<String>) -> Result<Self, String> {
        names.iter().try_fold(0, |bits, name| Ok(bits | fault_bit(name)?)).map(|bits| Self(HardwareFaults(bits)))
    }
}

fn fault_bit(name: &str) -> Result<u16, String> {
    let found = HARDWARE_FAULTS.flags.iter().find(|flag| flag.name == name);
    let known = || HARDWARE_FAULTS.flags.iter().map(|flag| flag.name).collect::<Vec<_>>().join(", ");
    found.map(|flag| 1 << flag.bit).ok_or_else(|| format!("no hardware fault {name:?}; there are {}", known()))
}

/// A physical card number of up to 16 hex digits; zeros stand before a shorter one.
///
/// # Errors
/// What was expected instead.
pub fn parse_card(text: &str) -> Result<PhysicalCardNumber, String> {
    let is_number = (1..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = if is_number { u64::from_str_radix(text, 16).ok() } else { None };
    number
        .map(|number| Bytes(number.to_be_bytes()))
        .ok_or_else(|| format!("{text:?} is no card: expected a physical card number of up to 16 hex digits"))
}

/// A VIN: 17 capital letters and digits.
///
/// # Errors
/// What was expected instead.
pub fn parse_vin(text: &str) -> Result<VinCharacters, String> {
    let vin = VinCharacters::try_from(text.as_bytes()).ok();
    vin.filter(|vin| vin.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()))
        .ok_or_else(|| format!("{text:?} is no VIN: expected 17 capital letters and digits"))
}

/// A pile code of up to 14 digits; zeros stand before a shorter one.
///
/// # Errors
/// What was expected instead.
pub fn parse_pile_code(text: &str) -> Result<PileCode, String> {
    let is_number = (1..=14).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let padded = format!("{text:0>14}");
    let code = if is_number { padded.parse().ok() } else { None };
    code.ok_or_else(|| format!("{text:?} is no pile code: expected up to 14 digits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_vins_and_pile_codes_are_read_or_refused() {
        assert_eq!(parse_card("d14b0001"), Ok(Bytes([0, 0, 0, 0, 0xD1, 0x4B, 0, 1])));
        assert!(["", "xyz", "+1", "12345678901234567"].iter().all(|text| parse_card(text).is_err()));
        assert_eq!(parse_vin("LVPTEST10SA000001").unwrap(), *b"LVPTEST10SA000001");
        assert!(["lvptest10sa000001", "LVP", ""].iter().all(|text| parse_vin(text).is_err()));
        assert_eq!(parse_pile_code("32010600000021").unwrap().to_string(), "32010600000021");
        assert_eq!(parse_pile_code("7").unwrap().to_string(), "00000000000007");
        assert!(["", "3201060000002A", "320106000000210"].iter().all(|text| parse_pile_code(text).is_err()));
    }

    #[test]
    fn broken_hardware_has_the_names_of_the_protocol() {
        let names = |names: &[&str]| Broken::try_from(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(names(&[]), Ok(Broken(HardwareFaults(0))));
        assert_eq!(names(&["emergency_stop", "door_open"]), Ok(Broken(HardwareFaults(1 << 1 | 1 << 13))));
        assert!(names(&["flood"]).unwrap_err().contains("emergency_stop, no_rectifier"));
    }
}
