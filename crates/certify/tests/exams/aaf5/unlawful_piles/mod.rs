//! Every rule of the exam of piles, and a conversation by which it fails.

mod commands;
mod presence;
mod records;
mod starts;

use voltapile_certify::Verdict;
use voltapile_protocol::aaf5::code::Outcome;
use voltapile_protocol::aaf5::message::StatusReport;
use voltapile_protocol::layout::Direction::Up;
use voltapile_protocol::wire::*;

use super::pile::{by_the_book, stage};
use super::tale::*;

/// Answers that come too late for whoever waits.
const AWAITED: &[&str] = &[
    "signin.asked",
    "parameters.integers",
    "parameters.texts",
    "stop.answered",
    "robust.split",
    "robust.glued",
    "robust.goes_on",
    "robust.unknown_goes_on",
    "robust.garbage",
    "robust.absurd_length",
    "robust.longer",
    "signin.tries",
];

/// What comes much later than it should.
const SLOW: &[&str] = &[
    "signin.repeats",
    "heartbeat.period",
    "heartbeat.dead_link",
    "status.period",
    "status.asked",
    "bms.period",
    "reboot.signs_in",
    "start.shown",
    "stop.stops",
    "card.starts",
    "record.in_time",
    "record.repeats",
    "alarm.period",
    "reconnect.in_time",
];

fn is_first(report: &StatusReport) -> bool {
    report.connector_number.number() == 1
}

fn number(text: &str) -> Text<32> {
    Text::new(text).unwrap()
}

fn twists() -> Vec<(&'static str, Twist)> {
    let awaited = AWAITED.iter().map(|id| (*id, late(35)));
    let slow = SLOW.iter().map(|id| (*id, late(2_000)));
    let others = [presence::of_presence(), commands::of_commands(), starts::of_starts(), records::of_records()];
    awaited.chain(slow).chain(others.into_iter().flatten()).collect()
}

/// The pile speaks an older version, in tenths.
fn of_version(version: u16) -> Twist {
    every(106, of!(SignInRequest, request => request.protocol_version = Some(Decimal16::from_raw(version))))
}

/// What looks like a breach and is none.
fn pardoned() -> Vec<(&'static str, Twist)> {
    let refused_list = || reworded(of!(WhiteListResponse, said => said.result = Outcome::Failed));
    let refused_tariff = || reworded(of!(TimeOfUseTariffSetResponse, said => said.result = Outcome::Failed));
    vec![
        ("tariff.time_of_use", and(of_version(47), refused_tariff())),
        ("whitelist.answered", and(of_version(28), refused_list())),
        ("status.asked", and(of_version(34), late(2_000))),
    ]
}

#[test]
fn a_rule_fails_where_it_is_broken_and_nowhere_else() {
    let mut stage = stage(by_the_book(), false);
    stage.run_to_the_end();
    let exam = stage.exam;
    let lawful = voltapile_certify::Exam::report(&exam);
    assert_eq!(crate::ids(&lawful, Verdict::Fail), [""; 0], "{}", crate::why(&lawful));
    let mut wrong = wrong(&lawful, Up, &twists(), "aaf5.pile.", |trace| exam.report_of(trace));
    let pardoned = [pardoned(), records::pardoned(), presence::pardoned()];
    for (id, twist) in pardoned.into_iter().flatten() {
        let finding = judged(&lawful, Up, &format!("aaf5.pile.{id}"), &twist, |trace| exam.report_of(trace));
        if finding.verdict == Verdict::Fail {
            wrong.push(format!("{id} fails, though nothing is wrong: {}", finding.note.en));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
