//! Settings of a pile: integers and texts (V5.2B §3.1.1 to §3.1.4). Which there are, says `aaf5::parameter`.

use crate::aaf5::code::{Outcome, ParameterAction};
use crate::aaf5::field::PileCode;
use crate::declare::{fields, messages};
use crate::wire::{BytesToEnd, Reserved};

fields! {
    /// One integer parameter.
    IntegerValue {
        value: u32 = "参数值" / "value",
    }
}

messages! {
    /// Asks for integer parameters with following indexes or sets them; at most 10. Index 90 (a key) is sent as 8 values,
    /// index 91 as two.
    IntegerParameterRequest 1 down, 12 bytes, "后台服务器下发充电桩整形工作参数" / "integer parameters",
    about "查询或设置一段连续的整形参数，最多 10 个；90 号(密钥)按 8 个值下发，91 号为两个值。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        action: ParameterAction = "类型" / "action",
        first_index: u32 = "设置/查询参数起始地址" / "first index",
        count: u8 = "设置/查询个数" / "count",
        byte_count: u16 = "设置参数字节数" / "bytes of the values",
        [repeat values: IntegerValue by count, at most 10 = "设置数据" / "values"]
    }

    /// Answers 1; after a query that succeeded with the values.
    IntegerParameterResponse 2 up reply_to 1, 43 bytes, "充电桩参数整形设置/查询应答" / "integer parameters answer",
    about "对 1 的应答；查询成功时带参数值。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        pile_code: PileCode = "充电桩编码" / "pile code",
        action: ParameterAction = "类型" / "action",
        first_index: u32 = "设置/查询参数启始地址" / "first index",
        count: u8 = "设置/查询个数" / "count",
        result: Outcome = "设置/查询结果" / "result",
        [repeat values: IntegerValue by count, at most 10 = "查询参数信息" / "values"]
    }

    /// Asks for a text parameter or sets it, one in each message. Index 2 is the clock: set after a sign-in whose time is off
    /// by more than 5 s.
    TextParameterRequest 3 down, 11 bytes, "后台服务器下发充电桩字符型参数" / "text parameter",
    about "查询或设置一个字符型参数；2 号为时钟，签到后与平台相差超过 5 秒时校时。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        action: ParameterAction = "类型" / "action",
        index: u32 = "设置/查询参数启始地址" / "index",
        byte_count: u16 = "设置参数字节数" / "bytes of the value",
        value: BytesToEnd = "设置数据" / "value",
    }

    /// Answers 3; after a query that succeeded with the value.
    TextParameterResponse 4 up reply_to 3, 42 bytes, "充电桩参数字符形设置/查询应答" / "text parameter answer",
    about "对 3 的应答；查询成功时带参数内容。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        pile_code: PileCode = "充电桩编码" / "pile code",
        action: ParameterAction = "类型" / "action",
        index: u32 = "设置/查询参数启始地址" / "index",
        result: Outcome = "设置/查询结果" / "result",
        value: BytesToEnd = "查询参数信息" / "value",
    }
}
