//! What connectors and piles do, and what is wrong with them (V5.2B §3.2.3, §3.2.4, §3.2.7, §3.2.8, §3.2.13, §3.2.14).

use crate::aaf5::code::{
    AlarmCode, ChargeMode, ChargeStrategy, ConnectorType, FlowDirection, Holster, Limiting, ParallelMode, ParkingLock,
    Plug, QueryMark, ReportNow, ReservationState, StartSource, Stowed, WorkState,
};
use crate::aaf5::field::{Alarms, CardNumber, ConnectorNumber, PileCode, SLOTS, TransactionNumber};
use crate::declare::{fields, messages};
use crate::wire::{
    Amps, BcdTime, Bits, Celsius, KilowattHours, KilowattHours8, KilowattHours16, Kilowatts32, List, Minutes,
    MinutesByte, Percent, Reserved, ReservedBits, Seconds, SignedAmps, Vin, Volts, Yuan,
};

use super::vin_order::NATURAL;

fields! {
    /// What piles of V5.3 append to 104: power supply, gas, smoke, fire.
    SiteAlarms {
        power_state: u8 = "供电状态" / "power state",
        gas1: u8 = "气体1" / "gas 1",
        gas2: u8 = "气体2" / "gas 2",
        smoke1: u8 = "烟雾1" / "smoke 1",
        smoke2: u8 = "烟雾2" / "smoke 2",
        fire_level: u8 = "消防等级" / "fire level",
    }
}

