//! What the platform did wrong, as far as a pile can tell.

use std::collections::BTreeSet;

use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::Lang;

use super::totals::Totals;

/// What a pile may have to complain about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Complaint {
    NeverConnected,
    LoginRefused,
    LoginUnanswered,
    KeyWrong,
    KeyUnused,
    TariffMissing,
    HeartbeatUnanswered,
    RecordUnconfirmed,
    RecordRejected,
    FrameUnknown,
    FrameBroken,
    StrayBytes,
}

impl Complaint {
    /// Its name for programs.
    pub(in super::super) const fn name(self) -> &'static str {
        match self {
            Self::NeverConnected => "never_connected",
            Self::LoginRefused => "login_refused",
            Self::LoginUnanswered => "login_unanswered",
            Self::KeyWrong => "key_wrong",
            Self::KeyUnused => "key_unused",
            Self::TariffMissing => "tariff_missing",
            Self::HeartbeatUnanswered => "heartbeat_unanswered",
            Self::RecordUnconfirmed => "record_unconfirmed",
            Self::RecordRejected => "record_rejected",
            Self::FrameUnknown => "frame_unknown",
            Self::FrameBroken => "frame_broken",
            Self::StrayBytes => "stray_bytes",
        }
    }

    /// What it says, so many times, to somebody whose piles speak these protocols.
    pub(in super::super) fn text(self, count: u64, protocols: &BTreeSet<Protocol>, lang: Lang) -> String {
        let text = self.words(count, lang);
        let signs: Vec<String> = protocols.iter().filter_map(|protocol| self.sign(*protocol, lang)).collect();
        match (signs.is_empty(), lang) {
            (true, _) => text,
            (_, Lang::Zh) => format!("{text}（{}）", signs.join("，")),
            (_, Lang::En) => format!("{text} ({})", signs.join(", ")),
        }
    }

    /// By which frames it shows; `None` where the words say so, or there are none.
    fn sign(self, protocol: Protocol, lang: Lang) -> Option<String> {
        let missing = match (self, protocol) {
            (Self::LoginRefused, Protocol::Ykc) => return Some("0x02".to_owned()),
            (Self::LoginRefused, Protocol::Aaf5) => {
                return Some(lang.pick("106 之后连接被断开", "the connection was closed after 106").to_owned());
            }
            (Self::LoginUnanswered, Protocol::Ykc) => ["0x02", "0x01"],
            (Self::LoginUnanswered, Protocol::Aaf5) => ["105", "106"],
            (Self::TariffMissing, Protocol::Ykc) => ["0x0A", "0x09"],
            (Self::TariffMissing, Protocol::Aaf5) => ["1103/1105", "106"],
            (Self::HeartbeatUnanswered, Protocol::Ykc) => ["0x04", "0x03"],
            (Self::HeartbeatUnanswered, Protocol::Aaf5) => ["101", "102"],
            (Self::RecordUnconfirmed, Protocol::Ykc) => ["0x40", "0x3B"],
            (Self::RecordUnconfirmed, Protocol::Aaf5) => ["201/221", "202/222"],
            _ => return None,
        };
        let [answer, question] = missing;
        Some(match lang {
            Lang::Zh => format!("{question} 之后没有 {answer}"),
            Lang::En => format!("no {answer} after {question}"),
        })
    }

    fn words(self, count: u64, lang: Lang) -> String {
        match lang {
            Lang::Zh => {
                let text = match self {
                    Self::NeverConnected => "个桩始终连不上平台",
                    Self::LoginRefused => "次登录被拒绝",
                    Self::LoginUnanswered => "次登录没有应答",
                    Self::KeyWrong => "次签到被答以另一个 AES 密钥（105），与桩的密钥不符，桩断开连接",
                    Self::KeyUnused => "次签到的应答不启用加密（105），而桩有 AES 密钥，桩断开连接",
                    Self::TariffMissing => "个桩得不到计费模型，无法充电",
                    Self::HeartbeatUnanswered => "次心跳没有应答",
                    Self::RecordUnconfirmed => "条交易记录 5 秒后仍未确认",
                    Self::RecordRejected => "条交易记录被判为非法（0x40）",
                    Self::FrameUnknown => "个下行帧的类型不认识",
                    Self::FrameBroken => "个下行帧的内容不完整",
                    Self::StrayBytes => "个下行字节不属于任何帧",
                };
                format!("{count} {text}")
            }
            Lang::En => {
                let (one, many) = match self {
                    Self::NeverConnected => ("pile never reached the platform", "piles never reached the platform"),
                    Self::LoginRefused => ("login was refused", "logins were refused"),
                    Self::LoginUnanswered => ("login was not answered", "logins were not answered"),
                    Self::KeyWrong => (
                        "sign-in was answered with another AES key than the pile's (105), so the pile left",
                        "sign-ins were answered with another AES key than the piles' (105), so the piles left",
                    ),
                    Self::KeyUnused => (
                        "sign-in was answered without encryption (105) though the pile has an AES key, so the pile left",
                        "sign-ins were answered without encryption (105) though the piles have an AES key, so the piles left",
                    ),
                    Self::TariffMissing => (
                        "pile waits for its tariff in vain and cannot charge",
                        "piles wait for their tariff in vain and cannot charge",
                    ),
                    Self::HeartbeatUnanswered => ("heartbeat was not answered", "heartbeats were not answered"),
                    Self::RecordUnconfirmed => {
                        ("record was not confirmed within 5 s", "records were not confirmed within 5 s")
                    }
                    Self::RecordRejected => ("record was called illegal (0x40)", "records were called illegal (0x40)"),
                    Self::FrameUnknown => {
                        ("frame of the platform has an unknown type", "frames of the platform have unknown types")
                    }
                    Self::FrameBroken => ("frame of the platform is too short", "frames of the platform are too short"),
                    Self::StrayBytes => {
                        ("byte of the platform belongs to no frame", "bytes of the platform belong to no frame")
                    }
                };
                format!("{count} {}", if count == 1 { one } else { many })
            }
        }
    }
}

