//! Whether the energy of a record stands in half hours in which it was charged.

use super::super::super::explain::Field;
use super::super::super::finding::{Finding, Severity};
use super::record::seconds_between;
use crate::aaf5::field::{PERIODS, SLOTS};
use crate::wire::CivilTime;

pub(super) fn check(slots: &Field, energies: &[u64], (start, end): (CivilTime, CivilTime), out: &mut Vec<Finding>) {
    // A charge that goes on for a day may touch all.
    if seconds_between(start, end).is_none_or(|took| took < 0) {
        return;
    }
    let slot_of = |time: CivilTime| usize::from(time.hour) * 2 + usize::from(time.minute) / 30;
    let (first, last, same_day) = (slot_of(start), slot_of(end), start.day == end.day);
    let touched = |slot: usize| if same_day { (first..=last).contains(&slot) } else { slot >= first || slot <= last };
    let used = || energies.iter().enumerate().filter(|(_, energy)| **energy > 0).map(|(slot, _)| slot);
    let Some(outside) = used().find(|slot| !touched(*slot)) else { return };
    let offset = slots.offset + outside * (slots.raw.len() / SLOTS);
    let may_be_periods = used().all(|slot| slot < PERIODS);
    let (from, number) = (clock(outside), outside + 1);
    let (zh, en) = if may_be_periods {
        ("；可能是 1105 计费的时段，而不是半小时", "; slots are probably periods of a tariff of 1105, not half hours")
    } else {
        ("", "")
    };
    out.push(Finding::new(
        Severity::Info,
        "energy-outside-charge",
        offset,
        format!("时段 {number}（{from} 起的半小时）有电量，但充电不在此时{zh}"),
        format!("slot {number}, the half hour from {from}, has energy, but the charge does not touch it{en}"),
    ));
}

/// When a half hour of the day begins.
fn clock(slot: usize) -> String {
    format!("{:02}:{:02}", slot / 2, slot % 2 * 30)
}
