//! Codes of starting and stopping a charge.

use crate::wire::codes;

codes! {
    /// How a user asks a pile to start.
    StartMethod {
        0x01 Card "刷卡启动" / "card",
        0x02 Account "账号启动" / "account",
        0x03 Vin "VIN码启动" / "VIN",
    }
    /// Whether the user had to enter a password.
    PasswordNeeded {
        0x00 NotNeeded "不需要" / "not needed",
        0x01 Needed "需要" / "needed",
    }
    /// Why the platform refuses a start (0x32, 0xA2). Declared BCD, but 0x0A and 0x0B occur: read as a plain byte.
    StartRefusal {
        0x00 None "无" / "none",
        0x01 AccountUnknown "账户不存在" / "account does not exist",
        0x02 AccountFrozen "账户冻结" / "account frozen",
        0x03 BalanceTooLow "账户余额不足" / "balance too low",
        0x04 CardUnsettled "该卡存在未结账记录" / "the card has an unsettled record",
        0x05 PileOutOfService "桩停用" / "pile out of service",
        0x06 NotAllowedHere "该账户不能在此桩上充电" / "the account may not charge at this pile",
        0x07 WrongPassword "密码错误" / "wrong password",
        0x08 StationCapacity "电站电容不足" / "the station's capacity is insufficient",
        0x09 VinUnknown "系统中VIN码不存在" / "VIN unknown",
        0x0A PileUnsettled "该桩存在未结账记录" / "the pile has an unsettled record",
        0x0B CardsNotSupported "该桩不支持刷卡" / "the pile does not support cards",
    }
    /// Why a pile did not start (0x33, 0xA3). Codes above 5 come from one vendor.
    RemoteStartFailure {
        0x00 None "无" / "none",
        0x01 PileCodeMismatch "设备编号不匹配" / "pile code does not match",
        0x02 AlreadyCharging "枪已在充电" / "connector is already charging",
        0x03 DeviceFault "设备故障" / "device fault",
        0x04 DeviceOffline "设备离线" / "device offline",
        0x05 NotPlugged "未插枪" / "not plugged in",
        0x07 Tariff "计费模型异常" / "tariff missing or wrong",
        0x08 Updating "升级中" / "firmware update in progress",
        0x09 Disabled "桩停用" / "pile disabled",
        0x4E BalanceTooLow "余额不足" / "balance too low",
    }
    /// Why a pile did not stop (0x35).
    RemoteStopFailure {
        0x00 None "无" / "none",
        0x01 PileCodeMismatch "设备编号不匹配" / "pile code does not match",
        0x02 NotCharging "枪未处于充电状态" / "connector is not charging",
        0x03 Other "其他" / "other",
    }
    /// Which connector of a parallel charge.
    MainAuxiliary {
        0x00 Main "主枪" / "main connector",
        0x01 Auxiliary "辅枪" / "auxiliary connector",
    }
    /// Whether the pile opens its relay and waits for a new plug-in (one dialect).
    RelayFlag {
        0x00 Normal "正常启动" / "start as usual",
        0x01 OpenAndWait "断开继电器等待重新插枪" / "open the relay and wait for a new plug-in",
    }
    /// How a finished charge was started (0x3B).
    StartSource {
        0x01 App "app启动" / "app",
        0x02 Card "卡启动" / "card",
        0x04 OfflineCard "离线卡启动" / "offline card",
        0x05 Vin "vin码启动充电" / "VIN",
    }
}
