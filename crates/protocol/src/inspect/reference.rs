//! The protocol as tables, printed from the declarations.

mod settings;

use serde::Serialize;

use super::declared::{header_length, layouts};
use super::lang::{Lang, in_unit};
use super::shape::width;
use super::suggest::nearest;
use super::text::table::columns;
use crate::family::Protocol;
use crate::layout::{Direction, FieldMeta, Layout};
use crate::wire::{CodeEntry, CodeTable, Flag, Kind};
use crate::ykc::frame::UNCOUNTED;

/// Layouts by type (`0x13`, `13`; `104` for AA F5) or name, of one protocol or of all; on failure the nearest name.
///
/// # Errors
/// The nearest name, if one is near, when nothing has that type or name.
pub fn find(wanted: &str, protocol: Option<Protocol>) -> Result<Vec<&'static Layout>, Option<&'static str>> {
    let digits = wanted.strip_prefix("0x").or_else(|| wanted.strip_prefix("0X"));
    let hex = u16::from_str_radix(digits.unwrap_or(wanted), 16).ok();
    let decimal = wanted.parse().ok().filter(|_| digits.is_none());
    let matches = |layout: &&'static Layout| {
        let code = if layout.protocol == Protocol::Ykc { hex } else { decimal };
        Some(layout.code) == code || layout.name == wanted
    };
    let asked = Protocol::ALL.into_iter().filter(|one| protocol.is_none_or(|protocol| *one == protocol));
    let all: Vec<_> = asked.flat_map(|protocol| layouts(protocol).iter().copied()).collect();
    let found: Vec<_> = all.iter().copied().filter(matches).collect();
    if found.is_empty() { Err(nearest(wanted, all.iter().map(|layout| layout.name))) } else { Ok(found) }
}

/// All layouts of a protocol by frame type.
#[must_use]
pub fn all(protocol: Protocol) -> Vec<&'static Layout> {
    let mut layouts = layouts(protocol).to_vec();
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
        let when = match lang {
            _ if !layout.is_conditional() => String::new(),
            Lang::Zh => format!("（{}）", layout.when_zh),
            Lang::En => format!(" ({})", layout.when_en),
        };
        rows.push(vec![
            layout.protocol.written(layout.code),
            direction(layout.direction, lang).to_owned(),
            body_length(layout),
            layout.reply_to.map(|code| layout.protocol.written(code)).unwrap_or_default(),
            layout.name.to_owned(),
            format!("{meaning}{when}"),
        ]);
    }
    rows
}

/// The lengths a body may have: `60`, `9–10`, `8+16n`, `7+`.
fn body_length(layout: &Layout) -> String {
    let (required, full) = (layout.required_length(), layout.full_length());
    if let Some(group) = layout.repeated.filter(|group| !group.fixed) {
        return format!("{full}+{}n", group.element_length());
    }
    if layout.fields.iter().any(|field| field.kind.is_variable()) {
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
    format!("{}\n\n{}{}", heading(layout, lang), columns(&field_rows(layout, lang)), settings::text(layout, lang))
}

/// The same in Markdown.
#[must_use]
pub fn details_markdown(layout: &Layout, lang: Lang) -> String {
    let fields = markdown(&field_rows(layout, lang));
    format!("## {}\n\n{fields}{}", heading(layout, lang), settings::in_markdown(layout, lang))
}

fn heading(layout: &Layout, lang: Lang) -> String {
    let name = lang.pick(layout.zh, layout.en);
    let comma = lang.pick("，", ", ");
    let direction = direction(layout.direction, lang);
    let code = titled(layout.protocol, layout.code);
    let mut line = format!("{code} {name} ({}){comma}{direction}", layout.name);
    if let Some(code) = layout.reply_to {
        line.push_str(&format!("{comma}{} {}", lang.pick("应答", "answers"), titled(layout.protocol, code)));
    }
    if layout.is_conditional() {
        line.push_str(&format!(" — {}", lang.pick(layout.when_zh, layout.when_en)));
    }
    format!("{line}\n\n{}", lang.pick(layout.about_zh, layout.about_en).trim())
}

/// A frame type in running text: `0x13`, `CMD 104`.
#[must_use]
pub fn titled(protocol: Protocol, code: u16) -> String {
    let written = protocol.written(code);
    if protocol == Protocol::Aaf5 { format!("CMD {written}") } else { written }
}

const fn direction(direction: Direction, lang: Lang) -> &'static str {
    match direction {
        Direction::Up => lang.pick("上行", "up"),
        Direction::Down => lang.pick("下行", "down"),
    }
}

