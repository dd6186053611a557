//! Charges while the pile can't reach the platform.

use std::time::Duration;

use voltapile_protocol::aaf5::code::{OfflineCharging, WorkState};
use voltapile_protocol::aaf5::message::{StartRequest, StatusReport};
use voltapile_protocol::wire::Quantity;

use super::record::{accepted, record_of};
use crate::aaf5::rule::{Rule, rule};
use crate::aaf5::view::{Seen, View};
use crate::case::{Case, both};
use crate::trace::EntryId;

pub(super) static RULES: &[Rule] = &[rule(
    "aaf5.pile.offline.charges_on",
    "断线后充电继续（启动允许时）",
    "a charge goes on while the pile is offline, where its start allows it",
    "P52 §7：断网充电标志 / P52 §7: offline flag",
    charges_on,
)];

/// The start of the charge that a report shows.
fn start_of<'v>(view: &'v View<'_>, seen: &Seen<'_>, report: &StatusReport) -> Option<&'v StartRequest> {
    let before = accepted(view).filter(|(asked, start)| {
        asked.id < seen.id && start.connector_number.number() == report.connector_number.number()
    });
    let (_, start) = before.last()?;
    let numbers = start.transaction_number.zip(report.transaction_number);
    numbers.is_none_or(|(given, told)| told.says(&given)).then_some(start)
}

/// Whether the record of a charge that came after the line had gone says that it ended by itself or at the pile, or with
/// all the energy that its start allowed for that: not because the line had gone.
fn ended_otherwise(view: &View<'_>, closed: EntryId, start: &StartRequest) -> bool {
    let Some((_, record)) = record_of(view, start).filter(|(seen, _)| seen.id > closed) else { return false };
    let allowed = start.offline_energy.raw() * 10;
    match record.stop_reason.0 {
        // Stopped by the platform, by lack of a platform, by lack of a line.
        311 | 313 | 413 | 101_006 => allowed > 0 && record.total_energy.raw() >= allowed,
        _ => true,
    }
}

fn charges_on(view: &View<'_>, case: &mut Case) {
    for line in view.lines.iter().filter(|line| line.logged_in.is_some()) {
        let Some((closed, _)) = line.closed else { continue };
        let last = view
            .statuses()
            .rfind(|(seen, report)| seen.connection == line.connection && report.connector_number.number() == 1);
        let Some((before, was)) = last.filter(|(_, report)| report.work_state == WorkState::Charging) else { continue };
        let after = view.statuses().find(|(seen, report)| seen.id > closed && report.connector_number.number() == 1);
        let Some((after, is)) = after.filter(|(after, _)| after.at.since(before.at) < Duration::from_secs(120)) else {
            continue;
        };
        let goes_on = is.work_state == WorkState::Charging && is.transaction_number == was.transaction_number;
        let Some(start) = start_of(view, before, was).filter(|start| goes_on || !ended_otherwise(view, closed, start))
        else {
            continue;
        };
        if start.offline_charging == OfflineCharging::Allowed {
            case.holds(goes_on, &[before.id, after.id], || both!("重连后不再充电", "it does not charge any more"));
        }
    }
}
