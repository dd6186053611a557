//! Codes of login and heartbeat.

use crate::wire::codes;

codes! {
    /// Kind of current a pile delivers.
    PileType {
        0x00 Dc "直流桩" / "DC pile",
        0x01 Ac "交流桩" / "AC pile",
    }
    /// How a pile is connected. Some firmware counts from 1 (SIM 1, LAN 2, WAN 3): informational only.
    NetworkType {
        0x00 Sim "SIM卡" / "SIM card",
        0x01 Lan "LAN" / "LAN",
        0x02 Wan "WAN" / "WAN",
        0x03 Other "其他" / "other",
    }
    /// Mobile network of the SIM card.
    Carrier {
        0x00 ChinaMobile "移动" / "China Mobile",
        0x02 ChinaTelecom "电信" / "China Telecom",
        0x03 ChinaUnicom "联通" / "China Unicom",
        0x04 Other "其他" / "other",
    }
    /// Answer to a login.
    LoginResult {
        0x00 Accepted "登陆成功" / "accepted",
        0x01 Refused "登陆失败" / "refused",
    }
    /// Health of a connector in a heartbeat.
    ConnectorHealth {
        0x00 Normal "正常" / "normal",
        0x01 Fault "故障" / "fault",
    }
}
