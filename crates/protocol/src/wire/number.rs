//! Scaled numbers: the raw integer as it stands on the wire; decimals, offset and unit are in the type.

use super::{Field, Kind, Reader, Short, Writer};

/// A number whose value is `raw / 10^DECIMALS + OFFSET`.
pub trait Quantity: Field + Copy {
    /// Decimal places of the value.
    const DECIMALS: u8;
    /// Added to the scaled raw number.
    const OFFSET: i32;

    /// The integer on the wire.
    fn raw(self) -> u64;

    /// The value times `10^DECIMALS`, offset included: exact, without floats.
    fn scaled(self) -> i64 {
        i64::try_from(self.raw()).unwrap_or(i64::MAX) + i64::from(Self::OFFSET) * 10_i64.pow(u32::from(Self::DECIMALS))
    }
}

macro_rules! quantities {
    ($($(#[doc = $doc:literal])* $name:ident<$($parameter:ident: $type:ty $(= $default:literal)?),*>: $repr:ty,
        $bytes:literal bytes, decimals $decimals:expr, offset $offset:expr, unit $unit:literal $(, range $low:literal..=$high:literal)?;)*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Hash)]
        pub struct $name<$(const $parameter: $type $(= $default)?),*>($repr);

        impl<$(const $parameter: $type),*> $name<$($parameter),*> {
            /// From the integer on the wire; bits beyond the field's width are dropped.
            #[must_use]
            pub const fn from_raw(raw: $repr) -> Self {
                Self(raw & (<$repr>::MAX >> (<$repr>::BITS - $bytes * 8)))
            }
        }

        impl<$(const $parameter: $type),*> Quantity for $name<$($parameter),*> {
            const DECIMALS: u8 = $decimals;
            const OFFSET: i32 = $offset;

            fn raw(self) -> u64 {
                u64::from(self.0)
            }
        }

        impl<$(const $parameter: $type),*> Field for $name<$($parameter),*> {
            const BITS: usize = $bytes * 8;
            const KIND: Kind = Kind::Number {
                signed: false,
                decimals: $decimals, offset: $offset, unit: $unit, range: quantities!(@range $($low..=$high)?),
            };

            #[inline]
            fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
                let bytes = reader.take::<$bytes>()?;
                Ok(Self(bytes.iter().rev().fold(0, |value, byte| (value << 4 << 4) | <$repr>::from(*byte))))
            }

            #[inline]
            fn write(&self, writer: &mut Writer<'_>) {
                writer.put_number(u64::from(self.0), $bytes);
            }
        }
    )*};
    (@range) => { None };
    (@range $low:literal..=$high:literal) => { Some(($low, $high)) };
}

