//! The declarations as Lua tables: codes and flags, fields for filters, layouts.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::super::lang;
use super::super::lang::Lang;
use super::super::rules::{self, Sensors};
use super::book::Book;
use super::lua::{pair, string};
use super::names::{Filter, Item, Names, fields_of, is_packed};
use crate::layout::{Direction, FieldMeta, Layout};
use crate::wire::{CodeTable, FlagTable, Kind, VinOrder};

/// All code and flag tables that fields refer to, and the names of the frame types.
pub(super) fn codes(book: &Book, out: &mut String) {
    let mut tables: BTreeMap<&str, &CodeTable> = BTreeMap::new();
    let mut flags: BTreeMap<&str, &FlagTable> = BTreeMap::new();
    for field in book.layouts.iter().copied().flat_map(fields_of) {
        let kind = if let Kind::List { item, .. } = field.kind { *item } else { field.kind };
        match kind {
            Kind::Code(table) | Kind::TariffSlots(table) => drop(tables.insert(table.name, table)),
            Kind::Flags(table) => drop(flags.insert(table.name, table)),
            _ => {}
        }
    }
    for (name, table) in tables {
        let _ = writeln!(out, "T.{name} = codes({{");
        for entry in table.entries {
            let (zh, en) = (string(entry.zh), string(entry.en));
            let _ = writeln!(out, "  {{ 0x{:02X}, 0x{:02X}, {zh}, {en} }},", entry.first, entry.last);
        }
        let rest = rules::meant_by_rest(table).map(|meant| format!(", {}", pair(meant.zh, meant.en)));
        let _ = writeln!(out, "}}{})", rest.unwrap_or_default());
    }
    for (name, table) in flags {
        let _ = writeln!(out, "T.{name} = flags({{");
        for flag in table.flags {
            let _ =
                writeln!(out, "  {{ {}, {}, {}, {} }},", flag.bit, string(flag.name), string(flag.zh), string(flag.en));
        }
        out.push_str("})\n");
    }
    frame_types(book, out);
}

/// Frame types as codes. Of several layouts for one type the usual one, which comes last, gives the name.
fn frame_types(book: &Book, out: &mut String) {
    let usual: BTreeMap<u16, &Layout> = book.layouts.iter().map(|layout| (layout.code, *layout)).collect();
    out.push_str("T.FrameType = codes({\n");
    for (code, layout) in usual {
        let (zh, en) = (string(layout.zh), string(layout.en));
        let code = book.protocol.written(code);
        let _ = writeln!(out, "  {{ {code}, {code}, {zh}, {en} }},");
    }
    out.push_str("})\n");
}

/// Every field for filters.
pub(super) fn filters(names: &Names, out: &mut String) {
    for (name, declared) in names.declared() {
        let (constructor, more) = match declared.filter {
            Filter::Text => ("text", String::new()),
            Filter::Whole => ("whole", String::new()),
            Filter::Number { .. } => ("number", String::new()),
            Filter::Bytes => ("bytes", String::new()),
            Filter::Code(table) => ("code", format!(", T.{}, {}", table.name, declared.bits)),
            Filter::Slots(table) => ("slots", format!(", T.{}", table.name)),
            Filter::Flags(table) => ("flags", format!(", T.{}, {}", table.name, declared.bits)),
            Filter::Connectors => ("connectors", String::new()),
            Filter::List(_) => ("bytes", String::new()),
        };
        let (zh, en) = (string(declared.label(Lang::Zh)), string(declared.label(Lang::En)));
        let _ = writeln!(out, "declare.{constructor}(own, {}, {zh}, {en}{more})", string(&name));
        let Filter::List(item) = declared.filter else { continue };
        let (constructor, more) = match item {
            Item::Number(_) => ("number", String::new()),
            Item::Code(table, bits) => ("code", format!(", T.{}, {bits}", table.name)),
            Item::Bytes => ("bytes", String::new()),
        };
        let name = string(&format!("{name}.item"));
        let _ = writeln!(out, "declare.{constructor}(own, {name}, {zh}, {en}{more})");
    }
}

/// One layout.
pub(super) fn layout(book: &Book, layout: &'static Layout, names: &Names, out: &mut String) {
    let sensors = rules::sensors(layout);
    let writer = Rows { layout, names, sensors: sensors.is_some() };
    let _ = writeln!(out, "L.{} = {{", layout.name);
    let _ = writeln!(out, "  code = {}, name = {},", book.protocol.written(layout.code), string(layout.name));
    let _ = writeln!(out, "  up = {}, text = {},", layout.direction == Direction::Up, pair(layout.zh, layout.en));
    if let Some(request) = layout.reply_to {
        let _ = writeln!(out, "  reply_to = {},", book.protocol.written(request));
    }
    let summary: Vec<String> = summary(layout).iter().map(usize::to_string).collect();
    let _ = writeln!(out, "  summary = {{ {} }},", summary.join(", "));
    if let Some(Sensors { state, measuring }) = sensors {
        let _ = writeln!(out, "  sensors = {{ field = {}, present = {measuring} }},", place(layout, state));
    }
    out.push_str("  fields = {\n");
    writer.rows(layout.fields, "    ", out);
    out.push_str("  },\n");
    if let Some(group) = &layout.repeated {
        let bits: usize = group.fields.iter().map(|field| field.bits).sum();
        let counted = match group.counted_by {
            Some(counter) => format!(" counted_by = {},", place(layout, counter)),
            None if group.fixed => format!(" fixed = {},", group.max),
            None => String::new(),
        };
        let text = pair(group.zh, group.en);
        let _ = writeln!(out, "  group = {{\n    text = {text}, bits = {bits},{counted}\n    fields = {{");
        writer.rows(group.fields, "      ", out);
        out.push_str("    },\n  },\n");
    }
    if !layout.extensions.is_empty() {
        out.push_str("  extensions = {\n");
        for extension in layout.extensions {
            let _ = writeln!(out, "    [{}] = {{", extension.length);
            writer.rows(extension.fields, "      ", out);
            out.push_str("    },\n");
        }
        out.push_str("  },\n");
    }
    out.push_str("}\n");
}

