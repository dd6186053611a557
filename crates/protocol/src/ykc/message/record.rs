//! Transaction records: the one message that must never be lost (V1.6 §8).

use super::vin_order::NATURAL;
use crate::declare::messages;
use crate::wire::{Bytes, Cp56Time, KilowattHours, MeterReading, Vin, Yuan, YuanPerKwh};
use crate::ykc::code::{ConfirmResult, StartSource, StopReason};
use crate::ykc::field::{ConnectorNumber, MeterNumber, PhysicalCardNumber, PileCode, TransactionNumber};

messages! {
    /// The bill: within 30 s of the end, again after 30 s without 0x40, at most 3 times, and after a reconnect (OQ-15).
    TransactionRecord 0x3B up, 158 bytes, "交易记录" / "transaction record",
    about "账单：充电结束后 30 秒内上送；30 秒内收不到 0x40 则重发，最多 3 次，重连后再补传（OQ-15）。" {
        transaction_number: TransactionNumber = "交易流水号" / "transaction number",
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        start_time: Cp56Time = "开始时间" / "start time",
        end_time: Cp56Time = "结束时间" / "end time",
        sharp_unit_price: YuanPerKwh<5> = "尖单价" / "sharp unit price",
        sharp_energy: KilowattHours<4> = "尖电量" / "sharp energy",
        sharp_energy_with_loss: KilowattHours<4> = "计损尖电量" / "sharp energy with loss",
        sharp_amount: Yuan<4> = "尖金额" / "sharp amount",
        peak_unit_price: YuanPerKwh<5> = "峰单价" / "peak unit price",
        peak_energy: KilowattHours<4> = "峰电量" / "peak energy",
        peak_energy_with_loss: KilowattHours<4> = "计损峰电量" / "peak energy with loss",
        peak_amount: Yuan<4> = "峰金额" / "peak amount",
        flat_unit_price: YuanPerKwh<5> = "平单价" / "flat unit price",
        flat_energy: KilowattHours<4> = "平电量" / "flat energy",
        flat_energy_with_loss: KilowattHours<4> = "计损平电量" / "flat energy with loss",
        flat_amount: Yuan<4> = "平金额" / "flat amount",
        valley_unit_price: YuanPerKwh<5> = "谷单价" / "valley unit price",
        valley_energy: KilowattHours<4> = "谷电量" / "valley energy",
        valley_energy_with_loss: KilowattHours<4> = "计损谷电量" / "valley energy with loss",
        valley_amount: Yuan<4> = "谷金额" / "valley amount",
        meter_start: MeterReading<4> = "电表总起值" / "meter start",
        meter_stop: MeterReading<4> = "电表总止值" / "meter stop",
        total_energy: KilowattHours<4> = "总电量" / "total energy",
        total_energy_with_loss: KilowattHours<4> = "计损总电量" / "total energy with loss",
        total_amount: Yuan<4> = "消费金额" / "total amount",
        vin: Vin<NATURAL> = "电动汽车唯一标识" / "VIN",
        start_source: StartSource = "交易标识" / "start source",
        transaction_time: Cp56Time = "交易日期、时间" / "transaction time",
        stop_reason: StopReason = "停止原因" / "stop reason",
        physical_card_number: PhysicalCardNumber = "物理卡号" / "physical card number",
    }

    /// The bill in V1.7: like 0x3B, with the meter's number and its signed reading.
    TransactionRecordV17 0x3D up, 201 bytes, "交易记录(V1.7)" / "transaction record of V1.7",
    about "V1.7 的账单：在 0x3B 的基础上增加电表表号和电表密文。" {
        transaction_number: TransactionNumber = "交易流水号" / "transaction number",
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        start_time: Cp56Time = "开始时间" / "start time",
        end_time: Cp56Time = "结束时间" / "end time",
        meter_number: MeterNumber = "电表表号" / "meter number",
        meter_cipher: Bytes<34> = "电表密文" / "meter cipher",
        meter_protocol_version: u16 = "电表协议版本号" / "meter protocol version",
        encryption_mark: u8 = "加密方式" / "encryption mark",
        sharp_unit_price: YuanPerKwh<5> = "尖单价" / "sharp unit price",
        sharp_energy: KilowattHours<4> = "尖电量" / "sharp energy",
        sharp_energy_with_loss: KilowattHours<4> = "计损尖电量" / "sharp energy with loss",
        sharp_amount: Yuan<4> = "尖金额" / "sharp amount",
        peak_unit_price: YuanPerKwh<5> = "峰单价" / "peak unit price",
        peak_energy: KilowattHours<4> = "峰电量" / "peak energy",
        peak_energy_with_loss: KilowattHours<4> = "计损峰电量" / "peak energy with loss",
        peak_amount: Yuan<4> = "峰金额" / "peak amount",
        flat_unit_price: YuanPerKwh<5> = "平单价" / "flat unit price",
        flat_energy: KilowattHours<4> = "平电量" / "flat energy",
        flat_energy_with_loss: KilowattHours<4> = "计损平电量" / "flat energy with loss",
        flat_amount: Yuan<4> = "平金额" / "flat amount",
        valley_unit_price: YuanPerKwh<5> = "谷单价" / "valley unit price",
        valley_energy: KilowattHours<4> = "谷电量" / "valley energy",
        valley_energy_with_loss: KilowattHours<4> = "计损谷电量" / "valley energy with loss",
        valley_amount: Yuan<4> = "谷金额" / "valley amount",
        meter_start: MeterReading<4> = "电表总起值" / "meter start",
        meter_stop: MeterReading<4> = "电表总止值" / "meter stop",
        total_energy: KilowattHours<4> = "总电量" / "total energy",
        total_energy_with_loss: KilowattHours<4> = "计损总电量" / "total energy with loss",
        total_amount: Yuan<4> = "消费金额" / "total amount",
        vin: Vin<NATURAL> = "电动汽车唯一标识" / "VIN",
        start_source: StartSource = "交易标识" / "start source",
        transaction_time: Cp56Time = "交易日期、时间" / "transaction time",
        stop_reason: StopReason = "停止原因" / "stop reason",
        physical_card_number: PhysicalCardNumber = "物理卡号" / "physical card number",
    }

    /// The bill before V1.5: meter readings have 4 bytes. Its length is inferred from the version history, not published.
    TransactionRecordV14 0x3F up, 156 bytes, "交易记录(V1.4)" / "transaction record of V1.4",
    about "V1.5 之前的账单：电表读数占 4 字节。长度由版本记录推算，没有公开资料。" {
        transaction_number: TransactionNumber = "交易流水号" / "transaction number",
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        start_time: Cp56Time = "开始时间" / "start time",
        end_time: Cp56Time = "结束时间" / "end time",
        sharp_unit_price: YuanPerKwh<5> = "尖单价" / "sharp unit price",
        sharp_energy: KilowattHours<4> = "尖电量" / "sharp energy",
        sharp_energy_with_loss: KilowattHours<4> = "计损尖电量" / "sharp energy with loss",
        sharp_amount: Yuan<4> = "尖金额" / "sharp amount",
        peak_unit_price: YuanPerKwh<5> = "峰单价" / "peak unit price",
        peak_energy: KilowattHours<4> = "峰电量" / "peak energy",
        peak_energy_with_loss: KilowattHours<4> = "计损峰电量" / "peak energy with loss",
        peak_amount: Yuan<4> = "峰金额" / "peak amount",
        flat_unit_price: YuanPerKwh<5> = "平单价" / "flat unit price",
        flat_energy: KilowattHours<4> = "平电量" / "flat energy",
        flat_energy_with_loss: KilowattHours<4> = "计损平电量" / "flat energy with loss",
        flat_amount: Yuan<4> = "平金额" / "flat amount",
        valley_unit_price: YuanPerKwh<5> = "谷单价" / "valley unit price",
        valley_energy: KilowattHours<4> = "谷电量" / "valley energy",
        valley_energy_with_loss: KilowattHours<4> = "计损谷电量" / "valley energy with loss",
        valley_amount: Yuan<4> = "谷金额" / "valley amount",
        meter_start: KilowattHours<4> = "电表总起值" / "meter start",
        meter_stop: KilowattHours<4> = "电表总止值" / "meter stop",
        total_energy: KilowattHours<4> = "总电量" / "total energy",
        total_energy_with_loss: KilowattHours<4> = "计损总电量" / "total energy with loss",
        total_amount: Yuan<4> = "消费金额" / "total amount",
        vin: Vin<NATURAL> = "电动汽车唯一标识" / "VIN",
        start_source: StartSource = "交易标识" / "start source",
        transaction_time: Cp56Time = "交易日期、时间" / "transaction time",
        stop_reason: StopReason = "停止原因" / "stop reason",
        physical_card_number: PhysicalCardNumber = "物理卡号" / "physical card number",
    }

    /// Lets the pile forget a record: sent only once the record is safe. Names no pile (OQ-17).
    TransactionRecordConfirm 0x40 down reply_to 0x3B, 17 bytes, "交易记录确认" / "transaction record answer",
    about "通知桩可以删除该账单，只在账单落盘后才发送；帧内没有桩编号（OQ-17）。" {
        transaction_number: TransactionNumber = "交易流水号" / "transaction number",
        confirm_result: ConfirmResult = "确认结果" / "confirm result",
    }
}
