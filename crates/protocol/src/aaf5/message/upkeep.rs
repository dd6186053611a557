//! What a pile asks for by itself, its software versions and its power modules (V5.2B §3.1.9 to §3.1.12, §3.2.11, §3.2.12):
//! reserved or optional in the document.

use crate::aaf5::code::{ModuleAsk, ModuleKind, ModuleState, PileAsk, ReportCause, SoftwareUnit, WishResult};
use crate::aaf5::field::{ConnectorNumber, PileCode};
use crate::declare::{fields, messages};
use crate::wire::{Amps, Bytes, BytesToEnd, Decimal16, Reserved, Volts};

fields! {
    /// Argument of what a pile asks for.
    PileArgument {
        value: u32 = "参数" / "argument",
    }
    /// One power module. Units are the document's general ones; the meaning of its alarm bits is in no public place.
    Module {
        ac_version: Decimal16<2> = "AC版本" / "AC version",
        dc_version: Decimal16<2> = "DC版本" / "DC version",
        state: ModuleState = "状态" / "state",
        voltage: Volts<1> = "输出电压" / "output voltage",
        current: Amps<1> = "输出电流" / "output current",
        alarms: Bytes<4> = "告警" / "alarms",
    }
}

messages! {
    /// Answers 10.
    PileCommandResponse 9 down reply_to 10, 17 bytes, "后台服务器应答桩上传命令请求" / "answer to what a pile asks for",
    about "对 10 的应答(预留)。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        connector_number: ConnectorNumber = "充电枪号" / "connector number",
        result: WishResult = "执行结果" / "result",
        first_index: PileAsk = "命令地址" / "what was asked for",
        byte_count: u32 = "数据长度" / "bytes of the data",
        data: BytesToEnd = "数据" / "data",
    }

    /// When a pile wants something of the platform, such as a QR code to pay in advance.
    PileCommandRequest 10 up, 41 bytes, "充电桩上传命令请求" / "what a pile asks for",
    about "桩向平台请求数据，例如预付费二维码(预留)。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        pile_code: PileCode = "充电桩编码" / "pile code",
        connector_number: ConnectorNumber = "充电枪号" / "connector number",
        first_index: PileAsk = "请求启始地址" / "what is asked for",
        [repeat arguments: PileArgument, at most 10 = "参数" / "arguments"]
    }

    /// Asks for the software versions of a part.
    SoftwareVersionRequest 11 down, 38 bytes, "服务器查询充电桩软件版本" / "ask for software versions",
    about "查询某部件的软件版本(非必实现)。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        pile_code: PileCode = "充电桩编码" / "pile code",
        unit: SoftwareUnit = "查询设备类型" / "part",
    }

    /// Answers 11.
    SoftwareVersionResponse 12 up reply_to 11, 40 bytes, "充电桩应答软件版本" / "software versions",
    about "对 11 的应答。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        pile_code: PileCode = "充电桩编码" / "pile code",
        unit: SoftwareUnit = "返回设备类型" / "part",
        version1: Decimal16<2> = "1号软件版本" / "version 1",
        version2: Option<Decimal16<2>> = "2号软件版本" / "version 2",
        version3: Option<Decimal16<2>> = "3号软件版本" / "version 3",
    }

    /// Answers 112, or asks for it; a 112 that was asked for needs no answer.
    ModuleResponse 111 down reply_to 112, 5 bytes, "服务器应答充电桩上报模块信息" / "modules answer",
    about "对 112 的应答，也可主动查询；查询所得的 112 不再应答。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        ask: ModuleAsk = "报文类型" / "answer or question",
    }

    /// Power modules with their alarms.
    ModuleReport 112 up, 39 bytes, "充电桩模块信息上报" / "modules",
    about "充电模块信息及其告警(预留)。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        pile_code: PileCode = "充电桩编码" / "pile code",
        cause: ReportCause = "上报方式" / "cause",
        module_count: u8 = "模块数量" / "number of modules",
        module_type: ModuleKind = "模块类型" / "type of power modules",
        [repeat modules: Module by module_count, at most 255 = "模块" / "module"]
    }
}
