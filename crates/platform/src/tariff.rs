//! Tariffs: what energy costs at which time of day.

mod draft;
mod name;
mod schedule;
mod tier;
mod version;

pub use crate::identity::TariffId;
pub use draft::TariffDraft;
pub use name::{TariffNameError, TariffNumber};
pub use schedule::{HALF_HOURS_PER_DAY, Period, Schedule, ScheduleError};
pub use tier::{PerTier, Tier, TierPrice};
pub use version::{Tariff, TariffRef, TariffVersion, in_force};

use crate::unit::Price;
use serde::{Deserialize, Serialize};

/// What a tariff says. Built by [`TariffTerms::new`] or read from JSON, so what exists is valid.
///
/// In JSON the day is a list of `periods`; a list of 48 `slots` is read as well:
///
/// ```
/// use voltapile_platform::tariff::{TariffTerms, Tier};
///
/// let terms: TariffTerms = serde_json::from_str(r#"{
///     "number": "0100",
///     "name": "day and night",
///     "prices": {
///         "flat":   {"electricity": "0.80000", "service": "0.40000"},
///         "valley": {"electricity": "0.30000", "service": "0.40000"}
///     },
///     "periods": [
///         {"from": "00:00", "to": "06:00", "tier": "valley"},
///         {"from": "06:00", "to": "24:00", "tier": "flat"}
///     ]
/// }"#)?;
/// assert_eq!(terms.schedule().tier_at(11), Some(Tier::Valley));
/// assert_eq!(terms.schedule().tier_at(12), Some(Tier::Flat));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "TermsForm", try_from = "TermsForm")]
pub struct TariffTerms {
    number: TariffNumber,
    name: String,
    prices: PerTier<TierPrice>,
    schedule: Schedule,
    loss_ratio: u8,
}

/// Characters in the longest tariff name.
pub const TARIFF_NAME_MAX: usize = 64;

/// Why terms make no tariff.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TariffError {
    /// Neither an id nor a number.
    #[error(transparent)]
    Name(#[from] TariffNameError),
    /// The day is not covered exactly.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// `0000` is what a pile without any tariff reports.
    #[error("the number 0000 is taken: a pile reports it when it has no tariff yet")]
    NumberZero,
    /// Empty or too long.
    #[error("a tariff's name takes 1 to {TARIFF_NAME_MAX} characters")]
    NameLength,
    /// Some half hour has a tier without a price.
    #[error("the day uses the tier {0}, but prices has no {0}")]
    NoPrice(Tier),
    /// Electricity and service together are more than a record can carry.
    #[error("the prices of the tier {0} add up to more than {max} yuan/kWh", max = Price::from_steps(u32::MAX))]
    PriceSum(Tier),
    /// More than everything is lost.
    #[error("a loss ratio is a percentage from 0 to 100, not {0}")]
    LossRatio(u8),
    /// The day is given twice or not at all.
    #[error("give the day either as periods or as slots")]
    PeriodsOrSlots,
}

impl TariffTerms {
    /// Terms in which everything fits together.
    ///
    /// # Errors
    /// When the number is `0000`, the name is empty or longer than [`TARIFF_NAME_MAX`], a tier's two prices add up to
    /// more than a record can carry, or `loss_ratio` (in %) is above 100.
    pub fn new(
        number: TariffNumber,
        name: &str,
        prices: PerTier<TierPrice>,
        schedule: Schedule,
        loss_ratio: u8,
    ) -> Result<Self, TariffError> {
        if number.is_zero() {
            return Err(TariffError::NumberZero);
        }
        if name.trim().is_empty() || name.chars().count() > TARIFF_NAME_MAX {
            return Err(TariffError::NameLength);
        }
        for (tier, price) in prices.iter() {
            if price.total().is_none() {
                return Err(TariffError::PriceSum(tier));
            }
        }
        if loss_ratio > 100 {
            return Err(TariffError::LossRatio(loss_ratio));
        }
        Ok(Self { number, name: name.to_owned(), prices, schedule, loss_ratio })
    }

    /// Whether it charges the same at every moment as another, whatever they are called.
    #[must_use]
    pub fn sells_like(&self, other: &Self) -> bool {
        (&self.prices, &self.schedule, self.loss_ratio) == (&other.prices, &other.schedule, other.loss_ratio)
    }

    /// Whether a kWh costs more at one time of day than at another.
    #[must_use]
    pub fn price_changes_in_a_day(&self) -> bool {
        let mut prices = self.schedule.slots().iter().map(|tier| self.prices.get(*tier));
        let first = prices.next();
        prices.any(|price| Some(price) != first)
    }

