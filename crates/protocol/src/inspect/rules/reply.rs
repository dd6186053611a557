//! Results and reasons that contradict each other.

use super::super::finding::{Finding, Severity};
use super::Subject;
use crate::wire::{Code, Kind};
use crate::ykc::code::Outcome;

pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let results = ["start_result", "stop_result", "auth_result", "save_result"];
    let Some(result) = results.into_iter().find_map(|name| subject.field(name)) else { return };
    let Some(reason) = subject.field("fail_reason") else { return };
    let (Kind::Code(outcomes), Kind::Code(reasons)) = (result.kind, reason.kind) else { return };
    let number = u32::try_from(result.number).unwrap_or(u32::MAX);
    if outcomes.find(number).is_none() {
        if let Some(meant) = reasons.find(number) {
            out.push(Finding::new(
                Severity::Warning,
                "reason-in-result",
                result.offset,
                format!("“{}”的值 {number} 像是失败原因“{}”：有的桩把原因写进结果字节", result.zh, meant.zh),
                format!(
                    "{} is {number}, probably the fail reason \"{}\": some piles put the reason into the result byte",
                    result.en, meant.en
                ),
            ));
        }
        return;
    }
    let succeeded = number == u32::from(Outcome::Succeeded.number());
    if succeeded && reason.number != 0 && result.name != "auth_result" {
        let number = reason.number;
        out.push(Finding::new(
            Severity::Warning,
            "success-with-reason",
            reason.offset,
            format!("“{}”为成功，但失败原因为 0x{number:02X}：应视为失败", result.zh),
            format!("{} says success, but the fail reason is 0x{number:02X}: take it as a failure", result.en),
        ));
    }
}
