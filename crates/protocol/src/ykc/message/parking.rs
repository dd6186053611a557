//! Parking locks (V1.6 chapter 10).

use crate::declare::messages;
use crate::wire::{Percent, Reserved};
use crate::ykc::code::{LockAlarm, LockCommand, LockState, Outcome, ParkingState};
use crate::ykc::field::{ConnectorNumber, PileCode};

messages! {
    /// On a change or alarm, else every 5 min.
    ParkingLockReport 0x61 up, 16 bytes, "地锁数据上送" / "parking lock report",
    about "状态变化或报警时上送，平时每 5 分钟一次。" {
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber<true> = "枪号" / "connector number",
        lock_state: LockState = "车位锁状态" / "lock state",
        parking_state: ParkingState = "车位状态" / "parking state",
        lock_battery: Percent = "地锁电量状态" / "lock battery level",
        alarm_state: LockAlarm = "报警状态" / "alarm state",
        reserved: Reserved<4> = "预留位" / "reserved",
    }

    /// Raises or lowers a parking lock; bodies without the reserved bytes occur (OQ-24).
    ParkingLockControlRequest 0x62 down, 13 bytes, "遥控地锁升锁与降锁命令" / "parking lock control",
    about "升起或降下地锁；有的实现不带预留字节（OQ-24）。" {
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber<true> = "枪号" / "connector number",
        lock_command: LockCommand = "升/降地锁" / "lock command",
        reserved: Option<Reserved<4>> = "预留位" / "reserved",
    }

    /// Answers 0x62; bodies without the reserved bytes occur (OQ-24).
    ParkingLockControlResponse 0x63 up reply_to 0x62, 13 bytes, "充电桩返回数据" / "parking lock control answer",
    about "对 0x62 的应答；有的实现不带预留字节（OQ-24）。" {
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber<true> = "枪号" / "connector number",
        lock_result: Outcome = "地锁控制返回标志" / "lock result",
        reserved: Option<Reserved<4>> = "预留位" / "reserved",
    }
}
