//! What is known of a pile's connectors in memory.

use serde::Serialize;
use voltapile_platform::business::OrderBrief;
use voltapile_platform::identity::{ConnectorNumber, TransactionNumber};
use voltapile_platform::order::{Order, OrderState, Progress};
use voltapile_platform::telemetry::{ConnectorState, Telemetry};
use voltapile_platform::timestamp::Timestamp;

use super::PileLive;

/// Connectors that are kept per pile; a pile that invents more gains nothing.
const CONNECTORS_MAX: usize = 32;

/// A connector as it was last heard of.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectorLive {
    /// Its number, from 1.
    pub number: ConnectorNumber,
    /// Whether its latest heartbeat reports a fault.
    pub heartbeat_fault: Option<bool>,
    /// When its state last changed.
    pub state_since: Option<Timestamp>,
    /// Its latest telemetry.
    pub telemetry: Option<Telemetry>,
    /// Whether that came on the present connection, and since the pile was last silent.
    #[serde(skip)]
    pub heard: bool,
    /// Its latest telemetry while it charged, until the next charge.
    #[serde(skip)]
    pub last_charging: Option<Box<Telemetry>>,
    /// The order that holds it, or the latest one that waits for its record. Most connectors have none.
    #[serde(skip)]
    pub order: Option<Box<OrderBrief>>,
}

const _: () = assert!(size_of::<ConnectorLive>() <= 136, "kept per connector: memory of an idle pile is budgeted");

/// What was known of a connector before it spoke.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// What it said before on the same connection.
    pub(super) telemetry: Option<Telemetry>,
    pub(super) order: Option<OrderBrief>,
    pub(super) last_charging: Option<Telemetry>,
}

impl PileLive {
    /// Each connector's next telemetry is its first word: what the business knew of it counts as gone since.
    pub(super) fn begin_anew(&self) {
        self.state().connectors.iter_mut().for_each(|connector| connector.heard = false);
    }

    /// Connectors of running charges that have said nothing for so many of their reports, and have not been found so
    /// before.
    pub(super) fn take_silent(&self, now: Timestamp, reports: u32) -> Vec<ConnectorNumber> {
        let mut state = self.state();
        let period_s = state.declared.as_ref().map(|declared| declared.pace).unwrap_or_default().report_period_s;
        let since = now.plus_seconds(-i64::from(period_s.saturating_mul(reports)));
        let is_silent = |connector: &&mut ConnectorLive| {
            let runs = connector.order.as_ref().is_some_and(|order| order.state == OrderState::Charging);
            runs && connector.heard && connector.telemetry.is_some_and(|told| told.received_at < since)
        };
        let silent = state.connectors.iter_mut().filter(is_silent);
        silent
            .map(|connector| {
                connector.heard = false;
                connector.number
            })
            .collect()
    }

    /// Keeps a connector's telemetry; gives back what the business knew before.
    ///
    /// What it said on an earlier connection is none of that: the books have the connector as offline since, and its
    /// charges wait to be seen again.
    pub(super) fn keep_telemetry(&self, number: ConnectorNumber, telemetry: Telemetry) -> Before {
        let mut known = Before::default();
        self.with_connector(number, |connector| {
            let before = connector.telemetry.replace(telemetry);
            if before.as_ref().map(|before| before.state) != Some(telemetry.state) {
                connector.state_since = Some(telemetry.received_at);
            }
            let heard = std::mem::replace(&mut connector.heard, true);
            let before = before.filter(|_| heard);
            let last_charging = connector.last_charging.as_deref().copied();
            known = Before { telemetry: before, order: connector.order.as_deref().copied(), last_charging };
            if telemetry.state == ConnectorState::Charging {
                match &mut connector.last_charging {
                    Some(last) => **last = telemetry,
                    None => connector.last_charging = Some(Box::new(telemetry)),
                }
            }
        });
        known
    }

    /// Keeps what the gateway must know of an order: while it holds its connector, and then while it waits for its
    /// record, unless the next one holds it by then.
    pub(super) fn keep_order(&self, brief: OrderBrief) {
        self.with_connector(brief.connector, |connector| {
            let is_same = connector.order.as_ref().is_some_and(|order| order.order == brief.order);
            let waits = brief.state == OrderState::AwaitingRecord && (is_same || connector.order.is_none());
            if brief.holds_connector || waits {
                connector.order = Some(Box::new(brief));
            } else if is_same {
                connector.order = None;
                connector.last_charging = None;
            }
        });
    }

    /// The order that holds a connector, or the latest one that waits for its record there.
    pub(super) fn order_on(&self, number: ConnectorNumber) -> Option<OrderBrief> {
        self.state().connectors.iter().find(|connector| connector.number == number)?.order.as_deref().copied()
    }

    /// How far an order's charge was when the pile last reported that it charges for it.
    #[must_use]
    pub fn progress_of(&self, order: &Order) -> Option<Progress> {
        self.last_charging(order.connector, order.transaction_number).as_ref().map(Progress::from)
    }

