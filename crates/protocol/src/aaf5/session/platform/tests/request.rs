//! Requests find their answers.

use super::*;
use crate::aaf5::code::{ControlIndex, ParameterAction};

fn control(connector: u8, index: ControlIndex) -> Message {
    let arguments = vec![ControlArgument { value: 0x55 }];
    let connector_number = ConnectorNumber(connector);
    ControlRequest { connector_number, first_index: index, count: 1, byte_count: 4, arguments, ..Default::default() }
        .into()
}

fn controlled(connector: u8, first_index: ControlIndex) -> ControlResponse {
    ControlResponse {
        pile_code: pile(),
        connector_number: ConnectorNumber(connector),
        first_index,
        ..Default::default()
    }
}

fn ask(platform: &mut Platform, requests: &[Message]) -> Vec<u8> {
    let mut out = Vec::new();
    for (token, request) in (1..).zip(requests) {
        let session = platform.connection.session();
        session.request(Tick(0), request, Duration::from_secs(10), token, &mut out).unwrap();
    }
    out
}

#[test]
fn requests_are_numbered_and_their_reserved_fields_empty() {
    let mut platform = Platform::signed_in();
    let requests = [control(1, ControlIndex::StopCharging), TariffQuery::default().into()];
    let out = ask(&mut platform, &requests);
    let frames = sent(&out);
    assert_eq!(
        frames.iter().map(|(sequence, command, _)| (*sequence, *command)).collect::<Vec<_>>(),
        [(0, 5), (1, 1101)]
    );
    assert_eq!(frames[0].2[..4], [0; 4]);
    assert!(frames[1].2.is_empty());
}

#[test]
fn answers_find_their_requests_by_command_connector_and_index() {
    let mut platform = Platform::signed_in();
    let (stop, reboot) = (ControlIndex::StopCharging, ControlIndex::Reboot);
    ask(&mut platform, &[control(1, stop), control(2, stop), control(1, reboot), TariffQuery::default().into()]);
    let bytes = [
        frame(9, controlled(2, stop)),
        frame(9, controlled(2, stop)),
        frame(9, controlled(0, reboot)),
        frame(9, StartResponse { pile_code: pile(), ..Default::default() }),
        frame(9, TariffQueryResponse::default()),
    ];
    platform.receive(seconds(1), &bytes.concat()).unwrap();
    let expected =
        ["6 answers=Some(2)", "6 answers=None", "6 answers=Some(3)", "8 answers=None", "1102 answers=Some(4)"];
    assert_eq!(platform.seen, expected);
    assert_eq!(platform.due(seconds(11)).0, [DeadlineEvent::RequestTimedOut { pile: pile(), token: 1 }]);
}

#[test]
fn parameters_are_told_apart_by_their_index() {
    let mut platform = Platform::signed_in();
    let query = |index| TextParameterRequest { action: ParameterAction::Query, index, ..Default::default() }.into();
    ask(&mut platform, &[query(2), query(11)]);
    let answer = TextParameterResponse { pile_code: pile(), index: 11, ..Default::default() };
    platform.receive(seconds(1), &frame(0, answer)).unwrap();
    assert_eq!(platform.seen, ["4 answers=Some(2)"]);
}

#[test]
fn a_stored_record_answers_its_question() {
    let mut platform = Platform::signed_in();
    ask(&mut platform, &[StoredFineRecordRequest::default().into()]);
    let record = StoredFineRecordResponse { pile_code: pile(), record_index: -1, ..Default::default() };
    let out = platform.receive(seconds(1), &frame(0, record)).unwrap();
    assert_eq!((sent(&out), &platform.seen[..]), (vec![], &["record signed_in=true answers=Some(1)".to_owned()][..]));
}

#[test]
fn a_status_that_was_asked_for_is_an_answer_and_is_answered() {
    let mut platform = Platform::signed_in();
    let connector_number = ConnectorNumber(2);
    let question = StatusResponse { connector_number, report_now: Some(ReportNow::Yes), ..Default::default() };
    ask(&mut platform, &[question.into()]);
    let out = platform.receive(seconds(1), &[frame(0, status(1)), frame(0, status(2))].concat()).unwrap();
    assert_eq!(sent(&out).len(), 2);
    assert_eq!(platform.seen, ["104 answers=None", "104 answers=Some(1)"]);
}

#[test]
fn a_late_answer_to_a_start_is_not_taken_for_the_next_ones() {
    let number = |number: &str| Some(Text::new(number).unwrap());
    let start = |charge: &str| StartRequest {
        connector_number: ConnectorNumber(1),
        transaction_number: number(charge),
        ..Default::default()
    };
    let started = |transaction_number| StartResponse {
        pile_code: pile(),
        connector_number: ConnectorNumber(1),
        transaction_number,
        ..Default::default()
    };
    let mut platform = Platform::signed_in();
    ask(&mut platform, &[start("B").into(), start("C").into()]);
    // What stands behind a zero is no part of the number; who leaves it out answers the oldest.
    let mut garbled = number("C");
    garbled.as_mut().unwrap().0[5] = b'x';
    let answers = [number("A"), garbled, None].map(|charge| frame(9, started(charge)));
    platform.receive(seconds(1), &answers.concat()).unwrap();
    assert_eq!(platform.seen, ["8 answers=None", "8 answers=Some(2)", "8 answers=Some(1)"]);
}
