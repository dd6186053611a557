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
use crate::check::Finding;
use crate::exam::rule;
pub(super) use crate::exam::rule::rule;

/// A check, and how it is judged.
pub(super) type Rule = rule::Rule<fn(&View<'_>, &mut Case)>;

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

/// All rules, in the order of the report.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    TOPICS.iter().flat_map(|topic| topic.iter())
}

/// Judges all rules.
pub(super) fn judge(view: &View<'_>) -> Vec<Finding> {
    rule::judge(all(), |judge, case| judge(view, case))
}
