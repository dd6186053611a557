//! Orders as rows of a table.

use voltapile_platform::order::Order;

use crate::api::csv::{Row, cell, word};

impl Row for Order {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "transaction_number",
        "state",
        "origin",
        "operator",
        "station",
        "pile",
        "connector",
        "account",
        "card",
        "vin",
        "tariff",
        "tariff_version",
        "created_at",
        "started_at",
        "ended_at",
        "settled_at",
        "energy_kwh",
        "pile_amount_yuan",
        "our_electricity_yuan",
        "our_service_yuan",
        "our_amount_yuan",
        "charged_yuan",
        "end_reason",
        "stop_code",
        "failure",
        "abnormal_reason",
        "record",
        "group",
        "created_by",
    ];

    fn cells(&self) -> Vec<String> {
        let settlement = self.settlement.as_ref();
        let ours = settlement.and_then(|settlement| settlement.ours.as_ref());
        let energy = settlement.map_or(self.progress.energy_with_loss, |settlement| settlement.pile_energy);
        vec![
            self.id.to_string(),
            self.transaction_number.to_string(),
            word(&self.state),
            word(&self.origin),
            cell(self.operator.as_ref()),
            cell(self.station.as_ref()),
            self.pile.to_string(),
            self.connector.to_string(),
            cell(self.account.as_ref()),
            cell(self.card.as_ref()),
            cell(self.vin.as_ref()),
            cell(self.tariff.as_ref().map(|tariff| &tariff.tariff)),
            cell(self.tariff.as_ref().map(|tariff| &tariff.version)),
            self.created_at.to_string(),
            cell(self.started_at.as_ref()),
            cell(self.ended_at.as_ref()),
            cell(self.settled_at.as_ref()),
            energy.to_string(),
            cell(settlement.map(|settlement| &settlement.pile_amount)),
            cell(ours.map(|bill| &bill.electricity)),
            cell(ours.map(|bill| &bill.service)),
            cell(ours.map(|bill| &bill.total)),
            cell(self.charged.as_ref()),
            cell(self.end_reason.as_ref()),
            cell(self.stop_code.as_ref()),
            cell(self.failure.as_ref()),
            self.abnormal_reason.as_ref().map(word).unwrap_or_default(),
            cell(self.record.as_ref()),
            cell(self.group.as_ref()),
            cell(self.created_by.as_ref()),
        ]
    }
}
