//! The periods of a tariff follow each other from 00:00 to 24:00 on the half hour; a pile refuses others.

use super::super::super::explain::Field;
use super::super::super::finding::{Finding, Severity};
use super::Subject;
use crate::aaf5::field::PERIODS;
use crate::layout::Direction;

/// Minutes of a day.
const DAY: u64 = 24 * 60;

pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    // A pile that was told none answers with zeros.
    if subject.bytes.iter().all(|byte| *byte == 0) && !sets(subject) {
        return;
    }
    let mut reached = 0;
    let mut unused = PERIODS;
    for index in 0..PERIODS {
        let moment = |edge: &str| {
            let hour = subject.field(&format!("periods[{index}].{edge}_hour"))?;
            let minute = subject.number(&format!("periods[{index}].{edge}_minute"))?;
            Some((hour.number * 60 + minute, hour.offset))
        };
        let (Some((start, offset)), Some((end, _))) = (moment("start"), moment("end")) else { return };
        // Periods that are not used are all zero.
        if index > 0 && start == 0 && end == 0 || reached == DAY {
            unused = index;
            break;
        }
        if let Some(finding) = wrong(subject, index + 1, offset, reached, (start, end)) {
            out.push(finding);
            return;
        }
        reached = end;
    }
    let Some(first) = subject.field("periods[0].start_hour").filter(|_| reached != DAY) else {
        rest(subject, unused, out);
        return;
    };
    let to = clock(reached);
    out.push(refused(
        subject,
        first.offset,
        format!("各时段只到 {to}，应到 24:00"),
        format!("the periods end at {to} instead of 24:00"),
    ));
}

/// Periods behind the last one are all zero.
fn rest(subject: &Subject<'_>, unused: usize, out: &mut Vec<Finding>) {
    let behind = |field: &&Field| (unused..PERIODS).any(|index| field.name.starts_with(&format!("periods[{index}].")));
    let Some(field) = subject.body.fields.iter().filter(behind).find(|field| field.number != 0) else { return };
    let finding = Finding::new(
        Severity::Warning,
        "tariff-rest",
        field.offset,
        format!("一天已排满，其后的“{}”应为 0", field.zh),
        format!("the day is full, so {} behind it should be 0", field.en),
    );
    let zeros = subject.raw.len().saturating_sub(field.offset + 1);
    out.push(finding.with_bytes(field.offset, vec![0; zeros]));
}

/// What is wrong with one period that begins where those before it ended, or should.
fn wrong(
    subject: &Subject<'_>,
    number: usize,
    offset: usize,
    reached: u64,
    (start, end): (u64, u64),
) -> Option<Finding> {
    let (from, to, before) = (clock(start), clock(end), clock(reached));
    let (zh, en) = if !start.is_multiple_of(30) || !end.is_multiple_of(30) {
        (format!("{from}–{to} 不以半小时为界"), format!("{from}–{to} is not on the half hour"))
    } else if end > DAY || end <= start {
        (format!("{from}–{to} 不是一个时段"), format!("{from}–{to} is no period"))
    } else if start > reached {
        (format!("从 {from} 开始，{before} 到 {from} 没有电价"), format!("{before} to {from} has no price"))
    } else if start < reached {
        (
            format!("从 {from} 开始，与到 {before} 为止的前一时段重叠"),
            format!("it begins at {from}, within the one before, which ends at {before}"),
        )
    } else {
        return None;
    };
    Some(refused(subject, offset, format!("第 {number} 时段：{zh}"), format!("period {number}: {en}")))
}

/// Whether a message sets a tariff; others tell one.
fn sets(subject: &Subject<'_>) -> bool {
    subject.layout.is_some_and(|layout| layout.direction == Direction::Down)
}

fn refused(subject: &Subject<'_>, offset: usize, zh: String, en: String) -> Finding {
    let (then_zh, then_en) =
        if sets(subject) { ("，否则桩会拒绝", "; a pile refuses others") } else { ("", "") };
    Finding::new(
        Severity::Warning,
        "tariff-periods",
        offset,
        format!("{zh}；时段须从 0 点到 24 点首尾相接{then_zh}"),
        format!("{en}; periods must follow each other from 00:00 to 24:00{then_en}"),
    )
}

fn clock(minutes: u64) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}
