//! What holds for the declarations of every protocol, and how their tables of facts are written.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic, in its helpers too")]
#![allow(dead_code, reason = "each test takes what it needs")]

use std::collections::BTreeSet;

use voltapile_protocol::layout::{DecodeError, FieldMeta, Layout};
use voltapile_protocol::wire::{CodeTable, Kind};

/// A field as the table has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fact {
    pub(crate) letter: char,
    pub(crate) bits: usize,
    pub(crate) decimals: Option<u8>,
    pub(crate) offset: Option<i32>,
}

/// Fields of a line of facts.
pub(crate) fn facts(text: &str) -> Vec<Fact> {
    text.split_whitespace()
        .flat_map(|word| {
            let (field, count) = word.split_once('*').unwrap_or((word, "1"));
            let letter = field.chars().next().unwrap();
            let (field, offset) = match field.find(['+', '-']) {
                Some(at) => (&field[..at], Some(field[at..].parse().unwrap())),
                None => (field, None),
            };
            let (bits, decimals) = match field[1..].split_once('.') {
                Some((bits, decimals)) => (bits, Some(decimals.parse().unwrap())),
                None => (&field[1..], None),
            };
            let fact = Fact { letter, bits: bits.parse().unwrap(), decimals, offset };
            std::iter::repeat_n(fact, count.parse().unwrap())
        })
        .collect()
}

/// What is answered exists and goes the other way.
pub(crate) fn an_answer_goes_the_other_way_than_its_request(layouts: &[&'static Layout]) {
    for answer in layouts.iter().filter(|answer| answer.reply_to.is_some()) {
        let mut requests = layouts.iter().filter(|request| Some(request.code) == answer.reply_to);
        assert!(requests.any(|request| request.direction != answer.direction), "{}: nothing to answer", answer.name);
    }
}

fn is_snake_case(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
        && !name.ends_with('_')
        && !name.contains("__")
}

#[track_caller]
fn assert_labels(of: &str, name: &str, zh: &str, en: &str) {
    assert!(is_snake_case(name), "{of}: {name} is not snake_case");
    assert!(!zh.trim().is_empty(), "{of}: {name} has no Chinese label");
    assert!(!en.trim().is_empty() && en.is_ascii(), "{of}: {name} has no English label");
}

/// The runs of fields of a layout, each with its name.
fn runs(declared: &'static Layout) -> impl Iterator<Item = (String, &'static [FieldMeta])> {
    let name = declared.name;
    std::iter::once((name.to_owned(), declared.fields))
        .chain(declared.repeated.map(|group| (format!("{name}.{}", group.name), group.fields)))
        .chain(
            declared.extensions.iter().map(move |extension| (format!("{name}+{}", extension.length), extension.fields)),
        )
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|character| ('\u{4E00}'..='\u{9FFF}').contains(&character))
}

