//! Appends fields to a buffer, whole bytes or packed bits.

/// A body longer than its frame can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body takes {length} bytes, a frame carries at most {limit}")]
pub struct Overflow {
    /// Bytes the body takes.
    pub length: usize,
    /// Bytes a frame carries.
    pub limit: usize,
}

/// Appends to the end of a buffer that the caller keeps, so that nothing is allocated per frame.
#[derive(Debug)]
pub struct Writer<'a> {
    out: &'a mut Vec<u8>,
    /// Bits already used of the last byte, least significant first; 0 on a byte boundary.
    used_bits: u8,
}

impl<'a> Writer<'a> {
    /// Appends to `out`.
    pub const fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, used_bits: 0 }
    }

    /// Appends bytes.
    #[inline]
    pub fn put(&mut self, bytes: &[u8]) {
        debug_assert!(self.used_bits == 0, "whole bytes are written on a byte boundary");
        self.out.extend_from_slice(bytes);
    }

    /// Appends the lowest `count` bytes of a number, low byte first.
    #[inline]
    pub fn put_number(&mut self, value: u64, count: usize) {
        if let Some(bytes) = value.to_le_bytes().get(..count) {
            self.put(bytes);
        }
    }

    /// Appends the lowest `count` bits of `value`, up to 32, the least significant bit of each byte first.
    pub fn put_bits(&mut self, value: u32, count: u32) {
        let end = u32::from(self.used_bits) + count;
        let packed = (u64::from(value) & ((1 << count) - 1)) << self.used_bits;
        let packed = packed.to_le_bytes();
        let mut bytes = packed.get(..end.div_ceil(8) as usize).unwrap_or_default();
        if self.used_bits > 0
            && let (Some(last), [first, rest @ ..]) = (self.out.last_mut(), bytes)
        {
            *last |= first;
            bytes = rest;
        }
        self.out.extend_from_slice(bytes);
        self.used_bits = (end % 8) as u8;
    }
}
