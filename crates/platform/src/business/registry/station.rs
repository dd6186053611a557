//! Stations: put, moved to another operator, removed.

use super::{Saved, in_use};
use crate::book::Kind;
use crate::business::{Business, BusinessError};
use crate::identity::StationId;
use crate::pile::Pile;
use crate::station::Station;

impl Business<'_> {
    /// Makes a station or replaces it. Its piles follow it to another operator.
    ///
    /// # Errors
    /// [`Refusal::Invalid`](super::Refusal::Invalid) when its operator or tariff does not exist;
    /// [`Refusal::Conflict`](super::Refusal::Conflict) when a pile that would follow has an open order.
    pub fn put_station(&mut self, mut station: Station) -> Result<Saved<Station>, BusinessError> {
        self.operator_must_exist(station.operator.as_ref())?;
        self.tariff_must_fit(station.tariff.as_ref(), station.operator.as_ref())?;
        let before: Option<Station> = self.books.get(&station.id)?;
        station.created_at = before.as_ref().map_or(self.now, |before| before.created_at);
        let moved = before.as_ref().is_some_and(|before| before.operator != station.operator);
        self.books.put(&station)?;
        let tariff_changed = before.as_ref().is_some_and(|before| before.tariff != station.tariff);
        if moved || tariff_changed {
            for pile in self.followers::<Pile>("station", station.id.as_str())? {
                self.pile_follows(pile, station.operator.clone())?;
            }
        }
        Ok(Saved::of(before.is_none(), station))
    }

    /// Removes a station without piles. An account that was limited to it can then charge nowhere.
    ///
    /// # Errors
    /// [`Refusal::Conflict`](super::Refusal::Conflict) when it has piles.
    pub fn remove_station(&mut self, id: &StationId) -> Result<Station, BusinessError> {
        let station: Station = self.known("station", id)?;
        if self.any_with(Kind::Pile, "station", id.as_str())? {
            return Err(in_use(format!("the station {id} has piles: remove or move them first")));
        }
        self.books.remove(Kind::Station, id.as_str())?;
        Ok(station)
    }
}
