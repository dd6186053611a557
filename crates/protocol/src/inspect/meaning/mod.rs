//! What a number means beyond its field: the values of parameters, which the index before them tells (AA F5: 1 to 4), and the
//! arguments of control commands (5).

mod control;
mod parameter;

pub(super) use control::{DO_IT, commands, takes_do_it};

use serde_json::Value as Json;

use super::explain::Field;
use super::lang::Bilingual;
use crate::Protocol;
use crate::aaf5::message::{
    ControlRequest, IntegerParameterRequest, IntegerParameterResponse, TextParameterRequest, TextParameterResponse,
};
use crate::layout::Layout;

/// What a field means by what stands before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Meaning {
    /// Name of the parameter or command for machines.
    pub name: &'static str,
    /// Its value; `null` where it has none. For an index, the names of all that are meant.
    pub value: Json,
    /// Unit of the value, empty when it has none.
    pub unit: &'static str,
    /// Both, for people.
    pub text: Bilingual,
}

/// Tells fields of a body what they mean.
pub(super) fn tell(layout: &Layout, fields: &mut [Field]) {
    let is = |other: &Layout| layout.protocol == Protocol::Aaf5 && layout.name == other.name;
    if is(IntegerParameterRequest::LAYOUT) || is(IntegerParameterResponse::LAYOUT) {
        parameter::integers(fields);
    } else if is(TextParameterRequest::LAYOUT) || is(TextParameterResponse::LAYOUT) {
        parameter::text(fields);
    } else if is(ControlRequest::LAYOUT) {
        control::arguments(fields);
    }
}

fn number(fields: &[Field], name: &str) -> Option<u32> {
    fields.iter().find(|field| field.name == name).and_then(|field| u32::try_from(field.number).ok())
}

fn mean(fields: &mut [Field], name: &str, meaning: Meaning) {
    if let Some(field) = fields.iter_mut().find(|field| field.name == name) {
        field.meaning = Some(Box::new(meaning));
    }
}

fn word(field: &Field) -> u32 {
    u32::try_from(field.number).unwrap_or_default()
}
