//! Records: that they come, again where nobody confirmed, never when somebody did, and what they say.

use std::time::Duration;

use voltapile_protocol::aaf5::code::{ControlIndex, FineEnergy, StartFailure, StartMode, WorkState};
use voltapile_protocol::aaf5::message::{FineChargeRecord, Message, StartRequest, StatusReport};
use voltapile_protocol::wire::Quantity;

use crate::aaf5::rule::{Rule, rule};
use crate::aaf5::view::{Seen, View};
use crate::case::{Case, both, limit};

pub(super) static RULES: &[Rule] = &[
    rule(
        "aaf5.pile.record.arrives",
        "每次充电结束都有记录 202 或 222",
        "every charge that ends has its record, 202 or 222",
        "P52 §202",
        arrives,
    ),
    rule(
        "aaf5.pile.record.fine",
        "105 支持三位小数时用 222（V4.6 起）",
        "where 105 offers it records come as 222 (since V4.6)",
        "P52 §222",
        fine,
    ),
    rule("aaf5.pile.record.in_time", "停止后尽快上送记录", "the record comes soon after the stop", "P52 §202", in_time),
    rule(
        "aaf5.pile.record.repeats",
        "没有应答时每 10 秒重发",
        "a record without an answer is repeated every 10 s",
        "P52 §202",
        repeats,
    ),
    rule("aaf5.pile.record.same", "重发的记录内容不变", "a repeated record says the same", "P52 §202", same),
    rule(
        "aaf5.pile.record.right_confirm",
        "索引号不符的应答不算确认",
        "an answer with another number confirms nothing",
        "P52 §201；现场：有的桩不看 / P52 §201; practice: some do not look",
        right_confirm,
    ),
    rule(
        "aaf5.pile.record.forgotten",
        "确认后不再发送该记录",
        "a confirmed record is not sent again",
        "P52 §202",
        forgotten,
    ),
    rule(
        "aaf5.pile.record.reconnect",
        "未确认的记录重连后再发",
        "an unconfirmed record comes again after a reconnect",
        "P52 §202",
        reconnect,
    ),
    rule(
        "aaf5.pile.record.index",
        "不同的记录有不同的内部索引号",
        "different records have different numbers",
        "P52 §202",
        index,
    ),
    rule(
        "aaf5.pile.record.serial",
        "记录用启动时的充电流水号",
        "a record has the transaction number of its start",
        "P52 §202",
        serial,
    ),
    rule("aaf5.pile.record.card", "记录用启动时的卡号", "a record has the card of its start", "P52 §202", card),
    rule(
        "aaf5.pile.record.stored",
        "401/421 查询到最近的记录",
        "401 and 421 find the newest record",
        "P52 §401",
        stored,
    ),
    rule(
        "aaf5.pile.record.stored_none",
        "不存在的记录索引号为 -1",
        "a record that does not exist has number -1",
        "P52 §402",
        stored_none,
    ),
    rule(
        "aaf5.pile.record.half_hours",
        "113 查询到的时段与记录一致",
        "113 tells the half hours of the record",
        "P52 §114",
        half_hours,
    ),
];

/// Starts that were accepted.
pub(super) fn accepted<'v, 't>(view: &'v View<'t>) -> impl Iterator<Item = (&'v Seen<'t>, &'v StartRequest)> {
    view.of(7).filter_map(|seen| {
        let is_taken =
            matches!(&view.answer(seen)?.message, Some(Message::StartResponse(said)) if said.result == StartFailure(0));
        match &seen.message {
            Some(Message::StartRequest(request)) if is_taken => Some((seen, request)),
            _ => None,
        }
    })
}

/// The record of a start.
pub(super) fn record_of<'v, 't>(view: &'v View<'t>, start: &StartRequest) -> Option<(&'v Seen<'t>, FineChargeRecord)> {
    let number = start.transaction_number.filter(|number| !number.is_empty())?;
    view.records().find(|(_, record)| record.transaction_number.is_some_and(|told| told.says(&number)))
}