messages! {
    /// Answers 104; with the flag it asks for another 104, also unasked. A server that always sets it plays ping-pong.
    StatusResponse 103 down reply_to 104, 6 bytes, "服务器应答充电桩状态信息包" / "status answer",
    about "对 104 的应答；带标志时要求再报一次 104，也可主动下发；一直带标志会来回不停。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        connector_number: ConnectorNumber = "充电口号" / "connector number",
        report_now: Option<ReportNow> = "是否立即上报一次104报文" / "send 104 at once",
    }

    /// For each connector every status period (integer parameter 23), and at once when its work state changes.
    StatusReport 104 up, 169 bytes, "充电桩状态信息包上报" / "status",
    about "每枪按状态周期(整形参数 23)上报，工作状态变化时立即上报。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        pile_code: PileCode = "充电桩编码" / "pile code",
        connector_count: u8 = "充电枪数量" / "number of connectors",
        connector_number: ConnectorNumber = "充电口号" / "connector number",
        connector_type: Bits<2, ConnectorType> = "充电枪类型" / "connector type",
        connector_type_reserved: ReservedBits<6> = "充电枪类型(预留位)" / "connector type, reserved bits",
        work_state: WorkState = "工作状态" / "work state",
        soc: Percent = "当前SOC%" / "SOC",
        alarm_code: AlarmCode = "当前最高告警编码" / "most serious alarm",
        plug: Plug = "车连接状态" / "vehicle connection",
        total_amount: Yuan<2> = "本次充电累计充电费用" / "amount",
        internal2: u32 = "内部变量 2" / "internal variable 2",
        internal3: u32 = "内部变量 3" / "internal variable 3",
        dc_voltage: Volts<1> = "直流充电电压" / "DC voltage",
        dc_current: SignedAmps<1> = "直流充电电流" / "DC current",
        bms_voltage: Volts<1> = "BMS需求电压" / "voltage that the BMS demands",
        bms_current: SignedAmps<1> = "BMS需求电流" / "current that the BMS demands",
        bms_charge_mode: ChargeMode = "BMS充电模式" / "charge mode of the BMS",
        ac_voltage_a: Volts<1> = "交流A相充电电压" / "AC voltage, phase A",
        ac_voltage_b: Volts<1> = "交流B相充电电压" / "AC voltage, phase B",
        ac_voltage_c: Volts<1> = "交流C相充电电压" / "AC voltage, phase C",
        ac_current_a: Amps<1> = "交流A相充电电流" / "AC current, phase A",
        ac_current_b: Amps<1> = "交流B相充电电流" / "AC current, phase B",
        ac_current_c: Amps<1> = "交流C相充电电流" / "AC current, phase C",
        remaining_minutes: Minutes = "剩余充电时间" / "remaining time",
        charging_seconds: Seconds = "充电时长" / "charging time",
        total_energy: KilowattHours<2> = "本次充电累计充电电量" / "energy",
        meter_start: KilowattHours<2> = "充电前电表读数" / "meter before the charge",
        meter_now: KilowattHours<2> = "当前电表读数" / "meter now",
        start_source: StartSource = "充电启动方式" / "start source",
        strategy: ChargeStrategy = "充电策略" / "strategy",
        strategy_argument: u32 = "充电策略参数" / "strategy argument (s, 0.01 CNY or 0.01 kWh)",
        reservation: ReservationState = "预约标志" / "reservation",
        card_number: CardNumber = "充电卡号" / "card or user number",
        hold_minutes: MinutesByte = "预约超时时间" / "how long a reservation holds",
        start_time: BcdTime = "预约/开始充电开始时间" / "start of the reservation or the charge",
        balance_before: Yuan<2> = "充电前卡余额" / "card balance before the charge",
        reserved3: u32 = "预留3" / "reserved 3 (before V3: update mode)",
        power: Kilowatts32<1> = "充电功率" / "power",
        system3: u32 = "系统变量3" / "system variable 3",
        system4: u32 = "系统变量4" / "system variable 4",
        system5: u32 = "系统变量5" / "system variable 5",
        outlet_temperature: Option<Celsius<-50>> = "出风口温度" / "air outlet temperature",
        ambient_temperature: Option<Celsius<-50>> = "环境温度" / "ambient temperature",
        gun_temperature: Option<Celsius<-50>> = "充电枪温度" / "gun temperature",
        vin: Option<Vin<NATURAL>> = "车辆VIN码" / "VIN",
        vin_end: Option<Reserved<1>> = "车辆VIN码(结束符)" / "end of the VIN",
        stowed: Option<Bits<1, Stowed>> = "舱门状态" / "stowed, door closed",
        limiting: Option<Bits<1, Limiting>> = "用户允许限功率" / "user allows a power limit",
        door_reserved: Option<ReservedBits<6>> = "舱门状态(预留位)" / "door state, reserved bits",
        transaction_number: Option<TransactionNumber> = "充电流水号" / "transaction number",
        electricity_amount: Option<Yuan<2>> = "本次充电累计充电电费" / "electricity amount",
        service_amount: Option<Yuan<2>> = "本次充电累计充电服务费" / "service amount",
        holster: Option<Holster> = "枪归位状态" / "connector in its holder",
        parking_lock: Option<ParkingLock> = "地锁状态" / "parking lock",
        energy_digit: Option<KilowattHours8<3>> = "千分位电量" / "third decimal of the energy",
        ac_meter: Option<KilowattHours<3>> = "直流桩交流电表电量" / "AC meter of a DC pile",
        parallel_mode: Option<ParallelMode> = "当前充电模式" / "parallel charging",
        flow_direction: Option<FlowDirection> = "充放电标志" / "charge or discharge",
        [extend site_alarms: SiteAlarms, 6 bytes]
    }

    /// Answers 108; a platform need not send it. Its layout is published nowhere: two reserved numbers are assumed.
    AlarmResponse 107 down reply_to 108, 4 bytes, "服务器应答充电桩告警信息" / "alarm answer",
    about "对 108 的应答，可以不发；格式没有公开资料，按两个预留字段处理。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
    }

    /// At once when an alarm comes or goes, else every 10 min. Names no connector.
    AlarmReport 108 up, 68 bytes, "充电桩告警信息上报" / "alarms",
    about "告警变化时立即上报，否则每 10 分钟一次；不带枪号。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        pile_code: PileCode = "充电桩编码" / "pile code",
        alarms: Alarms = "告警信息" / "alarms",
    }

    /// Asks for the half hours of a connector's last charge.
    LastChargeSlotsRequest 113 down, 6 bytes, "服务器查询最近一次充电各时段信息" / "half hours of the last charge",
    about "查询某枪最近一次充电各时段的电量。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        connector_number: ConnectorNumber = "充电口号" / "connector number",
        query: QueryMark = "标志" / "query",
    }

    /// Answers 113.
    LastChargeSlotsResponse 114 up reply_to 113, 142 bytes,
    "充电桩应答服务器查询最近一次充电各时段信息" / "half hours answer",
    about "对 113 的应答。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        pile_code: PileCode = "充电桩编码" / "pile code",
        connector_number: ConnectorNumber = "充电枪号" / "connector number",
        work_state: WorkState = "工作状态" / "work state",
        start_time: BcdTime = "开始充电开始时间" / "start time",
        slots: List<KilowattHours16<2>, SLOTS> = "时段1到48充电电量" / "energy of each half hour",
    }
}
