//! Parameters in the path.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use voltapile_platform::identity::PileCode;
use voltapile_platform::tariff::TariffId;

use crate::api::problem::Problem;

/// A name that stands in a path.
pub(in crate::api) trait PathParameter: FromStr {
    /// What the route calls it.
    const NAME: &'static str;
    /// What it takes.
    const TAKES: &'static str;
}

impl PathParameter for PileCode {
    const NAME: &'static str = "code";
    const TAKES: &'static str = "the code of a pile, 1 to 32 ASCII letters and digits";
}

impl PathParameter for TariffId {
    const NAME: &'static str = "id";
    const TAKES: &'static str = "the id of a tariff, 1 to 64 of a-z, 0-9, - and _";
}

/// The route's parameter.
#[derive(Debug)]
pub(in crate::api) struct FromPath<T>(pub(in crate::api) T);

impl<T: PathParameter, S: Send + Sync> FromRequestParts<S> for FromPath<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let refused =
            |given: &str| Problem::parameter(T::NAME, format!("{} takes {}, not {given:?}", T::NAME, T::TAKES));
        let given = RawPathParams::from_request_parts(parts, state).await.map_err(|_| refused("what was given"))?;
        let text = given.iter().find(|(name, _)| *name == T::NAME).map(|(_, text)| text).unwrap_or_default();
        text.parse().map(Self).map_err(|_| refused(text))
    }
}
