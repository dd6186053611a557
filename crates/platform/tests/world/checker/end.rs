//! What must hold when the network has healed and all time for excuses is over.

use voltapile_platform::alarm::Alarm;
use voltapile_platform::book::Document;
use voltapile_platform::card::Card;
use voltapile_platform::command::Command;
use voltapile_platform::order::{Order, OrderState, Origin};
use voltapile_platform::record::RecordReading;
use voltapile_platform::timestamp::Timestamp;

use super::Checker;
use crate::pile::VirtualPile;
use crate::platform::Platform;

/// 1e-4 yuan that a bill may be off without a person: the policy's 5 fen, and half a fen of rounding.
const TOLERANCE: i64 = 550;

impl Checker {
    /// Checks a world that has come to rest.
    pub(crate) fn at_end(&mut self, now: Timestamp, platform: &Platform, piles: &[VirtualPile]) {
        self.money.at_end(platform, &mut self.found);
        self.records.at_end(platform, piles, &mut self.found);
        self.piles.at_end(now, platform, piles, self.honest, &mut self.found);
        for order in platform.books.all::<Order>() {
            self.order_at_end(platform, piles, &order);
        }
        for command in platform.books.all::<Command>() {
            if !command.state.is_end() {
                self.found.push(format!("command {} {} never ended: {:?}", command.id, command.action, command.state));
            }
        }
        for alarm in platform.books.all::<Alarm>() {
            let order = alarm.order.and_then(|order| platform.books.look::<Order>(&order));
            let ended = order.is_some_and(|order| order.state.is_end());
            if alarm.closed_at.is_none() && ended && alarm.code.starts_with("order") {
                self.found.push(format!("alarm {} {} outlives its order", alarm.id(), alarm.code));
            }
        }
    }

    fn order_at_end(&mut self, platform: &Platform, piles: &[VirtualPile], order: &Order) {
        let state = order.state;
        let of = format!("order {} of {}/{} ({:?})", order.id, order.pile, order.connector, order.origin);
        match state {
            OrderState::Settled | OrderState::Failed => {}
            OrderState::Abnormal if order.abnormal_reason.is_some() && !order.evidence.is_empty() => {}
            _ => self.found.push(format!("{of} has no end: {order:?}")),
        }
        if self.honest && state == OrderState::Abnormal {
            let (reason, evidence) = (order.abnormal_reason, &order.evidence);
            self.found.push(format!("{of} is left to a person in an honest world: {reason:?} {evidence:?}"));
        }
        if let (Origin::OfflineCard, Some(account)) = (order.origin, &order.account) {
            let card = order.card.as_ref().and_then(|card| platform.books.look::<Card>(card));
            if card.is_none_or(|card| card.account != *account) {
                self.found.push(format!("{of}: card {:?} is not of {account}", order.card));
            }
        }
        if order.started_at.zip(order.ended_at).is_some_and(|(from, to)| from > to) {
            self.found.push(format!("{of} ended before it began: {:?} to {:?}", order.started_at, order.ended_at));
        }
        let record = order.record.and_then(|record| platform.records.get(record));
        let bill = record.and_then(|record| match &record.reading {
            RecordReading::Parsed(bill) => Some(bill.as_ref()),
            RecordReading::Unreadable { .. } => None,
        });
        // What an honest pile billed is what was charged, to the nearest fen.
        let by_person = order.evidence.iter().any(|evidence| evidence.what == "resolved");
        if let (true, OrderState::Settled, Some(bill)) = (self.honest && !by_person, state, bill) {
            let fen = (bill.amount.steps() + 50).div_euclid(100);
            if order.charged.map(voltapile_platform::unit::Balance::steps) != Some(fen) {
                self.found.push(format!("{of}: the pile billed {} and {:?} was charged", bill.amount, order.charged));
            }
        }
        if let (OrderState::Settled, Some(bill)) = (state, bill)
            && bill.transaction_number != order.transaction_number
            && !bill.transaction_number.is_zero()
        {
            self.found.push(format!("{of} was settled by the bill of {}", bill.transaction_number));
        }
        if state == OrderState::Settled && !by_person {
            let afterwards = matches!(order.origin, Origin::Record | Origin::OfflineCard);
            if afterwards && order.account.is_none() && bill.is_some_and(|bill| bill.amount.steps() > 0) {
                self.found.push(format!("{of} was settled, and nobody pays for it"));
            }
            self.settled_at_end(piles, &of, order);
        }
    }

    /// What nobody looked at costs what it really cost, whatever the pile billed (promise 5).
    fn settled_at_end(&mut self, piles: &[VirtualPile], of: &str, order: &Order) {
        let pile = piles.iter().find(|pile| pile.code == order.pile);
        let truths = pile.into_iter().flat_map(|pile| &pile.truth);
        let truth: Vec<i64> = truths
            .filter(|(number, _)| *number == order.transaction_number)
            .map(|(_, amount)| amount.steps())
            .collect();
        let charged = order.charged.map_or(0, voltapile_platform::unit::Balance::steps) * 100;
        if !truth.is_empty() && truth.iter().all(|truth| (truth - charged).abs() > TOLERANCE) {
            let settlement = &order.settlement;
            self.found.push(format!("{of} cost {truth:?} and {charged} was charged without a word: {settlement:?}"));
        }
    }
}
