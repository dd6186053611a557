//! Holds the declarations of AA F5 against facts about the document that were written down apart from them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic, in its helpers too")]

mod support;

use std::collections::BTreeSet;

use support::{Fact, english_words, facts};
use voltapile_protocol::aaf5::code::{ALARM_BITS, ALARMS, AlarmCode, ControlIndex, StartFailure, StopReason, position};
use voltapile_protocol::aaf5::message::{Dialect, LAYOUTS, layout, pile_code_offset};
use voltapile_protocol::aaf5::parameter::Parameter;
use voltapile_protocol::inspect::{Lang, reference};
use voltapile_protocol::layout::{FieldMeta, Layout};
use voltapile_protocol::wire::{Code, CodeTable, Kind};

/// Commands: number, direction, bytes of the body that the public field list has, what it answers, lengths of other
/// versions, fields.
///
/// A field is its width in bits behind a letter: `n` unsigned, `i` signed, `a` ASCII, `t` a BCD time, `b` bits, `x` bytes;
/// `.2` says decimal places, `-50` what is added to the value, `*3` how many such fields follow each other. Then come the
/// fields of what repeats: `each` always so often, `list` as a count says, `rest` to the end, with how often at most.
const COMMANDS: &str = "
    1 down 12 - | | n16*2 n8 n32 n8 n16 | list 10 n32
    2 up 43 1 | | n16*2 a256 n8 n32 n8*2 | list 10 n32
    3 down 11 - | | n16*2 n8 n32 n16
    4 up 42 3 | | n16*2 a256 n8 n32 n8
    5 down 12 - | | n16*2 n8 n32 n8 n16 | list 10 n32
    6 up 43 5 | | n16*2 a256 n8 n32 n8*2
    7 down 104 - | 67 105 | n16*2 n8 n32*4 t64 n8 a256 n8 n32.2 a256 n8 n32.2
    8 up 73 7 | 41 | n16*2 a256 n8 n32 a256
    9 down 17 10 | | n16*2 n8 n32*3
    10 up 41 - | | n16*2 a256 n8 n32 | rest 10 n32
    11 down 38 - | | n16*2 a256 n16
    12 up 44 11 | 40 42 | n16*2 a256 n16 n16.2*3
    101 down 6 102 | | n16*3
    102 up 54 - | 38 | n16*2 a256 n16 b128
    103 down 6 104 | 5 | n16*2 n8*2
    104 up 239 - | 169 172 240 246 | n16*2 a256 n8*2 b8 n8*2 n32 n8 n32.2 n32*2 n16.1 i16.1 n16.1 i16.1 n8 n16.1*6 n16 n32 n32.2*3 n8*2 n32 n8 a256 n8 t64 n32.2 n32 n32.1 n32*3 n8-50*3 a144 b8 a256 n32.2*2 n8*2 n8.3 n32.3 n8
    105 down 184 106 | 4 9 142 152 | n16*2 n32 n8*2 x1024 n32 n8 t64 n8 x256
    106 up 133 - | 90 94 96 100 | n16*2 a256 n8 n32.2 n16 n32 n8 n16 n8*4 n32 t64 x64*3 n32 n16.1 n32 n8 a256
    107 down 4 108 | | n16*2
    108 up 68 - | | n16*2 a256 b256
    109 down 4 110 | | n16*2
    110 up 159 - | 127 | n16*2 a256 n8 n32 n16*2 n32 x24 n8 n32.1*2 a32 n32 n16 n8*2 n32 n8*2 a136 x64 n32.2 n32.1*3 n8-50 n16.1 n32.1 a256
    111 down 5 112 | | n16*2 n8
    112 up 39 - | | n16*2 a256 n8*3 | list 255 n16.2*2 n8 n16.1*2 x32
    113 down 6 - | | n16*2 n8*2
    114 up 142 113 | | n16*2 a256 n8*2 t64 n16.2*48
    201 down 66 202 | 37 | n16*2 n8 a256 i32 n8 n32.2*6
    202 up 294 - | 256 288 295 338 | n16*2 a256 n8*2 a256 t64*2 n32 n8*2 n32 n32.2*4 i32 n32.2 n32*2 n8*2 n32 a136 x64 n16.2*48 n8 a256 n32.2 n8.3 n8
    203 down 70 204 | 20 | n16*2 n32 n32.2 n16.2*2 n8*4 a256 a136 n8
    204 up 159 - | 73 153 | n16*2 a256*2 n32.2 n8 a256 a384 n32 n8*2
    207 down 130 208 | | n16*2 a256 n8 a136 a256*2 n8*2 n32.2 a48
    208 up 59 - | | n16*2 a256 n8 a136 n8 n32
    209 down 54 210 | | n16*2 a256 n8 a136
    210 up 41 - | | n16*2 a256 n8 n32
    221 down 66 222 | 37 | n16*2 n8 a256 i32 n8 n32.2*6
    222 up 390 - | 391 434 | n16*2 a256 n8*2 a256 t64*2 n32 n8*2 n32 n32.3*3 n32.2 i32 n32.2 n32*2 n8*2 n32 a136 x64 n32.3*48 n8 a256 n32.2 n8.3 n8
    301 down 4 302 | | n16*2
    302 up 195 - | | n16*4 a256 n8*2 x24 n8 n32.1*2 a32 n32 n16 n8*2 n32 n8*2 a136 x64 n32.2 n32.1*3 n8-50 n16.1 n32.1 n8 n32.1*2 n8 n32.1*2 n32.2 n8 n16.1 n32 n8 n8-50 n8 n8-50 n8 n8*7 n8*14 n16.1 n32.2*2 n8-50*2 n8*8
    401 down 40 - | | n16*2 n32 a256
    402 up 294 401 | 288 295 | n16*2 a256 n8*2 a256 t64*2 n32 n8*2 n32 n32.2*4 i32 n32.2 n32*2 n8*2 n32 a136 x64 n16.2*48 n8 a256 n32.2 n8.3 n8
    421 down 40 - | | n16*2 n32 a256
    422 up 390 421 | 391 | n16*2 a256 n8*2 a256 t64*2 n32 n8*2 n32 n32.3*3 n32.2 i32 n32.2 n32*2 n8*2 n32 a136 x64 n32.3*48 n8 a256 n32.2 n8.3 n8
    1001 down 4 - | | n32
    1002 up 1 1001 | | n8
    1003 down 0 - | |
    1004 up 4 1003 | | n32
    1005 down 4 - | | n32
    1006 up 4 1005 | | n32
    1007 down 0 - | |
    1008 up 8 1007 | | n8*2 n16 n32
    1009 down 4 - | | n32
    1010 up 4 1009 | | n32
    1011 down 4 - | | n32
    1012 up 4 1011 | | n32
    1021 down 36 1022 | | n32 a256
    1022 up 61 - | | n32*2 n32.2 n32 a256 n32*2 n8 n32
    1101 down 0 - | |
    1102 up 96 1101 | | | each 12 n8*4 n32.2
    1103 down 96 - | | | each 12 n8*4 n32.2
    1104 up 1 1103 | | n8
    1105 down 144 - | | | each 12 n8*4 n32.4*2
    1106 up 1 1105 | | n8
    1107 down 0 - | |
    1108 up 144 1107 | | | each 12 n8*4 n32.4*2
    1301 down 42 - | 46 | n16*2 a256 n8*2 n32 | list 10 a256
    1302 up 43 1301 | | n16*2 a256 n8*2 n32 n8
    1401 down 136 - | 135 | n16*2 n16.2 a256 a128*2 a512 n8*2
    1402 up 5 1401 | | n16*2 n8
    1403 up 5 - | | n16*2 n8
    1406 down 102 - | | n16*2 n8 a256 a128*2 a256 n8
    1407 up 5 1406 | | n16*2 n8
    1501 up 164 - | | n16*2 a256 a1024
    1502 down 8 1501 | | n16*2 n32
    1503 up 12 - | | n16*2 n32*2
    1504 down 12 1503 | | n16*2 n32*2
    1505 up 4 - | | n16*2
    1506 down 4 1505 | | n16*2
