//! Holds the declarations against facts about the specification that were written down apart from them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic, in its helpers too")]

mod support;

use std::collections::BTreeSet;

use support::{Fact, facts};

use voltapile_protocol::layout::FieldMeta;
use voltapile_protocol::wire::Kind;
use voltapile_protocol::ykc::Dialect;
use voltapile_protocol::ykc::message::{self as ykc, LAYOUTS, layout, pile_code_offset};

/// The 51 frame types of V1.6: type, direction, bytes of the body without repeated fields, the type it answers, fields.
/// Then, for card lists, how the cards are counted, the most in one frame, and the fields of one.
///
/// A field is its width in bits behind a letter: `d` decimal digits, `n` binary, `a` ASCII, `t` a time, `b` packed bits;
/// `.2` says decimal places, `-50` what is added to the value, `*3` how many such fields follow each other.
const FRAMES_OF_V16: &str = "
    01 up    30 -  | d56 n8*3 a64 n8 d80 n8
    02 down   8 01 | d56 n8
    03 up     9 -  | d56 d8 n8
    04 down   9 03 | d56 d8 n8
    05 up     9 -  | d56 d16
    06 down  10 05 | d56 d16 n8
    09 up     7 -  | d56
    0A down  90 09 | d56 d16 n32.5*8 n8 n384
    12 down   8 -  | d56 d8
    13 up    60 12 | d128 d56 d8 n8*3 n16.1*2 n8-50 n64 n8 n8-50 n16*2 n32.4*3 n16
    15 up    73 -  | d128 d56 d8 n24 n8 n16.1*2 n32*2 n8+1985 n8*2 n24 n8*2 n136 n64
    17 up    45 -  | d128 d56 d8 n16.2 n16.1-400 n16.1*2 n8-50 n16.1*4 n16.1-400*2
    19 up    39 -  | d128 d56 d8 n8 n16.2*2 n8-50*2 n16 n16.1 n32+1
    1B up    32 -  | d128 d56 d8 b2*2 b4 b2*2 b4 b2*2 b4 b2 b6 b2 b6 b2*2 b4 b2*5 b6
    1D up    28 -  | d128 d56 d8 b2*14 b4
    21 up    28 -  | d128 d56 d8 b2*10 b4 b2*2 b4
    23 up    44 -  | d128 d56 d8 n16.1 n16.1-400 n8 n16.1 n16.1-400 b12.2 b4 n8 n16 n16.1 n16.1-400 n16
    25 up    31 -  | d128 d56 d8 n8+1 n8-50 n8+1 n8-50 n8+1 b2*8
    31 up    51 -  | d56 d8 n8*2 n64 n128 a136
    32 down  38 31 | d128 d56 d8 d64 n32.2 n8 d8
    33 up    26 34 | d128 d56 d8*2 n8
    34 down  44 -  | d128 d56 d8 d64 n64 n32.2
    35 up    10 36 | d56 d8*2 n8
    36 down   8 -  | d56 d8
    3B up   158 -  | d128 d56 d8 t56*2 n32.5 n32.4*3 n32.5 n32.4*3 n32.5 n32.4*3 n32.5 n32.4*3 n40.4*2 n32.4*3 a136 n8 t56 n8 n64
    40 down  17 3B | d128 n8
    41 up    16 42 | d56 n64 n8
    42 down  20 -  | d56 d8 n64 n32.2
    43 up     9 44 | d56 n8*2
    44 down   8 -  | d56 n8 | counted 15 d64 n64
    45 up     7 46 | d56 | to_end 24 n64 n8 d8
    46 down   8 -  | d56 n8 | counted 24 n64
    47 up     7 48 | d56 | to_end 26 n64 n8
    48 down   8 -  | d56 n8 | counted 26 n64
    51 up     8 52 | d56 n8
    52 down   9 -  | d56 n8*2
    55 up    14 56 | d56 t56
    56 down  14 -  | d56 t56
    57 up     8 58 | d56 n8
    58 down  90 -  | d56 d16 n32.5*8 n8 n384
    61 up    16 -  | d56 n8*5 n32
    62 down  13 -  | d56 n8 d8 n32
    63 up    13 62 | d56 n8*2 n32
    91 up     8 92 | d56 n8
    92 down   8 -  | d56 n8
    93 up     8 94 | d56 n8
    94 down  94 -  | d56 n8 n16 a128 n16 a128*2 a256 n8*2
    A1 up    58 -  | d56 d8 n8*2 n64 n128 a136 n8 d48
    A2 down  44 A1 | d128 d56 d8 d64 n32.2 n8 d8 d48
    A3 up    33 A4 | d128 d56 d8*2 n8*2 d48
    A4 down  50 -  | d128 d56 d8 d64 n64 n32.2 d48
