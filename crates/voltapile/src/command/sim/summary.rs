//! What came out of a run, for people in two languages and for programs.

use std::fmt::Write;
use std::io;
use std::time::Duration;

use serde_json::{Value, json};
use voltapile_protocol::inspect::Lang;
use voltapile_protocol::inspect::text::table::columns;
use voltapile_protocol::wire::Code;
use voltapile_protocol::ykc::code::{LoginResult, StartRefusal};
use voltapile_protocol::ykc::field::PileCode;
use voltapile_simulator::load::Latency;
use voltapile_simulator::model::PileSnapshot;
use voltapile_simulator::scenario::span_text;

use super::fleet::Launch;
use super::tally::{Complaint, Tally, Totals};

/// Records that never left are told pile by pile up to so many piles.
const PILES_NAMED: usize = 5;

/// What came out of a run.
pub(super) struct Summary {
    launch: Launch,
    elapsed: Duration,
    piles: usize,
    totals: Totals,
    latency: Option<Latency>,
    /// Piles that still have records which the platform has not confirmed, and how many.
    kept: Vec<(PileCode, usize)>,
    /// Records that the piles' firmware gave up.
    records_lost: usize,
    /// Why the capture is not whole.
    capture_flaw: Option<String>,
}

impl Summary {
    /// Of what was counted, and of how the piles are at the end.
    pub(super) fn new(tally: &Tally, snapshots: &[(PileCode, PileSnapshot)], launch: Launch) -> Self {
        let kept = snapshots.iter().map(|(code, pile)| (*code, pile.unconfirmed_records + pile.held_records));
        Self {
            launch,
            elapsed: tally.elapsed(),
            piles: snapshots.len(),
            totals: tally.totals(),
            latency: (tally.latency().count() > 0).then(|| tally.latency().told()),
            kept: kept.filter(|(_, count)| *count > 0).collect(),
            records_lost: snapshots.iter().map(|(_, pile)| pile.lost_records).sum(),
            capture_flaw: None,
        }
    }

    /// With what became of the capture: how many notes it lacks, or why it could not be written.
    pub(super) fn with_capture(mut self, lost: io::Result<u64>) -> Self {
        self.capture_flaw = match lost {
            Ok(0) => None,
            Ok(lost) => Some(format!("{lost} notes lost: the disk was too slow")),
            Err(error) => Some(error.to_string()),
        };
        self
    }

    /// Whether the piles have nothing to complain about.
    pub(super) fn is_flawless(&self) -> bool {
        self.totals.complaints().is_empty() && self.capture_flaw.is_none()
    }

    fn records_kept(&self) -> usize {
        self.kept.iter().map(|(_, count)| count).sum()
    }

    /// For programs.
    pub(super) fn json(&self, lang: Lang) -> Value {
        let totals = &self.totals;
        let frames = |wanted: bool| -> Vec<Value> {
            let frames = totals.frames.iter().filter(|((is_down, ..), _)| *is_down == wanted);
            frames
                .map(|((_, protocol, frame_type), frames)| {
                    let name = frames.layout.map(|layout| layout.name);
                    json!({"type": protocol.written(*frame_type), "name": name, "count": frames.count})
                })
                .collect()
        };
        let complaints = totals.complaints();
        json!({
            "server": self.launch.server.to_string(),
            "speed": self.launch.options.speed,
            "seed": self.launch.options.seed,
            "seconds": self.elapsed.as_secs_f64(),
            "piles": {"count": self.piles, "online": totals.online, "charging": totals.charging},
            "connections": {"made": totals.connections, "lost": totals.lost},
            "logins": {
                "accepted": totals.logins_accepted,
                "refused": named::<LoginResult>(&totals.logins_refused),
                "unanswered": totals.logins_unanswered,
            },
            "frames": {"up": frames(false), "down": frames(true)},
            "charges": {
                "begun": totals.charges,
                "asked_and_allowed": totals.starts_consented,
                "asked_and_refused": named::<StartRefusal>(&totals.starts_refused),
            },
            "records": {
                "sent": totals.records_sent,
                "confirmed": totals.records_confirmed,
                "rejected": totals.records_rejected,
                "kept": self.records_kept(),
                "lost": self.records_lost,
                "energy_kwh": decimal(totals.energy),
                "amount_yuan": decimal(totals.amount),
            },
            "heartbeats": {
                "sent": totals.heartbeats,
                "answered": totals.heartbeats_answered,
                "unanswered": totals.heartbeats_unanswered,
                "latency": self.latency,
            },
            "faults": totals.faults.iter().map(|(fault, count)| (fault.name().to_owned(), json!(count)))
                .collect::<serde_json::Map<_, _>>(),
            "capture_flaw": self.capture_flaw,
            "complaints": complaints.iter().map(|(complaint, count)| json!({
                "code": complaint.name(), "count": count, "text": complaint.text(*count, &totals.protocols, lang),
            })).collect::<Vec<_>>(),
            "flawless": self.is_flawless(),
        })
    }

