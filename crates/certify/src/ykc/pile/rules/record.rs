//! Transaction records: that they come, in time, again where nobody answered, and never when somebody did.

use voltapile_protocol::time::Tick;
use voltapile_protocol::ykc::code::{ConfirmResult, Plugged};
use voltapile_protocol::ykc::field::TransactionNumber;
use voltapile_protocol::ykc::message::{Message, TransactionRecord};

use super::{Rule, rule};
use crate::case::{Case, both, seconds};
use crate::ykc::pile::charge::{Charge, Order, Spot};
use crate::ykc::pile::tolerance::{DOUBLED_WITHIN, IN_FLIGHT, LAST_REPEAT, RECONNECT, RECORD, RECORD_REPEAT, SURVIVES};
use crate::ykc::pile::view::{Seen, View};

pub(super) static RULES: &[Rule] = &[
    rule(
        "pile.record.arrives",
        "每次充电都有交易记录（0x3B，V1.7 为 0x3D，V1.4 为 0x3F）",
        "every charge has its record (0x3B; 0x3D in V1.7, 0x3F in V1.4)",
        "V1.6 §8.7; §13.3.7",
        arrives,
    ),
    rule(
        "pile.record.in_time",
        "充电结束后 30 秒内上送交易记录",
        "the record comes within 30 s of the end",
        "V1.6 §13.3.7",
        in_time,
    ),
    rule(
        "pile.record.repeats",
        "没有 0x40 时 30 秒后重发",
        "a record without 0x40 is repeated after 30 s",
        "V1.6 §8.7; OQ-15",
        repeats,
    ),
    rule(
        "pile.record.last_repeat",
        "重发无果后 5 分钟再发一次",
        "after its repetitions an unconfirmed record comes once more 5 min later",
        "V1.6 §8.8; OQ-15",
        last_repeat,
    ),
    rule(
        "pile.record.not_doubled",
        "等待确认的 5 秒内不重复发送",
        "a record is not sent again while its answer can't have come yet",
        "V1.6 §8.7",
        not_doubled,
    ),
    rule(
        "pile.record.forgotten",
        "收到 0x40 后不再发送该记录",
        "a confirmed record is never sent again",
        "V1.6 §8.8",
        forgotten,
    ),
    rule(
        "pile.record.duplicate_confirm",
        "重复的 0x40 不影响桩工作",
        "a second 0x40 disturbs nothing",
        "OQ-15",
        duplicate_confirm,
    ),
    rule("pile.record.same", "重发的交易记录内容不变", "a repeated record says the same", "V1.6 §8.7", same),
    rule(
        "pile.record.transaction",
        "交易记录用启动时的流水号和枪号",
        "the record has the number and connector of the start",
        "V1.6 §13.3.6",
        transaction,
    ),
    rule(
        "pile.record.unplugged",
        "充电中拔枪后立即上送交易记录",
        "where the plug is pulled during a charge the record comes at once",
        "V1.6 §13.3.5",
        unplugged,
    ),
];

fn arrives(view: &View<'_>, case: &mut Case) {
    for charge in view.charges.iter().filter(|charge| charge.proof().is_some()) {
        match (charge.record(), over_since(view, charge)) {
            (Some((spot, _)), _) => case.followed(&[spot.id]),
            (None, Some(over)) if view.was_online(over.at, RECORD_REPEAT.bearable) => {
                let number = charge.number;
                case.broken(&[over.id], both!("充电 {number} 没有交易记录", "charge {number} has no record"));
            }
            (None, _) => {}
        }
    }
}

/// When a charge without a record was certainly over: its stop was answered and it was not seen charging any more.
fn over_since(view: &View<'_>, charge: &Charge) -> Option<Spot> {
    let last = charge.charging().next_back().map(|(spot, _)| *spot)?;
    if let Some(stopped) = charge.stopped.filter(|stopped| stopped.id > last.id) {
        return Some(stopped);
    }
    let idle = view.reports().find(|(seen, report)| {
        seen.id > last.id
            && report.connector_number.number() == charge.connector
            && report.transaction_number != charge.number
    });
    idle.map(|(seen, _)| Spot::from(seen))
}

