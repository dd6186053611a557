//! Codes that a vehicle's battery management system tells (GB/T 27930), as piles hand them on.

use crate::wire::codes;

codes! {
    /// Chemistry of a battery.
    BatteryType {
        0x00 Unset "未知" / "not told",
        0x01 LeadAcid "铅酸电池" / "lead-acid",
        0x02 NickelMetalHydride "镍氢电池" / "nickel-metal hydride",
        0x03 LithiumIronPhosphate "磷酸铁锂电池" / "lithium iron phosphate",
        0x04 LithiumManganeseOxide "锰酸锂电池" / "lithium manganese oxide",
        0x05 LithiumCobaltOxide "钴酸锂电池" / "lithium cobalt oxide",
        0x06 Ternary "三元材料电池" / "ternary (NCM)",
        0x07 PolymerLithiumIon "聚合物锂离子电池" / "polymer lithium-ion",
        0x08 LithiumTitanate "钛酸锂电池" / "lithium titanate",
        0xFF Other "其他电池" / "other",
    }
    /// Whose battery it is. The document gives 1 twice; this is GB/T 27930's reading.
    BatteryOwnership {
        0 Leased "租赁" / "leased",
        1 Owned "车自有" / "owned with the vehicle",
    }
    /// How a charger regulates.
    ChargeMode {
        0 Unset "未知" / "not told",
        1 ConstantVoltage "恒压充电" / "constant voltage",
        2 ConstantCurrent "恒流充电" / "constant current",
    }
    /// Whether the battery is ready.
    BmsReady {
        0x00 NotReady "未准备好" / "not ready",
        0xAA Ready "准备好" / "ready",
        0xFF Invalid "无效" / "invalid",
    }
    /// Whether a quantity is too high or too low.
    BmsLevel {
        0x00 Normal "正常" / "normal",
        0x01 High "过高或异常" / "too high or abnormal",
        0x10 Low "过低或不可信" / "too low or unreliable",
    }
    /// Whether the battery lets itself be charged.
    ChargingAllowed {
        0x00 Forbidden "禁止" / "forbidden",
        0x01 Allowed "允许" / "allowed",
        0x10 Unreliable "不可信" / "unreliable",
    }
    /// Whether a condition holds.
    BmsFlag {
        0x00 No "否" / "no",
        0x01 Yes "是" / "yes",
        0x10 Unreliable "不可信" / "unreliable",
    }
    /// Whether a message of the charger was missed.
    BmsTimeout {
        0x00 Normal "正常" / "normal",
        0x01 TimedOut "超时" / "timed out",
        0x10 Unreliable "不可信" / "unreliable",
    }
}