";

fn kind_agrees(fact: Fact, kind: Kind) -> bool {
    let unscaled = fact.decimals.is_none() && fact.offset.is_none();
    match kind {
        Kind::Number { signed, decimals, offset, .. } => {
            fact.letter == if signed { 'i' } else { 'n' }
                && decimals == fact.decimals.unwrap_or(0)
                && offset == fact.offset.unwrap_or(0)
        }
        Kind::Connector { binary } => unscaled && binary && fact.letter == 'n',
        Kind::Code(_) => unscaled && matches!(fact.letter, 'n' | 'b'),
        Kind::Text | Kind::Vin(_) => unscaled && fact.letter == 'a',
        Kind::BcdTime => fact.letter == 't',
        Kind::Hex => unscaled && fact.letter == 'x',
        Kind::Reserved => unscaled,
        Kind::Flags(_) | Kind::Connectors => unscaled && fact.letter == 'b',
        _ => false,
    }
}

/// The declared fields in the width of a fact: one, or packed bits and what belongs to a text, in several.
fn take<'a>(of: &str, declared: &mut &'a [FieldMeta], fact: Fact) -> &'a [FieldMeta] {
    let mut bits = 0;
    let count = declared.iter().take_while(|field| {
        let goes_on = bits < fact.bits;
        bits += if goes_on { field.bits } else { 0 };
        goes_on
    });
    let (taken, rest) = declared.split_at(count.count());
    assert_eq!(bits, fact.bits, "{of}: width of {:?}", taken.first().map(|field| field.name));
    *declared = rest;
    taken
}

