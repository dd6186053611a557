//! Offline and back.

use voltapile_protocol::layout::Direction;
use voltapile_protocol::ykc::code::ConnectorState;

use super::{Rule, rule};
use crate::case::{Case, both, seconds};
use crate::exam::talk::Line;
use crate::trace::EntryId;
use crate::ykc::pile::charge::{Charge, Spot};
use crate::ykc::pile::tolerance::{CHARGING_REPORT, RECONNECT, RECORD_REPEAT};
use crate::ykc::pile::view::View;

pub(super) static RULES: &[Rule] = &[
    rule(
        "pile.offline.reconnects",
        "连接断开后重新连接并登录",
        "after its connection ended the pile dials and logs in again",
        "V1.6 §6",
        reconnects,
    ),
    rule(
        "pile.offline.charges_on",
        "断线期间充电不中断",
        "a charge goes on while the pile is offline",
        "V1.6 §6; §13.3",
        charges_on,
    ),
    rule(
        "pile.offline.record",
        "断线期间的充电，重连后有交易记录",
        "the record of a charge that was cut off arrives on a later connection",
        "V1.6 §8.7; OQ-15",
        record,
    ),
];

/// Connections that ended while the pile was logged in.
fn ended<'v>(view: &'v View<'_>) -> impl Iterator<Item = (&'v Line, EntryId, Option<Direction>)> {
    view.lines
        .iter()
        .filter(|link| link.logged_in.is_some())
        .filter_map(|link| link.closed.map(|(id, by)| (link, id, by)))
}

/// What a pile has to do again by itself: it was the platform that hung up, or the line that broke. After a reboot other
/// times hold.
fn reconnects(view: &View<'_>, case: &mut Case) {
    for (link, id, _) in ended(view) {
        let is_rebooting = view.of_type(0x92).any(|seen| seen.connection == link.connection);
        let is_still_there = view
            .lines
            .iter()
            .any(|other| other.connection != link.connection && other.opened <= link.until && other.until > link.until);
        if is_rebooting || is_still_there {
            continue;
        }
        match view.logins().map(|(seen, _)| seen).find(|seen| seen.id > id) {
            Some(login) => case.took(login.at.since(link.until), RECONNECT, &[id, login.id]),
            None if view.until.since(link.until) > RECONNECT.bearable => {
                let bound = seconds(RECONNECT.bearable);
                case.broken(&[id], both!("{bound} 秒内没有重连", "not back within {bound} s"));
            }
            None => {}
        }
    }
}

/// Charges that were under way when their connection ended.
fn cut_off<'v>(view: &'v View<'_>) -> impl Iterator<Item = (&'v Charge, EntryId, &'v Line)> {
    ended(view).flat_map(move |(link, id, _)| {
        let charges = view.charges.iter().filter(move |charge| {
            let last = charge.charging().map(|(spot, _)| *spot).rfind(|spot| spot.id < id);
            last.is_some_and(|last| last.connection == link.connection)
                && charge.ended_by().is_none_or(|end| end > id)
                && !view.of_type(0x92).any(|seen| seen.connection == link.connection)
        });
        charges.map(move |charge| (charge, id, link))
    })
}

fn charges_on(view: &View<'_>, case: &mut Case) {
    for (charge, id, _) in cut_off(view) {
        let Some((back, logged_in)) = view.next_login(id) else { continue };
        let later: Option<Spot> = charge.charging().map(|(spot, _)| *spot).find(|spot| spot.id > logged_in);
        let idle = view.reports().find(|(seen, report)| {
            seen.id > logged_in
                && report.connector_number.number() == charge.connector
                && report.connector_state == ConnectorState::Idle
        });
        match (later, idle) {
            (Some(later), _) => case.followed(&[id, later.id]),
            // Stored telemetry may come first, so an idle report alone says nothing before the charging ones are due.
            (None, Some((seen, _))) if view.was_online(back, CHARGING_REPORT.bearable) => {
                case.broken(&[id, seen.id], both!("断线后充电停止", "the charge ended with the connection"));
            }
            _ => {}
        }
    }
}

fn record(view: &View<'_>, case: &mut Case) {
    // A pile without any records is another check's.
    if view.records().next().is_none() {
        return;
    }
    for (charge, id, _) in cut_off(view) {
        let Some((back, logged_in)) = view.next_login(id) else { continue };
        match charge.records.iter().find(|(spot, _)| spot.id > logged_in) {
            Some((spot, _)) => case.followed(&[id, spot.id]),
            None => {
                let over = charge.stopped.or_else(|| idle_after(view, charge, logged_in));
                let Some(over) =
                    over.filter(|over| view.was_online(over.at, RECORD_REPEAT.bearable) && over.at >= back)
                else {
                    continue;
                };
                case.broken(&[id, over.id], both!("重连后没有交易记录", "no record on the later connection"));
            }
        }
    }
}

/// The first report after a login that shows the charge's connector idle.
fn idle_after(view: &View<'_>, charge: &Charge, login: EntryId) -> Option<Spot> {
    let idle = view.reports().find(|(seen, report)| {
        seen.id > login
            && report.connector_number.number() == charge.connector
            && report.connector_state == ConnectorState::Idle
    });
    idle.map(|(seen, _)| Spot::from(seen))
}
