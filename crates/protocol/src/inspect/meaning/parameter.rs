//! Values of integer and text parameters, by the table of parameters. Secrets are shown: a frame is what it is.

use serde_json::Value as Json;

use super::super::decimal::Decimal;
use super::super::explain::Field;
use super::super::lang::{Bilingual, Lang, in_unit};
use super::{Meaning, mean, number, word};
use crate::aaf5::parameter::{INTEGERS_PER_MESSAGE, Parameter, ParameterKind, STATUS_BITS};
use crate::wire::CodeTable;

/// The integers from an index on. A parameter of several words stands at the first of them.
pub(super) fn integers(fields: &mut [Field]) {
    let (Some(first), Some(count)) = (number(fields, "first_index"), number(fields, "count")) else { return };
    let words: Vec<u32> = fields.iter().filter(|field| field.name.starts_with("values[")).map(word).collect();
    let (mut index, mut at, mut meant) = (first, 0, Vec::new());
    let most = u32::try_from(INTEGERS_PER_MESSAGE).unwrap_or(u32::MAX);
    let asked = usize::try_from(count.min(most)).unwrap_or_default();
    while at < asked {
        let parameter = Parameter::integer(index);
        let width = parameter.map_or(1, |parameter| parameter.kind.words()).max(1);
        if let Some(parameter) = parameter {
            meant.push(parameter);
            if let Some(words) = words.get(at..at + width) {
                mean(fields, &format!("values[{at}].value"), setting(parameter, parameter.value_of_words(words)));
            }
        }
        (index, at) = (index.saturating_add(1), at + width);
    }
    if let Some(meaning) = named(&meant) {
        mean(fields, "first_index", meaning);
    }
}

pub(super) fn text(fields: &mut [Field]) {
    let Some(parameter) = number(fields, "index").and_then(Parameter::text) else { return };
    if let Some(meaning) = named(&[parameter]) {
        mean(fields, "index", meaning);
    }
    if let Some(field) = fields.iter_mut().find(|field| field.name == "value" && !field.raw.is_empty()) {
        field.meaning = Some(Box::new(setting(parameter, parameter.value_of_bytes(&field.raw))));
    }
}

/// Which parameters are meant by an index and a count.
fn named(parameters: &[&'static Parameter]) -> Option<Meaning> {
    let first = parameters.first()?;
    let labels = |lang: Lang| {
        let labels: Vec<&str> = parameters.iter().map(|parameter| lang.pick(parameter.zh, parameter.en)).collect();
        labels.join(lang.pick("、", "; "))
    };
    let names: Json = parameters.iter().map(|parameter| parameter.name).collect();
    let text = Bilingual::new(labels(Lang::Zh), labels(Lang::En));
    Some(Meaning { name: first.name, value: names, unit: "", text })
}

/// A parameter and its value.
fn setting(parameter: &'static Parameter, value: Json) -> Meaning {
    let unit = match parameter.kind {
        ParameterKind::Number { unit, .. } => unit,
        _ => "",
    };
    let said = |lang: Lang| {
        let label = lang.pick(parameter.zh, parameter.en);
        format!("{label}{}{}", lang.pick("：", ": "), value_text(&parameter.kind, &value, lang))
    };
    let text = Bilingual::new(said(Lang::Zh), said(Lang::En));
    Meaning { name: parameter.name, value, unit, text }
}

/// A value of a parameter for people.
fn value_text(kind: &ParameterKind, value: &Json, lang: Lang) -> String {
    match (kind, value) {
        (_, Json::Null) => lang.pick("无", "none").to_owned(),
        (ParameterKind::Number { decimals, unit, .. }, Json::Number(number)) => {
            let exact = Decimal::parse(&number.to_string(), *decimals);
            format!("{}{}", exact.map_or_else(|| number.to_string(), |exact| exact.to_string()), in_unit(unit, lang))
        }
        (ParameterKind::Code(table), value) => code_text(table, value, lang),
        (ParameterKind::Flag, Json::Bool(flag)) => {
            if *flag { lang.pick("是", "yes") } else { lang.pick("否", "no") }.to_owned()
        }
        (ParameterKind::Status, Json::Object(members)) => {
            let groups = STATUS_BITS.iter().map(|group| {
                let value = members.get(group.name).map(|value| code_text(group.table, value, lang));
                format!("{} {}", lang.pick(group.zh, group.en), value.unwrap_or_default())
            });
            groups.collect::<Vec<_>>().join(lang.pick("，", ", "))
        }
        (ParameterKind::Balance, Json::Object(members)) => {
            let member = |name: &str| members.get(name).map(Json::to_string).unwrap_or_default();
            let (connector, balance) = (member("connector"), member("balance"));
            match lang {
                Lang::Zh => format!("枪 {connector}，余额 {balance} 元"),
                Lang::En => format!("connector {connector}, balance {balance} CNY"),
            }
        }
        (ParameterKind::VinTimer, Json::Object(members)) => {
            let member = |name: &str| members.get(name).and_then(Json::as_str).unwrap_or_default();
            let enabled = members.get("enabled") == Some(&Json::Bool(true));
            let state = if enabled { lang.pick("启用", "enabled") } else { lang.pick("停用", "disabled") };
            format!("{}–{} {state}", member("start"), member("stop"))
        }
        (_, Json::String(text)) => text.clone(),
        (_, value) => value.to_string(),
    }
}

/// A name of a table in words, or its number where it has none.
fn code_text(table: &CodeTable, value: &Json, lang: Lang) -> String {
    match value.as_str().and_then(|name| table.named(name)) {
        Some(entry) => lang.pick(entry.zh, entry.en).to_owned(),
        None => format!("{} {value}", lang.pick("未知", "unknown")),
    }
}
