//! What the keys of one step say.

use std::time::Duration;

use super::condition::Condition;
use super::file::{ConditionWord, StepTable};
use super::step::{Step, Trigger, What};
use super::value::{Span, VinText};
use crate::model::{Action, CarWish, Credential};

/// How long a condition is waited for when nothing is said.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// How often steps may be repeated.
const TIMES_MAX: u32 = 10_000;
/// Largest battery of a car, in kWh: a mining truck's, as the model has it.
const BATTERY_KWH_MAX: u16 = 1_000;

/// How many steps were played when this one is behind for good, with those of its repetitions.
pub(super) fn played_behind(step: &Step, played: &[u64]) -> u64 {
    let before = played.last().copied().unwrap_or_default();
    match step.what {
        What::Repeat { from, times } => {
            let before_first = played.get(from).copied().unwrap_or_default();
            let round = (before - before_first).saturating_add(1);
            before_first.saturating_add(round.saturating_mul(times.into()))
        }
        _ => before.saturating_add(1),
    }
}

/// A car that no model could be made of is refused rather than bent.
pub(super) fn check_car(table: &StepTable) -> Result<(), String> {
    for (key, percent, least) in [("soc", table.soc, 0), ("target", table.target, 1)] {
        if let Some(percent) = percent.filter(|percent| !(least..=100).contains(percent)) {
            return Err(format!("{key} = {percent}: expected {least} to 100"));
        }
    }
    match table.battery_kwh {
        Some(kwh) if !(1..=BATTERY_KWH_MAX).contains(&kwh) => {
            Err(format!("battery_kwh = {kwh}: expected 1 to {BATTERY_KWH_MAX}"))
        }
        _ => Ok(()),
    }
}

pub(super) fn ask(connector: u8, auxiliary: Option<u8>, credential: Credential) -> Action {
    match auxiliary {
        None => Action::Ask { connector, credential },
        Some(auxiliary) => Action::AskParallel { main: connector, auxiliary, credential },
    }
}

pub(super) fn car(table: &StepTable) -> CarWish {
    CarWish {
        vin: table.vin.map(|VinText(vin)| vin),
        soc_percent: table.soc,
        target_percent: table.target,
        capacity_wh: table.battery_kwh.map(|kwh| u32::from(kwh) * 1_000),
        ..CarWish::default()
    }
}

pub(super) fn trigger(table: &StepTable) -> Result<Trigger, String> {
    let within = table.within.map(|Span(span)| span);
    match (table.at, table.after, table.when) {
        (None, None, None) => match (within, table.expect) {
            (Some(_), None) => Err("within goes with when or expect".to_owned()),
            _ => Ok(Trigger::After(Duration::ZERO)),
        },
        (Some(Span(at)), None, None) => Ok(Trigger::At(at)),
        (None, Some(Span(after)), None) => Ok(Trigger::After(after)),
        (None, None, Some(_)) if table.expect.is_some() || table.hold.is_some() => {
            Err("when goes with do: an expectation waits by itself".to_owned())
        }
        (None, None, Some(word)) => Ok(Trigger::When(condition(word, table)?, within.unwrap_or(PATIENCE))),
        _ => Err("a step begins by one of at, after and when".to_owned()),
    }
}

pub(super) fn condition(word: ConditionWord, table: &StepTable) -> Result<Condition, String> {
    let connector = table.connector.unwrap_or(1);
    Ok(match word {
        ConditionWord::Online => Condition::Online,
        ConditionWord::Offline => Condition::Offline,
        ConditionWord::Working => Condition::Working,
        ConditionWord::Locked => Condition::Locked,
        ConditionWord::LoginRefused => Condition::LoginRefused,
        ConditionWord::RecordWaiting => Condition::RecordWaiting(table.count.unwrap_or(1)),
        ConditionWord::RecordConfirmed => Condition::RecordConfirmed(table.count.unwrap_or(1)),
        ConditionWord::OfflineCards => Condition::OfflineCards(table.count.unwrap_or(1)),
        ConditionWord::Idle => Condition::Idle(connector),
        ConditionWord::Plugged => Condition::Plugged(connector),
        ConditionWord::Unplugged => Condition::Unplugged(connector),
        ConditionWord::Charging => Condition::Charging(connector),
        ConditionWord::Faulty => Condition::Faulty(connector),
        ConditionWord::Asking => Condition::Asking(connector),
        ConditionWord::Refused => Condition::Refused(connector, table.reason.clone()),
        ConditionWord::Energy => {
            let wh = table.energy_wh.ok_or("energy needs energy_wh: how many watt-hours at least")?;
            Condition::Energy(connector, wh.saturating_mul(10))
        }
    })
}

pub(super) fn repeat<'n>(table: &StepTable, mut names: impl Iterator<Item = (&'n str, usize)>) -> Result<What, String> {
    let from = table.from.as_deref().ok_or("do = \"repeat\" needs from: the name of an earlier step")?;
    let times = table.times.ok_or("do = \"repeat\" needs times: how often the steps are played in all")?;
    if !(2..=TIMES_MAX).contains(&times) {
        return Err(format!("times = {times}: expected 2 to {TIMES_MAX}"));
    }
    let place = names.find(|(name, _)| *name == from).map(|(_, place)| place);
    let from = place.ok_or_else(|| format!("no earlier step has the name {from:?}"))?;
    Ok(What::Repeat { from, times })
}
