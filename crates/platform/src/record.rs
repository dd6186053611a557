//! Transaction records: a pile's bill for one charge, in neutral units.

use crate::identity::{ConnectorNumber, PileCode, TransactionNumber};
use crate::tariff::PerTier;
use crate::timestamp::Timestamp;
use crate::unit::{Amount, Energy, Price};
use serde::{Deserialize, Serialize};

/// One charge as the pile billed it. Nothing is corrected: what the pile says, the record says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TransactionRecord {
    /// The charge; zero when the pile lost its number.
    pub transaction_number: TransactionNumber,
    /// The pile that sold the energy.
    pub pile_code: PileCode,
    /// The connector it left through.
    pub connector: ConnectorNumber,
    /// Start of the charge; `None` where the pile's clock gave an impossible time.
    pub started_at: Option<Timestamp>,
    /// End of the charge; `None` where the pile's clock gave an impossible time.
    pub ended_at: Option<Timestamp>,
    /// When the pile closed the bill; `None` where its clock gave an impossible time.
    pub transacted_at: Option<Timestamp>,
    /// What was sold in each tier.
    pub tiers: PerTier<TierUsage>,
    /// The energy meter before the charge.
    pub meter_start: Energy,
    /// The energy meter after the charge.
    pub meter_stop: Energy,
    /// All energy delivered.
    pub energy: Energy,
    /// All energy billed: with the loss between meter and plug.
    pub energy_with_loss: Energy,
    /// All that is owed, electricity and service.
    pub amount: Amount,
    /// The car, where it told its number.
    pub vin: Option<String>,
    /// How the charge was started.
    pub start_source: StartSource,
    /// Why it stopped; the meaning of a code depends on protocol and vendor.
    pub stop_reason: u8,
    /// The card's physical number as hex digits, exactly as sent.
    pub physical_card: String,
}

impl TransactionRecord {
    /// Whether another record bills the same: all but the moment at which the pile closed the bill, which some piles
    /// stamp anew each time they send it.
    #[must_use]
    pub fn bills_as(&self, other: &Self) -> bool {
        let other = Self { transacted_at: self.transacted_at, ..other.clone() };
        *self == other
    }
}

/// What was sold in one tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TierUsage {
    /// Electricity and service together.
    pub unit_price: Price,
    /// Energy delivered.
    pub energy: Energy,
    /// Energy billed.
    pub energy_with_loss: Energy,
    /// Money owed.
    pub amount: Amount,
}

/// How a charge was started: the code the pile sent, and a stable name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(value_type = NamedCode)]
#[serde(into = "NamedCode", from = "NamedCode")]
pub struct StartSource(pub u8);

impl StartSource {
    /// A name that never changes; `unknown` for a code without one.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.0 {
            1 => "app",
            2 => "card",
            4 => "offline_card",
            5 => "vin",
            _ => "unknown",
        }
    }
}

/// [`StartSource`] in JSON; the name is for readers and ignored when read back.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
struct NamedCode {
    code: u8,
    #[serde(default)]
    name: std::borrow::Cow<'static, str>,
}

impl From<StartSource> for NamedCode {
    fn from(source: StartSource) -> Self {
        Self { code: source.0, name: source.name().into() }
    }
}

impl From<NamedCode> for StartSource {
    fn from(named: NamedCode) -> Self {
        Self(named.code)
    }
}

/// What became of a record's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordReading {
    /// It was understood.
    Parsed(Box<TransactionRecord>),
    /// It was not; the raw bytes are all there is.
    Unreadable {
        /// What was wrong with it.
        reason: String,
    },
}

impl RecordReading {
    /// Which of the two.
    #[must_use]
    pub const fn state(&self) -> RecordState {
        match self {
            Self::Parsed(_) => RecordState::Parsed,
            Self::Unreadable { .. } => RecordState::Unreadable,
        }
    }
}

/// Whether a record's body could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecordState {
    /// It was understood.
    Parsed,
    /// It is kept as raw bytes and waits for a person.
    Unreadable,
}

impl RecordState {
    /// A name that never changes, for JSON, stores and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Parsed => "parsed",
            Self::Unreadable => "unreadable",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Parsed, Self::Unreadable].into_iter().find(|state| state.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_source_shows_code_and_name() {
        let json = serde_json::to_string(&StartSource(4)).unwrap();
        assert_eq!(json, r#"{"code":4,"name":"offline_card"}"#);
        assert_eq!(serde_json::from_str::<StartSource>(&json).unwrap(), StartSource(4));
        assert_eq!(StartSource(3).name(), "unknown");
    }

    #[test]
    fn states_have_one_name() {
        for state in [RecordState::Parsed, RecordState::Unreadable] {
            assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{}\"", state.name()));
            assert_eq!(RecordState::from_name(state.name()), Some(state));
        }
    }
}