/// Where a field stands among those of its layout, from 1; 0 when there is none of that name.
fn place(layout: &Layout, name: &str) -> usize {
    layout.fields.iter().position(|field| field.name == name).map_or(0, |at| at + 1)
}

/// What the list of packets shows of a message, by place: the pile, the connector, the charge, and the first code of a
/// whole byte, which is a state or a result.
fn summary(layout: &Layout) -> Vec<usize> {
    let is_wanted: [fn(&FieldMeta) -> bool; 4] = [
        |field| field.name == "pile_code",
        |field| matches!(field.kind, Kind::Connector { .. }),
        |field| field.name == "transaction_number",
        |field| matches!(field.kind, Kind::Code(_)) && !is_packed(field),
    ];
    let first = |wanted: fn(&FieldMeta) -> bool| layout.fields.iter().position(wanted).map(|at| at + 1);
    is_wanted.into_iter().filter_map(first).collect()
}

/// Writes the fields of one layout.
struct Rows<'a> {
    layout: &'static Layout,
    names: &'a Names,
    /// Whether a temperature of raw 0 may say that there is no sensor.
    sensors: bool,
}

impl Rows<'_> {
    fn rows(&self, fields: &[FieldMeta], indent: &str, out: &mut String) {
        for field in fields {
            let own = self.names.of(self.layout, field);
            let name = string(&own);
            let (bits, label) = (field.bits, pair(field.zh, field.en));
            let (reader, mut options) = reader(field);
            let part = |part: &str| format!("F[{}]", string(&format!("{own}.{part}")));
            match (Filter::of(field), field.kind) {
                (Filter::Slots(_), _) => drop(write!(options, ", tier = {}", part("tier"))),
                (Filter::Connectors, _) => drop(write!(options, ", connector = {}", part("connector"))),
                (_, Kind::List { item, bits }) => {
                    let (reader, more) = self::reader(&FieldMeta { kind: *item, bits, ..*field });
                    let _ = write!(options, ", item = {{ {}, read.{reader}, {bits}, {label}{more} }}", part("item"));
                }
                _ => {}
            }
            if field.optional {
                options.push_str(", optional = true");
            }
            if self.sensors && rules::is_sensor(&field.kind) {
                options.push_str(", sensor = true");
            }
            let _ = writeln!(out, "{indent}{{ F[{name}], read.{reader}, {bits}, {label}{options} }},");
        }
    }
}

/// The reader of a field and what it needs to know.
fn reader(field: &FieldMeta) -> (&'static str, String) {
    let mut options = String::new();
    let reader = match field.kind {
        Kind::Bcd { .. } => "digits",
        Kind::Number { signed, decimals, offset, unit, .. } => {
            if signed {
                options.push_str(", signed = true");
            }
            if decimals != 0 {
                let _ = write!(options, ", decimals = {decimals}");
            }
            if offset != 0 {
                let _ = write!(options, ", offset = {offset}");
            }
            options.push_str(&written_unit(unit));
            if Filter::of(field) == Filter::Whole { "whole" } else { "number" }
        }
        Kind::Code(table) => {
            let _ = write!(options, ", codes = T.{}", table.name);
            "code"
        }
        Kind::Flags(table) => {
            let _ = write!(options, ", flags = T.{}", table.name);
            if table.shifts {
                options.push_str(", shifts = true");
            }
            "flags"
        }
        Kind::Connector { binary } => {
            if binary {
                options.push_str(", binary = true");
            }
            "connector"
        }
        Kind::Reserved if is_packed(field) => "whole",
        Kind::HexToEnd => {
            options.push_str(", to_end = true");
            "hex"
        }
        Kind::Hex | Kind::Reserved => "hex",
        Kind::List { item, .. } => {
            options.push_str(&written_unit(item.unit()));
            "list"
        }
        Kind::Connectors => {
            options.push_str(", flags = {}");
            "connectors"
        }
        Kind::Ascii => "ascii",
        Kind::Text => "text",
        Kind::CountedText => "counted_text",
        Kind::TextToEnd => {
            options.push_str(", to_end = true");
            "ascii"
        }
        Kind::Vin(order) => {
            if order == VinOrder::Reversed {
                options.push_str(", reversed = true");
            }
            "vin"
        }
        Kind::Time => "time",
        Kind::BcdTime => "bcd_time",
        Kind::TariffSlots(table) => {
            let _ = write!(options, ", codes = T.{}", table.name);
            "slots"
        }
        Kind::SimDigits => {
            options.push_str(", to_end = true");
            "sim_digits"
        }
    };
    (reader, options)
}

fn written_unit(unit: &'static str) -> String {
    if unit.is_empty() {
        return String::new();
    }
    format!(", unit = {}", pair(lang::unit(unit, Lang::Zh), lang::unit(unit, Lang::En)))
}
