//! Records: each judged once, and each bill that was acknowledged is stored.

use std::collections::BTreeSet;

use voltapile_platform::event::EventType;
use voltapile_platform::order::Order;

use super::Seen;
use crate::pile::VirtualPile;
use crate::platform::Platform;

/// Records that were judged.
#[derive(Debug, Default)]
pub(super) struct Records {
    judged: BTreeSet<i64>,
}

impl Records {
    pub(super) fn check(&mut self, seen: &Seen<'_>, found: &mut Vec<String>) {
        for record in &seen.commit.judged {
            self.judged.insert(*record);
            if !seen.platform.records.waits(*record) {
                found.push(format!("record {record} was judged again"));
            }
            if seen.platform.records.get(*record).is_none() {
                found.push(format!("record {record} was judged, and there is none"));
            }
            if !seen.commit.events.iter().any(|(_, event)| event.event_type == EventType::RecordJudged) {
                found.push(format!("record {record} was judged, and no event says so"));
            }
        }
    }

    /// Everything that was acknowledged is stored, everything stored is judged and has its order.
    pub(super) fn at_end(&self, platform: &Platform, piles: &[VirtualPile], found: &mut Vec<String>) {
        for pile in piles {
            for (number, reading) in &pile.acknowledged {
                if !platform.records.holds(pile.code, *number, reading) {
                    found.push(format!("the bill {number} of {} was acknowledged and is not stored", pile.code));
                }
            }
            for bill in pile.bills.iter().filter(|_| !pile.gone) {
                found.push(format!("the bill {} of {} was never acknowledged", bill.number, pile.code));
            }
        }
        let orders = platform.books.all::<Order>();
        for record in platform.records.all() {
            if !self.judged.contains(&record.id) || platform.records.waits(record.id) {
                found.push(format!("record {} was never judged", record.id));
            }
            let mentions = |order: &&Order| {
                let word = format!("record {} ", record.id);
                order.record == Some(record.id) || order.evidence.iter().any(|evidence| evidence.detail.contains(&word))
            };
            if !orders.iter().any(|order| mentions(&order)) {
                found.push(format!("record {} ({}) belongs to no order", record.id, record.number));
            }
            let settled_by = orders.iter().find(|order| order.record == Some(record.id));
            if let Some(order) = settled_by.filter(|_| !record.variants.is_empty())
                && !order.evidence.iter().any(|evidence| evidence.what == "record_differs")
            {
                found.push(format!(
                    "record {} came with other content too, and order {} says nothing",
                    record.id, order.id
                ));
            }
            let charged = orders.iter().filter(|order| order.record == Some(record.id)).count();
            if charged > 1 {
                found.push(format!("record {} settles {charged} orders", record.id));
            }
        }
    }
}
