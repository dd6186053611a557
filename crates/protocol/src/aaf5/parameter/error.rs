//! Why a parameter is not set, in both languages.

use super::{Parameter, ParameterKind};
use crate::inspect::decimal::Decimal;
use crate::inspect::lang::{Lang, in_unit};

/// Why a parameter is not read or set. Names the parameter and what it takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text(Lang::En))]
pub enum ParameterError {
    /// No parameter has that name.
    Unknown {
        /// What was asked for.
        name: String,
        /// The nearest name there is.
        suggestion: Option<&'static str>,
    },
    /// It can only be read.
    ReadOnly(&'static str),
    /// It is the maker's.
    Factory(&'static str),
    /// It does not take that value.
    Value {
        /// The parameter.
        name: &'static str,
        /// What it takes, in Chinese.
        takes_zh: String,
        /// What it takes, in English.
        takes_en: String,
        /// What was given.
        given: String,
    },
}

impl ParameterError {
    pub(super) fn unknown(name: &str) -> Self {
        let suggestion = crate::inspect::suggest::nearest(name, Parameter::all().map(|parameter| parameter.name));
        Self::Unknown { name: name.to_owned(), suggestion }
    }

    pub(super) fn value(parameter: &'static Parameter, value: &serde_json::Value) -> Self {
        // What was meant for a secret may be one.
        let given = if parameter.secret { "***".to_owned() } else { value.to_string() };
        let [takes_zh, takes_en] = [Lang::Zh, Lang::En].map(|lang| parameter.kind.takes(lang));
        Self::Value { name: parameter.name, takes_zh, takes_en, given }
    }

    /// What is wrong, in a language.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Unknown { name, suggestion }, Lang::Zh) => {
                let hint = suggestion.map(|name| format!("；是否为 {name}？")).unwrap_or_default();
                format!("没有名为 {name} 的参数{hint}")
            }
            (Self::Unknown { name, suggestion }, Lang::En) => {
                let hint = suggestion.map(|name| format!("; did you mean {name}?")).unwrap_or_default();
                format!("there is no parameter {name}{hint}")
            }
            (Self::ReadOnly(name), _) => lang.pick("参数只读：", "can only be read: ").to_owned() + name,
            (Self::Factory(name), _) => {
                lang.pick("参数属于厂家，不可设置：", "belongs to the maker: ").to_owned() + name
            }
            (Self::Value { name, takes_zh, given, .. }, Lang::Zh) => {
                format!("{name} 应为{takes_zh}，实际为 {given}")
            }
            (Self::Value { name, takes_en, given, .. }, Lang::En) => format!("{name} takes {takes_en}, not {given}"),
        }
    }
}

impl ParameterKind {
    /// What it takes, in words.
    #[must_use]
    pub fn takes(&self, lang: Lang) -> String {
        match *self {
            Self::Number { decimals, offset, unit, words: (low, high) } => {
                let shift = i64::from(offset) * 10_i64.pow(u32::from(decimals));
                let [low, high] = [low, high].map(|word| Decimal { scaled: word + shift, decimals });
                let unit = in_unit(unit, lang);
                match lang {
                    Lang::Zh => format!("{low} 到 {high}{unit}、最多 {decimals} 位小数的数值"),
                    Lang::En => format!("a number of at most {decimals} decimals from {low} to {high}{unit}"),
                }
            }
            Self::Code(table) => {
                let names: Vec<&str> = table.entries.iter().map(|entry| entry.name).collect();
                format!("{} {}", names.join(", "), lang.pick("之一，或数字", "or a number"))
            }
            Self::Flag => lang.pick("true 或 false", "true or false").to_owned(),
            Self::Ipv4 => {
                lang.pick("IPv4 地址文本，例如 \"10.0.0.1\"", "an IPv4 address such as \"10.0.0.1\"").to_owned()
            }
            Self::Status => lang.pick("状态对象", "an object of states").to_owned(),
            Self::Key => lang.pick("64 位十六进制文本(32 字节)", "32 bytes as 64 hex digits").to_owned(),
            Self::Balance => {
                let example = "{\"connector\": 1, \"balance\": 12.34}";
                format!("{} {example}", lang.pick("对象，例如", "an object such as"))
            }
            Self::Text { max, digits: true, .. } => match lang {
                Lang::Zh => format!("最多 {max} 位数字的文本"),
                Lang::En => format!("at most {max} digits as text"),
            },
            Self::Text { max, .. } => match lang {
                Lang::Zh => format!("最多 {max} 个字符的 ASCII 文本"),
                Lang::En => format!("ASCII text of at most {max} characters"),
            },
            Self::Time => {
                let example = "\"2026-01-31T08:15:00\"";
                format!("{} {example}", lang.pick("时间文本，例如", "a time such as"))
            }
            Self::Mac => {
                let example = "\"00:11:22:33:44:55\"";
                format!("{} {example}", lang.pick("MAC 地址文本，例如", "a MAC address such as"))
            }
            Self::VinTimer => {
                let example = "{\"start\": \"22:00:00\", \"stop\": \"06:00:00\", \"enabled\": true}";
                format!("{} {example}", lang.pick("对象，例如", "an object such as"))
            }
        }
    }
}
