//! Work parameters and clock (V1.6 chapter 9).

use crate::declare::messages;
use crate::wire::{Cp56Time, Kilowatts, Minutes, PowerPercent};
use crate::ykc::Dialect;
use crate::ykc::code::{Outcome, WorkPermission};
use crate::ykc::field::{ConnectorNumber, PileCode};

messages! {
    /// Limits the power of one connector (newer piles).
    PowerLimitRequest 0x52 down, 13 bytes,
    when "13 字节：单枪，单位 0.1 kW" / "13 bytes: one connector, 0.1 kW"
        (|length, dialect| length == 13 && !matches!(dialect, Dialect::Gongniu)),
    "充电枪输出功率设置" / "power limit of one connector",
    about "限制单枪功率（较新的桩）。" {
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        max_power: Kilowatts<1> = "最大允许输出功率" / "highest output power",
        priority: u8 = "优先级" / "priority",
        duration: Minutes = "生效时长" / "duration, 0 until the end of the charge",
    }

    /// Limits the power of one connector in whole kilowatts (公牛).
    PowerLimitRequestWhole 0x52 down, 13 bytes,
    when "13 字节且为公牛方言：单枪，单位 kW" / "13 bytes in the dialect gongniu: one connector, kW"
        (|length, dialect| length == 13 && matches!(dialect, Dialect::Gongniu)),
    "充电枪输出功率设置" / "power limit of one connector, whole kW",
    about "限制单枪功率，单位为整千瓦（公牛）。" {
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        max_power: Kilowatts<0> = "最大允许输出功率" / "highest output power",
        priority: u8 = "优先级" / "priority",
        duration: Minutes = "生效时长" / "duration, 0 until the end of the charge",
    }

    /// Locks or unlocks a pile and limits its power; the percentage is 30..100.
    WorkParametersSetRequest 0x52 down, 9 bytes, "充电桩工作参数设置" / "work parameters",
    about "允许或禁止桩工作，并按百分比限制功率（30–100）。" {
        pile_code: PileCode = "桩编号" / "pile code",
        work_permission: WorkPermission = "是否允许工作" / "work permission",
        max_power_percent: PowerPercent = "充电桩最大允许输出功率" / "max power percent",
    }

    /// Answers the power limit of one connector.
    PowerLimitResponse 0x51 up reply_to 0x52, 9 bytes,
    when "9 字节：单枪" / "9 bytes: one connector"
        (|length, _dialect| length == 9),
    "充电枪输出功率设置应答" / "power limit answer",
    about "对单枪功率设置的应答。" {
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        set_result: Outcome = "设置结果" / "set result",
    }

    /// Answers 0x52.
    WorkParametersSetResponse 0x51 up reply_to 0x52, 8 bytes, "充电桩工作参数设置应答" / "work parameters answer",
    about "对 0x52 的应答。" {
        pile_code: PileCode = "桩编号" / "pile code",
        set_result: Outcome = "设置结果" / "set result",
    }

    /// Answers 0x56.
    ClockSyncResponse 0x55 up reply_to 0x56, 14 bytes, "对时设置应答" / "clock answer",
    about "对 0x56 的应答。" {
        pile_code: PileCode = "桩编号" / "pile code",
        current_time: Cp56Time = "当前时间" / "current time",
    }

    /// Sets the clock, in the wall clock time of UTC+8 (OQ-30); after login and every 24 h.
    ClockSyncRequest 0x56 down, 14 bytes, "对时设置" / "clock",
    about "校准时钟，取东八区本地时间（OQ-30）；登录后下发，之后每 24 小时一次。" {
        pile_code: PileCode = "桩编号" / "pile code",
        current_time: Cp56Time = "当前时间" / "current time",
    }
}
