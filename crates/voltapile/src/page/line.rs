//! A line of the list of what passes.

use voltapile_protocol::inspect::explain::Field;
use voltapile_protocol::inspect::text::spaced;
use voltapile_protocol::inspect::text::table::columns;
use voltapile_protocol::inspect::value::Value;
use voltapile_protocol::inspect::{Lang, Options, Report, inspect, lang};
use voltapile_protocol::layout::Direction;
use voltapile_protocol::wire::Kind;
use voltapile_protocol::ykc::field::PileCode;
use voltapile_simulator::model::civil_time;

/// Fields that say nothing new beside their neighbours, or are too long for a line.
const DULL: [&str; 6] =
    ["pile_code", "transaction_number", "iccid", "parallel_session_number", "reserved", "meter_number"];

/// Bytes of a frame in a row.
const BYTES_OF_ROW: usize = 16;

/// Something that passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) pile: PileCode,
    /// Milliseconds since 1970 in UTC.
    pub(crate) unix_ms: u64,
    pub(crate) what: What,
}

/// What passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// One frame.
    Frame(Direction, Vec<u8>),
    /// The line was made.
    Connected,
    /// The line was lost, and why.
    Disconnected(String),
}

impl Line {
    /// `12:00:07.250`.
    pub(super) fn time(&self) -> String {
        let time = civil_time(self.unix_ms);
        let (second, ms) = (time.millisecond / 1_000, time.millisecond % 1_000);
        format!("{:02}:{:02}:{second:02}.{ms:03}", time.hour, time.minute)
    }

    /// The frame, explained; nothing for what is none.
    pub(super) fn report(&self) -> Option<Report> {
        match &self.what {
            What::Frame(_, bytes) => inspect(bytes, Options::default()).reports.into_iter().next(),
            What::Connected | What::Disconnected(_) => None,
        }
    }

    /// Arrow, type and name, and the fields that matter; as long as they are.
    pub(super) fn text(&self, lang: Lang) -> String {
        match &self.what {
            What::Connected => lang.pick("── 已连接", "── connected").to_owned(),
            What::Disconnected(reason) => format!("{}: {reason}", lang.pick("── 连接断开", "── connection lost")),
            What::Frame(direction, _) => {
                let arrow = if *direction == Direction::Up { "↑" } else { "↓" };
                let Some(report) = self.report() else { return format!("{arrow} ?") };
                format!("{arrow} {}  {}", title(&report, lang), fields(&report, lang))
            }
        }
    }
}

/// `0x13 realtime report`.
pub(super) fn title(report: &Report, lang: Lang) -> String {
    let frame_type = report.header.map_or_else(String::new, |header| format!("{} ", report.type_text(header)));
    let name =
        report.layout.map_or(lang.pick("未知类型", "unknown type"), |layout| lang.pick(layout.zh, layout.en));
    let flaw = if report.findings.is_empty() { "" } else { " !" };
    format!("{frame_type}{name}{flaw}")
}

/// The fields that say something, in their order.
pub(super) fn fields(report: &Report, lang: Lang) -> String {
    let telling = report.fields.iter().filter(|field| tells(field));
    telling.map(|field| field_text(field, lang)).collect::<Vec<_>>().join(" · ")
}

/// All of a frame: what is wrong with it, each field with its value and bytes, and the bytes on the wire.
pub(super) fn explanation(report: &Report, lang: Lang) -> String {
    let mut out = format!("{}\n", title(report, lang));
    for finding in &report.findings {
        out.push_str(&format!("! {}\n", finding.message.pick(lang)));
    }
    let rows: Vec<Vec<String>> = report
        .fields
        .iter()
        .map(|field| {
            let unit =
                if let Kind::Number { unit, .. } = field.kind { lang::in_unit(unit, lang) } else { String::new() };
            let value = format!("{}{unit}", field.value.to_text(lang));
            let label = lang.pick(&field.zh, &field.en).to_owned();
            vec![format!("{:>4}", field.offset), label, value, spaced(&field.raw)]
        })
        .collect();
    out.push_str(&columns(&rows));
    for bytes in report.raw.chunks(BYTES_OF_ROW) {
        out.push_str(&format!("\n{}", spaced(bytes)));
    }
    out
}

/// `SOC 45 %`.
fn field_text(field: &Field, lang: Lang) -> String {
    let value = match (&field.value, field.kind) {
        // The number of a code stands in the full explanation.
        (Value::Code { table, number }, _) => match table.find(*number) {
            Some(entry) => lang.pick(entry.zh, entry.en).to_owned(),
            None => format!("0x{number:02X}"),
        },
        (value, Kind::Number { unit, .. }) => format!("{}{}", value.to_text(lang), lang::in_unit(unit, lang)),
        (value, _) => value.to_text(lang),
    };
    format!("{} {value}", lang.pick(&field.zh, &field.en))
}

fn tells(field: &Field) -> bool {
    let is_dull = DULL.iter().any(|dull| field.name.contains(dull)) || matches!(field.kind, Kind::Reserved);
    let is_zero = field.raw.iter().all(|byte| *byte == 0) && matches!(field.kind, Kind::Number { .. } | Kind::Hex);
    !is_dull && !is_zero && field.value != Value::None
}
