//! The exam of a pile against virtual piles.

use std::time::Duration;

use voltapile_certify::aaf5::pile::{PileExam, PileExamOptions};
use voltapile_certify::{Happening, Report, Verdict};
use voltapile_protocol::aaf5::message::Message;
use voltapile_protocol::aaf5::{Dialect, Frame};
use voltapile_protocol::time::Tick;
use voltapile_simulator::model::{PileSetup, RecordDelivery};

use super::BEGAN;
use crate::stage::{self, Stage};
use crate::{ids, why};

pub(super) fn by_the_book() -> PileSetup {
    stage::by_the_book().speaking_aaf5()
}

pub(super) fn stage(setup: PileSetup, quick: bool) -> Stage<PileExam> {
    let options = PileExamOptions { quick, began_unix_ms: BEGAN, ..PileExamOptions::default() };
    Stage::new(setup, PileExam::new(options), BEGAN)
}

#[track_caller]
fn behaves(change: impl FnOnce(&mut PileSetup), expected: &[&str]) {
    let mut setup = by_the_book();
    change(&mut setup);
    let (report, _) = stage(setup, false).run_and_look();
    assert_eq!(ids(&report, Verdict::Fail), expected, "{}", why(&report));
}

#[test]
fn a_virtual_pile_fails_nothing_and_all_is_seen() {
    let (report, _) = stage(by_the_book(), false).run_and_look();
    assert_eq!(ids(&report, Verdict::Fail), [""; 0], "{}", why(&report));
    assert_eq!(ids(&report, Verdict::NotSeen), [""; 0]);
}

#[test]
fn no_record_at_all() {
    behaves(|setup| setup.behaviour.record_delivery = RecordDelivery::Never, &["record.arrives"]);
}

#[test]
fn a_late_record() {
    let late = RecordDelivery::Late(Duration::from_secs(90));
    behaves(|setup| setup.behaviour.record_delivery = late, &["record.in_time"]);
}

/// The service price as the pile tells it and as it is set, in order.
fn service_prices(report: &Report) -> Vec<u32> {
    let said = report.trace.entries().iter().filter_map(|entry| match &entry.happening {
        Happening::Frame(_, raw) => Frame::parse(raw).ok(),
        _ => None,
    });
    let of_price =
        said.filter_map(|frame| match Message::decode(frame.command, frame.body, Dialect::Standard).ok()? {
            Message::IntegerParameterResponse(told) if told.first_index == 27 => Some(told.values),
            Message::IntegerParameterRequest(set) if set.first_index == 27 => Some(set.values),
            _ => None,
        });
    of_price.flatten().map(|price| price.value).collect()
}

#[test]
fn an_exam_that_is_broken_off_leaves_the_pile_as_it_was() {
    let (whole, _) = stage(by_the_book(), true).run_and_look();
    assert_eq!(service_prices(&whole).len(), 3, "told, set, set back");
    let end = whole.trace.entries().last().unwrap().at.0;
    for at in (0..end).step_by(37_000) {
        let mut stage = stage(by_the_book(), true);
        stage.breaks_off_at = Some(Tick(at));
        let (report, pile) = stage.run_and_look();
        let over = report.trace.entries().last().map_or(0, |entry| entry.at.0);
        assert!(over <= at + 20_000, "broken off at {at} ms, over at {over} ms");
        assert!(
            !pile.connectors.iter().any(|connector| connector.transaction_number.is_some()),
            "charges on after {at} ms"
        );
        let prices = service_prices(&report);
        assert!(prices.last() == prices.first(), "broken off at {at} ms: {prices:?}");
    }
}