";

fn kind_agrees(fact: Fact, kind: Kind) -> bool {
    let unscaled = fact.decimals.is_none() && fact.offset.is_none();
    match kind {
        Kind::Number { decimals, offset, .. } => {
            matches!(fact.letter, 'n' | 'b')
                && decimals == fact.decimals.unwrap_or(0)
                && offset == fact.offset.unwrap_or(0)
        }
        Kind::Bcd { .. } => fact.letter == 'd',
        Kind::Connector { binary } => fact.letter == if binary { 'n' } else { 'd' },
        Kind::Code(_) => unscaled && matches!(fact.letter, 'n' | 'b' | 'd'),
        Kind::Ascii | Kind::Text | Kind::Vin(_) => unscaled && matches!(fact.letter, 'a' | 'n'),
        Kind::Time | Kind::BcdTime => fact.letter == 't',
        Kind::Reserved => unscaled && matches!(fact.letter, 'n' | 'b'),
        Kind::Hex | Kind::Flags(_) | Kind::TariffSlots(_) => unscaled && fact.letter == 'n',
        Kind::CountedText | Kind::TextToEnd | Kind::HexToEnd | Kind::SimDigits => false,
        Kind::List { .. } | Kind::Connectors => false,
    }
}

/// What the declared fields have beyond the facts must be optional: later revisions append to V1.6.
#[track_caller]
fn assert_fields_agree(of: &str, declared: &[FieldMeta], facts: &[Fact]) {
    assert!(declared.len() >= facts.len(), "{of}: {} fields, not {}", declared.len(), facts.len());
    let (declared, beyond) = declared.split_at(facts.len());
    for (field, fact) in declared.iter().zip(facts) {
        assert_eq!(field.bits, fact.bits, "{of}: width of {}", field.name);
        assert!(kind_agrees(*fact, field.kind), "{of}: {} is {:?}, not {fact:?}", field.name, field.kind);
    }
    assert!(beyond.iter().all(|field| field.optional), "{of}: a field beyond V1.6 is not optional");
}

#[test]
fn every_frame_type_of_v16_is_declared_as_specified() {
    let mut types = BTreeSet::new();
    for line in FRAMES_OF_V16.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let parts: Vec<&str> = line.split('|').collect();
        let head: Vec<&str> = parts[0].split_whitespace().collect();
        let frame_type = u8::from_str_radix(head[0], 16).unwrap();
        let length: usize = head[2].parse().unwrap();
        let declared = layout(frame_type, length, Dialect::V16).unwrap_or_else(|| panic!("{line}: not declared"));

        assert_eq!(declared.code, u16::from(frame_type));
        assert_eq!(declared.direction.name(), head[1], "{line}: direction");
        assert_eq!(declared.reply_to, u16::from_str_radix(head[3], 16).ok(), "{line}: what it answers");
        let fields = facts(parts[1]);
        assert_eq!(fields.iter().map(|fact| fact.bits).sum::<usize>(), length * 8, "{line}: the facts add up");
        assert_fields_agree(line, declared.fields, &fields);

        match (declared.repeated, parts.get(2)) {
            (None, None) => {}
            (Some(declared), Some(facts_of_group)) => {
                let words: Vec<&str> = facts_of_group.split_whitespace().collect();
                assert_eq!(declared.counted_by.is_some(), words[0] == "counted", "{line}: how cards are counted");
                assert_eq!(declared.max.to_string(), words[1], "{line}: most cards in a frame");
                assert_fields_agree(line, declared.fields, &facts(&words[2..].join(" ")));
            }
            (declared, facts) => panic!("{line}: repeated fields {declared:?}, facts {facts:?}"),
        }
        assert!(types.insert(frame_type), "{line}: listed twice");
    }
    assert_eq!(types.len(), 51);
}

