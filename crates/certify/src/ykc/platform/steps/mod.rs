//! The plan, a file per topic: the rules, and what the pile says to see whether they are followed.

mod card;
mod crc;
mod heartbeat;
mod login;
mod malformed;
mod record;
mod record_odd;
mod session;
mod silence;
mod stream;
mod tariff;
mod telemetry;

use super::desk::Desk;
use super::plan::Step;
use super::say;
use crate::exam::ConnectionId;

/// The steps in order: by the book first, then what is strange, then what may cost the connection.
pub(super) static STEPS: [&Step; 12] = [
    &login::STEP,
    &heartbeat::STEP,
    &tariff::STEP,
    &telemetry::STEP,
    &card::STEP,
    &record::STEP,
    &record_odd::STEP,
    &stream::STEP,
    &crc::STEP,
    &malformed::STEP,
    &session::STEP,
    &silence::STEP,
];

/// Declares the rules of a step.
macro_rules! checks {
    ($($name:ident = $id:literal, $zh:literal / $en:literal, $source:literal;)*) => {
        $(static $name: crate::check::Check = crate::check::Check { id: $id, zh: $zh, en: $en, source: $source };)*
        /// The rules in the order of the catalogue.
        pub(super) static CHECKS: &[&crate::check::Check] = &[$(&$name),*];
    };
}
pub(super) use checks;

/// Logs the pile in.
pub(super) fn greet_with_login(desk: &mut Desk, line: ConnectionId) {
    desk.ask(line, say::login(desk.options.pile_code));
}

/// Says nothing.
fn greet_with_nothing(_: &mut Desk, _: ConnectionId) {}

/// A heartbeat of the first connector, which every platform answers.
fn probe(desk: &mut Desk, line: ConnectionId) {
    desk.ask(line, say::heartbeat(desk.options.pile_code, 1));
}
