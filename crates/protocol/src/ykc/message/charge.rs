//! Starting and stopping a charge, one connector or several in parallel (V1.6 chapters 8 and 12).

use super::vin_order::REVERSED;
use crate::declare::messages;
use crate::wire::{Ascii, Vin, Yuan};
use crate::ykc::code::{
    MainAuxiliary, Outcome, PasswordNeeded, RelayFlag, RemoteStartFailure, RemoteStopFailure, StartMethod, StartRefusal,
};
use crate::ykc::field::{
    ConnectorNumber, LogicalCardNumber, ParallelSessionNumber, PhysicalCardNumber, PileCode, TransactionNumber,
};

messages! {
    /// When a user swipes a card, enters an account or plugs in a car known by its VIN.
    StartRequest 0x31 up, 51 bytes, "充电桩主动申请启动充电" / "start request",
    about "用户刷卡、输入账号，或插枪后按 VIN 识别车辆时，由桩发起。" {
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        start_method: StartMethod = "启动方式" / "start method",
        password_needed: PasswordNeeded = "是否需要密码" / "password needed",
        account_or_physical_card_number: PhysicalCardNumber = "账号或者物理卡号" / "account or physical card number",
        password_md5: Ascii<16> = "输入密码" / "password (MD5, 16 characters)",
        vin: Vin<REVERSED> = "VIN码" / "VIN",
    }

    /// Allows or refuses the start; carries the transaction number.
    StartResponse 0x32 down reply_to 0x31, 38 bytes, "运营平台确认启动充电" / "start answer",
    about "允许或拒绝启动，并下发交易流水号。" {
        transaction_number: TransactionNumber = "交易流水号" / "transaction number",
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        logical_card_number: LogicalCardNumber = "逻辑卡号" / "logical card number",
        account_balance: Yuan<2> = "账户余额" / "account balance",
        auth_result: Outcome = "鉴权成功标志" / "auth result",
        fail_reason: StartRefusal = "失败原因" / "fail reason",
    }

    /// Answers 0x34; after "not plugged" a second, successful one may follow within 60 s (OQ-14).
    RemoteStartResponse 0x33 up reply_to 0x34, 26 bytes, "远程启机命令回复" / "remote start answer",
    about "对 0x34 的应答；回“未插枪”后 60 秒内插枪，可能再回一条成功（OQ-14）。" {
        transaction_number: TransactionNumber = "交易流水号" / "transaction number",
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        start_result: Outcome = "启动结果" / "start result",
        fail_reason: RemoteStartFailure = "失败原因" / "fail reason",
    }

    /// Starts a charge from the app.
    RemoteStartRequest 0x34 down, 44 bytes, "运营平台远程控制启机" / "remote start",
    about "用户在 APP 上启动充电。" {
        transaction_number: TransactionNumber = "交易流水号" / "transaction number",
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        logical_card_number: LogicalCardNumber = "逻辑卡号" / "logical card number",
        physical_card_number: PhysicalCardNumber = "物理卡号" / "physical card number",
        account_balance: Yuan<2> = "账户余额" / "account balance",
        relay_flag: Option<RelayFlag> = "继电器标志" / "relay flag",
    }

    /// Answers 0x36.
    RemoteStopResponse 0x35 up reply_to 0x36, 10 bytes, "远程停机命令回复" / "remote stop answer",
    about "对 0x36 的应答。" {
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        stop_result: Outcome = "停止结果" / "stop result",
        fail_reason: RemoteStopFailure = "失败原因" / "fail reason",
    }

    /// Stops a charge; must always stop it (§13.3 rule 3).
    RemoteStopRequest 0x36 down, 8 bytes, "运营平台远程停机" / "remote stop",
    about "停止充电；桩收到后必须停机（§13.3 规则 3）。" {
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
    }

    /// Like 0x31 for two connectors that charge one car, one frame for each.
    ParallelStartRequest 0xA1 up, 58 bytes, "充电桩主动申请并充充电" / "parallel start request",
    about "同 0x31，用于双枪并充一辆车，每把枪各发一帧。" {
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        start_method: StartMethod = "启动方式" / "start method",
        password_needed: PasswordNeeded = "是否需要密码" / "password needed",
        account_or_physical_card_number: PhysicalCardNumber = "账号或者物理卡号" / "account or physical card number",
        password_md5: Ascii<16> = "输入密码" / "password (MD5, 16 characters)",
        vin: Vin<REVERSED> = "VIN码" / "VIN",
        main_auxiliary: MainAuxiliary = "主辅枪标记" / "main or auxiliary connector",
        parallel_session_number: ParallelSessionNumber = "并充序号" / "parallel session number",
    }

    /// Answers 0xA1, one for each connector; all must succeed.
    ParallelStartResponse 0xA2 down reply_to 0xA1, 44 bytes, "运营平台确认并充启动充电" / "parallel start answer",
    about "对 0xA1 的应答，每把枪各一帧，全部成功才能充电。" {
        transaction_number: TransactionNumber = "交易流水号" / "transaction number",
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        logical_card_number: LogicalCardNumber = "逻辑卡号" / "logical card number",
        account_balance: Yuan<2> = "账户余额" / "account balance",
        auth_result: Outcome = "鉴权成功标志" / "auth result",
        fail_reason: StartRefusal = "失败原因" / "fail reason",
        parallel_session_number: ParallelSessionNumber = "并充序号" / "parallel session number",
    }

    /// Answers 0xA4, the same for each connector.
    ParallelRemoteStartResponse 0xA3 up reply_to 0xA4, 33 bytes, "远程并充启机命令回复" / "parallel remote start answer",
    about "对 0xA4 的应答，每把枪各一帧。" {
        transaction_number: TransactionNumber = "交易流水号" / "transaction number",
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        start_result: Outcome = "启动结果" / "start result",
        fail_reason: RemoteStartFailure = "失败原因" / "fail reason",
        main_auxiliary: MainAuxiliary = "主辅枪标记" / "main or auxiliary connector",
        parallel_session_number: ParallelSessionNumber = "并充序号" / "parallel session number",
    }

    /// Like 0x34, one for each connector of a parallel charge.
    ParallelRemoteStartRequest 0xA4 down, 50 bytes, "运营平台远程控制并充启机" / "parallel remote start",
    about "同 0x34，并充的每把枪各发一帧。" {
        transaction_number: TransactionNumber = "交易流水号" / "transaction number",
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        logical_card_number: LogicalCardNumber = "逻辑卡号" / "logical card number",
        physical_card_number: PhysicalCardNumber = "物理卡号" / "physical card number",
        account_balance: Yuan<2> = "账户余额" / "account balance",
        parallel_session_number: ParallelSessionNumber = "并充序号" / "parallel session number",
    }
}
