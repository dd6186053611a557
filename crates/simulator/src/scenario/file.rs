//! The file as it is written: tables with every key that there is, and nothing else.

use serde::Deserialize;
use toml::Spanned;
use voltapile_protocol::inspect::lang::Bilingual;

use super::behaviour::BehaviourTable;
use super::value::{AesKeyText, Broken, Card, Code, PasswordMd5, Span, VinText};

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScenarioTable {
    pub(super) title: TitleTable,
    pub(super) speed: Option<Spanned<u32>>,
    pub(super) seed: Option<u64>,
    pub(super) limit: Option<Span>,
    #[serde(default)]
    pub(super) pile: Vec<Spanned<PileTable>>,
    #[serde(default)]
    pub(super) step: Vec<Spanned<StepTable>>,
}

/// A title: one text for both languages, or one for each.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "title: expected a text, or { zh = \"…\", en = \"…\" }")]
pub(super) enum TitleTable {
    Both(String),
    Each { zh: String, en: String },
}

impl TitleTable {
    pub(super) fn bilingual(self) -> Bilingual {
        match self {
            Self::Both(text) => Bilingual::new(text.clone(), text),
            Self::Each { zh, en } => Bilingual { zh, en },
        }
    }
}

/// `[[pile]]`: one pile, or several alike.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PileTable {
    pub(super) name: Option<String>,
    pub(super) count: Option<Spanned<u16>>,
    pub(super) code: Option<Code>,
    #[serde(rename = "type", default)]
    pub(super) current: Current,
    pub(super) connectors: Option<Spanned<u8>>,
    pub(super) power_kw: Option<Spanned<u32>>,
    pub(super) protocol: Option<ProtocolWord>,
    pub(super) firmware: Option<Spanned<String>>,
    pub(super) aes_key: Option<Spanned<AesKeyText>>,
    #[serde(default)]
    pub(super) visitors: bool,
    #[serde(default)]
    pub(super) cards: Vec<Card>,
    #[serde(default)]
    pub(super) parking_locks: bool,
    #[serde(default)]
    pub(super) behaviour: BehaviourTable,
    pub(super) faults: Option<Spanned<String>>,
}

/// Which protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ProtocolWord {
    Ykc,
    Aaf5,
}

/// Kind of current.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Current {
    #[default]
    Dc,
    Ac,
}

/// `[[step]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepTable {
    pub(super) name: Option<String>,
    pub(super) at: Option<Span>,
    pub(super) after: Option<Span>,
    pub(super) when: Option<ConditionWord>,
    pub(super) within: Option<Span>,
    #[serde(rename = "do")]
    pub(super) verb: Option<Verb>,
    pub(super) expect: Option<ConditionWord>,
    pub(super) hold: Option<ConditionWord>,
    #[serde(rename = "for")]
    pub(super) lasting: Option<Span>,
    pub(super) pile: Option<Spanned<String>>,
    pub(super) connector: Option<u8>,
    pub(super) auxiliary: Option<u8>,
    pub(super) card: Option<Card>,
    pub(super) account: Option<Card>,
    pub(super) password_md5: Option<PasswordMd5>,
    pub(super) password: Option<u32>,
    pub(super) vin: Option<VinText>,
    pub(super) soc: Option<u8>,
    pub(super) target: Option<u8>,
    pub(super) battery_kwh: Option<u16>,
    pub(super) cause: Option<CauseWord>,
    pub(super) broken: Option<Broken>,
    pub(super) fault: Option<Spanned<String>>,
    pub(super) behaviour: Option<BehaviourTable>,
    pub(super) from: Option<String>,
    pub(super) times: Option<u32>,
    pub(super) text: Option<String>,
    pub(super) count: Option<u64>,
    pub(super) reason: Option<String>,
    pub(super) energy_wh: Option<u32>,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Verb {
    Plug,
    Unplug,
    Swipe,
    Account,
    Vin,
    Stop,
    BreakOff,
    Break,
    Repair,
    Inject,
    Behave,
    ReleaseRecords,
    Cut,
    Reconnect,
    Reboot,
    PowerCut,
    Repeat,
    Say,
}

