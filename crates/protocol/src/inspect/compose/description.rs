//! Reads the JSON description of a frame.

use serde_json::Value as Json;

use super::super::lang::Bilingual;
use super::super::suggest::nearest;
use super::ComposeError;
use super::encode::hex_bytes;
use crate::ykc::frame::CrcOrder;

/// A frame as described.
#[derive(Debug, Default)]
pub(super) struct Description {
    pub(super) frame_type: Option<u8>,
    pub(super) name: Option<String>,
    pub(super) sequence: [u8; 2],
    pub(super) encryption: u8,
    pub(super) crc_order: CrcOrder,
    /// A CRC that does not hold, to be sent all the same.
    pub(super) wrong_crc: Option<[u8; 2]>,
    /// A length that does not hold, to be sent all the same.
    pub(super) length_byte: Option<u8>,
    /// The field that a short body ends before.
    pub(super) ends_before: Option<String>,
    pub(super) fields: Vec<Given>,
}

/// A field as described.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) name: String,
    pub(super) value: Option<Json>,
    pub(super) raw: Option<Vec<u8>>,
}

impl Given {
    /// The name without index and inner name: `cards` of `cards[0].physical_card_number`.
    pub(super) fn base(&self) -> &str {
        self.name.split('[').next().unwrap_or_default()
    }
}

/// Keys that decoding prints and that change nothing.
const IGNORED: [&str; 10] =
    ["offset", "length", "line", "protocol", "label_zh", "label_en", "direction", "raw", "findings", "corrected"];
const KEYS: [&str; 9] =
    ["type", "name", "sequence", "encryption", "crc", "crc_order", "length_byte", "ends_before", "fields"];

impl Description {
    pub(super) fn read(json: &Json) -> Result<Self, ComposeError> {
        let Json::Object(object) = json else { return Err(ComposeError::NotAnObject) };
        let mut description = Self::default();
        for (key, value) in object {
            description.key(key, value)?;
        }
        Ok(description)
    }

    fn key(&mut self, key: &str, value: &Json) -> Result<(), ComposeError> {
        if value.is_null() || IGNORED.contains(&key) {
            return Ok(());
        }
        let text = value.as_str();
        match key {
            "type" => self.frame_type = Some(byte(key, value, "0x13")?),
            "name" => {
                self.name = Some(
                    text.ok_or_else(|| bad(key, value, ("帧的名称", "the name of a message"), "\"realtime_report\""))?
                        .to_owned(),
                );
            }
            "sequence" => {
                let bytes = text.and_then(hex_bytes).and_then(|bytes| bytes.try_into().ok());
                self.sequence = bytes.ok_or_else(|| {
                    bad(key, value, ("报文中的 4 位十六进制", "4 hex digits as on the wire"), "\"0001\"")
                })?;
            }
            "encryption" => self.encryption = byte(key, value, "0x00")?,
            "crc_order" => self.crc_order = order(key, value)?,
            "crc" => self.crc(value)?,
            "length_byte" => self.length_byte = Some(byte(key, value, "13")?),
            "ends_before" => self.ends_before = text.map(str::to_owned),
            "fields" => self.fields = fields(value)?,
            _ => {
                let suggestion = nearest(key, KEYS.into_iter()).map(str::to_owned);
                return Err(ComposeError::UnknownKey { key: key.to_owned(), suggestion });
            }
        }
        Ok(())
    }

    /// `{"ok":…,"order":…,"raw":…}`: the order counts; the bytes only when they are said not to hold.
    fn crc(&mut self, value: &Json) -> Result<(), ComposeError> {
        let Json::Object(crc) = value else {
            return Err(bad(
                "crc",
                value,
                ("带“order”的对象", "an object with \"order\""),
                "{\"order\":\"high_first\"}",
            ));
        };
        if let Some(value) = crc.get("order").filter(|order| !order.is_null()) {
            self.crc_order = order("crc.order", value)?;
        }
        if crc.get("ok") == Some(&Json::Bool(false))
            && let Some(raw) = crc.get("raw").filter(|raw| !raw.is_null())
        {
            let bytes = raw.as_str().and_then(hex_bytes).and_then(|bytes| bytes.try_into().ok());
            self.wrong_crc =
                Some(bytes.ok_or_else(|| bad("crc.raw", raw, ("4 位十六进制", "4 hex digits"), "\"0000\""))?);
        }
        Ok(())
    }
}

fn bad(field: &str, given: &Json, (zh, en): (&str, &str), example: &str) -> ComposeError {
    ComposeError::BadValue {
        field: field.to_owned(),
        expected: Bilingual::new(zh, en),
        example: example.to_owned(),
        given: given.to_string(),
    }
}

/// A byte as a number or as hex with `0x`.
fn byte(key: &str, value: &Json, example: &str) -> Result<u8, ComposeError> {
    let number = match value {
        Json::Number(number) => number.as_u64(),
        Json::String(text) => {
            let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
            digits.and_then(|digits| u64::from_str_radix(digits, 16).ok())
        }
        _ => None,
    };
    number.and_then(|number| u8::try_from(number).ok()).ok_or_else(|| {
        bad(
            key,
            value,
            ("一个字节：数字或带 0x 的十六进制", "a byte as a number or as hex with 0x"),
            &format!("\"{example}\""),
        )
    })
}

fn order(key: &str, value: &Json) -> Result<CrcOrder, ComposeError> {
    match value.as_str() {
        Some("low_first") => Ok(CrcOrder::LowFirst),
        Some("high_first") => Ok(CrcOrder::HighFirst),
        _ => Err(bad(key, value, ("low_first 或 high_first", "low_first or high_first"), "\"low_first\"")),
    }
}

/// Fields as a list of `{"name","value"}` or as an object; groups as `cards[0].name` or as a list of objects.
fn fields(value: &Json) -> Result<Vec<Given>, ComposeError> {
    let mut given = Vec::new();
    match value {
        Json::Array(list) => {
            for field in list {
                given.push(listed(field)?);
            }
        }
        Json::Object(object) => {
            for (name, value) in object {
                match value {
                    Json::Array(groups) if groups.iter().all(Json::is_object) && !groups.is_empty() => {
                        group(name, groups, &mut given);
                    }
                    _ => given.push(Given { name: name.clone(), value: Some(value.clone()), raw: None }),
                }
            }
        }
        _ => {
            return Err(bad(
                "fields",
                value,
                ("对象，或名称与值的列表", "an object or a list of names and values"),
                "{\"soc\":80}",
            ));
        }
    }
    Ok(given)
}

fn listed(field: &Json) -> Result<Given, ComposeError> {
    let name = field.get("name").and_then(Json::as_str);
    let name = name.ok_or_else(|| {
        bad("fields", field, ("带“name”的对象", "an object with a name"), "{\"name\":\"soc\",\"value\":80}")
    })?;
    let raw = match field.get("raw") {
        Some(raw) => Some(
            raw.as_str()
                .and_then(hex_bytes)
                .ok_or_else(|| bad(&format!("{name}.raw"), raw, ("十六进制", "hex digits"), "\"00\""))?,
        ),
        None => None,
    };
    Ok(Given { name: name.to_owned(), value: field.get("value").cloned(), raw })
}

fn group(name: &str, groups: &[Json], given: &mut Vec<Given>) {
    for (index, group) in groups.iter().enumerate() {
        for (inner, value) in group.as_object().into_iter().flatten() {
            given.push(Given { name: format!("{name}[{index}].{inner}"), value: Some(value.clone()), raw: None });
        }
    }
}
