//! Transaction records: a pile's bill for one charge, in neutral units.
//!
//! A record from before half-hour records is read as it was written: [`Sold::Tiers`] keeps its member, a stop reason may
//! be a bare number.

use crate::identity::{ConnectorNumber, PileCode, TransactionNumber};
use crate::timestamp::Timestamp;
use crate::unit::{Amount, Energy};
use serde::{Deserialize, Serialize};

mod reason;
mod sold;
mod source;

pub use reason::StopReason;
pub use sold::{HalfHourUsage, Sold, TierUsage};
pub use source::{StartSource, StartedBy};

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
    /// What was sold when: `tiers` or `half_hours`.
    #[serde(flatten)]
    pub sold: Sold,
    /// Whether that is not the form which the tariff lays down for such a pile, but the other one: that by which times and
    /// money agree, or half hours where only they lie in the time of the charge.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub other_form: bool,
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
    /// Why it stopped.
    pub stop_reason: StopReason,
    /// The card's number exactly as sent: the physical one as hex digits, or the text that the pile has.
    pub physical_card: String,
    /// State of charge of the battery at the start in %, where the pile says so.
    #[serde(default)]
    pub soc_start: Option<u8>,
    /// State of charge of the battery at the end in %, where the pile says so.
    #[serde(default)]
    pub soc_end: Option<u8>,
}

impl TransactionRecord {
    /// Whether another record under the same key bills the same: all but the moment at which the pile closed the bill,
    /// which some piles stamp anew each time they send it, the names of codes, of which a newer server knows more, and
    /// what a server made of it: older ones put a number of their own where it names no charge.
    #[must_use]
    pub fn bills_as(&self, other: &Self) -> bool {
        let codes = |record: &Self| (record.start_source.code, record.stop_reason.code);
        let (start_source, stop_reason) = (self.start_source, self.stop_reason.clone());
        let named = Self {
            transaction_number: self.transaction_number,
            transacted_at: self.transacted_at,
            other_form: self.other_form,
            start_source,
            stop_reason,
            ..other.clone()
        };
        codes(self) == codes(other) && *self == named
    }

    /// Whether another record bills the same and tells more of it: what this one leaves out, or energies that this one
    /// has in steps of 0.01 kWh only. The same charge read from a pile's memory once more is often told so.
    #[must_use]
    pub fn tells_less_than(&self, other: &Self) -> bool {
        let filled = Self {
            transacted_at: other.transacted_at,
            started_at: self.started_at.or(other.started_at),
            ended_at: self.ended_at.or(other.ended_at),
            sold: self.sold.told_by(&other.sold),
            meter_start: exact(self.meter_start, other.meter_start, 1),
            meter_stop: exact(self.meter_stop, other.meter_stop, 1),
            energy: exact(self.energy, other.energy, 1),
            energy_with_loss: exact(self.energy_with_loss, other.energy_with_loss, 1),
            vin: self.vin.clone().or_else(|| other.vin.clone()),
            soc_start: self.soc_start.or(other.soc_start),
            soc_end: self.soc_end.or(other.soc_end),
            ..self.clone()
        };
        !self.bills_as(other) && filled.bills_as(other)
    }
}