/// What the declared fields have beyond the facts.
#[track_caller]
fn assert_fields_agree<'a>(of: &str, mut declared: &'a [FieldMeta], facts: &[Fact]) -> &'a [FieldMeta] {
    let mut facts = facts.iter();
    while let Some(fact) = facts.next() {
        if let [FieldMeta { kind: Kind::List { item, bits }, bits: all, name, .. }, rest @ ..] = declared {
            let same = facts.by_ref().take(all / bits - 1).filter(|next| next.bits == *bits).count();
            assert_eq!((same + 1, fact.bits), (all / bits, *bits), "{of}: items of {name}");
            assert!(kind_agrees(*fact, **item), "{of}: {name} is a list of {item:?}, not {fact:?}");
            declared = rest;
            continue;
        }
        for field in take(of, &mut declared, *fact) {
            assert!(kind_agrees(*fact, field.kind), "{of}: {} is {:?}, not {fact:?}", field.name, field.kind);
        }
    }
    declared
}

fn assert_group_agrees(of: &str, declared: &Layout, facts_of_group: Option<&str>) {
    match (declared.repeated, facts_of_group) {
        (None, None) => {}
        (Some(group), Some(facts_of_group)) => {
            let (how, of_group) = facts_of_group.trim().split_once(' ').unwrap();
            let (most, fields) = of_group.split_once(' ').unwrap();
            assert_eq!((group.fixed, group.counted_by.is_some()), (how == "each", how == "list"), "{of}");
            assert_eq!(group.max.to_string(), most, "{of}: how many");
            assert!(assert_fields_agree(of, group.fields, &facts(fields)).is_empty(), "{of}: more in the group");
        }
        (group, facts) => panic!("{of}: repeated fields {group:?}, facts {facts:?}"),
    }
}

