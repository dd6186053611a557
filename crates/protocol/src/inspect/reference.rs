//! The protocol as tables, printed from the declarations.

use serde::Serialize;

use super::lang::Lang;
use super::shape::width;
use super::suggest::nearest;
use super::text::table::columns;
use crate::layout::{Direction, FieldMeta, Layout};
use crate::wire::{CodeEntry, Kind};
use crate::ykc::frame::{HEADER_LENGTH, UNCOUNTED};
use crate::ykc::message::LAYOUTS;

/// Layouts by type (`0x13`, `13`) or name; on failure the nearest name.
///
/// # Errors
/// The nearest name, if one is near, when nothing has that type or name.
pub fn find(wanted: &str) -> Result<Vec<&'static Layout>, Option<&'static str>> {
    let digits = wanted.strip_prefix("0x").or_else(|| wanted.strip_prefix("0X")).unwrap_or(wanted);
    let code = u16::from_str_radix(digits, 16).ok();
    let matches = |layout: &&Layout| Some(layout.code) == code || layout.name == wanted;
    let found: Vec<_> = LAYOUTS.iter().copied().filter(|layout| matches(layout)).collect();
    if found.is_empty() { Err(nearest(wanted, LAYOUTS.iter().map(|layout| layout.name))) } else { Ok(found) }
}

/// All layouts by frame type.
#[must_use]
pub fn all() -> Vec<&'static Layout> {
    let mut layouts = LAYOUTS.to_vec();
    layouts.sort_by_key(|layout| layout.code);
    layouts
}

/// One row for each message.
fn overview_rows(layouts: &[&Layout], lang: Lang) -> Vec<Vec<String>> {
    let head: [&str; 6] = match lang {
        Lang::Zh => ["类型", "方向", "消息体", "应答", "名称", "含义"],
        Lang::En => ["type", "dir", "body", "answers", "name", "meaning"],
    };
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for layout in layouts {
        let meaning = lang.pick(layout.zh, layout.en);
        let when = if layout.when.is_empty() { String::new() } else { format!(" ({})", layout.when) };
        rows.push(vec![
            format!("0x{:02X}", layout.code),
            layout.direction.name().to_owned(),
            body_length(layout),
            layout.reply_to.map(|code| format!("0x{code:02X}")).unwrap_or_default(),
            layout.name.to_owned(),
            format!("{meaning}{when}"),
        ]);
    }
    rows
}

/// The lengths a body may have: `60`, `9–10`, `8+16n`, `7+`.
fn body_length(layout: &Layout) -> String {
    let (required, full) = (layout.required_length(), layout.full_length());
    if let Some(group) = &layout.repeated {
        let each = group.fields.iter().map(|field| field.bits).sum::<usize>() / 8;
        return format!("{full}+{each}n");
    }
    if layout.fields.iter().any(|field| super::shape::is_variable(&field.kind)) {
        return format!("{required}+");
    }
    let mut lengths = vec![required];
    lengths.extend((full != required).then_some(full));
    lengths.extend(layout.extensions.iter().map(|extension| full + extension.length));
    lengths.iter().map(ToString::to_string).collect::<Vec<_>>().join("/")
}

/// The table of all messages, for a terminal.
#[must_use]
pub fn overview_text(layouts: &[&Layout], lang: Lang) -> String {
    columns(&overview_rows(layouts, lang))
}

/// The same in Markdown.
#[must_use]
pub fn overview_markdown(layouts: &[&Layout], lang: Lang) -> String {
    markdown(&overview_rows(layouts, lang))
}

/// A message with its fields, for a terminal.
#[must_use]
pub fn details_text(layout: &Layout, lang: Lang) -> String {
    format!("{}\n\n{}", heading(layout, lang), columns(&field_rows(layout, lang)))
}

/// The same in Markdown.
#[must_use]
pub fn details_markdown(layout: &Layout, lang: Lang) -> String {
    format!("## {}\n\n{}", heading(layout, lang), markdown(&field_rows(layout, lang)))
}

fn heading(layout: &Layout, lang: Lang) -> String {
    let name = lang.pick(layout.zh, layout.en);
    let mut lines = format!("0x{:02X} {name} ({}){}", layout.code, layout.name, direction(layout.direction, lang));
    if let Some(code) = layout.reply_to {
        lines.push_str(&match lang {
            Lang::Zh => format!("，应答 0x{code:02X}"),
            Lang::En => format!(", answers 0x{code:02X}"),
        });
    }
    if !layout.when.is_empty() {
        lines.push_str(&format!(" — {}", layout.when));
    }
    format!("{lines}\n\n{}", layout.about.trim())
}

const fn direction(direction: Direction, lang: Lang) -> &'static str {
    match direction {
        Direction::Up => lang.pick("，上行", ", up"),
        Direction::Down => lang.pick("，下行", ", down"),
    }
}

fn field_rows(layout: &Layout, lang: Lang) -> Vec<Vec<String>> {
    let head: [&str; 6] = match lang {
        Lang::Zh => ["偏移", "字节", "字段", "标签", "格式", "取值"],
        Lang::En => ["offset", "bytes", "field", "label", "format", "values"],
    };
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let mut bit = HEADER_LENGTH * 8;
    let mut fixed = true;
    for field in layout.fields {
        let name = if field.optional { format!("{}?", field.name) } else { field.name.to_owned() };
        rows.push(field_row(field, &name, fixed.then_some(bit), lang));
        bit += field.bits;
        fixed &= !super::shape::is_variable(&field.kind);
    }
    if let Some(group) = &layout.repeated {
        for field in group.fields {
            rows.push(field_row(field, &format!("{}[n].{}", group.name, field.name), None, lang));
        }
    }
    for extension in layout.extensions {
        let mut bit = bit;
        for field in extension.fields {
            rows.push(field_row(field, &format!("{} (+{})", field.name, extension.length), Some(bit), lang));
            bit += field.bits;
        }
    }
    rows
}

