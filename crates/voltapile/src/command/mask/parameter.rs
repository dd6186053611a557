//! Masks what is set in piles: a value's meaning depends on the index that another field of its frame says.

use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::Report;
use voltapile_protocol::inspect::explain::Field;

use super::pseudonym::{Class, Pseudonyms, until_zero};

/// Integer parameters that name somebody: the platform's address and port, and a key of several values.
const NAMING_INTEGERS: [u64; 3] = [25, 26, KEY];
/// The index under which a whole key is sent, value by value.
const KEY: u64 = 90;
/// The pile's own code among the text parameters.
const PILE_CODE: u64 = 1;
/// Text parameters that are times and nothing else: the clock, and when charges by VIN may begin.
const TIMES: [u64; 2] = [2, 14];

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting {
    /// An integer parameter.
    Integer(u64),
    /// A text parameter.
    Text(u64),
}

/// Says of each field of a frame, in order, whether it is the value of a parameter, and of which.
pub(super) struct Settings {
    integer: Option<u64>,
    text: Option<u64>,
}

impl Settings {
    pub(super) fn of(report: &Report) -> Self {
        let number = |name: &str| {
            let field = report.fields.iter().find(|field| field.name == name);
            field.filter(|_| report.protocol == Protocol::Aaf5).map(|field| field.number)
        };
        let is_parameter = report.layout.is_some_and(|layout| layout.field("action").is_some());
        Self { integer: number("first_index").filter(|_| is_parameter), text: number("index").filter(|_| is_parameter) }
    }

    pub(super) fn next(&mut self, field: &Field) -> Option<Setting> {
        if field.name == "value" {
            return self.text.map(Setting::Text);
        }
        if !field.name.starts_with("values[") {
            return None;
        }
        let index = self.integer?;
        // All values of a key have its index.
        self.integer = Some(if index == KEY { KEY } else { index + 1 });
        Some(Setting::Integer(index))
    }
}

/// The value with what names somebody masked; `None` where it names nobody.
pub(super) fn masked(setting: Setting, field: &Field, pseudonyms: &mut Pseudonyms) -> Option<Vec<u8>> {
    let raw = field.raw.as_slice();
    match setting {
        Setting::Integer(index) => NAMING_INTEGERS.contains(&index).then(|| pseudonyms.digits(Class::Other, raw)),
        Setting::Text(index) if TIMES.contains(&index) => None,
        Setting::Text(index) => {
            let class = if index == PILE_CODE { Class::Pile } else { Class::Other };
            let is_text = until_zero(raw).iter().all(|byte| matches!(byte, 0x20..=0x7E));
            Some(if is_text { pseudonyms.name(class, raw) } else { pseudonyms.digits(class, raw) })
        }
    }
}
