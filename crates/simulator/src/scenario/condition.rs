//! What a step waits for or expects of a pile.

use voltapile_protocol::inspect::lang::{Bilingual, Lang};
use voltapile_protocol::wire::{Code, CodeEntry};
use voltapile_protocol::ykc::code::ConnectorState;
use voltapile_protocol::ykc::field::HardwareFaults;

use crate::model::{ConnectorSnapshot, PileSnapshot, Refusal};

/// How a pile is, as far as conditions look.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// What somebody sees who stands in front of it.
    pub snapshot: &'a PileSnapshot,
    /// Records that the platform confirmed since the scenario began.
    pub records_confirmed: u64,
    /// Logins that it refused since then.
    pub logins_refused: u64,
}

/// What a pile or one of its connectors may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The platform took the login.
    Online,
    /// It did not, or the line is cut.
    Offline,
    /// Logged in, and the tariff is settled.
    Working,
    /// The platform locked the pile.
    Locked,
    /// A login was refused.
    LoginRefused,
    /// So many records wait for the platform at least.
    RecordWaiting(u64),
    /// So many records were confirmed at least, and none waits.
    RecordConfirmed(u64),
    /// It knows so many offline cards at least.
    OfflineCards(u64),
    /// Nobody charges, and nothing is broken.
    Idle(u8),
    /// A car is plugged in.
    Plugged(u8),
    /// None is.
    Unplugged(u8),
    /// A charge is under way.
    Charging(u8),
    /// Something is broken.
    Faulty(u8),
    /// Somebody waits for the platform's consent.
    Asking(u8),
    /// The last start led to no charge, for this reason where one is named.
    Refused(u8, Option<String>),
    /// The charge under way has come to so much energy at least, 1e-4 kWh.
    Energy(u8, u32),
}

impl Condition {
    /// Whether it holds.
    #[must_use]
    pub fn holds(&self, facts: &Facts<'_>) -> bool {
        let pile = facts.snapshot;
        let at = |number: &u8, wanted: fn(&ConnectorSnapshot) -> bool| pile.connector(*number).is_some_and(wanted);
        match self {
            Self::Online => pile.is_logged_in,
            Self::Offline => !pile.is_logged_in,
            Self::Working => pile.is_working,
            Self::Locked => pile.is_locked,
            Self::LoginRefused => facts.logins_refused > 0,
            Self::RecordWaiting(count) => waiting(pile) >= *count,
            Self::RecordConfirmed(count) => facts.records_confirmed >= *count && waiting(pile) == 0,
            Self::OfflineCards(count) => pile.offline_cards.len() as u64 >= *count,
            Self::Idle(number) => at(number, |connector| connector.state == ConnectorState::Idle),
            Self::Plugged(number) => at(number, |connector| connector.is_plugged),
            Self::Unplugged(number) => at(number, |connector| !connector.is_plugged),
            Self::Charging(number) => at(number, |connector| connector.state == ConnectorState::Charging),
            Self::Faulty(number) => at(number, |connector| connector.faults != HardwareFaults::default()),
            Self::Asking(number) => at(number, |connector| connector.is_asking),
            Self::Refused(number, reason) => {
                let refusal = pile.connector(*number).and_then(|connector| connector.last_refusal);
                refusal.is_some_and(|refusal| reason.as_ref().is_none_or(|reason| *reason == refusal_name(refusal)))
            }
            Self::Energy(number, energy) => {
                pile.connector(*number).is_some_and(|connector| connector.energy >= *energy)
            }
        }
    }

    /// The connector it is about, where it is about one.
    #[must_use]
    pub const fn connector(&self) -> Option<u8> {
        match self {
            Self::Online
            | Self::Offline
            | Self::Working
            | Self::Locked
            | Self::LoginRefused
            | Self::RecordWaiting(_)
            | Self::RecordConfirmed(_)
            | Self::OfflineCards(_) => None,
            Self::Idle(number)
            | Self::Plugged(number)
            | Self::Unplugged(number)
            | Self::Charging(number)
            | Self::Faulty(number)
            | Self::Asking(number)
            | Self::Refused(number, _)
            | Self::Energy(number, _) => Some(*number),
        }
    }

    /// What it says.
    #[must_use]
    pub fn text(&self) -> Bilingual {
        let (zh, en) = match self {
            Self::Online => ("在线", "online"),
            Self::Offline => ("离线", "offline"),
            Self::Working => ("登录并核对计费模型", "logged in, tariff settled"),
            Self::Locked => ("被平台锁定", "locked by the platform"),
            Self::LoginRefused => ("登录被拒绝", "login refused"),
            Self::RecordWaiting(count) => {
                return Bilingual::new(
                    format!("{count} 条交易记录待确认"),
                    format!("{} waiting", counted(*count, "record")),
                );
            }
            Self::RecordConfirmed(count) => {
                return Bilingual::new(
                    format!("{count} 条交易记录已确认"),
                    format!("{} confirmed", counted(*count, "record")),
                );
            }
            Self::OfflineCards(count) => {
                return Bilingual::new(
                    format!("有 {count} 张离线卡"),
                    format!("{} known", counted(*count, "offline card")),
                );
            }
            Self::Idle(_) => ("空闲", "idle"),
            Self::Plugged(_) => ("已插枪", "plugged"),
            Self::Unplugged(_) => ("未插枪", "unplugged"),
            Self::Charging(_) => ("充电中", "charging"),
            Self::Faulty(_) => ("故障", "faulty"),
            Self::Asking(_) => ("等待平台鉴权", "waiting for the platform's consent"),
            Self::Refused(_, None) => ("启动被拒绝", "start refused"),
            Self::Refused(_, Some(reason)) => {
                return Bilingual::new(format!("启动被拒绝：{reason}"), format!("start refused: {reason}"));
            }
            Self::Energy(_, energy) => {
                let wh = energy / 10;
                return Bilingual::new(format!("已充 {wh} Wh"), format!("{wh} Wh charged"));
            }
        };
        Bilingual::new(zh, en)
    }
}

