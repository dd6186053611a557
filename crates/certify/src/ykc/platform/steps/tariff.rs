//! Tariffs: is the pile's the right one, and which is.

use voltapile_protocol::inspect::lang::Bilingual;
use voltapile_protocol::inspect::text::spaced;
use voltapile_protocol::wire::{Code, Quantity};
use voltapile_protocol::ykc::code::{Tier, VerifyResult};
use voltapile_protocol::ykc::field::TariffId;
use voltapile_protocol::ykc::message::{Message, TariffResponse, TariffVerifyResponse};

use super::checks;
use crate::check::Check;
use crate::exam::ConnectionId;
use crate::trace::EntryId;
use crate::ykc::platform::asked::AskId;
use crate::ykc::platform::desk::Desk;
use crate::ykc::platform::plan::{Phase, Step};
use crate::ykc::platform::say;

checks! {
    VERIFIED = "platform.tariff.verify_answered",
        "计费模型验证 0x05 在 10 秒内得到 0x06 应答" / "a tariff check 0x05 is answered with 0x06 within 10 s", "V1.6 §6.5";
    NAMES = "platform.tariff.verify_names",
        "0x06 的序列号和桩编号与 0x05 相同" / "0x06 repeats the sequence number and the pile of 0x05", "V1.6 §6.6";
    NONE = "platform.tariff.none_differs",
        "桩还没有计费模型（编号 0000）时，0x06 答复不一致" / "a pile without a tariff (number 0000) is told that it differs",
        "V1.6 §6.5";
    ANSWERED = "platform.tariff.answered",
        "计费模型请求 0x09 在 10 秒内得到 0x0A 应答" / "a tariff request 0x09 is answered with 0x0A within 10 s", "V1.6 §6.7";
    TARIFF_NAMES = "platform.tariff.names",
        "0x0A 的序列号和桩编号与 0x09 相同" / "0x0A repeats the sequence number and the pile of 0x09", "V1.6 §6.8";
    COMPLETE = "platform.tariff.complete",
        "0x0A 的消息体完整：90 字节，含 48 个时段" / "the body of 0x0A is complete: 90 bytes with 48 half hours", "V1.6 §6.8";
    SLOTS = "platform.tariff.slots",
        "48 个时段的费率号都是 0～3（尖峰平谷）" / "each of the 48 half hours has one of the tiers 0 to 3", "V1.6 §6.8";
    PRICES = "platform.tariff.prices",
        "电价和服务费合理（每度低于 100 元），计损比例不超过 100" / "prices are plausible (below 100 yuan/kWh) and the loss ratio is at most 100",
        "V1.6 §6.8：5 位小数，低字节在前 / V1.6 §6.8: 5 decimals, low byte first";
    SAME = "platform.tariff.same",
        "桩用平台下发的编号验证时，0x06 答复一致" / "a pile that has the platform's tariff is told that it is the same", "V1.6 §6.6";
    OTHER = "platform.tariff.other",
        "桩用别的编号验证时，0x06 答复不一致" / "a pile that has another tariff is told that it differs", "V1.6 §6.6";
    STABLE = "platform.tariff.stable",
        "再次请求得到相同的计费模型" / "asked again, the platform gives the same tariff", "V1.6 §6.7";
}

/// A price that no tariff reaches: 100 yuan/kWh in steps of 1e-5 yuan. Prices read high byte first are far above.
const PRICE_MAX: u64 = 10_000_000;
const PERCENT_MAX: u64 = 100;

pub(super) static STEP: Step = Step {
    zh: "计费模型",
    en: "Tariff",
    checks: CHECKS,
    phases: &[
        Phase::logged_in(|desk, line| desk.ask(line, say::verify(desk.options.pile_code, [0, 0])), judge_verify),
        Phase::logged_in(|desk, line| desk.ask(line, say::ask_tariff(desk.options.pile_code)), judge_tariff),
        Phase::logged_in(verify_other, |desk| judge_result(desk, &OTHER, VerifyResult::Differs)),
        Phase::logged_in(verify_own, |desk| judge_result(desk, &SAME, VerifyResult::Same)),
        Phase::logged_in(ask_again, judge_again),
    ],
};

fn judge_verify(desk: &mut Desk) {
    let verify = desk.nth(0);
    desk.is_answered(&VERIFIED, verify);
    desk.repeats_sequence(&NAMES, verify);
    desk.names_pile(&NAMES, verify);
    judge_result(desk, &NONE, VerifyResult::Differs);
}

fn judge_result(desk: &mut Desk, check: &'static Check, expected: VerifyResult) {
    let Some((evidence, verified)) = answer(desk, desk.nth(0)) else { return };
    let Message::TariffVerifyResponse(TariffVerifyResponse { verify_result, .. }) = verified else { return };
    let said = |result: VerifyResult| match result.entry() {
        Some(entry) => Bilingual::new(entry.zh, entry.en),
        None => Bilingual::new(format!("未知 {}", result.number()), format!("unknown {}", result.number())),
    };
    let (seen, due) = (said(verify_result), said(expected));
    if verify_result == expected {
        let note =
            Bilingual::new(format!("平台答复“{}”", seen.zh), format!("the platform said \u{201C}{}\u{201D}", seen.en));
        return desk.pass(check, note, evidence);
    }
    let note = Bilingual::new(
        format!("应答复“{}”，平台却答复“{}”", due.zh, seen.zh),
        format!("\u{201C}{}\u{201D} was due, the platform said \u{201C}{}\u{201D}", due.en, seen.en),
    );
    desk.fail(check, note, evidence);
}

