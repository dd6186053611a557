//! Codes of what piles ask for, of software and of power modules.

use crate::wire::codes;

codes! {
    /// What a pile asks for (10).
    PileAsk: u32 {
        1 PrepaidQrCode "请求生成预付费支付二维码" / "QR code to pay in advance, amount in fen",
    }
    /// What came of it (9).
    WishResult: u32 {
        0 Done "收到合法命令，并执行" / "done",
        1 Illegal "非法命令或参数" / "illegal command or argument",
    }
    /// Part of a pile with software of its own (11, 12).
    SoftwareUnit: u16 {
        1 Monitor "监控主单元" / "monitor (TCU, S7)",
        2 ChargeController "充电控制器CCU" / "charge controller (CCU)",
        3 AcModule "模块AC" / "module, AC",
        4 DcModule "模块DC" / "module, DC",
    }
    /// Whether 111 answers or asks.
    ModuleAsk {
        0 Answer "应答" / "answer",
        1 Query "查询" / "query",
    }
    /// Why modules are reported (112).
    ReportCause {
        0 ByItself "主动上报" / "by itself",
        1 Asked "被动查询" / "asked",
    }
    /// Power modules (112).
    ModuleKind {
        0 Volts500 "500V" / "500 V",
        1 Volts750 "750V" / "750 V",
        2 Volts500ConstantPower "500V恒功率" / "500 V, constant power",
        3 Volts750ConstantPower "750V恒功率" / "750 V, constant power",
        4 Volts250 "250V" / "250 V",
        5 SecondGeneration "二代恒功率" / "second generation, constant power",
        6 Volts100 "100V" / "100 V",
    }
    /// Whether a module is there.
    ModuleState {
        0 Offline "离线" / "offline",
        1 Online "在线" / "online",
    }
}
