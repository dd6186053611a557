//! Bytes that are carried, not understood.

use super::{Field, Kind, Reader, Short, Writer};

/// Opaque bytes that mean something to somebody else; shown as hex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bytes<const N: usize>(pub [u8; N]);

/// Bytes the specification reserves; kept as they came, sent as zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reserved<const N: usize>(pub [u8; N]);

macro_rules! opaque {
    ($($name:ident => $kind:expr),*) => {$(
        impl<const N: usize> Default for $name<N> {
            fn default() -> Self {
                Self([0; N])
            }
        }

        impl<const N: usize> Field for $name<N> {
            const BITS: usize = N * 8;
            const KIND: Kind = $kind;

            #[inline]
            fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
                reader.take().map(Self)
            }

            #[inline]
            fn write(&self, writer: &mut Writer<'_>) {
                writer.put(&self.0);
            }
        }
    )*};
}
opaque!(Bytes => Kind::Hex, Reserved => Kind::Reserved);

/// What a body holds beyond the fields its layout names: kept, so that nothing a pile said is lost.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tail(Box<[u8]>);

impl Tail {
    /// Keeps bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Takes all that the reader has left; an empty tail allocates nothing.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Self {
        Self(reader.take_rest().into())
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.put(&self.0);
    }
}
