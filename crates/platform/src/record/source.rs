//! How a charge was started.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How a charge was started: what that means on every protocol, and the code the pile sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(into = "NamedCode", from = "NamedCode")]
pub struct StartSource {
    /// By what.
    pub by: StartedBy,
    /// The code as the pile sent it.
    pub code: u16,
}

/// By what a charge was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum StartedBy {
    /// An app, through the platform.
    App,
    /// A card that the platform was asked about.
    Card,
    /// A card that the pile knew itself.
    OfflineCard,
    /// A vehicle that the platform was asked about.
    Vin,
    /// A vehicle that the pile knew itself.
    OfflineVin,
    /// An account or a password typed in at the pile.
    Password,
    /// Whoever maintains the pile.
    Admin,
    /// The pile's screen, for nobody in particular.
    Screen,
    /// A code without a name.
    #[default]
    Unknown,
}

impl StartedBy {
    /// Every way.
    pub const ALL: [Self; 9] = [
        Self::App,
        Self::Card,
        Self::OfflineCard,
        Self::Vin,
        Self::OfflineVin,
        Self::Password,
        Self::Admin,
        Self::Screen,
        Self::Unknown,
    ];

    /// A name that never changes; `unknown` for a code without one.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Card => "card",
            Self::OfflineCard => "offline_card",
            Self::Vin => "vin",
            Self::OfflineVin => "offline_vin",
            Self::Password => "password",
            Self::Admin => "admin",
            Self::Screen => "screen",
            Self::Unknown => "unknown",
        }
    }
}

impl StartSource {
    /// A way to start and its code.
    #[must_use]
    pub const fn new(by: StartedBy, code: u16) -> Self {
        Self { by, code }
    }

    /// Its name: [`StartedBy::name`].
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.by.name()
    }
}

/// [`StartSource`] in JSON.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
struct NamedCode {
    code: u16,
    #[serde(default)]
    name: Cow<'static, str>,
}

impl From<StartSource> for NamedCode {
    fn from(source: StartSource) -> Self {
        Self { code: source.code, name: source.name().into() }
    }
}

impl From<NamedCode> for StartSource {
    fn from(named: NamedCode) -> Self {
        let by = StartedBy::ALL.into_iter().find(|by| by.name() == named.name);
        Self { by: by.unwrap_or_default(), code: named.code }
    }
}

impl utoipa::PartialSchema for StartSource {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        NamedCode::schema()
    }
}

impl utoipa::ToSchema for StartSource {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_source_shows_code_and_name() {
        let source = StartSource::new(StartedBy::OfflineCard, 4);
        let json = serde_json::to_string(&source).unwrap();
        assert_eq!(json, r#"{"code":4,"name":"offline_card"}"#);
        assert_eq!(serde_json::from_str::<StartSource>(&json).unwrap(), source);
        for by in StartedBy::ALL {
            let source = StartSource::new(by, 3);
            let json = serde_json::to_string(&source).unwrap();
            assert_eq!(serde_json::from_str::<StartSource>(&json).unwrap(), source);
        }
    }
}
