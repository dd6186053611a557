//! Steering a pile: control commands and starting a charge (V5.2B §3.1.5 to §3.1.8).

use crate::aaf5::code::{
    AuxiliaryVoltage, ControlIndex, FlowDirection, OfflineCharging, Outcome, StartFailure, StartMode, StartStrategy,
};
use crate::aaf5::field::{CardNumber, ConnectorNumber, PileCode, TransactionNumber};
use crate::declare::{fields, messages};
use crate::wire::{BcdTime, KilowattHours, MinutesByte, Reserved, Yuan};

fields! {
    /// Argument of one control command.
    ControlArgument {
        value: u32 = "命令参数" / "argument",
    }
}

messages! {
    /// Stops a charge, cancels a reservation, reboots, and more; a pile keeps nothing of it over a restart.
    ControlRequest 5 down, 12 bytes, "后台服务器下发充电桩控制命令" / "control command",
    about "停止充电、取消预约、重启等；桩不保存。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        connector_number: ConnectorNumber = "充电枪号" / "connector number",
        first_index: ControlIndex = "起始命令地址" / "first command",
        count: u8 = "命令个数" / "count",
        byte_count: u16 = "命令参数长度" / "bytes of the arguments",
        [repeat arguments: ControlArgument by count, at most 10 = "命令参数" / "arguments"]
    }

    /// Answers 5.
    ControlResponse 6 up reply_to 5, 43 bytes, "充电桩对后台控制命令应答" / "control answer",
    about "对 5 的应答。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        pile_code: PileCode = "充电桩编码" / "pile code",
        connector_number: ConnectorNumber = "充电枪号" / "connector number",
        first_index: ControlIndex = "命令启始标志" / "first command",
        count: u8 = "命令个数" / "count",
        result: Outcome = "命令执行结果" / "result",
    }

    /// Starts a charge at once or later, or reserves a connector. Piles before V4 end behind the offline energy.
    StartRequest 7 down, 67 bytes, "后台服务器下发充电桩开启充电控制命令" / "start",
    about "立即或定时启动充电，或预约枪口；V4 以前的桩到离线可充电电量为止。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        connector_number: ConnectorNumber = "充电枪口" / "connector number",
        start_mode: StartMode = "充电生效类型" / "start mode",
        stop_password: u32 = "界面充电停止密码" / "password to stop at the screen (0: from the card number)",
        strategy: StartStrategy = "充电策略" / "strategy",
        strategy_argument: u32 = "充电策略参数" / "strategy argument (s, 0.01 CNY or 0.01 kWh)",
        start_time: BcdTime = "预约/定时启动时间" / "start time",
        hold_minutes: MinutesByte = "预约超时时间" / "how long a reservation holds",
        card_number: CardNumber = "充电卡号" / "card or user number",
        offline_charging: OfflineCharging = "断网充电标志" / "charging while offline",
        offline_energy: KilowattHours<2> = "离线可充电电量" / "energy limit of the charge while offline",
        transaction_number: Option<TransactionNumber> = "充电流水号" / "transaction number",
        auxiliary_voltage: Option<AuxiliaryVoltage> = "BMS辅源电压" / "auxiliary supply of the BMS",
        account_balance: Option<Yuan<2>> = "用户账号余额" / "account balance",
        flow_direction: Option<FlowDirection> = "充放电标志" / "charge or discharge",
    }

    /// Answers 7. 0 says that the request was taken, not that the vehicle charges: that is told by the work state in 104, up
    /// to 120 s later. Some piles answer only then.
    StartResponse 8 up reply_to 7, 41 bytes, "充电桩对后台下发的充电桩开启充电控制应答" / "start answer",
    about "对 7 的应答；0 只表示已受理，是否充上以 104 工作状态为准，最长 120 秒；有的桩那时才应答。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        pile_code: PileCode = "充电桩编码" / "pile code",
        connector_number: ConnectorNumber = "充电枪口" / "connector number",
        result: StartFailure = "命令执行结果" / "result",
        transaction_number: Option<TransactionNumber> = "充电流水号" / "transaction number",
    }
}
