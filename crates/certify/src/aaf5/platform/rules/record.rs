//! Records: the message that must never be lost.

use voltapile_protocol::aaf5::code::AmountsValid;
use voltapile_protocol::aaf5::message::Message;

use super::{RECORD, stands};
use crate::aaf5::rule::{Rule, answered, rule};
use crate::aaf5::view::{Seen, View};
use crate::case::{Case, both, limit};

pub(super) static RULES: &[Rule] = &[
    rule(
        "aaf5.platform.record.coarse",
        "充电记录 202 得到 201 应答",
        "a record 202 is answered with 201",
        "P52 §201：必须应答 / P52 §201: always",
        |view, case| answered(view, 202, RECORD, case),
    ),
    rule(
        "aaf5.platform.record.fine",
        "充电记录 222 得到 221 应答",
        "a record 222 is answered with 221",
        "P52 §221：必须应答 / P52 §221: always",
        |view, case| answered(view, 222, RECORD, case),
    ),
    rule(
        "aaf5.platform.record.connector",
        "201/221 回送充电口号",
        "201 and 221 repeat the connector",
        "P52 §201",
        connector,
    ),
    rule("aaf5.platform.record.card", "201/221 回送充电卡号", "201 and 221 repeat the card", "P52 §201", card),
    rule(
        "aaf5.platform.record.index",
        "201/221 回送内部索引号",
        "201 and 221 repeat the number of the record",
        "P52 §201",
        index,
    ),
    rule(
        "aaf5.platform.record.prompt",
        "记录在 10 秒内得到应答（之后桩会重发）",
        "a record is answered within 10 s (then the pile sends it again)",
        "P52 §202",
        prompt,
    ),
    rule(
        "aaf5.platform.record.amounts",
        "应答中的金额若有效，优惠前等于实扣加折扣",
        "where the amounts of the answer hold, the full amount is what was charged and the discount",
        "P52 §201",
        amounts,
    ),
    stands!(
        "aaf5.platform.record.duplicate",
        "重发的记录再次得到应答" / "a record that comes again is answered again",
        "P52 §202",
        RECORD
    ),
    stands!(
        "aaf5.platform.record.burst",
        "一个数据包里的三条记录各自得到应答" / "three records in one packet are answered each",
        "现场：断网恢复后集中补传 / practice: stored records after an outage",
        RECORD
    ),
    stands!(
        "aaf5.platform.record.v26",
        "V2.x 的 202（256、288 字节）得到应答" / "a 202 of V2.x (256, 288 bytes) is answered",
        "P52 §2.8",
        RECORD
    ),
    stands!(
        "aaf5.platform.record.v52",
        "V5.x 的 202、222（338、434 字节）得到应答" / "202 and 222 of V5.x (338, 434 bytes) are answered",
        "P52 §2.8",
        RECORD
    ),
    stands!(
        "aaf5.platform.record.no_serial",
        "没有流水号的记录得到应答" / "a record without a transaction number is answered",
        "P52 §201：必须应答 / P52 §201: always",
        RECORD
    ),
    stands!(
        "aaf5.platform.record.negative_index",
        "内部索引号为负的记录得到应答" / "a record with a negative number is answered",
        "P52 §202",
        RECORD
    ),
    stands!(
        "aaf5.platform.record.wrong_sums",
        "电量对不上的记录同样得到应答（桩会一直重发）"
            / "a record whose energies do not add up is answered (a pile would go on sending it)",
        "现场：先应答，后核对 / practice: answer first, judge later",
        RECORD
    ),
    stands!(
        "aaf5.platform.record.invalid_times",
        "时间无效的记录得到应答" / "a record with impossible times is answered",
        "现场 / practice",
        RECORD
    ),
    stands!(
        "aaf5.platform.record.odd_stop_code",
        "停止原因未知的记录得到应答" / "a record with a stop reason that nobody knows is answered",
        "现场 / practice",
        RECORD
    ),
    rule(
        "aaf5.platform.record.before_signin",
        "签到前上送的记录得到应答，或签到后再次上送时得到应答",
        "a record before the sign-in is answered, or is answered when it comes again after it",
        "现场：平台重启后桩仍以为在线 / practice: piles that think they are online after a platform's restart",
        early,
    ),
];

/// Records with their answers.
fn confirmed<'v, 't>(view: &'v View<'t>) -> impl Iterator<Item = (&'v Seen<'t>, &'v Seen<'t>)> {
    let records = view.up().filter(|seen| matches!(seen.command, 202 | 222));
    records.filter_map(|seen| Some((seen, view.answer(seen)?)))
}

/// Bytes of a record and of its answer that have to be the same.
fn same(view: &View<'_>, case: &mut Case, of_record: std::ops::Range<usize>, of_answer: std::ops::Range<usize>) {
    for (record, answer) in confirmed(view) {
        let (sent, got) = (record.body.get(of_record.clone()), answer.body.get(of_answer.clone()));
        if got.is_none() {
            case.remark(both!("应答较短，没有这一项", "the answer is short and does not have it"));
            continue;
        }
        case.holds(sent == got, &[record.id, answer.id], || both!("与记录不同", "it differs from the record"));
    }
}

fn connector(view: &View<'_>, case: &mut Case) {
    same(view, case, 37..38, 4..5);
}

fn card(view: &View<'_>, case: &mut Case) {
    same(view, case, 38..70, 5..37);
}

fn index(view: &View<'_>, case: &mut Case) {
    same(view, case, 112..116, 37..41);
}

fn prompt(view: &View<'_>, case: &mut Case) {
    for (record, answer) in confirmed(view) {
        case.took(answer.at.since(record.at), limit(10, 10), &[record.id, answer.id]);
    }
}

fn amounts(view: &View<'_>, case: &mut Case) {
    use voltapile_protocol::wire::Quantity;
    for (_, answer) in confirmed(view) {
        let (valid, full, discount, charged) = match &answer.message {
            Some(Message::RecordConfirm(said)) => {
                (said.amounts_valid, said.full_amount, said.discount, said.charged_amount)
            }
            Some(Message::FineRecordConfirm(said)) => {
                (said.amounts_valid, said.full_amount, said.discount, said.charged_amount)
            }
            _ => continue,
        };
        let (Some(full), Some(discount), Some(charged)) = (full, discount, charged) else { continue };
        let adds_up = full.raw() == discount.raw() + charged.raw();
        case.holds(valid != Some(AmountsValid::Valid) || adds_up, &[answer.id], || {
            both!("金额对不上", "they do not add up")
        });
    }
}

fn early(view: &View<'_>, case: &mut Case) {
    for record in view.marked("aaf5.platform.record.before_signin") {
        let again = view.marked("aaf5.platform.record.after_signin").next();
        let answer = view.answer(record).or_else(|| again.and_then(|again| view.answer(again)));
        match (answer, again) {
            (Some(answer), _) => case.followed(&[record.id, answer.id]),
            (None, Some(again)) => case.broken(&[record.id, again.id], both!("两次都没有应答", "neither is answered")),
            (None, None) => {}
        }
    }
}
