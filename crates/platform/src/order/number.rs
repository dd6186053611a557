//! Transaction numbers that the platform makes, and the card numbers that stand for who pays.
//!
//! A number is 32 digits: the pile's code (14), the connector (2), the moment as yyMMddHHmmss on the station's clock
//! (12) and a counter (4): OQ-06 and ykc-versions.md §4. No two orders of a connector within 10,000 orders and one
//! second of each other share one.

use super::{Order, Origin};
use crate::identity::{ConnectorNumber, OrderId, PileCode, TransactionNumber};
use crate::timestamp::Timestamp;

/// Digits of a pile's code in a number.
const PILE_DIGITS: usize = 14;

/// A physical card number that means "do not check the card" (0x42).
pub const NO_CARD: &str = "0000000000000000";

/// The number of a new order. A code longer than 14 characters gives its last 14; letters become digits by their place
/// in the alphabet, so that the number stays decimal.
#[must_use]
pub fn transaction_number(
    pile: PileCode,
    connector: ConnectorNumber,
    now: Timestamp,
    zone_hours: i8,
    order: OrderId,
) -> TransactionNumber {
    let code = pile.as_str().as_bytes();
    let tail = code.get(code.len().saturating_sub(PILE_DIGITS)..).unwrap_or(code);
    let pile: String = tail.iter().map(|byte| digit(*byte)).collect();
    let clock = wall_clock(now, zone_hours);
    let text = format!("{pile:0>14}{:02}{clock}{:04}", connector.0 % 100, order.0 % 10_000);
    text.parse().unwrap_or_default()
}

/// A moment as yyMMddHHmmss on a clock that is so many hours ahead of UTC; also the session number of a parallel charge.
#[must_use]
pub fn wall_clock(now: Timestamp, zone_hours: i8) -> String {
    let local = now.plus_seconds(i64::from(zone_hours) * 3600).to_string();
    // 2026-11-20T08:15:30.000Z without the century, up to the seconds.
    local.chars().skip(2).take(17).filter(char::is_ascii_digit).collect()
}

/// The physical card number that the pile was given for an order: what 0x34 and 0x42 carry. For a start through the API
/// there is no card, so the end of the transaction number stands for it; a pile that read an account or a vehicle has
/// no card to compare with.
#[must_use]
pub fn wire_card(order: &Order) -> String {
    match (order.origin, &order.card) {
        (_, Some(card)) => card.clone(),
        (Origin::Remote, None) => order.transaction_number.to_string().chars().skip(16).collect(),
        (_, None) => NO_CARD.to_owned(),
    }
}

impl Order {
    /// Whether a pile's word for a card is the order's: the physical number, or what the pile called it before.
    #[must_use]
    pub fn is_card(&self, word: &str) -> bool {
        let is = |own: &Option<String>| own.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(word));
        is(&self.card) || is(&self.card_word)
    }
}

fn digit(byte: u8) -> char {
    let value = match byte {
        b'0'..=b'9' => byte - b'0',
        _ => byte.to_ascii_lowercase().wrapping_sub(b'a') % 10,
    };
    char::from(b'0' + value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::Place;

    #[test]
    fn a_number_names_pile_connector_moment_and_order() {
        let now: Timestamp = "2026-11-20T16:15:30.123Z".parse().unwrap();
        let number = |code: &str, connector: u8, order: u64| {
            let code = PileCode::new(code).unwrap();
            transaction_number(code, ConnectorNumber(connector), now, 8, OrderId(order)).to_string()
        };
        assert_eq!(number("55031412782305", 1, 42), "55031412782305012611210015300042");
        assert_eq!(number("7", 12, 123_456), "00000000000007122611210015303456");
        assert_eq!(number("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345", 255, 1), "89012345012345552611210015300001");
    }

    #[test]
    fn a_card_is_found_again_for_its_order() {
        let now: Timestamp = "2026-11-20T16:15:30Z".parse().unwrap();
        let pile = PileCode::new("55031412782305").unwrap();
        let place = Place { operator: None, station: None, pile, connector: ConnectorNumber(1) };
        let number = transaction_number(pile, ConnectorNumber(1), now, 8, OrderId(42));
        let mut order = Order::new(OrderId(42), place, number, Origin::Remote, now);
        assert_eq!(wire_card(&order), "2611210015300042");
        order.origin = Origin::Vin;
        assert_eq!(wire_card(&order), NO_CARD);
        order.card = Some("00000000d14b0a54".to_owned());
        assert_eq!(wire_card(&order), "00000000d14b0a54");
    }
}
