//! Making tariffs and giving them new versions.

use super::VERSIONS_MAX;
use crate::book::{BooksError, Kind};
use crate::business::{Business, BusinessError, Due, Refusal};
use crate::identity::{OperatorId, TariffId};
use crate::tariff::{Tariff, TariffDraft, TariffError, TariffNumber, TariffRef, TariffTerms, TariffVersion};
use crate::timestamp::Timestamp;

/// The greatest number that the platform gives by itself: numbers are four decimal digits, for piles that show them.
const NUMBER_MAX: u64 = 9999;

/// A tariff that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutTariff {
    /// Its id.
    pub id: TariffId,
    /// Whose it is; `None` for one that all may use.
    pub operator: Option<OperatorId>,
    /// What it charges, from when on, and under which number.
    pub draft: TariffDraft,
}

impl Business<'_> {
    /// Makes a tariff, or gives it a version that charges what is asked for; and whether the tariff is new.
    ///
    /// Asking for what its newest version says changes nothing but its name. A newest version that was never used is
    /// replaced in its place; it gets a new number with its new prices unless one is asked for. A used one is followed
    /// by a new version, from now on or from `effective_from`. Piles that charge by the tariff are told when it counts.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] when the terms don't fit together, the number means another version, or the version would
    /// count before the one it follows; [`Refusal::Conflict`] when the tariff is another operator's
    /// (`tariff_of_another_operator`) or no number is free (`no_number_free`).
    pub fn put_tariff(&mut self, put: PutTariff) -> Result<(Tariff, TariffVersion, bool), BusinessError> {
        let Some(mut tariff) = self.books.get::<Tariff>(&put.id)? else {
            let (tariff, version) = self.make_tariff(put)?;
            return Ok((tariff, version, true));
        };
        if tariff.operator != put.operator {
            let detail = format!("the tariff {} is another operator's: take another id", put.id);
            return Err(Refusal::Conflict { reason: "tariff_of_another_operator", detail }.into());
        }
        let latest = self.version_of(&put.id, tariff.latest_version)?;
        let draft = &put.draft;
        let asked = draft.terms(draft.number.unwrap_or(latest.number)).map_err(invalid)?;
        let same_time = draft.effective_from.is_none_or(|from| from == latest.effective_from);
        if asked.number() == latest.number && asked.sells_like(&latest.terms) && same_time {
            let latest = self.rename_tariff(&mut tariff, latest, asked)?;
            return Ok((tariff, latest, false));
        }
        let version = if latest.used_at.is_none() {
            self.replace_version(draft, latest, &asked)?
        } else {
            self.follow_version(draft, &latest)?
        };
        tariff.latest_version = version.version;
        tariff.name.clone_from(&draft.name);
        tariff.updated_at = self.now;
        self.books.put(&tariff)?;
        self.announce_version(&version)?;
        Ok((tariff, version, false))
    }

    fn make_tariff(&mut self, put: PutTariff) -> Result<(Tariff, TariffVersion), BusinessError> {
        let PutTariff { id, operator, draft } = put;
        let number = self.number_for(&draft, None)?;
        let terms = draft.terms(number).map_err(invalid)?;
        let tariff = Tariff {
            id: id.clone(),
            operator: operator.clone(),
            name: draft.name,
            latest_version: 1,
            created_at: self.now,
            updated_at: self.now,
        };
        let effective_from = draft.effective_from.unwrap_or(self.now);
        let version = TariffVersion {
            tariff: id,
            operator,
            version: 1,
            number,
            terms,
            effective_from,
            upcoming: effective_from > self.now,
            used_at: None,
            created_at: self.now,
        };
        self.books.put(&tariff)?;
        self.books.put(&version)?;
        self.announce_version(&version)?;
        Ok((tariff, version))
    }

    /// A used version keeps the name it was used under.
    fn rename_tariff(
        &mut self,
        tariff: &mut Tariff,
        mut latest: TariffVersion,
        asked: TariffTerms,
    ) -> Result<TariffVersion, BusinessError> {
        if tariff.name == asked.name() {
            return Ok(latest);
        }
        asked.name().clone_into(&mut tariff.name);
        tariff.updated_at = self.now;
        self.books.put(tariff)?;
        if latest.used_at.is_none() {
            latest.terms = asked;
            self.books.put(&latest)?;
        }
        Ok(latest)
    }

    /// Puts new terms in the place of a version that was never used.
    fn replace_version(
        &mut self,
        draft: &TariffDraft,
        before: TariffVersion,
        asked: &TariffTerms,
    ) -> Result<TariffVersion, BusinessError> {
        let effective_from = draft.effective_from.unwrap_or(before.effective_from);
        if before.version > 1 {
            let followed = self.version_of(&before.tariff, before.version - 1)?;
            must_follow(effective_from, &followed)?;
        }
        // A pile may have got the old prices under the old number after all: over 0x0A, from a backup.
        let keeps = asked.sells_like(&before.terms) || draft.number == Some(before.number);
        let number = if keeps && draft.number.is_none_or(|number| number == before.number) {
            before.number
        } else {
            self.number_for(draft, Some(&before.reference()))?
        };
        let version = TariffVersion {
            number,
            terms: draft.terms(number).map_err(invalid)?,
            effective_from,
            upcoming: effective_from > self.now,
            created_at: self.now,
            ..before
        };
        self.books.put(&version)?;
        Ok(version)
    }

    /// Adds a version behind one that was used.
    fn follow_version(&mut self, draft: &TariffDraft, latest: &TariffVersion) -> Result<TariffVersion, BusinessError> {
        let effective_from = draft.effective_from.unwrap_or(self.now.max(latest.effective_from));
        must_follow(effective_from, latest)?;
        let number = self.number_for(draft, None)?;
        let version = TariffVersion {
            tariff: latest.tariff.clone(),
            operator: latest.operator.clone(),
            version: latest.version.saturating_add(1),
            number,
            terms: draft.terms(number).map_err(invalid)?,
            effective_from,
            upcoming: effective_from > self.now,
            used_at: None,
            created_at: self.now,
        };
        self.books.put(&version)?;
        Ok(version)
    }

    /// A version's piles are told now, or when its time comes.
    fn announce_version(&mut self, version: &TariffVersion) -> Result<(), BusinessError> {
        if version.upcoming {
            self.reaction.due.push((version.effective_from, Due::Tariffs));
        }
        self.spread_tariff(&version.tariff)
    }

    /// The number that is asked for, if nothing else has it but what it replaces; else the next that is free.
    fn number_for(&mut self, draft: &TariffDraft, replaced: Option<&TariffRef>) -> Result<TariffNumber, BusinessError> {
        let Some(number) = draft.number else { return self.free_number() };
        let holder: Option<TariffVersion> = self.books.first("number", number)?;
        match holder.map(|holder| holder.reference()).filter(|holder| Some(holder) != replaced) {
            Some(holder) => {
                let detail = format!("the number {number} means {holder}: take another, or none");
                Err(Refusal::Invalid { field: "number", detail }.into())
            }
            None => Ok(number),
        }
    }

    fn free_number(&mut self) -> Result<TariffNumber, BusinessError> {
        let next = self.books.next_number(Kind::TariffVersion)?.saturating_sub(1);
        for step in 0..NUMBER_MAX {
            let number = decimal_number((next + step) % NUMBER_MAX + 1);
            if self.books.first::<TariffVersion>("number", number)?.is_none() {
                return Ok(number);
            }
        }
        let detail = format!("all numbers up to {NUMBER_MAX} are taken: name one with a letter, like 0a01");
        Err(Refusal::Conflict { reason: "no_number_free", detail }.into())
    }

    fn version_of(&mut self, tariff: &TariffId, version: u32) -> Result<TariffVersion, BooksError> {
        let reference = TariffRef { tariff: tariff.clone(), version };
        let found: Option<TariffVersion> = self.books.get(&reference)?;
        found.ok_or_else(|| BooksError::Corrupt {
            kind: Kind::TariffVersion,
            id: reference.to_string(),
            reason: "the tariff's version is missing".to_owned(),
        })
    }

    /// Every version of a tariff, the first one first.
    ///
    /// # Errors
    /// When the books fail.
    pub fn tariff_versions(&mut self, tariff: &TariffId) -> Result<Vec<TariffVersion>, BusinessError> {
        let mut versions: Vec<TariffVersion> = self.books.find("tariff", tariff, VERSIONS_MAX)?;
        versions.sort_by_key(|version| version.version);
        Ok(versions)
    }
}

/// A number up to 9999 as its four decimal digits: 12 is `0012` on the wire.
fn decimal_number(number: u64) -> TariffNumber {
    let pair = |number: u64| u8::try_from(number % 100 / 10 * 16 + number % 10).unwrap_or(0);
    TariffNumber([pair(number / 100), pair(number)])
}

fn must_follow(effective_from: Timestamp, followed: &TariffVersion) -> Result<(), Refusal> {
    if effective_from >= followed.effective_from {
        return Ok(());
    }
    let detail =
        format!("version {} counts from {} on: begin with it or later", followed.version, followed.effective_from);
    Err(Refusal::Invalid { field: "effective_from", detail })
}

fn invalid(error: TariffError) -> BusinessError {
    Refusal::Invalid { field: error.field(), detail: error.to_string() }.into()
}
