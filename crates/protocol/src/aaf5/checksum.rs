//! The check sum of a frame: the low byte of the sum of command and data (bytes 6 to the last but one).

/// Sums bytes modulo 256.
#[must_use]
pub fn checksum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heartbeat_answer_sums_to_its_last_byte() {
        assert_eq!(checksum(&[0x65, 0x00, 0, 0, 0, 0, 0x01, 0x00]), 0x66);
        assert_eq!(checksum(&[0xFF; 257]), 0xFF);
        assert_eq!(checksum(&[]), 0);
    }
}
