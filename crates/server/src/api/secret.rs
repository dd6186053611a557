//! Secrets in bodies: checked, never shown, not even for debugging.

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};

/// Characters of the shortest password of a user.
const MIN: usize = 10;
/// Characters of the longest one: hashing takes time by length.
const MAX: usize = 128;

/// A password that a user is given. Goes into no log: the audit hides members of this name.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Password(String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

impl TryFrom<String> for Password {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let fits = (MIN..=MAX).contains(&text.chars().count());
        if fits { Ok(Self(text)) } else { Err(format!("a password takes {MIN} to {MAX} characters")) }
    }
}

impl From<Password> for String {
    fn from(password: Password) -> Self {
        password.0
    }
}

impl utoipa::PartialSchema for Password {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
            .min_length(Some(MIN))
            .max_length(Some(MAX))
            .into()
    }
}

impl utoipa::ToSchema for Password {}