    /// The last report of a connector while it charged under a number, until the next charge. A report without a number
    /// is of the charge that holds the connector.
    pub(super) fn last_charging(&self, number: ConnectorNumber, charge: TransactionNumber) -> Option<Telemetry> {
        let state = self.state();
        let connector = state.connectors.iter().find(|connector| connector.number == number)?;
        // One that only waits for its record no longer charges: the next charge need not have an order.
        let holds =
            connector.order.as_ref().is_some_and(|order| order.holds_connector && order.transaction_number == charge);
        let is_its =
            |told: &&Telemetry| told.transaction_number == charge || holds && told.transaction_number.is_zero();
        connector.last_charging.as_deref().filter(is_its).copied()
    }

    /// Keeps what a heartbeat says of a connector.
    pub fn keep_heartbeat(&self, number: ConnectorNumber, fault: bool) {
        self.with_connector(number, |connector| connector.heartbeat_fault = Some(fault));
    }

    fn with_connector(&self, number: ConnectorNumber, change: impl FnOnce(&mut ConnectorLive)) {
        let mut state = self.state();
        if let Some(connector) = state.connectors.iter_mut().find(|connector| connector.number == number) {
            return change(connector);
        }
        if state.connectors.len() < CONNECTORS_MAX {
            let mut connector = ConnectorLive {
                number,
                heartbeat_fault: None,
                state_since: None,
                telemetry: None,
                heard: false,
                last_charging: None,
                order: None,
            };
            change(&mut connector);
            state.connectors.reserve_exact(1);
            state.connectors.push(connector);
            state.connectors.sort_by_key(|connector| connector.number);
        }
    }
}

#[cfg(test)]
mod tests {
    use voltapile_platform::identity::OrderId;
    use voltapile_platform::identity::PileCode;

    use super::*;

    const CONNECTOR: ConnectorNumber = ConnectorNumber(1);

    fn charging(pile: &PileLive, seconds: i64) -> Before {
        charging_under(pile, TransactionNumber::from_bcd(&[1; 16]), seconds)
    }

    fn charging_under(pile: &PileLive, number: TransactionNumber, seconds: i64) -> Before {
        let telemetry = serde_json::json!({
            "received_at": Timestamp::from_unix_ms(0).plus_seconds(seconds), "state": "charging",
            "transaction_number": number, "plugged": true, "homed": false, "soc": 40,
            "voltage": "400.0", "current": "100.0", "minutes_charged": 1, "minutes_remaining": 9,
            "cable_temperature": null, "battery_temperature": null, "fault_bits": 0,
            "energy": "1.0000", "energy_with_loss": "1.0000", "amount": "1.0000",
        });
        pile.keep_telemetry(CONNECTOR, serde_json::from_value(telemetry).unwrap())
    }

    fn brief(pile: &PileLive, state: OrderState) -> OrderBrief {
        OrderBrief {
            order: OrderId(1),
            pile: pile.code,
            connector: CONNECTOR,
            transaction_number: TransactionNumber::from_bcd(&[1; 16]),
            state,
            holds_connector: state.holds_connector(),
        }
    }

    #[test]
    fn a_report_without_a_number_is_of_the_charge_that_holds_the_connector() {
        let pile = PileLive::new(PileCode::new("32010600000001").unwrap());
        let heard = || pile.last_charging(CONNECTOR, TransactionNumber::from_bcd(&[1; 16])).is_some();
        charging_under(&pile, TransactionNumber::ZERO, 0);
        assert!(!heard());
        pile.keep_order(brief(&pile, OrderState::Charging));
        assert!(heard());
        pile.keep_order(brief(&pile, OrderState::AwaitingRecord));
        charging_under(&pile, TransactionNumber::ZERO, 60);
        assert!(!heard(), "the next charge, which nobody asked the platform for");
    }

    #[test]
    fn what_a_pile_says_after_an_absence_is_news() {
        let pile = PileLive::new(PileCode::new("32010600000001").unwrap());
        assert!(charging(&pile, 0).telemetry.is_none());
        assert!(charging(&pile, 15).telemetry.is_some());
        pile.begin_anew();
        assert!(charging(&pile, 30).telemetry.is_none());
    }

    #[test]
    fn a_charge_that_ceases_to_report_is_found_once() {
        let pile = PileLive::new(PileCode::new("32010600000001").unwrap());
        let at = |seconds| Timestamp::from_unix_ms(0).plus_seconds(seconds);
        charging(&pile, 0);
        assert!(pile.take_silent(at(600), 0).is_empty(), "no order runs there");
        pile.keep_order(brief(&pile, OrderState::Charging));
        assert!(pile.take_silent(at(0), 0).is_empty());
        assert_eq!(pile.take_silent(at(600), 0), [CONNECTOR]);
        assert!(pile.take_silent(at(600), 0).is_empty());
        charging(&pile, 700);
        assert_eq!(pile.take_silent(at(900), 0), [CONNECTOR]);
    }
}
