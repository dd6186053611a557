//! Parameters in the path.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use voltapile_platform::business::registry::{physical_number, vin};
use voltapile_platform::identity::{
    AccountId, AlarmId, CommandId, OperatorId, OrderId, PileCode, StationId, TariffId, TokenId, UserName,
};

use crate::api::describe::{Draft, Input, schema};
use crate::api::problem::Problem;
use crate::capture::CaptureId;

/// A name that stands in a path.
pub(in crate::api) trait PathParameter: FromStr {
    /// What the route calls it.
    const NAME: &'static str;
    /// What it takes.
    const TAKES: &'static str;
    /// The same for programs.
    fn schema() -> RefOr<Schema>;
}

/// Declares names that stand in paths, with what they take.
macro_rules! path_parameters {
    ($($type:ty: $name:literal, $takes:literal, $schema:expr;)*) => {$(
        impl PathParameter for $type {
            const NAME: &'static str = $name;
            const TAKES: &'static str = $takes;

            fn schema() -> RefOr<Schema> {
                $schema
            }
        }
    )*};
}

path_parameters! {
    PileCode: "code", "the code of a pile, 1 to 32 ASCII letters, digits, - and _", schema::of::<PileCode>();
    TariffId: "id", "the id of a tariff, 1 to 64 of a-z, 0-9, - and _", schema::of::<TariffId>();
    OperatorId: "id", "the id of an operator, 1 to 64 of a-z, 0-9, - and _", schema::of::<OperatorId>();
    StationId: "id", "the id of a station, 1 to 64 of a-z, 0-9, - and _", schema::of::<StationId>();
    AccountId: "id", "the id of an account, 1 to 64 of a-z, 0-9, - and _", schema::of::<AccountId>();
    UserName: "name", "the name of a user, 1 to 64 of a-z, 0-9, - and _", schema::of::<UserName>();
    OrderId: "id", "the number of an order", schema::number();
    CommandId: "id", "the number of a command", schema::number();
    AlarmId: "id", "the number of an alarm", schema::number();
    TokenId: "id", "the number of a token", schema::number();
    CaptureId: "id", "the number of a capture", schema::number();
    CardNumber: "number", "a card's physical number, 1 to 32 letters and digits", schema::pattern("^[0-9A-Za-z]{1,32}$");
    Vin: "vin", "a vehicle identification number, 17 letters and digits without I, O and Q",
        schema::pattern("^[0-9A-HJ-NPR-Za-hj-npr-z]{17}$");
}

/// A card's physical number, as it is kept.
#[derive(Debug, Clone)]
pub(in crate::api) struct CardNumber(pub(in crate::api) String);

impl FromStr for CardNumber {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        physical_number(text).map(Self).ok_or(())
    }
}

/// A vehicle identification number, as it is kept.
#[derive(Debug, Clone)]
pub(in crate::api) struct Vin(pub(in crate::api) String);

impl FromStr for Vin {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        vin(text).map(Self).ok_or(())
    }
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

impl<T: PathParameter> Input for FromPath<T> {
    fn describe(draft: &mut Draft) {
        draft.path(T::NAME, T::TAKES, T::schema());
    }
}
