//! Records of charges, the messages that must not be lost (V5.2B §3.3.1, §3.3.2, §3.5).
//!
//! 202 and 222 differ in the unit of energy alone: 0.01 and 0.001 kWh. 402 and 422 are the same once more, asked for. In 222
//! the third decimal stands a second time by itself and must not be added (§6.8).

use crate::aaf5::code::{
    AmountsValid, ChargeStrategy, ConnectorType, FlowDirection, MeterCipher, ParallelMode, StartSource, StopReason,
};
use crate::aaf5::field::{CardNumber, ConnectorNumber, PileCode, SLOTS, TransactionNumber};
use crate::declare::{fields, messages};
use crate::wire::{
    BcdTime, Bytes, KilowattHours, KilowattHours8, KilowattHours16, List, Percent, Reserved, Seconds, Vin, Yuan,
};
use crate::ykc::field::MeterNumber;

use super::vin_order::NATURAL;

fields! {
    /// What piles of V5.0 and later append to a record: data that the meter signed.
    SignedMeter {
        meter_data: Bytes<34> = "电表加密数据" / "signed data of the meter",
        meter_number: MeterNumber = "电表表号" / "meter number",
        meter_protocol: u16 = "电表协议版本" / "protocol version of the meter",
        meter_cipher: MeterCipher = "加密方式" / "cipher of the meter",
    }
}

/// A message with the fields of a record.
macro_rules! record {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident $code:literal up $(reply_to $request:literal)?, $length:literal bytes,
        energy $energy:ty, slots $slots:ty, $zh:literal / $en:literal,
        about $about:literal;
    )*) => {
        messages! {$(
            $(#[doc = $doc])*
            $name $code up $(reply_to $request)?, $length bytes, $zh / $en,
            about $about {
                reserved1: Reserved<2> = "预留1" / "reserved 1",
                reserved2: Reserved<2> = "预留2" / "reserved 2",
                pile_code: PileCode = "充电桩编码" / "pile code",
                connector_type: ConnectorType = "充电枪位置类型" / "connector type",
                connector_number: ConnectorNumber = "充电枪口" / "connector number",
                card_number: CardNumber = "充电卡号" / "card or user number",
                start_time: BcdTime = "充电开始时间" / "start time",
                end_time: BcdTime = "充电结束时间" / "end time",
                charging_seconds: Seconds = "充电时间长度" / "charging time",
                soc_start: Percent = "开始SOC" / "SOC at the start",
                soc_end: Percent = "结束SOC" / "SOC at the end",
                stop_reason: StopReason = "充电结束原因" / "stop reason",
                total_energy: $energy = "本次充电电量" / "total energy",
                meter_start: $energy = "充电前电表读数" / "meter start",
                meter_stop: $energy = "充电后电表读数" / "meter stop",
                total_amount: Yuan<2> = "本次充电金额" / "total amount",
                record_index: i32 = "内部索引号" / "number of the record (-1: not found)",
                balance_before: Yuan<2> = "充电前卡余额" / "card balance before the charge",
                stored_index: u32 = "当前充电记录索引" / "place among the stored records",
                stored_count: u32 = "总充电记录条目" / "stored records",
                reserved3: Reserved<1> = "预留3" / "reserved 3",
                strategy: ChargeStrategy = "充电策略" / "strategy",
                strategy_argument: u32 = "充电策略参数" / "strategy argument (s, 0.01 CNY or 0.01 kWh)",
                vin: Vin<NATURAL> = "车辆VIN码" / "VIN",
                plate: Bytes<8> = "车牌号" / "licence plate",
                slots: List<$slots, SLOTS> = "时段1到48充电电量" / "energy of each half hour or tariff period",
                start_source: StartSource = "启动方式" / "start source",
                transaction_number: Option<TransactionNumber> = "充电流水号" / "transaction number",
                service_amount: Option<Yuan<2>> = "充电服务费" / "service amount",
                energy_digit: Option<KilowattHours8<3>> = "千分位电量" / "third decimal of the energy",
                parallel_mode: Option<ParallelMode> = "并充标志" / "parallel charging",
                flow_direction: Option<FlowDirection> = "充放电标志" / "charge or discharge",
                [extend signed_meter: SignedMeter, 43 bytes]
            }
        )*}
    };
}

