//! Takes fields from the front of a body, whole bytes or packed bits.

/// A body that ends too early: what a field needed and what was left, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Short {
    /// Bytes the field needs.
    pub needed: usize,
    /// Bytes that were left.
    pub available: usize,
}

/// A cursor over a body.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
    /// Bits already taken from the first byte of `rest`, least significant first.
    taken_bits: u8,
    /// Whether an optional field did not fit any more.
    ended: bool,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    #[must_use]
    pub const fn new(body: &'a [u8]) -> Self {
        Self { rest: body, taken_bits: 0, ended: false }
    }

    /// Whole bytes left; a partly taken byte does not count.
    #[must_use]
    pub const fn remaining(&self) -> usize {
        if self.taken_bits == 0 { self.rest.len() } else { self.rest.len().saturating_sub(1) }
    }

    /// Whether an optional field of so many bits is there. Once one was not, none is.
    pub const fn goes_on_for(&mut self, bits: usize) -> bool {
        self.ended |= self.rest.len() * 8 < bits + self.taken_bits as usize;
        !self.ended
    }

    /// Takes exactly `N` bytes.
    ///
    /// # Errors
    /// [`Short`] when fewer are left.
    #[inline]
    pub fn take<const N: usize>(&mut self) -> Result<[u8; N], Short> {
        debug_assert!(self.taken_bits == 0, "whole bytes are read on a byte boundary");
        let Some((head, rest)) = self.rest.split_first_chunk::<N>() else {
            return Err(Short { needed: N, available: self.rest.len() });
        };
        self.rest = rest;
        Ok(*head)
    }

    /// Takes `count` bytes.
    ///
    /// # Errors
    /// [`Short`] when fewer are left.
    pub fn take_slice(&mut self, count: usize) -> Result<&'a [u8], Short> {
        let Some((head, rest)) = self.rest.split_at_checked(count) else {
            return Err(Short { needed: count, available: self.rest.len() });
        };
        self.rest = rest;
        Ok(head)
    }

    /// Takes all that is left.
    pub const fn take_rest(&mut self) -> &'a [u8] {
        let rest = self.rest;
        self.rest = &[];
        rest
    }

    /// Takes up to 32 bits, the least significant bit of the first byte first.
    ///
    /// # Errors
    /// [`Short`] when the body ends first.
    pub fn take_bits(&mut self, count: u32) -> Result<u32, Short> {
        let end = u32::from(self.taken_bits) + count;
        let needed = end.div_ceil(8) as usize;
        let Some(bytes) = self.rest.get(..needed) else {
            return Err(Short { needed, available: self.rest.len() });
        };
        let packed = bytes.iter().rev().fold(0_u64, |packed, byte| (packed << 8) | u64::from(*byte));
        let value = (packed >> self.taken_bits) & ((1 << count) - 1);
        self.rest = self.rest.get((end / 8) as usize..).unwrap_or_default();
        self.taken_bits = (end % 8) as u8;
        Ok(value as u32)
    }
}
