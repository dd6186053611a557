//! What a platform says differently, for people and for machines.

use std::fmt::Write;

use serde_json::{Value as Json, json};
use voltapile_platform::timestamp::Timestamp as Moment;
use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::explain::Field;
use voltapile_protocol::inspect::value::{Value, hex};
use voltapile_protocol::inspect::{Lang, Report};

/// Something that is not as it was.
#[derive(Debug)]
pub(super) struct Difference {
    /// The connection's number in the capture.
    pub(super) connection: usize,
    /// When it was said then, in microseconds since 1970; the largest number where it was not said then.
    pub(super) at: u64,
    /// What it is.
    pub(super) what: What,
    /// The frame of the pile that was sent before, where it is about an answer.
    pub(super) sent: Option<Vec<u8>>,
}

/// In which way something is not as it was.
#[derive(Debug)]
pub(super) enum What {
    /// The answer differs.
    Different {
        then: Box<Report>,
        now: Box<Report>,
        changed: Vec<Changed>,
        /// The sequence number that was sent, and the other one that the answer has.
        sequences: Option<(Vec<u8>, Vec<u8>)>,
    },
    /// It was said then, and not now.
    Missing { then: Box<Report> },
    /// It is said now, and was not then.
    Unasked { now: Box<Report> },
    /// The platform ended the connection before the pile had said everything.
    Closed { unsent: usize },
}

/// A field that differs.
#[derive(Debug)]
pub(super) struct Changed {
    pub(super) name: String,
    zh: String,
    en: String,
    then: Option<Value>,
    now: Option<Value>,
}

impl Changed {
    pub(super) fn new(then: Option<&Field>, now: Option<&Field>) -> Self {
        let (name, zh, en) =
            then.or(now).map(|field| (field.name.clone(), field.zh.clone(), field.en.clone())).unwrap_or_default();
        Self { name, zh, en, then: then.map(|field| field.value.clone()), now: now.map(|field| field.value.clone()) }
    }

    fn text(&self, lang: Lang) -> String {
        let shown = |value: &Option<Value>| match value {
            Some(value) => value.to_text(lang),
            None => lang.pick("没有该字段", "no such field").to_owned(),
        };
        let (then, now) = (shown(&self.then), shown(&self.now));
        let label = lang.pick(&self.zh, &self.en);
        match lang {
            Lang::Zh => format!("{label}：原为 {then}，现为 {now}"),
            Lang::En => format!("{label}: was {then}, is {now}"),
        }
    }

    fn json(&self) -> Json {
        let shown = |value: &Option<Value>| value.as_ref().map_or(Json::Null, Value::to_json);
        json!({ "name": self.name, "then": shown(&self.then), "now": shown(&self.now) })
    }
}

fn frame_type(report: &Report) -> Option<String> {
    report.header.map(|header| report.protocol.written(header.frame_type))
}

fn named(report: &Report, lang: Lang) -> String {
    let name =
        report.layout.map_or(lang.pick("未知类型", "unknown type"), |layout| lang.pick(layout.zh, layout.en));
    let mark = if report.protocol == Protocol::Aaf5 { "CMD " } else { "" };
    format!("{mark}{} {name}", frame_type(report).unwrap_or_default())
}

impl Difference {
    /// For people.
    pub(super) fn text(&self, lang: Lang) -> String {
        let mut out = match lang {
            Lang::Zh => format!("连接 {}", self.connection),
            Lang::En => format!("connection {}", self.connection),
        };
        if let Some(time) = self.time() {
            let _ = write!(out, " · {time}");
        }
        let colon = lang.pick("：", ": ");
        let said = match &self.what {
            What::Different { now, .. } => format!("{} {}", named(now, lang), lang.pick("不同", "differs")),
            What::Missing { then } => format!("{} {}", named(then, lang), lang.pick("这次没有", "is missing")),
            What::Unasked { now } => format!("{} {}", named(now, lang), lang.pick("原来没有", "was not said then")),
            What::Closed { unsent } => match lang {
                Lang::Zh => format!("平台断开了连接，还有 {unsent} 帧没有发出"),
                Lang::En => format!("the platform closed the connection, {unsent} frames were not sent"),
            },
        };
        let _ = write!(out, "{colon}{said}");
        if let What::Different { changed, sequences, .. } = &self.what {
            for field in changed {
                let _ = write!(out, "\n  {}", field.text(lang));
            }
            if let Some((sent, answered)) = sequences {
                let (sent, answered) = (hex(sent), hex(answered));
                let _ = match lang {
                    Lang::Zh => write!(out, "\n  序列号：发送 {sent}，应答 {answered}"),
                    Lang::En => write!(out, "\n  sequence: sent {sent}, answered {answered}"),
                };
            }
        }
        let [sent, then, now] = self.frames();
        let rows = [
            (sent.map(hex), lang.pick("发送", "sent")),
            (then.map(hex), lang.pick("原应答", "then")),
            (now.map(hex), lang.pick("现应答", "now")),
        ];
        for (raw, label) in rows {
            if let Some(raw) = raw {
                let _ = write!(out, "\n  {label}{colon}{raw}");
            }
        }
        out
    }

