//! CRC-16/MODBUS (polynomial 0x8005 reflected, initial value 0xFFFF), eight bytes at a time.
//!
//! The specification's text names polynomial 0x180D; its printed tables are these (OQ-01).

/// Remainders of each byte followed by 0 to 7 zero bytes.
static TABLES: [[u16; 256]; 8] = tables();

#[allow(clippy::indexing_slicing, reason = "evaluated at compile time")]
const fn tables() -> [[u16; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut remainder = byte as u16;
        let mut bit = 0;
        while bit < 8 {
            remainder = if remainder & 1 == 1 { (remainder >> 1) ^ 0xA001 } else { remainder >> 1 };
            bit += 1;
        }
        tables[0][byte] = remainder;
        byte += 1;
    }
    let mut table = 1;
    while table < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[table - 1][byte];
            tables[table][byte] = (before >> 8) ^ tables[0][(before & 0xFF) as usize];
            byte += 1;
        }
        table += 1;
    }
    tables
}

/// The check sum of `bytes`.
#[must_use]
#[allow(clippy::indexing_slicing, reason = "a byte always lies within a table of 256")]
pub fn crc16(bytes: &[u8]) -> u16 {
    let mut remainder = 0xFFFF_u16;
    let (chunks, rest) = bytes.as_chunks::<8>();
    for [b0, b1, b2, b3, b4, b5, b6, b7] in chunks {
        let [low, high] = remainder.to_le_bytes();
        remainder = TABLES[7][usize::from(b0 ^ low)]
            ^ TABLES[6][usize::from(b1 ^ high)]
            ^ TABLES[5][usize::from(*b2)]
            ^ TABLES[4][usize::from(*b3)]
            ^ TABLES[3][usize::from(*b4)]
            ^ TABLES[2][usize::from(*b5)]
            ^ TABLES[1][usize::from(*b6)]
            ^ TABLES[0][usize::from(*b7)];
    }
    for byte in rest {
        remainder = (remainder >> 8) ^ TABLES[0][usize::from(remainder as u8 ^ byte)];
    }
    remainder
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_an_independent_implementation(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let reference = crc::Crc::<u16>::new(&crc::CRC_16_MODBUS);
            prop_assert_eq!(crc16(&bytes), reference.checksum(&bytes));
        }
    }
}
