//! The exam of a pile: a platform that leads it through the protocol, and the rules by which what it did is judged.
//!
//! The [exam](PileExam) asks, waits and gives people something to do; what comes of it is in the trace, and the rules
//! look at nothing but the trace. So a [capture](judge) of a pile at work can be judged by the same rules.

mod charge;
mod manners;
mod request;
mod rules;
mod steps;
mod tolerance;
mod tongue;
mod view;

use voltapile_protocol::time::Tick;
use voltapile_protocol::ykc::field::{PhysicalCardNumber, PileCode};

use self::tongue::Ykc;
use self::view::View;
use crate::check::{Check, Finding};
use crate::exam::pile;
use crate::trace::Trace;

/// The exam of a pile by YKC.
pub type PileExam = pile::PileExam<Ykc>;
/// Which pile is examined, and how.
pub type PileExamOptions = pile::PileExamOptions<PileCode, PhysicalCardNumber>;

/// All checks, in the order of the report.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    rules::all().map(|rule| &rule.check)
}

/// A part of the exam, for choosing: its name, and what it is in Chinese and English.
pub fn steps() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    steps::STEPS.iter().map(|step| (step.name, step.zh, step.en))
}

/// Judges what a pile did in a trace that ended at `until`, wherever it comes from.
#[must_use]
pub fn judge(trace: &Trace, pile: PileCode, until: Tick) -> Vec<Finding> {
    rules::judge(&View::new(trace, pile, until, None))
}

/// The pile that a trace is about: the first that logs in, else the first that is named at all.
#[must_use]
pub fn pile_of(trace: &Trace) -> Option<PileCode> {
    view::pile_of(trace)
}