/// Each layout, field and group says what it is, in both languages, under a name of its own.
pub(crate) fn names_and_labels_are_complete_and_unique(layouts: &[&'static Layout]) {
    let mut messages = BTreeSet::new();
    for declared in layouts {
        assert_labels("layouts", declared.name, declared.zh, declared.en);
        assert!(!declared.about_en.trim().is_empty(), "{}: says nothing about itself", declared.name);
        assert!(is_chinese(declared.about_zh), "{}: says nothing about itself in Chinese", declared.name);
        assert_eq!(declared.when_zh.is_empty(), declared.when_en.is_empty(), "{}", declared.name);
        assert!(declared.when_zh.is_empty() || is_chinese(declared.when_zh), "{}", declared.name);
        assert!(messages.insert(declared.name), "{}: declared twice", declared.name);
        let mut names = BTreeSet::from(["tail"]);
        for (of, fields) in runs(declared) {
            if !of.contains('+') && !of.contains('.') {
                for field in fields {
                    assert!(names.insert(field.name), "{of}: {} twice", field.name);
                }
            }
            for field in fields {
                assert_labels(&of, field.name, field.zh, field.en);
            }
            assert_eq!(fields.iter().map(|field| field.name).collect::<BTreeSet<_>>().len(), fields.len(), "{of}");
        }
        if let Some(group) = declared.repeated {
            assert_labels(declared.name, group.name, group.zh, group.en);
            assert!(names.insert(group.name), "{}: {} twice", declared.name, group.name);
            let counted_by = group.counted_by.map(|name| declared.field(name));
            assert!(!matches!(counted_by, Some(None)), "{}: no field counts {}", declared.name, group.name);
        }
    }
}

/// Only packed fields begin inside a byte, and nothing of a fixed place follows what varies.
pub(crate) fn bytes_begin_on_byte_boundaries_and_only_the_end_varies(layouts: &[&'static Layout]) {
    for (of, fields) in layouts.iter().flat_map(|declared| runs(declared)) {
        let mut bits = 0;
        for (position, field) in fields.iter().enumerate() {
            let packed =
                field.bits % 8 != 0 || matches!(field.kind, Kind::Number { .. } | Kind::Code(_)) && bits % 8 != 0;
            assert!(packed || bits % 8 == 0, "{of}: {} begins inside a byte", field.name);
            bits += field.bits;
            let varies = field.optional || field.kind.is_variable();
            let only_optional_follow = fields[position + 1..].iter().all(|field| field.optional);
            assert!(!varies || only_optional_follow, "{of}: what follows {} has no fixed place", field.name);
        }
        assert_eq!(bits % 8, 0, "{of}: ends inside a byte");
    }
}

/// A body says by its length which extension it has.
pub(crate) fn extensions_are_told_apart_by_their_length(layouts: &[&'static Layout]) {
    for declared in layouts {
        let lengths: BTreeSet<usize> = declared.extensions.iter().map(|extension| extension.length).collect();
        assert_eq!(lengths.len(), declared.extensions.len(), "{}", declared.name);
        for extension in declared.extensions {
            let found = declared.extension_for(declared.full_length() + extension.length).unwrap();
            assert!(std::ptr::eq(found, extension), "{}", declared.name);
        }
        assert!(declared.extension_for(declared.full_length()).is_none());
        assert!(declared.extension_for(0).is_none());
    }
}

fn assert_codes(table: &CodeTable) {
    let mut names = BTreeSet::new();
    for entry in table.entries {
        assert_labels(table.name, entry.name, entry.zh, entry.en);
        assert!(entry.first <= entry.last, "{}: {}", table.name, entry.name);
        assert!(names.insert(entry.name), "{}: {} twice", table.name, entry.name);
        assert_eq!(table.named(entry.name), Some(entry));
        assert_eq!(table.find(entry.first), Some(entry));
        assert_eq!(table.find(entry.last), Some(entry));
    }
    let ascending = table.entries.is_sorted_by(|entry, next| entry.last < next.first);
    assert!(ascending, "{}: values are not ascending and unique", table.name);
}

/// Codes and flags are ascending, unique, complete and not wider than their fields; gives the number of tables.
pub(crate) fn code_tables_are_sorted_unique_and_fit_their_fields(layouts: &[&'static Layout]) -> usize {
    let mut tables = BTreeSet::new();
    for (of, field) in layouts
        .iter()
        .flat_map(|declared| runs(declared))
        .flat_map(|(of, fields)| fields.iter().map(move |field| (of.clone(), field)))
    {
        match field.kind {
            Kind::Code(table) | Kind::TariffSlots(table) => {
                assert_codes(table);
                tables.insert(table.name);
                let fits =
                    table.entries.iter().all(|entry| field.bits >= 32 || u64::from(entry.last) < 1 << field.bits);
                assert!(fits, "{of}: {} is narrower than its codes", field.name);
            }
            Kind::Flags(table) => {
                tables.insert(table.name);
                for flag in table.flags {
                    assert_labels(table.name, flag.name, flag.zh, flag.en);
                    assert!(usize::from(flag.bit) <= field.bits);
                }
                assert!(table.flags.is_sorted_by(|flag, next| flag.bit < next.bit), "{}", table.name);
                let names: BTreeSet<&str> = table.flags.iter().map(|flag| flag.name).collect();
                assert_eq!(names.len(), table.flags.len(), "{}", table.name);
            }
            _ => {}
        }
    }
    tables.len()
}

/// An error names the message, one of its fields, where that begins, and why it does not fit there.
pub(crate) fn assert_error(error: &DecodeError, declared: &Layout, body: &[u8]) {
    // Of a group it is told where it begins, not which of its items is cut off.
    let is_group = declared.repeated.is_some_and(|group| group.fixed && group.name == error.field);
    assert_eq!((error.code, error.message), (declared.code, declared.name));
    assert!(error.offset <= body.len(), "{error}");
    assert!(error.needed > error.available, "{error}");
    assert!(is_group || error.available == body.len() - error.offset, "{error}");
    let field = declared.fields.iter().find(|field| field.name == error.field);
    assert!(is_group || field.is_some_and(|field| !field.optional), "{error}: no such field, or it may be missing");
    assert!(body.len() < declared.required_length(), "{error}: the body is long enough");
}

/// Frames of a file of lines `what it is = hex`; lines with `#` say something about it.
pub(crate) fn frames(text: &str) -> Vec<(String, Vec<u8>)> {
    let line = |line: &str| {
        let (what, hex) = line.split_once(" = ").unwrap();
        let (pairs, odd) = hex.as_bytes().as_chunks::<2>();
        assert!(odd.is_empty(), "{what}");
        let byte = |pair: &[u8; 2]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
        (what.to_owned(), pairs.iter().map(byte).collect())
    };
    text.lines().filter(|line| !line.starts_with('#')).map(line).collect()
}

/// Words of English in a text: runs of small letters that are no name for machines and no unit.
pub(crate) fn english_words(text: &str) -> Vec<&str> {
    let words = text.split(|character: char| !(character.is_ascii_alphanumeric() || character == '_'));
    words.filter(|word| word.len() > 3 && word.bytes().all(|byte| byte.is_ascii_lowercase())).collect()
}
