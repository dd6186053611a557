//! Whether the status of a connector (104) can be.

use super::super::super::finding::{Finding, Severity};
use super::Subject;
use super::record::{amount, meter};
use crate::aaf5::code::{Plug, WorkState};
use crate::aaf5::message::StatusReport;
use crate::wire::Code;

pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    if subject.layout.is_none_or(|layout| layout.name != StatusReport::LAYOUT.name) {
        return;
    }
    connector(subject, out);
    let is_charging = subject.number("work_state") == Some(WorkState::Charging.number().into());
    if is_charging {
        unplugged(subject, out);
        // Before and after a charge the readings may be those of any time.
        if let (Some(total), Some(start), Some(now)) =
            (subject.field("total_energy"), subject.field("meter_start"), subject.field("meter_now"))
        {
            meter(total, start, now, out);
        }
    }
    amounts(subject, out);
}

fn connector(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let (Some(connector), Some(count)) = (subject.field("connector_number"), subject.number("connector_count")) else {
        return;
    };
    if count > 0 && connector.number > count {
        let number = connector.number;
        out.push(Finding::new(
            Severity::Warning,
            "connector-above-count",
            connector.offset,
            format!("“{}”为 {number}，但该桩只有 {count} 把枪", connector.zh),
            format!("{} is {number}, but the pile has {count}", connector.en),
        ));
    }
}

fn unplugged(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    if let Some(plug) = subject.field("plug").filter(|plug| plug.number == u64::from(Plug::Unplugged.number())) {
        out.push(Finding::new(
            Severity::Warning,
            "charging-unplugged",
            plug.offset,
            format!("工作状态为充电中，但“{}”为断开", plug.zh),
            "the connector charges, but no vehicle is plugged in",
        ));
    }
}

/// Electricity and service are the whole amount.
fn amounts(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let (Some(total), Some(electricity), Some(service)) =
        (subject.field("total_amount"), subject.number("electricity_amount"), subject.number("service_amount"))
    else {
        return;
    };
    let sum = electricity + service;
    // Each may be rounded by itself; both are zero where a pile does not tell them apart.
    if sum == 0 || sum.abs_diff(total.number) <= 1 {
        return;
    }
    let (is, sum) = (amount(total, total.number), amount(total, sum));
    out.push(Finding::new(
        Severity::Info,
        "amount-sum",
        total.offset,
        format!("“{}”为 {is} 元，而电费 + 服务费 = {sum} 元", total.zh),
        format!("the amount is {is} CNY, but electricity and service make {sum} CNY"),
    ));
}