/// An energy as another record tells it, where that is the same one with more decimals: the sum of so many parts.
fn exact(coarse: Energy, fine: Energy, parts: u64) -> Energy {
    /// Steps of [`Energy`] in 0.01 kWh.
    const COARSE: u64 = 100;
    let is_same = coarse.steps().is_multiple_of(COARSE) && coarse.steps().abs_diff(fine.steps()) < COARSE * parts;
    if is_same { fine } else { coarse }
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
    use crate::tariff::PerTier;
    use crate::unit::Price;

    #[test]
    fn a_record_from_before_names_bills_as_the_same_one_sent_again() {
        let nothing = r#"{"unit_price":"0.00000","energy":"0.0000","energy_with_loss":"0.0000","amount":"0.0000"}"#;
        let before = format!(
            r#"{{"transaction_number":"5503141278230501261120160000000a","pile_code":"1","connector":1,
            "started_at":null,"ended_at":null,"transacted_at":null,
            "tiers":{{"sharp":{nothing},"peak":{nothing},"flat":{nothing},"valley":{nothing}}},
            "meter_start":"0.0000","meter_stop":"0.0000","energy":"0.0000","energy_with_loss":"0.0000",
            "amount":"0.0000","vin":null,"start_source":{{"code":3,"name":"unknown"}},"stop_reason":65,
            "physical_card":""}}"#
        );
        let before: TransactionRecord = serde_json::from_str(&before).unwrap();
        let named = TransactionRecord {
            transacted_at: Some(Timestamp::from_unix_ms(0)),
            start_source: StartSource::new(StartedBy::Password, 3),
            stop_reason: StopReason::new(65, Some("soc_reached")),
            ..before.clone()
        };
        assert!(before.bills_as(&named));
        assert!(!before.bills_as(&TransactionRecord { stop_reason: StopReason::new(66, None), ..named.clone() }));
        assert!(!before.bills_as(&TransactionRecord { start_source: StartSource::default(), ..named.clone() }));
        let number = "20261120160020-12".parse().unwrap();
        assert!(TransactionRecord { transaction_number: number, other_form: true, ..before.clone() }.bills_as(&named));
        assert!(!before.bills_as(&TransactionRecord { amount: Amount::from_steps(1), ..named }));
    }

    #[test]
    fn a_coarser_record_tells_less_of_the_same_charge() {
        let mut usage = HalfHourUsage { service: Some(Amount::from_steps(600)), ..HalfHourUsage::default() };
        usage.energies[3] = Energy::from_steps(748_720);
        let fine = TransactionRecord {
            transaction_number: TransactionNumber::ZERO,
            pile_code: PileCode::new("1").unwrap(),
            connector: ConnectorNumber(1),
            started_at: Some(Timestamp::from_unix_ms(0)),
            ended_at: Some(Timestamp::from_unix_ms(1000)),
            transacted_at: Some(Timestamp::from_unix_ms(1000)),
            sold: Sold::half_hours(usage.clone()),
            other_form: false,
            meter_start: Energy::from_steps(1_230),
            meter_stop: Energy::from_steps(749_950),
            energy: Energy::from_steps(748_720),
            energy_with_loss: Energy::from_steps(748_720),
            amount: Amount::from_steps(1000),
            vin: Some("LSVAU2A37N2183294".to_owned()),
            start_source: StartSource::default(),
            stop_reason: StopReason::new(0, None),
            physical_card: String::new(),
            soc_start: Some(7),
            soc_end: None,
        };
        (usage.energies[3], usage.service) = (Energy::from_steps(748_700), None);
        let coarse = TransactionRecord {
            sold: Sold::half_hours(usage),
            meter_start: Energy::from_steps(1_200),
            meter_stop: Energy::from_steps(749_900),
            vin: None,
            soc_start: None,
            ..fine.clone()
        };
        assert!(coarse.tells_less_than(&fine) && !fine.tells_less_than(&coarse) && !fine.tells_less_than(&fine));
        for other in [
            TransactionRecord { amount: Amount::from_steps(999), ..coarse.clone() },
            TransactionRecord { energy: Energy::from_steps(748_600), ..coarse.clone() },
            TransactionRecord { soc_start: Some(8), ..coarse.clone() },
        ] {
            assert!(!other.tells_less_than(&fine), "{other:?}");
        }
        // By period: what each came to is worked out from its energy.
        let by_tier = |energy, amount| {
            let tier = TierUsage {
                unit_price: Price::from_steps(160_000),
                energy: Energy::from_steps(energy),
                energy_with_loss: Energy::from_steps(energy),
                amount: Amount::from_steps(amount),
            };
            Sold::Tiers(PerTier { flat: tier, ..PerTier::default() })
        };
        let fine = TransactionRecord { sold: by_tier(748_720, 1_197_952), ..fine };
        let tiers = |energy, amount| TransactionRecord { sold: by_tier(energy, amount), ..coarse.clone() };
        assert!(tiers(748_700, 1_197_920).tells_less_than(&fine));
        assert!(!tiers(747_500, 1_197_920).tells_less_than(&fine) && !tiers(748_720, 1_197_920).tells_less_than(&fine));
    }

    #[test]
    fn states_have_one_name() {
        for state in [RecordState::Parsed, RecordState::Unreadable] {
            assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{}\"", state.name()));
            assert_eq!(RecordState::from_name(state.name()), Some(state));
        }
    }
}
