//! Does this pile, or this platform, follow the protocol? Each rule of the specification is a [`Check`]; what passed on
//! the wire is a [`Trace`]; a [`Report`] says of each check whether it passed, failed or could not be seen, with the
//! frames that show it.
//!
//! The exams are pure: events and a time in, effects out. `runner` gives them sockets and a clock, tests give them
//! virtual piles and virtual time. What the exams of all protocols have in common is in `exam`; a protocol adds its
//! script, its words and its rules.

pub mod aaf5;
mod case;
mod check;
mod exam;

mod recorder;
mod report;
pub mod runner;
mod trace;
pub mod ykc;

pub use check::{Check, Finding, Verdict};
pub use exam::pile::Task;
pub use exam::{ConnectionId, Effect, Exam, Input};
pub use recorder::Recorder;
pub use report::{Report, Subject};
pub use trace::{EntryId, Happening, Trace, TraceEntry};
