//! Own sequence numbers: from 0 after each connect, one more per request, back to 0 on overflow (V1.6 §3.2).

/// Counts an end's own requests. Low byte first, as most implementations write it (OQ-03).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SequenceCounter(u16);

impl SequenceCounter {
    /// The number of the next request, as it stands on the wire.
    pub const fn next(&mut self) -> [u8; 2] {
        let number = self.0;
        self.0 = number.wrapping_add(1);
        number.to_le_bytes()
    }
}
