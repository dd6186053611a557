//! Codes of integer parameters (V5.2B §3.1.1).

use crate::wire::codes;

codes! {
    /// Who speaks first (24).
    CommunicationMode: u32 {
        1 Answering "应答模式" / "the pile answers when asked",
        2 Reporting "主动上报模式" / "the pile reports by itself",
    }
    /// Card reader (7).
    CardReader: u32 {
        1 Mt622 "MT622" / "MT622",
        2 IdReader "ID卡读卡器" / "ID reader",
    }
    /// Auxiliary supply of the BMS (39).
    AuxiliarySupply: u32 {
        1 Volts12 "12V" / "12 V",
        2 Volts24 "24V" / "24 V",
    }
    /// Power modules (43).
    ModuleType: u32 {
        0 Volts500 "500V" / "500 V",
        1 Volts750 "750V" / "750 V",
        2 Volts500ConstantPower "500V恒功率" / "500 V, constant power",
        3 Volts750ConstantPower "750V恒功率" / "750 V, constant power",
        4 Volts250 "250V" / "250 V",
        5 SecondGeneration "二代恒功率" / "second generation, constant power",
        6 Volts100 "100V" / "100 V",
    }
    /// How two connectors share (48).
    DualMode: u32 {
        1 Single "双枪单充" / "two connectors, one charges",
        2 Both "双枪双充" / "two connectors, both charge",
    }
    /// Screen (49).
    ScreenType: u32 {
        0 Standard "标准界面" / "standard",
        1 DualSingleScreen "双枪单屏" / "two connectors, one screen",
    }
    /// What the spare contacts do (50).
    SpareContacts: u32 {
        0 None "无" / "nothing",
        1 SingleScreen "多枪单屏" / "several connectors, one screen",
        2 GroupCharging "群充IO" / "group charging",
        3 SocLamp "SOC灯" / "lamp for SOC",
    }
    /// Lamps (53).
    LampType: u32 {
        0 PerConnector "每枪一个" / "one for each connector",
        1 PerSystem "整机一个" / "one for the pile",
    }
    /// Meter (54).
    MeterType: u32 {
        0 None "无电表" / "none",
        1 Address01 "DLT645-2007，地址01" / "DLT645-2007, address 01",
        2 WithTransformer "DLT645-2007，带互感器" / "DLT645-2007 with a current transformer",
        3 Broadcast "DLT645-2007，广播地址" / "DLT645-2007, broadcast address",
        4 WithCabinetMeter "DLT645-2007，地址01，总表地址02" / "DLT645-2007, address 01, cabinet meter 02",
    }
    /// Cards (55).
    CardType: u32 {
        0 OldM1 "老M1卡" / "old M1",
        1 UserKeyM1 "用户密钥M1卡" / "M1 with the user's key",
    }
    /// BMS (57).
    BmsType: u32 {
        0 Automatic "新旧国标自动识别" / "old or new GB, automatic",
        1 OldStandard "旧国标" / "old GB",
        2 Potevio "国标与普天自动识别" / "GB or Potevio, automatic",
        3 PotevioOnly "普天" / "Potevio",
    }
    /// Whether the platform checks cards (58).
    CardCheck: u32 {
        1 Platform "后台验证" / "by the platform",
        2 None "不验证" / "not at all",
    }
    /// What comes first (59).
    AuthOrder: u32 {
        1 AuthenticateFirst "先认证" / "authenticate, then charge",
        2 ChargeFirst "先充电" / "charge, then authenticate",
    }
    /// What to check or update (87).
    SelfCheck: u32 {
        0xAA01 Monitor "监控" / "monitor",
        0xAA02 ChargeController "CCU-H2" / "CCU-H2",
        0xAA03 DcDc "DCDC" / "DC/DC",
        0xAA04 AcDc "ACDC" / "AC/DC",
        0xAA05 InsulationBoard "绝缘板" / "insulation board",
        0xAA06 PowerBoard "功率板" / "power board",
    }
    /// State of the BMS's talk (66).
    StatusBms {
        0 Standby "待机" / "standby",
        1 Handshake "握手" / "handshake",
        2 Configuration "配置" / "configuration",
        3 Charging "充电" / "charging",
        4 End "结束" / "end",
    }
    /// State of the insulation test (66).
    StatusInsulation {
        0 NotStarted "未开始" / "not started",
        1 Testing "检测中" / "testing",
        2 Passed "通过" / "passed",
        3 Fault "故障" / "fault",
        4 PassedWithWarning "通过但有告警" / "passed with a warning",
    }
    /// State of the system (66).
    StatusSystem {
        0 Standby "待机" / "standby",
        1 Charging "充电" / "charging",
        2 Fault "故障" / "fault",
    }
}
