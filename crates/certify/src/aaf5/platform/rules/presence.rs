//! Sign-in, heartbeats, status.

use voltapile_protocol::aaf5::code::{EncryptionFlag, EncryptionSupport, FineEnergy, LoginCheck, ReportNow, Service};
use voltapile_protocol::aaf5::message::{HeartbeatRequest, Message, SignInRequest, SignInResponse, StatusReport};

use super::{answers, passed_over, stands};
use crate::aaf5::rule::{Rule, rule};
use crate::aaf5::view::{Seen, View};
use crate::case::{Case, both};

pub(super) static SIGN_IN: &[Rule] = &[
    answers!(
        "aaf5.platform.signin.answered",
        106,
        "签到 106 得到 105 应答" / "a sign-in 106 is answered with 105",
        "P52 §106"
    ),
    rule(
        "aaf5.platform.signin.random",
        "105 回送 106 的随机数",
        "105 repeats the random number of 106",
        "P52 §105",
        random,
    ),
    rule(
        "aaf5.platform.signin.complete",
        "105 至少到“是否支持三位小数”为止（152 字节）",
        "105 reaches at least to the flag for 0.001 kWh (152 bytes)",
        "P52 §105",
        complete,
    ),
    rule(
        "aaf5.platform.signin.clock",
        "105 中的平台时间有效",
        "the platform's time in 105 is a time",
        "P52 §105",
        clock,
    ),
    rule(
        "aaf5.platform.signin.codes",
        "105 的标志都是规定的值",
        "the flags of 105 have values that exist",
        "P52 §105",
        codes,
    ),
    rule(
        "aaf5.platform.signin.plain",
        "桩不支持加密时，105 不要求加密",
        "105 asks no pile for encryption that can't do it",
        "P52 §105：加密标志 / P52 §105: encryption flag",
        plain,
    ),
    stands!(
        "aaf5.platform.signin.again",
        "同一连接上再次签到得到应答" / "a second sign-in on a connection is answered",
        "P52 §106：按签到间隔重复 / P52 §106: repeated by its period"
    ),
    passed_over!(
        "aaf5.platform.signin.first",
        "签到之前的报文不应答" / "what comes before the sign-in is not answered",
        "P52 §106：先签到 / P52 §106: sign in first"
    ),
    stands!(
        "aaf5.platform.signin.after_early_frame",
        "签到前收到其他报文后仍能签到" / "a pile that spoke too early can sign in all the same",
        "现场：平台重启后桩仍以为在线 / practice: piles that think they are online after a platform's restart"
    ),
    stands!(
        "aaf5.platform.signin.v26",
        "V2.6 的 106（96 字节）得到应答" / "a 106 of V2.6 (96 bytes) is answered",
        "P52 §2.8"
    ),
    stands!(
        "aaf5.platform.signin.v34",
        "V3.4 的 106（100 字节）得到应答" / "a 106 of V3.4 (100 bytes) is answered",
        "P52 §2.8"
    ),
    stands!(
        "aaf5.platform.signin.longer",
        "带附加字段的 106 得到应答" / "a 106 with fields appended is answered",
        "P52 §2.8"
    ),
    stands!(
        "aaf5.platform.signin.behind_code",
        "桩编码结束符之后的字节不影响签到" / "what stands behind the end of the pile code does no harm",
        "P52 §2.4：不关心 / P52 §2.4: don't care"
    ),
    rule(
        "aaf5.platform.signin.unknown_pile",
        "未登记的桩不能签到：不应答或断开",
        "a pile that is not registered is not let in: ignored or disconnected",
        "现场 / practice",
        unknown_pile,
    ),
];

