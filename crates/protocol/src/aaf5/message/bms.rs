//! What a vehicle's BMS tells (V5.2B §3.2.9, §3.2.10, §3.4); the values are those of GB/T 27930 in wider fields.
//!
//! Cell voltages are taken as 0.01 V: the document's resolution of one is a misprint. The maker is taken as 4 characters, as
//! in GB/T 27930.

use crate::aaf5::code::{
    BatteryOwnership, BatteryType, BmsFlag, BmsLevel, BmsReady, BmsTimeout, ChargeMode, ChargingAllowed, Plug,
    StartFailure, WorkState,
};
use crate::aaf5::field::{ConnectorNumber, PileCode, TransactionNumber, WideConnectorNumber, Year};
use crate::declare::messages;
use crate::wire::{
    AmpHours32, Amps32, Bytes, CellVolts32, Celsius, KilowattHours, Minutes32, Percent16, Reserved, Text, Vin, Volts32,
};

use super::vin_order::NATURAL;

messages! {
    /// Answers 110.
    StartCompleteResponse 109 down reply_to 110, 4 bytes, "服务器应答充电桩启动完成命令" / "start complete answer",
    about "对 110 的应答。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
    }

    /// When starting a charge has come to its end, well or not; not all piles send it. Before V4.3 it has no transaction
    /// number.
    StartCompleteReport 110 up, 127 bytes, "充电桩上报充电启动完成命令" / "start complete",
    about "启动过程结束(成功或失败)时上送，可选；V4.3 以前没有流水号。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        pile_code: PileCode = "充电桩编码" / "pile code",
        connector_number: ConnectorNumber = "充电枪号" / "connector number",
        result: StartFailure = "充电失败原因" / "result",
        send_reason: u16 = "发送此报文原因" / "why this is sent (not documented)",
        reserved3: Reserved<2> = "预留3" / "reserved 3",
        reserved4: Reserved<4> = "预留4" / "reserved 4",
        bms_protocol: Bytes<3> = "BRM-BMS 通讯协议版本号" / "BRM: BMS protocol version",
        battery_type: BatteryType = "BRM-电池类型" / "BRM: battery type",
        rated_capacity: AmpHours32<1> = "BRM-整车动力蓄电池系统额定容量" / "BRM: rated capacity",
        rated_voltage: Volts32<1> = "BRM-整车动力蓄电池系统额定总电压" / "BRM: rated voltage",
        battery_maker: Text<4> = "BRM-电池生产厂商" / "BRM: battery maker",
        battery_serial: u32 = "BRM-电池组序号" / "BRM: battery serial number",
        battery_year: Year = "BRM-电池组生厂日期：年" / "BRM: year of manufacture (either byte order)",
        battery_month: u8 = "BRM-电池组生厂日期：月" / "BRM: month of manufacture",
        battery_day: u8 = "BRM-电池组生厂日期：日" / "BRM: day of manufacture",
        battery_charges: u32 = "BRM-电池组充电次数" / "BRM: number of charges",
        battery_ownership: BatteryOwnership = "BRM-电池组产权标识" / "BRM: battery ownership",
        brm_reserved: Reserved<1> = "BRM-预留" / "BRM: reserved",
        vin: Vin<NATURAL> = "BRM-车辆识别码VIN" / "BRM: VIN",
        bms_software: Bytes<8> = "BRM-BMS 软件版本号" / "BRM: BMS software version",
        bcp_cell_voltage: CellVolts32<2> = "BCP-单体动力蓄电池最高允许充电电压" / "BCP: highest allowed cell voltage",
        bcp_current: Amps32<1> = "BCP-最高允许充电电流" / "BCP: highest allowed current",
        bcp_energy: KilowattHours<1> = "BCP-动力蓄电池标称总能量" / "BCP: nominal energy",
        bcp_voltage: Volts32<1> = "BCP-最高允许充电总电压" / "BCP: highest allowed voltage",
        bcp_temperature: Celsius<-50> = "BCP-最高允许温度" / "BCP: highest allowed temperature",
        bcp_soc: Percent16<1> = "BCP-整车动力蓄电池荷电状态" / "BCP: SOC",
        bcp_battery_voltage: Volts32<1> = "BCP-整车动力蓄电池当前电池电压" / "BCP: battery voltage now",
        transaction_number: Option<TransactionNumber> = "充电流水号" / "transaction number",
    }

    /// Answers 302.
    BmsConfirm 301 down reply_to 302, 4 bytes, "服务器应答充电桩上报BMS信息" / "BMS answer",
    about "对 302 的应答。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
    }

    /// Every 30 s while a DC pile charges.
    BmsReport 302 up, 195 bytes, "充电桩上报BMS信息" / "BMS",
    about "直流桩充电中每 30 秒上送。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        counter: u16 = "报文次序计数" / "counter",
        connector_number: WideConnectorNumber = "充电枪号" / "connector number",
        pile_code: PileCode = "充电桩编码" / "pile code",
        work_state: WorkState = "工作状态" / "work state",
        plug: Plug = "车连接状态" / "vehicle connection",
        bms_protocol: Bytes<3> = "BRM-BMS 通讯协议版本号" / "BRM: BMS protocol version",
        battery_type: BatteryType = "BRM-电池类型" / "BRM: battery type",
        rated_capacity: AmpHours32<1> = "BRM-整车动力蓄电池系统额定容量" / "BRM: rated capacity",
        rated_voltage: Volts32<1> = "BRM-整车动力蓄电池系统额定总电压" / "BRM: rated voltage",
        battery_maker: Text<4> = "BRM-电池生产厂商" / "BRM: battery maker",
        battery_serial: u32 = "BRM-电池组序号" / "BRM: battery serial number",
        battery_year: Year = "BRM-电池组生厂日期：年" / "BRM: year of manufacture (either byte order)",
        battery_month: u8 = "BRM-电池组生厂日期：月" / "BRM: month of manufacture",
        battery_day: u8 = "BRM-电池组生厂日期：日" / "BRM: day of manufacture",
        battery_charges: u32 = "BRM-电池组充电次数" / "BRM: number of charges",
        battery_ownership: BatteryOwnership = "BRM-电池组产权标识" / "BRM: battery ownership",
        brm_reserved: Reserved<1> = "BRM-预留" / "BRM: reserved",
        vin: Vin<NATURAL> = "BRM-车辆识别码VIN" / "BRM: VIN",
        bms_software: Bytes<8> = "BRM-BMS 软件版本号" / "BRM: BMS software version",
        bcp_cell_voltage: CellVolts32<2> = "BCP-单体动力蓄电池最高允许充电电压" / "BCP: highest allowed cell voltage",
        bcp_current: Amps32<1> = "BCP-最高允许充电电流" / "BCP: highest allowed current",
        bcp_energy: KilowattHours<1> = "BCP-动力蓄电池标称总能量" / "BCP: nominal energy",
        bcp_voltage: Volts32<1> = "BCP-最高允许充电总电压" / "BCP: highest allowed voltage",
        bcp_temperature: Celsius<-50> = "BCP-最高允许温度" / "BCP: highest allowed temperature",
        bcp_soc: Percent16<1> = "BCP-整车动力蓄电池荷电状态" / "BCP: SOC",
        bcp_battery_voltage: Volts32<1> = "BCP-整车动力蓄电池当前电池电压" / "BCP: battery voltage now",
        bro_ready: BmsReady = "BRO-BMS 是否充电准备好" / "BRO: ready",
        bcl_voltage: Volts32<1> = "BCL-电压需求" / "BCL: demanded voltage",
        bcl_current: Amps32<1> = "BCL-电流需求" / "BCL: demanded current",
        bcl_charge_mode: ChargeMode = "BCL-充电模式" / "BCL: charge mode",
        bcs_voltage: Volts32<1> = "BCS-充电电压测量值" / "BCS: measured voltage",
        bcs_current: Amps32<1> = "BCS-充电电流测量值" / "BCS: measured current",
        bcs_cell_voltage: CellVolts32<2> = "BCS-最高单体动力蓄电池电压" / "BCS: highest cell voltage",
        bcs_cell_group: u8 = "BCS-最高单体动力蓄电池组号" / "BCS: group of the highest cell voltage",
        bcs_soc: Percent16<1> = "BCS-当前荷电状态SOC" / "BCS: SOC",
        remaining_minutes: Minutes32 = "估算剩余充电时间" / "BCS: estimated remaining time",
        bsm_cell: u8 = "BSM-最高单体动力蓄电池电压所在编号" / "BSM: cell with the highest voltage",
        bsm_max_temperature: Celsius<-50> = "BSM-最高动力蓄电池温度" / "BSM: highest temperature",
        bsm_max_temperature_point: u8 = "BSM-最高温度检测点编号" / "BSM: point of the highest temperature",
        bsm_min_temperature: Celsius<-50> = "BSM-最低动力蓄电池温度" / "BSM: lowest temperature",
        bsm_min_temperature_point: u8 = "BSM-最低动力蓄电池温度检测点编号" / "BSM: point of the lowest temperature",
        bsm_cell_voltage: BmsLevel = "BSM-单体动力蓄电池电压过高或过低" / "BSM: cell voltage too high or low",
        bsm_soc: BmsLevel = "BSM-整车动力蓄电池荷电状态过高或过低" / "BSM: SOC too high or low",
        bsm_over_current: BmsLevel = "BSM-动力蓄电池充电过电流" / "BSM: over-current",
        bsm_over_temperature: BmsLevel = "BSM-动力蓄电池温度过高" / "BSM: over-temperature",
        bsm_insulation: BmsLevel = "BSM-动力蓄电池绝缘状态" / "BSM: insulation",
        bsm_connector: BmsLevel = "BSM-动力蓄电池组输出连接器连接状态" / "BSM: output connector",
        bsm_charging_allowed: ChargingAllowed = "BSM-允许充电" / "BSM: charging allowed",
        bst_soc_reached: BmsFlag = "BST-达到所需求的SOC目标值" / "BST: SOC reached",
        bst_voltage_reached: BmsFlag = "BST-达到总电压的设定值" / "BST: voltage reached",
        bst_cell_voltage_reached: BmsFlag = "BST-达到单体电压的设定值" / "BST: cell voltage reached",
        bst_charger_stopped: BmsFlag = "BST-充电机主动终止" / "BST: stopped by the charger",
        bst_insulation_fault: BmsFlag = "BST-绝缘故障" / "BST: insulation fault",
        bst_connector_overtemp: BmsFlag = "BST-输出连接器过温故障" / "BST: output connector too hot",
        bst_component_overtemp: BmsFlag = "BST-BMS元件过温" / "BST: BMS component too hot",
        bst_connector_fault: BmsFlag = "BST-充电连接器故障" / "BST: connector fault",
        bst_battery_overtemp: BmsFlag = "BST-电池组温度过高故障" / "BST: battery too hot",
        bst_relay_fault: BmsFlag = "BST-高压继电器故障" / "BST: high voltage relay fault",
        bst_detection_point2: BmsFlag = "BST-检测点2电压检测故障" / "BST: detection point 2 fault",
        bst_other: BmsFlag = "BST-其他故障" / "BST: other fault",
        bst_over_current: BmsFlag = "BST-电流过大" / "BST: over-current",
        bst_voltage_abnormal: BmsFlag = "BST-电压异常" / "BST: voltage abnormal",
        bsd_soc: Percent16<1> = "BSD-终止荷电状态SOC" / "BSD: SOC at the end",
        bsd_min_cell_voltage: CellVolts32<2> = "BSD-动力蓄电池单体最低电压" / "BSD: lowest cell voltage",
        bsd_max_cell_voltage: CellVolts32<2> = "BSD-动力蓄电池单体最高电压" / "BSD: highest cell voltage",
        bsd_min_temperature: Celsius<-50> = "BSD-动力蓄电池最低温度" / "BSD: lowest temperature",
        bsd_max_temperature: Celsius<-50> = "BSD-动力蓄电池最高温度" / "BSD: highest temperature",
        bem_spn2560_00: BmsTimeout = "BEM-接收SPN2560=00的充电机辨识报文超时" / "BEM: CRM with SPN2560 = 00",
        bem_spn2560_aa: BmsTimeout = "BEM-接收SPN2560=AA的充电机辨识报文超时" / "BEM: CRM with SPN2560 = AA",
        bem_time_and_output: BmsTimeout = "BEM-接收充电机的时间同步和最大输出能力报文超时" / "BEM: time and output capability",
        bem_ready: BmsTimeout = "BEM-接收充电机完成充电准备报文超时" / "BEM: charger ready",
        bem_status: BmsTimeout = "BEM-接收充电机充电状态报文超时" / "BEM: charger status",
        bem_stop: BmsTimeout = "BEM-接收充电机终止充电报文超时" / "BEM: charger stop",
        bem_statistics: BmsTimeout = "BEM-接收充电机充电统计报文超时" / "BEM: charger statistics",
        bem_other: BmsTimeout = "BEM-其他" / "BEM: other",
    }
}
