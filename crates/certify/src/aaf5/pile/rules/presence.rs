//! Sign-in and heartbeats.

use std::time::Duration;

use voltapile_protocol::aaf5::message::{HeartbeatRequest, Message};
use voltapile_protocol::wire::{CivilTime, Quantity};

use crate::aaf5::rule::{Rule, rule};
use crate::aaf5::view::{Seen, View};
use crate::case::{Case, both, limit};

pub(super) static RULES: &[Rule] = &[
    rule(
        "aaf5.pile.signin.first",
        "每次连接后先发签到 106",
        "106 is the first frame of every connection",
        "P52 §106",
        first,
    ),
    rule(
        "aaf5.pile.signin.waits",
        "收到 105 之前不发送其他报文",
        "nothing else is sent before 105 came",
        "P52 §106",
        waits,
    ),
    rule(
        "aaf5.pile.signin.fields",
        "106 的桩编码、枪数、周期有效",
        "pile code, connector count and periods of 106 make sense",
        "P52 §106",
        fields,
    ),
    rule(
        "aaf5.pile.signin.stable",
        "每次签到报告的枪数、版本一致",
        "every sign-in tells the same connectors and versions",
        "P52 §106",
        stable,
    ),
    rule(
        "aaf5.pile.signin.random",
        "每次连接的随机数不同",
        "each connection has a random number of its own",
        "P52 §106",
        random,
    ),
    rule(
        "aaf5.pile.signin.clock",
        "再次签到时，桩的时间与 105 下发的一致（1 分钟内）",
        "a later sign-in tells the time that 105 set (within a minute)",
        "P52 §105",
        clock,
    ),
    rule(
        "aaf5.pile.signin.tries",
        "没有 105 时，约 5 秒后再发 106，共三次",
        "106 without an answer comes again after some 5 s, three times in all",
        "现场：CAR；P52 §2.8 / practice: CAR; P52 §2.8",
        tries,
    ),
    rule(
        "aaf5.pile.signin.asked",
        "控制命令 14 让桩立即签到",
        "control command 14 makes the pile sign in at once",
        "P52 §3.1",
        asked,
    ),
    rule(
        "aaf5.pile.signin.repeats",
        "按签到间隔重复 106",
        "106 comes again by the sign-in period",
        "P52 §106",
        repeats,
    ),
    rule(
        "aaf5.pile.heartbeat.period",
        "按 106 报告的周期发心跳 102（有 104 时可省）",
        "102 comes by the period of 106 (104 may stand for it)",
        "P52 §102",
        period,
    ),
    rule(
        "aaf5.pile.heartbeat.begins",
        "每次连接的心跳序号从 0 开始",
        "the heartbeats of a connection are numbered from 0",
        "P52 §102",
        begins,
    ),
    rule(
        "aaf5.pile.heartbeat.counter",
        "心跳序号逐次加一",
        "the number of heartbeats goes up by one",
        "P52 §102",
        counter,
    ),
    rule(
        "aaf5.pile.heartbeat.dead_link",
        "心跳连续无应答达到次数后重新连接",
        "after as many heartbeats without an answer as 106 says the pile dials anew",
        "P52 §102",
        dead_link,
    ),
    rule(
        "aaf5.pile.heartbeat.plugged",
        "102 的各枪状态与 104 一致",
        "the connectors in 102 agree with 104",
        "P52 §102",
        plugged,
    ),
];

fn first(view: &View<'_>, case: &mut Case) {
    for line in view.lines.iter().filter(|line| view.is_exam() || line.logged_in.is_some()) {
        let Some(first) = view.up().find(|seen| seen.connection == line.connection) else { continue };
        let command = first.command;
        case.holds(command == 106, &[first.id], || both!("第一帧是 {command}", "the first is {command}"));
    }
}

fn waits(view: &View<'_>, case: &mut Case) {
    for line in &view.lines {
        let Some((sign_in, _)) = view.sign_ins().find(|(seen, _)| seen.connection == line.connection) else { continue };
        let taken = line.logged_in.map(|(_, id)| id);
        let early = view
            .after(sign_in)
            .find(|seen| seen.is_up() && seen.command != 106 && taken.is_none_or(|taken| seen.id < taken));
        match early {
            Some(early) => {
                let command = early.command;
                case.broken(&[sign_in.id, early.id], both!("签到未应答就发送 {command}", "sends {command} before 105"));
            }
            None => case.followed(&[sign_in.id]),
        }
    }
}

