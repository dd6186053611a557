//! What a caller sees: everything, or what its operator owns. The one place that decides it; handlers read and change
//! documents through a [`Caller`] only. What belongs to another operator is answered like what does not exist.

use voltapile_platform::account::{Account, Entry};
use voltapile_platform::alarm::Alarm;
use voltapile_platform::audit::AuditEntry;
use voltapile_platform::book::Document;
use voltapile_platform::card::{Card, CardOnPile};
use voltapile_platform::command::Command;
use voltapile_platform::identity::{OperatorId, PileCode};
use voltapile_platform::operator::Operator;
use voltapile_platform::order::Order;
use voltapile_platform::pile::{Pile, PileState};
use voltapile_platform::station::Station;
use voltapile_platform::tariff::{Tariff, TariffVersion};
use voltapile_platform::user::{Token, User};
use voltapile_platform::vehicle::Vehicle;

use super::auth::{Caller, Identity};
use super::documents;
use super::problem::{Kind, Problem};
use crate::store::{Comparison, DocumentQuery, Page, PageRequest, RecordFilter, SessionFilter, StoredRecord, Test};

/// A document that belongs to somebody.
pub(super) trait Owned: Document {
    /// What it is called in a refusal.
    const WHAT: &'static str;
    /// Whether everybody may look at those of nobody in particular.
    const SHARED: bool = false;

    /// Whose it is; `None` for the platform's.
    fn owner(&self) -> Option<&OperatorId>;
}

macro_rules! owned {
    ($($type:ty: $what:literal $(, $shared:ident)?;)*) => {$(
        impl Owned for $type {
            const WHAT: &'static str = $what;
            $(const SHARED: bool = $shared;)?

            fn owner(&self) -> Option<&OperatorId> {
                self.operator.as_ref()
            }
        }
    )*};
}

const SHARED: bool = true;

owned! {
    User: "user";
    Token: "token";
    Station: "station";
    Pile: "pile";
    PileState: "pile";
    Tariff: "tariff", SHARED;
    TariffVersion: "tariff version", SHARED;
    Account: "account";
    Entry: "entry";
    Card: "card";
    CardOnPile: "card";
    Vehicle: "vehicle";
    Order: "order";
    Command: "command";
    Alarm: "alarm";
    AuditEntry: "audit entry";
}

/// An operator belongs to itself.
impl Owned for Operator {
    const WHAT: &'static str = "operator";

    fn owner(&self) -> Option<&OperatorId> {
        Some(&self.id)
    }
}

impl Identity {
    /// Whether the caller may change what belongs to somebody.
    pub(super) fn owns(&self, owner: Option<&OperatorId>) -> bool {
        self.operator.is_none() || self.operator.as_ref() == owner
    }

    /// Whether the caller may look at a document.
    pub(super) fn sees<T: Owned>(&self, document: &T) -> bool {
        self.owns(document.owner()) || (T::SHARED && document.owner().is_none())
    }

    /// Limits a list to what the caller may look at.
    fn limit<T: Owned>(&self, mut query: DocumentQuery) -> DocumentQuery {
        let Some(operator) = &self.operator else { return query };
        if T::SHARED {
            let own_or_shared = Comparison::IsOneOf(vec![operator.as_str().into(), serde_json::Value::Null]);
            query.tests.push(Test { field: "operator", comparison: own_or_shared });
        } else {
            query.owner = Some(operator.clone());
        }
        query
    }
}

impl<S> Caller<S> {
    /// A document, if the caller may look at it.
    pub(super) async fn find<T: Owned>(&self, id: &T::Id) -> Result<T, Problem> {
        let found = documents::find::<T>(&self.core, id).await?.filter(|document| self.identity.sees(document));
        found.ok_or_else(|| Problem::not_found(T::WHAT, id))
    }

    /// A document that need not be there.
    pub(super) async fn find_if_any<T: Owned>(&self, id: &T::Id) -> Result<Option<T>, Problem> {
        Ok(documents::find::<T>(&self.core, id).await?.filter(|document| self.identity.sees(document)))
    }

    /// A document that the caller may put: its own, or none as yet.
    pub(super) async fn own_or_new<T: Owned>(&self, id: &T::Id) -> Result<Option<T>, Problem> {
        let found = documents::find::<T>(&self.core, id).await?;
        match found {
            Some(document) if !self.identity.owns(document.owner()) => Err(Problem::not_found(T::WHAT, id)),
            found => Ok(found),
        }
    }

    /// A page of what the caller may look at.
    pub(super) async fn list<T: Owned>(&self, query: DocumentQuery, page: PageRequest) -> Result<Page<T>, Problem> {
        Ok(documents::list(&self.core, self.identity.limit::<T>(query), page).await?)
    }

    /// Fails unless there is such a pile for the caller.
    pub(super) async fn must_see_pile(&self, code: PileCode) -> Result<Pile, Problem> {
        self.find::<Pile>(&code).await
    }

    /// Fails when somebody of an operator would get a pile that was here before: its records and connections are shown to
    /// whoever has the pile, so it is the platform's to give away.
    pub(super) async fn may_register(&self, code: PileCode) -> Result<(), Problem> {
        if self.identity.operator.is_none() || self.own_or_new::<Pile>(&code).await?.is_some() {
            return Ok(());
        }
        let (one, store) = (PageRequest::new(1, None), &self.core.store);
        let records = RecordFilter { pile_code: Some(code), ..RecordFilter::default() };
        let sessions = SessionFilter { pile_code: Some(code), open: None };
        let has_records = !store.records(records, one.clone()).await?.items.is_empty();
        let has_captures = self.core.captures.has_any(code);
        if has_records || has_captures || !store.sessions(sessions, one).await?.items.is_empty() {
            let detail = format!("the pile {code} was here before: ask the platform to register it");
            return Err(Problem::new(Kind::Conflict("pile_has_past"), detail));
        }
        Ok(())
    }

    /// A page of records of the caller's piles.
    pub(super) async fn records(&self, filter: RecordFilter, page: PageRequest) -> Result<Page<StoredRecord>, Problem> {
        let filter = RecordFilter { owner: self.identity.operator.clone(), ..filter };
        Ok(self.core.store.records(filter, page).await?)
    }

    /// Whether a record is of one of the caller's piles.
    pub(super) async fn sees_record(&self, record: &StoredRecord) -> Result<bool, Problem> {
        if self.identity.operator.is_none() {
            return Ok(true);
        }
        Ok(self.find_if_any::<Pile>(&record.pile_code).await?.is_some())
    }
}
