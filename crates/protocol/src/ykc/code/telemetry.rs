//! Codes of telemetry and parking locks.

use crate::wire::codes;

codes! {
    /// What a connector does.
    ConnectorState {
        0x00 Offline "离线" / "offline",
        0x01 Fault "故障" / "fault",
        0x02 Idle "空闲" / "idle",
        0x03 Charging "充电" / "charging",
    }
    /// Whether the connector hangs in its holder.
    Homed {
        0x00 No "否" / "no",
        0x01 Yes "是" / "yes",
        0x02 Undetected "未知" / "unknown",
    }
    /// Whether the connector is plugged into a car.
    Plugged {
        0x00 No "否" / "no",
        0x01 Yes "是" / "yes",
    }
    /// Whether something that was asked succeeded.
    Outcome {
        0x00 Failed "失败" / "failed",
        0x01 Succeeded "成功" / "succeeded",
    }
    /// Position of a parking lock's arm.
    LockState {
        0x00 NotInPosition "未到位状态" / "not in position",
        0x55 Raised "升锁到位状态" / "raised",
        0xFF Lowered "降锁到位状态" / "lowered",
    }
    /// Whether a vehicle stands on the parking space.
    ParkingState {
        0x00 Free "无车辆" / "no vehicle",
        0xFF Occupied "停放车辆" / "vehicle parked",
    }
    /// What is wrong with a parking lock.
    LockAlarm {
        0x00 None "正常无报警" / "no alarm",
        0x55 NotReached "摇臂升降异常未到位" / "arm did not reach its position",
        0xFF Broken "待机状态摇臂破坏" / "arm broken while in standby",
    }
    /// What a parking lock is to do.
    LockCommand {
        0x55 Raise "升锁" / "raise",
        0xFF Lower "降锁" / "lower",
    }
}
