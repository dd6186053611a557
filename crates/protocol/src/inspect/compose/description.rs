//! Reads the JSON description of a frame.

use serde_json::Value as Json;

use super::super::lang::Bilingual;
use super::super::suggest::nearest;
use super::ComposeError;
use super::encode::hex_bytes;
use crate::aaf5;
use crate::family::Protocol;
use crate::ykc::frame::CrcOrder;

/// A frame as described.
#[derive(Debug, Default)]
pub(super) struct Description {
    pub(super) protocol: Option<Protocol>,
    pub(super) frame_type: Option<u16>,
    /// The protocol whose frame types are written as the given one is.
    pub(super) type_written_in: Option<Protocol>,
    pub(super) name: Option<String>,
    /// Sequence number as it stands on the wire.
    pub(super) sequence: Option<Vec<u8>>,
    pub(super) encryption: u8,
    /// Information byte of AA F5.
    pub(super) information: Option<u8>,
    pub(super) crc_order: CrcOrder,
    /// A CRC or check sum that does not hold, to be sent all the same.
    pub(super) wrong_sum: Option<Vec<u8>>,
    /// A length that does not hold, to be sent all the same.
    pub(super) length: Option<u16>,
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

    /// The name inside a group: `physical_card_number` of `cards[0].physical_card_number`.
    pub(super) fn inner(&self) -> Option<&str> {
        self.name.split_once("].").map(|(_, inner)| inner)
    }
}

/// Keys that decoding prints, of captures and logs too, and that change nothing.
const IGNORED: [&str; 13] = [
    "time",
    "connection",
    "client",
    "server",
    "offset",
    "length",
    "line",
    "label_zh",
    "label_en",
    "direction",
    "raw",
    "findings",
    "corrected",
];
const KEYS: [&str; 13] = [
    "protocol",
    "type",
    "name",
    "sequence",
    "encryption",
    "information",
    "crc",
    "crc_order",
    "checksum",
    "length_byte",
    "length_field",
    "ends_before",
    "fields",
];

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
            "protocol" => self.protocol = Some(protocol(key, value)?),
            "type" => {
                let (number, written_in) = frame_type(key, value)?;
                (self.frame_type, self.type_written_in) = (Some(number), written_in);
            }
            "name" => {
                self.name = Some(
                    text.ok_or_else(|| bad(key, value, ("帧的名称", "the name of a message"), "\"realtime_report\""))?
                        .to_owned(),
                );
            }
            "sequence" => {
                let bytes = text.and_then(hex_bytes).filter(|bytes| (1..=2).contains(&bytes.len()));
                self.sequence = Some(bytes.ok_or_else(|| sequence_expected(key, value))?);
            }
            "encryption" => self.encryption = byte(key, value, "0x00")?,
            "information" => self.information = Some(byte(key, value, "0x10")?),
            "crc_order" => self.crc_order = order(key, value)?,
            "crc" => self.crc(value)?,
            "checksum" => self.sum("checksum.raw", value, 1)?,
            "length_byte" => self.length = Some(byte(key, value, "13")?.into()),
            "length_field" => {
                let length = value.as_u64().and_then(|length| u16::try_from(length).ok());
                let expected = ("0 到 65535 的数字", "a number from 0 to 65535");
                self.length = Some(length.ok_or_else(|| bad(key, value, expected, "21"))?);
            }
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
        self.sum("crc.raw", value, 2)
    }

    /// Bytes of a sum, when they are said not to hold.
    fn sum(&mut self, key: &str, value: &Json, length: usize) -> Result<(), ComposeError> {
        if value.get("ok") == Some(&Json::Bool(false))
            && let Some(raw) = value.get("raw").filter(|raw| !raw.is_null())
        {
            let bytes = raw.as_str().and_then(hex_bytes).filter(|bytes| bytes.len() == length);
            self.wrong_sum = Some(bytes.ok_or_else(|| {
                let (digits, example) = (length * 2, format!("\"{}\"", "00".repeat(length)));
                let (zh, en) = (format!("{digits} 位十六进制"), format!("{digits} hex digits"));
                bad(key, raw, (&zh, &en), &example)
            })?);
        }
        Ok(())
    }

    /// Whether the body is said to be encrypted.
    pub(super) fn is_encrypted(&self, protocol: Protocol) -> bool {
        match protocol {
            Protocol::Ykc => self.encryption != 0,
            Protocol::Aaf5 => self.information.unwrap_or_default() & aaf5::frame::ENCRYPTED != 0,
        }
    }

    /// The sequence number in the width that a protocol gives it.
    pub(super) fn sequence<const N: usize>(&self) -> Result<[u8; N], ComposeError> {
        let Some(bytes) = &self.sequence else { return Ok([0; N]) };
        bytes.as_slice().try_into().map_err(|_| {
            let (digits, example) = (N * 2, format!("\"{}\"", "01".repeat(N)));
            let (zh, en) = (format!("报文中的 {digits} 位十六进制"), format!("{digits} hex digits as on the wire"));
            let given: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
            bad("sequence", &given.into(), (&zh, &en), &example)
        })
    }
}

/// The protocol by name; `ykc2` is what decoding calls frames of a version that is not read.
fn protocol(key: &str, value: &Json) -> Result<Protocol, ComposeError> {
    let named =
        value.as_str().and_then(|name| if name == "ykc2" { Some(Protocol::Ykc) } else { Protocol::named(name) });
    named.ok_or_else(|| bad(key, value, ("协议名 ykc 或 aaf5", "a protocol: ykc or aaf5"), "\"ykc\""))
}

/// A frame type, and the protocol that writes it so: hex with `0x` is YKC, decimal text is AA F5; a number is either.
fn frame_type(key: &str, value: &Json) -> Result<(u16, Option<Protocol>), ComposeError> {
    let read = match value {
        Json::Number(number) => number.as_u64().and_then(|number| u16::try_from(number).ok()).map(|code| (code, None)),
        Json::String(text) => match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            Some(digits) => {
                let code = u8::from_str_radix(digits, 16).ok();
                code.map(|code| (code.into(), Some(Protocol::Ykc)))
            }
            None => text.parse().ok().map(|code| (code, Some(Protocol::Aaf5))),
        },
        _ => None,
    };
    let expected =
        ("帧类型：带 0x 的十六进制，盛弘为十进制命令代码", "a frame type: hex with 0x, or a decimal command of AA F5");
    read.ok_or_else(|| bad(key, value, expected, "\"0x13\""))
}

fn sequence_expected(key: &str, value: &Json) -> ComposeError {
    let expected = ("报文中的 4 位(盛弘 2 位)十六进制", "4 hex digits as on the wire, 2 for AA F5");
    bad(key, value, expected, "\"0001\"")
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
