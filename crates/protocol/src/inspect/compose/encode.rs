//! The bytes that a value in JSON asks for, by the field's kind.

use serde_json::Value as Json;

use super::super::decimal::Decimal;
use super::super::lang::{Bilingual, Lang, in_unit};
use super::super::suggest::nearest;
use crate::layout::FieldMeta;
use crate::wire::{BcdTime, CivilTime, CodeTable, Connectors, Cp56Time, FlagTable, Kind, VinOrder, bytes_from_hex};
use crate::ykc::field::{ConnectorNumber, SLOTS};

/// What would have fitted.
pub(super) struct Wanted {
    pub(super) expected: Bilingual,
    pub(super) example: String,
}

fn wanted(zh: impl Into<String>, en: impl Into<String>, example: impl Into<String>) -> Wanted {
    Wanted { expected: Bilingual::new(zh, en), example: example.into() }
}

/// The bytes of a value; for packed bits the number, low byte first.
pub(super) fn encode(meta: &FieldMeta, value: &Json, fault_base: u8) -> Result<Vec<u8>, Wanted> {
    let bytes = meta.bits.div_ceil(8);
    if value.is_null() && !meta.kind.is_variable() {
        return Ok(vec![0; bytes]);
    }
    match meta.kind {
        Kind::Bcd { .. } => digits(value, bytes),
        Kind::Number { signed: true, decimals, unit, .. } => signed(value, meta.bits, decimals, unit),
        Kind::Number { decimals, offset, unit, .. } => number(value, meta.bits, (decimals, offset, unit)),
        Kind::Code(table) => {
            code(value, meta.bits, table).map(|number| number.to_le_bytes().into_iter().take(bytes).collect())
        }
        Kind::Flags(table) => flags(value, bytes, table, if table.shifts { fault_base } else { 0 }),
        Kind::Connectors => connectors(value, bytes),
        Kind::List { item, bits } => list(meta, item, bits, value, fault_base),
        Kind::Connector { binary } => connector(value, binary).map(|mut number| {
            number.resize(bytes, 0);
            number
        }),
        Kind::Reserved if !meta.bits.is_multiple_of(8) => number(value, meta.bits, (0, 0, "")),
        Kind::Hex | Kind::Reserved => {
            value.as_str().and_then(hex_bytes).filter(|given| given.len() == bytes).ok_or_else(|| {
                wanted(
                    format!("{bytes} 字节的十六进制"),
                    format!("{bytes} bytes in hex"),
                    format!("\"{}\"", "00".repeat(bytes)),
                )
            })
        }
        Kind::HexToEnd => {
            value.as_str().and_then(hex_bytes).ok_or_else(|| wanted("十六进制的字节", "bytes in hex", "\"0102\""))
        }
        Kind::Ascii | Kind::Text => ascii(value, bytes).map(|mut text| {
            text.resize(bytes, 0);
            text
        }),
        Kind::CountedText => ascii(value, usize::from(u8::MAX)).map(|text| [vec![text.len() as u8], text].concat()),
        Kind::TextToEnd => ascii(value, usize::from(u8::MAX)),
        Kind::Vin(order) => vin(value, order),
        Kind::Time => time(value),
        Kind::BcdTime => bcd_time(value),
        Kind::TariffSlots(table) => slots(value, table),
        Kind::SimDigits => sim_digits(value),
    }
}

/// Hex digits, with or without spaces, to bytes.
pub(super) fn hex_bytes(text: &str) -> Option<Vec<u8>> {
    bytes_from_hex(&text.split_whitespace().collect::<String>())
}

