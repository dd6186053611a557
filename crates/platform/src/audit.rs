//! The audit log: who changed what.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::book::{Document, Kind};
use crate::identity::{AuditId, OperatorId};
use crate::timestamp::Timestamp;

/// One change that somebody made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Its number.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Who: `user:wang`, `token:7`, `admin`.
    pub actor: String,
    /// The operator whose thing was changed.
    pub operator: Option<OperatorId>,
    /// What was done: `pile.put`, `order.start`.
    pub action: String,
    /// To what, as a path below `/api/v1`: `piles/55031412782305`.
    pub resource: String,
    /// What was asked for; secrets left out.
    #[schema(value_type = Object)]
    pub detail: Value,
    /// The `Idempotency-Key` it was asked with, behind who asked: a repeat finds this entry instead of acting again.
    #[serde(default)]
    pub key: Option<String>,
    /// Hash of what was asked under the key: another request under the same key is not a repeat.
    #[serde(default)]
    pub digest: Option<String>,
    /// Numbers of what it made or acted on, under a key: what a repeat is answered with.
    #[serde(default)]
    pub made: Vec<u64>,
}

impl Document for AuditEntry {
    const KIND: Kind = Kind::Audit;
    type Id = AuditId;
    fn id(&self) -> AuditId {
        self.id
    }
}
