//! White lists: cards and vehicles that may charge while the platform can't be reached (V5.2B §3.9).
//!
//! The document gives VINs 17 bytes in one place and 32 in another: a body says by its length which it has.

use crate::aaf5::code::{ListAction, ListKind, Outcome};
use crate::aaf5::field::{CardNumber, PileCode};
use crate::declare::{fields, messages};
use crate::wire::{Reserved, Vin};

use super::vin_order::NATURAL;

/// Bytes before the entries of a list.
const BEFORE_ENTRIES: usize = 46;
/// Bytes of an entry that is a VIN.
const VIN_BYTES: usize = 17;

fields! {
    /// One card, or one VIN of 32 bytes.
    ListEntry {
        card_number: CardNumber = "充电卡号" / "card number or VIN",
    }
    /// One VIN of 17 bytes.
    VinEntry {
        vin: Vin<NATURAL> = "车辆VIN" / "VIN",
    }
}

messages! {
    /// Adds VINs of 17 bytes to the white list.
    WhiteListVinRequest 1301 down, 42 bytes,
    when "名单每条 17 字节" / "entries of 17 bytes"
        (|length, _dialect| length > BEFORE_ENTRIES && (length - BEFORE_ENTRIES).is_multiple_of(VIN_BYTES)),
    "服务器下发白名单操作日志数据包(VIN)" / "white list of VINs",
    about "向白名单增加车辆 VIN，每条 17 字节。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        pile_code: PileCode = "充电桩编码" / "pile code",
        list_kind: ListKind = "白名单类型" / "kind of list",
        action: ListAction = "操作" / "action",
        version: u32 = "白名单版本号" / "version",
        entry_count: Option<u32> = "下发的白名单条数" / "number of entries",
        [repeat entries: VinEntry by entry_count, at most 10 = "名单" / "entries"]
    }

    /// Asks for the version of the white list, clears it, or adds up to 10 entries; the next only after a good answer, 100 at
    /// most in all. After a sign-in that tells another version than the platform's.
    WhiteListRequest 1301 down, 42 bytes, "服务器下发白名单操作日志数据包" / "white list",
    about "查询白名单版本、清空，或每次最多增加 10 条，应答成功后再发下一批，总数不超过 100；签到的版本与平台不同时进行。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        pile_code: PileCode = "充电桩编码" / "pile code",
        list_kind: ListKind = "白名单类型" / "kind of list",
        action: ListAction = "操作" / "action",
        version: u32 = "白名单版本号" / "version",
        entry_count: Option<u32> = "下发的白名单条数" / "number of entries",
        [repeat entries: ListEntry by entry_count, at most 10 = "名单" / "entries"]
    }

    /// Answers 1301.
    WhiteListResponse 1302 up reply_to 1301, 43 bytes, "充电桩应答白名单操作日志数据包" / "white list answer",
    about "对 1301 的应答。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        pile_code: PileCode = "充电桩编码" / "pile code",
        list_kind: ListKind = "白名单类型" / "kind of list",
        action: ListAction = "操作" / "action",
        version: u32 = "名单版本" / "version",
        result: Outcome = "操作结果" / "result",
    }
}