impl Verb {
    /// Its name in a file.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Plug => "plug",
            Self::Unplug => "unplug",
            Self::Swipe => "swipe",
            Self::Account => "account",
            Self::Vin => "vin",
            Self::Stop => "stop",
            Self::BreakOff => "break-off",
            Self::Break => "break",
            Self::Repair => "repair",
            Self::Inject => "inject",
            Self::Behave => "behave",
            Self::ReleaseRecords => "release-records",
            Self::Cut => "cut",
            Self::Reconnect => "reconnect",
            Self::Reboot => "reboot",
            Self::PowerCut => "power-cut",
            Self::Repeat => "repeat",
            Self::Say => "say",
        }
    }

    /// The keys that go with it, besides those that say when and where.
    pub(super) const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Plug => &["connector", "vin", "soc", "target", "battery_kwh"],
            Self::Unplug | Self::Repair => &["connector"],
            Self::Stop => &["connector", "password"],
            Self::Swipe => &["connector", "auxiliary", "card", "password_md5"],
            Self::Account => &["connector", "auxiliary", "account", "password_md5"],
            Self::Vin => &["connector", "auxiliary", "vin", "soc", "target", "battery_kwh"],
            Self::BreakOff => &["connector", "cause"],
            Self::Break => &["connector", "broken"],
            Self::Inject => &["fault"],
            Self::Behave => &["behaviour"],
            Self::ReleaseRecords | Self::Cut | Self::Reconnect | Self::Reboot => &[],
            Self::PowerCut => &["for"],
            Self::Repeat => &["from", "times"],
            Self::Say => &["text"],
        }
    }
}

/// What is waited for or expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ConditionWord {
    Online,
    Offline,
    Working,
    Locked,
    LoginRefused,
    RecordWaiting,
    RecordConfirmed,
    OfflineCards,
    Idle,
    Plugged,
    Unplugged,
    Charging,
    Faulty,
    Asking,
    Refused,
    Energy,
}

impl ConditionWord {
    /// The keys that go with it, besides those that say when and where.
    pub(super) const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Online | Self::Offline | Self::Working | Self::Locked | Self::LoginRefused => &[],
            Self::RecordWaiting | Self::RecordConfirmed | Self::OfflineCards => &["count"],
            Self::Idle | Self::Plugged | Self::Unplugged | Self::Charging | Self::Faulty | Self::Asking => {
                &["connector"]
            }
            Self::Refused => &["connector", "reason"],
            Self::Energy => &["connector", "energy_wh"],
        }
    }
}

/// Why a charge breaks off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum CauseWord {
    BmsError,
    BmsAbort,
    ChargerAbort,
}

impl StepTable {
    /// The keys that were written and go with some steps only.
    pub(super) fn written(&self) -> impl Iterator<Item = &'static str> {
        let keys = [
            ("for", self.lasting.is_some()),
            ("connector", self.connector.is_some()),
            ("auxiliary", self.auxiliary.is_some()),
            ("card", self.card.is_some()),
            ("account", self.account.is_some()),
            ("password_md5", self.password_md5.is_some()),
            ("password", self.password.is_some()),
            ("vin", self.vin.is_some()),
            ("soc", self.soc.is_some()),
            ("target", self.target.is_some()),
            ("battery_kwh", self.battery_kwh.is_some()),
            ("cause", self.cause.is_some()),
            ("broken", self.broken.is_some()),
            ("fault", self.fault.is_some()),
            ("behaviour", self.behaviour.is_some()),
            ("from", self.from.is_some()),
            ("times", self.times.is_some()),
            ("text", self.text.is_some()),
            ("count", self.count.is_some()),
            ("reason", self.reason.is_some()),
            ("energy_wh", self.energy_wh.is_some()),
        ];
        keys.into_iter().filter_map(|(key, is_written)| is_written.then_some(key))
    }
}
