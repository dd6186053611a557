//! The exam of a pile by AA F5: a platform that leads it through the protocol, and the rules by which what it did is
//! judged. Rules look at nothing but the trace, so a capture of a pile at work is judged by the same ones.

mod answers;
mod request;
mod rules;
mod script;
mod tongue;

use voltapile_protocol::aaf5::field::{CardNumber, PileCode};
use voltapile_protocol::time::Tick;

use self::tongue::Aaf5;
use super::rule;
use super::view::{self, View};
use crate::check::{Check, Finding};
use crate::exam::pile;
use crate::trace::Trace;

/// The exam of a pile by AA F5.
pub type PileExam = pile::PileExam<Aaf5>;
/// Which pile is examined, and how.
pub type PileExamOptions = pile::PileExamOptions<PileCode, CardNumber>;

/// All checks, in the order of the report.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    rules::all().map(|rule| &rule.check)
}

/// A part of the exam, for choosing: its name, and what it is in Chinese and English.
pub fn steps() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    script::STEPS.iter().map(|step| (step.name, step.zh, step.en))
}

/// Judges what a pile did in a trace that ended at `until`, wherever it comes from.
#[must_use]
pub fn judge(trace: &Trace, pile: PileCode, until: Tick) -> Vec<Finding> {
    rule::judge(rules::all(), &View::new(trace, pile, until, None, false))
}

/// The pile that a trace is about: the first that signs in, else the first that is named at all.
#[must_use]
pub fn pile_of(trace: &Trace) -> Option<PileCode> {
    view::pile_of(trace)
}
