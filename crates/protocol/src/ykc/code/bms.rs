//! Codes of what a battery management system says (GB/T 27930 values carried in 0x15–0x25).

use crate::wire::codes;

codes! {
    /// Chemistry of a battery.
    BatteryType {
        0x01 LeadAcid "铅酸电池" / "lead-acid",
        0x02 NickelMetalHydride "镍氢电池" / "nickel-metal hydride",
        0x03 LithiumIronPhosphate "磷酸铁锂电池" / "lithium iron phosphate",
        0x04 LithiumManganeseOxide "锰酸锂电池" / "lithium manganese oxide",
        0x05 LithiumCobaltOxide "钴酸锂电池" / "lithium cobalt oxide",
        0x06 Ternary "三元材料电池" / "ternary lithium",
        0x07 LithiumPolymer "聚合物锂离子电池" / "lithium polymer",
        0x08 LithiumTitanate "钛酸锂电池" / "lithium titanate",
        0xFF Other "其他" / "other",
    }
    /// Who owns a battery.
    BatteryOwnership {
        0x00 Leased "租赁" / "leased",
        0x01 Owned "车自有" / "owned by the vehicle",
    }
    /// How a battery wants to be charged.
    ChargeMode {
        0x01 ConstantVoltage "恒压充电" / "constant voltage",
        0x02 ConstantCurrent "恒流充电" / "constant current",
    }
    /// Whether a CAN message came in time.
    TimeoutState {
        0x00 Normal "正常" / "normal",
        0x01 Timeout "超时" / "timeout",
        0x02 Untrusted "不可信状态" / "not trustworthy",
    }
    /// Whether something was the reason of an abort.
    AbortFlag {
        0x00 No "正常" / "not the reason",
        0x01 Yes "是" / "yes",
        0x02 Untrusted "不可信状态" / "not trustworthy",
    }
    /// Where a battery value lies.
    LevelState {
        0x00 Normal "正常" / "normal",
        0x01 TooHigh "过高" / "too high",
        0x02 TooLow "过低" / "too low",
    }
    /// Whether something about the battery is as it should be: currents and temperatures beyond their limits,
    /// insulation and connectors that are not in order.
    LimitState {
        0x00 Normal "正常" / "normal",
        0x01 Abnormal "异常" / "abnormal",
        0x02 Untrusted "不可信状态" / "not trustworthy",
    }
    /// Whether the battery lets itself be charged.
    ChargingAllowed {
        0x00 Forbidden "禁止" / "forbidden",
        0x01 Allowed "允许" / "allowed",
    }
}
