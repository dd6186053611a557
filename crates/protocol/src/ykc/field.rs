//! Field types of YKC: numbers in BCD, outlets, half-hour slots, fault bits.

use super::code::{HARDWARE_FAULTS, Tier};
use crate::layout::Layout;
use crate::wire::{
    Bytes, Code, Field, Kind, Reader, Short, Writer, array_field, bcd_field, is_decimal, rest_field, text,
};

bcd_field! {
    /// Number of a pile: 14 digits, zeros on the left.
    PileCode: 7 bytes, letters usual false;
    /// Number of a transaction: 32 digits, opaque (OQ-06); all zero means "no order".
    TransactionNumber: 16 bytes, letters usual false;
    /// Number printed on a card: 16 digits.
    LogicalCardNumber: 8 bytes, letters usual false;
    /// Number of a tariff on the wire: 4 digits, opaque (OQ-07).
    TariffId: 2 bytes, letters usual false;
    /// Number that joins the connectors of one parallel charge: yyMMddHHmmss.
    ParallelSessionNumber: 6 bytes, letters usual false;
    /// Number of a SIM card: 20 digits; real ones may hold hex letters.
    Iccid: 10 bytes, letters usual true;
    /// Number of a meter: 12 digits.
    MeterNumber: 6 bytes, letters usual false;
}

/// Number that a card reader gives: opaque, never to be swapped or trimmed.
pub type PhysicalCardNumber = Bytes<8>;

impl TransactionNumber {
    /// Whether it says "no order".
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0 == [0; 16]
    }
}

/// Number of an outlet, from 1. `BINARY` is for frames that write it as a plain number (0x61–0x63).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ConnectorNumber<const BINARY: bool = false>(pub u8);

impl<const BINARY: bool> ConnectorNumber<BINARY> {
    /// The number meant: 1..9 read alike in BCD and binary; above, BCD is believed where both digits are decimal (OQ-05).
    #[must_use]
    pub const fn number(self) -> u8 {
        connector_number(self.0, BINARY)
    }
}

impl ConnectorNumber {
    /// The byte for an outlet's number, in BCD.
    #[must_use]
    pub const fn bcd(number: u8) -> Self {
        if number > 99 { Self(number) } else { Self(number / 10 * 16 + number % 10) }
    }
}

/// The outlet that a byte means.
#[must_use]
pub const fn connector_number(byte: u8, binary: bool) -> u8 {
    if binary || byte >> 4 > 9 || byte & 0x0F > 9 { byte } else { (byte >> 4) * 10 + (byte & 0x0F) }
}

/// The outlet that a body speaks of; `None` where its layout names none or the body ends before.
#[must_use]
pub fn connector_in(layout: &Layout, body: &[u8]) -> Option<u8> {
    let (field, bytes) = layout.find(body, |field| matches!(field.kind, Kind::Connector { .. }))?;
    let binary = matches!(field.kind, Kind::Connector { binary: true });
    bytes.first().map(|byte| connector_number(*byte, binary))
}

impl<const BINARY: bool> Field for ConnectorNumber<BINARY> {
    const BITS: usize = 8;
    const KIND: Kind = Kind::Connector { binary: BINARY };

    #[inline]
    fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        reader.take().map(|[number]| Self(number))
    }

    #[inline]
    fn write(&self, writer: &mut Writer<'_>) {
        writer.put(&[self.0]);
    }
}

/// Half hours of a day.
pub const SLOTS: usize = 48;

/// The tier of each half hour, 00:00–00:30 first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TariffSlots(pub [u8; SLOTS]);

impl Default for TariffSlots {
    fn default() -> Self {
        Self([0; SLOTS])
    }
}

impl std::fmt::Debug for TariffSlots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|slot| write!(f, "{slot:x}"))
    }
}

array_field!(TariffSlots, SLOTS bytes, Kind::TariffSlots(Tier::TABLE));

/// Hardware faults of 0x13. Whether the printed "Bit1" is mask 0x0002 or 0x0001 depends on the pile's profile (OQ-10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HardwareFaults(pub u16);

impl Field for HardwareFaults {
    const BITS: usize = 16;
    const KIND: Kind = Kind::Flags(&HARDWARE_FAULTS);

    #[inline]
    fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        reader.take().map(|bytes| Self(u16::from_le_bytes(bytes)))
    }

    #[inline]
    fn write(&self, writer: &mut Writer<'_>) {
        writer.put(&self.0.to_le_bytes());
    }
}

/// Digits of a SIM card up to the end of the body. The layout is not public: piles answer in BCD or in ASCII.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SimDigits(pub Box<[u8]>);

impl SimDigits {
    /// The digits, read as ASCII where every byte is an ASCII digit or letter, else as BCD.
    #[must_use]
    pub fn digits(&self) -> String {
        sim_digits(&self.0)
    }
}

/// See [`SimDigits::digits`].
#[must_use]
pub fn sim_digits(bytes: &[u8]) -> String {
    let trimmed = text(bytes);
    let ascii = trimmed.len() >= 10 && trimmed.chars().all(|digit| digit.is_ascii_hexdigit());
    if ascii && !(is_decimal(bytes) && bytes.len() <= 10) { trimmed } else { crate::wire::digits(bytes) }
}

rest_field!(SimDigits, Kind::SimDigits);
