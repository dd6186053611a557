//! The human form of a report: a byte map, the fields in a table, the findings below.

pub mod table;

use std::fmt::Write;

use super::explain::Field;
use super::finding::{Finding, Severity};
use super::lang::{self, Lang};
use super::report::Report;
use super::value::hex;
use crate::Protocol;
use crate::layout::Direction;
use crate::wire::Kind;
use crate::ykc::CrcOrder;
use table::pad;

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Language of everything.
    pub lang: Lang,
    /// Whether to colour with terminal escapes.
    pub colour: bool,
}

const RESET: &str = "\u{1B}[0m";
const BOLD: &str = "\u{1B}[1m";
const DIM: &str = "\u{1B}[2m";
/// Colours of fields in turn: neighbours differ.
const FIELD_COLOURS: [&str; 6] = ["\u{1B}[36m", "\u{1B}[33m", "\u{1B}[32m", "\u{1B}[35m", "\u{1B}[94m", "\u{1B}[91m"];
/// Bytes on a line of the map.
const MAP_WIDTH: usize = 16;
/// Bytes of a field shown in the table; the map has all.
const SHOWN_BYTES: usize = 8;

impl Style {
    fn paint(self, colour: &str, text: &str) -> String {
        if self.colour { format!("{colour}{text}{RESET}") } else { text.to_owned() }
    }
}

/// A report for people. `number` counts frames from 1.
#[must_use]
pub fn render(report: &Report, number: usize, style: Style) -> String {
    let mut out = String::new();
    out.push_str(&title(report, number, style));
    out.push_str(&envelope(report, style));
    byte_map(report, style, &mut out);
    fields(report, style, &mut out);
    for finding in &report.findings {
        out.push_str(&finding_line(finding, style));
    }
    if let Some(corrected) = &report.corrected {
        let (label, colon) = (style.lang.pick("更正后", "corrected"), style.lang.pick("：", ": "));
        let _ = writeln!(out, "  {}{colon}{}", style.paint(BOLD, label), spaced(corrected));
    }
    out
}

fn title(report: &Report, number: usize, style: Style) -> String {
    let mut name = report.title(style.lang);
    if let Some(layout) = report.layout {
        let _ = write!(name, " ({})", layout.name);
    }
    format!("{}\n", style.paint(BOLD, &format!("#{number} {name}")))
}

fn envelope(report: &Report, style: Style) -> String {
    let lang = style.lang;
    let mut parts = Vec::new();
    match report.direction {
        Some(Direction::Up) => parts.push(lang.pick("上行（桩→平台）", "pile → platform").to_owned()),
        Some(Direction::Down) => parts.push(lang.pick("下行（平台→桩）", "platform → pile").to_owned()),
        None => {}
    }
    let (length, offset) = (report.raw.len(), report.offset);
    parts.push(match (lang, report.line) {
        (Lang::Zh, Some(line)) => format!("{length} 字节，第 {line} 行"),
        (Lang::Zh, None) => format!("{length} 字节，偏移 {offset}"),
        (Lang::En, Some(line)) => format!("{length} bytes, line {line}"),
        (Lang::En, None) => format!("{length} bytes at {offset}"),
    });
    if let Some(header) = report.header {
        parts.push(format!("{} {}", lang.pick("序列号", "sequence"), hex(header.sequence())));
        if report.protocol == Protocol::Aaf5 {
            parts.push(format!("{} 0x{:02X}", lang.pick("信息域", "information byte"), header.flags));
        } else if header.is_encrypted() {
            parts.push(format!("{} 0x{:02X}", lang.pick("加密标志", "encryption flag"), header.flags));
        }
    }
    if report.check_length() > 0 && report.header.is_some() {
        let state = match report.framing.crc_order() {
            Some(CrcOrder::LowFirst) => lang.pick("正确，低字节在前", "holds, low byte first"),
            Some(CrcOrder::HighFirst) => lang.pick("正确，高字节在前", "holds, high byte first"),
            None if report.framing.holds() => lang.pick("正确", "holds"),
            None => lang.pick("错误", "wrong"),
        };
        let name = if report.protocol == Protocol::Aaf5 { lang.pick("校验和", "check sum") } else { "CRC" };
        parts.push(format!("{name} {} {state}", hex(report.check_bytes())));
    }
    format!("  {}\n", parts.join(" · "))
}

