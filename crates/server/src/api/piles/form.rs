//! Bodies that describe a pile.

use serde::{Deserialize, Deserializer};
use voltapile_platform::tariff::TariffId;

/// Characters in the longest name of a pile or a model.
const LABEL_MAX: usize = 64;

/// A pile as a caller describes it; its code stands in the path.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::api) struct PileForm {
    pub(super) name: Option<Label>,
    pub(super) model: Option<Label>,
    pub(super) connector_count: Option<u8>,
    pub(super) tariff: Option<TariffId>,
    pub(super) enabled: bool,
}

impl Default for PileForm {
    fn default() -> Self {
        Self { name: None, model: None, connector_count: None, tariff: None, enabled: true }
    }
}

/// A text that people read.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(in crate::api) struct Label(String);

impl TryFrom<String> for Label {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let fits = !text.trim().is_empty() && text.chars().count() <= LABEL_MAX && !text.contains(char::is_control);
        if fits { Ok(Self(text)) } else { Err(format!("takes 1 to {LABEL_MAX} printable characters, or null")) }
    }
}

impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.0
    }
}

/// The tariff that a pile shall have; must be there, `null` takes it away.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct TariffForm {
    #[serde(deserialize_with = "given")]
    pub(super) tariff: Option<TariffId>,
}

/// An option that must be given: without this, a field left out would read as `null`.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<TariffId>, D::Error> {
    Option::deserialize(deserializer)
}