    /// For machines.
    pub(super) fn json(&self) -> String {
        let (kind, report) = match &self.what {
            What::Different { now, .. } => ("different", Some(now)),
            What::Missing { then } => ("missing", Some(then)),
            What::Unasked { now } => ("unasked", Some(now)),
            What::Closed { .. } => ("closed", None),
        };
        let [sent, then, now] = self.frames();
        let (fields, sequences) = match &self.what {
            What::Different { changed, sequences, .. } => (
                changed.iter().map(Changed::json).collect(),
                sequences.as_ref().map(|(sent, now)| [hex(sent), hex(now)]),
            ),
            _ => (Vec::new(), None),
        };
        let unsent = if let What::Closed { unsent } = &self.what { Some(*unsent) } else { None };
        json!({
            "connection": self.connection,
            "time": self.time(),
            "kind": kind,
            "type": report.and_then(|report| frame_type(report)),
            "name": report.and_then(|report| report.layout).map(|layout| layout.name),
            "fields": fields,
            "sequence": sequences,
            "unsent": unsent,
            "sent": sent.map(hex),
            "then": then.map(hex),
            "now": now.map(hex),
        })
        .to_string()
    }

    fn time(&self) -> Option<String> {
        let ms = i64::try_from(self.at / 1000).ok().filter(|_| self.at != u64::MAX)?;
        Some(Moment::from_unix_ms(ms).to_string())
    }

    /// What was sent, answered then, and answered now.
    fn frames(&self) -> [Option<&[u8]>; 3] {
        let (then, now) = match &self.what {
            What::Different { then, now, .. } => (Some(then), Some(now)),
            What::Missing { then } => (Some(then), None),
            What::Unasked { now } => (None, Some(now)),
            What::Closed { .. } => (None, None),
        };
        [self.sent.as_deref(), then.map(|report| report.raw.as_slice()), now.map(|report| report.raw.as_slice())]
    }
}

/// How it went in all.
#[derive(Debug, Clone, Default)]
pub(super) struct Summary {
    /// Connections that were played.
    pub(super) connections: usize,
    /// Frames that piles said.
    pub(super) sent: usize,
    /// Frames that the platform said as then.
    pub(super) same: usize,
    /// Frames that it said otherwise.
    pub(super) different: usize,
    /// Frames that it did not say.
    pub(super) missing: usize,
    /// Frames that it had not said then.
    pub(super) unasked: usize,
}

impl Summary {
    pub(super) fn add(&mut self, other: &Self) {
        self.connections += other.connections;
        self.sent += other.sent;
        self.same += other.same;
        self.different += other.different;
        self.missing += other.missing;
        self.unasked += other.unasked;
    }

    pub(super) fn text(&self, lang: Lang) -> String {
        let Self { connections, sent, same, different, missing, unasked } = self;
        match lang {
            Lang::Zh => format!(
                "{connections} 个连接，发送 {sent} 帧；平台应答：{same} 帧相同，{different} 帧不同，{missing} 帧缺少，{unasked} 帧多出"
            ),
            Lang::En => format!(
                "{connections} connections, {sent} frames sent; of the platform's frames {same} are as before, \
                 {different} differ, {missing} are missing, {unasked} are new"
            ),
        }
    }

    pub(super) fn json(&self) -> String {
        let Self { connections, sent, same, different, missing, unasked } = self;
        json!({ "summary": {
            "connections": connections, "sent": sent, "same": same,
            "different": different, "missing": missing, "unasked": unasked,
        }})
        .to_string()
    }
}
