//! The integer parameters. 38 does not exist. Where the document states no unit, its general scales are taken: 0.1 V, 0.1 A,
//! 0.01 V for a cell. What it marks as internal belongs to the maker.

use super::{Parameter, ParameterKind};
use crate::aaf5::code::{
    AuthOrder, AuxiliarySupply, BmsType, CardCheck, CardReader, CardType, CommunicationMode, DualMode, LampType,
    MeterType, ModuleType, ScreenType, SelfCheck, SpareContacts,
};
use crate::wire::{Code, CodeTable};

/// Any word.
const ALL: (i64, i64) = (0, u32::MAX as i64);
const NUMBER: ParameterKind = num(0, "");
const FLAG: ParameterKind = ParameterKind::Flag;
const HOUR: ParameterKind = range(0, 24);
const MINUTE: ParameterKind = range(0, 59);
/// Degrees with 50 added in the word, which fits a byte.
const CELSIUS: ParameterKind = ParameterKind::Number { decimals: 0, offset: -50, unit: "°C", words: (0, 255) };
/// Tenths of degrees, below zero too.
const SIGNED_CELSIUS: ParameterKind =
    ParameterKind::Number { decimals: 1, offset: 0, unit: "°C", words: (i32::MIN as i64, i32::MAX as i64) };

const fn num(decimals: u8, unit: &'static str) -> ParameterKind {
    ParameterKind::Number { decimals, offset: 0, unit, words: ALL }
}

const fn range(low: i64, high: i64) -> ParameterKind {
    ParameterKind::Number { decimals: 0, offset: 0, unit: "", words: (low, high) }
}

const fn code(table: &'static CodeTable) -> ParameterKind {
    ParameterKind::Code(table)
}