#[test]
fn every_command_is_declared_as_documented() {
    let mut commands = BTreeSet::new();
    for line in COMMANDS.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let parts: Vec<&str> = line.split('|').collect();
        let head: Vec<&str> = parts[0].split_whitespace().collect();
        let (command, length): (u16, usize) = (head[0].parse().unwrap(), head[2].parse().unwrap());
        let declared = layout(command, length, Dialect::Standard).unwrap_or_else(|| panic!("{line}: not declared"));
        assert_eq!(declared.code, command);
        assert_eq!(declared.direction.name(), head[1], "{line}: direction");
        assert_eq!(declared.reply_to, head[3].parse().ok(), "{line}: what it answers");

        let fields = facts(parts[2]);
        let each = parts.get(3).and_then(|group| group.trim().strip_prefix("each 12 "));
        let repeated: usize = each.map_or(0, |each| facts(each).iter().map(|fact| fact.bits).sum::<usize>() * 12);
        let bits = fields.iter().map(|fact| fact.bits).sum::<usize>() + repeated;
        assert_eq!(bits, length * 8, "{line}: the facts add up");
        let beyond = assert_fields_agree(line, declared.fields, &fields);
        let may_follow = |field: &FieldMeta| field.optional || field.kind.is_variable();
        assert!(beyond.iter().all(may_follow), "{line}: a field beyond the list is not optional");
        assert_group_agrees(line, declared, parts.get(3).copied());

        assert!(declared.ends_at(length), "{line}: {length} bytes are no body of {}", declared.name);
        for other in parts[1].split_whitespace().map(|length| length.parse().unwrap()) {
            let holds = declared.ends_at(other) || declared.extension_for(other).is_some();
            assert!(holds, "{line}: {other} bytes are no body of {}", declared.name);
            assert_eq!(layout(command, other, Dialect::Standard).map(|layout| layout.name), Some(declared.name));
        }
        assert!(commands.insert(command), "{line}: listed twice");
    }
    let declared: BTreeSet<u16> = LAYOUTS.iter().map(|layout| layout.code).collect();
    assert_eq!(commands, declared, "every declared command is in the table");
}

#[test]
fn the_declarations_are_sound() {
    support::an_answer_goes_the_other_way_than_its_request(LAYOUTS);
    support::names_and_labels_are_complete_and_unique(LAYOUTS);
    support::bytes_begin_on_byte_boundaries_and_only_the_end_varies(LAYOUTS);
    support::extensions_are_told_apart_by_their_length(LAYOUTS);
    let tables = support::code_tables_are_sorted_unique_and_fit_their_fields(LAYOUTS);
    assert!(tables > 50, "only {tables} tables are used");
}

#[test]
fn odd_numbers_come_from_the_platform_but_for_ftp_and_logs() {
    for layout in LAYOUTS {
        let odd_is_down = !matches!(layout.code, 1403 | 1406 | 1407 | 1501..=1506);
        let down = layout.direction.name() == "down";
        assert_eq!(down, (layout.code % 2 == 1) == odd_is_down, "{}", layout.name);
    }
}

#[test]
fn messages_begin_with_two_reserved_numbers_or_none() {
    for layout in LAYOUTS {
        let none = matches!(layout.code, 1001..=1022 | 1101..=1108);
        let names: Vec<&str> = layout.fields.iter().take(2).map(|field| field.name).collect();
        assert_eq!(names == ["reserved1", "reserved2"], !none, "{}", layout.name);
    }
}

#[test]
fn the_pile_code_stands_where_it_is_declared() {
    for (command, offset) in [(106, Some(4)), (104, Some(4)), (202, Some(4)), (302, Some(8)), (2, Some(4))] {
        assert_eq!(pile_code_offset(command, Dialect::Standard), offset, "{command}");
    }
    for command in [1, 3, 5, 7, 101, 105, 201, 1101, 1103, 1104, 1108, 9999] {
        assert_eq!(pile_code_offset(command, Dialect::Standard), None, "{command}");
    }
}

