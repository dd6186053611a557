//! The catalogue: each rule of the specification that a pile's traffic can show, and how it is judged. Rules look at a
//! trace and at nothing else, so that a capture can be judged like an exam.

mod answer;
mod battery;
mod bill;
mod card;
mod clock;
mod frame;
mod heartbeat;
mod login;
mod offline;
mod offline_card;
mod record;
mod robust;
mod sequence;
mod start;
mod stop;
mod tariff;
mod telemetry;
mod upkeep;

use super::view::View;
use crate::case::Case;
use crate::check::{Check, Finding};

/// A check, and how it is judged.
pub(super) struct Rule {
    check: Check,
    judge: fn(&View<'_>, &mut Case),
}

/// A rule in one line.
const fn rule(
    id: &'static str,
    zh: &'static str,
    en: &'static str,
    source: &'static str,
    judge: fn(&View<'_>, &mut Case),
) -> Rule {
    Rule { check: Check { id, zh, en, source }, judge }
}

/// All rules by topic, in the order of the report.
static TOPICS: &[&[Rule]] = &[
    frame::RULES,
    sequence::RULES,
    login::RULES,
    heartbeat::RULES,
    tariff::RULES,
    clock::RULES,
    telemetry::RULES,
    start::RULES,
    card::RULES,
    stop::RULES,
    battery::RULES,
    record::RULES,
    bill::RULES,
    offline::RULES,
    offline_card::RULES,
    upkeep::RULES,
    robust::RULES,
];

/// All checks, in the order of the report.
pub(super) fn checks() -> impl Iterator<Item = &'static Check> {
    TOPICS.iter().flat_map(|topic| topic.iter()).map(|rule| &rule.check)
}

/// Judges all rules.
pub(super) fn judge(view: &View<'_>) -> Vec<Finding> {
    let rules = TOPICS.iter().flat_map(|topic| topic.iter());
    let judged = rules.map(|rule| {
        let mut case = Case::default();
        (rule.judge)(view, &mut case);
        case.finish(&rule.check)
    });
    judged.collect()
}
