//! Codes of a connector's state (104).

use crate::wire::codes;

codes! {
    /// What a connector does.
    WorkState {
        0 Idle "空闲中" / "idle",
        1 Preparing "正准备开始充电" / "preparing to charge",
        2 Charging "充电进行中" / "charging",
        3 Finished "充电结束" / "finished",
        4 StartFailed "启动失败" / "start failed",
        5 Reserved "预约状态" / "reserved",
        6 Fault "系统故障(不能充电)" / "system fault (can't charge)",
        7 Suspended "暂停服务" / "service suspended",
    }
    /// Current of a connector.
    ConnectorType {
        0 Unset "未设置" / "not set",
        1 Dc "直流" / "DC",
        2 Ac "交流" / "AC",
    }
    /// How far a vehicle is plugged in.
    Plug {
        0 Unplugged "断开" / "unplugged",
        1 Half "半连接" / "half connected (AC)",
        2 Connected "连接" / "connected",
    }
    /// Whether a reservation is active.
    ReservationState {
        0 None "无预约" / "none",
        1 Active "预约有效" / "active",
    }
    /// Whether a connector is stowed behind its closed door.
    Stowed {
        0 Not "未归位或舱门打开" / "not stowed or door open",
        1 Stowed "已归位且舱门关闭" / "stowed and door closed",
    }
    /// Whether the user lets the platform limit the power.
    Limiting {
        0 NotAllowed "不允许限功率" / "not allowed",
        1 Allowed "允许限功率" / "allowed",
    }
    /// Whether a connector is in its holder.
    Holster {
        0 Holstered "归位" / "in its holder",
        1 Removed "未归位" / "removed",
    }
    /// Where a parking lock stands.
    ParkingLock {
        0 Open "打开" / "open",
        1 Locked "锁住" / "locked",
    }
    /// Whether the pile is to send 104 at once (103).
    ReportNow {
        0 No "否" / "no",
        1 Yes "是" / "yes",
    }
}
