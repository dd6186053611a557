//! Transaction records and people: how an order comes to its money.

use super::super::Origin;
use super::{
    AbnormalReason, Amount, Balance, Effect, Energy, Evidence, OrderState, Resolution, STOPPED_BY_PILE, Settlement,
    Step, Timestamp,
};
use crate::event::EventType;
use crate::record::StopReason;
use crate::settlement::{Difference, Verdict, charged, witness_names};
use OrderState::{Abnormal, AwaitingRecord, Charging, Created, Failed, Settled, Starting, Stopping};

/// A transaction record, judged, as far as an order needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedRecord {
    /// Its number in the store.
    pub record: i64,
    /// Our bill, the pile's, and which counts.
    pub settlement: Settlement,
    /// Start of the charge; `None` where the pile's clock can't be trusted.
    pub started_at: Option<Timestamp>,
    /// End of the charge; `None` where the pile's clock can't be trusted.
    pub ended_at: Option<Timestamp>,
    /// Why it stopped.
    pub stop_reason: StopReason,
    /// All energy delivered.
    pub energy: Energy,
    /// The car, where it told its number.
    pub vin: Option<String>,
    /// Other orders that it may bill, for people, where it names no charge and that can't be told.
    pub unclear: Option<String>,
}

impl JudgedRecord {
    /// Whether nothing was delivered and nothing is owed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Settlement { pile_energy, pile_amount, .. } = self.settlement;
        self.energy == Energy::ZERO && pile_energy == Energy::ZERO && pile_amount == Amount::ZERO
    }

    fn told(&self) -> String {
        let Settlement { pile_energy, pile_amount, .. } = self.settlement;
        format!("record {} says {pile_energy} kWh and {pile_amount} yuan", self.record)
    }
}

/// What is to be charged by a verdict; `None` where a person decides or our bill is not known.
#[must_use]
pub fn amount_by(settlement: &Settlement, verdict: Verdict) -> Option<Balance> {
    match verdict {
        Verdict::Hold => None,
        Verdict::Ours if settlement.ours.is_none() => None,
        Verdict::Pile | Verdict::Ours => Some(charged(settlement, verdict)),
    }
}

fn told_difference(difference: &Difference) -> String {
    let what = serde_json::to_value(difference.what).unwrap_or_default();
    let tier = difference.tier.map(|tier| format!(" {tier}")).unwrap_or_default();
    format!("{}{tier}: {} instead of {}", what.as_str().unwrap_or_default(), difference.pile, difference.ours)
}

