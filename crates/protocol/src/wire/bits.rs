//! Packed bits: codes and numbers narrower than a byte, and sets of flags.

use super::{Code, Field, Kind, Reader, Short, Writer};

/// A code in `WIDTH` bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bits<const WIDTH: u32, C>(pub C);

impl<const WIDTH: u32, C: Code<Number = u8>> Field for Bits<WIDTH, C> {
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
    /// Number of the bit as the specification prints it, counted over all bytes of the field.
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
    /// Whether piles differ in which printed bit is the lowest of the first byte; else it is bit 0.
    pub shifts: bool,
}

/// A [`FlagTable`] from `bit "name" "zh" / "en"` rows.
macro_rules! flags {
    ($name:literal, shifts $shifts:literal: $($bit:literal $key:literal $zh:literal / $en:literal,)*) => {
        $crate::wire::FlagTable {
            name: $name,
            flags: &[$($crate::wire::Flag { bit: $bit, name: $key, zh: $zh, en: $en },)*],
            shifts: $shifts,
        }
    };
}
pub(crate) use flags;

impl FlagTable {
    /// The conditions that hold in bytes, where the printed bit `base` is the lowest of the first byte.
    pub fn holding(&'static self, raw: &[u8], base: u8) -> impl Iterator<Item = &'static Flag> {
        self.flags.iter().filter(move |flag| bit_holds(raw, usize::from(flag.bit.saturating_sub(base))))
    }
}

/// Whether a bit is set, counted from the lowest of the first byte.
#[must_use]
pub fn bit_holds(raw: &[u8], bit: usize) -> bool {
    raw.get(bit / 8).is_some_and(|byte| (byte >> (bit % 8)) & 1 == 1)
}

/// A set of connectors: bit i, counted from the lowest of the first byte, is connector i + 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connectors<const N: usize>(pub [u8; N]);

impl<const N: usize> Connectors<N> {
    /// The set of these connectors; numbers that it has no bit for are left out.
    #[must_use]
    pub fn new(connectors: impl IntoIterator<Item = u8>) -> Self {
        let mut bytes = [0; N];
        for bit in connectors.into_iter().filter_map(|connector| connector.checked_sub(1)) {
            if let Some(byte) = bytes.get_mut(usize::from(bit / 8)) {
                *byte |= 1 << (bit % 8);
            }
        }
        Self(bytes)
    }

    /// Whether a connector is in it.
    #[must_use]
    pub fn contains(&self, connector: u8) -> bool {
        connector.checked_sub(1).is_some_and(|bit| bit_holds(&self.0, usize::from(bit)))
    }
}

impl<const N: usize> Default for Connectors<N> {
    fn default() -> Self {
        Self([0; N])
    }
}

array_field!(Connectors<N>, N bytes, Kind::Connectors, const N: usize);

/// The connectors whose bits are set, in order.
pub fn connectors(raw: &[u8]) -> impl Iterator<Item = usize> + '_ {
    (0..raw.len() * 8).filter(|bit| bit_holds(raw, *bit)).map(|bit| bit + 1)
}
