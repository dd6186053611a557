//! Equal items one behind the other, as one field.

use super::{Field, Kind, Reader, Short, Writer};

/// `N` items of one format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct List<T, const N: usize>(pub [T; N]);

impl<T: Default, const N: usize> Default for List<T, N> {
    fn default() -> Self {
        Self(std::array::from_fn(|_| T::default()))
    }
}

impl<T: Field + Copy, const N: usize> Field for List<T, N> {
    const BITS: usize = T::BITS * N;
    const KIND: Kind = Kind::List { item: &T::KIND, bits: T::BITS };

    fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        let (needed, available) = (Self::BITS / 8, reader.remaining());
        if available < needed {
            return Err(Short { needed, available });
        }
        let mut list = Self::default();
        for item in &mut list.0 {
            *item = T::read(reader)?;
        }
        Ok(list)
    }

    fn write(&self, writer: &mut Writer<'_>) {
        self.0.iter().for_each(|item| item.write(writer));
    }
}