pub(super) static HEARTBEAT: &[Rule] = &[
    answers!(
        "aaf5.platform.heartbeat.answered",
        102,
        "心跳 102 得到 101 应答" / "a heartbeat 102 is answered with 101",
        "P52 §101"
    ),
    rule(
        "aaf5.platform.heartbeat.counter",
        "心跳应答逐次加一，或回送桩的序号",
        "the counter of 101 goes up by one, or repeats the pile's",
        "P52 §101；现场：有的平台回送 / P52 §101; practice: some repeat it",
        counter,
    ),
    rule("aaf5.platform.heartbeat.once", "每个心跳只应答一次", "each heartbeat is answered once", "P52 §101", once),
    stands!(
        "aaf5.platform.heartbeat.zero_sequence",
        "序列号恒为 0 的心跳各自得到应答" / "heartbeats that all have sequence number 0 are answered each",
        "现场：序列号为常数的固件 / practice: firmware with a constant number"
    ),
    stands!(
        "aaf5.platform.heartbeat.v26",
        "V2.6 的 102（38 字节）得到应答" / "a 102 of V2.6 (38 bytes) is answered",
        "P52 §2.8"
    ),
    stands!(
        "aaf5.platform.heartbeat.longer",
        "带附加字段的 102 得到应答" / "a 102 with fields appended is answered",
        "P52 §2.8"
    ),
    stands!(
        "aaf5.platform.heartbeat.wraps",
        "序号为 65535 的心跳得到应答" / "a heartbeat numbered 65535 is answered",
        "P52 §102"
    ),
    stands!(
        "aaf5.platform.heartbeat.info_byte",
        "信息域为 0x02、0x00 的报文得到应答" / "frames whose information byte is 0x02 or 0x00 are answered",
        "现场：各厂家不同 / practice: vendors differ"
    ),
    rule(
        "aaf5.platform.reserved.heartbeat",
        "应答回送两个预留字段",
        "answers repeat both reserved fields",
        "V2.x：用户和命令序号；现场 / V2.x: user and number; practice",
        reserved,
    ),
    rule(
        "aaf5.platform.sequence.echo",
        "应答的序列号与请求相同",
        "answers repeat the sequence number of their question",
        "现场；P52 没有规定 / practice; P52 does not say",
        sequence,
    ),
];

pub(super) static STATUS: &[Rule] = &[
    answers!(
        "aaf5.platform.status.answered",
        104,
        "状态 104 得到 103 应答" / "a status 104 is answered with 103",
        "P52 §103"
    ),
    rule(
        "aaf5.platform.status.connector",
        "103 的枪口号与 104 相同",
        "103 names the connector of 104",
        "P52 §103",
        connector,
    ),
    rule(
        "aaf5.platform.status.no_ping_pong",
        "103 不总是要求立即再报 104",
        "not every 103 asks for another 104 at once",
        "现场：会来回不停 / practice: it never ends",
        ping_pong,
    ),
    stands!(
        "aaf5.platform.status.v26",
        "V2.x 的 104（169、172 字节）得到应答" / "a 104 of V2.x (169, 172 bytes) is answered",
        "P52 §2.8"
    ),
    stands!(
        "aaf5.platform.status.longer",
        "新版 104（240、246 字节）得到应答" / "a newer 104 (240, 246 bytes) is answered",
        "P52 §2.8"
    ),
    stands!(
        "aaf5.platform.status.connector_zero",
        "枪口号为 0 的 104 得到应答" / "a 104 of connector 0 is answered",
        "现场：单枪桩常用 0 / practice: piles with one connector say 0"
    ),
    stands!(
        "aaf5.platform.status.odd_values",
        "未知的状态、SOC 和告警编码不影响应答" / "a state, SOC and alarm that nobody knows do no harm",
        "现场 / practice"
    ),
    stands!(
        "aaf5.platform.status.unknown_charge",
        "平台不知道的充电也得到应答" / "a charge that the platform does not know is answered, too",
        "现场：离线启动的充电 / practice: charges begun offline"
    ),
];

/// 106 with its 105.
fn signed_in<'v, 't>(
    view: &'v View<'t>,
) -> impl Iterator<Item = (&'v Seen<'t>, &'v SignInRequest, &'v Seen<'t>, &'v SignInResponse)> {
    view.sign_ins().filter_map(|(seen, request)| {
        let answer = view.answer(seen)?;
        match &answer.message {
            Some(Message::SignInResponse(said)) => Some((seen, request, answer, said)),
            _ => None,
        }
    })
}

fn random(view: &View<'_>, case: &mut Case) {
    for (asked, request, answer, said) in signed_in(view).filter(|(_, request, ..)| request.random.is_some()) {
        let (sent, got) = (request.random.unwrap_or_default(), said.random.unwrap_or_default());
        case.holds(request.random == said.random, &[asked.id, answer.id], || {
            both!("106 的随机数是 {sent:08X}，105 却是 {got:08X}", "106 has {sent:08X}, 105 {got:08X}")
        });
    }
}

fn complete(view: &View<'_>, case: &mut Case) {
    for (_, _, answer, said) in signed_in(view) {
        let length = answer.body.len();
        case.holds(said.fine_energy.is_some(), &[answer.id], || {
            both!("数据只有 {length} 字节", "its body has only {length} bytes")
        });
    }
}

