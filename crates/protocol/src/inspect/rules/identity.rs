//! Pile codes and transaction numbers.

use super::super::finding::{Finding, Severity};
use super::super::value::hex;
use super::Subject;

pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let Some(pile) = subject.field("pile_code") else { return };
    if pile.raw.iter().all(|byte| *byte == 0) {
        out.push(Finding::new(
            Severity::Warning,
            "pile-code-zero",
            pile.offset,
            "桩编号全为 0：桩可能尚未配置编号",
            "the pile code is all zeros: the pile is probably not configured",
        ));
        return;
    }
    if pile.raw.iter().all(u8::is_ascii_digit) {
        let text = String::from_utf8_lossy(&pile.raw).into_owned();
        out.push(Finding::new(
            Severity::Warning,
            "pile-code-ascii",
            pile.offset,
            format!("桩编号像是 ASCII 字符“{text}”而不是 BCD 码：应为 14 位数字压缩成 7 字节"),
            format!(
                "the pile code looks like the ASCII characters \"{text}\" rather than BCD: 14 digits go into 7 bytes"
            ),
        ));
    }
    let Some(transaction) = subject.field("transaction_number") else { return };
    let is_zero = transaction.raw.iter().all(|byte| *byte == 0);
    if !is_zero && !transaction.raw.starts_with(&pile.raw) {
        let (number, code) = (hex(&transaction.raw), hex(&pile.raw));
        out.push(Finding::new(
            Severity::Info,
            "transaction-of-other-pile",
            transaction.offset,
            format!("交易流水号 {number} 不以桩编号 {code} 开头：平台可自定编号，但也可能是别的桩的订单"),
            format!(
                "transaction number {number} does not begin with pile code {code}: a platform may number as it likes, \
                 but it may be another pile's order"
            ),
        ));
    }
}