fn field_rows(layout: &Layout, lang: Lang) -> Vec<Vec<String>> {
    let head: [&str; 6] = match lang {
        Lang::Zh => ["偏移", "字节", "字段", "标签", "格式", "取值"],
        Lang::En => ["offset", "bytes", "field", "label", "format", "values"],
    };
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let mut bit = header_length(layout.protocol) * 8;
    let mut fixed = true;
    for field in layout.fields {
        let name = if field.optional { format!("{}?", field.name) } else { field.name.to_owned() };
        rows.push(field_row(field, &name, fixed.then_some(bit), lang));
        bit += field.bits;
        fixed &= !field.kind.is_variable();
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
    let (format, values) = (format_of(&field.kind, lang), values_of(&field.kind, lang));
    vec![offset, width(field, lang), name.to_owned(), label, format, values]
}

fn format_of(kind: &Kind, lang: Lang) -> String {
    let number = lang.pick("数值", "number");
    match kind {
        Kind::Number { signed, decimals, offset, unit, .. } => {
            let number = if *signed { lang.pick("有符号数值", "signed number") } else { number };
            let scale =
                if *decimals == 0 { String::new() } else { format!(" 0.{}1", "0".repeat(usize::from(*decimals) - 1)) };
            let shift = if *offset == 0 { String::new() } else { format!(" {offset:+}") };
            return format!("{number}{scale}{shift}{}", in_unit(unit, lang));
        }
        Kind::Bcd { .. } | Kind::Connector { binary: false } => lang.pick("BCD 码", "BCD"),
        Kind::Code(_) => lang.pick("代码", "code"),
        Kind::Flags(_) => lang.pick("按位", "bits"),
        Kind::Connectors => lang.pick("每枪一位", "a bit for each connector"),
        Kind::List { item, .. } => return format!("{}{}", lang.pick("多个：", "list: "), format_of(item, lang)),
        Kind::Connector { binary: true } => number,
        Kind::Hex | Kind::HexToEnd => lang.pick("字节", "bytes"),
        Kind::Ascii | Kind::Text | Kind::TextToEnd => lang.pick("ASCII 码", "ASCII"),
        Kind::CountedText => lang.pick("长度 + ASCII 码", "length + ASCII"),
        Kind::Vin(_) => lang.pick("VIN 码", "VIN"),
        Kind::Time => "CP56Time2a",
        Kind::BcdTime => lang.pick("BCD 时间", "BCD time"),
        Kind::TariffSlots(_) => lang.pick("48 个代码", "48 codes"),
        Kind::SimDigits => lang.pick("BCD 码或 ASCII 码", "BCD or ASCII"),
        Kind::Reserved => lang.pick("预留", "reserved"),
    }
    .to_owned()
}

fn values_of(kind: &Kind, lang: Lang) -> String {
    let entry = |table: &CodeTable, entry: &CodeEntry| {
        let numbers = match entry.first == entry.last {
            true => table.written(entry.first),
            false => format!("{}–{}", table.written(entry.first), table.written(entry.last)),
        };
        format!("{numbers} {}", lang.pick(entry.zh, entry.en))
    };
    let flag = |flag: &Flag| format!("{} {} {}", lang.pick("位", "bit"), flag.bit, lang.pick(flag.zh, flag.en));
    let separator = lang.pick("，", ", ");
    match kind {
        Kind::Code(table) | Kind::TariffSlots(table) => {
            table.entries.iter().map(|one| entry(table, one)).collect::<Vec<_>>().join(separator)
        }
        Kind::Flags(table) => table.flags.iter().map(flag).collect::<Vec<_>>().join(separator),
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
    protocol: &'static str,
    #[serde(rename = "type")]
    frame_type: String,
    name: &'static str,
    label_zh: &'static str,
    label_en: &'static str,
    about_zh: &'static str,
    about_en: &'static str,
    direction: &'static str,
    reply_to: Option<String>,
    when_zh: &'static str,
    when_en: &'static str,
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
        let has_length_byte = layout.protocol == Protocol::Ykc && body_length(layout).parse::<usize>().is_ok();
        let length = layout.required_length() + header_length(layout.protocol) + 2 - UNCOUNTED;
        Self {
            protocol: layout.protocol.name(),
            frame_type: layout.protocol.written(layout.code),
            name: layout.name,
            label_zh: layout.zh,
            label_en: layout.en,
            about_zh: layout.about_zh,
            about_en: layout.about_en.trim(),
            direction: layout.direction.name(),
            reply_to: layout.reply_to.map(|code| layout.protocol.written(code)),
            when_zh: layout.when_zh,
            when_en: layout.when_en,
            body_length: body_length(layout),
            length_byte: has_length_byte.then_some(length),
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
            format: format_of(&field.kind, Lang::En),
            unit: field.kind.unit(),
            values: entries.iter().map(value).collect(),
        }
    }
}