quantities! {
    /// Volts in 2 bytes.
    Volts<DECIMALS: u8>: u16, 2 bytes, decimals DECIMALS, offset 0, unit "V";
    /// Volts in 4 bytes.
    Volts32<DECIMALS: u8>: u32, 4 bytes, decimals DECIMALS, offset 0, unit "V";
    /// Volts of one battery cell in 2 bytes.
    CellVolts<DECIMALS: u8>: u16, 2 bytes, decimals DECIMALS, offset 0, unit "V";
    /// Volts of one battery cell in 4 bytes.
    CellVolts32<DECIMALS: u8>: u32, 4 bytes, decimals DECIMALS, offset 0, unit "V";
    /// Amperes in 2 bytes; GB/T 27930 values have an offset of −400 A.
    Amps<DECIMALS: u8, OFFSET: i32 = 0>: u16, 2 bytes, decimals DECIMALS, offset OFFSET, unit "A";
    /// Amperes in 4 bytes.
    Amps32<DECIMALS: u8>: u32, 4 bytes, decimals DECIMALS, offset 0, unit "A";
    /// Degrees Celsius in 1 byte with an offset.
    Celsius<OFFSET: i32>: u8, 1 bytes, decimals 0, offset OFFSET, unit "°C";
    /// Per cent in 1 byte.
    Percent<>: u8, 1 bytes, decimals 0, offset 0, unit "%", range 0..=100;
    /// Per cent in 2 bytes with decimals.
    Percent16<DECIMALS: u8>: u16, 2 bytes, decimals DECIMALS, offset 0, unit "%", range 0..=100;
    /// Per cent of a pile's highest power in 1 byte; the specification allows 30 to 100.
    PowerPercent<>: u8, 1 bytes, decimals 0, offset 0, unit "%", range 30..=100;
    /// Power in 2 bytes.
    Kilowatts<DECIMALS: u8>: u16, 2 bytes, decimals DECIMALS, offset 0, unit "kW";
    /// Power in 4 bytes.
    Kilowatts32<DECIMALS: u8>: u32, 4 bytes, decimals DECIMALS, offset 0, unit "kW";
    /// Seconds in 1 byte.
    SecondsByte<>: u8, 1 bytes, decimals 0, offset 0, unit "s";
    /// Seconds in 4 bytes.
    Seconds<>: u32, 4 bytes, decimals 0, offset 0, unit "s";
    /// Minutes in 1 byte.
    MinutesByte<>: u8, 1 bytes, decimals 0, offset 0, unit "min";
    /// Minutes in 2 bytes.
    Minutes<>: u16, 2 bytes, decimals 0, offset 0, unit "min";
    /// Minutes in 4 bytes.
    Minutes32<>: u32, 4 bytes, decimals 0, offset 0, unit "min";
    /// Energy in 4 bytes.
    KilowattHours<DECIMALS: u8>: u32, 4 bytes, decimals DECIMALS, offset 0, unit "kWh";
    /// Energy in 2 bytes, as a BMS tells it.
    KilowattHours16<DECIMALS: u8>: u16, 2 bytes, decimals DECIMALS, offset 0, unit "kWh";
    /// Energy in 1 byte: a further digit of another field.
    KilowattHours8<DECIMALS: u8>: u8, 1 bytes, decimals DECIMALS, offset 0, unit "kWh";
    /// A meter's reading in 5 bytes.
    MeterReading<DECIMALS: u8>: u64, 5 bytes, decimals DECIMALS, offset 0, unit "kWh";
    /// Money in 4 bytes.
    Yuan<DECIMALS: u8>: u32, 4 bytes, decimals DECIMALS, offset 0, unit "CNY";
    /// A price in 4 bytes.
    YuanPerKwh<DECIMALS: u8>: u32, 4 bytes, decimals DECIMALS, offset 0, unit "CNY/kWh";
    /// A price in 2 bytes.
    YuanPerKwh16<DECIMALS: u8>: u16, 2 bytes, decimals DECIMALS, offset 0, unit "CNY/kWh";
    /// Battery capacity in 2 bytes.
    AmpHours<DECIMALS: u8>: u16, 2 bytes, decimals DECIMALS, offset 0, unit "Ah";
    /// Battery capacity in 4 bytes.
    AmpHours32<DECIMALS: u8>: u32, 4 bytes, decimals DECIMALS, offset 0, unit "Ah";
    /// A number of 2 bytes with decimals.
    Decimal16<DECIMALS: u8>: u16, 2 bytes, decimals DECIMALS, offset 0, unit "";
    /// A number of 4 bytes with decimals.
    Decimal32<DECIMALS: u8>: u32, 4 bytes, decimals DECIMALS, offset 0, unit "";
    /// A number of 1 byte that is counted from its offset.
    Ordinal<OFFSET: i32>: u8, 1 bytes, decimals 0, offset OFFSET, unit "";
    /// A number of 3 bytes.
    Count<>: u32, 3 bytes, decimals 0, offset 0, unit "";
    /// A number of 4 bytes that is counted from its offset.
    Wide<OFFSET: i32>: u32, 4 bytes, decimals 0, offset OFFSET, unit "";
}

/// Amperes in 2 bytes, two's complement: a current may flow back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Hash)]
pub struct SignedAmps<const DECIMALS: u8>(pub i16);

impl<const DECIMALS: u8> Quantity for SignedAmps<DECIMALS> {
    const DECIMALS: u8 = DECIMALS;
    const OFFSET: i32 = 0;

    fn raw(self) -> u64 {
        u64::from(self.0.cast_unsigned())
    }

    fn scaled(self) -> i64 {
        i64::from(self.0)
    }
}

impl<const DECIMALS: u8> Field for SignedAmps<DECIMALS> {
    const BITS: usize = 16;
    const KIND: Kind = Kind::signed(DECIMALS, "A");

    #[inline]
    fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        reader.take().map(|bytes| Self(i16::from_le_bytes(bytes)))
    }

    #[inline]
    fn write(&self, writer: &mut Writer<'_>) {
        writer.put(&self.0.to_le_bytes());
    }
}
