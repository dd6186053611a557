//! Parameters, clock, tariff, white list, reboot; and what a pile bears with.

use std::time::Duration;

use voltapile_protocol::aaf5::code::{ControlIndex, ListAction, Outcome, ParameterAction};
use voltapile_protocol::aaf5::message::Message;
use voltapile_protocol::wire::{BcdTime, CivilTime};

use super::ANSWER;
use crate::aaf5::rule::{Rule, answered, marked_answered, marked_unanswered, rule};
use crate::aaf5::view::{Seen, View};
use crate::case::{Case, both, limit};

pub(super) static RULES: &[Rule] = &[
    rule(
        "aaf5.pile.parameters.integers",
        "整形参数 1 得到 2 应答",
        "integer parameters (1) are answered with 2",
        "P52 §1",
        |view, case| answered(view, 1, ANSWER, case),
    ),
    rule(
        "aaf5.pile.parameters.texts",
        "字符参数 3 得到 4 应答",
        "text parameters (3) are answered with 4",
        "P52 §3",
        |view, case| answered(view, 3, ANSWER, case),
    ),
    rule(
        "aaf5.pile.parameters.values",
        "查询成功的应答带有所查的个数",
        "an answer to a query that succeeded has as many values as were asked for",
        "P52 §2",
        values,
    ),
    rule(
        "aaf5.pile.parameters.kept",
        "设置的参数可以查回",
        "a parameter that was set is told when it is asked for",
        "P52 §1",
        kept,
    ),
    rule(
        "aaf5.pile.parameters.unknown",
        "不存在的参数应答失败",
        "a parameter that does not exist is refused",
        "P52 §2",
        unknown,
    ),
    rule(
        "aaf5.pile.clock.set",
        "对时得到成功应答",
        "setting the clock is answered with success",
        "P52 §5.2",
        clock_set,
    ),
    rule(
        "aaf5.pile.clock.obeyed",
        "对时后查询到新的时间",
        "once set, the clock is told as it was set",
        "P52 §5.2",
        clock_obeyed,
    ),
    rule(
        "aaf5.pile.tariff.set",
        "1103 得到成功应答",
        "1103 is answered with success",
        "P52 §1103",
        |view, case| taken(view, 1103, case),
    ),
    rule("aaf5.pile.tariff.gap_refused", "时段不连续的 1103 被拒绝", "a 1103 with a gap is refused", "P52 §1104", gap),
    rule(
        "aaf5.pile.tariff.kept",
        "1101 查询到的费率与 1103 相同",
        "1101 is answered with the tariff of 1103",
        "P52 §1102",
        tariff_kept,
    ),
    rule(
        "aaf5.pile.tariff.time_of_use",
        "1105 得到成功应答（V4.8 起）",
        "1105 is answered with success (since V4.8)",
        "P52 §1105",
        |view, case| {
            if view.speaks(48) {
                taken(view, 1105, case);
            }
        },
    ),
    rule(
        "aaf5.pile.tariff.time_of_use_kept",
        "1107 查询到的费率与 1105 相同",
        "1107 is answered with the tariff of 1105",
        "P52 §1108",
        time_of_use_kept,
    ),
    rule(
        "aaf5.pile.whitelist.answered",
        "白名单 1301 得到 1302 成功应答（V2.9 起）",
        "1301 is answered with a 1302 of success (since V2.9)",
        "P52 §1301",
        list,
    ),
    rule(
        "aaf5.pile.whitelist.kept",
        "增加名单后，版本号是新的",
        "once entries were added, the version is the new one",
        "P52 §1301",
        list_kept,
    ),
    rule("aaf5.pile.reboot.answered", "重启命令得到成功应答", "a reboot is answered with success", "P52 §3.1", reboot),
    rule("aaf5.pile.reboot.signs_in", "重启后重新签到", "after a reboot the pile signs in again", "P52 §106", back),
];

