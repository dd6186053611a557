//! Names that people give (slugs) and numbers that the platform gives.

use crate::text::{excerpt, serde_as_text};
use std::fmt;
use std::str::FromStr;

/// Characters in the longest slug.
pub const SLUG_MAX: usize = 64;

/// A text that is no slug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an id: it takes 1 to {SLUG_MAX} of a-z, 0-9, - and _")]
pub struct SlugError {
    /// What was given, cut to a readable length.
    text: String,
}

/// A name in addresses and references: 1 to [`SLUG_MAX`] of a-z, 0-9, - and _.
pub(crate) fn slug(text: &str) -> Result<std::sync::Arc<str>, SlugError> {
    let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
    if (1..=SLUG_MAX).contains(&text.len()) && text.bytes().all(allowed) {
        Ok(text.into())
    } else {
        Err(SlugError { text: excerpt(text) })
    }
}

/// Declares the id of a resource that people name.
macro_rules! slug_ids {
    ($($(#[$doc:meta])* $name:ident: $example:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// As text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = SlugError;

            fn from_str(text: &str) -> Result<Self, SlugError> {
                slug(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        serde_as_text!($name);
        crate::schema::text_schema!($name, "^[a-z0-9_-]{1,64}$", $example, "1 to 64 of a-z, 0-9, - and _");
    )*};
}

slug_ids! {
    /// An operator's id.
    OperatorId: "east";
    /// A station's id.
    StationId: "north-gate";
    /// An account's id.
    AccountId: "li-wei";
    /// A user's name to sign in with.
    UserName: "wang";
    /// A tariff's id.
    TariffId: "day-and-night";
}

/// Declares the number of a resource that the platform numbers; it grows with time.
macro_rules! number_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, utoipa::ToSchema,
        )]
        #[serde(transparent)]
        #[schema(value_type = u64, minimum = 1)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

number_ids! {
    /// An order's number.
    OrderId;
    /// A command's number.
    CommandId;
    /// An alarm's number.
    AlarmId;
    /// A token's number; not the token itself.
    TokenId;
    /// The number of an entry in an account's ledger.
    EntryId;
    /// The number of an entry in the audit log.
    AuditId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_slugs() {
        for text in ["a", "day-night_2026", &"x".repeat(64)] {
            assert_eq!(text.parse::<TariffId>().unwrap().as_str(), text);
        }
        for text in ["", "Day", "a b", "a/b", "电价", &"x".repeat(65)] {
            assert!(text.parse::<TariffId>().is_err(), "{text:?}");
        }
    }
}
