//! Why a pile stopped a charge.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Why a charge stopped: the pile's own code, whose meaning depends on protocol and vendor, and a stable name where its
/// protocol has one for it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(from = "Written")]
pub struct StopReason {
    /// The code as the pile sent it.
    pub code: u32,
    /// What it means, in a stable word; `null` where nobody knows.
    #[schema(value_type = Option<String>)]
    pub name: Option<Cow<'static, str>>,
}

impl StopReason {
    /// A code, with its name where it has one.
    #[must_use]
    pub const fn new(code: u32, name: Option<&'static str>) -> Self {
        let name = match name {
            Some(name) => Some(Cow::Borrowed(name)),
            None => None,
        };
        Self { code, name }
    }
}

/// The forms that are read: records of earlier versions have the bare code.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Code(u32),
    Named { code: u32, name: Option<String> },
}

impl From<Written> for StopReason {
    fn from(written: Written) -> Self {
        match written {
            Written::Code(code) => Self::new(code, None),
            Written::Named { code, name } => Self { code, name: name.map(Cow::Owned) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_code_and_name_and_was_a_code() {
        let reason = StopReason::new(0x41, Some("soc_reached"));
        let json = serde_json::to_string(&reason).unwrap();
        assert_eq!(json, r#"{"code":65,"name":"soc_reached"}"#);
        assert_eq!(serde_json::from_str::<StopReason>(&json).unwrap(), reason);
        assert_eq!(serde_json::from_str::<StopReason>("65").unwrap(), StopReason::new(65, None));
    }
}
