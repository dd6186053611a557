//! Codes of which a document names one number and says that all others mean one thing.

use super::super::super::explain::Field;
use super::super::super::finding::{Finding, Severity};
use crate::aaf5::code::{FlowDirection, Outcome, Outcome32};
use crate::wire::{Code, CodeEntry, CodeTable};

/// Such tables, and the number of each that stands for the rest: whatever is not 0xF1 is a charge (V5.2B, CMD 7), whatever
/// is not 0 has failed (CMD 2, 6, 1302).
const TABLES: [(&CodeTable, u32); 3] = [(FlowDirection::TABLE, 0), (Outcome::TABLE, 1), (Outcome32::TABLE, 1)];

/// What a table says that the numbers mean which it does not name.
pub(in super::super::super) fn meant_by_rest(table: &CodeTable) -> Option<&'static CodeEntry> {
    // Tables of other protocols may have the same name.
    let is_own = |own: &CodeTable| own.name == table.name && own.entries == table.entries;
    let (own, rest) = TABLES.into_iter().find(|(own, _)| is_own(own))?;
    own.find(rest)
}

/// Says what a number means that its table does not name.
pub(in super::super) fn finding(field: &Field, table: &CodeTable, written: &str) -> Option<Finding> {
    let meant = meant_by_rest(table)?;
    let named = table.entries.iter().find(|entry| entry.name != meant.name)?;
    let only = table.written(named.first);
    Some(Finding::new(
        Severity::Info,
        "code-of-the-rest",
        field.offset,
        format!("“{}”为 {written}，即{}：除 {only}（{}）外都是", field.zh, meant.zh, named.zh),
        format!("{} is {written}, which means {}, as all but {only} ({}) do", field.en, meant.en, named.en),
    ))
}
