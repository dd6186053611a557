//! Hardware fault bits of 0x13, by the bit number that the specification prints (from 1). Whether bit 1 is mask 0x0001
//! or 0x0002 is an open question (OQ-10): a pile's profile says which.

use crate::wire::{FlagTable, flags};

/// The faults by printed bit.
pub static HARDWARE_FAULTS: FlagTable = flags! { "HardwareFaults", shifts true:
    1 "emergency_stop" "急停按钮动作故障" / "emergency stop pressed",
    2 "no_rectifier" "无可用整流模块" / "no rectifier module available",
    3 "air_outlet_overtemperature" "出风口温度过高" / "air outlet too hot",
    4 "ac_surge_protector" "交流防雷故障" / "AC surge protector fault",
    5 "module_communication" "交直流模块DC20通信中断" / "AC/DC module DC20 communication lost",
    6 "insulation_communication" "绝缘检测模块FC08通信中断" / "insulation module FC08 communication lost",
    7 "meter_communication" "电度表通信中断" / "meter communication lost",
    8 "card_reader_communication" "读卡器通信中断" / "card reader communication lost",
    9 "rc10_communication" "RC10通信中断" / "RC10 communication lost",
    10 "fan_controller" "风扇调速板故障" / "fan controller fault",
    11 "dc_fuse" "直流熔断器故障" / "DC fuse fault",
    12 "high_voltage_contactor" "高压接触器故障" / "high voltage contactor fault",
    13 "door_open" "门打开" / "door open",
};
