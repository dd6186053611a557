//! What becomes due.

use super::*;
use crate::aaf5::code::ReportMode;
use crate::wire::SecondsByte;

fn close(reason: CloseReason) -> DeadlineEvent {
    DeadlineEvent::Close(reason)
}

#[test]
fn deadlines_of_peers_that_say_nothing_sensible() {
    let mut mute = Platform::new();
    assert_eq!(mute.connection.next_deadline(), seconds(10));
    assert_eq!(mute.due(seconds(9)).0, []);
    let first_due =
        |platform: &mut Platform, now| platform.connection.handle_deadline(now, &mut Vec::new(), |_, _, _, _| {});
    assert_eq!(first_due(&mut mute, seconds(10)), Some(close(CloseReason::NoValidFrame)));

    let mut stranger = Platform::new();
    stranger.receive(seconds(1), &frame(0, heartbeat(pile()))).unwrap();
    assert_eq!(stranger.connection.next_deadline(), seconds(30));
    assert_eq!(first_due(&mut stranger, seconds(30)), Some(close(CloseReason::NoLogin)));

    let mut silent = Platform::signed_in();
    assert_eq!(silent.connection.next_deadline(), seconds(45));
    assert_eq!(silent.due(seconds(60)).0, [DeadlineEvent::PileSilent(pile())]);
    assert_eq!(silent.connection.next_deadline(), seconds(120));
    assert_eq!(first_due(&mut silent, seconds(120)), Some(close(CloseReason::Silent)));
}

#[test]
fn a_pile_is_silent_no_sooner_than_it_says_and_not_as_long_as_it_likes() {
    for (period, misses, silent_at) in [(20, 3, 80), (3, 3, 45), (60, 2, 180), (255, 255, 600)] {
        let mut platform = Platform::new();
        let mut request = sign_in(pile());
        request.heartbeat_seconds = SecondsByte::from_raw(period);
        request.heartbeat_misses = misses;
        platform.receive(Tick(0), &frame(0, request)).unwrap();
        assert_eq!(platform.connection.next_deadline(), seconds(silent_at), "{period} s, {misses} times");
        assert_eq!(platform.due(seconds(silent_at)).0, [DeadlineEvent::PileSilent(pile())]);
    }
}

#[test]
fn a_pile_that_speaks_only_when_asked_is_asked() {
    let mut platform = Platform::new();
    platform
        .receive(Tick(0), &frame(0, SignInRequest { report_mode: ReportMode::Answering, ..sign_in(pile()) }))
        .unwrap();
    for now in [0, 15] {
        assert_eq!(platform.connection.next_deadline(), seconds(now));
        let (due, out) = platform.due(seconds(now));
        assert_eq!(due, []);
        let questions: Vec<Message> = sent(&out).iter().map(decoded).collect();
        for (connector, question) in (1..).zip(&questions) {
            let Message::StatusResponse(question) = question else { panic!("{question:?}") };
            assert_eq!((question.connector_number.0, question.report_now), (connector, Some(ReportNow::Yes)));
        }
        assert_eq!(questions.len(), 2);
    }
}

#[test]
fn junk_is_bounded() {
    let mut platform = Platform::new();
    assert!(platform.receive(Tick(0), &[0x68; 1024]).is_ok());
    assert_eq!(platform.receive(Tick(0), &[0x68]), Err(CloseReason::Junk));

    let mut known = Platform::signed_in();
    assert!(known.receive(Tick(0), &[0x68; 60_000]).is_ok());
    known.receive(Tick(0), &frame(0, heartbeat(pile()))).unwrap();
    assert!(known.receive(Tick(0), &[0x68; 60_000]).is_ok(), "a good frame forgives the junk before it");
    assert_eq!(known.receive(Tick(0), &[0x68; 6_000]), Err(CloseReason::Junk));
}

#[test]
fn a_sign_in_hidden_behind_a_false_start_is_found_when_the_peer_waits() {
    let mut platform = Platform::new();
    let bytes = [&[0xAA, 0xF5, 0x00, 0x0F][..], &frame(0, sign_in(pile()))].concat();
    assert!(platform.receive(Tick(0), &bytes).unwrap().is_empty());
    assert_eq!(platform.connection.next_deadline(), seconds(5));
    let mut found = false;
    let due = platform.connection.handle_deadline(seconds(5), &mut Vec::new(), |_, event, _, _| {
        found = matches!(event, Event::SignIn { .. });
    });
    assert_eq!((found, due), (true, None));
}
