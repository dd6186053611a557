//! Starts, cards and VINs.

use voltapile_protocol::aaf5::code::*;
use voltapile_protocol::aaf5::message::*;
use voltapile_protocol::layout::Direction::Up;
use voltapile_protocol::wire::*;

use super::{is_first, number};
use crate::aaf5::tale::*;

/// Reports of connector 1 are like that, as far as they stand within some places.
fn reports(tale: &mut Tale, within: std::ops::Range<usize>, change: impl Fn(&mut StatusReport)) {
    let change = &change;
    for at in tale.all(104).into_iter().filter(|at| within.contains(at)) {
        tale.reword(at, of!(StatusReport, report => if is_first(report) { change(report) }));
    }
}

/// A start at once, without a limit, that the pile took.
fn accepted(tale: &Tale) -> usize {
    let is_plain = |at: &usize| match (tale.message(*at), tale.message(tale.next(*at, Up))) {
        (Message::StartRequest(start), Message::StartResponse(said)) => {
            start.start_mode == StartMode::Immediate && start.strategy_argument == 0 && said.result == StartFailure(0)
        }
        _ => false,
    };
    tale.all(7).into_iter().find(is_plain).unwrap()
}

pub(super) fn of_starts() -> Vec<(&'static str, Twist)> {
    vec![
        ("start.answered", late(155)),
        ("start.echoes", reworded(of!(StartResponse, said => said.transaction_number = Some(number("ANOTHER"))))),
        ("start.code", reworded(of!(StartResponse, said => said.result = StartFailure(7_777)))),
        (
            "start.refused_stays_off",
            otherwise(|tale| {
                let answer = *tale.said().last().unwrap();
                let Message::StartResponse(refusal) = tale.message(answer) else { panic!("no 8") };
                let report = tale.all(104).into_iter().find(|at| *at > answer).unwrap();
                tale.reword(report, of!(StatusReport, report => {
                (report.work_state, report.transaction_number) = (WorkState::Charging, refusal.transaction_number);
            }));
            }),
        ),
        (
            "start.not_plugged",
            otherwise(|tale| {
                let start = accepted(tale);
                reports(tale, 0..start, |report| (report.work_state, report.plug) = (WorkState::Idle, Plug::Unplugged));
            }),
        ),
        ("start.no_such_connector", reworded(of!(StartResponse, said => said.result = StartFailure(0)))),
        ("start.bad_mode", reworded(of!(StartResponse, said => said.result = StartFailure(0)))),
        ("start.bad_strategy", reworded(of!(StartResponse, said => said.result = StartFailure(0)))),
        ("start.already_charging", reworded(of!(StartResponse, said => said.result = StartFailure(0)))),
        ("start.names", reworded(of!(StatusReport, report => report.transaction_number = Some(number("ANOTHER"))))),
        (
            "start.strategy",
            reworded(of!(FineChargeRecord, record => record.total_energy = KilowattHours::from_raw(99_999))),
        ),
        ("start.reserved", reworded_at(0, of!(StatusReport, report => report.work_state = WorkState::Idle))),
        ("start.cancelled", reworded_at(0, of!(StatusReport, report => report.work_state = WorkState::Reserved))),
        ("card.named", reworded(of!(AccountQueryRequest, query => query.card_number = Text::default()))),
        (
            "card.refused",
            otherwise(|tale| {
                let refusal = tale.shown[0];
                reports(tale, refusal..usize::MAX, |report| report.work_state = WorkState::Charging);
                let next = tale.next(refusal, Up);
                let report = tale.all(104).into_iter().find(|at| *at > refusal).unwrap();
                tale.entries[report].at = tale.entries[next.min(report)].at;
                tale.entries[report].at.0 = tale.entries[refusal].at.0 + 1_000;
            }),
        ),
        (
            "card.repeated",
            otherwise(|tale| {
                tale.all(203).into_iter().for_each(|at| tale.erase(at));
                let asked = tale.all(204);
                tale.entries[asked[1]].at.0 = tale.entries[asked[0]].at.0 + 20_000;
            }),
        ),
        ("vin.result", without(&[210])),
    ]
}