/// The integer parameters by index.
pub const INTEGERS: &[Parameter] = &[
    Parameter::new(1, "sign_in_period", "签到时间间隔", "sign-in period", num(0, "min")).default_is(30),
    Parameter::new(2, "project_type", "充电桩项目类型", "project type", NUMBER).factory(),
    Parameter::new(3, "connector_count", "充电枪个数", "number of connectors", range(1, 255)).factory(),
    Parameter::new(4, "channel_number", "通道号", "channel number", NUMBER).factory(),
    Parameter::new(5, "max_voltage", "最高充电电压", "highest charging voltage", num(1, "V")),
    Parameter::new(6, "max_current", "最大充电电流", "highest charging current", num(1, "A")),
    Parameter::new(7, "card_reader_type", "读卡器类型", "card reader", code(CardReader::TABLE)).factory(),
    Parameter::new(8, "card_reader_baud_rate", "读卡器波特率", "baud rate of the card reader", NUMBER).factory(),
    Parameter::new(9, "card_protocol", "充电卡片协议编号", "number of the card protocol", NUMBER),
    Parameter::new(10, "platform_verification", "后台验证", "verification by the platform", FLAG),
    Parameter::new(11, "plate_verification", "车牌验证", "verification of the licence plate", FLAG),
    Parameter::new(12, "card_vin_binding", "车卡VIN 绑定", "card bound to a VIN", FLAG),
    Parameter::new(13, "bms_cell_voltage_limit", "BMS单体保护电压", "BMS: cell voltage for protection", num(2, "V")),
    Parameter::new(14, "bms_temperature_limit", "BMS充电保护温度", "BMS: temperature for protection", num(0, "°C")),
    Parameter::new(15, "debug_address_1", "调试地址1", "debug address 1, 0 = unchanged", NUMBER),
    Parameter::new(16, "debug_address_2", "调试地址2", "debug address 2", NUMBER),
    Parameter::new(17, "debug_address_3", "调试地址3", "debug address 3", NUMBER),
    Parameter::new(18, "debug_address_4", "调试地址4", "debug address 4", NUMBER),
    Parameter::new(19, "debug_address_5", "调试地址5", "debug address 5", NUMBER),
    Parameter::new(20, "timed_report_period", "定时上报间隔", "timed report period", num(0, "s")).default_is(15),
    Parameter::new(21, "heartbeat_period", "心跳上报周期", "heartbeat period, 0 = unchanged", num(0, "s"))
        .default_is(3),
    Parameter::new(
        22,
        "heartbeat_misses",
        "心跳包检测超时次数",
        "heartbeats that may be missed, 0 = unchanged",
        NUMBER,
    )
    .default_is(3),
    Parameter::new(23, "status_period", "充电桩状态信息报上周期", "status period, 0 = unchanged", num(0, "s"))
        .default_is(3),
    Parameter::new(24, "communication_mode", "通信模式", "communication mode", code(CommunicationMode::TABLE)),
    Parameter::new(
        25,
        "server_address",
        "中心服务器地址",
        "address of the server; set with its port",
        ParameterKind::Ipv4,
    ),
    Parameter::new(26, "server_port", "中心服务器端口", "port of the server; set with its address", range(0, 65_535)),
    Parameter::new(27, "service_price", "服务费价格", "service price", num(2, "CNY/kWh")),
    Parameter::new(28, "electricity_price", "全时段电费费率", "electricity price all day", num(2, "CNY/kWh")),
    Parameter::new(29, "light_on_hour", "广告灯开启起始小时", "advertising light on, hour", HOUR),
    Parameter::new(30, "light_on_minute", "广告灯开启起始分钟", "advertising light on, minute", MINUTE),
    Parameter::new(31, "light_off_hour", "广告灯关闭起始小时", "advertising light off, hour", HOUR),
    Parameter::new(32, "light_off_minute", "广告灯关闭起始分钟", "advertising light off, minute", MINUTE),
    Parameter::new(33, "debug_control_address", "调试控制地址", "debug control address", NUMBER).factory(),
    Parameter::new(34, "debug_control_data", "调试控制数据", "debug control data", NUMBER).factory(),
    Parameter::new(35, "over_voltage", "过压值", "over-voltage", num(1, "V")),
    Parameter::new(36, "under_voltage", "欠压值", "under-voltage", num(1, "V")),
    Parameter::new(37, "over_current", "过流值", "over-current", num(1, "A")),
    Parameter::new(39, "auxiliary_supply", "辅源类型", "auxiliary supply", code(AuxiliarySupply::TABLE)),
    Parameter::new(40, "connector_type", "充电枪类型", "connector type", NUMBER),
    Parameter::new(41, "control_board_version", "控制板软件版本", "software version of the control board", NUMBER)
        .read_only(),
    Parameter::new(42, "sampling_board_version", "采集板软件版本", "software version of the sampling board", NUMBER)
        .read_only(),
    Parameter::new(43, "module_type", "模块类型", "type of power modules", code(ModuleType::TABLE)).factory(),
    Parameter::new(44, "group_number", "组号", "group number", range(0, 9)).factory(),
    Parameter::new(45, "module_address", "地址", "address in the group", range(1, 10)).factory(),
    Parameter::new(46, "max_group_number", "最大组号", "highest group number", range(0, 9)).factory(),
    Parameter::new(47, "max_module_address", "最大地址", "highest address in a group", range(1, 10)).factory(),
    Parameter::new(48, "dual_mode", "双充模式", "how two connectors share", code(DualMode::TABLE)).factory(),
    Parameter::new(49, "screen_type", "界面类型", "screen", code(ScreenType::TABLE)).factory(),
    Parameter::new(50, "spare_contacts", "预留IO类型", "spare contacts", code(SpareContacts::TABLE)).factory(),
    Parameter::new(51, "ambient_low_temperature", "环境低温值", "lowest ambient temperature", SIGNED_CELSIUS).factory(),
    Parameter::new(52, "group_module_count", "群充模块数量", "modules of group charging", NUMBER).factory(),
    Parameter::new(53, "lamp_type", "指示灯类型", "lamps", code(LampType::TABLE)).factory(),
    Parameter::new(54, "meter_type", "电表类型", "meter", code(MeterType::TABLE)).factory(),
    Parameter::new(55, "card_type", "充电卡类型", "cards", code(CardType::TABLE)).factory(),
    Parameter::new(56, "can3_address", "CAN3外部通信地址", "address on CAN3", range(1, 100)).factory(),
    Parameter::new(57, "bms_type", "BMS类型", "BMS", code(BmsType::TABLE)).factory(),
    Parameter::new(58, "card_check", "充电卡后台验证", "who checks cards", code(CardCheck::TABLE)).factory(),
    Parameter::new(59, "auth_order", "认证方式", "authenticate or charge first", code(AuthOrder::TABLE)).factory(),
    Parameter::new(60, "voltage_limit", "充电限电压", "voltage limit", num(1, "V")).factory(),
    Parameter::new(61, "current_limit", "充电限电流", "current limit", num(1, "A")).factory(),
    Parameter::new(62, "fast_start_hour", "快充段-起始小时", "fast charge window: start hour", HOUR).factory(),
    Parameter::new(63, "fast_start_minute", "快充段-起始分钟", "fast charge window: start minute", MINUTE).factory(),
    Parameter::new(64, "fast_end_hour", "快充段-结束小时", "fast charge window: end hour", HOUR).factory(),
    Parameter::new(65, "fast_end_minute", "快充段-结束分钟", "fast charge window: end minute", MINUTE).factory(),
    Parameter::new(66, "status", "状态A和状态 B", "status A and B", ParameterKind::Status).read_only(),
    Parameter::new(67, "module_voltage", "模块电压", "voltage of the modules", num(1, "V")),
    Parameter::new(68, "insulation_positive_voltage", "绝缘正电压", "insulation: positive voltage", num(1, "V")),
    Parameter::new(69, "insulation_negative_voltage", "绝缘负电压", "insulation: negative voltage", num(1, "V")),
    Parameter::new(70, "insulation_resistance", "绝缘阻抗", "insulation: resistance", NUMBER),
    Parameter::new(
        71,
        "gun_positive_temperature_limit",
        "枪正端温度保护",
        "temperature for protection, positive pole",
        CELSIUS,
    ),
    Parameter::new(
        72,
        "gun_negative_temperature_limit",
        "枪负端温度保护",
        "temperature for protection, negative pole",
        CELSIUS,
    ),
    Parameter::new(73, "module_count", "模块数量", "number of modules", range(0, 255)),
    Parameter::new(74, "meter_energy", "电表电能", "energy on the meter", num(2, "kWh")),
    Parameter::new(
        75,
        "discount_support",
        "后台支持计费优惠功能",
        "platform computes discounts (201 has amounts)",
        FLAG,
    ),
    Parameter::new(76, "ambient_temperature_limit", "环境过温保护", "ambient temperature for protection", CELSIUS),
    Parameter::new(77, "delayed_start_hour", "延迟充电段-起始小时", "delayed charging: start hour", HOUR).factory(),
    Parameter::new(78, "delayed_start_minute", "延迟充电段-起始分钟", "delayed charging: start minute", MINUTE)
        .factory(),
    Parameter::new(79, "delayed_end_hour", "延迟充电段-结束小时", "delayed charging: end hour", HOUR).factory(),
    Parameter::new(80, "delayed_end_minute", "延迟充电段-结束分钟", "delayed charging: end minute", MINUTE).factory(),
    Parameter::new(81, "white_list_version", "白名单版本号", "version of the white list", NUMBER).read_only(),
    Parameter::new(82, "report_status_now", "遥测104报文", "send 104 once", FLAG),
    Parameter::new(83, "unlock_now", "强制解锁一次", "force one unlock (after a charge whose unlock failed)", FLAG),
    Parameter::new(84, "reset_control_board", "控制板复位", "reset the control board (not while charging)", FLAG),
    Parameter::new(85, "emergency_stop", "急停", "emergency stop by software; stops a charge", FLAG),
    Parameter::new(86, "lock_connector", "本地锁枪动作", "lock the connector (not while charging)", FLAG),
    Parameter::new(87, "self_check", "软件更新自检", "check and update a part", code(SelfCheck::TABLE)),
    Parameter::new(88, "offline_power_limit", "离线时默认限功率", "power limit while offline, 0 = none", num(1, "kW")),
    Parameter::new(89, "max_soc", "最高允许SOC", "highest SOC, above 100 = no limit", num(0, "%")),
    Parameter::new(90, "aes_key", "AES密钥", "AES key", ParameterKind::Key).secret(),
    Parameter::new(91, "balance_update", "更新余额", "balance of a charge going on", ParameterKind::Balance),
];
