//! Accounts (账户): who pays, and the ledger of every fen that came and went.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::book::{Document, Kind};
use crate::identity::{AccountId, EntryId, OperatorId, OrderId, StationId};
use crate::timestamp::Timestamp;
use crate::unit::Balance;

/// An account. What may be spent is `balance - reserved`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Whose customer.
    pub operator: Option<OperatorId>,
    /// Whose it is.
    pub name: String,
    /// The number to type in at a pile: up to 16 digits.
    pub number: Option<String>,
    /// The password to type in at a pile, as the 16 hex digits in the middle of its MD5; what piles send. Weak: see the
    /// setting that allows it. Never shown.
    pub password_md5: Option<String>,
    /// All its money; negative when it owes.
    pub balance: Balance,
    /// What of it is set aside for running charges.
    pub reserved: Balance,
    /// Whether it may charge.
    pub status: AccountStatus,
    /// Stations where it may charge; `None` for all of its operator.
    pub allowed_stations: Option<Vec<StationId>>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Whether an account may charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// It may.
    Active,
    /// It was locked.
    Frozen,
}

impl Document for Account {
    const KIND: Kind = Kind::Account;
    type Id = AccountId;
    fn id(&self) -> AccountId {
        self.id.clone()
    }
}

/// One change of an account's money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    /// Its number.
    pub id: EntryId,
    /// The account.
    pub account: AccountId,
    /// The account's operator.
    pub operator: Option<OperatorId>,
    /// What happened.
    pub kind: EntryKind,
    /// The order it happened for.
    pub order: Option<OrderId>,
    /// What was added to the balance; for a reservation or release, to what is reserved.
    pub amount: Balance,
    /// The balance after it.
    pub balance: Balance,
    /// What is reserved after it.
    pub reserved: Balance,
    /// Why, where a person did it.
    pub note: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Why an account's money changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Money came in.
    TopUp,
    /// A person set something right; positive or negative.
    Adjustment,
    /// Money was set aside for a charge.
    Reserve,
    /// What was set aside is free again.
    Release,
    /// A charge was paid.
    Charge,
}

impl Document for Entry {
    const KIND: Kind = Kind::Entry;
    type Id = EntryId;
    fn id(&self) -> EntryId {
        self.id
    }
}
