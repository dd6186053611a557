//! What can be asked of a charge beyond that it starts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::timestamp::Timestamp;
use crate::unit::{Balance, Energy};

/// Stands for a secret that is not shown.
pub(super) const HIDDEN: &str = "***";

/// What is asked of a charge beyond that it starts. A pile whose protocol has no word for it refuses the start.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StartOptions {
    /// When the charge is to stop by itself; `null` for when the car is full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<ChargeLimit>,
    /// When it is to begin; `null` for now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_at: Option<Timestamp>,
    /// Minutes after `start_at` that the connector is kept for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub hold_minutes: Option<u8>,
    /// What is to be typed in at the pile to stop the charge: digits. Never shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9]{1,8}$")]
    pub stop_password: Option<String>,
    /// Energy that may still be delivered after the connection was lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offline_energy: Option<Energy>,
}

/// When a charge stops by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChargeLimit {
    /// After so much energy.
    Energy(Energy),
    /// When it has cost so much.
    Amount(Balance),
    /// After so many seconds.
    Seconds(u32),
}

impl StartOptions {
    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// What the charge may cost, where it is limited so.
    #[must_use]
    pub const fn amount(&self) -> Option<Balance> {
        match self.limit {
            Some(ChargeLimit::Amount(amount)) => Some(amount),
            _ => None,
        }
    }

    /// The same without the password, to be shown and kept.
    #[must_use]
    pub fn redacted(&self) -> Self {
        let stop_password = self.stop_password.as_ref().map(|_| HIDDEN.to_owned());
        Self { stop_password, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn options_are_short_where_nothing_is_asked_for() {
        assert_eq!(serde_json::to_value(StartOptions::default()).unwrap(), json!({}));
        let asked = json!({"limit": {"seconds": 3600}, "stop_password": "1234"});
        let options: StartOptions = serde_json::from_value(asked).unwrap();
        assert_eq!(options.limit, Some(ChargeLimit::Seconds(3600)));
        assert_eq!(options.redacted().stop_password.as_deref(), Some("***"));
        assert!(!options.is_none());
        assert!(serde_json::from_value::<StartOptions>(json!({"soon": true})).is_err());
    }
}
