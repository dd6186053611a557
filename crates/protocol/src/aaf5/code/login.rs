//! Codes of signing in.

use crate::wire::codes;

codes! {
    /// Whether the pile can encrypt (106). Before V2.6 the byte told how outlets share power.
    EncryptionSupport {
        0 None "不支持加密" / "no encryption",
        1 Aes "支持AES加密" / "AES",
        2 RoundRobin "轮充(旧版)" / "round robin (before V2.6)",
    }
    /// Who speaks first (106; integer parameter 24).
    ReportMode {
        1 Answering "应答模式" / "the pile answers when asked",
        2 Reporting "主动上报模式" / "the pile reports by itself",
    }
    /// What software the pile runs (106).
    RunMode {
        0 Normal "正常模式" / "normal",
        1 Update "升级模式" / "update (IAP)",
    }
    /// What kind of device signs in (106, V4.2 and later).
    DeviceType {
        0 Pile "充电桩" / "pile",
        1 Concentrator "集中器" / "concentrator",
    }
    /// Whether the pile must log in by CMD 1202 (105).
    LoginCheck {
        0 NotNeeded "不验证" / "not needed",
        1 Needed "需要登入验证" / "needed (CMD 1202)",
    }
    /// Whether bodies are encrypted from now on (105).
    EncryptionFlag {
        0 Plain "不加密" / "plain",
        1 Aes "AES加密" / "AES",
    }
    /// Whether the pile may work (105); takes effect when it is idle.
    Service {
        0x00 Normal "正常" / "in service",
        0x55 Suspended "暂停服务" / "suspended",
    }
    /// Whether the platform takes records of 0.001 kWh (105).
    FineEnergy {
        0x00 NotSupported "不支持三位小数" / "no: 202",
        0xDE Supported "支持三位小数" / "yes: 222",
    }
}
