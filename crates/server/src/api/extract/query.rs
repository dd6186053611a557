//! The query: parameters behind the question mark. An unknown one is refused, because a misspelt filter would
//! otherwise look like an answer.

use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::api::describe::{Draft, Input};
use crate::api::problem::{Kind, Problem};

/// What a handler reads from the query.
pub(in crate::api) trait FromQuery: Sized {
    /// Every parameter there is.
    fn parameters() -> Vec<Parameter>;

    /// Takes the parameters that were given.
    fn read(parameters: &Parameters) -> Result<Self, Problem>;
}

/// The query, read and checked.
#[derive(Debug)]
pub(in crate::api) struct Query<T>(pub(in crate::api) T);

impl<T: FromQuery, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let given = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|error| Problem::new(Kind::InvalidParameter, format!("the query can't be read: {error}")))?;
        let parameters = Parameters(given.0);
        parameters.check(&T::parameters())?;
        T::read(&parameters).map(Self)
    }
}

impl<T: FromQuery> Input for Query<T> {
    fn describe(draft: &mut Draft) {
        draft.may_fail(&[400]);
        for Parameter { name, about, schema } in T::parameters() {
            draft.query(name, about, schema());
        }
    }
}

/// A parameter that there is.
#[derive(Clone, Copy)]
pub(in crate::api) struct Parameter {
    /// Its name.
    pub(in crate::api) name: &'static str,
    /// What it is for.
    pub(in crate::api) about: &'static str,
    /// What it takes.
    pub(in crate::api) schema: fn() -> RefOr<Schema>,
}

/// No parameters at all.
impl FromQuery for () {
    fn parameters() -> Vec<Parameter> {
        Vec::new()
    }

    fn read(_parameters: &Parameters) -> Result<Self, Problem> {
        Ok(())
    }
}

/// The parameters that were given.
#[derive(Debug)]
pub(in crate::api) struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn check(&self, known: &[Parameter]) -> Result<(), Problem> {
        for (position, (name, _)) in self.0.iter().enumerate() {
            if !known.iter().any(|known| known.name == name) {
                let names: Vec<&str> = known.iter().map(|known| known.name).collect();
                let hint = match names.as_slice() {
                    [] => "this address takes none".to_owned(),
                    names => format!("there are {}", names.join(", ")),
                };
                return Err(Problem::parameter(name, format!("there is no parameter {name:?}: {hint}")));
            }
            if self.0.iter().take(position).any(|(before, _)| before == name) {
                return Err(Problem::parameter(name, format!("{name} is given twice: give it once")));
            }
        }
        Ok(())
    }

    /// The text of a parameter; one left empty counts as left out.
    pub(in crate::api) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, text)| text.as_str()).filter(|text| !text.is_empty())
    }

    /// A parameter as a type that is made from text; `takes` says what it takes.
    pub(in crate::api) fn parse<T: FromStr>(&self, name: &'static str, takes: &str) -> Result<Option<T>, Problem> {
        self.parse_with(name, takes, |text| text.parse().ok())
    }

    /// A parameter read by a function; `takes` says what it takes.
    pub(in crate::api) fn parse_with<T>(
        &self,
        name: &'static str,
        takes: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let refused = || Problem::parameter(name, format!("{name} takes {takes}, not {text:?}"));
        read(text).map(Some).ok_or_else(refused)
    }
}
