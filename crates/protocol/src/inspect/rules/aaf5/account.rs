//! Answers whose parts contradict each other: to a sign-in (105), a card (203), a vehicle (207), a record (201, 221).

use super::super::super::explain::Field;
use super::super::super::finding::{Finding, Severity};
use super::Subject;
use super::record::amount;
use crate::aaf5::code::{AccountAnswer, AmountsValid, EncryptionFlag, Needed, VinResult};
use crate::aaf5::message::{SignInResponse, VinStartResponse};
use crate::wire::Code;

pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    match subject.layout.map(|layout| layout.name) {
        Some(name) if name == SignInResponse::LAYOUT.name => key(subject, out),
        Some(name) if name == VinStartResponse::LAYOUT.name => vehicle(subject, out),
        _ => {
            card(subject, out);
            confirmation(subject, out);
        }
    }
}

/// Whether a field holds anything.
fn is_empty(field: &Field) -> bool {
    field.raw.iter().all(|byte| *byte == 0) || field.raw.iter().all(|byte| *byte == 0xFF)
}

/// Encryption takes a key.
fn key(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let Some(flag) = subject.field("encryption") else { return };
    let has_key = subject.field("aes_key").is_some_and(|key| !is_empty(key));
    if flag.number == u64::from(EncryptionFlag::Aes.number()) && !has_key {
        out.push(Finding::new(
            Severity::Error,
            "encryption-without-key",
            flag.offset,
            format!("“{}”要求加密，但没有 AES 秘钥", flag.zh),
            "the pile is told to encrypt, but gets no AES key",
        ));
    }
}

fn vehicle(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let (Some(result), Some(reason)) = (subject.field("result"), subject.field("refusal")) else { return };
    let is = |meant: VinResult| result.number == u64::from(meant.number());
    if is(VinResult::Accepted) && reason.number != 0 {
        out.push(Finding::new(
            Severity::Warning,
            "success-with-reason",
            reason.offset,
            format!("“{}”为成功，但“{}”为 {}", result.zh, reason.zh, reason.number),
            format!("the vehicle is accepted, but there is a reason to refuse it, {}", reason.number),
        ));
    } else if is(VinResult::Refused) && reason.number == 0 {
        out.push(Finding::new(
            Severity::Info,
            "refused-without-reason",
            reason.offset,
            format!("“{}”为失败，但没有给出原因", result.zh),
            "the vehicle is refused without a reason",
        ));
    }
}

fn card(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let (Some(answer), Some(needed), Some(vin)) =
        (subject.number("answer"), subject.number("vin_needed"), subject.field("vin"))
    else {
        return;
    };
    let is_valid = answer == u64::from(AccountAnswer::Valid.number());
    if is_valid && needed == u64::from(Needed::Needed.number()) && is_empty(vin) {
        out.push(Finding::new(
            Severity::Warning,
            "vin-needed-without-vin",
            vin.offset,
            "要求桩验证 VIN，但没有给出 VIN",
            "the pile is to check the VIN, but is not told which",
        ));
    }
}

/// The amounts of an answer to a record. Where the flag says that they do not hold, a pile shows none, whatever they are.
fn confirmation(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    if subject.number("amounts_valid") != Some(AmountsValid::Valid.number().into()) {
        return;
    }
    let Some(charged) = subject.field("charged_amount") else { return };
    let number = |name: &str| subject.number(name).unwrap_or_default();
    let parts = number("electricity_amount") + number("service_amount");
    let wrong = [
        (number("full_amount").saturating_sub(number("discount")), ("优惠前金额 − 折扣", "full amount and discount")),
        (parts, ("实扣电费 + 实扣服务费", "electricity and service")),
    ];
    for (sum, (zh, en)) in wrong.into_iter().filter(|(sum, _)| *sum != 0 && *sum != charged.number) {
        let (is, sum) = (amount(charged, charged.number), amount(charged, sum));
        out.push(Finding::new(
            Severity::Info,
            "amount-sum",
            charged.offset,
            format!("“{}”为 {is} 元，而{zh} = {sum} 元", charged.zh),
            format!("{} is {is} CNY, but {en} make {sum} CNY", charged.en),
        ));
    }
}
