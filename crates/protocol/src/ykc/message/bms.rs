//! What the battery management system says during a charge (V1.6 chapter 7).

use super::vin_order::UNSTATED;
use crate::declare::messages;
use crate::wire::{
    AmpHours, Amps, Ascii, Bits, BitsNumber, Bytes, CellVolts, Celsius, Count, KilowattHours16, Minutes, Ordinal,
    Percent, Percent16, Reserved, ReservedBits, Vin, Volts, Wide,
};
use crate::ykc::code::{
    AbortFlag, BatteryOwnership, BatteryType, ChargeMode, ChargingAllowed, LevelState, LimitState, TimeoutState,
};
use crate::ykc::field::{ConnectorNumber, PileCode, TransactionNumber};

messages! {
    /// Once per charge, from the BMS message BRM.
    BmsHandshake 0x15 up, 73 bytes, "充电握手" / "BMS handshake",
    about "每次充电一次，取自 BMS 报文 BRM。" {
        transaction_number: TransactionNumber = "交易流水号" / "transaction number",
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        bms_protocol_version: Bytes<3> = "BMS通信协议版本号" / "BMS protocol version",
        battery_type: BatteryType = "BMS电池类型" / "battery type",
        rated_capacity: AmpHours<1> = "BMS整车动力蓄电池系统额定容量" / "rated capacity",
        rated_voltage: Volts<1> = "BMS整车动力蓄电池系统额定总电压" / "rated voltage",
        battery_vendor: Ascii<4> = "BMS电池生产厂商名称" / "battery vendor",
        battery_serial: Bytes<4> = "BMS电池组序号" / "battery serial",
        battery_made_year: Ordinal<1985> = "BMS电池组生产日期年" / "battery made year",
        battery_made_month: u8 = "BMS电池组生产日期月" / "battery made month",
        battery_made_day: u8 = "BMS电池组生产日期日" / "battery made day",
        charge_cycles: Count = "BMS电池组充电次数" / "charge cycles",
        battery_ownership: BatteryOwnership = "BMS电池组产权标识" / "battery ownership",
        reserved: Reserved<1> = "预留位" / "reserved",
        vin: Vin<UNSTATED> = "BMS车辆识别码" / "VIN",
        bms_software_version: Bytes<8> = "BMS软件版本号" / "BMS software version",
    }

    /// Once per charge, from BCP and CML.
    BmsChargeParameters 0x17 up, 45 bytes, "参数配置" / "BMS and charger parameters",
    about "每次充电一次，取自 BCP 和 CML。" {
        transaction_number: TransactionNumber = "交易流水号" / "transaction number",
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        cell_max_voltage: CellVolts<2> = "BMS单体动力蓄电池最高允许充电电压" / "cell max voltage",
        max_charge_current: Amps<1, -400> = "BMS最高允许充电电流" / "max charge current",
        nominal_energy: KilowattHours16<1> = "BMS动力蓄电池标称总能量" / "nominal energy",
        max_charge_voltage: Volts<1> = "BMS最高允许充电总电压" / "max charge voltage",
        max_temperature: Celsius<-50> = "BMS最高允许温度" / "max temperature",
        soc: Percent16<1> = "BMS整车动力蓄电池荷电状态" / "SOC",
        battery_voltage: Volts<1> = "BMS整车动力蓄电池当前电池电压" / "battery voltage",
        charger_max_voltage: Volts<1> = "电桩最高输出电压" / "charger max voltage",
        charger_min_voltage: Volts<1> = "电桩最低输出电压" / "charger min voltage",
        charger_max_current: Amps<1, -400> = "电桩最大输出电流" / "charger max current",
        charger_min_current: Amps<1, -400> = "电桩最小输出电流" / "charger min current",
    }

    /// Once per charge, from BSD and CSD.
    ChargeEndStatistics 0x19 up, 39 bytes, "充电结束" / "end of charge statistics",
    about "每次充电一次，取自 BSD 和 CSD。" {
        transaction_number: TransactionNumber = "交易流水号" / "transaction number",
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        end_soc: Percent = "BMS中止荷电状态SOC" / "SOC at the end",
        cell_min_voltage: CellVolts<2> = "BMS动力蓄电池单体最低电压" / "cell min voltage",
        cell_max_voltage: CellVolts<2> = "BMS动力蓄电池单体最高电压" / "cell max voltage",
        battery_min_temperature: Celsius<-50> = "BMS动力蓄电池最低温度" / "battery min temperature",
        battery_max_temperature: Celsius<-50> = "BMS动力蓄电池最高温度" / "battery max temperature",
        charging_minutes: Minutes = "电桩累计充电时间" / "charging time",
        output_energy: KilowattHours16<1> = "电桩输出能量" / "output energy",
        charger_number: Wide<1> = "电桩充电机编号" / "charger number",
    }

    /// On an error, from BEM and CEM.
    BmsError 0x1B up, 32 bytes, "错误报文" / "BMS and charger errors",
    about "出现错误时上送，取自 BEM 和 CEM。" {
        transaction_number: TransactionNumber = "交易流水号" / "transaction number",
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        bem_crm_00_timeout: Bits<2, TimeoutState> = "接收SPN2560=0x00的充电机辨识报文超时" / "BEM: CRM 00 timed out",
        bem_crm_aa_timeout: Bits<2, TimeoutState> = "接收SPN2560=0xAA的充电机辨识报文超时" / "BEM: CRM AA timed out",
        reserved_1: ReservedBits<4> = "预留位" / "reserved",
        bem_cts_cml_timeout: Bits<2, TimeoutState> = "接收充电机的时间同步和充电机最大输出能力报文超时" / "BEM: CTS CML timed out",
        bem_cro_timeout: Bits<2, TimeoutState> = "接收充电机完成充电准备报文超时" / "BEM: CRO timed out",
        reserved_2: ReservedBits<4> = "预留位" / "reserved",
        bem_ccs_timeout: Bits<2, TimeoutState> = "接收充电机充电状态报文超时" / "BEM: CCS timed out",
        bem_cst_timeout: Bits<2, TimeoutState> = "接收充电机中止充电报文超时" / "BEM: CST timed out",
        reserved_3: ReservedBits<4> = "预留位" / "reserved",
        bem_csd_timeout: Bits<2, TimeoutState> = "接收充电机充电统计报文超时" / "BEM: CSD timed out",
        bem_other: BitsNumber<6> = "BMS其他" / "BEM other",
        cem_brm_timeout: Bits<2, TimeoutState> = "接收BMS和车辆的辨识报文超时" / "CEM: BRM timed out",
        reserved_4: ReservedBits<6> = "预留位" / "reserved",
        cem_bcp_timeout: Bits<2, TimeoutState> = "接收电池充电参数报文超时" / "CEM: BCP timed out",
        cem_bro_timeout: Bits<2, TimeoutState> = "接收BMS完成充电准备报文超时" / "CEM: BRO timed out",
        reserved_5: ReservedBits<4> = "预留位" / "reserved",
        cem_bcs_timeout: Bits<2, TimeoutState> = "接收电池充电总状态报文超时" / "CEM: BCS timed out",
        cem_bcl_timeout: Bits<2, TimeoutState> = "接收电池充电要求报文超时" / "CEM: BCL timed out",
        cem_bst_timeout: Bits<2, TimeoutState> = "接收BMS中止充电报文超时" / "CEM: BST timed out",
        reserved_6: ReservedBits<2> = "预留位" / "reserved",
        cem_bsd_timeout: Bits<2, TimeoutState> = "接收BMS充电统计报文超时" / "CEM: BSD timed out",
        cem_other: BitsNumber<6> = "充电机其他" / "CEM other",
    }

    /// When the BMS breaks off, from BST.
    BmsAbort 0x1D up, 28 bytes, "充电阶段BMS中止" / "BMS broke off",
    about "BMS 中止充电时上送，取自 BST。" {
        transaction_number: TransactionNumber = "交易流水号" / "transaction number",
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        reason_target_soc: Bits<2, AbortFlag> = "所需求的SOC目标值" / "reason target soc",
        reason_total_voltage: Bits<2, AbortFlag> = "达到总电压的设定值" / "reason total voltage",
        reason_cell_voltage: Bits<2, AbortFlag> = "达到单体电压设定值" / "reason cell voltage",
        reason_charger_stopped: Bits<2, AbortFlag> = "充电机主动中止" / "reason charger stopped",
        fault_insulation: Bits<2, AbortFlag> = "绝缘故障" / "fault insulation",
        fault_output_connector_overtemp: Bits<2, AbortFlag> = "输出连接器过温故障" / "fault output connector overtemp",
        fault_bms_overtemp: Bits<2, AbortFlag> = "BMS元件、输出连接器过温" / "fault BMS overtemp",
        fault_charge_connector: Bits<2, AbortFlag> = "充电连接器故障" / "fault charge connector",
        fault_battery_overtemp: Bits<2, AbortFlag> = "电池组温度过高故障" / "fault battery overtemp",
        fault_hv_relay: Bits<2, AbortFlag> = "高压继电器故障" / "fault HV relay",
        fault_point2_voltage: Bits<2, AbortFlag> = "检测点2电压检测故障" / "fault point2 voltage",
        fault_other: Bits<2, AbortFlag> = "其他故障" / "fault other",
        error_overcurrent: Bits<2, AbortFlag> = "电流过大" / "error overcurrent",
        error_voltage: Bits<2, AbortFlag> = "电压异常" / "error voltage",
        reserved_1: ReservedBits<4> = "预留位" / "reserved",
    }

    /// When the charger breaks off, from CST.
    ChargerAbort 0x21 up, 28 bytes, "充电阶段充电机中止" / "charger broke off",
    about "充电机中止充电时上送，取自 CST。" {
        transaction_number: TransactionNumber = "交易流水号" / "transaction number",
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        reason_set_condition: Bits<2, AbortFlag> = "达到充电机设定的条件中止" / "reason set condition",
        reason_manual: Bits<2, AbortFlag> = "人工中止" / "reason manual",
        reason_abnormal: Bits<2, AbortFlag> = "异常中止" / "reason abnormal",
        reason_bms_stopped: Bits<2, AbortFlag> = "BMS主动中止" / "reason BMS stopped",
        fault_charger_overtemp: Bits<2, AbortFlag> = "充电机过温故障" / "fault charger overtemp",
        fault_charge_connector: Bits<2, AbortFlag> = "充电连接器故障" / "fault charge connector",
        fault_internal_overtemp: Bits<2, AbortFlag> = "充电机内部过温故障" / "fault internal overtemp",
        fault_energy_not_transferable: Bits<2, AbortFlag> = "所需电量不能传送" / "fault energy not transferable",
        fault_emergency_stop: Bits<2, AbortFlag> = "充电机急停故障" / "fault emergency stop",
        fault_other: Bits<2, AbortFlag> = "其他故障" / "fault other",
        reserved_1: ReservedBits<4> = "预留位" / "reserved",
        error_current_mismatch: Bits<2, AbortFlag> = "电流不匹配" / "error current mismatch",
        error_voltage: Bits<2, AbortFlag> = "电压异常" / "error voltage",
        reserved_2: ReservedBits<4> = "预留位" / "reserved",
    }

    /// Every 15 s while charging, from BCL, BCS and CCS.
    BmsDemandChargerOutput 0x23 up, 44 bytes, "充电过程BMS需求与充电机输出" / "BMS demand and charger output",
    about "充电中每 15 秒一次，取自 BCL、BCS 和 CCS。" {
        transaction_number: TransactionNumber = "交易流水号" / "transaction number",
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        demand_voltage: Volts<1> = "BMS电压需求" / "demand voltage",
        demand_current: Amps<1, -400> = "BMS电流需求" / "demand current",
        charge_mode: ChargeMode = "BMS充电模式" / "charge mode",
        measured_voltage: Volts<1> = "BMS充电电压测量值" / "measured voltage",
        measured_current: Amps<1, -400> = "BMS充电电流测量值" / "measured current",
        cell_max_voltage: BitsNumber<12, 2> = "BMS最高单体动力蓄电池电压" / "highest cell voltage",
        cell_max_voltage_group: BitsNumber<4> = "BMS最高单体动力蓄电池电压组号" / "group of the highest cell voltage",
        soc: Percent = "BMS当前荷电状态SOC" / "SOC",
        remaining_minutes: Minutes = "BMS估算剩余充电时间" / "remaining time",
        output_voltage: Volts<1> = "电桩电压输出值" / "output voltage",
        output_current: Amps<1, -400> = "电桩电流输出值" / "output current",
        charging_minutes: Minutes = "累计充电时间" / "charging time",
    }

    /// Every 15 s while charging, from BSM.
    BmsStatus 0x25 up, 31 bytes, "充电过程BMS信息" / "BMS state",
    about "充电中每 15 秒一次，取自 BSM。" {
        transaction_number: TransactionNumber = "交易流水号" / "transaction number",
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        cell_max_voltage_index: Ordinal<1> = "BMS最高单体动力蓄电池电压所在编号" / "cell max voltage index",
        battery_max_temperature: Celsius<-50> = "BMS最高动力蓄电池温度" / "battery max temperature",
        max_temperature_point: Ordinal<1> = "最高温度检测点编号" / "max temperature point",
        battery_min_temperature: Celsius<-50> = "最低动力蓄电池温度" / "battery min temperature",
        min_temperature_point: Ordinal<1> = "最低动力蓄电池温度检测点编号" / "min temperature point",
        cell_voltage_state: Bits<2, LevelState> = "BMS单体动力蓄电池电压过高/过低" / "cell voltage state",
        soc_state: Bits<2, LevelState> = "BMS整车动力蓄电池荷电状态SOC过高/过低" / "soc state",
        overcurrent_state: Bits<2, LimitState> = "BMS动力蓄电池充电过电流" / "overcurrent state",
        overtemperature_state: Bits<2, LimitState> = "BMS动力蓄电池温度过高" / "overtemperature state",
        insulation_state: Bits<2, LimitState> = "BMS动力蓄电池绝缘状态" / "insulation state",
        output_connector_state: Bits<2, LimitState> = "BMS动力蓄电池组输出连接器连接状态" / "output connector state",
        charging_allowed: Bits<2, ChargingAllowed> = "充电禁止" / "charging allowed",
        reserved_1: ReservedBits<2> = "预留位" / "reserved",
    }
}