    /// For people.
    pub(super) fn text(&self, lang: Lang) -> String {
        let totals = &self.totals;
        let mut rows: Vec<(&str, String)> = vec![
            (lang.pick("桩", "piles"), self.piles_text(lang)),
            (lang.pick("登录", "logins"), self.logins_text(lang)),
            (lang.pick("心跳", "heartbeats"), self.heartbeats_text(lang)),
            (lang.pick("充电", "charges"), self.charges_text(lang)),
            (lang.pick("交易记录", "records"), self.records_text(lang)),
        ];
        if !totals.faults.is_empty() {
            let faults = totals.faults.iter().map(|(fault, count)| format!("{fault} {count}"));
            rows.push((lang.pick("故障", "faults"), faults.collect::<Vec<_>>().join(", ")));
        }
        let rows: Vec<Vec<String>> = rows.into_iter().map(|(name, text)| vec![name.to_owned(), text]).collect();
        let mut out = columns(&rows);
        out.push_str(&self.frames_text(lang));
        let complaints = totals.complaints();
        out.push('\n');
        if complaints.is_empty() {
            out.push_str(lang.pick("平台没有差错。\n", "Nothing to complain about.\n"));
        } else {
            out.push_str(lang.pick("平台的差错：\n", "What the platform did wrong:\n"));
            for (complaint, count) in &complaints {
                let _ = writeln!(
                    out,
                    "  ✗ {}{}",
                    complaint.text(*count, &totals.protocols, lang),
                    advice(*complaint, lang)
                );
            }
        }
        if let Some(flaw) = &self.capture_flaw {
            let _ = writeln!(out, "{}{flaw}", lang.pick("抓包文件不完整：", "the capture is not whole: "));
        }
        out
    }

    fn piles_text(&self, lang: Lang) -> String {
        let (Totals { online, connections, .. }, piles) = (&self.totals, self.piles);
        let elapsed = span_text(self.elapsed);
        let lost: Vec<String> =
            self.totals.lost.iter().map(|(reason, count)| format!("{count} × {}", parting(reason, lang))).collect();
        let (open, close) = (lang.pick("（", " ("), lang.pick("）", ")"));
        let lost = if lost.is_empty() { String::new() } else { format!("{open}{}{close}", lost.join(", ")) };
        match lang {
            Lang::Zh => format!("{piles} 个，{elapsed} 后在线 {online} 个，共 {connections} 次连接{lost}"),
            Lang::En => format!("{piles}, {online} online after {elapsed}, {connections} connections{lost}"),
        }
    }

    fn logins_text(&self, lang: Lang) -> String {
        let Totals { logins_accepted: accepted, logins_unanswered: unanswered, .. } = &self.totals;
        let refused = self.totals.all_logins_refused();
        match lang {
            Lang::Zh => format!("成功 {accepted}，被拒绝 {refused}，无应答 {unanswered}"),
            Lang::En => format!("{accepted} accepted, {refused} refused, {unanswered} unanswered"),
        }
    }

    fn heartbeats_text(&self, lang: Lang) -> String {
        let Totals { heartbeats, heartbeats_answered: answered, .. } = &self.totals;
        let latency = self.latency.map_or_else(String::new, |latency| {
            let (half, most) = (milliseconds(latency.p50_us), milliseconds(latency.max_us));
            match lang {
                Lang::Zh => format!("，应答时间中位 {half} ms，最长 {most} ms"),
                Lang::En => format!(", half within {half} ms, the slowest {most} ms"),
            }
        });
        match lang {
            Lang::Zh => format!("发送 {heartbeats}，应答 {answered}{latency}"),
            Lang::En => format!("{heartbeats} sent, {answered} answered{latency}"),
        }
    }

