//! The books: what the platform knows, as documents that are read and written in one unit of work.
//!
//! Business functions get `&mut dyn Books` and see the state as it is now; what they write becomes durable together, or
//! not at all. A store implements [`Books`] over a transaction, tests over a map. A document is a serde type with an id;
//! the fields of its JSON that [`Kind::fields`] names can be searched and sorted by.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::event::Event;
use crate::timestamp::Timestamp;

/// The kinds of documents; each is a table in a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// [`Operator`](crate::operator::Operator)s.
    Operator,
    /// [`User`](crate::user::User)s.
    User,
    /// [`Token`](crate::user::Token)s.
    Token,
    /// [`Station`](crate::station::Station)s.
    Station,
    /// [`Pile`](crate::pile::Pile)s.
    Pile,
    /// [`PileState`](crate::pile::PileState)s.
    PileState,
    /// [`Tariff`](crate::tariff::Tariff)s.
    Tariff,
    /// [`TariffVersion`](crate::tariff::TariffVersion)s.
    TariffVersion,
    /// [`Account`](crate::account::Account)s.
    Account,
    /// [`Entry`](crate::account::Entry)s of accounts' ledgers.
    Entry,
    /// [`Card`](crate::card::Card)s.
    Card,
    /// [`CardOnPile`](crate::card::CardOnPile)s.
    CardOnPile,
    /// [`Vehicle`](crate::vehicle::Vehicle)s.
    Vehicle,
    /// [`Order`](crate::order::Order)s.
    Order,
    /// [`Command`](crate::command::Command)s.
    Command,
    /// [`Alarm`](crate::alarm::Alarm)s.
    Alarm,
    /// [`AuditEntry`](crate::audit::AuditEntry)s.
    Audit,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 17] = [
        Self::Operator,
        Self::User,
        Self::Token,
        Self::Station,
        Self::Pile,
        Self::PileState,
        Self::Tariff,
        Self::TariffVersion,
        Self::Account,
        Self::Entry,
        Self::Card,
        Self::CardOnPile,
        Self::Vehicle,
        Self::Order,
        Self::Command,
        Self::Alarm,
        Self::Audit,
    ];

    /// Name of its table, and of its sequence of numbers.
    #[must_use]
    pub const fn table(self) -> &'static str {
        match self {
            Self::Operator => "operators",
            Self::User => "users",
            Self::Token => "tokens",
            Self::Station => "stations",
            Self::Pile => "piles",
            Self::PileState => "pile_states",
            Self::Tariff => "tariffs",
            Self::TariffVersion => "tariff_versions",
            Self::Account => "accounts",
            Self::Entry => "account_entries",
            Self::Card => "cards",
            Self::CardOnPile => "cards_on_piles",
            Self::Vehicle => "vehicles",
            Self::Order => "orders",
            Self::Command => "commands",
            Self::Alarm => "alarms",
            Self::Audit => "audit",
        }
    }

    /// Fields that can be searched and sorted by, each a scalar at the top of the document. `operator`, where it stands,
    /// limits who sees the document.
    #[must_use]
    pub const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Operator => &["name", "tcec_id", "created_at"],
            Self::User => &["operator", "role", "created_at"],
            Self::Token => &["operator", "hash", "user", "created_at"],
            Self::Station => &["operator", "name", "tariff", "created_at"],
            Self::Pile => &["operator", "station", "name", "model", "tariff", "enabled", "created_at"],
            Self::PileState => &["operator"],
            Self::Tariff => &["operator", "name", "created_at"],
            Self::TariffVersion => &["operator", "tariff", "number", "effective_from", "upcoming"],
            Self::Account => &["operator", "name", "number", "status", "balance", "created_at"],
            Self::Entry => &["operator", "account", "order", "kind", "at"],
            Self::Card => &["operator", "logical_number", "account", "status", "created_at"],
            Self::CardOnPile => &["operator", "pile", "card", "state"],
            Self::Vehicle => &["operator", "account", "created_at"],
            Self::Order => &[
                "operator",
                "station",
                "pile",
                "connector",
                "transaction_number",
                "state",
                "origin",
                "account",
                "card",
                "vin",
                "created_at",
                "ended_at",
                "settled_at",
                "charged",
                "open_on",
                "open_pile",
                "open_account",
                "abnormal_reason",
                "group",
                "record",
            ],
            Self::Command => &["operator", "pile", "action", "state", "order", "key", "open_pile", "created_at"],
            Self::Alarm => &[
                "operator",
                "pile",
                "connector",
                "code",
                "severity",
                "open_key",
                "open_pile",
                "opened_at",
                "closed_at",
            ],
            Self::Audit => &["operator", "actor", "action", "resource", "key", "at"],
        }
    }

    /// Whether ids are numbers that grow with time, so that the newest comes first in a list.
    #[must_use]
    pub const fn is_numbered(self) -> bool {
        matches!(self, Self::Token | Self::Entry | Self::Order | Self::Command | Self::Alarm | Self::Audit)
    }
}

/// A document: a type with an id that is kept in the books.
pub trait Document: Serialize + DeserializeOwned {
    /// Its kind.
    const KIND: Kind;
    /// Its id.
    type Id: std::fmt::Display;
    /// Its id.
    fn id(&self) -> Self::Id;
}

/// What reading or writing the books can fail with; the unit of work is then undone.
#[derive(Debug, thiserror::Error)]
pub enum BooksError {
    /// The store failed.
    #[error("the books cannot be read or written: {0}")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A document is not what it should be.
    #[error("{kind:?} {id} cannot be read: {reason}")]
    Corrupt {
        /// Its kind.
        kind: Kind,
        /// Its id.
        id: String,
        /// Why.
        reason: String,
    },
}

