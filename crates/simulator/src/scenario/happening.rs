//! What a step makes happen, as model and runner know it.

use voltapile_protocol::inspect::lang::{Bilingual, Lang};
use voltapile_protocol::wire::digits;

use super::span::span_text;
use crate::fault::Fault;
use crate::model::{Action, Credential};

/// What is to happen to a pile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// These actions, one right after the other.
    Act(Vec<Action>),
    /// It loses its connection and does not dial again.
    Cut,
    /// It dials now, on a new connection.
    Reconnect,
    /// Something of the fault menu.
    Inject(Fault),
    /// Nothing: only a word for whoever reads the result.
    Say(String),
}

impl Happening {
    /// What happens, in a few words.
    #[must_use]
    pub fn text(&self) -> Bilingual {
        match self {
            Self::Act(actions) => {
                let texts: Vec<Bilingual> = actions.iter().map(action_text).collect();
                let (zh, en): (Vec<_>, Vec<_>) = texts.into_iter().map(|text| (text.zh, text.en)).unzip();
                Bilingual::new(zh.join("，"), en.join(", "))
            }
            Self::Cut => Bilingual::new("断开连接", "cut the line"),
            Self::Reconnect => Bilingual::new("重新连接", "connect again"),
            Self::Inject(fault) => {
                let entry = fault.entry();
                let [zh, en] = [Lang::Zh, Lang::En].map(|lang| entry.label(lang));
                Bilingual::new(format!("注入故障：{zh}"), format!("inject a fault: {en}"))
            }
            Self::Say(text) => Bilingual::new(text.clone(), text.clone()),
        }
    }
}

fn action_text(action: &Action) -> Bilingual {
    let at = |connector: &u8, zh: &str, en: &str| {
        Bilingual::new(format!("{connector} 号枪{zh}"), format!("{en} at connector {connector}"))
    };
    match action {
        Action::Plug { connector, .. } => at(connector, "插枪", "plug in"),
        Action::Unplug { connector } => at(connector, "拔枪", "unplug"),
        Action::Ask { connector, credential } => {
            let (zh, en) = credential_text(*credential);
            at(connector, &zh, &en)
        }
        Action::AskParallel { main, auxiliary, credential } => {
            let (zh, en) = credential_text(*credential);
            Bilingual::new(
                format!("{main}、{auxiliary} 号枪并充：{zh}"),
                format!("{en} for connectors {main} and {auxiliary}"),
            )
        }
        Action::Stop { connector, password: None } => at(connector, "按停止键", "press stop"),
        Action::Stop { connector, .. } => at(connector, "按停止键并输入密码", "press stop and enter a password"),
        Action::BreakOff { connector, .. } => at(connector, "充电中断", "the charge breaks off"),
        Action::SetFaults { connector, faults } if faults.0 == 0 => at(connector, "修复", "repair"),
        Action::SetFaults { connector, .. } => at(connector, "硬件故障", "hardware breaks"),
        Action::SetLockAlarm { connector, .. } => at(connector, "地锁报警", "the parking lock's alarm"),
        Action::ReleaseRecords => Bilingual::new("放出留存的交易记录", "release the held records"),
        Action::Reboot => Bilingual::new("重启", "reboot"),
        Action::PowerCut { lasts } => {
            let lasts = span_text(*lasts);
            Bilingual::new(format!("断电 {lasts}"), format!("cut the power for {lasts}"))
        }
        Action::Behave(_) => Bilingual::new("改变行为", "behave differently"),
    }
}

fn credential_text(credential: Credential) -> (String, String) {
    match credential {
        Credential::Card(card, _) => {
            let card = digits(&card.0);
            (format!("刷卡 {card}"), format!("swipe card {card}"))
        }
        Credential::Account(account, _) => {
            let account = digits(&account.0);
            (format!("输入账号 {account}"), format!("enter account {account}"))
        }
        Credential::Vin => ("按 VIN 申请充电".to_owned(), "ask to charge by VIN".to_owned()),
    }
}
