//! What the platform did wrong, as far as a pile can tell.

use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::Lang;

use super::pile::Totals;

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

    /// What it says, so many times.
    pub(in super::super) fn text(self, count: u64, lang: Lang) -> String {
        match lang {
            Lang::Zh => {
                let text = match self {
                    Self::NeverConnected => "个桩始终连不上平台",
                    Self::LoginRefused => "次登录被拒绝（0x02）",
                    Self::LoginUnanswered => "次登录没有应答（0x01 之后没有 0x02）",
                    Self::KeyWrong => "次签到被答以另一个 AES 密钥（105），与桩的密钥不符，桩断开连接",
                    Self::KeyUnused => "次签到的应答不启用加密（105），而桩有 AES 密钥，桩断开连接",
                    Self::TariffMissing => "个桩要不到计费模型（0x09 之后没有 0x0A），无法充电",
                    Self::HeartbeatUnanswered => "次心跳没有应答（0x03 之后没有 0x04）",
                    Self::RecordUnconfirmed => "条交易记录 5 秒后仍未确认（0x3B 之后没有 0x40）",
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
                    Self::LoginRefused => ("login was refused (0x02)", "logins were refused (0x02)"),
                    Self::LoginUnanswered => {
                        ("login was not answered (no 0x02 after 0x01)", "logins were not answered (no 0x02 after 0x01)")
                    }
                    Self::KeyWrong => (
                        "sign-in was answered with another AES key than the pile's (105), so the pile left",
                        "sign-ins were answered with another AES key than the piles' (105), so the piles left",
                    ),
                    Self::KeyUnused => (
                        "sign-in was answered without encryption (105) though the pile has an AES key, so the pile left",
                        "sign-ins were answered without encryption (105) though the piles have an AES key, so the piles left",
                    ),
                    Self::TariffMissing => (
                        "pile asks for its tariff in vain and cannot charge (no 0x0A after 0x09)",
                        "piles ask for their tariff in vain and cannot charge (no 0x0A after 0x09)",
                    ),
                    Self::HeartbeatUnanswered => (
                        "heartbeat was not answered (no 0x04 after 0x03)",
                        "heartbeats were not answered (no 0x04 after 0x03)",
                    ),
                    Self::RecordUnconfirmed => (
                        "record was not confirmed within 5 s (no 0x40 after 0x3B)",
                        "records were not confirmed within 5 s (no 0x40 after 0x3B)",
                    ),
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
            (Complaint::LoginRefused, self.all_logins_refused()),
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
