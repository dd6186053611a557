//! Tariffs: which version a pile should charge by, which one it runs, and how it gets the right one.
//!
//! A version never changes once it was used: handed to a pile, run by one, or charged by. Its number stands for it on
//! the wire, so a number never comes to mean other prices.

mod effective;
mod push;
mod put;

#[cfg(test)]
mod tests;

pub use put::PutTariff;

use super::{Business, BusinessError};
use crate::book::{Books, BooksError};
use crate::identity::TariffId;
use crate::pile::Pile;
use crate::station::Station;
use crate::tariff::{TariffNumber, TariffRef, TariffVersion, in_force};
use crate::timestamp::Timestamp;

/// Versions of one tariff that are looked at.
const VERSIONS_MAX: usize = 10_000;

impl Business<'_> {
    /// The version that a pile should charge by at a moment: of its own tariff, else of its station's.
    ///
    /// # Errors
    /// When the books fail.
    pub fn tariff_in_force(&mut self, pile: &Pile, at: Timestamp) -> Result<Option<TariffVersion>, BooksError> {
        let Some(tariff) = tariff_of(self.books, pile)? else { return Ok(None) };
        let versions: Vec<TariffVersion> = self.books.find("tariff", &tariff, VERSIONS_MAX)?;
        Ok(in_force(&versions, at).cloned())
    }

    /// The version that a pile means by a number; `None` also for one that is another operator's.
    ///
    /// # Errors
    /// When the books fail.
    pub fn tariff_by_number(&mut self, pile: &Pile, number: TariffNumber) -> Result<Option<TariffVersion>, BooksError> {
        let version: Option<TariffVersion> = self.books.first("number", number)?;
        Ok(version.filter(|version| version.operator.is_none() || version.operator == pile.operator))
    }

    /// Notes that a version was used, so that it never changes again. To be called before a pile is told of it (0x0A)
    /// and when an order is begun under it.
    ///
    /// # Errors
    /// When the books fail.
    pub fn tariff_used(&mut self, version: &TariffRef) -> Result<(), BusinessError> {
        let version: Option<TariffVersion> = self.books.get(version)?;
        if let Some(mut version) = version.filter(|version| version.used_at.is_none()) {
            version.used_at = Some(self.now);
            self.books.put(&version)?;
        }
        Ok(())
    }
}

/// The tariff that a pile is to charge by, as the books have it.
///
/// # Errors
/// When the books fail.
pub fn tariff_of(books: &mut dyn Books, pile: &Pile) -> Result<Option<TariffId>, BooksError> {
    pile.charges_by(|station| Ok(books.get::<Station>(station)?.and_then(|station| station.tariff)))
}
