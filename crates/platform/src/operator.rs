//! Operators (运营商): who runs stations and owns what hangs below them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::book::{Document, Kind};
use crate::identity::OperatorId;
use crate::timestamp::Timestamp;

/// An operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Operator {
    /// Its id.
    pub id: OperatorId,
    /// Its name.
    pub name: String,
    /// Its id in T/CEC 102 (组织机构代码, 9 characters), where it has one.
    pub tcec_id: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Document for Operator {
    const KIND: Kind = Kind::Operator;
    type Id = OperatorId;
    fn id(&self) -> OperatorId {
        self.id.clone()
    }
}
