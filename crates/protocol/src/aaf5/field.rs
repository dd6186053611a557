//! Field types of AA F5: names of 32 bytes, outlets, the year that a BMS tells.

use super::code::ALARMS;
use crate::layout::Layout;
use crate::wire::{Field, Flag, Kind, Reader, Short, Text, Writer, array_field};

/// Number of a pile: up to 31 letters, digits, `-` and `_`. What stands behind its zero may be garbage.
pub type PileCode = Text<32>;
/// Number of a charge: up to 32 letters, digits, `-` and `_`, made by the platform, or by the pile where it has none.
pub type TransactionNumber = Text<32>;
/// Number of a card or of a user.
pub type CardNumber = Text<32>;

/// Half hours of a day.
pub const SLOTS: usize = 48;
/// Periods of a tariff.
pub const PERIODS: usize = 12;

/// Number of an outlet, from 1; piles with one outlet may say 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ConnectorNumber(pub u8);

impl ConnectorNumber {
    /// The number meant: 0 is the only outlet of its pile.
    #[must_use]
    pub const fn number(self) -> u8 {
        if self.0 == 0 { 1 } else { self.0 }
    }
}

/// The same in two bytes (302).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct WideConnectorNumber(pub u16);

impl WideConnectorNumber {
    /// The number meant: 0 is the only outlet of its pile.
    #[must_use]
    pub const fn number(self) -> u8 {
        let [low, _] = self.0.to_le_bytes();
        ConnectorNumber(low).number()
    }
}

macro_rules! connector_field {
    ($name:ident: $number:ident) => {
        impl Field for $name {
            const BITS: usize = $number::BITS as usize;
            const KIND: Kind = Kind::Connector { binary: true };

            #[inline]
            fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
                Field::read(reader).map(Self)
            }

            #[inline]
            fn write(&self, writer: &mut Writer<'_>) {
                Field::write(&self.0, writer);
            }
        }
    };
}
connector_field!(ConnectorNumber: u8);
connector_field!(WideConnectorNumber: u16);

/// The outlet that a body speaks of; `None` where its layout names none or the body ends before.
#[must_use]
pub fn connector_in(layout: &Layout, body: &[u8]) -> Option<u8> {
    let (_, bytes) = layout.find(body, |field| matches!(field.kind, Kind::Connector { .. }))?;
    bytes.first().map(|byte| ConnectorNumber(*byte).number())
}

/// Alarm bits of a pile (108).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Alarms(pub [u8; 32]);

impl Alarms {
    /// The alarms that hold; reserved bits among them.
    pub fn holding(&self) -> impl Iterator<Item = &'static Flag> {
        ALARMS.holding(&self.0, 0)
    }
}

array_field!(Alarms, 32 bytes, Kind::Flags(&ALARMS));

/// A year in two bytes. The document says low byte first, its examples are high byte first, and both occur (§6.14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Year(pub u16);

impl Year {
    /// The year, in whichever order it is one of this century; `None` when it is in neither.
    #[must_use]
    pub fn year(self) -> Option<u16> {
        [self.0, self.0.swap_bytes()].into_iter().find(|year| (2000..=2100).contains(year))
    }
}

impl Field for Year {
    const BITS: usize = 16;
    const KIND: Kind = Kind::plain_number();

    fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        Field::read(reader).map(Self)
    }

    fn write(&self, writer: &mut Writer<'_>) {
        Field::write(&self.0, writer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outlet_zero_is_the_only_one() {
        assert_eq!([0, 1, 2, 255].map(|number| ConnectorNumber(number).number()), [1, 1, 2, 255]);
        assert_eq!([0x0000, 0x0002, 0x0100].map(|number| WideConnectorNumber(number).number()), [1, 2, 1]);
    }

    #[test]
    fn a_year_is_read_in_either_order() {
        assert_eq!([0x07E0, 0xDF07, 0x0000, 0xFFFF].map(|raw| Year(raw).year()), [Some(2016), Some(2015), None, None]);
    }

    #[test]
    fn what_stands_behind_the_zero_means_nothing() {
        let mut code = PileCode::new("P-1_a").unwrap();
        let clean = code;
        code.0[6..].fill(0xA5);
        assert_ne!(code, clean, "its bytes are kept");
        assert!(code.says(&clean) && code.text() == "P-1_a");
        assert!(Text::<17>([0xFF; 17]).is_empty());
    }
}