    fn charges_text(&self, lang: Lang) -> String {
        let Totals { charges, charging, starts_refused, .. } = &self.totals;
        let mut text = match lang {
            Lang::Zh => format!("开始 {charges}，仍在进行 {charging}"),
            Lang::En => format!("{charges} begun, {charging} going on"),
        };
        for (reason, count) in starts_refused {
            let reason = match StartRefusal::from_number(*reason).entry() {
                Some(entry) => lang.pick(entry.zh, entry.en).to_owned(),
                None => format!("0x{reason:02X}"),
            };
            let _ = match lang {
                Lang::Zh => write!(text, "，被平台拒绝 {count}（{reason}）"),
                Lang::En => write!(text, ", {count} refused by the platform ({reason})"),
            };
        }
        text
    }

    fn records_text(&self, lang: Lang) -> String {
        let Totals { records_sent: sent, records_confirmed: confirmed, energy, amount, .. } = &self.totals;
        let (energy, amount) = (decimal(*energy), decimal(*amount));
        let mut text = match lang {
            Lang::Zh => format!("发送 {sent}，确认 {confirmed}；{energy} kWh，{amount} 元"),
            Lang::En => format!("{sent} sent, {confirmed} confirmed; {energy} kWh, {amount} CNY"),
        };
        let kept = self.records_kept();
        if kept > 0 {
            let named: Vec<String> = self.kept.iter().take(PILES_NAMED).map(|(code, _)| code.to_string()).collect();
            let dots = if self.kept.len() > PILES_NAMED { " …" } else { "" };
            let named = named.join(" ");
            let _ = match lang {
                Lang::Zh => write!(text, "；桩中还存有 {kept} 条（{named}{dots}）"),
                Lang::En => write!(text, "; {kept} still kept by piles ({named}{dots})"),
            };
        }
        if self.records_lost > 0 {
            let lost = self.records_lost;
            let _ = match lang {
                Lang::Zh => write!(text, "；桩放弃了 {lost} 条"),
                Lang::En => write!(text, "; {lost} given up by piles"),
            };
        }
        text
    }

    /// A table of the frames: type, name, count; up first.
    fn frames_text(&self, lang: Lang) -> String {
        let rows: Vec<Vec<String>> = self
            .totals
            .frames
            .iter()
            .map(|((is_down, protocol, frame_type), frames)| {
                let name = frames
                    .layout
                    .map_or(lang.pick("未知类型", "unknown type"), |layout| lang.pick(layout.zh, layout.en));
                let arrow = if *is_down { "↓" } else { "↑" };
                vec![format!("  {arrow} {}", protocol.written(*frame_type)), frames.count.to_string(), name.to_owned()]
            })
            .collect();
        format!("{}\n{}", lang.pick("帧", "frames"), columns(&rows))
    }
}

/// Why a connection ended. What the system says of a line that broke is not ours to translate.
fn parting(reason: &str, lang: Lang) -> String {
    match (lang, reason.strip_prefix("left by the pile: ")) {
        (Lang::Zh, Some(fault)) => format!("桩因故障离开：{fault}"),
        (Lang::Zh, None) if reason == "closed by the pile" => "桩主动断开".to_owned(),
        (Lang::Zh, None) if reason == "connection reset" => "平台断开".to_owned(),
        _ => reason.to_owned(),
    }
}

/// What to do about a complaint, where a person can do something.
const fn advice(complaint: Complaint, lang: Lang) -> &'static str {
    match complaint {
        Complaint::NeverConnected => {
            lang.pick("：平台在运行吗，地址对吗？", ": is it running, and is this its address?")
        }
        Complaint::LoginRefused => lang.pick(
            "：先在平台登记这些桩号，或用 --pile-code 给出已登记的",
            ": register these pile codes there, or give registered ones with --pile-code",
        ),
        Complaint::TariffMissing => lang.pick("：给桩或电站指定计费模型", ": assign one to the pile or its station"),
        _ => "",
    }
}

/// Whole milliseconds, as fine as piles count, and never none.
fn milliseconds(us: f64) -> String {
    format!("{:.0}", (us / 1_000.0).ceil().max(1.0))
}

/// Ten-thousandths as a decimal number.
fn decimal(steps: u64) -> String {
    format!("{}.{:04}", steps / 10_000, steps % 10_000)
}

/// Counts by the name of a code.
fn named<C: Code<Number = u8>>(counts: &std::collections::BTreeMap<u8, u64>) -> Value {
    let name =
        |number: u8| C::from_number(number).entry().map_or_else(|| format!("0x{number:02X}"), |it| it.name.into());
    counts.iter().map(|(number, count)| (name(*number), json!(count))).collect::<serde_json::Map<_, _>>().into()
}