#[test]
fn the_layout_of_a_white_list_is_told_by_its_length() {
    let name = |length| layout(1301, length, Dialect::Standard).map(|layout| layout.name).unwrap();
    for length in [0, 42, 46, 46 + 32, 46 + 320, 50] {
        assert_eq!(name(length), "white_list_request", "{length}");
    }
    for length in [46 + 17, 46 + 170] {
        assert_eq!(name(length), "white_list_vin_request", "{length}");
    }
    let both = (1..=10).filter(|entries| name(46 + 32 * entries) != "white_list_request").count();
    assert_eq!(both, 0, "no list of cards is taken for one of VINs");
}

fn entries(table: &CodeTable, expected: usize, known: &[(u32, &str)]) {
    assert_eq!(table.entries.len(), expected, "{}", table.name);
    for (number, name) in known {
        assert_eq!(table.find(*number).map(|entry| entry.name), Some(*name), "{} {number}", table.name);
    }
}

#[test]
fn long_code_tables_are_complete() {
    entries(AlarmCode::TABLE, 97, &[(0, "none"), (3, "emergency_stop"), (100_047, "meter16_communication")]);
    let stops = [(0, "ended_normally"), (311, "stopped_by_platform"), (2014, "module_type_mismatch")];
    entries(StopReason::TABLE, 186, &stops);
    entries(StopReason::TABLE, 186, &[(413, "offline_limit_reached"), (101_016, "user_condition_reached")]);
    entries(StartFailure::TABLE, 29, &[(0, "none"), (13, "already_charging"), (100_005, "wrong_gun")]);
    entries(ControlIndex::TABLE, 22, &[(2, "stop_charging"), (10, "cancel_reservation"), (11, "reboot")]);
}

#[test]
fn every_alarm_bit_has_a_name() {
    assert_eq!(ALARMS.flags.iter().map(|flag| flag.bit).collect::<Vec<_>>(), (0..ALARM_BITS).collect::<Vec<_>>());
    let reserved: Vec<u8> =
        ALARMS.flags.iter().filter(|flag| flag.zh.starts_with("预留")).map(|flag| flag.bit).collect();
    let expected: Vec<u8> =
        [0, 33].into_iter().chain(44..=50).chain([95]).chain(96..=99).chain(128..=135).chain(154..=159).collect();
    assert_eq!(reserved, expected);
    assert_eq!([0, 7, 8, 51, 153].map(position), [(1, 0), (1, 7), (2, 0), (7, 3), (20, 1)]);
    let mut raw = [0; 32];
    raw[0] = 0b10;
    raw[6] = 0b1000;
    let names: Vec<&str> = ALARMS.holding(&raw, 0).map(|flag| flag.name).collect();
    assert_eq!(names, ["emergency_stop", "tcu_emergency_stop"]);
}

#[test]
fn each_language_stands_alone() {
    let is_chinese = |character: char| ('\u{4E00}'..='\u{9FFF}').contains(&character);
    for layout in LAYOUTS {
        let (zh, en) = (reference::details_text(layout, Lang::Zh), reference::details_text(layout, Lang::En));
        let fields = layout.fields.iter().chain(layout.repeated.iter().flat_map(|group| group.fields));
        let fields = fields.chain(layout.extensions.iter().flat_map(|extension| extension.fields));
        let names: Vec<&str> = fields
            .map(|field| field.name)
            .chain([layout.name])
            .chain(layout.repeated.iter().map(|group| group.name))
            .chain(Parameter::all().map(|setting| setting.name))
            .collect();
        let english: Vec<&str> = english_words(&zh).into_iter().filter(|word| !names.contains(word)).collect();
        assert!(english.is_empty(), "{}: {english:?} in\n{zh}", layout.name);
        assert!(!en.contains(is_chinese), "{}:\n{en}", layout.name);
    }
}
