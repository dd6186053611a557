//! Getting the right tariff onto piles: assigned, told while idle, and what they say they run.

use serde_json::{Value, json};

use crate::business::command::NewCommand;
use crate::business::{Business, BusinessError, Due, Refusal};
use crate::command::{Command, CommandAction, CommandState};
use crate::event::{Event, EventType};
use crate::identity::{PileCode, StationId, TariffId};
use crate::pile::{Pile, PileState};
use crate::station::Station;
use crate::tariff::{TariffNumber, TariffRef, TariffVersion};
use crate::timestamp::Timestamp;

/// Seconds after which a pile that was too busy to be told of its tariff is looked at again.
const LOOK_AGAIN_S: i64 = 60;
/// Piles and stations that charge by one tariff.
const FOLLOWERS_MAX: usize = 10_000_000;

/// Piles that are told of a tariff in the unit of work that changed it.
const PUSHED_AT_ONCE: usize = 100;

impl Business<'_> {
    /// Gives a pile a tariff of its own, or takes it away so that its station's counts; it is told when it is idle.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] without the pile, [`Refusal::Invalid`] when there is no such tariff for it.
    pub fn assign_tariff_to_pile(&mut self, pile: PileCode, tariff: Option<TariffId>) -> Result<Pile, BusinessError> {
        let found: Option<Pile> = self.books.get(&pile)?;
        let found = found.ok_or_else(|| Refusal::NotFound { what: "pile", key: pile.to_string() })?;
        Ok(self.put_pile(Pile { tariff, ..found })?.into_inner())
    }

    /// Gives a station's piles a tariff, those that have none of their own.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] without the station, [`Refusal::Invalid`] when there is no such tariff for it.
    pub fn assign_tariff_to_station(
        &mut self,
        station: &StationId,
        tariff: Option<TariffId>,
    ) -> Result<Station, BusinessError> {
        let found: Option<Station> = self.books.get(station)?;
        let found = found.ok_or_else(|| Refusal::NotFound { what: "station", key: station.to_string() })?;
        Ok(self.put_station(Station { tariff, ..found })?.into_inner())
    }

    /// Has a pile take the version in force (0x58) when it runs another one. It is told only while connected, idle and
    /// without an order; a connected one that is busy is looked at again every minute, one that is away
    /// at its login.
    ///
    /// # Errors
    /// When the books fail.
    pub fn push_tariff(&mut self, pile: PileCode) -> Result<(), BusinessError> {
        // Asked first: it costs nothing.
        if !self.presence.is_online(pile) {
            return Ok(());
        }
        let Some(version) = self.tariff_wanted(pile)? else { return Ok(()) };
        let wanted = version.reference();
        let asks = |command: &Command| matches!(command.request, CommandAction::SetTariff { .. });
        let open = self.open_commands(pile)?;
        for command in open.iter().filter(|command| asks(command) && command.state == CommandState::Queued) {
            self.give_up_command(command.clone(), "superseded", Value::Null)?;
        }
        // Once the one in flight has ended, this is asked again.
        let in_flight = open.iter().any(|command| asks(command) && command.state == CommandState::Sent);
        let running = self.books.get::<PileState>(&pile)?.and_then(|state| state.running_tariff);
        if in_flight || running == Some(version.number) {
            return Ok(());
        }
        if self.is_busy(pile)? {
            self.look_again(pile);
            return Ok(());
        }
        self.tariff_used(&wanted)?;
        match self.queue_command(NewCommand::of_platform(pile, CommandAction::SetTariff { tariff: wanted })) {
            Ok(_) => Ok(()),
            // A full queue.
            Err(BusinessError::Refused(_)) => {
                self.look_again(pile);
                Ok(())
            }
            Err(failed) => Err(failed),
        }
    }

    /// As [`push_tariff`](Self::push_tariff), but not for a version that the pile has just failed to take.
    pub(in crate::business) fn push_tariff_unless(
        &mut self,
        pile: PileCode,
        failed: &TariffRef,
    ) -> Result<(), BusinessError> {
        match self.tariff_wanted(pile)? {
            Some(version) if version.reference() != *failed => self.push_tariff(pile),
            _ => Ok(()),
        }
    }

    /// A pile says which tariff it has (0x05).
    ///
    /// # Errors
    /// When the books fail.
    pub fn tariff_reported(&mut self, pile: PileCode, number: TariffNumber) -> Result<(), BusinessError> {
        let Some(place) = self.books.get::<Pile>(&pile)? else { return Ok(()) };
        let version = self.tariff_by_number(&place, number)?.map(|version| version.reference());
        self.pile_runs(pile, number, version.as_ref())?;
        self.push_tariff(pile)
    }

    /// A pile took a tariff version: it said so (0x57), or it asked for it and got it (0x0A).
    ///
    /// # Errors
    /// When the books fail.
    pub fn tariff_accepted(&mut self, pile: PileCode, version: TariffRef) -> Result<(), BusinessError> {
        let Some(taken) = self.books.get::<TariffVersion>(&version)? else { return Ok(()) };
        self.pile_runs(pile, taken.number, Some(&version))
    }

    /// Tells every pile that charges by a tariff of the version in force. Many are told one by one afterwards: everybody
    /// waits for a unit of work.
    pub(super) fn spread_tariff(&mut self, tariff: &TariffId) -> Result<(), BusinessError> {
        let mut piles: Vec<Pile> = self.books.find("tariff", tariff, FOLLOWERS_MAX)?;
        for station in self.books.find::<Station>("tariff", tariff, FOLLOWERS_MAX)? {
            piles.extend(self.piles_by_station(&station.id)?);
        }
        for (position, pile) in piles.iter().enumerate() {
            if position < PUSHED_AT_ONCE {
                self.push_tariff(pile.code)?;
            } else if self.presence.is_online(pile.code) {
                self.reaction.due.push((self.now, Due::PileTariff(pile.code)));
            }
        }
        Ok(())
    }

    fn tariff_wanted(&mut self, pile: PileCode) -> Result<Option<TariffVersion>, BusinessError> {
        let Some(place) = self.books.get::<Pile>(&pile)? else { return Ok(None) };
        Ok(self.tariff_in_force(&place, self.now)?)
    }

    /// Whether a pile charges, or is about to. An order that waits for its record, or for a person, keeps no connector
    /// busy.
    fn is_busy(&mut self, pile: PileCode) -> Result<bool, BusinessError> {
        if !self.presence.is_idle(pile) {
            return Ok(true);
        }
        Ok(self.open_orders_of(pile)?.iter().any(|order| order.open_on.is_some()))
    }

    /// Asks to be woken at the next full [`LOOK_AGAIN_S`]; asked twice, that is once.
    fn look_again(&mut self, pile: PileCode) {
        let step_ms = LOOK_AGAIN_S * 1000;
        let next_ms = (self.now.unix_ms().div_euclid(step_ms) + 1) * step_ms;
        self.reaction.due.push((Timestamp::from_unix_ms(next_ms), Due::PileTariff(pile)));
    }

    fn pile_runs(
        &mut self,
        pile: PileCode,
        number: TariffNumber,
        version: Option<&TariffRef>,
    ) -> Result<(), BusinessError> {
        let Some(mut state) = self.state_of_pile(pile)? else { return Ok(()) };
        if let Some(version) = version {
            self.tariff_used(version)?;
        }
        let before = state.running_tariff.replace(number);
        state.running_tariff_at = Some(self.now);
        self.books.put(&state)?;
        if before == Some(number) {
            return Ok(());
        }
        let data = json!({"pile": pile, "number": number, "tariff": version, "number_before": before});
        let event = Event::new(EventType::PileTariffChanged, self.now, format!("piles/{pile}"), &data);
        Ok(self.books.append(&event.of_pile(pile).of_operator(state.operator))?)
    }

    /// A station's piles that have no tariff of their own.
    fn piles_by_station(&mut self, station: &StationId) -> Result<Vec<Pile>, BusinessError> {
        let mut piles: Vec<Pile> = self.books.find("station", station, FOLLOWERS_MAX)?;
        piles.retain(|pile| pile.tariff.is_none());
        Ok(piles)
    }
}