fn in_time(view: &View<'_>, case: &mut Case) {
    for charge in view.charges.iter().filter(|charge| charge.order != Order::Unknown) {
        let (Some((record, _)), Some(last)) = (charge.record(), charge.last_heard()) else { continue };
        // A record that waited for the next connection is judged there.
        if record.connection != last.connection {
            continue;
        }
        // A stop that was answered ends the charge; else it ends when it was last heard of.
        let end = charge
            .stopped
            .filter(|stopped| stopped.id < record.id)
            .map_or(last, |stopped| if stopped.at > last.at { stopped } else { last });
        case.took(record.at.since(end.at), RECORD, &[end.id, record.id]);
    }
}

fn confirms<'v>(view: &'v View<'_>, number: TransactionNumber) -> impl Iterator<Item = &'v Seen<'v>> {
    view.of_type(0x40).filter(move |seen| seen.transaction == Some(number))
}

/// When a record was confirmed as uploaded.
fn confirmed<'v>(view: &'v View<'_>, number: TransactionNumber) -> Option<&'v Seen<'v>> {
    confirms(view, number).find(|seen| match &seen.message {
        Some(Message::TransactionRecordConfirm(answer)) => answer.confirm_result == ConfirmResult::Uploaded,
        _ => false,
    })
}

/// Records of each charge that came before its confirmation, on one connection after the other.
fn unconfirmed(view: &View<'_>, charge: &Charge) -> Vec<Spot> {
    let confirmed = confirmed(view, charge.number).map(|seen| seen.id);
    let spots = charge.records.iter().map(|(spot, _)| *spot);
    spots.filter(|spot| confirmed.is_none_or(|confirmed| spot.id < confirmed)).collect()
}

/// Until when a record went without an answer on the connection on which it came.
fn withheld_until(view: &View<'_>, charge: &Charge, spot: Spot) -> Tick {
    let ended = view.line(spot.connection).map_or(spot.at, |link| link.until);
    confirmed(view, charge.number).map_or(ended, |confirmed| confirmed.at.min(ended))
}

fn repeats(view: &View<'_>, case: &mut Case) {
    for charge in &view.charges {
        let spots = unconfirmed(view, charge);
        let Some(first) = spots.first() else { continue };
        let on_line: Vec<Spot> = spots.iter().copied().filter(|spot| spot.connection == first.connection).collect();
        let next = on_line.iter().find(|next| next.at.since(first.at) > DOUBLED_WITHIN);
        match next {
            Some(next) => case.took(next.at.since(first.at), RECORD_REPEAT, &[first.id, next.id]),
            None if withheld_until(view, charge, *first).since(first.at) > RECORD_REPEAT.bearable => {
                let bound = seconds(RECORD_REPEAT.bearable);
                case.broken(&[first.id], both!("{bound} 秒内没有重发", "not repeated within {bound} s"));
            }
            None => {}
        }
    }
}

/// How often a record is repeated at the short pause.
const SHORT_REPEATS: usize = 3;

fn last_repeat(view: &View<'_>, case: &mut Case) {
    for charge in &view.charges {
        let mut spots = unconfirmed(view, charge);
        let Some(first) = spots.first().copied() else { continue };
        spots.retain(|spot| spot.connection == first.connection);
        let long = spots.windows(2).find(|pair| match pair {
            [one, next] => next.at.since(one.at) > RECORD_REPEAT.bearable,
            _ => false,
        });
        if let Some([one, next]) = long {
            case.took(next.at.since(one.at), LAST_REPEAT, &[one.id, next.id]);
            continue;
        }
        let Some(last) = spots.last() else { continue };
        if withheld_until(view, charge, *last).since(last.at) > LAST_REPEAT.bearable {
            let (times, bound) = (spots.len(), seconds(LAST_REPEAT.bearable));
            case.broken(
                &[first.id, last.id],
                both!("发送 {times} 次后，{bound} 秒内没有再发", "sent {times} times, then not within {bound} s"),
            );
        } else if spots.len() > SHORT_REPEATS + 2 {
            let times = spots.len();
            case.followed(&[first.id, last.id]);
            case.remark(both!("已连续发送 {times} 次", "sent {times} times without the long pause"));
        }
    }
}

fn not_doubled(view: &View<'_>, case: &mut Case) {
    for charge in &view.charges {
        // What was sent before the login could not be answered.
        let is_heard = |spot: &Spot| {
            view.line(spot.connection).and_then(|link| link.logged_in).is_some_and(|(_, taken)| taken < spot.id)
        };
        let spots: Vec<Spot> = charge.records.iter().map(|(spot, _)| *spot).filter(is_heard).collect();
        if let [only] = spots.as_slice() {
            case.followed(&[only.id]);
        }
        for pair in spots.windows(2) {
            let [one, next] = pair else { continue };
            let is_doubled = one.connection == next.connection && next.at.since(one.at) < DOUBLED_WITHIN;
            case.holds(!is_doubled, &[one.id, next.id], || {
                both!("同一记录几乎同时发送两次", "the same record comes twice at once")
            });
        }
    }
}

