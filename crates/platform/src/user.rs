//! Who uses the platform: people with passwords, programs with tokens.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::book::{Document, Kind};
use crate::identity::{OperatorId, TokenId, UserName};
use crate::timestamp::Timestamp;

/// What a token lets its bearer do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Look at everything but secrets.
    Read,
    /// Charge, stop, send commands, handle alarms.
    Operate,
    /// Tariffs, accounts, cards, vehicles, money, abnormal orders.
    Bill,
    /// Operators, users, tokens, stations, piles.
    Admin,
}

/// What a user is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks.
    Viewer,
    /// Runs stations day by day.
    Operator,
    /// Looks after money.
    Accountant,
    /// May do everything.
    Admin,
}

impl Role {
    /// What tokens of such a user may do.
    #[must_use]
    pub const fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Viewer => &[Scope::Read],
            Self::Operator => &[Scope::Read, Scope::Operate],
            Self::Accountant => &[Scope::Read, Scope::Bill],
            Self::Admin => &[Scope::Read, Scope::Operate, Scope::Bill, Scope::Admin],
        }
    }
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The name to sign in with.
    pub name: UserName,
    /// The operator whose things are seen; `None` sees all.
    pub operator: Option<OperatorId>,
    /// What the user is there for.
    pub role: Role,
    /// The password's argon2id hash (PHC string). Never shown.
    pub password_hash: String,
    /// Whether the user may sign in.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Document for User {
    const KIND: Kind = Kind::User;
    type Id = UserName;
    fn id(&self) -> UserName {
        self.name.clone()
    }
}

/// A bearer token, known by its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Its number; not the token itself.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// SHA-256 of the token in hex. Never shown.
    pub hash: String,
    /// The operator whose things are seen; `None` sees all.
    pub operator: Option<OperatorId>,
    /// What its bearer may do.
    pub scopes: Vec<Scope>,
    /// The user who signed in for it, if one did.
    pub user: Option<UserName>,
    /// Until when it counts; `None` until revoked.
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Document for Token {
    const KIND: Kind = Kind::Token;
    type Id = TokenId;
    fn id(&self) -> TokenId {
        self.id
    }
}
