//! Piles that follow the protocol, each in its own way: nothing fails.

use std::time::Duration;

use voltapile_certify::pile::{PileExamOptions, checks, judge, pile_of};
use voltapile_certify::{Happening, Recorder, Report, Verdict};
use voltapile_protocol::layout::Direction;
use voltapile_protocol::time::Tick;
use voltapile_protocol::ykc::session::pile::HeartbeatPattern;
use voltapile_simulator::model::{PileSetup, RecordDelivery};

use super::stage::{PILE, Stage, by_the_book, ids, options, why};

#[track_caller]
fn passes(setup: PileSetup) -> Report {
    let report = Stage::new(setup, options()).run();
    assert_eq!(ids(&report, Verdict::Fail), [""; 0], "{}", why(&report));
    report
}

#[test]
fn a_pile_by_the_book_passes_every_check() {
    let report = passes(by_the_book());
    assert_eq!(ids(&report, Verdict::NotSeen), [""; 0]);
    assert_eq!(report.name, PILE.to_string());
    assert!(report.findings.len() >= 60, "{} checks", report.findings.len());
    for finding in &report.findings {
        assert!(!finding.evidence.is_empty(), "{} shows nothing", finding.check.id);
    }
}

#[test]
fn an_ac_pile_has_no_battery_to_speak_of() {
    let mut setup = PileSetup::ac(PILE, 1).unattended();
    setup.behaviour.demands_plug = true;
    let battery = ["bms.handshake", "bms.parameters", "bms.demand", "bms.status", "bms.end", "bms.transaction"];
    assert_eq!(ids(&passes(setup), Verdict::NotSeen), battery);
}

#[test]
fn cars_that_come_with_the_start_are_fine() {
    let mut setup = by_the_book();
    setup.behaviour.demands_plug = false;
    passes(setup);
}

#[test]
fn each_way_to_tell_heartbeats_is_fine() {
    for heartbeat in [HeartbeatPattern::Each, HeartbeatPattern::FirstOnly, HeartbeatPattern::InTurn] {
        let mut setup = by_the_book();
        setup.config.quirks.heartbeat = heartbeat;
        setup.config.quirks.heartbeat_waits_for_tariff = true;
        setup.config.quirks.always_requests_tariff = true;
        passes(setup);
    }
}

#[test]
fn a_record_within_its_time_is_fine() {
    let mut setup = by_the_book();
    setup.behaviour.record_delivery = RecordDelivery::Late(Duration::from_secs(25));
    passes(setup);
}

#[test]
fn a_clock_that_drifts_a_little_is_fine() {
    let mut setup = by_the_book();
    setup.behaviour.clock_drift_ppm = 2_000;
    passes(setup);
}

#[test]
fn without_a_person_what_needs_one_is_not_seen() {
    let mut stage = Stage::new(by_the_book(), options());
    stage.has_person = false;
    let report = stage.run();
    assert_eq!(ids(&report, Verdict::Fail), [""; 0], "{}", why(&report));
    let unseen = ids(&report, Verdict::NotSeen);
    for id in ["card.request", "record.unplugged", "start.obeyed"] {
        assert!(unseen.contains(&id), "{id} was seen without anybody: {unseen:?}");
    }
}

#[test]
fn a_quick_exam_leaves_out_what_waits() {
    let report = Stage::new(by_the_book(), PileExamOptions { quick: true, ..options() }).run();
    assert_eq!(ids(&report, Verdict::Fail), [""; 0], "{}", why(&report));
    let unseen =
        ["heartbeat.dead_link", "telemetry.idle_period", "record.repeats", "record.last_repeat", "record.same"];
    assert_eq!(ids(&report, Verdict::NotSeen), unseen);
    let minutes = report.trace.entries().last().map(|entry| entry.at.0 / 60_000);
    assert!(minutes.is_some_and(|minutes| minutes < 12), "takes {minutes:?} min");
}

#[test]
fn steps_can_be_chosen() {
    let only = vec!["login".to_owned(), "clock".to_owned(), "read".to_owned()];
    let report = Stage::new(by_the_book(), PileExamOptions { only, skip: vec!["read".to_owned()], ..options() }).run();
    assert_eq!(ids(&report, Verdict::Fail), [""; 0], "{}", why(&report));
    let passed = ids(&report, Verdict::Pass);
    assert!(passed.contains(&"clock.answered") && !passed.contains(&"telemetry.read"), "{passed:?}");
}

#[test]
fn another_pile_is_sent_away() {
    let other = "99000000000001".parse().unwrap();
    let mut only = options();
    only.pile = Some(other);
    only.only = vec!["login".to_owned()];
    let report = Stage::new(by_the_book(), only).run();
    assert_eq!(ids(&report, Verdict::Pass), [""; 0]);
    assert_eq!(report.name, other.to_string());
}

#[test]
fn the_trace_alone_gives_the_same_verdicts() {
    let report = passes(by_the_book());
    let pile = pile_of(&report.trace).unwrap();
    let until = report.trace.entries().last().map_or(Tick(0), |entry| entry.at);
    for (live, read) in report.findings.iter().zip(judge(&report.trace, pile, until)) {
        // How a frame was cut does not stand in the trace.
        if !["pile.robust.split", "pile.robust.glued"].contains(&live.check.id) {
            assert_eq!((live.check.id, live.verdict), (read.check.id, read.verdict));
        }
    }
    assert!(
        report.trace.entries().iter().any(|entry| { matches!(&entry.happening, Happening::Frame(Direction::Down, _)) })
    );
}

#[test]
fn a_capture_may_begin_in_the_middle() {
    let report = passes(by_the_book());
    let mut late = Recorder::default();
    let begin = Tick(120_000);
    for entry in report.trace.entries().iter().filter(|entry| entry.at > begin) {
        match &entry.happening {
            Happening::Opened => late.opened(entry.at, entry.connection),
            Happening::Closed(_) => late.closed(entry.at, entry.connection, None),
            Happening::Frame(direction, bytes) | Happening::Junk(direction, bytes) => {
                late.passed(entry.at, entry.connection, *direction, bytes);
            }
        }
    }
    let trace = late.into_trace();
    let until = trace.entries().last().map_or(begin, |entry| entry.at);
    for finding in judge(&trace, PILE, until) {
        assert_ne!(finding.verdict, Verdict::Fail, "{}: {}", finding.check.id, finding.note.en);
    }
}

#[test]
fn ids_are_unique_and_texts_complete() {
    let mut seen = Vec::new();
    for check in checks() {
        assert!(check.id.starts_with("pile.") && check.id.split('.').count() == 3, "{}", check.id);
        assert!(!check.zh.is_empty() && !check.en.is_empty() && !check.source.is_empty(), "{}", check.id);
        assert!(!seen.contains(&check.id), "{} stands twice", check.id);
        seen.push(check.id);
    }
}