fn fields(view: &View<'_>, case: &mut Case) {
    for (seen, request) in view.sign_ins() {
        let code = request.pile_code.text();
        let is_named = !code.is_empty() && code.len() < 32 && code.bytes().all(|byte| byte.is_ascii_graphic());
        let makes_sense = is_named
            && request.connector_count > 0
            && request.heartbeat_seconds.raw() > 0
            && request.heartbeat_misses > 0;
        case.holds(makes_sense, &[seen.id], || {
            both!("桩编码 {code:?} 等不合理", "pile code {code:?}, or a period of zero")
        });
    }
}

fn stable(view: &View<'_>, case: &mut Case) {
    let Some((first, told)) = view.sign_ins().next() else { return };
    for (seen, request) in view.sign_ins().skip(1) {
        let is_same = (request.connector_count, request.software_version, request.protocol_version)
            == (told.connector_count, told.software_version, told.protocol_version);
        case.holds(is_same, &[first.id, seen.id], || both!("两次签到不同", "two of them differ"));
    }
}

fn random(view: &View<'_>, case: &mut Case) {
    let mut known: Vec<(&Seen<'_>, u32)> = Vec::new();
    for (seen, request) in view.sign_ins() {
        let Some(random) = request.random else { continue };
        if known.iter().any(|(before, _)| before.connection == seen.connection) {
            continue;
        }
        if let Some((before, _)) = known.last() {
            let is_new = known.iter().all(|(_, used)| *used != random);
            case.holds(is_new, &[before.id, seen.id], || both!("又是 {random:08X}", "{random:08X} once more"));
        }
        known.push((seen, random));
    }
}

/// What the platform's clock shows at a frame, by the last word about it before.
fn platform_clock(view: &View<'_>, at: &Seen<'_>) -> Option<(u64, crate::trace::EntryId)> {
    let mut told = view.down().filter(|seen| seen.id < at.id).filter_map(|seen| {
        let time = match &seen.message {
            Some(Message::SignInResponse(said)) => said.platform_time.and_then(|time| time.civil()),
            Some(Message::TextParameterRequest(request)) if request.index == 2 => {
                request.value.0.first_chunk().and_then(|bytes| voltapile_protocol::wire::BcdTime(*bytes).civil())
            }
            _ => None,
        };
        time.map(|time| (time.unix_ms_in_china() + at.at.0.saturating_sub(seen.at.0), seen.id))
    });
    told.next_back()
}

fn clock(view: &View<'_>, case: &mut Case) {
    for (seen, request) in view.sign_ins() {
        let Some((expected, set)) = platform_clock(view, seen) else { continue };
        let told = request.pile_time.civil().map(CivilTime::unix_ms_in_china);
        case.holds(told.is_some_and(|told| told.abs_diff(expected) <= 60_000), &[set, seen.id], || {
            let time = request.pile_time;
            both!("桩的时间是 {time:?}", "the pile tells {time:?}")
        });
    }
}

fn tries(view: &View<'_>, case: &mut Case) {
    for line in view.lines.iter().filter(|line| line.logged_in.is_none()) {
        let tried: Vec<&Seen<'_>> =
            view.sign_ins().map(|(seen, _)| seen).filter(|seen| seen.connection == line.connection).collect();
        for pair in tried.windows(2) {
            let [one, next] = pair else { continue };
            case.took(next.at.since(one.at), limit(6, 20), &[one.id, next.id]);
        }
        if let [only] = tried.as_slice()
            && line.until.since(only.at) > Duration::from_secs(20)
        {
            case.broken(&[only.id], both!("20 秒内没有再发", "not sent again within 20 s"));
        }
    }
}

fn asked(view: &View<'_>, case: &mut Case) {
    for asked in view.marked("aaf5.pile.signin.asked") {
        let came = view
            .after(asked)
            .find(|seen| seen.is_up() && seen.command == 106 && seen.at.since(asked.at).as_secs() <= 30);
        match came {
            Some(came) => case.took(came.at.since(asked.at), super::ANSWER, &[asked.id, came.id]),
            None if view.lived(asked.connection, asked.at, super::ANSWER.bearable) => {
                case.broken(&[asked.id], both!("没有 106", "no 106 came"))
            }
            None => {}
        }
    }
}

fn repeats(view: &View<'_>, case: &mut Case) {
    for (seen, request) in view.sign_ins() {
        let minutes = request.sign_in_minutes.raw();
        let due = Duration::from_secs(minutes * 60 + 60);
        let again = view.after(seen).find(|later| later.is_up() && later.command == 106);
        let took = again.map(|again| (again.id, again.at.since(seen.at)));
        match took.filter(|(_, took)| *took <= due) {
            // One that came early was asked for.
            Some((again, took)) if took + Duration::from_secs(120) >= due => case.followed(&[seen.id, again]),
            None if minutes > 0 && view.lived(seen.connection, seen.at, due) => {
                case.broken(&[seen.id], both!("{minutes} 分钟后没有再签到", "not after {minutes} min"));
            }
            _ => {}
        }
    }
}

fn period(view: &View<'_>, case: &mut Case) {
    let Some(request) = view.sign_ins().map(|(_, request)| request).next_back() else { return };
    let every = request.heartbeat_seconds.raw().max(30);
    let bound = limit(every + 5, every * 2 + 5);
    for line in &view.lines {
        let Some((mut since, taken)) = line.logged_in else { continue };
        let mut before = taken;
        for seen in view
            .up()
            .filter(|seen| seen.connection == line.connection && matches!(seen.command, 102 | 104) && seen.id > taken)
        {
            case.took(seen.at.since(since), bound, &[before, seen.id]);
            (since, before) = (seen.at, seen.id);
        }
    }
}

/// Heartbeats of a connection with their numbers.
fn beats<'v, 't>(view: &'v View<'t>, connection: crate::ConnectionId) -> impl Iterator<Item = (&'v Seen<'t>, u16)> {
    let of_line = view.of(HeartbeatRequest::CODE).filter(move |seen| seen.connection == connection);
    of_line.filter_map(|seen| match &seen.message {
        Some(Message::HeartbeatRequest(beat)) => Some((seen, beat.counter)),
        _ => None,
    })
}

fn begins(view: &View<'_>, case: &mut Case) {
    for line in view.lines.iter().filter(|line| line.logged_in.is_some() && view.is_exam()) {
        let Some((first, counter)) = beats(view, line.connection).next() else { continue };
        case.holds(counter <= 1, &[first.id], || both!("从 {counter} 开始", "they begin at {counter}"));
    }
}

fn counter(view: &View<'_>, case: &mut Case) {
    for line in &view.lines {
        let beats: Vec<(&Seen<'_>, u16)> = beats(view, line.connection).collect();
        for pair in beats.windows(2) {
            let [(one, was), (next, is)] = pair else { continue };
            let follows = *is == was.wrapping_add(1) || (*was == u16::MAX && *is == 1);
            case.holds(follows, &[one.id, next.id], || both!("{was} 之后是 {is}", "{is} follows {was}"));
        }
    }
}

fn dead_link(view: &View<'_>, case: &mut Case) {
    let Some(request) = view.sign_ins().map(|(_, request)| request).next_back() else { return };
    let misses = usize::from(request.heartbeat_misses.max(1));
    for line in &view.lines {
        let unanswered: Vec<&Seen<'_>> =
            beats(view, line.connection).map(|(seen, _)| seen).filter(|seen| view.answer(seen).is_none()).collect();
        let (Some(first), true) = (unanswered.first(), unanswered.len() >= misses) else { continue };
        let again =
            view.sign_ins().map(|(seen, _)| seen).find(|seen| seen.id > first.id && seen.connection != line.connection);
        let every = request.heartbeat_seconds.raw();
        let count = u64::try_from(misses).unwrap_or(3);
        match again {
            Some(again) => case.took(
                again.at.since(first.at),
                limit(every * (count + 1) + 15, every * (count + 2) + 60),
                &[first.id, again.id],
            ),
            None if unanswered.len() > misses + 2 => {
                case.broken(&[first.id], both!("没有重新连接", "it does not dial anew"))
            }
            None => {}
        }
    }
}

fn plugged(view: &View<'_>, case: &mut Case) {
    use voltapile_protocol::aaf5::code::Plug;
    for seen in view.of(HeartbeatRequest::CODE) {
        let Some(Message::HeartbeatRequest(beat)) = &seen.message else { continue };
        let Some(connectors) = beat.plugged else { continue };
        let before =
            view.statuses().rfind(|(status, report)| status.id < seen.id && report.connector_number.number() == 1);
        let after =
            view.statuses().find(|(status, report)| status.id > seen.id && report.connector_number.number() == 1);
        let (Some((_, before)), Some((_, after))) = (before, after) else { continue };
        if before.plug != after.plug || before.plug == Plug::Half {
            continue;
        }
        let is_set = connectors.0.first().is_some_and(|byte| byte & 1 == 1);
        let is_plugged = before.plug == Plug::Connected;
        case.holds(is_set == is_plugged, &[seen.id], || {
            both!("104 说插枪为 {is_plugged}，102 却是 {is_set}", "104 says plugged {is_plugged}, 102 says {is_set}")
        });
    }
}
