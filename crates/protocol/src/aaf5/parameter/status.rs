//! Status A and B: integer parameter 66, one word. Bits 0 to 15 are A, 16 to 31 are B (V5.2B, status A and B).

use serde_json::Value as Json;

use crate::aaf5::code::{StatusBms, StatusInsulation, StatusSystem};
use crate::wire::{Code, CodeEntry, CodeTable};

/// The word of integer parameter 66.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StatusBits(pub u32);

/// One group of bits with a meaning.
#[derive(Debug)]
pub struct StatusBit {
    /// Lowest bit.
    pub bit: u32,
    /// Number of bits.
    pub width: u32,
    /// Name for machines.
    pub name: &'static str,
    /// Chinese label.
    pub zh: &'static str,
    /// English label.
    pub en: &'static str,
    /// Meaning of the values.
    pub table: &'static CodeTable,
}

/// A table of two values.
macro_rules! two {
    ($zero:literal $zero_zh:literal / $zero_en:literal, $one:literal $one_zh:literal / $one_en:literal) => {
        &CodeTable {
            name: "StatusBit",
            entries: &[
                CodeEntry { first: 0, last: 0, name: $zero, zh: $zero_zh, en: $zero_en },
                CodeEntry { first: 1, last: 1, name: $one, zh: $one_zh, en: $one_en },
            ],
            decimal: false,
        }
    };
}

macro_rules! status_bits {
    ($($bit:literal $width:literal $name:literal $zh:literal / $en:literal: $table:expr;)*) => {
        &[$(StatusBit { bit: $bit, width: $width, name: $name, zh: $zh, en: $en, table: $table }),*]
    };
}

/// The groups by bit; bits 20 and 22 to 31 are reserved.
pub const STATUS_BITS: &[StatusBit] = status_bits! {
    0 3 "bms" "BMS状态" / "BMS": StatusBms::TABLE;
    3 1 "plug" "插枪状态" / "plug": two!("unplugged" "未插枪" / "unplugged", "plugged" "已插枪" / "plugged");
    4 1 "power" "开关机状态" / "power": two!("off" "关机" / "off", "on" "开机" / "on");
    5 3 "insulation" "绝缘状态" / "insulation": StatusInsulation::TABLE;
    8 1 "connector_lock" "枪锁状态" / "connector lock": two!("open" "打开" / "open", "locked" "锁住" / "locked");
    9 1 "emergency_stop" "急停状态" / "emergency stop": two!("normal" "正常" / "normal", "stopped" "急停" / "stopped");
    10 1 "auxiliary_supply" "辅电状态" / "auxiliary supply": two!("off" "关闭" / "off", "on" "开启" / "on");
    11 1 "fan" "风扇状态" / "fan": two!("stopped" "停止" / "stopped", "running" "运行" / "running");
    12 1 "meter" "电表状态" / "meter": two!("offline" "离线" / "offline", "online" "在线" / "online");
    13 1 "dc_contactor" "直流接触器状态" / "DC contactor": two!("open" "断开" / "open", "closed" "闭合" / "closed");
    14 2 "system" "系统状态" / "system": StatusSystem::TABLE;
    16 1 "ac_contactor" "AC接触器状态" / "AC contactor": two!("open" "断开" / "open", "closed" "闭合" / "closed");
    17 1 "holster" "枪归位状态" / "connector in its holder": two!("holstered" "归位" / "in its holder", "removed" "未归位" / "removed");
    18 1 "door" "舱门状态" / "door": two!("closed" "关闭" / "closed", "open" "打开" / "open");
    19 1 "light" "广告灯状态" / "advertising light": two!("off" "关闭" / "off", "on" "开启" / "on");
    21 1 "surge_protector" "防雷状态" / "surge protector": two!("normal" "正常" / "normal", "fault" "故障" / "fault");
};

impl StatusBits {
    /// The value of a group of bits.
    #[must_use]
    pub const fn value(self, group: &StatusBit) -> u32 {
        (self.0 >> group.bit) & ((1 << group.width) - 1)
    }

    /// An object with a member for each group: its name, or the number where it has none.
    #[must_use]
    pub fn to_json(self) -> Json {
        let member = |group: &StatusBit| {
            let number = self.value(group);
            let value = group.table.find(number).map_or_else(|| Json::from(number), |entry| entry.name.into());
            (group.name.to_owned(), value)
        };
        Json::Object(STATUS_BITS.iter().map(member).collect())
    }
}
