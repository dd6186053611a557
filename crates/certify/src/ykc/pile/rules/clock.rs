//! The clock: 0x56, 0x55, and the times that follow.

use std::time::Duration;

use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::{CivilTime, Cp56Time};
use voltapile_protocol::ykc::message::Message;

use super::answer::answered;
use super::{Rule, rule};
use crate::case::{Case, both, seconds};
use crate::trace::EntryId;
use crate::ykc::pile::charge::Charge;
use crate::ykc::pile::tolerance::CLOCK;
use crate::ykc::pile::view::View;

pub(super) static RULES: &[Rule] = &[
    rule("pile.clock.answered", "对 0x56 应答 0x55", "0x56 is answered with 0x55", "V1.6 §9.6", |view, case| {
        answered(view, 0x56, case)
    }),
    rule("pile.clock.told", "0x55 中的时间就是设置的时间", "0x55 tells the time that was set", "V1.6 §9.5", told),
    rule(
        "pile.clock.obeyed",
        "对时之后，交易记录的开始时间按新的时钟",
        "once the clock is set, records tell start times by it",
        "V1.6 §9.6",
        obeyed,
    ),
    rule(
        "pile.clock.span",
        "交易记录的起止时间与充电时长相符",
        "start and end of a record are as far apart as the charge was long",
        "V1.6 §8.3",
        span,
    ),
];

/// Milliseconds since 1970 that a time means; `None` for no possible date.
fn unix_ms(time: Cp56Time) -> Option<u64> {
    time.civil().map(CivilTime::unix_ms_in_china)
}

fn told(view: &View<'_>, case: &mut Case) {
    for request in view.of_type(0x56) {
        let (Some(Message::ClockSyncRequest(set)), Some(answer)) = (&request.message, view.answer(request)) else {
            continue;
        };
        let Some(Message::ClockSyncResponse(got)) = &answer.message else { continue };
        let (set, got) = (set.current_time, got.current_time);
        let difference = unix_ms(set).zip(unix_ms(got)).map(|(set, got)| Duration::from_millis(set.abs_diff(got)));
        case.holds(difference.is_some_and(|difference| difference <= CLOCK), &[request.id, answer.id], || {
            both!("设置 {set:?}，应答 {got:?}", "{set:?} was set, the answer tells {got:?}")
        });
    }
}

/// What the platform's clock showed at a moment, by the last 0x56 before it.
fn platform_clock(view: &View<'_>, at: Tick, before: EntryId) -> Option<(u64, EntryId)> {
    let sets = view.of_type(0x56).filter(|seen| seen.id < before && seen.at <= at);
    sets.filter_map(|seen| match &seen.message {
        Some(Message::ClockSyncRequest(request)) => {
            unix_ms(request.current_time).map(|set| (set + at.0.saturating_sub(seen.at.0), seen.id))
        }
        _ => None,
    })
    .next_back()
}

fn obeyed(view: &View<'_>, case: &mut Case) {
    for charge in &view.charges {
        let (Some((spot, record)), Some((earliest, latest))) = (charge.record(), started(charge)) else { continue };
        let Some((expected, set)) = platform_clock(view, earliest, charge.ordered.id) else { continue };
        let slack = CLOCK + latest.since(earliest);
        let start = record.start_time;
        let difference = unix_ms(start).map(|told| Duration::from_millis(told.abs_diff(expected)));
        case.holds(difference.is_some_and(|difference| difference <= slack), &[set, spot.id], || match difference {
            Some(difference) => {
                let off = seconds(difference);
                both!(
                    "记录的开始时间 {start:?} 与平台时钟相差 {off} 秒",
                    "the record tells a start at {start:?}, {off} s off the platform's clock"
                )
            }
            None => both!("记录的开始时间不是有效日期", "the record's start is no possible date"),
        });
    }
}

/// Between which moments a charge began.
fn started(charge: &Charge) -> Option<(Tick, Tick)> {
    let agreed = charge.agreed()?;
    let proof = charge.proof().map_or(agreed.at, |proof| proof.at);
    Some((agreed.at.min(proof), agreed.at.max(proof)))
}

fn span(view: &View<'_>, case: &mut Case) {
    for charge in &view.charges {
        let (Some((spot, record)), Some((_, began))) = (charge.record(), started(charge)) else { continue };
        let Some(last) = charge.last_heard() else { continue };
        let (Some(start), Some(end)) = (unix_ms(record.start_time), unix_ms(record.end_time)) else { continue };
        // What was heard of the charge lies within it; it is at most as long as from the order to the record.
        let least = last.at.since(began).saturating_sub(CLOCK);
        let most = spot.at.since(charge.ordered.at) + CLOCK;
        let told = end.checked_sub(start).map(Duration::from_millis);
        let is_right = told.is_some_and(|told| (least..=most).contains(&told));
        case.holds(is_right, &[charge.ordered.id, last.id, spot.id], || match told {
            Some(told) => {
                let (told, least, most) = (seconds(told), seconds(least), seconds(most));
                both!(
                    "记录时长 {told} 秒，实际在 {least} 到 {most} 秒之间",
                    "the record spans {told} s where the charge took {least} to {most} s"
                )
            }
            None => both!("结束时间早于开始时间", "it ends before it starts"),
        });
    }
}
