//! Texts that end with a zero.

use super::super::super::explain::Field;
use super::super::super::finding::{Finding, Severity};
use crate::wire::{Kind, text_bytes};

/// Fields that are numbers of piles and charges.
const NUMBERS: [&str; 2] = ["pile_code", "transaction_number"];

pub(super) fn check(field: &Field, out: &mut Vec<Finding>) {
    if !matches!(field.kind, Kind::Text) {
        return;
    }
    let said = text_bytes(&field.raw);
    if said.is_empty() && field.name == "pile_code" {
        out.push(Finding::new(
            Severity::Warning,
            "pile-code-zero",
            field.offset,
            "充电桩编码为空：桩可能尚未配置编号",
            "the pile code is empty: the pile is probably not configured",
        ));
        return;
    }
    if let Some(at) = said.iter().position(|byte| !byte.is_ascii_graphic() && *byte != b' ') {
        let byte = said.get(at).copied().unwrap_or_default();
        out.push(Finding::new(
            Severity::Warning,
            "text-not-ascii",
            field.offset + at,
            format!("“{}”含有非 ASCII 字节 0x{byte:02X}", field.zh),
            format!("{} holds 0x{byte:02X}, which is not ASCII", field.en),
        ));
    } else if said.ends_with(b" ") {
        padded_with_spaces(field, said, out);
    } else {
        characters(field, said, out);
    }
    let behind = field.raw.get(said.len()..).unwrap_or_default();
    if !said.is_empty() && behind.iter().any(|byte| *byte != 0) {
        out.push(Finding::new(
            Severity::Info,
            "text-garbage",
            field.offset + said.len() + 1,
            format!("“{}”结束符之后还有内容：接收方应只取到第一个 00", field.zh),
            format!("bytes stand behind the zero that ends {}: only what is before it counts", field.en),
        ));
    }
}

/// Numbers of piles and charges are of letters, digits, `-` and `_`.
fn characters(field: &Field, said: &[u8], out: &mut Vec<Finding>) {
    let usual = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    let is_number = NUMBERS.contains(&field.name.as_str());
    let Some(at) = said.iter().position(|byte| !usual(byte)).filter(|_| is_number) else { return };
    let character = said.get(at).copied().map(char::from).unwrap_or_default();
    out.push(Finding::new(
        Severity::Warning,
        "text-characters",
        field.offset + at,
        format!("“{}”含有字符“{character}”，只应有字母、数字、“-”和“_”", field.zh),
        format!("{} holds '{character}'; only letters, digits, - and _ are usual", field.en),
    ));
}

fn padded_with_spaces(field: &Field, said: &[u8], out: &mut Vec<Finding>) {
    let mut meant = said.trim_ascii_end().to_vec();
    let finding = Finding::new(
        Severity::Warning,
        "text-padded-with-spaces",
        field.offset + meant.len(),
        format!("“{}”用空格补齐；应以 00 结束并补 00", field.zh),
        format!("{} is padded with spaces; zeros are meant", field.en),
    );
    meant.resize(field.raw.len(), 0);
    out.push(finding.with_bytes(field.offset, meant));
}