pub(super) static ROBUST: &[Rule] = &[
    rule(
        "aaf5.pile.robust.split",
        "分两次到达的报文能正确处理",
        "a frame that arrives in two halves is taken",
        "P52 §2.2",
        |view, case| marked_answered(view, "aaf5.pile.robust.split", ANSWER, case),
    ),
    rule(
        "aaf5.pile.robust.glued",
        "一次到达的两帧都能处理",
        "both of two frames that arrive together are taken",
        "P52 §2.2",
        |view, case| marked_answered(view, "aaf5.pile.robust.glued", ANSWER, case),
    ),
    rule(
        "aaf5.pile.robust.bad_checksum",
        "不处理校验和错误的报文",
        "a frame with a wrong check sum is not acted on",
        "P52 §2.2",
        |view, case| marked_unanswered(view, "aaf5.pile.robust.bad_checksum", Duration::from_secs(5), case),
    ),
    rule(
        "aaf5.pile.robust.goes_on",
        "校验和错误后照常工作",
        "a wrong check sum disturbs nothing",
        "P52 §2.2",
        |view, case| marked_answered(view, "aaf5.pile.robust.goes_on", ANSWER, case),
    ),
    rule(
        "aaf5.pile.robust.unknown",
        "不应答未知命令",
        "an unknown command is not answered",
        "P52 §3",
        |view, case| marked_unanswered(view, "aaf5.pile.robust.unknown", Duration::from_secs(2), case),
    ),
    rule(
        "aaf5.pile.robust.unknown_goes_on",
        "收到未知命令后照常工作",
        "an unknown command disturbs nothing",
        "P52 §3",
        |view, case| marked_answered(view, "aaf5.pile.robust.unknown_goes_on", ANSWER, case),
    ),
    rule(
        "aaf5.pile.robust.garbage",
        "报文前的杂乱字节被跳过",
        "garbage before a frame is skipped",
        "P52 §2.2",
        |view, case| marked_answered(view, "aaf5.pile.robust.garbage", ANSWER, case),
    ),
    rule(
        "aaf5.pile.robust.absurd_length",
        "长度域过大时，后面的报文仍能处理",
        "a frame behind an absurd length is taken",
        "P52 §2.2",
        |view, case| marked_answered(view, "aaf5.pile.robust.absurd_length", ANSWER, case),
    ),
    rule(
        "aaf5.pile.robust.longer",
        "带附加字段的命令照常处理",
        "a command with fields appended is taken",
        "P52 §2.8",
        |view, case| marked_answered(view, "aaf5.pile.robust.longer", ANSWER, case),
    ),
    rule(
        "aaf5.pile.reconnect.in_time",
        "断开后重新连接并签到",
        "after its connection ended the pile dials and signs in again",
        "P52 §102",
        reconnects,
    ),
];

fn values(view: &View<'_>, case: &mut Case) {
    for answer in view.of(2) {
        let Some(Message::IntegerParameterResponse(said)) = &answer.message else { continue };
        if said.action == ParameterAction::Query && said.result == Outcome::Succeeded {
            let (count, told) = (usize::from(said.count), said.values.len());
            case.holds(count == told, &[answer.id], || {
                both!("应有 {count} 个，实有 {told} 个", "{told} where {count} were asked for")
            });
        }
    }
}

fn kept(view: &View<'_>, case: &mut Case) {
    for asked in view.marked("aaf5.pile.parameters.kept") {
        let mut set = view.of(1).filter(|seen| seen.id < asked.id).filter_map(|seen| match &seen.message {
            Some(Message::IntegerParameterRequest(request)) if request.first_index == 1 => {
                request.values.first().map(|value| (seen.id, value.value))
            }
            _ => None,
        });
        let (Some((set, value)), Some(answer)) = (set.next_back(), view.answer(asked)) else { continue };
        let Some(Message::IntegerParameterResponse(said)) = &answer.message else { continue };
        let told = said.values.first().map(|told| told.value);
        case.holds(told == Some(value), &[set, answer.id], || {
            both!("设为 {value}，查到 {told:?}", "{value} was set, {told:?} is told")
        });
    }
}