record! {
    /// After each charge, every 10 s until confirmed by 201, and the last ones again when the pile starts. With a tariff of
    /// 1103 the slots are half hours, with one of 1105 the first 12 are its periods. Piles before V2.6 end behind the start
    /// source, those before V4.6 behind the transaction number.
    ChargeRecord 202 up, 256 bytes, energy KilowattHours<2>, slots KilowattHours16<2>,
    "充电桩上报充电记录信息" / "record of a charge",
    about "充电结束后上送，收到 201 前每 10 秒重发，开机后再报最近几条；1103 计费时时段为半小时，1105 计费时前 12 个为其时段。\
        V2.6 以前到启动方式为止，V4.6 以前到充电流水号为止。";

    /// The same with energy of 0.001 kWh, for platforms whose 105 says that they take it.
    FineChargeRecord 222 up, 352 bytes, energy KilowattHours<3>, slots KilowattHours<3>,
    "充电桩上报充电记录信息(三位小数)" / "record of a charge, 0.001 kWh",
    about "同 202，电量为三位小数；仅在 105 表明平台支持时使用。";

    /// Answers 401: one stored record; number −1 says that there is none.
    StoredRecordResponse 402 up reply_to 401, 256 bytes, energy KilowattHours<2>, slots KilowattHours16<2>,
    "充电桩上报历史的充电记录" / "stored record",
    about "对 401 的应答：一条历史记录，内部索引号为 -1 表示没有。";

    /// Answers 421: the same with energy of 0.001 kWh.
    StoredFineRecordResponse 422 up reply_to 421, 352 bytes, energy KilowattHours<3>, slots KilowattHours<3>,
    "充电桩上报历史的充电记录(三位小数)" / "stored record, 0.001 kWh",
    about "对 421 的应答，电量为三位小数。";
}

/// An answer to a record.
macro_rules! confirm {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident $code:literal down reply_to $request:literal, $zh:literal / $en:literal,
        about $about:literal;
    )*) => {
        messages! {$(
            $(#[doc = $doc])*
            $name $code down reply_to $request, 37 bytes, $zh / $en,
            about $about {
                reserved1: Reserved<2> = "预留1" / "reserved 1",
                reserved2: Reserved<2> = "预留2" / "reserved 2",
                connector_number: ConnectorNumber = "充电口号" / "connector number",
                card_number: CardNumber = "充电卡号" / "card or user number",
                record_index: Option<i32> = "内部索引号" / "number of the record",
                amounts_valid: Option<AmountsValid> = "7、8、9字段有效标志" / "whether the amounts hold",
                full_amount: Option<Yuan<2>> = "充电优惠前金额" / "amount before the discount",
                discount: Option<Yuan<2>> = "充电折扣金额" / "discount",
                charged_amount: Option<Yuan<2>> = "充电实扣金额" / "amount charged",
                account_balance: Option<Yuan<2>> = "用户剩余金额" / "account balance",
                electricity_amount: Option<Yuan<2>> = "充电实扣电费" / "electricity amount charged",
                service_amount: Option<Yuan<2>> = "充电实扣服务费" / "service amount charged",
            }
        )*}
    };
}

confirm! {
    /// Lets the pile forget a record: sent only once the record is safe, and always then. Echoes connector, card and number.
    RecordConfirm 201 down reply_to 202, "服务器应答充电桩上报充电信息报文" / "record answer",
    about "通知桩记录已收妥，只在记录落盘后发送，必须应答；回填口号、卡号和内部索引号。";

    /// The same for 222.
    FineRecordConfirm 221 down reply_to 222, "服务器应答充电桩上报充电信息报文(三位小数)" / "record answer, 0.001 kWh",
    about "同 201，应答 222。";
}

messages! {
    /// Asks for one stored record, by its place (0 is the newest) or its transaction number.
    StoredRecordRequest 401 down, 40 bytes, "服务器查询充电桩历史充电记录" / "ask for a stored record",
    about "按位置(0 为最新)或流水号查询一条历史记录。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        first_index: u32 = "查询记录起始索引" / "place, 0 is the newest",
        transaction_number: TransactionNumber = "充电流水号" / "transaction number",
    }

    /// The same for records of 0.001 kWh.
    StoredFineRecordRequest 421 down, 40 bytes, "服务器查询充电桩历史充电记录(三位小数)" / "ask for a stored record, 0.001 kWh",
    about "同 401，电量为三位小数。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        first_index: u32 = "查询记录起始索引" / "place, 0 is the newest",
        transaction_number: TransactionNumber = "充电流水号" / "transaction number",
    }
}
