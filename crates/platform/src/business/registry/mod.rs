//! The register: operators, users, tokens, stations, piles, accounts, cards, vehicles, and the audit log of who changed
//! them.
//!
//! A document that is put replaces the one before, all but what only the books know: when it was made, an account's
//! money, and whose it is where that follows from another document (a pile's operator is its station's, a card's its
//! account's). What is moved takes along what hangs below it.

mod account;
mod card;
mod operator;
mod pile;
mod station;
mod token;
mod user;
mod vehicle;

#[cfg(test)]
mod tests;

pub use card::physical_number;
pub use token::NewToken;
pub use vehicle::vin;

use serde_json::Value;

use super::{Business, BusinessError, Refusal};
use crate::account::Account;
use crate::audit::AuditEntry;
use crate::book::{Document, Kind};
use crate::identity::{AccountId, AuditId, OperatorId, StationId, TariffId};
use crate::operator::Operator;
use crate::station::Station;
use crate::tariff::Tariff;

/// Documents that follow when what they hang below is moved. More is not moved in one unit of work, which all others
/// wait for.
const FOLLOWERS_MAX: usize = 10_000;

/// What a put did, with what is in the books now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved<T> {
    /// It was new.
    Created(T),
    /// It was there and is replaced.
    Replaced(T),
}

impl<T> Saved<T> {
    /// What is in the books now.
    pub fn into_inner(self) -> T {
        match self {
            Self::Created(saved) | Self::Replaced(saved) => saved,
        }
    }

    fn of(is_new: bool, saved: T) -> Self {
        if is_new { Self::Created(saved) } else { Self::Replaced(saved) }
    }
}

/// A change that somebody made, on its way into the audit log.
#[derive(Debug, Clone, PartialEq)]
pub struct Deed {
    /// Who: `user:wang`, `token:7`, `admin`.
    pub actor: String,
    /// What was done: `pile.put`.
    pub action: String,
    /// To what, as a path below `/api/v1`.
    pub resource: String,
    /// The operator whose thing it is.
    pub operator: Option<OperatorId>,
    /// What was asked for; secrets left out.
    pub detail: Value,
    /// The `Idempotency-Key` it was asked with, behind who asked.
    pub key: Option<String>,
    /// Hash of what was asked, under a key.
    pub digest: Option<String>,
    /// Numbers of what it made or acted on, under a key.
    pub made: Vec<u64>,
}

impl Business<'_> {
    /// Writes down who changed what, in the same unit of work as the change.
    ///
    /// # Errors
    /// When the books fail.
    pub fn audit(&mut self, deed: Deed) -> Result<AuditEntry, BusinessError> {
        let Deed { actor, action, resource, operator, detail, key, digest, made } = deed;
        let id = AuditId(self.books.next_number(Kind::Audit)?);
        let entry = AuditEntry { id, at: self.now, actor, operator, action, resource, detail, key, digest, made };
        self.books.put(&entry)?;
        Ok(entry)
    }

    /// What was done before under an `Idempotency-Key`.
    ///
    /// # Errors
    /// [`Refusal::Conflict`] (`key_reused`) when something else was asked under it.
    pub fn done_before(&mut self, key: &str, digest: &str) -> Result<Option<AuditEntry>, BusinessError> {
        let found: Option<AuditEntry> = self.books.first("key", key)?;
        if found.as_ref().is_some_and(|entry| entry.digest.as_deref() != Some(digest)) {
            let detail = "another request was made under this Idempotency-Key: take a new one for a new request".into();
            return Err(Refusal::Conflict { reason: "key_reused", detail }.into());
        }
        Ok(found)
    }

    fn operator_must_exist(&mut self, id: Option<&OperatorId>) -> Result<(), BusinessError> {
        match id {
            Some(id) => self.referred::<Operator>("operator", "operator", id).map(drop),
            None => Ok(()),
        }
    }

    fn account_must_exist(&mut self, id: &AccountId) -> Result<Account, BusinessError> {
        self.referred("account", "account", id)
    }

    /// A tariff that somebody's piles are to charge by: their own, or one of nobody in particular.
    fn tariff_must_fit(
        &mut self,
        id: Option<&TariffId>,
        operator: Option<&OperatorId>,
    ) -> Result<Option<Tariff>, BusinessError> {
        let Some(id) = id else { return Ok(None) };
        let tariff: Tariff = self.referred("tariff", "tariff", id)?;
        if tariff.operator.is_some() && tariff.operator.as_ref() != operator {
            return Err(no_such("tariff", "tariff", id).into());
        }
        Ok(Some(tariff))
    }

    fn stations_must_be_of(
        &mut self,
        stations: Option<&[StationId]>,
        operator: Option<&OperatorId>,
    ) -> Result<(), BusinessError> {
        for id in stations.unwrap_or_default() {
            let station: Station = self.referred("allowed_stations", "station", id)?;
            if station.operator.as_ref() != operator {
                return Err(no_such("allowed_stations", "station", id).into());
            }
        }
        Ok(())
    }

    /// A document that another one's field names.
    fn referred<T: Document>(
        &mut self,
        field: &'static str,
        what: &'static str,
        id: &T::Id,
    ) -> Result<T, BusinessError> {
        self.books.get(id)?.ok_or_else(|| no_such(field, what, id).into())
    }

    /// A document that must be there.
    fn known<T: Document>(&mut self, what: &'static str, id: &T::Id) -> Result<T, BusinessError> {
        self.books.get(id)?.ok_or_else(|| Refusal::NotFound { what, key: id.to_string() }.into())
    }

    /// Whether a document of a kind has a value in a field.
    fn any_with(&mut self, kind: Kind, field: &'static str, value: &str) -> Result<bool, BusinessError> {
        Ok(!self.books.search(kind, field, &Value::from(value), 1)?.is_empty())
    }

    /// What hangs below something that is moved.
    fn followers<T: Document>(&mut self, field: &'static str, value: &str) -> Result<Vec<T>, BusinessError> {
        let found = self.books.find(field, value, FOLLOWERS_MAX + 1)?;
        if found.len() > FOLLOWERS_MAX {
            let detail = format!("more than {FOLLOWERS_MAX} {} would have to move with it", T::KIND.table());
            return Err(Refusal::Conflict { reason: "too_many", detail }.into());
        }
        Ok(found)
    }
}

/// A field names something that is not there, or not for who names it.
fn no_such(field: &'static str, what: &str, id: &impl std::fmt::Display) -> Refusal {
    Refusal::Invalid { field, detail: format!("there is no {what} {id}: make it first") }
}

/// Something can't go while others need it.
fn in_use(detail: String) -> BusinessError {
    Refusal::Conflict { reason: "in_use", detail }.into()
}
