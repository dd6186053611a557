//! Packed bits: codes and numbers narrower than a byte, and sets of flags.

use super::{Code, Field, Kind, Reader, Short, Writer};

/// A code in `WIDTH` bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bits<const WIDTH: u32, C>(pub C);

impl<const WIDTH: u32, C: Code> Field for Bits<WIDTH, C> {
    const BITS: usize = WIDTH as usize;
    const KIND: Kind = Kind::Code(C::TABLE);

    fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        reader.take_bits(WIDTH).map(|bits| Self(C::from_number(bits as u8)))
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.put_bits(u32::from(self.0.number()), WIDTH);
    }
}

/// A scaled number in `WIDTH` bits, at most 16; its unit is volts where it has decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BitsNumber<const WIDTH: u32, const DECIMALS: u8 = 0>(pub u16);

impl<const WIDTH: u32, const DECIMALS: u8> Field for BitsNumber<WIDTH, DECIMALS> {
    const BITS: usize = WIDTH as usize;
    const KIND: Kind = Kind::number(DECIMALS, 0, if DECIMALS == 0 { "" } else { "V" });

    fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        reader.take_bits(WIDTH).map(|bits| Self(bits as u16))
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.put_bits(u32::from(self.0), WIDTH);
    }
}

/// Bits without meaning; kept as they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReservedBits<const WIDTH: u32>(pub u8);

impl<const WIDTH: u32> Field for ReservedBits<WIDTH> {
    const BITS: usize = WIDTH as usize;
    const KIND: Kind = Kind::Reserved;

    fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        reader.take_bits(WIDTH).map(|bits| Self(bits as u8))
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.put_bits(u32::from(self.0), WIDTH);
    }
}

/// One condition of a set of flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag {
    /// Number of the bit as the specification prints it.
    pub bit: u8,
    /// Stable name for machines.
    pub name: &'static str,
    /// Chinese text.
    pub zh: &'static str,
    /// English text.
    pub en: &'static str,
}

/// A set of conditions, one bit each.
#[derive(Debug, PartialEq, Eq)]
pub struct FlagTable {
    /// Name of the type.
    pub name: &'static str,
    /// The conditions by ascending bit.
    pub flags: &'static [Flag],
}

impl FlagTable {
    /// The conditions that hold in `raw`, where the printed bit N is mask `1 << (N - base)`.
    pub fn holding(&'static self, raw: u16, base: u8) -> impl Iterator<Item = &'static Flag> {
        self.flags.iter().filter(move |flag| {
            let shift = u32::from(flag.bit.saturating_sub(base));
            raw.checked_shr(shift).is_some_and(|bits| bits & 1 == 1)
        })
    }
}
