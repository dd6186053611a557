//! The settings of a pile: integer parameters (1, 2) and text parameters (3, 4), by name (V5.2B §3.1.1, §3.1.3).
//!
//! Values are JSON, as people and programs write them: a number in its unit, a name of a code, a text, a time. On the wire
//! an integer parameter is one word of 32 bits (90 has 8, 91 has 2), a text parameter some bytes.

mod error;
mod integer;
mod request;
mod status;
mod text;
mod value;

pub use error::ParameterError;
pub use integer::INTEGERS;
pub use request::{INTEGERS_PER_MESSAGE, integer_queries, integer_sets, text_query, text_set};
pub use status::{STATUS_BITS, StatusBits};
pub use text::TEXTS;

use crate::wire::CodeTable;

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Index in its table.
    pub index: u32,
    /// Name for machines, `snake_case`; unique over both tables.
    pub name: &'static str,
    /// Chinese label, as the document prints it.
    pub zh: &'static str,
    /// English label.
    pub en: &'static str,
    /// What it takes.
    pub kind: ParameterKind,
    /// Who may do what with it.
    pub access: Access,
    /// The word that the document gives as default.
    pub default: Option<u32>,
    /// Whether it must not be shown in logs.
    pub secret: bool,
}

/// Who may do what with a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It can be read and set.
    ReadWrite,
    /// It can only be read.
    ReadOnly,
    /// It is the maker's: it can be read, but a platform should not set it.
    Factory,
}

impl Access {
    /// `read_write`, `read_only` or `factory`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadWrite => "read_write",
            Self::ReadOnly => "read_only",
            Self::Factory => "factory",
        }
    }
}

/// What a parameter takes. Integers first, then texts.
#[derive(Debug, Clone, Copy)]
pub enum ParameterKind {
    /// A number: value = word / 10^decimals + offset.
    Number {
        /// Decimal places of the value.
        decimals: u8,
        /// Added to the scaled word.
        offset: i32,
        /// Unit, empty when it has none.
        unit: &'static str,
        /// Least and greatest word; negative for two's complement.
        words: (i64, i64),
    },
    /// A name of a table, or its number.
    Code(&'static CodeTable),
    /// True or false.
    Flag,
    /// An IPv4 address, its bytes in the order in which it is written.
    Ipv4,
    /// State bits, an object with a member for each.
    Status,
    /// A key of 32 bytes in hex.
    Key,
    /// `{"connector": 1, "balance": 12.3456}`: balance in yuan.
    Balance,
    /// Up to so many ASCII characters.
    Text {
        /// Most characters.
        max: usize,
        /// Whether it is sent with zeros up to the most, rather than with one zero where it is shorter.
        padded: bool,
        /// Whether only digits are possible.
        digits: bool,
    },
    /// A wall clock time in 8 BCD bytes.
    Time,
    /// A MAC address, `00:11:22:33:44:55`.
    Mac,
    /// `{"start": "22:00:00", "stop": "06:00:00", "enabled": true}`: when vehicles known by their VIN begin to charge.
    VinTimer,
}

impl ParameterKind {
    /// Words of an integer parameter; 0 for a text.
    #[must_use]
    pub const fn words(&self) -> usize {
        match self {
            Self::Number { .. } | Self::Code(_) | Self::Flag | Self::Ipv4 | Self::Status => 1,
            Self::Balance => 2,
            Self::Key => 8,
            Self::Text { .. } | Self::Time | Self::Mac | Self::VinTimer => 0,
        }
    }
}

impl Parameter {
    const fn new(index: u32, name: &'static str, zh: &'static str, en: &'static str, kind: ParameterKind) -> Self {
        Self { index, name, zh, en, kind, access: Access::ReadWrite, default: None, secret: false }
    }

    const fn read_only(self) -> Self {
        Self { access: Access::ReadOnly, ..self }
    }

    const fn factory(self) -> Self {
        Self { access: Access::Factory, ..self }
    }

    const fn default_is(self, word: u32) -> Self {
        Self { default: Some(word), ..self }
    }

    const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }

    /// Whether it is one of the text parameters.
    #[must_use]
    pub const fn is_text(&self) -> bool {
        self.kind.words() == 0
    }

    /// The integer parameter with an index.
    #[must_use]
    pub fn integer(index: u32) -> Option<&'static Self> {
        INTEGERS.iter().find(|parameter| parameter.index == index)
    }

    /// The text parameter with an index.
    #[must_use]
    pub fn text(index: u32) -> Option<&'static Self> {
        TEXTS.iter().find(|parameter| parameter.index == index)
    }

    /// The parameter with a name.
    ///
    /// # Errors
    /// [`ParameterError::Unknown`] when there is none.
    pub fn named(name: &str) -> Result<&'static Self, ParameterError> {
        Self::all().find(|parameter| parameter.name == name).ok_or_else(|| ParameterError::unknown(name))
    }

    /// All of them, integers first.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        INTEGERS.iter().chain(TEXTS)
    }

    /// The words that a value asks for.
    ///
    /// # Errors
    /// [`ParameterError`] when it can't be set or does not take the value.
    pub fn words_of(&'static self, value: &serde_json::Value) -> Result<Vec<u32>, ParameterError> {
        self.check_settable()?;
        value::to_words(&self.kind, value).ok_or_else(|| ParameterError::value(self, value))
    }

    /// The bytes that a value asks for.
    ///
    /// # Errors
    /// [`ParameterError`] when it can't be set or does not take the value.
    pub fn bytes_of(&'static self, value: &serde_json::Value) -> Result<Vec<u8>, ParameterError> {
        self.check_settable()?;
        value::to_bytes(&self.kind, value).ok_or_else(|| ParameterError::value(self, value))
    }

    fn check_settable(&'static self) -> Result<(), ParameterError> {
        match self.access {
            Access::ReadWrite => Ok(()),
            Access::ReadOnly => Err(ParameterError::ReadOnly(self.name)),
            Access::Factory => Err(ParameterError::Factory(self.name)),
        }
    }

    /// The value that words of an integer parameter mean; `null` where they are none.
    #[must_use]
    pub fn value_of_words(&self, words: &[u32]) -> serde_json::Value {
        value::of_words(&self.kind, words)
    }

    /// The value that bytes of a text parameter mean; `null` where they say that nothing is set.
    #[must_use]
    pub fn value_of_bytes(&self, bytes: &[u8]) -> serde_json::Value {
        value::of_bytes(&self.kind, bytes)
    }
}

#[cfg(test)]
mod tests;
