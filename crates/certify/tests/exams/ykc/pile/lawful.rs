//! Piles that follow the protocol, each in its own way: nothing fails.

use std::time::Duration;

use voltapile_certify::ykc::pile::{PileExam, PileExamOptions, checks, judge, pile_of};
use voltapile_certify::{Happening, Recorder, Report, Verdict};
use voltapile_protocol::layout::Direction;
use voltapile_protocol::time::Tick;
use voltapile_protocol::ykc::Dialect;
use voltapile_protocol::ykc::message::layout;
use voltapile_protocol::ykc::session::pile::{HeartbeatPattern, RecordFrame};
use voltapile_simulator::model::{PileSetup, RecordDelivery};

use super::{meddled, options, stage};
use crate::stage::{PILE, Stage, by_the_book};
use crate::{ids, why};

#[track_caller]
fn passes(setup: PileSetup) -> Report {
    let report = stage(setup, options()).run();
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
    let mut stage = stage(by_the_book(), options());
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
    let report = stage(by_the_book(), PileExamOptions { quick: true, ..options() }).run();
    assert_eq!(ids(&report, Verdict::Fail), [""; 0], "{}", why(&report));
    let unseen =
        ["heartbeat.dead_link", "telemetry.idle_period", "record.repeats", "record.last_repeat", "record.same"];
    assert_eq!(ids(&report, Verdict::NotSeen), unseen);
    let minutes = report.trace.entries().last().map(|entry| entry.at.0 / 60_000);
    assert!(minutes.is_some_and(|minutes| minutes < 12), "takes {minutes:?} min");
}

#[test]
fn records_of_every_version_are_records() {
    for record_frame in [RecordFrame::V14, RecordFrame::V16, RecordFrame::V17] {
        let mut setup = by_the_book();
        setup.config.quirks.record_frame = record_frame;
        let report = stage(setup, options()).run();
        assert_eq!(ids(&report, Verdict::Fail), [""; 0], "{record_frame:?}{}", why(&report));
        assert_eq!(ids(&report, Verdict::NotSeen), [""; 0], "{record_frame:?}");
    }
}

/// Breaks off exams of a pile, each a bit later than the one before, and looks at how each leaves the pile.
fn leaves_the_pile_as_it_was(stage: impl Fn() -> Stage<PileExam>) -> Vec<Report> {
    let whole = stage().run().trace;
    let end = whole.entries().last().map_or(0, |entry| entry.at.0);
    let (mut reports, mut looked) = (Vec::new(), 0);
    for at in (0..=end).step_by(7_000) {
        let mut stage = stage();
        stage.breaks_off_at = Some(Tick(at));
        let (report, pile) = stage.run_and_look();
        let over = report.trace.entries().last().map_or(0, |entry| entry.at.0);
        assert!(over <= at + 20_000, "broken off at {at} ms, over at {over} ms");
        reports.push(report);
        // Where the line is down at that moment, nobody can be told anything.
        let last = whole.entries().iter().rev().find(|entry| entry.at.0 <= at);
        if !last.is_some_and(|entry| matches!(entry.happening, Happening::Frame(..))) {
            continue;
        }
        assert_eq!(pile.charging(), [0; 0], "charges on: {at} ms");
        assert!(!pile.is_locked, "is locked: {at} ms");
        assert!(pile.offline_cards.is_empty(), "knows a card: {at} ms");
        assert!(pile.clock_ahead_ms.abs() < 2_000, "{} ms ahead: {at} ms", pile.clock_ahead_ms);
        looked += 1;
    }
    assert!(looked > 100, "looked at {looked} moments only");
    reports
}

#[test]
fn a_pile_is_left_as_it_was_found_whenever_the_exam_is_broken_off() {
    for report in leaves_the_pile_as_it_was(|| stage(by_the_book(), options())) {
        assert_eq!(ids(&report, Verdict::Fail), [""; 0], "{}", why(&report));
    }
}

#[test]
fn so_is_a_pile_that_answers_nothing() {
    leaves_the_pile_as_it_was(|| {
        meddled(stage(by_the_book(), options()), |_, frame| {
            let layout = layout(frame.frame_type, frame.body.len(), Dialect::V16);
            let is_answer = layout.is_some_and(|layout| layout.reply_to.is_some()) && frame.frame_type != 0x13;
            if is_answer { Vec::new() } else { vec![frame.raw.to_vec()] }
        })
    });
}

#[test]
fn steps_can_be_chosen() {
    let only = vec!["login".to_owned(), "clock".to_owned(), "read".to_owned()];
    let report = stage(by_the_book(), PileExamOptions { only, skip: vec!["read".to_owned()], ..options() }).run();
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
    let report = stage(by_the_book(), only).run();
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
