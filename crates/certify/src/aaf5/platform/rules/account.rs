//! Cards, passwords and VINs.

use voltapile_protocol::aaf5::code::{AccountAnswer, VinRefusal, VinResult};
use voltapile_protocol::aaf5::message::{AccountQueryRequest, AccountQueryResponse, Message, VinStartRequest};

use super::{answers, stands};
use crate::aaf5::rule::{Rule, rule};
use crate::aaf5::view::{Seen, View};
use crate::case::{Case, both};

pub(super) static RULES: &[Rule] = &[
    answers!(
        "aaf5.platform.card.answered",
        204,
        "刷卡 204 得到 203 应答" / "a card's question 204 is answered with 203",
        "P52 §203"
    ),
    rule(
        "aaf5.platform.card.refused",
        "未知的卡被拒绝（响应码不为 0）",
        "an unknown card is refused (an answer other than 0)",
        "P52 §203",
        refused,
    ),
    rule("aaf5.platform.card.code", "203 的响应码是规定的值", "the answer of 203 is one that exists", "P52 §203", code),
    rule("aaf5.platform.card.connector", "203 回送枪号", "203 names the connector of 204", "P52 §203", connector),
    stands!(
        "aaf5.platform.card.repeated",
        "重发的 204 再次得到应答" / "a 204 that comes again is answered again",
        "现场：桩每 3 秒重发 / practice: piles repeat it every 3 s"
    ),
    stands!(
        "aaf5.platform.card.v26",
        "V2.6 的 204（153 字节）得到应答" / "a 204 of V2.6 (153 bytes) is answered",
        "P52 §2.8"
    ),
    stands!(
        "aaf5.platform.card.password",
        "账号密码方式的 204 得到应答" / "a 204 with account and password is answered",
        "P52 §204"
    ),
    rule(
        "aaf5.platform.card.known",
        "已知的卡可以充电（响应码 0）",
        "a known card may charge (answer 0)",
        "P52 §203",
        known,
    ),
    rule(
        "aaf5.platform.card.serial",
        "允许启动的 203 带有充电流水号",
        "a 203 that allows the start carries a transaction number",
        "P52 §203；为空时桩自编 / P52 §203; a pile makes one where it is empty",
        serial,
    ),
    rule(
        "aaf5.platform.card.balance",
        "允许启动的 203 带有余额",
        "a 203 that allows the start tells a balance",
        "P52 §203",
        balance,
    ),
    stands!(
        "aaf5.platform.card.record",
        "该次充电的记录得到应答" / "the record of that charge is answered",
        "P52 §201",
        crate::aaf5::platform::rules::RECORD
    ),
    answers!(
        "aaf5.platform.vin.answered",
        208,
        "即插即充 208 得到 207 应答" / "a VIN's question 208 is answered with 207",
        "P52 §207"
    ),
    rule("aaf5.platform.vin.echoes", "207 回送枪号和 VIN", "207 repeats connector and VIN", "P52 §207", echoes),
    rule(
        "aaf5.platform.vin.refused",
        "未知的 VIN 被拒绝并说明原因",
        "an unknown VIN is refused, with a reason",
        "P52 §207",
        vin_refused,
    ),
];

fn said<'v>(view: &'v View<'_>, asked: &Seen<'_>) -> Option<(&'v Seen<'v>, &'v AccountQueryResponse)> {
    let answer = view.answer(asked)?;
    match &answer.message {
        Some(Message::AccountQueryResponse(said)) => Some((answer, said)),
        _ => None,
    }
}

fn refused(view: &View<'_>, case: &mut Case) {
    for asked in view.questions(AccountQueryRequest::CODE) {
        let Some((answer, said)) = said(view, asked) else { continue };
        case.holds(said.answer != AccountAnswer::Valid, &[asked.id, answer.id], || {
            both!("平台允许它充电", "the platform lets it charge")
        });
    }
}

fn code(view: &View<'_>, case: &mut Case) {
    for asked in view.of(AccountQueryRequest::CODE) {
        let Some((answer, said)) = said(view, asked) else { continue };
        let code = said.answer;
        case.holds(!matches!(code, AccountAnswer::Unknown(_)), &[answer.id], || {
            both!("响应码 {code:?}", "it is {code:?}")
        });
    }
}

fn connector(view: &View<'_>, case: &mut Case) {
    for asked in view.questions(AccountQueryRequest::CODE) {
        let Some((answer, said)) = said(view, asked) else { continue };
        let Some(named) = said.connector_number else {
            case.remark(both!("203 较短，没有枪号", "203 is short and names none"));
            continue;
        };
        case.holds(Some(named.number()) == asked.connector, &[asked.id, answer.id], || {
            both!("枪号不同", "it names another connector")
        });
    }
}

fn known(view: &View<'_>, case: &mut Case) {
    for asked in view.marked("aaf5.platform.card.known") {
        let Some((answer, said)) = said(view, asked) else {
            crate::aaf5::rule::answered_one(view, asked, super::ANSWER, case);
            continue;
        };
        let code = said.answer;
        case.holds(code == AccountAnswer::Valid, &[asked.id, answer.id], || {
            both!("平台拒绝了给出的卡：{code:?}", "the platform refused the card that was given: {code:?}")
        });
    }
}

fn allowed<'v>(view: &'v View<'_>) -> impl Iterator<Item = (&'v Seen<'v>, &'v AccountQueryResponse)> {
    let asked = view.marked("aaf5.platform.card.known");
    asked.filter_map(|asked| said(view, asked)).filter(|(_, said)| said.answer == AccountAnswer::Valid)
}

fn serial(view: &View<'_>, case: &mut Case) {
    for (answer, said) in allowed(view) {
        let has_one = said.transaction_number.is_some_and(|number| !number.is_empty());
        case.holds(has_one, &[answer.id], || both!("流水号为空", "it is empty"));
    }
}

fn balance(view: &View<'_>, case: &mut Case) {
    use voltapile_protocol::wire::Quantity;
    for (answer, said) in allowed(view) {
        case.holds(said.account_balance.raw() > 0, &[answer.id], || both!("余额为 0", "it is 0"));
    }
}

fn echoes(view: &View<'_>, case: &mut Case) {
    for asked in view.questions(VinStartRequest::CODE) {
        let (Some(Message::VinStartRequest(request)), Some(answer)) = (&asked.message, view.answer(asked)) else {
            continue;
        };
        let Some(Message::VinStartResponse(said)) = &answer.message else { continue };
        let is_same = said.vin == request.vin && said.connector_number.number() == request.connector_number.number();
        case.holds(is_same, &[asked.id, answer.id], || both!("枪号或 VIN 不同", "connector or VIN is another"));
    }
}

fn vin_refused(view: &View<'_>, case: &mut Case) {
    for asked in view.questions(VinStartRequest::CODE) {
        let Some(answer) = view.answer(asked) else { continue };
        let Some(Message::VinStartResponse(said)) = &answer.message else { continue };
        let has_reason = !matches!(said.refusal, VinRefusal::None | VinRefusal::Unknown(_));
        let (result, refusal) = (said.result, said.refusal);
        case.holds(result == VinResult::Refused && has_reason, &[asked.id, answer.id], || {
            both!("结果 {result:?}，原因 {refusal:?}", "result {result:?}, reason {refusal:?}")
        });
    }
}
