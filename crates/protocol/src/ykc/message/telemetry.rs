//! Telemetry (V1.6 chapter 7).

use crate::declare::{fields, messages};
use crate::wire::{Amps, Bytes, Celsius, KilowattHours, MeterReading, Minutes, Percent, Volts, Yuan};
use crate::ykc::code::{ConnectorState, Homed, Plugged};
use crate::ykc::field::{ConnectorNumber, HardwareFaults, PileCode, TransactionNumber};

fields! {
    /// What piles of one dialect (易联) append to 0x13: fees and energy by tier, state of the vehicle switch, faults.
    TelemetryYilian {
        sharp_energy_fee: Yuan<4> = "尖电费" / "electricity fee, sharp",
        peak_energy_fee: Yuan<4> = "峰电费" / "electricity fee, peak",
        flat_energy_fee: Yuan<4> = "平电费" / "electricity fee, flat",
        valley_energy_fee: Yuan<4> = "谷电费" / "electricity fee, valley",
        sharp_service_fee: Yuan<4> = "尖服务费" / "service fee, sharp",
        peak_service_fee: Yuan<4> = "峰服务费" / "service fee, peak",
        flat_service_fee: Yuan<4> = "平服务费" / "service fee, flat",
        valley_service_fee: Yuan<4> = "谷服务费" / "service fee, valley",
        sharp_energy: KilowattHours<4> = "尖电量" / "energy, sharp",
        peak_energy: KilowattHours<4> = "峰电量" / "energy, peak",
        flat_energy: KilowattHours<4> = "平电量" / "energy, flat",
        valley_energy: KilowattHours<4> = "谷电量" / "energy, valley",
        s2_state: u8 = "S2开关状态" / "state of switch S2",
        fault_bits: Bytes<32> = "故障位" / "fault bits",
    }
    /// What newer piles append to 0x13: temperature, smoke and a meter reading of 4 bytes.
    TelemetrySmoke {
        pile_temperature: Celsius<-50> = "桩温度" / "pile temperature",
        smoke: u8 = "烟感" / "smoke detector",
        meter_reading: KilowattHours<4> = "电表读数" / "meter reading",
    }
    /// The same with a meter reading of 5 bytes.
    TelemetrySmokeWide {
        pile_temperature: Celsius<-50> = "桩温度" / "pile temperature",
        smoke: u8 = "烟感" / "smoke detector",
        meter_reading: MeterReading<4> = "电表读数" / "meter reading",
    }
}

messages! {
    /// Asks for 0x13 at once.
    RealtimeReadRequest 0x12 down, 8 bytes, "读取实时监测数据" / "read telemetry",
    about "要求桩立即上送 0x13。" {
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
    }

    /// Every 5 min when idle, every 15 s while charging, at once on a change of state or plug, and when asked by 0x12 (V1.6 §7.2).
    RealtimeReport 0x13 up reply_to 0x12, 60 bytes, "上传实时监测数据" / "telemetry",
    about "空闲时每 5 分钟、充电中每 15 秒一次；状态或插枪变化时立即上送，也用于应答 0x12（V1.6 §7.2）。" {
        transaction_number: TransactionNumber = "交易流水号" / "transaction number",
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        connector_state: ConnectorState = "状态" / "connector state",
        connector_homed: Homed = "枪是否归位" / "connector in its holder",
        plugged: Plugged = "是否插枪" / "plugged in",
        output_voltage: Volts<1> = "输出电压" / "output voltage",
        output_current: Amps<1> = "输出电流" / "output current",
        cable_temperature: Celsius<-50> = "枪线温度" / "cable temperature",
        cable_code: Bytes<8> = "枪线编码" / "cable code",
        soc: Percent = "SOC" / "SOC",
        battery_max_temperature: Celsius<-50> = "电池组最高温度" / "battery max temperature",
        charging_minutes: Minutes = "累计充电时间" / "charging time",
        remaining_minutes: Minutes = "剩余时间" / "remaining time",
        energy: KilowattHours<4> = "充电度数" / "energy",
        energy_with_loss: KilowattHours<4> = "计损充电度数" / "energy with loss",
        amount: Yuan<4> = "已充金额" / "amount",
        hardware_faults: HardwareFaults = "硬件故障" / "hardware faults",
        [extend yilian: TelemetryYilian, 81 bytes]
        [extend smoke: TelemetrySmoke, 6 bytes]
        [extend smoke_wide: TelemetrySmokeWide, 7 bytes]
    }

    /// Storage battery of a pile that has one (one vendor).
    StorageReport 0x1F up, 15 bytes, "储能电池数据" / "storage battery",
    about "带储能的桩上送储能电池数据（个别厂商）。" {
        pile_code: PileCode = "桩编号" / "pile code",
        soc: u16 = "储能SOC" / "SOC of the storage battery",
        power: u16 = "储能功率" / "power of the storage battery",
        voltage: u16 = "储能电压" / "voltage of the storage battery",
        current: u16 = "储能电流" / "current of the storage battery",
    }
}
