//! Codes of starting, steering and stopping a charge.

use crate::wire::codes;

codes! {
    /// When a charge is to begin (7).
    StartMode: u32 {
        0 Immediate "即时充电" / "at once",
        1 Scheduled "定时启动充电" / "at a set time",
        2 Reservation "预约充电" / "reservation: the connector waits for its user",
    }
    /// Until when to charge.
    ChargeStrategy {
        0 UntilFull "充满为止" / "until full",
        1 ByTime "按时间" / "by time",
        2 ByAmount "按金额" / "by amount",
        3 ByEnergy "按电量" / "by energy",
    }
    /// The same in the four bytes of 7.
    StartStrategy: u32 {
        0 UntilFull "充满为止" / "until full",
        1 ByTime "按时间" / "by time",
        2 ByAmount "按金额" / "by amount",
        3 ByEnergy "按电量" / "by energy",
    }
    /// Whether a charge may go on while the platform can't be reached (7).
    OfflineCharging {
        0 Forbidden "不允许" / "forbidden",
        1 Allowed "允许" / "allowed",
    }
    /// Auxiliary supply of the vehicle's BMS (7); abolished in V5.2B.
    AuxiliaryVoltage {
        0 Volts12 "12V" / "12 V",
        1 Volts24 "24V" / "24 V",
    }
    /// Which way energy flows (V4.8_A03 and later); only 0xF1 is documented, anything else is a charge.
    FlowDirection {
        0x00 Charge "充电" / "charge",
        0xF1 Discharge "放电" / "discharge",
    }
    /// How a charge was started (104, 202, 222).
    StartSource {
        0 Card "本地刷卡启动" / "card at the pile",
        1 Platform "后台启动" / "platform",
        2 Administrator "本地管理员启动" / "administrator at the pile",
        3 RemoteVin "远程VIN启动" / "VIN, checked by the platform",
        4 RemotePassword "远程账号密码启动" / "account and password, checked by the platform",
        5 LocalVin "本地VIN启动" / "VIN, known to the pile",
        6 Screen "本地屏幕流程启动" / "screen of the pile",
    }
    /// Whether connectors charge one vehicle together.
    ParallelMode {
        0 Unset "单枪充电(未设置)" / "single connector (not set)",
        1 Single "单枪充电" / "single connector",
        2 OneCabinet "同一柜内双枪并充" / "two connectors of one cabinet",
        3 TwoCabinets "两柜间并充" / "two cabinets",
    }
    /// What command 5 is about (table 3.1); 1, 3, 5 and 6 are reserved.
    ControlIndex: u32 {
        2 StopCharging "停止充电" / "stop charging (0x55)",
        4 ControlMode "充电控制方式" / "0 by BMS, 1 without BMS (test)",
        7 ResistorVoltage "电阻模式输出电压" / "output voltage in resistor mode (test)",
        8 ResistorCurrent "电阻模式输出电流" / "output current in resistor mode (test)",
        9 ChargeMode "充电模式" / "0 constant current, 1 constant voltage",
        10 CancelReservation "取消预约充电" / "cancel a reservation (0x55)",
        11 Reboot "设备重启" / "reboot (0x55)",
        12 EnterUpdateMode "进入升级模式" / "enter update mode (0x55)",
        13 EnterNormalMode "进入正常应用模式" / "enter normal mode (0x55)",
        14 SignInNow "立即上报一次106" / "send 106 now",
        15 StatusNow "立即上报一次104" / "send 104 now",
        16 ScanPaid "扫描支付成功" / "paid by scanning (0x55)",
        17 MaximumPower "最大充电功率" / "highest power, 0 = no limit",
        18 LoadType "负载类型" / "0 battery, 1 resistor",
        19 InsulationTest "绝缘检测" / "1 = test insulation once",
        20 ModuleType "模块类型" / "type of power modules",
        21 LocalBilling "本地计费" / "billing at the pile: 0 off, 1 on",
        22 PasswordFlow "刷卡密码输入流程" / "0 no password, 1 password then card, 2 card then password",
        23 SuspendService "充电暂停服务" / "0x55 suspend service, else resume",
        24 VoltageCalibration "输出电压校准" / "calibrate output voltage",
        25 OfflinePowerLimit "离线时默认限功率" / "power limit when offline in 0.1 kW, 0 = none",
        26 CurrentLimit "充电机限电流" / "current limit of this charge, 0 = none",
    }
}
