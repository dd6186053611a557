//! Settings of a pile by name: integer parameters (1, 2) and text parameters (3, 4).

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use voltapile_protocol::aaf5::message::{IntegerParameterResponse, TextParameterResponse};
use voltapile_protocol::aaf5::parameter::{Parameter, integer_queries, integer_sets, text_query, text_set};

use super::downlink::Plan;
use super::errand::Step;

/// Stands for a setting that is not shown.
const HIDDEN: &str = "***";

/// The messages that read settings.
pub(super) fn read(names: &[String]) -> Result<Plan, String> {
    let parameters = names.iter().map(|name| Parameter::named(name).map_err(|error| error.to_string()));
    let parameters: Vec<&'static Parameter> = parameters.collect::<Result<_, _>>()?;
    let texts = parameters.iter().filter(|parameter| parameter.is_text()).map(|parameter| text_query(parameter));
    let steps = integer_queries(&parameters).into_iter().map(Step::new).chain(texts.map(Step::new));
    Ok(steps.collect::<Vec<_>>().into())
}

/// The messages that change settings.
pub(super) fn write(values: &BTreeMap<String, Value>) -> Result<Plan, String> {
    let (mut integers, mut texts) = (Vec::new(), Vec::new());
    for (name, value) in values {
        let parameter = Parameter::named(name).map_err(|error| error.to_string())?;
        if parameter.is_text() {
            let bytes = parameter.bytes_of(value).map_err(|error| error.to_string())?;
            texts.push(Step::new(text_set(parameter, bytes)));
        } else {
            integers.push((parameter, parameter.words_of(value).map_err(|error| error.to_string())?));
        }
    }
    let steps = integer_sets(integers).into_iter().map(Step::new).chain(texts);
    Ok(steps.collect::<Vec<_>>().into())
}

/// The integer parameters of an answer, by name; those without a name by their number.
pub(super) fn of_integers(answer: &IntegerParameterResponse) -> Map<String, Value> {
    let words: Vec<u32> = answer.values.iter().map(|value| value.value).collect();
    if let Some(parameter) = Parameter::integer(answer.first_index).filter(|parameter| parameter.kind.words() > 1) {
        return Map::from_iter([(parameter.name.to_owned(), shown(parameter, parameter.value_of_words(&words)))]);
    }
    let named = (answer.first_index..).zip(&words).map(|(index, word)| match Parameter::integer(index) {
        Some(parameter) => (parameter.name.to_owned(), shown(parameter, parameter.value_of_words(&[*word]))),
        None => (index.to_string(), (*word).into()),
    });
    named.collect()
}

/// The text parameter of an answer, by name.
pub(super) fn of_text(answer: &TextParameterResponse) -> Map<String, Value> {
    let Some(parameter) = Parameter::text(answer.index) else { return Map::new() };
    Map::from_iter([(parameter.name.to_owned(), shown(parameter, parameter.value_of_bytes(&answer.value.0)))])
}

fn shown(parameter: &Parameter, value: Value) -> Value {
    if parameter.secret { HIDDEN.into() } else { value }
}