fn unknown(view: &View<'_>, case: &mut Case) {
    for asked in view.marked("aaf5.pile.parameters.unknown") {
        let Some(answer) = view.answer(asked) else { continue };
        let Some(Message::IntegerParameterResponse(said)) = &answer.message else { continue };
        case.holds(said.result != Outcome::Succeeded, &[asked.id, answer.id], || {
            both!("应答成功", "it is answered with success")
        });
    }
}

/// The clock that a frame sets.
fn clock_of(seen: &Seen<'_>) -> Option<u64> {
    match &seen.message {
        Some(Message::TextParameterRequest(request))
            if request.index == 2 && request.action == ParameterAction::Set =>
        {
            let time = request.value.0.first_chunk().and_then(|bytes| BcdTime(*bytes).civil());
            time.map(CivilTime::unix_ms_in_china)
        }
        _ => None,
    }
}

fn clock_set(view: &View<'_>, case: &mut Case) {
    for asked in view.of(3).filter(|seen| clock_of(seen).is_some()) {
        let Some(answer) = view.answer(asked) else { continue };
        let Some(Message::TextParameterResponse(said)) = &answer.message else { continue };
        case.holds(said.result == Outcome::Succeeded, &[asked.id, answer.id], || {
            both!("应答失败", "it is answered with failure")
        });
    }
}

fn clock_obeyed(view: &View<'_>, case: &mut Case) {
    for answer in view.of(4) {
        let Some(Message::TextParameterResponse(said)) = &answer.message else { continue };
        if said.index != 2 || said.action != ParameterAction::Query || said.value.0.len() < 8 {
            continue;
        }
        let set = view
            .of(3)
            .filter(|seen| seen.id < answer.id)
            .filter_map(|seen| clock_of(seen).map(|clock| (seen, clock)))
            .next_back();
        let Some((set, clock)) = set else { continue };
        let told =
            said.value.0.first_chunk().and_then(|bytes| BcdTime(*bytes).civil()).map(CivilTime::unix_ms_in_china);
        let due = clock + answer.at.0.saturating_sub(set.at.0);
        case.holds(told.is_some_and(|told| told.abs_diff(due) <= 60_000), &[set.id, answer.id], || {
            both!("时间不是所设的", "it tells another time than was set")
        });
    }
}

/// A tariff is answered, and taken.
fn taken(view: &View<'_>, command: u16, case: &mut Case) {
    for asked in view.questions(command) {
        let Some(answer) = view.answer(asked) else {
            crate::aaf5::rule::answered_one(view, asked, ANSWER, case);
            continue;
        };
        let result = match &answer.message {
            Some(Message::TariffSetResponse(said)) => said.result,
            Some(Message::TimeOfUseTariffSetResponse(said)) => said.result,
            _ => continue,
        };
        case.holds(result == Outcome::Succeeded, &[asked.id, answer.id], || {
            both!("应答失败", "it is answered with failure")
        });
    }
}

fn gap(view: &View<'_>, case: &mut Case) {
    for asked in view.marked("aaf5.pile.tariff.gap_refused") {
        let Some(answer) = view.answer(asked) else { continue };
        let Some(Message::TariffSetResponse(said)) = &answer.message else { continue };
        case.holds(said.result != Outcome::Succeeded, &[asked.id, answer.id], || both!("被接受", "it is taken"));
    }
}