fn forgotten(view: &View<'_>, case: &mut Case) {
    for charge in &view.charges {
        let Some(confirmed) = confirmed(view, charge.number) else { continue };
        let again =
            charge.records.iter().find(|(spot, _)| spot.id > confirmed.id && spot.at > confirmed.at + IN_FLIGHT);
        match again {
            Some((spot, _)) => case.broken(
                &[confirmed.id, spot.id],
                both!("已确认的记录又发送一次", "comes again though it was confirmed"),
            ),
            None if view.was_online(confirmed.at, RECORD_REPEAT.by_the_book) => case.followed(&[confirmed.id]),
            None => {}
        }
    }
}

fn duplicate_confirm(view: &View<'_>, case: &mut Case) {
    for charge in &view.charges {
        let Some(second) = confirms(view, charge.number).nth(1) else { continue };
        let link = view.line(second.connection);
        let goes_on = view.up().find(|seen| {
            seen.connection == second.connection && seen.id > second.id && seen.at.since(second.at) <= SURVIVES * 2
        });
        match (goes_on, link) {
            (Some(seen), _) => case.followed(&[second.id, seen.id]),
            (None, Some(link)) if link.closed.is_some_and(|(_, by)| view.ended_by_pile(by)) => {
                case.broken(&[second.id], both!("连接断开了", "the connection ended"));
            }
            (None, _) => {}
        }
    }
}

fn same(view: &View<'_>, case: &mut Case) {
    for charge in &view.charges {
        let Some((first, record)) = charge.record() else { continue };
        for (spot, again) in charge.records.iter().skip(1) {
            case.holds(again == record, &[first.id, spot.id], || {
                both!("两次内容不同", "it says something else the second time")
            });
        }
    }
}

fn transaction(view: &View<'_>, case: &mut Case) {
    for (seen, record) in view.records() {
        let number = record.transaction_number;
        let Some(charge) = view.charges.iter().find(|charge| charge.number == number) else { continue };
        let connector = record.connector_number.number();
        // A number that nobody gave out may be of an offline card, or of a charge before the exam.
        let is_stranger = charge.order == Order::Unknown && charge.shown().is_none();
        let is_instead = is_stranger && lacks_record(view, connector, seen, record);
        case.holds(charge.connector == connector && !is_instead, &[seen.id], || {
            both!("流水号 {number} 不是启动时的流水号", "{number} is not the number of the start")
        });
    }
}

/// Whether a charge of that connector, which the platform ordered and which is over, has no record.
fn lacks_record(view: &View<'_>, connector: u8, seen: &Seen<'_>, record: &TransactionRecord) -> bool {
    view.charges.iter().any(|charge| {
        charge.connector == connector
            && charge.order != Order::Unknown
            && charge.records.is_empty()
            && charge.proof().is_some_and(|proof| proof.id < seen.id)
            && charge.number != record.transaction_number
            && charge.last_heard().is_some_and(|last| seen.at.since(last.at) < RECONNECT.by_the_book)
    })
}

fn unplugged(view: &View<'_>, case: &mut Case) {
    for charge in view.charges.iter().filter(|charge| charge.stop.is_none()) {
        let Some((last, _)) = charge.charging().next_back() else { continue };
        // The end of the charge may be told before the empty socket, but not long before.
        let mut after = view.reports().filter(|(seen, report)| {
            seen.id > last.id
                && seen.connection == last.connection
                && report.connector_number.number() == charge.connector
        });
        let Some((ended, first)) = after.next() else { continue };
        let pulled = if first.plugged == Plugged::No {
            Some(ended)
        } else {
            after
                .find(|(_, report)| report.plugged == Plugged::No)
                .map(|(seen, _)| seen)
                .filter(|seen| seen.at.since(ended.at) <= DOUBLED_WITHIN)
        };
        let Some(pulled) = pulled else { continue };
        match charge.record() {
            Some((record, _)) => case.took(record.at.since(pulled.at), RECORD, &[pulled.id, record.id]),
            None if view.lived(pulled.connection, pulled.at, RECORD.bearable) => {
                case.broken(&[pulled.id], both!("拔枪后没有交易记录", "no record after the plug was pulled"));
            }
            None => {}
        }
    }
}
