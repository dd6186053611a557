//! A wall clock time of 8 BCD bytes. The raw bytes are kept; piles whose clock was never set exist.

use super::{CivilTime, Kind, is_decimal};

/// The 8 bytes `YY YY MM DD hh mm ss FF`, the century first; all 00 or all FF is "not set".
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct BcdTime(pub [u8; 8]);

impl BcdTime {
    /// Writes a wall clock time; milliseconds are dropped.
    #[must_use]
    pub const fn new(time: CivilTime) -> Self {
        let (century, year) = ((time.year / 100 % 100) as u8, (time.year % 100) as u8);
        let second = (time.millisecond / 1000) as u8;
        let [century, year] = [bcd(century), bcd(year)];
        Self([century, year, bcd(time.month), bcd(time.day), bcd(time.hour), bcd(time.minute), bcd(second), 0xFF])
    }

    /// Whether it says that no time is set.
    #[must_use]
    pub fn is_unset(&self) -> bool {
        self.0 == [0x00; 8] || self.0 == [0xFF; 8]
    }

    /// The time; `None` when none is set or the bytes are no possible date. The last byte means nothing.
    #[must_use]
    pub fn civil(&self) -> Option<CivilTime> {
        let [digits @ .., _] = self.0;
        if !is_decimal(&digits) {
            return None;
        }
        let [century, year, month, day, hour, minute, second] = digits.map(|byte| (byte >> 4) * 10 + (byte & 0x0F));
        if second >= 60 {
            return None;
        }
        let time = CivilTime {
            year: u16::from(century) * 100 + u16::from(year),
            month,
            day,
            hour,
            minute,
            millisecond: u16::from(second) * 1000,
        };
        time.is_possible().then_some(time)
    }
}

/// Two decimal digits in a byte.
const fn bcd(number: u8) -> u8 {
    number / 10 * 16 + number % 10
}

impl std::fmt::Debug for BcdTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.civil() {
            Some(time) => write!(f, "{time}"),
            None => write!(f, "BcdTime({:02x?})", self.0),
        }
    }
}

array_field!(BcdTime, 8 bytes, Kind::BcdTime);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_the_century_first() {
        let time = BcdTime([0x20, 0x15, 0x07, 0x22, 0x13, 0x16, 0x15, 0xFF]);
        assert_eq!(time.civil().unwrap().to_string(), "2015-07-22T13:16:15.000");
        assert_eq!(BcdTime::new(time.civil().unwrap()), time);
    }

    #[test]
    fn what_is_no_time_is_none() {
        for unset in [BcdTime([0; 8]), BcdTime([0xFF; 8])] {
            assert!(unset.is_unset() && unset.civil().is_none());
        }
        for bytes in [
            [0x20, 0x26, 0x13, 0x01, 0, 0, 0, 0xFF],
            [0x20, 0x26, 0x02, 0x29, 0, 0, 0, 0xFF],
            [0x20, 0x26, 0x01, 0x01, 0x24, 0, 0, 0xFF],
            [0x20, 0x26, 0x01, 0x01, 0, 0, 0x60, 0xFF],
            [0x20, 0x26, 0x01, 0x01, 0, 0, 0x99, 0xFF],
            [0x20, 0x26, 0x01, 0x0A, 0, 0, 0, 0xFF],
        ] {
            assert_eq!(BcdTime(bytes).civil(), None, "{bytes:02x?}");
        }
    }

    proptest! {
        #[test]
        fn goes_through_bytes_and_back(unix_s in 0_u64..7_000_000_000) {
            let time = CivilTime::in_china(unix_s * 1000);
            prop_assert_eq!(BcdTime::new(time).civil(), Some(time));
        }
    }
}