impl Step<'_> {
    pub(super) fn record(&mut self, record: &JudgedRecord) -> Vec<Effect> {
        match self.order.state {
            Created | Starting | Charging | Stopping | AwaitingRecord => self.close(record),
            Abnormal if self.order.abnormal_reason.is_some_and(AbnormalReason::heals_by_record) => self.close(record),
            Abnormal if self.order.record.is_none() => {
                self.note("record_received", record.told());
                self.link(record);
                Vec::new()
            }
            Failed => self.record_of_failed(record),
            Settled if self.order.record.is_none() => self.record_after_settlement(record),
            Settled | Abnormal if self.order.record == Some(record.record) => self.same_record(record),
            Settled | Abnormal => self.second_record(record),
        }
    }

    /// The record that it has, judged once more because it came with more in it: what waits for a person because of the
    /// poorer one's bill is closed by this one. What is settled stays as it is.
    fn same_record(&mut self, record: &JudgedRecord) -> Vec<Effect> {
        if self.order.settlement.as_ref() == Some(&record.settlement) {
            return Vec::new();
        }
        if matches!(self.order.abnormal_reason, Some(AbnormalReason::BillDiffers | AbnormalReason::TariffUnknown)) {
            self.link(record);
            return self.judge(record);
        }
        let found: Vec<String> = record.settlement.differences.iter().map(told_difference).collect();
        let found = if found.is_empty() { "nothing".to_owned() } else { found.join(", ") };
        self.note("record_received", format!("{}, once more and with more in it; {found} differs", record.told()));
        Vec::new()
    }

    pub(super) fn second_record(&mut self, record: &JudgedRecord) -> Vec<Effect> {
        let unread = self.order.abnormal_reason == Some(AbnormalReason::RecordUnreadable);
        let counts = match self.order.state {
            Settled | Abnormal => self.order.record.is_some() && !unread,
            // One that says nothing, after another one: which of the two is true, nobody knows.
            Failed => self.order.record.is_some() && record.is_empty(),
            _ => false,
        };
        if !counts {
            // The one before did not count for anything: this is the first.
            return self.record(record);
        }
        let first = match (&self.order.settlement, self.order.record) {
            (_, Some(number)) if number == record.record => "it came again with other content".to_owned(),
            (Some(first), Some(number)) => {
                format!("record {number} said {} kWh and {} yuan", first.pile_energy, first.pile_amount)
            }
            _ => "there was another one before".to_owned(),
        };
        let detail = format!("{}; {first}", record.told());
        let same = |old: &Evidence| old.what == AbnormalReason::RecordDiffers.name() && old.detail == detail;
        if self.order.state == Settled && self.order.evidence.iter().any(same) {
            // A person has decided about it.
            return Vec::new();
        }
        self.abnormal(AbnormalReason::RecordDiffers, detail)
    }

    pub(super) fn record_unreadable(&mut self, record: i64, reason: &str) -> Vec<Effect> {
        let detail = format!("record {record} can't be read: {reason}");
        if self.order.state == Settled {
            self.note(AbnormalReason::RecordUnreadable.name(), detail);
            return Vec::new();
        }
        if self.order.record.is_none() {
            self.order.record = Some(record);
        }
        self.abnormal(AbnormalReason::RecordUnreadable, detail)
    }

    pub(super) fn resolved(&mut self, resolution: Resolution, by: &str, note: Option<&str>) -> Vec<Effect> {
        if self.order.state != Abnormal {
            return Vec::new();
        }
        let settlement = self.order.settlement.as_ref();
        let charged = match resolution {
            Resolution::SettleByOurs => settlement.and_then(|bill| amount_by(bill, Verdict::Ours)),
            Resolution::SettleByPile => settlement.map_or_else(
                || self.order.progress.at.map(|_| self.order.progress.amount.to_balance_half_away_from_zero()),
                |bill| amount_by(bill, Verdict::Pile),
            ),
            Resolution::WriteOff => Some(Balance::ZERO),
            Resolution::AskAgain => None,
        };
        let note = note.map(|note| format!(": {note}")).unwrap_or_default();
        match (resolution, charged) {
            (Resolution::AskAgain, _) => {
                self.note("resolved", format!("{by} asked the pile again{note}"));
                self.order.away_since = None;
                self.enter(AwaitingRecord);
                self.deadline_in(self.order.pace.record_within_s);
                vec![Effect::AskPile]
            }
            (_, Some(charged)) => {
                self.note("resolved", format!("{by} settled it at {charged} yuan ({}){note}", resolution.name()));
                self.settle(charged)
            }
            // There is nothing to settle by; the business refuses that before it comes here.
            (_, None) => Vec::new(),
        }
    }

    /// The record closes the order: it is paid, or a person has to look at it.
    fn close(&mut self, record: &JudgedRecord) -> Vec<Effect> {
        let never_charged = self.never_charged();
        self.link(record);
        if never_charged && record.is_empty() && self.order.abnormal_reason.is_none() {
            self.order.started_at = None;
            return self.fail("no_energy");
        }
        self.judge(record)
    }

    fn judge(&mut self, record: &JudgedRecord) -> Vec<Effect> {
        if let Some(orders) = record.unclear.as_ref().filter(|_| !record.is_empty()) {
            let detail = format!("{}, and names no charge; {orders}", record.told());
            return self.abnormal(AbnormalReason::OrderUnclear, detail);
        }
        let nobody = self.order.account.is_none() && matches!(self.order.origin, Origin::OfflineCard | Origin::Record);
        if nobody && !record.is_empty() {
            let detail = format!("{}; nobody known pays for it", record.told());
            return self.abnormal(AbnormalReason::PayerUnknown, detail);
        }
        match amount_by(&record.settlement, record.settlement.verdict) {
            Some(charged) => {
                if let Some(reason) = self.order.abnormal_reason {
                    self.note("settled_by_record", format!("{}; it was {}", record.told(), reason.name()));
                }
                self.settle(charged)
            }
            None => self.hold(record),
        }
    }

    fn hold(&mut self, record: &JudgedRecord) -> Vec<Effect> {
        match &record.settlement.ours {
            None => {
                let detail = format!("{}; its tariff is not known", record.told());
                self.abnormal(AbnormalReason::TariffUnknown, detail)
            }
            Some(ours) => {
                let differences = &record.settlement.differences;
                let beyond: Vec<String> =
                    differences.iter().filter(|difference| difference.beyond_tolerance).map(told_difference).collect();
                let detail = format!("{}; we make it {} yuan ({})", record.told(), ours.total, beyond.join(", "));
                self.abnormal(AbnormalReason::BillDiffers, detail)
            }
        }
    }

    fn record_of_failed(&mut self, record: &JudgedRecord) -> Vec<Effect> {
        let failed_at = self.order.ended_at;
        self.link(record);
        if record.is_empty() {
            self.order.started_at = None;
            self.order.ended_at = failed_at;
            return Vec::new();
        }
        let failure = self.order.failure.clone().unwrap_or_default();
        let detail = format!("{}, although its start had failed ({failure})", record.told());
        self.abnormal(AbnormalReason::ChargedAfterFailure, detail)
    }

    /// A person settled it without a record, and now there is one.
    fn record_after_settlement(&mut self, record: &JudgedRecord) -> Vec<Effect> {
        let charged = self.order.charged.unwrap_or_default();
        self.link(record);
        if amount_by(&record.settlement, record.settlement.verdict) == Some(charged) {
            self.note("record_received", format!("{}, as was charged", record.told()));
            return Vec::new();
        }
        let detail = format!("{}, after it had been settled at {charged} yuan", record.told());
        self.abnormal(AbnormalReason::RecordDiffers, detail)
    }

    fn link(&mut self, record: &JudgedRecord) {
        if !record.settlement.matched_by.is_empty() {
            let by = witness_names(&record.settlement.matched_by);
            self.note("record_matched", format!("record {} names no charge; it is this one's by {by}", record.record));
        }
        let order = &mut *self.order;
        order.record = Some(record.record);
        order.settlement = Some(record.settlement.clone());
        order.stop_code = Some(record.stop_reason.code);
        order.stop_name = record.stop_reason.name.as_deref().map(str::to_owned);
        order.started_at = order.started_at.or(record.started_at);
        // The start is the platform's clock's: a pile's that is behind must not end a charge before it began.
        let possible = |end: &Timestamp| order.started_at.is_none_or(|start| *end >= start);
        order.ended_at = record.ended_at.filter(possible).or(order.ended_at.filter(possible)).or(Some(self.now));
        order.end_reason.get_or_insert_with(|| STOPPED_BY_PILE.to_owned());
        if order.vin.is_none() {
            order.vin.clone_from(&record.vin);
        }
    }

    fn settle(&mut self, charged: Balance) -> Vec<Effect> {
        let before = self.order.charged.unwrap_or_default();
        self.order.charged = Some(charged);
        self.order.ended_at.get_or_insert(self.now);
        self.order.settled_at = Some(self.now);
        self.enter(Settled);
        let due = Balance::from_steps(charged.steps().saturating_sub(before.steps()));
        vec![Effect::Pay(due), Effect::Emit(EventType::OrderSettled), Effect::CloseAlarms]
    }
}
