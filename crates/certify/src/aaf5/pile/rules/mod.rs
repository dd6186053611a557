//! The catalogue of a pile's rules, and how each is judged.

mod account;
mod bill;
mod charge;
mod command;
mod frame;
mod offline;
mod presence;
mod record;
mod status;

use crate::aaf5::rule::Rule;
use crate::case::{Limit, limit};

/// An answer: 5 s by P52 §2.8.
pub(super) const ANSWER: Limit = limit(5, 30);

static TOPICS: &[&[Rule]] = &[
    frame::RULES,
    presence::RULES,
    status::RULES,
    command::RULES,
    charge::RULES,
    account::RULES,
    record::RULES,
    offline::RULES,
    bill::RULES,
    command::ROBUST,
];

/// All rules, in the order of the report.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    TOPICS.iter().flat_map(|topic| topic.iter())
}
