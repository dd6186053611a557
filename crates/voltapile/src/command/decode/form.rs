//! The forms in which a frame is shown: in full, as JSON, or in one line.

use voltapile_protocol::inspect::explain::Field;
use voltapile_protocol::inspect::json::FrameJson;
use voltapile_protocol::inspect::text::{Style, render};
use voltapile_protocol::inspect::value::Value;
use voltapile_protocol::inspect::{Lang, Report, Severity};
use voltapile_protocol::layout::Direction;
use voltapile_protocol::wire::Kind;

use super::filter::Place;

/// How frames are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Field by field.
    Full,
    /// One JSON object.
    Json,
    /// One line.
    Brief,
}

impl Form {
    /// A frame in this form. `number` counts shown frames from 1.
    pub(super) fn of(self, report: &Report, place: &Place, number: usize, style: Style) -> Vec<u8> {
        match self {
            Self::Full => full(report, place, number, style).into_bytes(),
            Self::Json => json(report, place, style.lang),
            Self::Brief => format!("{}\n", brief(report, place, style.lang)).into_bytes(),
        }
    }
}

fn full(report: &Report, place: &Place, number: usize, style: Style) -> String {
    let text = render(report, number, style);
    let between = if number == 1 { "" } else { "\n" };
    let heading = heading(place, report.direction, style.lang);
    match text.split_once('\n').filter(|_| !heading.is_empty()) {
        Some((title, rest)) => format!("{between}{title}\n  {heading}\n{rest}"),
        None => format!("{between}{text}"),
    }
}

/// `2026-01-31T08:15:00.000Z · connection 1 · 10.1.0.7:51000 → 10.0.0.1:8767`.
fn heading(place: &Place, direction: Option<Direction>, lang: Lang) -> String {
    let mut parts: Vec<String> = place.time().into_iter().collect();
    if let Some(talk) = place.talk {
        let number = talk.number;
        parts.push(match lang {
            Lang::Zh => format!("连接 {number}"),
            Lang::En => format!("connection {number}"),
        });
        let (from, to) =
            if direction == Some(Direction::Down) { (talk.server, talk.client) } else { (talk.client, talk.server) };
        parts.push(format!("{from} → {to}"));
    }
    parts.join(" · ")
}

fn json(report: &Report, place: &Place, lang: Lang) -> Vec<u8> {
    // Numbers, texts and lists: nothing in it that JSON cannot hold.
    let frame = serde_json::to_string(&FrameJson::new(report, lang)).unwrap_or_default();
    let mut line = String::from("{");
    if let Some(time) = place.time() {
        line.push_str(&format!("\"time\":\"{time}\","));
    }
    if let Some(talk) = place.talk {
        let (number, client, server) = (talk.number, talk.client, talk.server);
        line.push_str(&format!("\"connection\":{number},\"client\":\"{client}\",\"server\":\"{server}\","));
    }
    line.push_str(frame.get(1..).unwrap_or_default());
    line.push('\n');
    line.into_bytes()
}

/// Who, what, and what is wrong, in one line.
fn brief(report: &Report, place: &Place, lang: Lang) -> String {
    let mut parts: Vec<String> = place.time().into_iter().collect();
    parts.extend(place.talk.map(|talk| format!("#{}", talk.number)));
    parts.push(
        match report.direction {
            Some(Direction::Up) => "→",
            Some(Direction::Down) => "←",
            None => "·",
        }
        .to_owned(),
    );
    parts.push(report.title(lang));
    parts.extend(report.fields.iter().filter_map(|field| key_field(field, lang)));
    let wrong = |severity| report.findings.iter().filter(move |finding| finding.severity == severity);
    parts.extend(wrong(Severity::Error).map(|finding| format!("✗{}", finding.code)));
    parts.extend(wrong(Severity::Warning).map(|finding| format!("!{}", finding.code)));
    parts.join("  ")
}

/// What tells frames of one type apart at a glance: whose it is, which order, and the states.
fn key_field(field: &Field, lang: Lang) -> Option<String> {
    let text = field.value.to_text(lang);
    match (&field.kind, field.name.as_str()) {
        (Kind::Bcd { .. } | Kind::Text, "pile_code") => Some(text),
        (Kind::Bcd { .. } | Kind::Text, "transaction_number") if text.bytes().any(|digit| digit != b'0') => Some(text),
        (Kind::Connector { .. }, _) => Some(format!("{} {text}", lang.pick("枪", "connector"))),
        (Kind::Code(_), _) if field.packed.is_none() && field.length > 0 => match &field.value {
            Value::Code { table, number } => table.find(*number).map(|entry| lang.pick(entry.zh, entry.en).to_owned()),
            _ => None,
        },
        (Kind::Number { unit: "CNY", .. }, "total_amount") => Some(format!("{text} {}", lang.pick("元", "CNY"))),
        _ => None,
    }
}
