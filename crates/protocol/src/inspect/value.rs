//! What a field's bits mean, by its [`Kind`], and the bits that a value asks for.

use super::decimal::Decimal;
use super::lang::Lang;
use crate::wire::{
    BcdTime, CodeTable, Cp56Time, Flag, FlagTable, Kind, bit_holds, connectors, digits, natural_vin, text, text_bytes,
};
use crate::ykc::field::{connector_number, sim_digits};

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// The field says "nothing": no time, no VIN, no sensor.
    None,
    /// A number.
    Number(Decimal),
    /// A text, digits or hex.
    Text(String),
    /// A number with a meaning, or one that the table does not know.
    Code {
        /// The documented values.
        table: &'static CodeTable,
        /// The number on the wire.
        number: u32,
    },
    /// Conditions that hold.
    Flags {
        /// The documented conditions.
        table: &'static FlagTable,
        /// The bytes.
        raw: Vec<u8>,
        /// Which printed bit is the lowest of the first byte.
        base: u8,
    },
    /// The tier of each half hour.
    Slots {
        /// The tiers.
        table: &'static CodeTable,
        /// One number for each half hour.
        tiers: Vec<u8>,
    },
    /// Equal items.
    List(Vec<Value>),
}

/// The value of a field from its bytes, or from its bits when it does not fill whole bytes.
#[must_use]
pub fn decode(kind: &Kind, raw: &[u8], number: u64, fault_base: u8) -> Value {
    match *kind {
        Kind::Bcd { .. } => Value::Text(digits(raw)),
        Kind::Number { signed: true, decimals, .. } => {
            Value::Number(Decimal { scaled: signed_number(number, raw.len() * 8), decimals })
        }
        Kind::Number { decimals, offset, .. } => Value::Number(scaled(number, decimals, offset)),
        Kind::Code(table) => Value::Code { table, number: number as u32 },
        Kind::Flags(table) => {
            Value::Flags { table, raw: raw.to_vec(), base: if table.shifts { fault_base } else { 0 } }
        }
        Kind::Connector { binary } => Value::Number(Decimal::whole(connector_number(number as u8, binary).into())),
        Kind::Hex | Kind::HexToEnd | Kind::Reserved => Value::Text(hex(raw)),
        Kind::Ascii | Kind::TextToEnd => Value::Text(text(raw)),
        Kind::Text => Value::Text(text(text_bytes(raw))),
        Kind::CountedText => Value::Text(text(raw.get(1..).unwrap_or_default())),
        Kind::Vin(order) => raw.try_into().map_or(Value::None, |vin| match natural_vin(vin, order) {
            Some(natural) => Value::Text(natural),
            None => Value::None,
        }),
        Kind::Time => raw.try_into().map_or(Value::None, |bytes| match Cp56Time(bytes).civil() {
            Some(time) => Value::Text(time.to_string()),
            None => Value::None,
        }),
        Kind::BcdTime => raw.try_into().map_or(Value::None, |bytes| match BcdTime(bytes).civil() {
            Some(time) => Value::Text(time.to_string()),
            None => Value::None,
        }),
        Kind::List { item, bits } => {
            let items = raw.chunks((bits / 8).max(1));
            Value::List(items.map(|raw| decode(item, raw, little_endian(raw), fault_base)).collect())
        }
        Kind::Connectors => {
            Value::List(connectors(raw).map(|connector| Value::Number(Decimal::whole(connector as i64))).collect())
        }
        Kind::TariffSlots(table) => Value::Slots { table, tiers: raw.to_vec() },
        Kind::SimDigits => Value::Text(sim_digits(raw)),
    }
}

/// A two's complement number of so many bits.
#[must_use]
pub const fn signed_number(number: u64, bits: usize) -> i64 {
    let unused = 64_usize.saturating_sub(bits);
    if unused >= 64 { 0 } else { (number << unused).cast_signed() >> unused }
}

/// The value of a raw number.
#[must_use]
pub fn scaled(raw: u64, decimals: u8, offset: i32) -> Decimal {
    let offset = i64::from(offset) * 10_i64.pow(u32::from(decimals));
    Decimal { scaled: i64::try_from(raw).unwrap_or(i64::MAX).saturating_add(offset), decimals }
}

/// Bytes as upper case hex without spaces.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// The number in bytes, low byte first; longer than 8 bytes gives 0.
#[must_use]
pub fn little_endian(bytes: &[u8]) -> u64 {
    if bytes.len() > 8 { 0 } else { bytes.iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte)) }
}

/// The number in bytes, high byte first; longer than 8 bytes gives 0.
#[must_use]
pub fn big_endian(bytes: &[u8]) -> u64 {
    if bytes.len() > 8 { 0 } else { bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)) }
}

