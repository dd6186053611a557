//! Why a description makes no frame, in both languages.

use std::fmt;

use super::super::lang::{Bilingual, Lang};
use crate::wire::Overflow;

/// Why a description makes no frame. Each says what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ComposeError {
    /// Not a JSON object.
    NotAnObject,
    /// Neither type nor name.
    NoType,
    /// A type or name that no message has.
    UnknownMessage {
        /// What was given.
        given: String,
        /// The nearest name.
        suggestion: Option<String>,
    },
    /// Type and name of different messages.
    TypeAndNameDiffer {
        /// The name given.
        name: &'static str,
        /// Its type.
        code: String,
        /// The type given.
        given: String,
    },
    /// A key of the description itself that means nothing.
    UnknownKey {
        /// The key.
        key: String,
        /// The nearest one.
        suggestion: Option<String>,
    },
    /// A field that the message does not have.
    UnknownField {
        /// The message.
        message: String,
        /// The field.
        field: String,
        /// The nearest one.
        suggestion: Option<String>,
    },
    /// A value that does not fit.
    BadValue {
        /// The field or key.
        field: String,
        /// What would fit.
        expected: Bilingual,
        /// One that does.
        example: String,
        /// What was given.
        given: String,
    },
    /// More than a frame carries.
    TooLong(Overflow),
}

impl From<Overflow> for ComposeError {
    fn from(overflow: Overflow) -> Self {
        Self::TooLong(overflow)
    }
}

impl fmt::Display for ComposeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

impl std::error::Error for ComposeError {}

impl ComposeError {
    /// What is wrong, in a language.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => self.zh(),
            Lang::En => self.en(),
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::NotAnObject => format!("应为 JSON 对象，例如 {OBJECT}"),
            Self::NoType => "缺少“type”（例如“0x13”）或“name”（例如“realtime_report”）".to_owned(),
            Self::UnknownMessage { given, suggestion } => {
                format!("没有名为 {given} 的帧{}；voltapile frames 列出全部", hint_zh(suggestion.as_deref()))
            }
            Self::TypeAndNameDiffer { name, code, given } => {
                format!("{name} 的帧类型是 {code}，不是 {given}")
            }
            Self::UnknownKey { key, suggestion } => format!("未知的键“{key}”{}", hint_zh(suggestion.as_deref())),
            Self::UnknownField { message, field, suggestion } => {
                format!("{message} 没有字段“{field}”{}", hint_zh(suggestion.as_deref()))
            }
            Self::BadValue { field, expected, example, given } => {
                let gap = if expected.zh.starts_with(|first: char| first.is_ascii()) { " " } else { "" };
                format!("{field}：应为{gap}{}，例如 {example}，实际为 {given}", expected.zh)
            }
            Self::TooLong(Overflow { length, limit }) => format!("消息体为 {length} 字节，一帧最多 {limit} 字节"),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::NotAnObject => format!("expected a JSON object such as {OBJECT}"),
            Self::NoType => {
                "the frame has no \"type\" (such as \"0x13\") or \"name\" (such as \"realtime_report\")".to_owned()
            }
            Self::UnknownMessage { given, suggestion } => {
                format!("no message is called {given}{}; `voltapile frames` lists all", hint_en(suggestion.as_deref()))
            }
            Self::TypeAndNameDiffer { name, code, given } => format!("{name} has type {code}, not {given}"),
            Self::UnknownKey { key, suggestion } => format!("unknown key {key:?}{}", hint_en(suggestion.as_deref())),
            Self::UnknownField { message, field, suggestion } => {
                format!("{message} has no field {field:?}{}", hint_en(suggestion.as_deref()))
            }
            Self::BadValue { field, expected, example, given } => {
                format!("{field}: expected {}, such as {example}, got {given}", expected.en)
            }
            Self::TooLong(overflow) => overflow.to_string(),
        }
    }
}

/// A description that makes a frame.
const OBJECT: &str = r#"{"type":"0x03","fields":{"pile_code":"20231212000010"}}"#;

fn hint_zh(suggestion: Option<&str>) -> String {
    suggestion.map(|name| format!("，是否为“{name}”？")).unwrap_or_default()
}

fn hint_en(suggestion: Option<&str>) -> String {
    suggestion.map(|name| format!(", did you mean {name:?}?")).unwrap_or_default()
}