/// A time of documents and where it is to lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldSpan {
    /// The field.
    pub field: &'static str,
    /// The earliest.
    pub from: Timestamp,
    /// The first moment behind the latest.
    pub before: Timestamp,
}

/// One unit of work on the books.
pub trait Books {
    /// The JSON of a document.
    ///
    /// # Errors
    /// When the store fails.
    fn read(&mut self, kind: Kind, id: &str) -> Result<Option<String>, BooksError>;

    /// Puts a document's JSON, new or in place of the one before.
    ///
    /// # Errors
    /// When the store fails.
    fn write(&mut self, kind: Kind, id: &str, body: String) -> Result<(), BooksError>;

    /// Takes a document away; whether it was there.
    ///
    /// # Errors
    /// When the store fails.
    fn remove(&mut self, kind: Kind, id: &str) -> Result<bool, BooksError>;

    /// The JSON of documents whose field has a value, in the order of their ids (numbers by size), at most `limit`.
    ///
    /// # Errors
    /// When the store fails.
    fn search(
        &mut self,
        kind: Kind,
        field: &'static str,
        value: &Value,
        limit: usize,
    ) -> Result<Vec<String>, BooksError>;

    /// The JSON of documents whose field has a value and of which another field, a time, lies in a span: from its begin on
    /// and before its end, in the order of that field, at most `limit`. A store answers from an index of the two fields;
    /// books without one look at all that have the value.
    ///
    /// # Errors
    /// When the store fails.
    fn search_span(
        &mut self,
        kind: Kind,
        field: &'static str,
        value: &Value,
        span: &FieldSpan,
        limit: usize,
    ) -> Result<Vec<String>, BooksError> {
        let mut found = Vec::new();
        for text in self.search(kind, field, value, usize::MAX)? {
            let body: Value = from_json(kind, "", &text)?;
            let time = body.get(span.field).and_then(Value::as_str).and_then(|time| time.parse::<Timestamp>().ok());
            found.extend(time.filter(|time| *time >= span.from && *time < span.before).map(|time| (time, text)));
        }
        found.sort_by_key(|(time, _)| *time);
        Ok(found.into_iter().take(limit).map(|(_, text)| text).collect())
    }

    /// The next number of a sequence, from 1. A number given to work that is undone may be given again.
    ///
    /// # Errors
    /// When the store fails.
    fn next_number(&mut self, kind: Kind) -> Result<u64, BooksError>;

    /// Notes that a transaction record has been judged: it is not handed to the business again.
    ///
    /// # Errors
    /// When the store fails.
    fn mark_judged(&mut self, record: i64) -> Result<(), BooksError>;

    /// Appends an event; where it concerns a pile it gets the pile's next number.
    ///
    /// # Errors
    /// When the store fails.
    fn append(&mut self, event: &Event) -> Result<(), BooksError>;
}

/// The books in the platform's types.
impl dyn Books + '_ {
    /// One document.
    ///
    /// # Errors
    /// When the store fails or the document is corrupt.
    pub fn get<T: Document>(&mut self, id: &T::Id) -> Result<Option<T>, BooksError> {
        let id = id.to_string();
        self.read(T::KIND, &id)?.map(|body| from_json(T::KIND, &id, &body)).transpose()
    }

    /// Puts a document.
    ///
    /// # Errors
    /// When the store fails.
    pub fn put<T: Document>(&mut self, document: &T) -> Result<(), BooksError> {
        let body = serde_json::to_string(document).map_err(|error| BooksError::Backend(Box::new(error)))?;
        self.write(T::KIND, &document.id().to_string(), body)
    }

    /// Documents whose field has a value, in the order of their ids, at most `limit`.
    ///
    /// # Errors
    /// When the store fails or a document is corrupt.
    pub fn find<T: Document>(
        &mut self,
        field: &'static str,
        value: impl Serialize,
        limit: usize,
    ) -> Result<Vec<T>, BooksError> {
        debug_assert!(T::KIND.fields().contains(&field), "{field} is no field of {:?}", T::KIND);
        let value = serde_json::to_value(value).map_err(|error| BooksError::Backend(Box::new(error)))?;
        let bodies = self.search(T::KIND, field, &value, limit)?;
        bodies.iter().map(|body| from_json(T::KIND, "", body)).collect()
    }

    /// Documents whose field has a value and of which a time lies in a span, in the order of that time, at most `limit`.
    ///
    /// # Errors
    /// When the store fails or a document is corrupt.
    pub fn find_span<T: Document>(
        &mut self,
        field: &'static str,
        value: impl Serialize,
        span: &FieldSpan,
        limit: usize,
    ) -> Result<Vec<T>, BooksError> {
        let value = serde_json::to_value(value).map_err(|error| BooksError::Backend(Box::new(error)))?;
        let bodies = self.search_span(T::KIND, field, &value, span, limit)?;
        bodies.iter().map(|body| from_json(T::KIND, "", body)).collect()
    }

    /// The first document whose field has a value.
    ///
    /// # Errors
    /// When the store fails or the document is corrupt.
    pub fn first<T: Document>(&mut self, field: &'static str, value: impl Serialize) -> Result<Option<T>, BooksError> {
        Ok(self.find(field, value, 1)?.pop())
    }
}

/// A document from its JSON.
///
/// # Errors
/// [`BooksError::Corrupt`] when it is no such document.
pub fn from_json<T: DeserializeOwned>(kind: Kind, id: &str, body: &str) -> Result<T, BooksError> {
    serde_json::from_str(body).map_err(|error| BooksError::Corrupt {
        kind,
        id: id.to_owned(),
        reason: error.to_string(),
    })
}
