//! Alarms, the battery, how starts went; and silence.

use std::time::Duration;

use voltapile_protocol::layout::Direction;
use voltapile_protocol::time::Tick;

use super::{answers, stands};
use crate::aaf5::platform::say::{HEARTBEAT_MISSES, HEARTBEAT_SECONDS};
use crate::aaf5::rule::{Rule, rule};
use crate::aaf5::view::{Seen, View};
use crate::case::{Case, both};

pub(super) static RULES: &[Rule] = &[
    stands!(
        "aaf5.platform.alarm.harmless",
        "告警 108 被接收，连接保持" / "alarms (108) are taken, and the connection goes on",
        "P52 §108"
    ),
    answers!("aaf5.platform.bms.answered", 302, "BMS 信息 302 得到 301 应答" / "302 is answered with 301", "P52 §301"),
    answers!(
        "aaf5.platform.start.completed",
        110,
        "启动完成 110 得到 109 应答" / "110 is answered with 109",
        "P52 §109"
    ),
    answers!(
        "aaf5.platform.vin.result",
        210,
        "即插即充结果 210 得到 209 应答" / "210 is answered with 209",
        "P52 §2.8"
    ),
    rule(
        "aaf5.platform.silence.patient",
        "静默未超过心跳周期 ×（次数+1）时不断开",
        "a pile is not disconnected before its heartbeat period times the count and one has passed",
        "P52 §106：10 秒、3 次 / P52 §106: 10 s, 3 times",
        patient,
    ),
    rule(
        "aaf5.platform.silence.closes",
        "桩长时间静默后平台断开（10 分钟之内）",
        "the connection of a silent pile is closed (within 10 minutes)",
        "现场：断电的桩留下半开连接 / practice: half-open connections of piles that lost power",
        closes,
    ),
];

/// A platform that keeps the connection of a silent pile longer than this keeps it for ever.
const CLOSED_WITHIN: Duration = Duration::from_secs(600);

/// When the pile fell silent, how long the connection lived from then on, and whether the platform ended it.
fn silence<'v>(view: &'v View<'_>) -> Option<(&'v Seen<'v>, Duration, bool)> {
    let last = view.marked("aaf5.platform.silence.patient").last()?;
    let line = view.line(last.connection)?;
    let quiet_since: Tick = view.after(last).filter(|seen| seen.is_up()).map(|seen| seen.at).last().unwrap_or(last.at);
    let ended = line.closed.is_some_and(|(_, by)| by != Some(Direction::Up));
    Some((last, line.until.since(quiet_since), ended))
}

fn patient(view: &View<'_>, case: &mut Case) {
    let Some((last, lived, _)) = silence(view) else { return };
    let due = Duration::from_secs(u64::from(HEARTBEAT_SECONDS) * u64::from(HEARTBEAT_MISSES));
    let seconds = lived.as_secs();
    case.holds(lived + Duration::from_secs(1) >= due, &[last.id], || {
        both!("静默 {seconds} 秒就断开", "closed after {seconds} s of silence")
    });
}

fn closes(view: &View<'_>, case: &mut Case) {
    let Some((last, lived, ended)) = silence(view) else { return };
    let seconds = lived.as_secs();
    if ended {
        case.followed(&[last.id]);
        case.remark(both!("静默 {seconds} 秒后断开", "closed after {seconds} s of silence"));
    } else if lived >= CLOSED_WITHIN {
        case.broken(&[last.id], both!("静默 {seconds} 秒后仍未断开", "still open after {seconds} s of silence"));
    }
}