fn clock(view: &View<'_>, case: &mut Case) {
    for (_, _, answer, said) in signed_in(view) {
        let Some(time) = said.platform_time else { continue };
        case.holds(time.civil().is_some(), &[answer.id], || {
            both!("不是有效的时间：{time:?}", "it is no time: {time:?}")
        });
    }
}

fn codes(view: &View<'_>, case: &mut Case) {
    for (_, _, answer, said) in signed_in(view) {
        let is_known = !matches!(said.login_check, Some(LoginCheck::Unknown(_)))
            && !matches!(said.encryption, Some(EncryptionFlag::Unknown(_)))
            && !matches!(said.service, Some(Service::Unknown(_)))
            && !matches!(said.fine_energy, Some(FineEnergy::Unknown(_)));
        case.holds(is_known, &[answer.id], || both!("有未规定的值", "one of them does not exist"));
    }
}

fn plain(view: &View<'_>, case: &mut Case) {
    for (_, request, answer, said) in signed_in(view) {
        if request.encryption_support == EncryptionSupport::None {
            let is_plain = said.encryption.is_none_or(|flag| flag == EncryptionFlag::Plain);
            case.holds(is_plain, &[answer.id], || both!("要求加密", "it asks for encryption"));
        }
    }
}

fn unknown_pile(view: &View<'_>, case: &mut Case) {
    for asked in view.marked("aaf5.platform.signin.unknown_pile") {
        match view.answer(asked) {
            Some(answer) => case.broken(&[asked.id, answer.id], both!("平台让它签到", "the platform let it in")),
            None => case.followed(&[asked.id]),
        }
    }
}

fn counter(view: &View<'_>, case: &mut Case) {
    let mut last: Option<(&Seen<'_>, u16)> = None;
    for seen in view.questions(HeartbeatRequest::CODE) {
        let (Some(Message::HeartbeatRequest(beat)), Some(answer)) = (&seen.message, view.answer(seen)) else {
            continue;
        };
        let Some(Message::HeartbeatResponse(said)) = &answer.message else { continue };
        let counted = said.counter;
        if let Some((before, known)) = last.filter(|(before, _)| before.connection == answer.connection) {
            let follows = counted == known.wrapping_add(1) || (counted == 1 && known == u16::MAX);
            case.holds(follows || counted == beat.counter, &[before.id, answer.id], || {
                both!("{known} 之后是 {counted}", "{counted} follows {known}")
            });
        }
        last = Some((answer, counted));
    }
}

fn once(view: &View<'_>, case: &mut Case) {
    let (mut answered, mut last) = (0, None);
    for answer in view.down().filter(|seen| seen.command == 101) {
        answered += 1;
        last = Some(answer.id);
        if view.question_of(answer).is_none() {
            case.broken(&[answer.id], both!("多出一个 101", "one 101 too many"));
        }
    }
    if let Some(last) = last.filter(|_| answered > 0) {
        case.followed(&[last]);
    }
}

fn reserved(view: &View<'_>, case: &mut Case) {
    for asked in view.marked("aaf5.platform.reserved.heartbeat") {
        let Some(answer) = view.answer(asked) else { continue };
        case.holds(asked.reserved() == answer.reserved(), &[asked.id, answer.id], || {
            both!("预留字段没有回送", "they are not repeated")
        });
    }
}

fn sequence(view: &View<'_>, case: &mut Case) {
    for answer in view.down() {
        let Some(asked) = view.question_of(answer) else { continue };
        let (sent, got) = (asked.sequence, answer.sequence);
        case.holds(sent == got, &[asked.id, answer.id], || {
            both!("请求是 {sent}，应答是 {got}", "the question has {sent}, the answer {got}")
        });
    }
}

fn connector(view: &View<'_>, case: &mut Case) {
    for seen in view.questions(StatusReport::CODE) {
        let Some(answer) = view.answer(seen) else { continue };
        case.holds(seen.connector == answer.connector, &[seen.id, answer.id], || {
            both!("枪口号不同", "it names another connector")
        });
    }
}

fn ping_pong(view: &View<'_>, case: &mut Case) {
    let answers: Vec<&Seen<'_>> =
        view.down().filter(|seen| seen.command == 103 && view.question_of(seen).is_some()).collect();
    let asks = |seen: &&&Seen<'_>| matches!(&seen.message, Some(Message::StatusResponse(said)) if said.report_now == Some(ReportNow::Yes));
    if let [first, .., last] = answers.as_slice() {
        let all = answers.iter().filter(asks).count() == answers.len();
        case.holds(!all, &[first.id, last.id], || both!("每个 103 都要求再报", "every 103 asks for another one"));
    }
}