fn is_same(one: &FineChargeRecord, other: &FineChargeRecord) -> bool {
    one.record_index == other.record_index
        && one.transaction_number == other.transaction_number
        && one.start_time == other.start_time
}

/// The first sending of each record.
pub(super) fn firsts<'v, 't>(view: &'v View<'t>) -> Vec<(&'v Seen<'t>, FineChargeRecord)> {
    let mut firsts: Vec<(&Seen<'_>, FineChargeRecord)> = Vec::new();
    for (seen, record) in view.records() {
        if firsts.iter().all(|(_, known)| !is_same(known, &record)) {
            firsts.push((seen, record));
        }
    }
    firsts
}

/// All sendings of a record.
fn sendings<'v, 't>(view: &'v View<'t>, record: &FineChargeRecord) -> Vec<(&'v Seen<'t>, FineChargeRecord)> {
    view.records().filter(|(_, other)| is_same(record, other)).collect()
}

/// The answer to a sending that confirms it: with its own number, or short.
fn confirmed<'v, 't>(view: &'v View<'t>, seen: &Seen<'_>, record: &FineChargeRecord) -> Option<&'v Seen<'t>> {
    let answer = view.answer(seen)?;
    let index = match &answer.message {
        Some(Message::RecordConfirm(said)) => said.record_index,
        Some(Message::FineRecordConfirm(said)) => said.record_index,
        _ => return None,
    };
    index.is_none_or(|index| index == record.record_index).then_some(answer)
}

fn arrives(view: &View<'_>, case: &mut Case) {
    for (asked, start) in accepted(view) {
        let connector = start.connector_number.number();
        let on_it = |report: &StatusReport| report.connector_number.number() == connector;
        // What charges under another number is another start's: a reservation may be cancelled before anybody charges.
        let is_it = |report: &StatusReport| match (report.transaction_number, start.transaction_number) {
            (Some(told), Some(given)) => told.is_empty() || told.says(&given),
            _ => start.start_mode == StartMode::Immediate,
        };
        let charged = view.statuses().find(|(seen, report)| {
            seen.id > asked.id && on_it(report) && report.work_state == WorkState::Charging && is_it(report)
        });
        let Some((charged, _)) = charged else { continue };
        let over = view.statuses().find(|(seen, report)| {
            seen.id > charged.id
                && on_it(report)
                && !matches!(report.work_state, WorkState::Charging | WorkState::Preparing)
        });
        match (record_of(view, start), over) {
            (Some((seen, _)), _) => case.followed(&[seen.id]),
            (None, Some((over, _))) if view.lived(over.connection, over.at, Duration::from_secs(60)) => {
                case.broken(&[asked.id, over.id], both!("没有记录", "it has none"));
            }
            (None, _) => {}
        }
    }
}

fn fine(view: &View<'_>, case: &mut Case) {
    let offered = view.down().any(|seen| {
        matches!(&seen.message, Some(Message::SignInResponse(said)) if said.fine_energy == Some(FineEnergy::Supported))
    });
    for (seen, _) in view.records().filter(|_| offered && view.speaks(47)) {
        case.holds(seen.command == 222, &[seen.id], || both!("用的是 202", "it comes as 202"));
    }
}

/// Stops of connector-wise charges, by place.
pub(super) fn stop_before<'v, 't>(view: &'v View<'t>, record: &Seen<'_>) -> Option<&'v Seen<'t>> {
    let mut stops = view.of(5).filter(|seen| {
        seen.id < record.id
            && matches!(&seen.message, Some(Message::ControlRequest(request)) if request.first_index == ControlIndex::StopCharging)
    });
    stops.next_back()
}

fn in_time(view: &View<'_>, case: &mut Case) {
    for (asked, start) in accepted(view) {
        let Some((seen, _)) = record_of(view, start) else { continue };
        let ends_it = |stop: &&Seen<'_>| stop.id > asked.id && stop.connection == seen.connection;
        let Some(stop) = stop_before(view, seen).filter(ends_it) else { continue };
        case.took(seen.at.since(stop.at), limit(30, 60), &[stop.id, seen.id]);
    }
}

fn repeats(view: &View<'_>, case: &mut Case) {
    for (_, record) in firsts(view) {
        let all = sendings(view, &record);
        for pair in all.windows(2) {
            let [(one, _), (next, _)] = pair else { continue };
            if one.connection == next.connection && confirmed(view, one, &record).is_none() {
                case.took(next.at.since(one.at), limit(15, 40), &[one.id, next.id]);
            }
        }
        if let Some((last, _)) = all.last()
            && confirmed(view, last, &record).is_none()
            && view.lived(last.connection, last.at, Duration::from_secs(41))
        {
            case.broken(&[last.id], both!("40 秒内没有重发", "not repeated within 40 s"));
        }
    }
}

/// A record's bytes without the reserved words, and without what may be new at each sending: the newest record's place and
/// how many records there are, which stand at 120 in 202 and in 222.
fn content(body: &[u8]) -> (Option<&[u8]>, Option<&[u8]>) {
    (body.get(4..120), body.get(128..))
}

fn same(view: &View<'_>, case: &mut Case) {
    for (first, record) in firsts(view) {
        for (seen, _) in sendings(view, &record).into_iter().skip(1).filter(|(seen, _)| seen.command == first.command) {
            let equal = content(first.body) == content(seen.body);
            case.holds(equal, &[first.id, seen.id], || both!("内容不同", "it says something else"));
        }
    }
}

fn right_confirm(view: &View<'_>, case: &mut Case) {
    for (_, record) in firsts(view) {
        let all = sendings(view, &record);
        for (place, (seen, _)) in all.iter().enumerate() {
            let Some(answer) = view.answer(seen).filter(|_| confirmed(view, seen, &record).is_none()) else { continue };
            let again = all.get(place + 1);
            match again {
                Some((again, _)) => case.followed(&[answer.id, again.id]),
                None if view.lived(seen.connection, answer.at, Duration::from_secs(41)) => {
                    case.broken(&[seen.id, answer.id], both!("之后不再发送", "it is not sent again"));
                }
                None => {}
            }
        }
    }
}

fn forgotten(view: &View<'_>, case: &mut Case) {
    for (_, record) in firsts(view) {
        let all = sendings(view, &record);
        let Some((place, answer)) =
            all.iter().enumerate().find_map(|(place, (seen, _))| Some((place, confirmed(view, seen, &record)?)))
        else {
            continue;
        };
        // After a restart the last records come again, confirmed or not.
        let again = all.iter().skip(place + 1).find(|(seen, _)| {
            seen.connection == answer.connection && seen.at.since(answer.at) > Duration::from_secs(2)
        });
        match again {
            Some((again, _)) => case.broken(&[answer.id, again.id], both!("又发送一次", "it comes again")),
            None if view.lived(answer.connection, answer.at, Duration::from_secs(20)) => case.followed(&[answer.id]),
            None => {}
        }
    }
}

fn reconnect(view: &View<'_>, case: &mut Case) {
    for (_, record) in firsts(view) {
        let all = sendings(view, &record);
        for (place, (seen, _)) in all.iter().enumerate() {
            let is_last_of_line = all.get(place + 1).is_none_or(|(next, _)| next.connection != seen.connection);
            let ended = view.line(seen.connection).and_then(|line| line.closed);
            let (true, Some((closed, _)), None) = (is_last_of_line, ended, confirmed(view, seen, &record)) else {
                continue;
            };
            let next_line = view.lines.iter().find(|line| line.logged_in.is_some_and(|(_, id)| id > closed));
            match (all.get(place + 1), next_line) {
                (Some((again, _)), _) => case.followed(&[seen.id, again.id]),
                (None, Some(line)) if line.until.since(line.opened) > Duration::from_secs(60) => {
                    case.broken(&[seen.id, closed], both!("重连后没有再发", "it does not come again"));
                }
                (None, _) => {}
            }
        }
    }
}

fn index(view: &View<'_>, case: &mut Case) {
    let all = firsts(view);
    for (place, (seen, record)) in all.iter().enumerate().skip(1) {
        let twin = all.iter().take(place).find(|(_, other)| other.record_index == record.record_index);
        match twin {
            Some((twin, _)) => {
                let number = record.record_index;
                case.broken(&[twin.id, seen.id], both!("都是 {number}", "both have {number}"));
            }
            None => case.followed(&[seen.id]),
        }
    }
}

fn serial(view: &View<'_>, case: &mut Case) {
    let given = view.of(7).filter_map(|seen| match &seen.message {
        Some(Message::StartRequest(request)) => request.transaction_number,
        _ => None,
    });
    let known: Vec<_> = given.collect();
    for (asked, start) in accepted(view) {
        let stranger = view.records().find(|(seen, record)| {
            seen.id > asked.id
                && record.card_number.says(&start.card_number)
                && record.transaction_number.is_some_and(|told| known.iter().all(|number| !number.says(&told)))
        });
        match (record_of(view, start), stranger) {
            (Some((seen, _)), None) => case.followed(&[asked.id, seen.id]),
            (_, Some((seen, record))) => {
                let told = record.transaction_number.unwrap_or_default().text();
                case.broken(&[asked.id, seen.id], both!("流水号是 {told}", "its number is {told}"));
            }
            (None, None) => {}
        }
    }
}

fn card(view: &View<'_>, case: &mut Case) {
    for (asked, start) in accepted(view) {
        let Some((seen, record)) = record_of(view, start) else { continue };
        let (sent, told) = (start.card_number.text(), record.card_number.text());
        case.holds(start.card_number.says(&record.card_number), &[asked.id, seen.id], || {
            both!("卡号是 {told}，应为 {sent}", "{told} where {sent} was given")
        });
    }
}

/// Questions for stored records with what was found.
fn stored_answers<'v, 't>(view: &'v View<'t>) -> impl Iterator<Item = (&'v Seen<'t>, &'v Seen<'t>, FineChargeRecord)> {
    view.down().filter(|seen| matches!(seen.command, 401 | 421)).filter_map(|seen| {
        let answer = view.answer(seen)?;
        let record = answer.message.as_ref().and_then(voltapile_protocol::aaf5::session::pile::record_of)?;
        Some((seen, answer, record))
    })
}

fn stored(view: &View<'_>, case: &mut Case) {
    for (asked, answer, found) in stored_answers(view).filter(|(asked, ..)| asked.body.get(4..8) == Some(&[0; 4])) {
        let Some((seen, record)) = firsts(view).into_iter().rfind(|(seen, _)| seen.id < asked.id) else { continue };
        case.holds(found.record_index == record.record_index, &[seen.id, answer.id], || {
            both!("是另一条记录", "it is another record")
        });
    }
}

fn stored_none(view: &View<'_>, case: &mut Case) {
    for asked in view.marked("aaf5.pile.record.stored_none") {
        let Some((_, answer, found)) = stored_answers(view).find(|(other, ..)| other.id == asked.id) else { continue };
        let number = found.record_index;
        case.holds(number == -1, &[asked.id, answer.id], || both!("索引号是 {number}", "its number is {number}"));
    }
}

fn half_hours(view: &View<'_>, case: &mut Case) {
    for asked in view.of(113) {
        let Some(answer) = view.answer(asked) else { continue };
        let Some(Message::LastChargeSlotsResponse(said)) = &answer.message else { continue };
        let last = firsts(view).into_iter().rfind(|(seen, record)| {
            seen.id < asked.id && record.connector_number.number() == said.connector_number.number()
        });
        let Some((seen, record)) = last else { continue };
        let differs =
            said.slots.0.iter().zip(record.slots.0).any(|(told, slot)| (told.raw() * 10).abs_diff(slot.raw()) > 10);
        case.holds(!differs, &[seen.id, answer.id], || both!("与记录不同", "they differ from the record"));
    }
}
