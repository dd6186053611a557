//! No false alarms: a frame of any layout with plausible values in every field has no error, and comes back.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests fail as tests do")]

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value as Json, json};
use voltapile_protocol::inspect::decimal::Decimal;
use voltapile_protocol::inspect::json::FrameJson;
use voltapile_protocol::inspect::{Lang, Options, compose, inspect};
use voltapile_protocol::layout::{FieldMeta, Layout};
use voltapile_protocol::wire::{CodeTable, Kind};
use voltapile_protocol::ykc::Dialect;
use voltapile_protocol::ykc::field::SLOTS;
use voltapile_protocol::ykc::message::{LAYOUTS, layout};

const PILE: &str = "32010600213533";

/// The dialect in which a layout is chosen.
fn dialect(of: &Layout) -> Dialect {
    let chosen = |dialect: &Dialect| {
        (0..=251).any(|length| layout(of.code as u8, length, *dialect).is_some_and(|it| it.name == of.name))
    };
    [Dialect::V16, Dialect::Guochong, Dialect::Gongniu].into_iter().find(chosen).unwrap()
}

fn code(table: &'static CodeTable) -> BoxedStrategy<Json> {
    select(table.entries).prop_map(|entry| json!(entry.first)).boxed()
}

/// What a charge may measure, cost or take, by unit.
fn highest(unit: &str, decimals: u8) -> i64 {
    match unit {
        "V" if decimals >= 2 => 6,
        "V" => 1000,
        "A" => 600,
        "kWh" | "kW" => 500,
        "CNY/kWh" => 5,
        "CNY" => 5000,
        "min" => 1440,
        "°C" => 120,
        "Ah" => 1000,
        _ => 100,
    }
}

fn number(
    bits: usize,
    decimals: u8,
    offset: i32,
    unit: &'static str,
    range: Option<(i64, i64)>,
) -> BoxedStrategy<Json> {
    let power = 10_i64.pow(u32::from(decimals));
    let widest = (1_i64 << bits.min(62)) - 1;
    let (low, high) = range.unwrap_or((i64::from(offset), highest(unit, decimals)));
    let (low, high) = (low * power, (high * power).min(widest + i64::from(offset) * power));
    (low..=high.max(low)).prop_map(move |scaled| json!(Decimal { scaled, decimals }.to_string())).boxed()
}

fn value(meta: &'static FieldMeta) -> BoxedStrategy<Json> {
    let bytes = meta.bits.div_ceil(8);
    let text = |pattern: String| prop::string::string_regex(&pattern).unwrap().prop_map(Json::from).boxed();
    match meta.kind {
        _ if meta.name == "pile_code" => Just(json!(PILE)).boxed(),
        _ if meta.name == "loss_ratio" => (0..20).prop_map(|ratio| json!(ratio)).boxed(),
        Kind::Bcd { .. } => text(format!("[0-9]{{{}}}", bytes * 2)),
        Kind::Number { decimals, offset, unit, range, .. } => number(meta.bits, decimals, offset, unit, range),
        Kind::Code(table) => code(table),
        Kind::Flags(table) => prop::sample::subsequence(table.flags, 0..=table.flags.len())
            .prop_map(|flags| flags.iter().map(|flag| Json::from(flag.name)).collect())
            .boxed(),
        Kind::Connector { .. } => (1..20).prop_map(|connector| json!(connector)).boxed(),
        Kind::Hex | Kind::HexToEnd => text(format!("[0-9A-F]{{{}}}", bytes * 2)),
        Kind::Ascii | Kind::Text => text(format!("[ -~]{{0,{bytes}}}")),
        Kind::CountedText | Kind::TextToEnd => text("[!-~]{0,60}".to_owned()),
        Kind::Vin(_) => text("[A-HJ-NPR-Z0-9]{17}".to_owned()),
        Kind::Time | Kind::BcdTime => (2020..2100, 1..=12, 1..=28, 0..24, 0..60, 0..60)
            .prop_map(|(year, month, day, hour, minute, second)| {
                json!(format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"))
            })
            .boxed(),
        Kind::TariffSlots(table) => prop::collection::vec(code(table), SLOTS).prop_map(Json::from).boxed(),
        Kind::List { item, bits } => {
            let one = FieldMeta { kind: *item, bits, ..*meta };
            let items = prop::collection::vec(value(Box::leak(Box::new(one))), meta.bits / bits);
            items.prop_map(Json::from).boxed()
        }
        Kind::Connectors => {
            prop::sample::subsequence((1..=meta.bits).collect::<Vec<_>>(), 0..4).prop_map(Json::from).boxed()
        }
        Kind::SimDigits => text("89860[0-9]{15}".to_owned()),
        Kind::Reserved => Just(Json::Null).boxed(),
    }
}

fn values(metas: &'static [FieldMeta]) -> BoxedStrategy<Map<String, Json>> {
    let fields = metas.iter().map(|meta| value(meta).prop_map(|value| (meta.name.to_owned(), value)));
    fields.collect::<Vec<_>>().prop_map(|fields| fields.into_iter().collect()).boxed()
}

fn description() -> impl Strategy<Value = (&'static Layout, Json)> {
    select(LAYOUTS).prop_flat_map(|layout| {
        let groups = match &layout.repeated {
            Some(group) => prop::collection::vec(values(group.fields), 1..8).boxed(),
            None => Just(Vec::new()).boxed(),
        };
        (values(layout.fields), groups).prop_map(move |(mut fields, groups)| {
            if let Some(group) = &layout.repeated {
                group.counted_by.map(|counter| fields.remove(counter));
                fields.insert(group.name.to_owned(), groups.into_iter().map(Json::Object).collect());
            }
            (layout, json!({"name": layout.name, "fields": fields}))
        })
    })
}

proptest! {
    #[test]
    fn plausible_frames_have_no_error_and_come_back((layout, description) in description()) {
        let options = Options { dialect: dialect(layout), ..Options::default() };
        let frame = compose(&description, options).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let report = inspect(&frame, options).reports.remove(0);
        prop_assert!(!report.has_error(), "{}: {:?}", layout.name, report.findings);
        let again = serde_json::to_value(FrameJson::new(&report, Lang::En)).unwrap();
        prop_assert_eq!(compose(&again, options).unwrap(), frame);
    }
}