fn judge_tariff(desk: &mut Desk) {
    let request = desk.nth(0);
    if !desk.is_answered(&ANSWERED, request) {
        return;
    }
    desk.repeats_sequence(&TARIFF_NAMES, request);
    desk.names_pile(&TARIFF_NAMES, request);
    let heard = request.and_then(|request| desk.asked(request)?.answer().cloned());
    let Some(heard) = heard else { return };
    let evidence = vec![heard.entry];
    let length = heard.body.len();
    match heard.message() {
        Some(Message::TariffResponse(tariff)) => {
            let note = Bilingual::new(format!("消息体 {length} 字节"), format!("the body has {length} bytes"));
            desk.pass(&COMPLETE, note, evidence.clone());
            judge_content(desk, &tariff, evidence);
            desk.facts.tariff = Some(tariff);
        }
        Some(Message::TariffResponseV17(_)) => {
            let note =
                Bilingual::new("消息体 91 字节：带枪号（V1.7）", "the body has 91 bytes: it names a connector (V1.7)");
            desk.pass(&COMPLETE, note, evidence);
        }
        _ => {
            let note = Bilingual::new(
                format!("消息体只有 {length} 字节，应为 90"),
                format!("the body has {length} bytes, 90 are due"),
            );
            desk.fail(&COMPLETE, note, evidence);
        }
    }
}

fn judge_content(desk: &mut Desk, tariff: &TariffResponse, evidence: Vec<EntryId>) {
    let slots = &tariff.slots.0;
    match slots.iter().position(|slot| Tier::TABLE.find(u32::from(*slot)).is_none()) {
        None => desk.pass(&SLOTS, Bilingual::new("都在 0～3 之内", "all of them are 0 to 3"), evidence.clone()),
        Some(at) => {
            let (tier, number) = (slots.get(at).copied().unwrap_or_default(), at + 1);
            let note = Bilingual::new(
                format!("第 {number} 个时段的费率号是 0x{tier:02X}"),
                format!("half hour {number} has tier 0x{tier:02X}"),
            );
            desk.fail(&SLOTS, note, evidence.clone());
        }
    }
    let prices = [
        tariff.sharp_energy_rate,
        tariff.sharp_service_rate,
        tariff.peak_energy_rate,
        tariff.peak_service_rate,
        tariff.flat_energy_rate,
        tariff.flat_service_rate,
        tariff.valley_energy_rate,
        tariff.valley_service_rate,
    ];
    let highest = prices.iter().map(|price| price.raw()).max().unwrap_or_default();
    let loss = tariff.loss_ratio.raw();
    let yuan = format!("{}.{:05}", highest / 100_000, highest % 100_000);
    let note = Bilingual::new(
        format!("最高 {yuan} 元/kWh，计损比例 {loss}%"),
        format!("at most {yuan} yuan/kWh, loss ratio {loss}%"),
    );
    if highest < PRICE_MAX && loss <= PERCENT_MAX {
        desk.pass(&PRICES, note, evidence);
    } else {
        desk.fail(&PRICES, note, evidence);
    }
}

/// Asks with a number that is certainly not the platform's.
fn verify_other(desk: &mut Desk, line: ConnectionId) {
    let Some(TariffId([high, low])) = desk.facts.tariff.as_ref().map(|tariff| tariff.tariff_id) else { return };
    let other = if low & 0x0F == 9 { low - 1 } else { low + 1 };
    desk.ask(line, say::verify(desk.options.pile_code, [high, other]));
}

fn verify_own(desk: &mut Desk, line: ConnectionId) {
    let Some(TariffId(own)) = desk.facts.tariff.as_ref().map(|tariff| tariff.tariff_id) else { return };
    desk.ask(line, say::verify(desk.options.pile_code, own));
}

fn ask_again(desk: &mut Desk, line: ConnectionId) {
    if desk.facts.tariff.is_some() {
        desk.ask(line, say::ask_tariff(desk.options.pile_code));
    }
}

fn judge_again(desk: &mut Desk) {
    let Some((evidence, Message::TariffResponse(second))) = answer(desk, desk.nth(0)) else { return };
    let (first, second_id) = (desk.facts.tariff.as_ref(), spaced(&second.tariff_id.0));
    if first == Some(&second) {
        let note = Bilingual::new(format!("两次都是编号 {second_id}"), format!("number {second_id} both times"));
        return desk.pass(&STABLE, note, evidence);
    }
    let first_id = first.map(|tariff| spaced(&tariff.tariff_id.0)).unwrap_or_default();
    let note = Bilingual::new(
        format!("两次内容不同：编号 {first_id} 与 {second_id}"),
        format!("the two differ: numbers {first_id} and {second_id}"),
    );
    desk.fail(&STABLE, note, evidence);
}

fn answer(desk: &Desk, ask: Option<AskId>) -> Option<(Vec<EntryId>, Message)> {
    let asked = desk.asked(ask?)?;
    Some((asked.evidence(), asked.answer()?.message()?))
}
