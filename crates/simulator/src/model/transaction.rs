//! Numbers of transactions that the pile makes: pile code, connector, yyMMddHHmmss, counter (OQ-06).

use voltapile_protocol::wire::CivilTime;
use voltapile_protocol::ykc::field::{ConnectorNumber, PileCode, TransactionNumber};

/// A number that no other charge of this pile has, as long as fewer than 10,000 begin within a second.
pub(crate) fn transaction_number(pile: PileCode, connector: u8, start: CivilTime, counter: u16) -> TransactionNumber {
    let counter = [(counter / 100 % 100) as u8, (counter % 100) as u8].map(bcd);
    let mut number = [0; 16];
    let parts = pile.0.into_iter().chain([ConnectorNumber::bcd(connector).0]).chain(bcd_time(start)).chain(counter);
    number.iter_mut().zip(parts).for_each(|(byte, part)| *byte = part);
    TransactionNumber(number)
}

/// yyMMddHHmmss.
pub(crate) fn bcd_time(time: CivilTime) -> [u8; 6] {
    let second = (time.millisecond / 1_000) as u8;
    let year = (time.year % 100) as u8;
    [year, time.month, time.day, time.hour, time.minute, second].map(bcd)
}

/// Two digits.
const fn bcd(number: u8) -> u8 {
    number / 10 * 16 + number % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_rule_of_the_specification() {
        let start = CivilTime { year: 2020, month: 1, day: 6, hour: 18, minute: 3, millisecond: 42_999 };
        let number = transaction_number("32010600019236".parse().unwrap(), 1, start, 3060);
        assert_eq!(number.to_string(), "32010600019236012001061803423060");
    }
}
