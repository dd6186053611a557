//! People who ask to charge at the pile: with a card, an account or the car's VIN; while the pile is offline, with a
//! card that it knows. And people who stop.

use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::Bytes;
use voltapile_protocol::ykc::code::{MainAuxiliary, StartRefusal, StartSource};
use voltapile_protocol::ykc::field::{ParallelSessionNumber, PhysicalCardNumber};

use super::start::Start;
use super::{Connector, Life};
use crate::model::action::{Credential, Refusal};
use crate::model::car::CarWish;
use crate::model::charge::End;
use crate::model::clock::civil_time;
use crate::model::context::Context;
use crate::model::tongue::Word;
use crate::model::transaction::TransactionNumber;

/// Part of a parallel charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::model) struct Parallel {
    pub(in crate::model) session_number: ParallelSessionNumber,
    pub(in crate::model) role: MainAuxiliary,
}

/// Somebody who waits for the platform's consent.
#[derive(Debug)]
pub(super) struct Asking {
    source: StartSource,
    card: PhysicalCardNumber,
    parallel: Option<ParallelSessionNumber>,
    /// What the platform consented to, while the other connector of a parallel charge is not there yet.
    granted: Option<Start>,
    until: Tick,
}

impl Asking {
    pub(super) const fn until(&self) -> Tick {
        self.until
    }
}

/// What the platform says to somebody who asked.
pub(in crate::model) type Consent = Result<Start, StartRefusal>;

impl Connector {
    /// A visitor takes out a card.
    pub(super) fn swipe_a_card(&mut self, cx: &mut Context<'_>) {
        let number = cx.rng.next_u64() >> 32;
        let cards = &cx.state.visitor_cards;
        let chosen = usize::try_from(number).unwrap_or_default().checked_rem(cards.len());
        match chosen.and_then(|chosen| cards.get(chosen)).copied() {
            Some(card) => self.ask(cx, Credential::Card(card, None), None),
            None if cx.tongue.takes_any_card() => self.start_offline(cx, Bytes(number.to_be_bytes())),
            None => self.ask(cx, Credential::Card(Bytes(number.to_be_bytes()), None), None),
        }
    }

    /// Whether a charge could begin here; where it could not, the connector remembers why.
    pub(in crate::model) fn is_ready(&mut self, cx: &Context<'_>) -> bool {
        self.last_refusal = self.refusal(cx).map(Refusal::Pile);
        self.last_refusal.is_none()
    }

    /// Somebody asks to charge here.
    pub(in crate::model) fn ask(&mut self, cx: &mut Context<'_>, credential: Credential, parallel: Option<Parallel>) {
        let credential = cx.tongue.read(credential);
        if !self.is_ready(cx) {
            return;
        }
        if self.is_kept_from(cx, credential) {
            self.last_refusal = Some(Refusal::Reserved);
            return;
        }
        // Whoever is plugged in already has seen to that: a visitor stays a visitor, who leaves after the charge.
        if self.car().is_none() {
            self.plug(cx, CarWish::default());
        }
        if self.is_charging() {
            // A start command waited for this plug.
            return;
        }
        let (source, card) = match credential {
            Credential::Card(card, _) => (StartSource::Card, card),
            // The specification has no source for accounts; they are the app's.
            Credential::Account(..) => (StartSource::App, PhysicalCardNumber::default()),
            Credential::Vin => (StartSource::Vin, PhysicalCardNumber::default()),
        };
        if !cx.tongue.is_logged_in() {
            let is_known = parallel.is_none() && cx.tongue.knows_offline(&cx.state.cards, credential, self.vin());
            if is_known {
                self.start_offline(cx, card);
            } else {
                self.last_refusal = Some(Refusal::UnknownOffline);
            }
            return;
        }
        let until = cx.now.tick + cx.tongue.consent_wait();
        let parallel_number = parallel.map(|parallel| parallel.session_number);
        self.asking = Some(Asking { source, card, parallel: parallel_number, granted: None, until });
        cx.say(self.number, Word::Asks { credential, vin: self.vin(), parallel });
    }

    /// The platform answers 0x31.
    pub(in crate::model) fn answered(&mut self, cx: &mut Context<'_>, consent: Consent) {
        if self.asking.as_ref().is_none_or(|asking| asking.parallel.is_some()) {
            return;
        }
        self.note(consent);
        self.begin_granted(cx);
    }

    /// The platform answers 0xA1 for this connector.
    pub(in crate::model) fn answered_parallel(&mut self, number: ParallelSessionNumber, consent: Consent) {
        if self.takes_part_in(number) {
            self.note(consent);
        }
    }

    fn note(&mut self, consent: Consent) {
        match (consent, &mut self.asking) {
            (Ok(start), Some(asking)) => {
                asking.granted = Some(Start { source: asking.source, card: asking.card, ..start });
            }
            (Err(reason), asking) => {
                *asking = None;
                self.last_refusal = Some(Refusal::Platform(reason));
            }
            (Ok(_), None) => {}
        }
    }

    /// Whether somebody waits here for a parallel charge.
    pub(in crate::model) fn takes_part_in(&self, number: ParallelSessionNumber) -> bool {
        self.asking.as_ref().is_some_and(|asking| asking.parallel == Some(number))
    }

    /// Whether the platform consented, and nothing has begun yet.
    pub(in crate::model) fn is_granted(&self) -> bool {
        self.asking.as_ref().is_some_and(|asking| asking.granted.is_some())
    }

    /// Begins what the platform consented to.
    pub(in crate::model) fn begin_granted(&mut self, cx: &mut Context<'_>) {
        let Some(start) = self.asking.take_if(|asking| asking.granted.is_some()).and_then(|asking| asking.granted)
        else {
            return;
        };
        if self.is_ready(cx) {
            self.begin(cx, start);
        } else if let Some(reason) = self.refusal(cx) {
            cx.say(self.number, Word::CannotBegin(&start, reason));
        }
    }

    /// The other connector of a parallel charge was refused.
    pub(in crate::model) fn lose_partner(&mut self) {
        self.asking = None;
        self.last_refusal = Some(Refusal::Partner);
    }

    /// Somebody presses stop. Where the start came with a password, the charge goes on unless that is entered.
    pub(in crate::model) fn stop_by_hand(&mut self, cx: &mut Context<'_>, password: Option<u32>) {
        let demanded = if let Life::Charging(charge) = &self.life { charge.stop_password } else { None };
        if demanded.is_none() || demanded == password {
            self.stop(cx, End::ByHand);
        }
    }

    /// Starts with a card that the pile itself knows; it numbers the transaction.
    pub(super) fn start_offline(&mut self, cx: &mut Context<'_>, card: PhysicalCardNumber) {
        self.counter = (self.counter + 1) % 10_000;
        let start = civil_time(cx.now.unix_ms);
        let number = TransactionNumber::made_by(cx.state.pile_code, self.number, start, self.counter);
        self.start(cx, Start::new(number, StartSource::OfflineCard, card, None));
    }
}
