//! The keys of `behaviour = { … }`: in which way a pile errs, beyond what the fault menu plays.

use std::time::Duration;

use serde::Deserialize;
use voltapile_protocol::ykc::code::{RemoteStartFailure, RemoteStopFailure};

use super::value::Span;
use crate::model::{Behaviour, RecordDelivery, StartBehaviour};

/// A table of behaviour. What is not named is healthy.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct BehaviourTable {
    start: StartWord,
    demands_plug: bool,
    refuses_stop: bool,
    reports_idle_while_charging: bool,
    records: RecordWord,
    records_late_by: Option<Span>,
    clock_of_1999: bool,
    clock_drift_ppm: i32,
    speaks_before_login: bool,
    ignores: Vec<u8>,
    withholds: Vec<u8>,
    sends_vin_in_natural_order: bool,
    reports_vehicles: bool,
}

/// What a start command leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StartWord {
    #[default]
    Obeys,
    Refuses,
    Silent,
    NeverCharges,
    RefusesThenConfirms,
}

/// When records leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RecordWord {
    #[default]
    AtOnce,
    Held,
    Twice,
    Never,
}

impl BehaviourTable {
    /// What the model calls it.
    ///
    /// # Errors
    /// Which keys contradict each other.
    pub(super) fn behaviour(self) -> Result<Behaviour, String> {
        let late = self.records_late_by.map(|Span(pause)| pause).filter(|pause| *pause > Duration::ZERO);
        Ok(Behaviour {
            start: match self.start {
                StartWord::Obeys => StartBehaviour::Obeys,
                StartWord::Refuses => StartBehaviour::Refuses(RemoteStartFailure::DeviceFault),
                StartWord::Silent => StartBehaviour::Silent,
                StartWord::NeverCharges => StartBehaviour::NeverCharges,
                StartWord::RefusesThenConfirms => StartBehaviour::RefusesThenConfirms,
            },
            demands_plug: self.demands_plug,
            refuses_stop: self.refuses_stop.then_some(RemoteStopFailure::Other),
            reports_idle_while_charging: self.reports_idle_while_charging,
            record_delivery: match (self.records, late) {
                (RecordWord::AtOnce, Some(pause)) => RecordDelivery::Late(pause),
                (RecordWord::AtOnce, None) => RecordDelivery::AtOnce,
                (_, Some(_)) => return Err("records_late_by goes with records = \"at-once\" only".to_owned()),
                (RecordWord::Held, None) => RecordDelivery::Held,
                (RecordWord::Twice, None) => RecordDelivery::Twice,
                (RecordWord::Never, None) => RecordDelivery::Never,
            },
            clock_of_1999: self.clock_of_1999,
            clock_drift_ppm: self.clock_drift_ppm,
            speaks_before_login: self.speaks_before_login,
            ignores: self.ignores.into_iter().map(u16::from).collect(),
            withholds: self.withholds.into_iter().map(u16::from).collect(),
            sends_vin_in_natural_order: self.sends_vin_in_natural_order,
            reports_vehicles: self.reports_vehicles,
            ..Behaviour::default()
        })
    }
}
