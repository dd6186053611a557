//! Wire formats: each is a Rust type that knows its width, how to read and write itself, and how to describe itself.
//!
//! A field type keeps the bits exactly as they came. Meaning (a number, a date, a code's text) is computed from them
//! on demand, so that reading and writing back always gives the same bytes.

/// Makes a type that wraps a byte array a field of that many bytes.
macro_rules! array_field {
    ($name:ty, $bytes:tt bytes, $kind:expr $(, const $parameter:ident: $type:ty)?) => {
        impl$(<const $parameter: $type>)? $crate::wire::Field for $name {
            const BITS: usize = $bytes * 8;
            const KIND: $crate::wire::Kind = $kind;

            #[inline]
            fn read(reader: &mut $crate::wire::Reader<'_>) -> Result<Self, $crate::wire::Short> {
                reader.take().map(Self)
            }

            #[inline]
            fn write(&self, writer: &mut $crate::wire::Writer<'_>) {
                writer.put(&self.0);
            }
        }
    };
}
pub(crate) use array_field;

/// Makes a type that wraps boxed bytes a field up to the end of the body.
macro_rules! rest_field {
    ($name:ty, $kind:expr) => {
        impl $crate::wire::Field for $name {
            const BITS: usize = 0;
            const KIND: $crate::wire::Kind = $kind;

            fn read(reader: &mut $crate::wire::Reader<'_>) -> Result<Self, $crate::wire::Short> {
                Ok(Self(reader.take_rest().into()))
            }

            fn write(&self, writer: &mut $crate::wire::Writer<'_>) {
                writer.put(&self.0);
            }
        }
    };
}
pub(crate) use rest_field;

mod bcd;
mod bcd_time;
mod bits;
mod code;
mod hex;
mod kind;
mod list;
mod number;
mod opaque;
mod reader;
mod text;
mod time;
mod writer;

pub(crate) use bcd::bcd_field;
pub use bcd::{BadDigits, digits, is_decimal, parse_digits};
pub use bcd_time::BcdTime;
pub(crate) use bits::flags;
pub use bits::{Bits, BitsNumber, Connectors, Flag, FlagTable, ReservedBits, bit_holds, connectors};
pub use code::{Code, CodeEntry, CodeNumber, CodeTable};
pub(crate) use code::{code_field, code_numbers, codes, last_of, number_type, snake_bytes, snake_length, snake_name};
pub use hex::bytes_from_hex;
pub use kind::{Kind, VinOrder};
pub use list::List;
pub use number::{
    AmpHours, AmpHours32, Amps, Amps32, CellVolts, CellVolts32, Celsius, Count, Decimal16, Decimal32, KilowattHours,
    KilowattHours8, KilowattHours16, Kilowatts, Kilowatts32, MeterReading, Minutes, Minutes32, MinutesByte, Ordinal,
    Percent, Percent16, PowerPercent, Quantity, Seconds, SecondsByte, SignedAmps, Volts, Volts32, Wide, Yuan,
    YuanPerKwh, YuanPerKwh16,
};
pub use opaque::{Bytes, BytesToEnd, Reserved, Tail};
pub use reader::{Reader, Short};
pub use text::{Ascii, CountedText, Text, TextToEnd, Vin, natural_vin, text, text_bytes, vin_check_digit_holds};
pub use time::{CivilTime, Cp56Time};
pub use writer::{Overflow, Writer};

/// A wire format: a type of known width that any bytes can be read into without loss.
pub trait Field: Sized + Clone + PartialEq + std::fmt::Debug + Default {
    /// Width in bits. For a field of variable length, the least it takes.
    const BITS: usize;
    /// What the bits mean: format, unit, scale, codes.
    const KIND: Kind;
    /// Whether a body may end before this field.
    const OPTIONAL: bool = false;

    /// Takes the field from the reader.
    ///
    /// # Errors
    /// [`Short`] when the body ends before the field does.
    fn read(reader: &mut Reader<'_>) -> Result<Self, Short>;

    /// Appends the field.
    fn write(&self, writer: &mut Writer<'_>);

    /// Whether the body had it; only an optional field may be absent.
    fn is_there(&self) -> bool {
        true
    }
}

/// A field that older or shorter bodies leave out: absent when not even one whole value is left. Behind an absent one all
/// are absent: what is left of the body is its tail.
impl<T: Field> Field for Option<T> {
    const BITS: usize = T::BITS;
    const KIND: Kind = T::KIND;
    const OPTIONAL: bool = true;

    fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        if reader.goes_on_for(T::BITS) { T::read(reader).map(Some) } else { Ok(None) }
    }

    fn write(&self, writer: &mut Writer<'_>) {
        if let Some(value) = self {
            value.write(writer);
        }
    }

    fn is_there(&self) -> bool {
        self.is_some()
    }
}

macro_rules! plain_number {
    ($($type:ty: $kind:expr),*) => {$(
        impl Field for $type {
            const BITS: usize = <$type>::BITS as usize;
            const KIND: Kind = $kind;

            #[inline]
            fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
                reader.take().map(<$type>::from_le_bytes)
            }

            #[inline]
            fn write(&self, writer: &mut Writer<'_>) {
                writer.put(&self.to_le_bytes());
            }
        }
    )*};
}
plain_number!(
    u8: Kind::plain_number(),
    u16: Kind::plain_number(),
    u32: Kind::plain_number(),
    i32: Kind::signed(0, "")
);
