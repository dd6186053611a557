//! Bytes that are carried, not understood.

use super::{Kind, Reader, Writer};

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

        array_field!($name<N>, N bytes, $kind, const N: usize);
    )*};
}
opaque!(Bytes => Kind::Hex, Reserved => Kind::Reserved);

/// Opaque bytes up to the end of the body; shown as hex.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BytesToEnd(pub Box<[u8]>);

rest_field!(BytesToEnd, Kind::HexToEnd);

/// What a body holds beyond the fields its layout names: kept, so that nothing a pile said is lost.
/// A few bytes, which is what most vendors append, are kept in place: reading them allocates nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Tail(Kept);

/// Bytes that are kept in place.
const IN_PLACE: usize = 22;

/// As many bytes as fit are in place, never more or fewer, so that equal tails are equal however they were made.
#[derive(Clone, PartialEq, Eq)]
enum Kept {
    InPlace { length: u8, bytes: [u8; IN_PLACE] },
    Boxed(Box<[u8]>),
}

impl Tail {
    /// Keeps bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        let mut place = [0; IN_PLACE];
        Self(match place.get_mut(..bytes.len()) {
            Some(head) => {
                head.copy_from_slice(bytes);
                Kept::InPlace { length: bytes.len() as u8, bytes: place }
            }
            None => Kept::Boxed(bytes.into()),
        })
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Kept::InPlace { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Kept::Boxed(bytes) => bytes,
        }
    }

    /// Takes all that the reader has left.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Self {
        Self::new(reader.take_rest())
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.put(self.as_bytes());
    }
}

impl Default for Tail {
    fn default() -> Self {
        Self::new(&[])
    }
}

impl std::fmt::Debug for Tail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tail({:02x?})", self.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_keeps_any_number_of_bytes() {
        for length in 0..300 {
            let bytes: Vec<u8> = (0..length).map(|at| at as u8).collect();
            let tail = Tail::new(&bytes);
            assert_eq!(tail.as_bytes(), bytes);
            assert_eq!(tail, tail.clone());
            assert_ne!(tail, Tail::new(&[bytes, vec![0]].concat()));
        }
        assert!(Tail::default().as_bytes().is_empty());
    }
}
