//! What people do at a fleet's piles and through the API, at random.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use voltapile_simulator::model::{Action, CarWish, Credential, Rng};
use voltapile_simulator::runner::PileHandle;

use super::Size;
use crate::business::stage::{card, runtime};
use crate::support::Api;

/// Customers, each with a card of the same number. A card charges one car at a time, and whoever has an order that waits
/// for a person charges none until it is settled, which here it never is: there must be enough of them to the end.
pub(super) fn customers(size: Size) -> u16 {
    u16::try_from(size.piles).unwrap().saturating_mul(u16::try_from(size.rounds() - 1).unwrap())
}

/// The people.
pub(super) struct People {
    pub(super) api: Api,
    pub(super) piles: Vec<Arc<PileHandle>>,
    pub(super) customers: u16,
    pub(super) rng: Rng,
    /// Orders that were refused, by kind of problem.
    pub(super) refused: BTreeMap<String, u64>,
}

/// An account's id.
pub(super) fn customer(number: u16) -> String {
    format!("customer-{number}")
}

impl People {
    /// Somebody does something at some connector.
    pub(super) fn step(&mut self) {
        let index = self.rng.within(0..=self.piles.len() as u64 - 1) as usize;
        let pile = Arc::clone(&self.piles[index]);
        let connector = self.rng.within(1..=2) as u8;
        let customer = self.rng.within(1..=u64::from(self.customers)) as u16;
        let snapshot = pile.snapshot();
        let at = snapshot.connector(connector).unwrap();
        let chance = self.rng.within(0..=9);
        let action = if at.transaction_number.is_some() {
            match chance {
                0..6 => Action::Stop { connector, password: None },
                6 => Action::Unplug { connector },
                _ => return,
            }
        } else if at.is_plugged && chance < 7 {
            // Most who are done drive away.
            Action::Unplug { connector }
        } else {
            match chance {
                0..5 => return self.order(&pile, connector, customer),
                5..9 => Action::Ask { connector, credential: Credential::Card(card(customer), None) },
                _ => Action::Plug { connector, car: CarWish::default() },
            }
        };
        // Nobody waits for a pile that is busy with its faults.
        runtime().spawn(async move { pile.act(action).await });
    }

    /// Somebody wants to charge, by the app. The answer may be a refusal: the pile is away, or busy.
    fn order(&mut self, pile: &PileHandle, connector: u8, number: u16) {
        let pile = pile.pile_code().to_string();
        let body = json!({"pile": pile, "connector": connector, "account": customer(number), "limit": "50.00"});
        let answer = self.api.post("orders", &body);
        if answer.status != 201 {
            *self.refused.entry(answer.problem(409)).or_default() += 1;
        }
    }

    /// Somebody walks along all piles and stops what charges.
    pub(super) fn stop_all(&self) {
        for pile in &self.piles {
            for connector in pile.snapshot().charging() {
                let pile = Arc::clone(pile);
                runtime().spawn(async move { pile.act(Action::Stop { connector, password: None }).await });
            }
        }
    }
}

/// Between two steps, so that somebody is at each pile every so often.
pub(super) fn pause(piles: usize, every: Duration) -> Duration {
    every / u32::try_from(piles).unwrap()
}