/// The digits of a text or a whole number, with zeros on the left up to `bytes` bytes.
fn digits(value: &Json, bytes: usize) -> Result<Vec<u8>, Wanted> {
    let text = match value {
        Json::String(text) => text.clone(),
        Json::Number(number) if number.is_u64() => number.to_string(),
        _ => String::new(),
    };
    let padded = format!("{text:0>width$}", width = bytes * 2);
    Some(padded)
        .filter(|padded| !text.is_empty() && padded.len() == bytes * 2)
        .and_then(|padded| hex_bytes(&padded))
        .ok_or_else(|| {
            wanted(
                format!("最多 {} 位数字的文本", bytes * 2),
                format!("up to {} digits as text", bytes * 2),
                format!("\"{:0>1$}\"", 1, bytes * 2),
            )
        })
}

fn number(value: &Json, bits: usize, (decimals, offset, unit): (u8, i32, &'static str)) -> Result<Vec<u8>, Wanted> {
    let text = match value {
        Json::Number(number) => number.to_string(),
        Json::String(text) => text.clone(),
        _ => String::new(),
    };
    let offset = i64::from(offset) * 10_i64.pow(u32::from(decimals));
    let highest = if bits >= 63 { i64::MAX } else { (1_i64 << bits) - 1 };
    let raw = Decimal::parse(&text, decimals)
        .map(|number| number.scaled.saturating_sub(offset))
        .filter(|raw| (0..=highest).contains(raw));
    let raw = raw.and_then(|raw| u64::try_from(raw).ok()).ok_or_else(|| {
        let low = Decimal { scaled: offset, decimals };
        let high = Decimal { scaled: highest.saturating_add(offset), decimals };
        let (zh, en) = match decimals {
            0 => ("整数".to_owned(), "a whole number".to_owned()),
            _ => (format!("数值，最多 {decimals} 位小数"), format!("a number of at most {decimals} decimals")),
        };
        let zh = format!("{low} 到 {high}{} 之间的{zh}", in_unit(unit, Lang::Zh));
        let en = format!("{en} from {low} to {high}{}", in_unit(unit, Lang::En));
        wanted(zh, en, Decimal { scaled: offset.max(1), decimals }.to_string())
    })?;
    Ok(raw.to_le_bytes().into_iter().take(bits.div_ceil(8)).collect())
}

fn signed(value: &Json, bits: usize, decimals: u8, unit: &'static str) -> Result<Vec<u8>, Wanted> {
    let text = match value {
        Json::Number(number) => number.to_string(),
        Json::String(text) => text.clone(),
        _ => String::new(),
    };
    let highest = (1_i64 << bits.clamp(1, 63).saturating_sub(1)) - 1;
    let raw = Decimal::parse(&text, decimals).map(|number| number.scaled);
    let raw = raw.filter(|raw| (-highest - 1..=highest).contains(raw)).ok_or_else(|| {
        let (low, high) = (Decimal { scaled: -highest - 1, decimals }, Decimal { scaled: highest, decimals });
        wanted(
            format!("{low} 到 {high}{} 之间、最多 {decimals} 位小数的数值", in_unit(unit, Lang::Zh)),
            format!("a number of at most {decimals} decimals from {low} to {high}{}", in_unit(unit, Lang::En)),
            Decimal { scaled: -1, decimals }.to_string(),
        )
    })?;
    Ok(raw.to_le_bytes().into_iter().take(bits.div_ceil(8)).collect())
}

/// A list with a value for each item.
fn list(meta: &FieldMeta, item: &'static Kind, bits: usize, value: &Json, fault_base: u8) -> Result<Vec<u8>, Wanted> {
    let count = meta.bits.checked_div(bits).unwrap_or(0);
    let items = value
        .as_array()
        .filter(|items| items.len() == count)
        .ok_or_else(|| wanted(format!("{count} 个值的列表"), format!("a list of {count} values"), "[0, …]"))?;
    let of_item = FieldMeta { kind: *item, bits, ..*meta };
    let encoded: Result<Vec<_>, _> = items.iter().map(|item| encode(&of_item, item, fault_base)).collect();
    encoded.map(|items| items.concat())
}

/// A list of numbers of connectors.
fn connectors(value: &Json, bytes: usize) -> Result<Vec<u8>, Wanted> {
    const MOST: usize = 32;
    let numbers: Option<Vec<u8>> = value
        .as_array()
        .and_then(|list| list.iter().map(|number| u8::try_from(number.as_u64()?).ok()).collect())
        .filter(|list: &Vec<u8>| list.iter().all(|number| (1..=bytes * 8).contains(&usize::from(*number))));
    let numbers = numbers.ok_or_else(|| {
        let last = bytes * 8;
        wanted(format!("1 到 {last} 的枪号列表"), format!("a list of connectors from 1 to {last}"), "[1, 2]")
    })?;
    Ok(Connectors::<MOST>::new(numbers).0.into_iter().take(bytes).collect())
}

/// A name of the table, a number, or hex with `0x`.
fn code(value: &Json, bits: usize, table: &CodeTable) -> Result<u32, Wanted> {
    let number = match value {
        Json::Number(number) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
        Json::String(text) => match text.strip_prefix("0x") {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => table.named(text).map(|entry| entry.first),
        },
        _ => None,
    };
    let highest = u32::MAX >> 32_usize.saturating_sub(bits);
    number.filter(|number| *number <= highest).ok_or_else(|| {
        let names: Vec<&str> = table.entries.iter().map(|entry| entry.name).take(12).collect();
        let more = if table.entries.len() > names.len() { ", …" } else { "" };
        let meant = value.as_str().and_then(|name| nearest(name, table.entries.iter().map(|entry| entry.name)));
        let example = meant.or(names.first().copied()).unwrap_or("0");
        let names = names.join(", ");
        let zh = format!("{names}{more} 之一，或 0 到 {highest} 的数字");
        wanted(zh, format!("one of {names}{more}, or a number from 0 to {highest}"), format!("\"{example}\""))
    })
}

/// A list of names and `bit_N`, or the number.
fn flags(value: &Json, bytes: usize, table: &'static FlagTable, base: u8) -> Result<Vec<u8>, Wanted> {
    let refuse = || {
        let known = || table.flags.iter().map(|flag| flag.name);
        let unknown = |name: &&str| !known().any(|flag| flag == *name);
        let given = value.as_array().into_iter().flatten().filter_map(Json::as_str).find(unknown);
        let example = given.and_then(|name| nearest(name, known())).or_else(|| known().next()).unwrap_or("bit_0");
        wanted(
            "状态列表，没有名称的位写作 bit_N",
            "a list of conditions, bit_N for one without a name",
            format!("[\"{example}\"]"),
        )
    };
    if let Some(raw) = value.as_u64() {
        let mut number = raw.to_le_bytes().to_vec();
        let beyond = number.split_off(bytes.min(number.len()));
        number.resize(bytes, 0);
        return if beyond.iter().all(|byte| *byte == 0) { Ok(number) } else { Err(refuse()) };
    }
    let names = value.as_array().ok_or_else(refuse)?;
    let mut raw = vec![0_u8; bytes];
    for name in names {
        let name = name.as_str().ok_or_else(refuse)?;
        let known = table.flags.iter().find(|flag| flag.name == name).map(|flag| flag.bit);
        let bit = known.or_else(|| name.strip_prefix("bit_")?.parse().ok()).ok_or_else(refuse)?;
        let shift = bit.checked_sub(base).map(usize::from).ok_or_else(refuse)?;
        *raw.get_mut(shift / 8).ok_or_else(refuse)? |= 1 << (shift % 8);
    }
    Ok(raw)
}

fn connector(value: &Json, binary: bool) -> Result<Vec<u8>, Wanted> {
    let number = value.as_u64().and_then(|number| u8::try_from(number).ok());
    let number = number.ok_or_else(|| wanted("从 1 开始的枪号", "the number of a connector from 1", "1"))?;
    Ok(vec![if binary { number } else { ConnectorNumber::bcd(number).0 }])
}

fn ascii(value: &Json, limit: usize) -> Result<Vec<u8>, Wanted> {
    let text = value.as_str().filter(|text| text.is_ascii() && text.len() <= limit);
    text.map(|text| text.as_bytes().to_vec()).ok_or_else(|| {
        wanted(
            format!("最多 {limit} 个字符的 ASCII 文本"),
            format!("ASCII text of at most {limit} characters"),
            "\"V1.0\"",
        )
    })
}

fn vin(value: &Json, order: VinOrder) -> Result<Vec<u8>, Wanted> {
    const LENGTH: usize = 17;
    let mut vin = ascii(value, LENGTH).map_err(|_| {
        wanted(
            "17 个字符的 VIN（正序），或 null",
            "a VIN of 17 characters in natural order, or null",
            "\"LFV2A21K6B4000001\"",
        )
    })?;
    vin.resize(LENGTH, 0);
    if order == VinOrder::Reversed {
        vin.reverse();
    }
    Ok(vin)
}

fn time(value: &Json) -> Result<Vec<u8>, Wanted> {
    let parsed = value.as_str().and_then(civil).map(Cp56Time::new);
    let holds = parsed.filter(|time| time.civil().is_some());
    holds.map(|time| time.0.to_vec()).ok_or_else(|| {
        wanted(
            "2000–2127 年的时间 YYYY-MM-DDThh:mm:ss，或 null",
            "a time of 2000–2127 as YYYY-MM-DDThh:mm:ss, or null",
            "\"2026-01-31T08:15:00\"",
        )
    })
}

fn bcd_time(value: &Json) -> Result<Vec<u8>, Wanted> {
    let parsed = value.as_str().and_then(any_civil).filter(|time| BcdTime::new(*time).civil() == Some(*time));
    parsed.map(|time| BcdTime::new(time).0.to_vec()).ok_or_else(|| {
        wanted(
            "时间 YYYY-MM-DDThh:mm:ss（整秒），或 null",
            "a time of whole seconds as YYYY-MM-DDThh:mm:ss, or null",
            "\"2026-01-31T08:15:00\"",
        )
    })
}

/// `2023-12-13T17:09:36.000`; a space instead of the T and no fraction are fine too.
fn any_civil(text: &str) -> Option<CivilTime> {
    let (date, clock) = text.trim().split_once(['T', ' '])?;
    let date: Vec<u16> = date.split('-').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [year, month, day] = date.try_into().ok()?;
    let mut clock = clock.splitn(3, ':');
    let (hour, minute, second) = (clock.next()?.parse().ok()?, clock.next()?.parse().ok()?, clock.next()?);
    let millisecond = u16::try_from(Decimal::parse(second, 3)?.scaled).ok()?;
    let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
    Some(CivilTime { year, month, day, hour, minute, millisecond })
}

/// Such a time that CP56Time2a holds: what the bytes cannot hold comes back changed, and is refused by that.
fn civil(text: &str) -> Option<CivilTime> {
    any_civil(text).filter(|time| Cp56Time::new(*time).civil() == Some(*time))
}

fn slots(value: &Json, table: &CodeTable) -> Result<Vec<u8>, Wanted> {
    let tiers = value.as_array().filter(|tiers| tiers.len() == SLOTS);
    let refuse = || {
        let names = table.entries.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", ");
        wanted(
            format!("{SLOTS} 个费率的列表（{names}，或数字），每半小时一个"),
            format!("a list of {SLOTS} tiers ({names}, or numbers), one for each half hour"),
            "[\"valley\",…]",
        )
    };
    let tiers = tiers.ok_or_else(refuse)?;
    tiers.iter().map(|tier| code(tier, 8, table).map(|tier| tier as u8).map_err(|_| refuse())).collect()
}

fn sim_digits(value: &Json) -> Result<Vec<u8>, Wanted> {
    let text = value.as_str().unwrap_or_default();
    let even = if text.len().is_multiple_of(2) { text.to_owned() } else { format!("0{text}") };
    hex_bytes(&even)
        .ok_or_else(|| wanted("SIM 卡号数字的文本", "the digits of a SIM card as text", "\"89860012345678901234\""))
}