impl Value {
    /// For machines.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::None => serde_json::Value::Null,
            Self::Number(number) => number.to_json(),
            Self::Text(text) => text.as_str().into(),
            Self::Code { table, number } => code_name(table, *number),
            Self::Flags { table, raw, base } => {
                conditions(table, raw, *base).iter().map(|condition| condition.name()).collect()
            }
            Self::Slots { table, tiers } => tiers.iter().map(|tier| code_name(table, u32::from(*tier))).collect(),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
        }
    }

    /// For people, without the unit.
    #[must_use]
    pub fn to_text(&self, lang: Lang) -> String {
        match self {
            Self::None => lang.pick("无", "none").to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::Code { table, number } => match table.find(*number) {
                Some(entry) => format!("{} ({})", lang.pick(entry.zh, entry.en), table.written(*number)),
                None => format!("{} {}", lang.pick("未知", "unknown"), table.written(*number)),
            },
            Self::Flags { table, raw, base } => {
                let conditions = conditions(table, raw, *base);
                if conditions.is_empty() {
                    return lang.pick("无", "none").to_owned();
                }
                let texts: Vec<String> = conditions.iter().map(|condition| condition.text(lang)).collect();
                texts.join(lang.pick("、", ", "))
            }
            Self::Slots { table, tiers } => slot_ranges(table, tiers, lang),
            Self::List(items) if items.is_empty() => lang.pick("无", "none").to_owned(),
            Self::List(items) => item_runs(items, lang),
        }
    }

    /// The text of a documented code or condition, for the JSON form; `None` where the value speaks for itself.
    #[must_use]
    pub fn meaning(&self, lang: Lang) -> Option<String> {
        match self {
            Self::Code { table, number } => table.find(*number).map(|entry| lang.pick(entry.zh, entry.en).to_owned()),
            Self::Flags { .. } | Self::Slots { .. } => Some(self.to_text(lang)),
            _ => None,
        }
    }

    /// The number on the wire of a code.
    #[must_use]
    pub const fn code(&self) -> Option<u32> {
        match self {
            Self::Code { number, .. } => Some(*number),
            _ => None,
        }
    }
}

/// The name of a code, or its number when the table does not know it.
fn code_name(table: &CodeTable, number: u32) -> serde_json::Value {
    table.find(number).map_or_else(|| number.into(), |entry| entry.name.into())
}

/// A bit that is set, documented or not.
enum Condition {
    Known(&'static Flag),
    /// The bit as the specification would print it.
    Unknown(u8),
}

impl Condition {
    fn name(&self) -> serde_json::Value {
        match self {
            Self::Known(flag) => flag.name.into(),
            Self::Unknown(bit) => format!("bit_{bit}").into(),
        }
    }

    fn text(&self, lang: Lang) -> String {
        match self {
            Self::Known(flag) => format!("{} ({} {})", lang.pick(flag.zh, flag.en), lang.pick("位", "bit"), flag.bit),
            Self::Unknown(bit) => format!("{} ({} {bit})", lang.pick("未知", "unknown"), lang.pick("位", "bit")),
        }
    }
}

fn conditions(table: &'static FlagTable, raw: &[u8], base: u8) -> Vec<Condition> {
    (0..raw.len() * 8)
        .filter(|shift| bit_holds(raw, *shift))
        .map(|shift| {
            let bit = (shift as u8).saturating_add(base);
            table.flags.iter().find(|flag| flag.bit == bit).map_or(Condition::Unknown(bit), Condition::Known)
        })
        .collect()
}

/// `0.00 × 4, 43.46, 25.75, 0.00 × 42`: equal neighbours are counted.
fn item_runs(items: &[Value], lang: Lang) -> String {
    let run = |run: &[Value]| {
        let text = run.first().map(|item| item.to_text(lang)).unwrap_or_default();
        if run.len() > 1 { format!("{text} × {}", run.len()) } else { text }
    };
    items.chunk_by(|left, right| left == right).map(run).collect::<Vec<_>>().join(lang.pick("，", ", "))
}

/// `00:00–06:00 sharp, 06:00–24:00 peak`.
fn slot_ranges(table: &CodeTable, tiers: &[u8], lang: Lang) -> String {
    let clock = |slot: usize| format!("{:02}:{:02}", slot / 2, slot % 2 * 30);
    let mut ranges = Vec::new();
    let mut begin = 0;
    for run in tiers.chunk_by(|left, right| left == right) {
        let tier = run.first().copied().unwrap_or_default();
        let name = match table.find(u32::from(tier)) {
            Some(entry) => lang.pick(entry.zh, entry.en).to_owned(),
            None => format!("{} 0x{tier:02X}", lang.pick("未知", "unknown")),
        };
        ranges.push(format!("{}–{} {name}", clock(begin), clock(begin + run.len())));
        begin += run.len();
    }
    ranges.join(lang.pick("，", ", "))
}
