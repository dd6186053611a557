//! Does this pile, or this platform, follow the protocol? Each rule of the specification is a [`Check`]; what passed on
//! the wire is a [`Trace`]; a [`Report`] says of each check whether it passed, failed or could not be seen, with the
//! frames that show it.
//!
//! The exams are pure: events and a time in, effects out. `runner` gives them sockets and a clock, tests give them
//! virtual piles and virtual time.

pub mod aaf5;
mod case;
mod check;
mod exam;
pub mod pile;
pub mod platform;
mod recorder;
mod report;
pub mod runner;
mod trace;

pub use check::{Check, Finding, Verdict};
pub use exam::{ConnectionId, Effect, Exam, Input};
pub use recorder::Recorder;
pub use report::{Report, Subject};
pub use trace::{EntryId, Happening, Trace, TraceEntry};
