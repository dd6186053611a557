//! The keys of `behaviour = { … }`: in which way a pile errs, beyond what the fault menu plays.

use std::time::Duration;

use serde::Deserialize;
use voltapile_protocol::Protocol;
use voltapile_protocol::ykc::code::{RemoteStartFailure, RemoteStopFailure};

use super::value::{FrameType, Span};
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
    ignores: Vec<FrameType>,
    withholds: Vec<FrameType>,
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
    /// What the model calls it, for piles that speak these protocols.
    ///
    /// # Errors
    /// Which keys contradict each other, or what they say nothing of.
    pub(super) fn behaviour(self, protocols: &[Protocol]) -> Result<Behaviour, String> {
        let types = |key: &str, types: Vec<FrameType>| -> Result<Vec<u16>, String> {
            let types: Vec<u16> = types.into_iter().map(|FrameType(number)| number).collect();
            match types.iter().find(|number| **number > u16::from(u8::MAX)) {
                Some(number) if protocols.contains(&Protocol::Ykc) => Err(format!(
                    "{key}: {number} is no frame type of YKC, which end at 255 (0xFF); a pile with protocol = \"aaf5\" has \
                     such commands"
                )),
                _ => Ok(types),
            }
        };
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
            ignores: types("ignores", self.ignores)?,
            withholds: types("withholds", self.withholds)?,
            sends_vin_in_natural_order: self.sends_vin_in_natural_order,
            reports_vehicles: self.reports_vehicles,
            ..Behaviour::default()
        })
    }
}
