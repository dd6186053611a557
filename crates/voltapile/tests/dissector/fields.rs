//! Every field of every message, compared with what `voltapile decode --json` says of the same bytes.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value as Json;
use voltapile_protocol::Protocol;
use voltapile_protocol::wire::Code;
use voltapile_protocol::ykc::Dialect;
use voltapile_protocol::ykc::code::Tier;

use super::pdml::{self, Item};
use super::tshark::Tshark;
use super::{capture, frames, hex, voltapile};

/// Labels longer than this may be cut by Wireshark, so that texts within them are not looked for.
const LABEL_SURE: usize = 200;

/// What `voltapile decode --json` says of frames, one each.
pub(crate) fn decoded(frames: &[Vec<u8>], dialect: Dialect) -> Vec<Json> {
    let mut child = voltapile(&["decode", "--json", "--dialect", dialect.name(), "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // With words around them, frames are told apart even where they could be read as one.
    let lines: String = frames.iter().map(|frame| format!("frame: {}\n", hex(frame))).collect();
    let feeder = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap().unwrap();
    let reports: Vec<Json> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(reports.len(), frames.len());
    reports
}

/// One frame in both forms.
pub(crate) struct Both<'a> {
    pub(crate) json: &'a Json,
    pub(crate) shown: &'a Item,
    pub(crate) lang: &'a str,
}

impl Both<'_> {
    pub(crate) fn check(&self) {
        self.head();
        let layout_known = !self.json["name"].is_null();
        let items = self.body_items();
        let fields = self.json["fields"].as_array().unwrap();
        assert_eq!(items.len(), fields.len(), "{}: {}", self.json["raw"], names(&items));
        for (field, item) in fields.iter().zip(items) {
            self.field(field, item, layout_known);
        }
    }

    /// A name in filters.
    fn named(&self, name: &str) -> String {
        format!("{}.{name}", self.json["protocol"].as_str().unwrap())
    }

    fn head(&self) {
        let show = |name: &str| self.shown.show(&self.named(name)).map(str::to_owned);
        let bytes = |name: &str| show(name).map(|bytes| bytes.replace(':', "").to_uppercase());
        let text = |json: &Json| json.as_str().map(str::to_owned);
        assert_eq!(bytes("sequence"), text(&self.json["sequence"]));
        assert_eq!(show("frame_type").map(|code| code.to_uppercase().replace('X', "x")), text(&self.json["type"]));
        assert_eq!(show("message"), text(&self.json["name"]));
        // Of an unknown type only its connection tells, which is not there where frames stand alone.
        if self.json["name"].is_string() || self.json["connection"].is_u64() {
            assert_eq!(show("direction"), text(&self.json["direction"]));
        }
        if self.json["protocol"] == "aaf5" {
            assert_eq!(show("information").map(|byte| number(&byte)), self.json["information"].as_f64());
            assert_eq!(show("checksum.status").map(|status| status == "good"), self.json["checksum"]["ok"].as_bool());
            let raw = text(&self.json["checksum"]["raw"]).map(|hex| format!("0x{}", hex.to_lowercase()));
            assert_eq!(show("checksum"), raw);
        } else {
            assert_eq!(show("encryption"), Some(self.json["encryption"].to_string()));
            assert_eq!(show("crc.status"), text(&self.json["crc"]["order"]).or_else(|| Some("bad".to_owned())));
            assert_eq!(bytes("crc"), text(&self.json["crc"]["raw"]));
        }
        assert_eq!(self.shown.size, self.json["length"].as_u64().unwrap() as usize);
        if let Some(label) = self.json[format!("label_{}", self.lang)].as_str() {
            assert!(self.shown.label.contains(label), "{} in {}", label, self.shown.label);
        }
    }

    /// The items that are fields of the body: neither what stands around it nor findings, groups by their members.
    fn body_items(&self) -> Vec<&Item> {
        const BOTH: [&str; 7] =
            ["length", "sequence", "frame_type", "message", "direction", "response_to", "response_time"];
        const YKC: [&str; 4] = ["encryption", "crc", "crc.status", "crc.expected"];
        const AAF5: [&str; 5] = ["information", "plain_length", "checksum", "checksum.status", "checksum.expected"];
        let own: &[&str] = if self.json["protocol"] == "aaf5" { &AAF5 } else { &YKC };
        let prefix = self.named("");
        let is_head = |item: &Item| {
            item.name.strip_prefix(&prefix).is_some_and(|name| BOTH.contains(&name) || own.contains(&name))
        };
        let mut items = Vec::new();
        for item in &self.shown.children {
            let is_group = !item.name.starts_with(&prefix) && !item.children.is_empty() && item.name != "_ws.expert";
            if is_group {
                items.extend(item.children.iter().filter(|item| item.name != "_ws.expert"));
            } else if item.name != "_ws.expert" && !is_head(item) {
                items.push(item);
            }
        }
        items
    }

    fn field(&self, field: &Json, item: &Item, layout_known: bool) {
        let about = format!("{} of {}: {item:?}", field["name"], self.json["raw"]);
        assert_eq!(item.at - self.shown.at, field["offset"].as_u64().unwrap() as usize, "{about}");
        assert_eq!(item.size, field["length"].as_u64().unwrap() as usize, "{about}");
        if item.size > 0 && !item.raw.is_empty() {
            assert_eq!(item.raw.to_uppercase(), field["raw"], "{about}");
        }
        self.label(field, item, &about);
        if field["value"].is_null() {
            assert!(!item.name.starts_with(&self.named("")), "nothing to filter on: {about}");
            return;
        }
        self.name(field, item, layout_known, &about);
        match &field["value"] {
            Json::Array(list) if item.children.iter().any(|child| child.name.ends_with(".tier")) => {
                tiers(list, item, &about);
            }
            Json::Array(list) if list.iter().all(Json::is_number) && !list.is_empty() => items(list, item, &about),
            Json::Array(list) => flags(list, item, &about),
            _ if !field["code"].is_null() => assert_eq!(number(&item.show), field["code"].as_f64().unwrap(), "{about}"),
            Json::Number(value) => assert_eq!(number(&item.show), value.as_f64().unwrap(), "{about}"),
            Json::String(value) => {
                let as_bytes = item.show.replace(':', "").to_uppercase();
                assert!(item.show == *value || as_bytes == *value, "{about}");
            }
            other => panic!("{other}: {about}"),
        }
    }

    fn name(&self, field: &Json, item: &Item, layout_known: bool, about: &str) {
        let bare = field["name"].as_str().unwrap().rsplit('.').next().unwrap();
        let shared = self.named(bare);
        let own = self.named(&format!("{}.{bare}", self.json["name"].as_str().unwrap_or_default()));
        assert!(item.name == shared || (layout_known && item.name == own), "{about}");
    }

    fn label(&self, field: &Json, item: &Item, about: &str) {
        let in_group = field["name"].as_str().unwrap().contains('[');
        let label = field[format!("label_{}", self.lang)].as_str().unwrap();
        // Packed bits stand before the label: `..01 .... = label: value`.
        let shown = item.label.trim_start_matches(" [truncated]");
        let is_packed = !field["bit"].is_null();
        let shown = shown.split_once(" = ").filter(|_| is_packed).map_or(shown, |(_, shown)| shown);
        assert!(in_group || shown.starts_with(&format!("{label}: ")), "{label}: {about}");
        if let Some(text) = field[format!("text_{}", self.lang)].as_str()
            && item.label.len() < LABEL_SURE
        {
            assert!(shown.contains(text), "{text}: {about}");
        }
        if let Some(value) = field["value"].as_str()
            && field["code"].is_null()
            && item.label.len() < LABEL_SURE
        {
            assert!(shown.ends_with(&format!(": {value}")), "{value}: {about}");
        }
        if let Some(unit) = field["unit"].as_str()
            && self.lang == "en"
            && !field["value"].is_null()
            && item.label.len() < LABEL_SURE
        {
            assert!(shown.ends_with(&format!(" {unit}")), "{unit}: {about}");
        }
    }
}

