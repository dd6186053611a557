//! What lists of documents can be filtered and sorted by: a table per resource.

use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use super::describe::schema;
use super::extract::{FromQuery, Parameter, Parameters};
use super::paging::Paging;
use super::problem::Problem;
use crate::store::{Comparison, DocumentQuery, PageRequest, Test};

/// Characters of the longest beginning that is looked for.
const PREFIX_MAX: usize = 64;

/// A parameter that a list is filtered by.
#[derive(Clone, Copy)]
pub(super) struct Filter {
    parameter: Parameter,
    takes: &'static str,
    field: &'static str,
    read: fn(&str) -> Option<Comparison>,
}

impl Filter {
    /// A field that is a text of a type; several with commas between.
    pub(super) const fn is<T: DeserializeOwned + Serialize + ToSchema>(
        name: &'static str,
        about: &'static str,
        takes: &'static str,
    ) -> Self {
        let parameter = Parameter { name, about, schema: schema::of::<T> };
        Self { parameter, takes, field: name, read: |text| value::<T>(text).map(Comparison::Is) }
    }

    /// One of several words, or some of them with commas between.
    pub(super) const fn one_of<T: DeserializeOwned + Serialize + ToSchema>(
        name: &'static str,
        about: &'static str,
        takes: &'static str,
    ) -> Self {
        let parameter = Parameter { name, about, schema: schema::some_of::<T> };
        let read = |text: &str| {
            let values: Option<Vec<Value>> = text.split(',').map(value::<T>).collect();
            // The store knows better ways to one value than to some.
            values.map(|values| match <[Value; 1]>::try_from(values) {
                Ok([value]) => Comparison::Is(value),
                Err(values) => Comparison::IsOneOf(values),
            })
        };
        Self { parameter, takes, field: name, read }
    }

    /// A field that is a number.
    pub(super) const fn number(name: &'static str, about: &'static str) -> Self {
        let parameter = Parameter { name, about, schema: schema::count };
        let read = |text: &str| text.parse::<u32>().ok().map(|number| Comparison::Is(number.into()));
        Self { parameter, takes: "a whole number", field: name, read }
    }

    /// A field that is true or false.
    pub(super) const fn truth(name: &'static str, about: &'static str) -> Self {
        let parameter = Parameter { name, about, schema: schema::truth };
        let read = |text: &str| text.parse::<bool>().ok().map(|truth| Comparison::Is(truth.into()));
        Self { parameter, takes: "true or false", field: name, read }
    }

    /// Whether a field is anything at all.
    pub(super) const fn set(name: &'static str, field: &'static str, about: &'static str) -> Self {
        let parameter = Parameter { name, about, schema: schema::truth };
        let read = |text: &str| match text {
            "true" => Some(Comparison::IsSet),
            "false" => Some(Comparison::Is(Value::Null)),
            _ => None,
        };
        Self { parameter, takes: "true or false", field, read }
    }

    /// What a field begins with.
    pub(super) const fn begins(name: &'static str, field: &'static str, about: &'static str) -> Self {
        let parameter = Parameter { name, about, schema: prefix };
        let read = |text: &str| as_prefix(text).map(Comparison::Begins);
        Self { parameter, takes: PREFIX_TAKES, field, read }
    }

    /// A moment, included, from which on a field is.
    pub(super) const fn from(name: &'static str, field: &'static str, about: &'static str) -> Self {
        let parameter = Parameter { name, about, schema: schema::of::<voltapile_platform::timestamp::Timestamp> };
        Self { parameter, takes: MOMENT, field, read: |text| moment(text).map(Comparison::From) }
    }

    /// A moment, not included, before which a field is.
    pub(super) const fn before(name: &'static str, field: &'static str, about: &'static str) -> Self {
        let parameter = Parameter { name, about, schema: schema::of::<voltapile_platform::timestamp::Timestamp> };
        Self { parameter, takes: MOMENT, field, read: |text| moment(text).map(Comparison::Before) }
    }