/// All bytes, each in the colour of its field.
fn byte_map(report: &Report, style: Style, out: &mut String) {
    for (line, bytes) in report.raw.chunks(MAP_WIDTH).enumerate() {
        let begin = line * MAP_WIDTH;
        let _ = write!(out, "  {}", style.paint(DIM, &format!("{begin:4}")));
        for (index, byte) in bytes.iter().enumerate() {
            let colour = colour_of(report, begin + index);
            let _ = write!(out, " {}", style.paint(colour, &format!("{byte:02X}")));
        }
        out.push('\n');
    }
}

fn colour_of(report: &Report, offset: usize) -> &'static str {
    let touches = |field: &Field| (field.offset..field.offset + field.length).contains(&offset);
    match report.fields.iter().position(touches) {
        Some(index) => field_colour(index),
        None => DIM,
    }
}

fn field_colour(index: usize) -> &'static str {
    FIELD_COLOURS.get(index % FIELD_COLOURS.len()).copied().unwrap_or(DIM)
}

fn fields(report: &Report, style: Style, out: &mut String) {
    let label = |field: &Field| style.lang.pick(&field.zh, &field.en).to_owned();
    let labels = report.fields.iter().map(|field| table::width(&label(field))).max().unwrap_or(0);
    let bytes = report.fields.iter().map(|field| table::width(&shown_bytes(field))).max().unwrap_or(0);
    for (index, field) in report.fields.iter().enumerate() {
        let colour = field_colour(index);
        let place = match field.packed {
            Some((bit, _)) => format!("{}.{bit}", field.offset),
            None => field.offset.to_string(),
        };
        let _ = writeln!(
            out,
            "  {} {}  {}  {}",
            style.paint(DIM, &format!("{place:>5}")),
            style.paint(colour, &pad(&shown_bytes(field), bytes)),
            pad(&label(field), labels),
            style.paint(BOLD, &shown_value(field, style.lang)),
        );
    }
}

/// A field's bytes, or its bits; long ones are cut.
fn shown_bytes(field: &Field) -> String {
    if let Some((_, bits)) = field.packed {
        return format!("0b{:0bits$b}", field.number);
    }
    match field.raw.get(..SHOWN_BYTES) {
        Some(head) if field.raw.len() > SHOWN_BYTES * 2 + 1 => format!("{} … ({})", spaced(head), field.raw.len()),
        _ => spaced(&field.raw),
    }
}

fn shown_value(field: &Field, lang: Lang) -> String {
    let text = field.value.to_text(lang);
    if let Some(meaning) = &field.meaning {
        return format!("{text} · {}", meaning.text.pick(lang));
    }
    match field.kind {
        Kind::Number { .. } | Kind::List { .. } if field.value != super::value::Value::None => {
            format!("{text}{}", lang::in_unit(field.kind.unit(), lang))
        }
        _ => text,
    }
}

fn finding_line(finding: &Finding, style: Style) -> String {
    let (mark, colour) = match finding.severity {
        Severity::Error => ("✗", "\u{1B}[1;31m"),
        Severity::Warning => ("!", "\u{1B}[1;33m"),
        Severity::Info => ("i", "\u{1B}[1;36m"),
    };
    let severity = match finding.severity {
        Severity::Error => style.lang.pick("错误", "error"),
        Severity::Warning => style.lang.pick("警告", "warning"),
        Severity::Info => style.lang.pick("提示", "info"),
    };
    let head = style.paint(colour, &format!("{mark} {severity}"));
    let place = match style.lang {
        Lang::Zh => format!("偏移 {}", finding.offset),
        Lang::En => format!("at {}", finding.offset),
    };
    let colon = style.lang.pick("：", ": ");
    format!("  {head} {place} [{}]{colon}{}\n", finding.code, finding.message.pick(style.lang))
}

/// Bytes in hex with spaces.
#[must_use]
pub fn spaced(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ")
}