    /// Its number on the wire, by which a pile says what it has.
    #[must_use]
    pub const fn number(&self) -> TariffNumber {
        self.number
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The prices; zero for a tier that no half hour has.
    #[must_use]
    pub const fn prices(&self) -> &PerTier<TierPrice> {
        &self.prices
    }

    /// Which half hour has which tier.
    #[must_use]
    pub const fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// The loss between meter and plug that is billed, in %.
    #[must_use]
    pub const fn loss_ratio(&self) -> u8 {
        self.loss_ratio
    }
}

/// [`TariffTerms`] as people write them.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TermsForm {
    number: TariffNumber,
    name: String,
    prices: PerTier<Option<TierPrice>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    periods: Option<Vec<Period>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slots: Option<Vec<Tier>>,
    #[serde(default)]
    loss_ratio: u8,
}

impl utoipa::PartialSchema for TariffTerms {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        TermsForm::schema()
    }
}

impl utoipa::ToSchema for TariffTerms {
    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>) {
        TermsForm::schemas(schemas);
    }
}

impl From<TariffTerms> for TermsForm {
    fn from(terms: TariffTerms) -> Self {
        Self {
            number: terms.number,
            name: terms.name,
            prices: terms.prices.map(Some),
            periods: Some(terms.schedule.periods()),
            slots: None,
            loss_ratio: terms.loss_ratio,
        }
    }
}

impl TryFrom<TermsForm> for TariffTerms {
    type Error = TariffError;

    fn try_from(form: TermsForm) -> Result<Self, TariffError> {
        let TermsForm { number, name, prices, periods, slots, loss_ratio } = form;
        let draft =
            TariffDraft { number: Some(number), name, prices, periods, slots, loss_ratio, effective_from: None };
        draft.terms(number)
    }
}

/// Whether a pile charges by the tariff it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TariffCheck {
    /// It does.
    Same,
    /// It does not and has to ask for it.
    Differs,
}

/// Compares the tariff a pile reports with the one assigned to it. With none assigned they differ: a pile must not
/// sell at prices that the platform does not know.
#[must_use]
pub fn check_tariff(assigned: Option<TariffNumber>, reported: TariffNumber) -> TariffCheck {
    if assigned == Some(reported) { TariffCheck::Same } else { TariffCheck::Differs }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn form() -> Value {
        json!({
            "number": "0100",
            "name": "day and night",
            "prices": {
                "peak": {"electricity": "1.2", "service": 0.4},
                "valley": {"electricity": "0.30000", "service": "0.40000"},
            },
            "periods": [
                {"from": "00:00", "to": "07:30", "tier": "valley"},
                {"from": "07:30", "to": "24:00", "tier": "peak"},
            ],
        })
    }

    fn read(form: Value) -> Result<TariffTerms, String> {
        serde_json::from_value(form).map_err(|error| error.to_string())
    }

    #[test]
    fn json_round_trips_with_every_price_shown() {
        let terms = read(form()).unwrap();
        assert_eq!(terms.prices().peak.total(), Some(Price::from_steps(160_000)));
        let json = serde_json::to_value(&terms).unwrap();
        assert_eq!(json["prices"]["sharp"], json!({"electricity": "0.00000", "service": "0.00000"}));
        assert_eq!(json["periods"], form()["periods"]);
        assert_eq!(json["loss_ratio"], json!(0));
        assert_eq!(read(json).unwrap(), terms);
    }

    #[test]
    fn slots_say_the_same_as_periods() {
        let mut with_slots = form();
        with_slots.as_object_mut().unwrap().remove("periods");
        with_slots["slots"] = (0..48).map(|slot| if slot < 15 { "valley" } else { "peak" }).collect();
        assert_eq!(read(with_slots).unwrap(), read(form()).unwrap());
    }

    #[test]
    fn every_refusal_says_why() {
        let refusal = |key: &str, value: Value| {
            let mut form = form();
            form[key] = value;
            read(form).unwrap_err()
        };
        assert!(refusal("number", json!("0000")).contains("no tariff yet"));
        assert!(refusal("number", json!("100")).contains("4 hex digits"));
        assert!(refusal("name", json!(" ")).contains("1 to 64 characters"));
        assert!(refusal("loss_ratio", json!(101)).contains("0 to 100"));
        assert!(refusal("slots", json!([])).contains("either as periods or as slots"));
        assert!(refusal("colour", json!("red")).contains("unknown field `colour`"));
        assert!(refusal("prices", json!({"peak": form()["prices"]["peak"]})).contains("prices has no valley"));
        let mut prices = form()["prices"].clone();
        prices["sharp"] = json!({"electricity": "42949.67295", "service": "0.00001"});
        assert!(refusal("prices", prices).contains("sharp add up to more than 42949.67295"));
    }

    #[test]
    fn a_pile_without_an_assigned_tariff_differs() {
        let number = TariffNumber([0x01, 0x00]);
        assert_eq!(check_tariff(Some(number), number), TariffCheck::Same);
        assert_eq!(check_tariff(Some(number), TariffNumber([0, 0])), TariffCheck::Differs);
        assert_eq!(check_tariff(None, number), TariffCheck::Differs);
        assert_eq!(check_tariff(None, TariffNumber([0, 0])), TariffCheck::Differs);
    }
}
