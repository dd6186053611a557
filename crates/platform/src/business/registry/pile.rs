//! Piles: registered, enrolled, changed, moved with their station, removed.

use super::{Saved, in_use};
use crate::alarm::Alarm;
use crate::book::Kind;
use crate::business::{Business, BusinessError, Refusal};
use crate::card::CardOnPile;
use crate::event::{Event, EventType};
use crate::identity::{OperatorId, PileCode};
use crate::pile::{Pile, PileState};
use crate::station::Station;

impl Business<'_> {
    /// Registers a pile or replaces what is registered of it. Whose it is follows from its station.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] when its station or tariff does not exist; [`Refusal::Conflict`] when it would go to another
    /// operator while an order is open.
    pub fn put_pile(&mut self, mut pile: Pile) -> Result<Saved<Pile>, BusinessError> {
        let station: Option<Station> =
            pile.station.as_ref().map(|id| self.referred("station", "station", id)).transpose()?;
        pile.operator = station.and_then(|station| station.operator);
        self.tariff_must_fit(pile.tariff.as_ref(), pile.operator.as_ref())?;
        let Some(before) = self.books.get::<Pile>(&pile.code)? else {
            return self.add_pile(pile).map(Saved::Created);
        };
        pile.created_at = before.created_at;
        if pile == before {
            return Ok(Saved::Replaced(pile));
        }
        if pile.operator != before.operator {
            self.take_along(&pile)?;
        }
        self.keep_pile(&pile, EventType::PileChanged)?;
        if (&pile.tariff, &pile.station) != (&before.tariff, &before.station) {
            self.push_tariff(pile.code)?;
        }
        Ok(Saved::Replaced(pile))
    }

    /// Registers a pile that nobody has registered.
    ///
    /// # Errors
    /// [`Refusal::Conflict`] (`already_registered`) when it is; else as [`put_pile`](Self::put_pile).
    pub fn register_pile(&mut self, pile: Pile) -> Result<Pile, BusinessError> {
        let code = pile.code;
        if self.books.get::<Pile>(&code)?.is_some() {
            let detail = format!("the pile {code} is registered already: change it with PUT /api/v1/piles/{code}");
            return Err(Refusal::Conflict { reason: "already_registered", detail }.into());
        }
        self.put_pile(pile).map(Saved::into_inner)
    }

    /// Registers a stranger that may log in because enrolment is open; one that is registered stays as it is.
    ///
    /// # Errors
    /// When the books fail.
    pub fn enrol_pile(&mut self, pile: Pile) -> Result<Pile, BusinessError> {
        match self.books.get::<Pile>(&pile.code)? {
            Some(registered) => Ok(registered),
            None => self.add_pile(pile),
        }
    }

    /// Takes a pile out of the register, with what it told of itself. Orders and records stay.
    ///
    /// # Errors
    /// [`Refusal::Conflict`] while an order or a command of it is open.
    pub fn remove_pile(&mut self, code: PileCode) -> Result<Pile, BusinessError> {
        let pile: Pile = self.known("pile", &code)?;
        self.must_have_no_open_order(code)?;
        if self.any_with(Kind::Command, "open_pile", code.as_str())? {
            return Err(in_use(format!("commands to the pile {code} are open: cancel them or wait for their end")));
        }
        for card in self.followers::<CardOnPile>("pile", code.as_str())? {
            self.books.remove(Kind::CardOnPile, &crate::book::Document::id(&card))?;
        }
        self.close_alarms_of(code)?;
        self.books.remove(Kind::PileState, code.as_str())?;
        self.books.remove(Kind::Pile, code.as_str())?;
        self.tell_of_pile(&pile, EventType::PileRemoved)?;
        Ok(pile)
    }

    /// A pile's station went to another operator, or has another tariff.
    pub(super) fn pile_follows(&mut self, mut pile: Pile, operator: Option<OperatorId>) -> Result<(), BusinessError> {
        if pile.operator != operator {
            pile.operator = operator;
            self.tariff_must_fit(pile.tariff.as_ref(), pile.operator.as_ref())?;
            self.take_along(&pile)?;
        }
        self.keep_pile(&pile, EventType::PileChanged)?;
        self.push_tariff(pile.code)
    }

    fn add_pile(&mut self, mut pile: Pile) -> Result<Pile, BusinessError> {
        pile.created_at = self.now;
        self.keep_pile(&pile, EventType::PileRegistered)?;
        Ok(pile)
    }

    fn keep_pile(&mut self, pile: &Pile, told_as: EventType) -> Result<(), BusinessError> {
        self.books.put(pile)?;
        self.tell_of_pile(pile, told_as)
    }

    fn tell_of_pile(&mut self, pile: &Pile, event_type: EventType) -> Result<(), BusinessError> {
        let event = Event::new(event_type, self.now, format!("piles/{}", pile.code), pile);
        Ok(self.books.append(&event.of_pile(pile.code).of_operator(pile.operator.clone()))?)
    }

    /// What is known of a pile goes with it to its new operator.
    fn take_along(&mut self, pile: &Pile) -> Result<(), BusinessError> {
        self.must_have_no_open_order(pile.code)?;
        if let Some(mut state) = self.books.get::<PileState>(&pile.code)? {
            state.operator.clone_from(&pile.operator);
            self.books.put(&state)?;
        }
        for mut card in self.followers::<CardOnPile>("pile", pile.code.as_str())? {
            card.operator.clone_from(&pile.operator);
            self.books.put(&card)?;
        }
        for mut alarm in self.followers::<Alarm>("open_pile", pile.code.as_str())? {
            alarm.operator.clone_from(&pile.operator);
            self.books.put(&alarm)?;
        }
        Ok(())
    }

    fn must_have_no_open_order(&mut self, code: PileCode) -> Result<(), BusinessError> {
        if self.any_with(Kind::Order, "open_pile", code.as_str())? {
            return Err(in_use(format!("an order of the pile {code} is open: settle it first")));
        }
        Ok(())
    }
}
