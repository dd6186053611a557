//! A start whose limits a pile refuses, or does not mean (7).

use super::super::super::decimal::Decimal;
use super::super::super::finding::{Finding, Severity};
use super::super::super::value::Value;
use super::Subject;
use crate::aaf5::code::{OfflineCharging, StartMode, StartStrategy};
use crate::wire::Code;

/// Least limits that piles take: 5 min, 1 yuan, 1 kWh.
const LEAST_SECONDS: u64 = 300;
const LEAST_HUNDREDTHS: u64 = 100;

pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let (Some(strategy), Some(limit)) = (subject.number("strategy"), subject.field("strategy_argument")) else {
        return;
    };
    // Other messages repeat what was asked for.
    let (Some(offline), Some(energy)) = (subject.number("offline_charging"), subject.field("offline_energy")) else {
        return;
    };
    let is = |wanted: StartStrategy| strategy == u64::from(wanted.number());
    let hundredths = Decimal { scaled: i64::try_from(limit.number).unwrap_or(i64::MAX), decimals: 2 };
    let too_small = if is(StartStrategy::ByTime) && limit.number < LEAST_SECONDS {
        Some((format!("{} 秒，至少 5 分钟", limit.number), format!("{} s, at least 5 min", limit.number)))
    } else if is(StartStrategy::ByAmount) && limit.number < LEAST_HUNDREDTHS {
        Some((format!("{hundredths} 元，至少 1 元"), format!("{hundredths} CNY, at least 1 CNY")))
    } else if is(StartStrategy::ByEnergy) && limit.number < LEAST_HUNDREDTHS {
        Some((format!("{hundredths} kWh，至少 1 kWh"), format!("{hundredths} kWh, at least 1 kWh")))
    } else {
        None
    };
    if let Some((zh, en)) = too_small {
        out.push(Finding::new(
            Severity::Warning,
            "limit-too-small",
            limit.offset,
            format!("“{}”为 {zh}：桩会以失败原因 21 拒绝", limit.zh),
            format!("the limit is {en}: a pile refuses with reason 21"),
        ));
    }
    if offline == u64::from(OfflineCharging::Forbidden.number()) && energy.number == 0 {
        out.push(Finding::new(
            Severity::Warning,
            "offline-unlimited",
            energy.offset,
            "断网充电标志为 0 且离线可充电电量为 0：桩理解为断网后不限电量；要禁止请填一个小的电量，如 0.10 kWh",
            "charging offline is forbidden and its limit is 0: piles take that for no limit; to forbid it send a small one, \
             such as 0.10 kWh",
        ));
    }
    without_time(subject, out);
}

/// A start for later needs its time, a reservation how long it holds.
fn without_time(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let (Some(mode), Some(time), Some(hold)) =
        (subject.number("start_mode"), subject.field("start_time"), subject.field("hold_minutes"))
    else {
        return;
    };
    let is = |meant: StartMode| mode == u64::from(meant.number());
    let missing = if is(StartMode::Scheduled) && time.value == Value::None {
        time
    } else if is(StartMode::Reservation) && hold.number == 0 {
        hold
    } else {
        return;
    };
    out.push(Finding::new(
        Severity::Warning,
        "reservation-without-time",
        missing.offset,
        format!("定时启动或预约，但没有“{}”", missing.zh),
        format!("a start for later, but without {}", missing.en),
    ));
}