    fn test(&self, parameters: &Parameters) -> Result<Option<Test>, Problem> {
        let comparison = parameters.parse_with(self.parameter.name, self.takes, self.read)?;
        Ok(comparison.map(|comparison| Test { field: self.field, comparison }))
    }
}

/// What a moment takes.
pub(super) const MOMENT: &str = "a time like 2026-11-20T08:15:30Z (write the + of an offset as %2B)";

/// What a beginning takes.
pub(super) const PREFIX_TAKES: &str = "at most 64 characters, the beginning of it";

/// The schema of a beginning.
pub(super) fn prefix() -> RefOr<Schema> {
    schema::short_text(PREFIX_MAX)
}

/// A beginning, if it is short enough.
pub(super) fn as_prefix(text: &str) -> Option<String> {
    (text.chars().count() <= PREFIX_MAX).then(|| text.to_owned())
}

/// A text as a value of a type has it in JSON.
fn value<T: DeserializeOwned + Serialize>(text: &str) -> Option<Value> {
    let text: StrDeserializer<'_, Error> = text.into_deserializer();
    serde_json::to_value(T::deserialize(text).ok()?).ok()
}

fn moment(text: &str) -> Option<Value> {
    value::<voltapile_platform::timestamp::Timestamp>(text)
}

/// A list of documents that is served.
pub(super) trait Listed {
    /// What it can be filtered by.
    const FILTERS: &'static [Filter];
    /// What it can be sorted by, besides its usual order.
    const SORTS: &'static [&'static str];
}

/// Which documents of a list, and which page.
#[derive(Debug)]
pub(super) struct ListQuery<T> {
    /// Which page.
    pub(super) paging: Paging,
    /// Which documents.
    pub(super) query: DocumentQuery,
    of: PhantomData<T>,
}

impl<T> ListQuery<T> {
    /// As the store takes it.
    pub(super) fn parts(self) -> (DocumentQuery, PageRequest) {
        (self.query, self.paging.request())
    }

    /// The same, of documents that have a value in a field besides.
    #[must_use]
    pub(super) fn with(mut self, field: &'static str, value: impl Into<Value>) -> Self {
        self.query.tests.push(Test { field, comparison: Comparison::Is(value.into()) });
        self
    }
}

impl<T: Listed> FromQuery for ListQuery<T> {
    fn parameters() -> Vec<Parameter> {
        let mut parameters = Paging::parameters();
        parameters.extend(T::FILTERS.iter().map(|filter| filter.parameter));
        if !T::SORTS.is_empty() {
            let about = "A field, with `-` in front the greatest first. Usually by id, what is numbered newest first.";
            parameters.push(Parameter { name: "sort", about, schema: sorts::<T> });
        }
        parameters
    }

    fn read(parameters: &Parameters) -> Result<Self, Problem> {
        let paging = Paging::read(parameters)?;
        let mut query = DocumentQuery::default();
        for filter in T::FILTERS {
            query.tests.extend(filter.test(parameters)?);
        }
        if !T::SORTS.is_empty() {
            query.sort = parameters.parse_with("sort", &words::<T>().join(", "), sort::<T>)?;
        }
        Ok(Self { paging, query, of: PhantomData })
    }
}

fn sort<T: Listed>(text: &str) -> Option<(&'static str, bool)> {
    let (name, greatest_first) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
    T::SORTS.iter().find(|field| **field == name).map(|field| (*field, greatest_first))
}

fn words<T: Listed>() -> Vec<String> {
    T::SORTS.iter().flat_map(|field| [(*field).to_owned(), format!("-{field}")]).collect()
}

fn sorts<T: Listed>() -> RefOr<Schema> {
    let words = words::<T>();
    schema::word(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use voltapile_platform::order::OrderState;

    use super::*;

    #[test]
    fn one_word_is_compared_with_one_value() {
        let filter = Filter::one_of::<OrderState>("state", "", "");
        assert_eq!((filter.read)("failed"), Some(Comparison::Is("failed".into())));
        let some = Comparison::IsOneOf(vec!["failed".into(), "settled".into()]);
        assert_eq!((filter.read)("failed,settled"), Some(some));
        assert_eq!((filter.read)("failed,"), None);
    }
}
