//! Values of parameters in JSON, and the words and bytes they are on the wire.

use std::net::Ipv4Addr;

use serde_json::{Value as Json, json};

use super::ParameterKind;
use super::status::StatusBits;
use crate::inspect::decimal::Decimal;
use crate::inspect::value::hex;
use crate::wire::{BcdTime, CivilTime, bytes_from_hex, text, text_bytes};

/// Decimal places of a balance in words.
const BALANCE_DECIMALS: u8 = 4;
/// Bytes of a VIN timer; the document's example has 7, its table 8.
const VIN_TIMER_BYTES: usize = 8;

/// The words of a value; `None` when it is not one of the kind.
pub(super) fn to_words(kind: &ParameterKind, value: &Json) -> Option<Vec<u32>> {
    match *kind {
        ParameterKind::Number { decimals, offset, words: (low, high), .. } => {
            let shift = i64::from(offset) * 10_i64.pow(u32::from(decimals));
            let word = decimal(value, decimals)?.scaled.checked_sub(shift)?;
            // Two's complement: the lowest 32 bits.
            (low..=high).contains(&word).then(|| vec![word as u32])
        }
        ParameterKind::Code(table) => match value {
            Json::String(name) => table.named(name).map(|entry| vec![entry.first]),
            value => value.as_u64().and_then(|number| u32::try_from(number).ok()).map(|number| vec![number]),
        },
        ParameterKind::Flag => match value {
            Json::Bool(flag) => Some(vec![u32::from(*flag)]),
            value => value.as_u64().filter(|number| *number <= 1).map(|number| vec![number as u32]),
        },
        ParameterKind::Ipv4 => {
            let address: Ipv4Addr = value.as_str()?.parse().ok()?;
            Some(vec![u32::from_le_bytes(address.octets())])
        }
        ParameterKind::Key => {
            let key: [u8; 32] = bytes_from_hex(value.as_str()?)?.try_into().ok()?;
            let (words, _) = key.as_chunks::<4>();
            Some(words.iter().map(|word| u32::from_le_bytes(*word)).collect())
        }
        ParameterKind::Balance => {
            let connector = value.get("connector")?.as_u64().and_then(|number| u32::try_from(number).ok())?;
            let balance = decimal(value.get("balance")?, BALANCE_DECIMALS)?;
            Some(vec![connector, u32::try_from(balance.scaled).ok()?])
        }
        _ => None,
    }
}

/// The value of words; `null` when there are too few.
pub(super) fn of_words(kind: &ParameterKind, words: &[u32]) -> Json {
    let Some(word) = words.first().copied() else { return Json::Null };
    match *kind {
        ParameterKind::Number { decimals, offset, words: (low, _), .. } => {
            let signed = i64::from(word.cast_signed());
            let number = if low < 0 { signed } else { i64::from(word) };
            let shift = i64::from(offset) * 10_i64.pow(u32::from(decimals));
            Decimal { scaled: number + shift, decimals }.to_json()
        }
        ParameterKind::Code(table) => table.find(word).map_or_else(|| word.into(), |entry| entry.name.into()),
        ParameterKind::Flag => match word {
            0 => false.into(),
            1 => true.into(),
            other => other.into(),
        },
        ParameterKind::Ipv4 => Ipv4Addr::from(word.to_le_bytes()).to_string().into(),
        ParameterKind::Status => StatusBits(word).to_json(),
        ParameterKind::Key => {
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            hex(&bytes).into()
        }
        ParameterKind::Balance => {
            let balance = words.get(1).copied().unwrap_or_default();
            let balance = Decimal { scaled: balance.into(), decimals: BALANCE_DECIMALS };
            json!({"connector": word, "balance": balance.to_json()})
        }
        _ => Json::Null,
    }
}

/// The bytes of a value; `None` when it is not one of the kind.
pub(super) fn to_bytes(kind: &ParameterKind, value: &Json) -> Option<Vec<u8>> {
    match *kind {
        ParameterKind::Text { max, padded, digits } => {
            let text = value.as_str().filter(|text| text.len() <= max)?;
            let possible =
                |byte: u8| if digits { byte.is_ascii_digit() } else { byte.is_ascii_graphic() || byte == b' ' };
            if !text.bytes().all(possible) {
                return None;
            }
            let length = if padded { max } else { max.min(text.len() + 1) };
            let mut bytes = text.as_bytes().to_vec();
            bytes.resize(length, 0);
            Some(bytes)
        }
        ParameterKind::Time => {
            let time = CivilTime::parse(value.as_str()?)?;
            let bytes = BcdTime::new(time);
            (bytes.civil() == Some(time)).then(|| bytes.0.to_vec())
        }
        ParameterKind::Mac => {
            let parts = value.as_str()?.split([':', '-']).map(|part| u8::from_str_radix(part, 16).ok());
            parts.collect::<Option<Vec<u8>>>().filter(|bytes| bytes.len() == 6)
        }
        ParameterKind::VinTimer => {
            let (start, stop) = (clock(value.get("start")?)?, clock(value.get("stop")?)?);
            let enabled = u8::from(value.get("enabled")?.as_bool()?);
            let mut bytes = [&start[..], &stop[..], &[enabled]].concat();
            bytes.resize(VIN_TIMER_BYTES, 0);
            Some(bytes)
        }
        _ => None,
    }
}

/// The value of bytes; `null` when they say that nothing is set, or nothing that can be read.
pub(super) fn of_bytes(kind: &ParameterKind, bytes: &[u8]) -> Json {
    match *kind {
        ParameterKind::Text { .. } => text(text_bytes(bytes)).into(),
        ParameterKind::Time => {
            let time = bytes.first_chunk().and_then(|bytes| BcdTime(*bytes).civil());
            time.map_or(Json::Null, |time| time.to_string().into())
        }
        ParameterKind::Mac => {
            let parts: Vec<String> = bytes.iter().take(6).map(|byte| format!("{byte:02X}")).collect();
            if parts.len() < 6 { Json::Null } else { parts.join(":").into() }
        }
        ParameterKind::VinTimer => match bytes {
            [a, b, c, d, e, f, enabled, ..] => {
                let clock = |parts: [u8; 3]| parts.map(|part| format!("{part:02x}")).join(":");
                json!({"start": clock([*a, *b, *c]), "stop": clock([*d, *e, *f]), "enabled": *enabled != 0})
            }
            _ => Json::Null,
        },
        _ => Json::Null,
    }
}

fn decimal(value: &Json, decimals: u8) -> Option<Decimal> {
    match value {
        Json::Number(number) => Decimal::parse(&number.to_string(), decimals),
        Json::String(text) => Decimal::parse(text, decimals),
        _ => None,
    }
}

/// `22:30:00` as three BCD bytes.
fn clock(value: &Json) -> Option<[u8; 3]> {
    let mut parts = value.as_str()?.split(':');
    let mut part = |most: u8| {
        let number: u8 = parts.next()?.parse().ok()?;
        (number <= most).then(|| number / 10 * 16 + number % 10)
    };
    let clock = [part(23)?, part(59)?, part(59)?];
    parts.next().is_none().then_some(clock)
}
