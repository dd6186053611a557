//! Settings of the charging business.

use std::collections::HashMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use voltapile_platform::business::Rules;
use voltapile_platform::settlement::{SettlementPolicy, Verdict};
use voltapile_platform::unit::{Balance, Energy};

use super::ConfigError;
use crate::core::SeriesSettings;

/// Rules of the charging business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Charging {
    /// What an account must be able to spend before a charge, in yuan.
    pub minimum_balance: Balance,
    /// The most that one order may cost, in yuan; so much is set aside where there is so much.
    pub order_cap: Balance,
    /// Whether accounts and passwords typed in at a pile are taken.
    pub allow_pile_passwords: bool,
    /// Hours after which an open order whose pile is away needs a person.
    pub gone_hours: u32,
}

impl Default for Charging {
    fn default() -> Self {
        let Rules { minimum_balance, order_cap, allow_pile_passwords, gone_after_s, .. } = Rules::default();
        Self { minimum_balance, order_cap, allow_pile_passwords, gone_hours: gone_after_s / 3600 }
    }
}

impl Charging {
    /// The business's rules, with what is not set at its default.
    pub(super) fn rules(&self, zone_hours: i8, settlement: &Settlement) -> Rules {
        Rules {
            minimum_balance: self.minimum_balance,
            order_cap: self.order_cap,
            allow_pile_passwords: self.allow_pile_passwords,
            gone_after_s: self.gone_hours.saturating_mul(3600),
            zone_hours,
            settlement: settlement.policy(),
            settlement_of_model: settlement.policies().unwrap_or_default(),
            ..Rules::default()
        }
    }
}

/// What is done about bills that differ from ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settlement {
    /// Yuan that one tier of a bill may differ by.
    pub tier_tolerance: Balance,
    /// Yuan that a whole bill may differ by.
    pub total_tolerance: Balance,
    /// kWh that a bill, its sums, the meter and telemetry may differ by.
    pub energy_tolerance: Energy,
    /// Which amount counts within tolerance: `pile`, `ours` or `hold`.
    pub within: Verdict,
    /// Which amount counts beyond it: `pile`, `ours` or `hold`.
    pub beyond: Verdict,
    /// Pile models that are judged otherwise, as `MODEL:name=value name=value` with the names above.
    pub models: Vec<String>,
}

impl Default for Settlement {
    fn default() -> Self {
        let SettlementPolicy { tier_tolerance, total_tolerance, energy_tolerance, within, beyond } =
            SettlementPolicy::default();
        Self { tier_tolerance, total_tolerance, energy_tolerance, within, beyond, models: Vec::new() }
    }
}

impl Settlement {
    fn policy(&self) -> SettlementPolicy {
        SettlementPolicy {
            tier_tolerance: self.tier_tolerance,
            total_tolerance: self.total_tolerance,
            energy_tolerance: self.energy_tolerance,
            within: self.within,
            beyond: self.beyond,
        }
    }

    /// The policies of models.
    pub(super) fn policies(&self) -> Result<HashMap<String, SettlementPolicy>, ConfigError> {
        let read = |entry: &String| {
            let (model, changes) = entry.split_once(':').filter(|(model, _)| !model.trim().is_empty())?;
            let mut policy = self.policy();
            for change in changes.split_whitespace() {
                let (name, value) = change.split_once('=')?;
                change_policy(&mut policy, name.trim(), value.trim())?;
            }
            Some((model.trim().to_owned(), policy))
        };
        let message = "takes MODEL:name=value name=value … with tier_tolerance, total_tolerance, energy_tolerance, within, beyond";
        let invalid = ConfigError::Invalid { setting: "settlement.models", message };
        self.models.iter().map(read).collect::<Option<_>>().ok_or(invalid)
    }
}

fn change_policy(policy: &mut SettlementPolicy, name: &str, value: &str) -> Option<()> {
    match name {
        "tier_tolerance" => policy.tier_tolerance = value.parse().ok()?,
        "total_tolerance" => policy.total_tolerance = value.parse().ok()?,
        "energy_tolerance" => policy.energy_tolerance = value.parse().ok()?,
        "within" => policy.within = serde_json::from_value(value.into()).ok()?,
        "beyond" => policy.beyond = serde_json::from_value(value.into()).ok()?,
        _ => return None,
    }
    Some(())
}

/// How long what is measured and told is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Least seconds between two samples of an order's curve.
    pub sample_seconds: u32,
    /// Days that curves and battery messages of orders are kept.
    pub series_days: u32,
    /// Days that events are kept.
    pub events_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { sample_seconds: 60, series_days: 180, events_days: 90 }
    }
}

impl Retention {
    pub(super) fn series(&self) -> SeriesSettings {
        let days = |days: u32| Duration::from_secs(u64::from(days) * 24 * 60 * 60);
        SeriesSettings {
            sample_every: Duration::from_secs(u64::from(self.sample_seconds)),
            keep_series: days(self.series_days),
            keep_events: days(self.events_days),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_changes_only_what_it_names() {
        let models = vec!["acme-7: beyond=ours total_tolerance=1.5".to_owned()];
        let settlement = Settlement { models, ..Settlement::default() };
        let policies = settlement.policies().unwrap();
        let expected = SettlementPolicy {
            beyond: Verdict::Ours,
            total_tolerance: Balance::from_steps(150),
            ..SettlementPolicy::default()
        };
        assert_eq!(policies.get("acme-7"), Some(&expected));
    }

    #[test]
    fn what_no_policy_has_is_refused() {
        for entry in ["", "acme", ":beyond=ours", "acme:beyond", "acme:beyond=maybe", "acme:colour=red"] {
            let settlement = Settlement { models: vec![entry.to_owned()], ..Settlement::default() };
            assert!(settlement.policies().is_err(), "{entry:?}");
        }
    }
}