/// What is asked back is what was set last and taken.
fn kept_body(view: &View<'_>, set: u16, ask: u16, case: &mut Case) {
    for asked in view.of(ask) {
        let is_taken = |seen: &&Seen<'_>| {
            view.answer(seen).is_none_or(|answer| answer.body.first() == Some(&0)) && seen.id < asked.id
        };
        let (Some(set), Some(answer)) = (view.of(set).rfind(is_taken), view.answer(asked)) else {
            continue;
        };
        case.holds(set.body == answer.body, &[set.id, answer.id], || {
            both!("与设置的不同", "it differs from what was set")
        });
    }
}

fn tariff_kept(view: &View<'_>, case: &mut Case) {
    kept_body(view, 1103, 1101, case);
}

fn time_of_use_kept(view: &View<'_>, case: &mut Case) {
    kept_body(view, 1105, 1107, case);
}

fn list(view: &View<'_>, case: &mut Case) {
    for asked in view.of(1301).filter(|_| view.speaks(29)) {
        let Some(answer) = view.answer(asked) else {
            crate::aaf5::rule::answered_one(view, asked, ANSWER, case);
            continue;
        };
        let Some(Message::WhiteListResponse(said)) = &answer.message else { continue };
        let action = said.action;
        case.holds(said.result == Outcome::Succeeded, &[asked.id, answer.id], || {
            both!("{action:?} 失败", "{action:?} failed")
        });
    }
}

fn list_kept(view: &View<'_>, case: &mut Case) {
    for asked in view.marked("aaf5.pile.whitelist.kept") {
        let mut added = view.of(1301).filter(|seen| seen.id < asked.id).filter_map(|seen| match &seen.message {
            Some(Message::WhiteListRequest(request)) if request.action == ListAction::Add => {
                Some((seen.id, request.version))
            }
            _ => None,
        });
        let (Some((added, version)), Some(answer)) = (added.next_back(), view.answer(asked)) else { continue };
        let Some(Message::WhiteListResponse(said)) = &answer.message else { continue };
        let told = said.version;
        case.holds(told == version, &[added, answer.id], || {
            both!("应为 {version}，是 {told}", "{version} was given, {told} is told")
        });
    }
}

fn reboots<'v, 't>(view: &'v View<'t>) -> impl Iterator<Item = &'v Seen<'t>> {
    view.of(5).filter(|seen| {
        matches!(&seen.message, Some(Message::ControlRequest(request)) if request.first_index == ControlIndex::Reboot)
    })
}

fn reboot(view: &View<'_>, case: &mut Case) {
    for asked in reboots(view) {
        match view.answer(asked) {
            Some(answer) => {
                let is_done = matches!(&answer.message, Some(Message::ControlResponse(said)) if said.result == Outcome::Succeeded);
                case.holds(is_done, &[asked.id, answer.id], || both!("应答失败", "it is answered with failure"));
            }
            None => crate::aaf5::rule::answered_one(view, asked, ANSWER, case),
        }
    }
}

fn back(view: &View<'_>, case: &mut Case) {
    for asked in reboots(view) {
        let again = view
            .sign_ins()
            .map(|(seen, _)| seen)
            .find(|seen| seen.id > asked.id && seen.connection != asked.connection);
        match again {
            Some(again) => case.took(again.at.since(asked.at), limit(120, 300), &[asked.id, again.id]),
            None if view.until.since(asked.at) > Duration::from_secs(300) => {
                case.broken(&[asked.id], both!("没有重新签到", "it does not sign in again"))
            }
            None => {}
        }
    }
}

fn reconnects(view: &View<'_>, case: &mut Case) {
    for line in view.lines.iter().filter(|line| line.logged_in.is_some()) {
        let Some((closed, _)) = line.closed else { continue };
        let again = view.sign_ins().map(|(seen, _)| seen).find(|seen| seen.id > closed);
        match again {
            Some(again) => case.took(again.at.since(line.until), limit(60, 300), &[closed, again.id]),
            None if view.until.since(line.until) > Duration::from_secs(300) => {
                case.broken(&[closed], both!("没有重新连接", "it does not dial again"))
            }
            None => {}
        }
    }
}
