//! What can be wrong with a message of AA F5.

mod account;
mod moment;
mod parameter;
mod price;
mod record;
pub(super) mod rest;
mod slot;
mod start;
mod status;
mod sum_guess;
mod tariff;
mod text;
mod version;

pub(super) use sum_guess::bad_sum;

use super::super::finding::{Finding, Severity};
use super::Subject;

pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    for field in &subject.body.fields {
        moment::check(field, out);
        text::check(field, out);
    }
    byte_count(subject, out);
    version::check(subject, out);
    start::check(subject, out);
    tariff::check(subject, out);
    price::check(subject, out);
    parameter::check(subject, out);
    status::check(subject, out);
    account::check(subject, out);
    if subject.number("record_index").is_some() && subject.field("slots").is_some() {
        record::check(subject, out);
    }
}

/// A count of bytes that stand behind the fixed fields, where there are any.
fn byte_count(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let (Some(count), Some(layout)) = (subject.field("byte_count"), subject.layout) else { return };
    let there = subject.bytes.len().saturating_sub(layout.required_length());
    if there == 0 || u64::try_from(there).is_ok_and(|there| there == count.number) {
        return;
    }
    let bytes: Vec<u8> = there.to_le_bytes().into_iter().take(count.length).collect();
    let finding = Finding::new(
        Severity::Warning,
        "byte-count",
        count.offset,
        format!("“{}”为 {}，其后实际有 {there} 字节", count.zh, count.number),
        format!("{} says {}, but {there} follow", count.en, count.number),
    );
    out.push(finding.with_bytes(count.offset, bytes));
}