impl Totals {
    /// What the platform did wrong, and how often. A pile that errs on purpose does not count what it brought about
    /// itself: whoever garbles a heartbeat gets no answer.
    pub(in super::super) fn complaints(&self) -> Vec<(Complaint, u64)> {
        let errs = !self.faults.is_empty();
        let unknown = |(key, frames): (&(bool, Protocol, u16), &super::FrameCount)| {
            let (is_down, ..) = *key;
            if is_down && frames.layout.is_none() { frames.count } else { 0 }
        };
        let counts = [
            (Complaint::NeverConnected, self.never_connected),
            (Complaint::LoginRefused, self.all_logins_refused() - if errs { self.turned_away } else { 0 }),
            (Complaint::LoginUnanswered, if errs { 0 } else { self.logins_unanswered }),
            (Complaint::KeyWrong, self.keys_wrong),
            (Complaint::KeyUnused, self.keys_unused),
            (Complaint::TariffMissing, if errs { 0 } else { self.tariffs_missing }),
            (Complaint::HeartbeatUnanswered, if errs { 0 } else { self.heartbeats_unanswered }),
            (Complaint::RecordUnconfirmed, self.records_overdue),
            (Complaint::RecordRejected, self.records_rejected),
            (Complaint::FrameUnknown, self.frames.iter().map(unknown).sum()),
            (Complaint::FrameBroken, self.undecodable_down),
            (Complaint::StrayBytes, self.stray_bytes_down),
        ];
        counts.into_iter().filter(|(_, count)| *count > 0).collect()
    }

    /// How many complaints there are.
    pub(in super::super) fn problems(&self) -> u64 {
        self.complaints().iter().map(|(_, count)| count).sum()
    }
}
