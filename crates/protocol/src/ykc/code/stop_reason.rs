//! Why a charge ended (0x3B, appendix 13.1). Vendors use 0x8A–0x8F and 0x91–0xCB in their own ways, so these are shown as
//! vendor codes. 0x00 is in no table, but piles send it.

use crate::wire::code_numbers;

code_numbers! {
    /// Reason of a charge's end.
    StopReason {
        0x00 NoneOrUnknown "无原因或未知(规范未定义，现场有)" / "none or unknown (not in the specification, occurs in the field)",
        0x40 StoppedFromTheApp "APP远程停止" / "stopped from the app",
        0x41 SocReachedFull "SOC达到100%" / "SOC reached 100 %",
        0x42 EnergyLimitReached "电量满足设定条件" / "energy limit reached",
        0x43 AmountLimitReached "金额满足设定条件" / "amount limit reached",
        0x44 TimeLimitReached "时间满足设定条件" / "time limit reached",
        0x45 StoppedByHandAtThePile "手动停止" / "stopped by hand at the pile",
        0x46 ..= 0x49 CompletedOther "其他方式(预留)" / "other (reserved)",
        0x4A StartPileControlSystemFault "控制系统故障" / "pile control system fault, restart or self recovery",
        0x4B StartControlPilotOpen "控制导引断开" / "control pilot open",
        0x4C StartCircuitBreakerTripped "断路器跳位" / "circuit breaker tripped",
        0x4D StartMeterCommunicationLost "电表通信中断" / "meter communication lost",
        0x4E StartBalanceTooLow "余额不足" / "balance too low",
        0x4F StartPowerModuleFault "充电模块故障" / "power module fault",
        0x50 StartEmergencyStopPressed "急停开入" / "emergency stop pressed",
        0x51 StartSurgeProtectorAbnormal "防雷器异常" / "surge protector abnormal",
        0x52 StartBmsNotReady "BMS未就绪" / "BMS not ready",
        0x53 StartTemperatureAbnormal "温度异常" / "temperature abnormal",
        0x54 StartBatteryReversed "电池反接" / "battery reversed",
        0x55 StartConnectorLockAbnormal "电子锁异常" / "connector lock abnormal",
        0x56 StartContactorDidNotClose "合闸失败" / "contactor did not close",
        0x57 StartInsulationAbnormal "绝缘异常" / "insulation abnormal",
        0x58 StartReserved "预留" / "reserved",
        0x59 StartBhmTimeout "BHM超时" / "BHM timeout",
        0x5A StartBrmTimeout "BRM超时" / "BRM timeout",
        0x5B StartBcpTimeout "BCP超时" / "BCP timeout",
        0x5C StartBroAaTimeout "BRO_AA超时" / "BRO 0xAA timeout",
        0x5D StartBcsTimeout "BCS超时" / "BCS timeout",
        0x5E StartBclTimeout "BCL超时" / "BCL timeout",
        0x5F StartBsmTimeout "BSM超时" / "BSM timeout",
        0x60 StartBatteryVoltagePresentDuringBhm "BHM阶段电池有电压" / "battery voltage present during BHM",
        0x61 StartBatteryVoltageDiffersFromBcp "电池电压与BCP差距大于5%" / "battery voltage differs from BCP by more than 5 %",
        0x62 StartBroFellBack "BRO_AA变BRO_00" / "BRO fell back from 0xAA to 0x00 in pre-charge",
        0x63 StartHostConfigurationMessageTimeout "主机配置报文超时" / "host configuration message timeout",
        0x64 StartChargerNotReady "充电机未准备就绪(老国标)" / "charger not ready, CRO 0xAA not sent (old standard)",
        0x65 ..= 0x69 StartOther "其他原因(预留)" / "other (reserved)",
        0x6A AbortSystemLockedOut "系统闭锁" / "system locked out",
        0x6B AbortControlPilotOpen "导引断开" / "control pilot open",
        0x6C AbortCircuitBreakerTripped "断路器跳位" / "circuit breaker tripped",
        0x6D AbortMeterCommunicationLost "电表通信中断" / "meter communication lost",
        0x6E AbortBalanceTooLow "余额不足" / "balance too low",
        0x6F AbortAcProtectionTripped "交流保护动作" / "AC protection tripped",
        0x70 AbortDcProtectionTripped "直流保护动作" / "DC protection tripped",
        0x71 AbortPowerModuleFault "充电模块故障" / "power module fault",
        0x72 AbortEmergencyStopPressed "急停开入" / "emergency stop pressed",
        0x73 AbortSurgeProtectorAbnormal "防雷器异常" / "surge protector abnormal",
        0x74 AbortTemperatureAbnormal "温度异常" / "temperature abnormal",
        0x75 AbortOutputAbnormal "输出异常" / "output abnormal",
        0x76 AbortNoChargingCurrent "充电无流" / "no charging current",
        0x77 AbortConnectorLockAbnormal "电子锁异常" / "connector lock abnormal",
        0x78 AbortReserved "预留" / "reserved",
        0x79 AbortTotalChargingVoltageAbnormal "总充电电压异常" / "total charging voltage abnormal",
        0x7A AbortTotalChargingCurrentAbnormal "总充电电流异常" / "total charging current abnormal",
        0x7B AbortCellVoltageAbnormal "单体充电电压异常" / "cell voltage abnormal",
        0x7C AbortBatteryOverTemperature "电池组过温" / "battery over-temperature",
        0x7D AbortHighestCellVoltageAbnormal "最高单体充电电压异常" / "highest cell voltage abnormal",
        0x7E AbortHighestBatteryTemperatureTooHigh "最高电池组过温" / "highest battery temperature too high",
        0x7F AbortBmvCellVoltageAbnormal "BMV单体充电电压异常" / "BMV cell voltage abnormal",
        0x80 AbortBmtBatteryOverTemperature "BMT电池组过温" / "BMT battery over-temperature",
        0x81 AbortBatteryStateAbnormal "电池状态异常" / "battery state abnormal",
        0x82 AbortVehicleForbadeCharging "车辆发报文禁止充电" / "vehicle forbade charging",
        0x83 AbortPileLostPower "充电桩断电" / "pile lost power",
        0x84 AbortBcsTimeout "BCS超时" / "BCS timeout",
        0x85 AbortBclTimeout "BCL超时" / "BCL timeout",
        0x86 AbortBsmTimeout "BSM超时" / "BSM timeout",
        0x87 AbortBstTimeout "BST超时" / "BST timeout",
        0x88 AbortBsdTimeout "BSD超时" / "BSD timeout",
        0x89 AbortPeerCcsTimeout "对侧CCS超时" / "peer CCS timeout",
        0x8A ..= 0x8F AbortVendorCode "厂商自定义中止原因" / "vendor code of an abort",
        0x90 StoppedForAnUnknownReason "未知原因停止" / "stopped for an unknown reason",
        0x91 ..= 0xCB VendorCode "厂商自定义原因" / "vendor code",
    }
}

/// Which phase of a charge a stop reason belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopCategory {
    /// The charge ended as it should.
    Completed,
    /// It never began.
    StartFailed,
    /// It was broken off.
    Aborted,
    /// Not in the specification's table.
    Unknown,
}

impl StopReason {
    /// The phase by the specification's ranges.
    #[must_use]
    pub const fn category(self) -> StopCategory {
        match self.0 {
            0x40..=0x49 => StopCategory::Completed,
            0x4A..=0x69 => StopCategory::StartFailed,
            0x6A..=0x8F => StopCategory::Aborted,
            _ => StopCategory::Unknown,
        }
    }
}