fn names(items: &[&Item]) -> String {
    items.iter().map(|item| item.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn number(show: &str) -> f64 {
    match show.strip_prefix("0x") {
        Some(digits) => f64::from(u32::from_str_radix(digits, 16).unwrap()),
        None => show.parse().unwrap(),
    }
}

/// The documented flags that hold; others have only a number, in the text.
fn flags(list: &[Json], item: &Item, about: &str) {
    let known = list.iter().map(|name| name.as_str().unwrap()).filter(|name| !name.starts_with("bit_"));
    let holding = item.children.iter().filter(|flag| flag.show == "1" || flag.show == "True");
    let shown: Vec<&str> = holding.map(|flag| flag.name.rsplit('.').next().unwrap()).collect();
    assert_eq!(shown, known.collect::<Vec<_>>(), "{about}");
    assert!(item.size > 4 || item.children.len() == 13, "{about}");
}

/// A child for each item of a list, or for each member of a set.
fn items(list: &[Json], item: &Item, about: &str) {
    let is_item = |child: &&Item| child.name.ends_with(".item") || child.name.ends_with(".connector");
    let shown: Vec<f64> = item.children.iter().filter(is_item).map(|child| number(&child.show)).collect();
    assert_eq!(shown, list.iter().map(|item| item.as_f64().unwrap()).collect::<Vec<_>>(), "{about}");
}

/// A child for each run of equal half hours.
fn tiers(list: &[Json], item: &Item, about: &str) {
    let mut shown = Vec::new();
    for run in item.children.iter().filter(|child| child.name == "ykc.slots.tier") {
        let count = shown.len() + run.size;
        shown.resize(count, number(&run.show));
    }
    let meant = list.iter().map(|tier| match tier.as_str() {
        Some(name) => f64::from(Tier::TABLE.named(name).unwrap().first),
        None => tier.as_f64().unwrap(),
    });
    assert_eq!(shown, meant.collect::<Vec<_>>(), "{about}");
}

pub(crate) fn compare(frames: &[Vec<u8>], protocol: Protocol, dialect: Dialect, lang: &str) {
    let tshark = Tshark::new(&["--lang", lang, "--dialect", dialect.name()]);
    let capture = capture::of(frames.iter().map(Vec::as_slice));
    let name = protocol.name();
    let shown = pdml::read(&tshark.read(&capture, &["-Y", name, "-T", "pdml", "-J", name]), name);
    assert_eq!(shown.len(), frames.len());
    for (json, parts) in decoded(frames, dialect).iter().zip(&shown) {
        let [shown] = parts.as_slice() else { panic!("{} parts for {}", parts.len(), json["raw"]) };
        Both { json, shown, lang }.check();
    }
}

#[test]
fn what_is_shown_is_what_decode_says() {
    for dialect in Dialect::ALL {
        compare(&frames::instances(dialect), Protocol::Ykc, dialect, "en");
        compare(&frames::instances(dialect), Protocol::Ykc, dialect, "zh");
    }
}

#[test]
fn frames_of_a_real_exchange_are_shown_as_decode_says() {
    compare(&frames::exchange(), Protocol::Ykc, Dialect::V16, "zh");
}

#[test]
fn arbitrary_frames_of_every_type_are_shown_as_decode_says() {
    for (dialect, lang) in [(Dialect::V16, "en"), (Dialect::Guochong, "zh"), (Dialect::Gongniu, "en")] {
        compare(&frames::arbitrary(dialect), Protocol::Ykc, dialect, lang);
    }
}
