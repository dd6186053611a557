//! Start commands, and those that wait for somebody to plug in (OQ-14).

use std::time::Duration;

use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::{Quantity, Yuan};
use voltapile_protocol::ykc::code::{RemoteStartFailure, StartSource};
use voltapile_protocol::ykc::field::PhysicalCardNumber;

use super::{Connector, Life, Parallel};
use crate::model::action::Refusal;
use crate::model::behaviour::StartBehaviour;
use crate::model::charge::Limit;
use crate::model::context::Context;
use crate::model::tongue::Word;
use crate::model::transaction::TransactionNumber;

/// How long a start that was refused with "not plugged" may still come true.
const PLUG_WAIT: Duration = Duration::from_secs(60);
/// When a pile that refuses first confirms after all.
const CONFIRM_PAUSE: Duration = Duration::from_secs(30);

/// What a start brings along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::model) struct Start {
    pub(in crate::model) transaction_number: TransactionNumber,
    pub(in crate::model) source: StartSource,
    pub(in crate::model) card: PhysicalCardNumber,
    /// 1e-4 yuan; `None` when nobody limits the charge.
    pub(in crate::model) balance: Option<u64>,
    /// Until when it goes on, besides.
    pub(in crate::model) limit: Option<Limit>,
    /// Energy at which it ends while the platform cannot be reached, 1e-4 kWh.
    pub(in crate::model) offline_energy: Option<u64>,
    /// What somebody must enter who stops the charge at the pile.
    pub(in crate::model) stop_password: Option<u32>,
}

impl Start {
    /// One that goes on until the car is full or the balance is spent.
    pub(in crate::model) const fn new(
        transaction_number: TransactionNumber,
        source: StartSource,
        card: PhysicalCardNumber,
        balance: Option<u64>,
    ) -> Self {
        Self { transaction_number, source, card, balance, limit: None, offline_energy: None, stop_password: None }
    }

    /// One that the platform consents to; who pays is known to the connector.
    pub(in crate::model) fn granted(transaction_number: TransactionNumber, balance: Option<u64>) -> Self {
        Self::new(transaction_number, StartSource::Card, PhysicalCardNumber::default(), balance)
    }
}

/// What a charge may cost, 1e-4 yuan; a balance of zero means that nobody limits it.
pub(in crate::model) fn spendable(balance: Yuan<2>) -> Option<u64> {
    Some(balance.raw() * 100).filter(|balance| *balance > 0)
}

/// A start that the platform orders, and how it is to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::model) struct StartOrder {
    pub(in crate::model) start: Start,
    /// Its part in a parallel charge, where it is one.
    pub(in crate::model) parallel: Option<Parallel>,
}

/// A start that waits for somebody to plug in.
#[derive(Debug)]
pub(super) struct WaitingStart {
    order: StartOrder,
    /// When it comes true by itself, where nobody has to plug in.
    confirm_at: Option<Tick>,
    until: Tick,
}

impl WaitingStart {
    pub(super) fn next_at(&self) -> Tick {
        self.confirm_at.unwrap_or(self.until).min(self.until)
    }
}

impl Connector {
    /// Answers a start command first, then charges: the platform expects the answer before the first 0x13.
    pub(in crate::model) fn obey(&mut self, cx: &mut Context<'_>, order: StartOrder) {
        let refusal = match cx.state.behaviour.start {
            StartBehaviour::Silent => return,
            StartBehaviour::Refuses(reason) => Some(reason),
            StartBehaviour::RefusesThenConfirms => self.refusal(cx).or(Some(RemoteStartFailure::NotPlugged)),
            StartBehaviour::Obeys | StartBehaviour::NeverCharges => self.refusal(cx),
        };
        let confirms = cx.state.behaviour.start == StartBehaviour::RefusesThenConfirms;
        cx.say(self.number, Word::Answers(&order, refusal));
        self.last_refusal = refusal.map(Refusal::Pile);
        match refusal {
            None => self.begin(cx, order.start),
            Some(RemoteStartFailure::NotPlugged)
                if confirms || (self.car().is_none() && cx.tongue.starts_once_plugged()) =>
            {
                let (until, confirm_at) = (cx.now.tick + PLUG_WAIT, confirms.then(|| cx.now.tick + CONFIRM_PAUSE));
                self.waiting_start = Some(WaitingStart { order, confirm_at, until });
            }
            Some(_) => {}
        }
    }

    /// Charges, unless this pile only says so.
    pub(super) fn begin(&mut self, cx: &mut Context<'_>, start: Start) {
        if cx.state.behaviour.start != StartBehaviour::NeverCharges {
            self.start(cx, start);
        }
    }

    /// Somebody plugged in: a start that waited for it comes true.
    pub(super) fn start_that_waited(&mut self, cx: &mut Context<'_>) {
        if self.refusal(cx).is_some() {
            if let Some(waiting) = &mut self.waiting_start {
                waiting.confirm_at = None;
            }
            return;
        }
        if let Some(waiting) = self.waiting_start.take() {
            self.last_refusal = None;
            cx.say(self.number, Word::Answers(&waiting.order, None));
            self.begin(cx, waiting.order.start);
        }
    }

    /// The account of a charge was topped up; `false` when the card is not the one that charges here. A card of zeros
    /// is any card (V1.6 §8).
    pub(in crate::model) fn set_balance(&mut self, card: PhysicalCardNumber, balance: u64) -> bool {
        match &mut self.life {
            Life::Charging(charge) if card == PhysicalCardNumber::default() || charge.card == card => {
                charge.balance = Some(balance);
                true
            }
            _ => false,
        }
    }

    /// Whether a stop of the platform has an effect here. It also ends the waiting for a plug.
    pub(in crate::model) fn yields_to_stop(&mut self) -> bool {
        self.waiting_start.take().is_some() || self.is_charging()
    }

    /// Nobody plugged in, or nobody answered, for too long.
    pub(super) fn give_up_waiting(&mut self, cx: &mut Context<'_>) {
        if cx.is_due(self.waiting_start.as_ref().and_then(|waiting| waiting.confirm_at)) {
            self.start_that_waited(cx);
        }
        if cx.is_due(self.waiting_start.as_ref().map(|waiting| waiting.until)) {
            self.waiting_start = None;
        }
        if cx.is_due(self.asking.as_ref().map(super::Asking::until)) {
            self.asking = None;
            self.last_refusal = Some(Refusal::Unanswered);
        }
    }
}