/// `1 record`, `2 records`.
fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// Records that the pile has and the platform has not confirmed.
pub(super) fn waiting(pile: &PileSnapshot) -> u64 {
    (pile.unconfirmed_records + pile.held_records) as u64
}

/// The name by which a scenario calls a refusal: that of the protocol's code where it is one.
#[must_use]
pub fn refusal_name(refusal: Refusal) -> String {
    match refusal {
        Refusal::Platform(reason) => code_name(reason.entry(), reason.number()),
        Refusal::Pile(reason) => code_name(reason.entry(), reason.number()),
        Refusal::Unanswered => "unanswered".to_owned(),
        Refusal::Partner => "partner".to_owned(),
        Refusal::UnknownOffline => "unknown_offline".to_owned(),
        Refusal::Reserved => "reserved".to_owned(),
    }
}

fn code_name(entry: Option<&CodeEntry>, number: u8) -> String {
    entry.map_or_else(|| format!("0x{number:02X}"), |entry| entry.name.to_owned())
}

/// A refusal in words.
#[must_use]
pub fn refusal_text(refusal: Refusal, lang: Lang) -> String {
    let worded = |entry: Option<&CodeEntry>, number: u8| match entry {
        Some(entry) => lang.pick(entry.zh, entry.en).to_owned(),
        None => format!("0x{number:02X}"),
    };
    match refusal {
        Refusal::Platform(reason) => worded(reason.entry(), reason.number()),
        Refusal::Pile(reason) => worded(reason.entry(), reason.number()),
        Refusal::Unanswered => lang.pick("平台未应答", "the platform did not answer").to_owned(),
        Refusal::Partner => lang.pick("另一把枪被拒绝", "the other connector was refused").to_owned(),
        Refusal::UnknownOffline => lang.pick("离线且不认识该卡", "offline, and the card is not known").to_owned(),
        Refusal::Reserved => lang.pick("该枪已被他人预约", "reserved for somebody else").to_owned(),
    }
}

/// How a pile is instead of what was expected.
#[must_use]
pub(super) fn describe(facts: &Facts<'_>, connector: Option<u8>) -> Bilingual {
    let pile = facts.snapshot;
    let (zh, en) = match (pile.is_logged_in, pile.is_working) {
        (false, _) => ("离线", "offline"),
        (true, false) => ("在线，计费模型未定", "online, tariff not settled"),
        (true, true) => ("在线", "online"),
    };
    let (mut zh, mut en) = (zh.to_owned(), en.to_owned());
    let (confirmed, waiting) = (facts.records_confirmed, waiting(pile));
    match connector {
        None => {
            zh.push_str(&format!("，{confirmed} 条记录已确认，{waiting} 条待确认"));
            en.push_str(&format!(", {} confirmed, {waiting} waiting", counted(confirmed, "record")));
        }
        Some(number) => match pile.connector(number) {
            Some(connector) => {
                zh.push_str(&format!("；{}", describe_connector(connector, Lang::Zh)));
                en.push_str(&format!("; {}", describe_connector(connector, Lang::En)));
            }
            None => {
                zh.push_str(&format!("；没有 {number} 号枪"));
                en.push_str(&format!("; it has no connector {number}"));
            }
        },
    }
    Bilingual { zh, en }
}

fn describe_connector(connector: &ConnectorSnapshot, lang: Lang) -> String {
    let number = connector.number;
    let state = match connector.state.entry() {
        Some(entry) => lang.pick(entry.zh, entry.en),
        None => "?",
    };
    let plugged =
        if connector.is_plugged { lang.pick("已插枪", "plugged") } else { lang.pick("未插枪", "unplugged") };
    let mut text = match lang {
        Lang::Zh => format!("{number} 号枪：{state}，{plugged}"),
        Lang::En => format!("connector {number}: {state}, {plugged}"),
    };
    if connector.energy > 0 {
        text.push_str(&format!("{} {} Wh", lang.pick("，", ","), connector.energy / 10));
    }
    if let Some(refusal) = connector.last_refusal {
        let (name, words) = (refusal_name(refusal), refusal_text(refusal, lang));
        match lang {
            Lang::Zh => text.push_str(&format!("，上次启动被拒绝：{words}（{name}）")),
            Lang::En => text.push_str(&format!(", last start refused: {words} ({name})")),
        }
    }
    text
}
