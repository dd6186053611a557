//! Messages that read and set parameters: as few as possible, for following indexes go together.

use super::Parameter;
use crate::aaf5::code::ParameterAction;
use crate::aaf5::message::{IntegerParameterRequest, IntegerValue, TextParameterRequest};
use crate::wire::BytesToEnd;

/// Integer parameters that one message carries.
pub const INTEGERS_PER_MESSAGE: usize = 10;

/// Runs of parameters whose indexes follow each other; one that takes several words goes alone.
fn runs<T>(mut wanted: Vec<T>, parameter: impl Fn(&T) -> &'static Parameter) -> Vec<Vec<T>> {
    wanted.sort_by_key(|one| parameter(one).index);
    wanted.dedup_by_key(|one| parameter(one).index);
    let mut runs: Vec<Vec<T>> = Vec::new();
    for one in wanted {
        let follows = |last: &T| {
            let (last, next) = (parameter(last), parameter(&one));
            next.index == last.index + 1 && last.kind.words() == 1 && next.kind.words() == 1
        };
        match runs.last_mut() {
            Some(run) if run.len() < INTEGERS_PER_MESSAGE && run.last().is_some_and(follows) => run.push(one),
            _ => runs.push(vec![one]),
        }
    }
    runs
}

/// Messages that read integer parameters; texts among them are left out.
#[must_use]
pub fn integer_queries(parameters: &[&'static Parameter]) -> Vec<IntegerParameterRequest> {
    let integers = parameters.iter().copied().filter(|parameter| !parameter.is_text()).collect();
    let query = |run: Vec<&'static Parameter>| IntegerParameterRequest {
        action: ParameterAction::Query,
        first_index: run.first().map_or(0, |parameter| parameter.index),
        count: run.iter().map(|parameter| parameter.kind.words() as u8).sum(),
        ..IntegerParameterRequest::default()
    };
    runs(integers, |parameter| parameter).into_iter().map(query).collect()
}

/// Messages that set integer parameters to words; address and port of the server, which a pile takes only together, go
/// together where both are given.
#[must_use]
pub fn integer_sets(values: Vec<(&'static Parameter, Vec<u32>)>) -> Vec<IntegerParameterRequest> {
    let set = |run: Vec<(&'static Parameter, Vec<u32>)>| {
        let first_index = run.first().map_or(0, |(parameter, _)| parameter.index);
        let values: Vec<IntegerValue> =
            run.into_iter().flat_map(|(_, words)| words).map(|value| IntegerValue { value }).collect();
        IntegerParameterRequest {
            action: ParameterAction::Set,
            first_index,
            count: u8::try_from(values.len()).unwrap_or(u8::MAX),
            byte_count: u16::try_from(values.len() * 4).unwrap_or(u16::MAX),
            values,
            ..IntegerParameterRequest::default()
        }
    };
    runs(values, |(parameter, _)| *parameter).into_iter().map(set).collect()
}

/// The message that reads a text parameter.
#[must_use]
pub fn text_query(parameter: &Parameter) -> TextParameterRequest {
    TextParameterRequest { action: ParameterAction::Query, index: parameter.index, ..TextParameterRequest::default() }
}

/// The message that sets a text parameter to bytes.
#[must_use]
pub fn text_set(parameter: &Parameter, bytes: Vec<u8>) -> TextParameterRequest {
    TextParameterRequest {
        action: ParameterAction::Set,
        index: parameter.index,
        byte_count: u16::try_from(bytes.len()).unwrap_or(u16::MAX),
        value: BytesToEnd(bytes.into()),
        ..TextParameterRequest::default()
    }
}