fn field_row(field: &FieldMeta, name: &str, bit: Option<usize>, lang: Lang) -> Vec<String> {
    let offset = match bit {
        Some(bit) if field.bits.is_multiple_of(8) => (bit / 8).to_string(),
        Some(bit) => format!("{}.{}", bit / 8, bit % 8),
        None => String::new(),
    };
    let label = lang.pick(field.zh, field.en).to_owned();
    vec![offset, width(field), name.to_owned(), label, format_of(&field.kind), values_of(&field.kind, lang)]
}

fn format_of(kind: &Kind) -> String {
    match kind {
        Kind::Bcd { .. } => "BCD".to_owned(),
        Kind::Number { decimals, offset, unit, .. } => {
            let scale =
                if *decimals == 0 { String::new() } else { format!(" 0.{}1", "0".repeat(usize::from(*decimals) - 1)) };
            let shift = if *offset == 0 { String::new() } else { format!(" {offset:+}") };
            format!("number{scale}{shift} {unit}").trim_end().to_owned()
        }
        Kind::Code(_) => "code".to_owned(),
        Kind::Flags(_) => "bits".to_owned(),
        Kind::Connector { binary: true } => "number".to_owned(),
        Kind::Connector { binary: false } => "BCD".to_owned(),
        Kind::Hex => "bytes".to_owned(),
        Kind::Ascii | Kind::TextToEnd => "ASCII".to_owned(),
        Kind::CountedText => "length + ASCII".to_owned(),
        Kind::Vin(_) => "VIN".to_owned(),
        Kind::Time => "CP56Time2a".to_owned(),
        Kind::TariffSlots(_) => "48 codes".to_owned(),
        Kind::SimDigits => "BCD or ASCII".to_owned(),
        Kind::Reserved => "reserved".to_owned(),
    }
}

fn values_of(kind: &Kind, lang: Lang) -> String {
    let entry = |entry: &CodeEntry| {
        let numbers = match entry.first == entry.last {
            true => format!("0x{:02X}", entry.first),
            false => format!("0x{:02X}–0x{:02X}", entry.first, entry.last),
        };
        format!("{numbers} {}", lang.pick(entry.zh, entry.en))
    };
    match kind {
        Kind::Code(table) | Kind::TariffSlots(table) => table.entries.iter().map(entry).collect::<Vec<_>>().join(", "),
        Kind::Flags(table) => {
            let flag = |flag: &crate::wire::Flag| format!("bit {} {}", flag.bit, lang.pick(flag.zh, flag.en));
            table.flags.iter().map(flag).collect::<Vec<_>>().join(", ")
        }
        Kind::Number { range: Some((low, high)), .. } => format!("{low}–{high}"),
        _ => String::new(),
    }
}

fn markdown(rows: &[Vec<String>]) -> String {
    let mut out = String::new();
    for (index, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
        if index == 0 {
            out.push_str(&format!("|{}\n", "---|".repeat(row.len())));
        }
    }
    out
}

/// A message's layout for machines.
#[derive(Debug, Serialize)]
pub struct LayoutJson {
    #[serde(rename = "type")]
    frame_type: String,
    name: &'static str,
    label_zh: &'static str,
    label_en: &'static str,
    about: &'static str,
    direction: &'static str,
    reply_to: Option<String>,
    when: &'static str,
    body_length: String,
    length_byte: Option<usize>,
    fields: Vec<FieldJson>,
}

#[derive(Debug, Serialize)]
struct FieldJson {
    name: String,
    label_zh: &'static str,
    label_en: &'static str,
    bits: usize,
    optional: bool,
    format: String,
    unit: &'static str,
    values: Vec<ValueJson>,
}

#[derive(Debug, Serialize)]
struct ValueJson {
    first: u32,
    last: u32,
    name: &'static str,
    text_zh: &'static str,
    text_en: &'static str,
}

impl LayoutJson {
    /// From a declaration.
    #[must_use]
    pub fn new(layout: &'static Layout) -> Self {
        let own = layout.fields.iter().map(|field| FieldJson::new(field, field.name.to_owned()));
        let groups = layout.repeated.iter().flat_map(|group| {
            group.fields.iter().map(|field| FieldJson::new(field, format!("{}[n].{}", group.name, field.name)))
        });
        let length = layout.required_length() + HEADER_LENGTH + 2 - UNCOUNTED;
        Self {
            frame_type: format!("0x{:02X}", layout.code),
            name: layout.name,
            label_zh: layout.zh,
            label_en: layout.en,
            about: layout.about.trim(),
            direction: layout.direction.name(),
            reply_to: layout.reply_to.map(|code| format!("0x{code:02X}")),
            when: layout.when,
            body_length: body_length(layout),
            length_byte: body_length(layout).parse::<usize>().is_ok().then_some(length),
            fields: own.chain(groups).collect(),
        }
    }
}

impl FieldJson {
    fn new(field: &'static FieldMeta, name: String) -> Self {
        let entries = match field.kind {
            Kind::Code(table) | Kind::TariffSlots(table) => table.entries,
            _ => &[],
        };
        let value = |entry: &CodeEntry| ValueJson {
            first: entry.first,
            last: entry.last,
            name: entry.name,
            text_zh: entry.zh,
            text_en: entry.en,
        };
        Self {
            name,
            label_zh: field.zh,
            label_en: field.en,
            bits: field.bits,
            optional: field.optional,
            format: format_of(&field.kind),
            unit: field.kind.unit(),
            values: entries.iter().map(value).collect(),
        }
    }
}