#[test]
fn an_answer_goes_the_other_way_than_its_request() {
    support::an_answer_goes_the_other_way_than_its_request(LAYOUTS);
}

#[test]
fn names_and_labels_are_complete_and_unique() {
    support::names_and_labels_are_complete_and_unique(LAYOUTS);
}

#[test]
fn bytes_begin_on_byte_boundaries_and_only_the_end_varies() {
    support::bytes_begin_on_byte_boundaries_and_only_the_end_varies(LAYOUTS);
}

#[test]
fn extensions_are_told_apart_by_their_length() {
    support::extensions_are_told_apart_by_their_length(LAYOUTS);
}

#[test]
fn code_tables_are_sorted_unique_and_fit_their_fields() {
    let tables = support::code_tables_are_sorted_unique_and_fit_their_fields(LAYOUTS);
    assert!(tables > 30, "only {tables} tables are used");
}

const DIALECTS: [Dialect; 3] = [Dialect::V16, Dialect::Guochong, Dialect::Gongniu];
const LENGTHS: std::ops::RangeInclusive<usize> = 0..=255;

#[test]
fn of_several_layouts_of_a_type_the_usual_one_comes_last_and_says_no_condition() {
    for (position, declared) in LAYOUTS.iter().enumerate() {
        let later = LAYOUTS[position + 1..].iter().any(|other| other.code == declared.code);
        assert!(!later || declared.is_conditional(), "{}: hides a later layout of its type", declared.name);
        let chosen =
            |(length, dialect)| layout(declared.code as u8, length, dialect).is_some_and(|l| l.name == declared.name);
        let anywhere = LENGTHS.flat_map(|length| DIALECTS.map(|dialect| (length, dialect))).any(chosen);
        assert!(anywhere, "{}: never chosen", declared.name);
    }
}

#[test]
fn the_pile_code_stands_where_the_dialect_has_it_whatever_the_length() {
    assert_eq!(pile_code_offset(0x59, Dialect::Guochong), Some(0));
    assert_eq!(pile_code_offset(0x59, Dialect::V16), None);
    assert_eq!(pile_code_offset(0x3B, Dialect::Gongniu), Some(16));
    assert_eq!(pile_code_offset(0x40, Dialect::V16), None);
    for (frame_type, dialect) in (0..=0xFF).flat_map(|code| DIALECTS.map(|dialect| (code, dialect))) {
        for chosen in LENGTHS.filter_map(|length| layout(frame_type, length, dialect)) {
            let before = chosen.fields.iter().position(|field| field.name == "pile_code");
            let bits = before.map(|at| chosen.fields[..at].iter().map(|field| field.bits).sum::<usize>());
            assert_eq!(pile_code_offset(frame_type, dialect), bits.map(|bits| bits / 8), "{} {dialect:?}", chosen.name);
        }
    }
}

#[test]
fn at_most_one_condition_holds() {
    macro_rules! conditions {
        ($($name:ident),*) => {
            [$((ykc::$name::LAYOUT, ykc::$name::selects as fn(usize, Dialect) -> bool)),*]
        };
    }
    let conditions = conditions![
        TariffResponseV17,
        OfflineCardClearResponseShort,
        PowerLimitRequest,
        PowerLimitRequestWhole,
        PowerLimitResponse,
        QrCodeSetGuochong,
        QrCodeResponseGuochong,
        KeyUpdateRequest,
        KeyUpdateResponse
    ];
    let conditional = LAYOUTS.iter().filter(|declared| declared.is_conditional()).count();
    assert_eq!(conditions.len(), conditional, "a layout with a condition is missing from this test");
    for (length, dialect) in LENGTHS.flat_map(|length| DIALECTS.map(|dialect| (length, dialect))) {
        for frame_type in 0..=0xFF_u16 {
            let holding =
                conditions.iter().filter(|(declared, selects)| declared.code == frame_type && selects(length, dialect));
            let names: Vec<&str> = holding.map(|(declared, _)| declared.name).collect();
            assert!(names.len() <= 1, "0x{frame_type:02X}, {length} bytes, {dialect:?}: {names:?}");
            if let [name] = names[..] {
                assert_eq!(layout(frame_type as u8, length, dialect).map(|declared| declared.name), Some(name));
            }
        }
    }
}
