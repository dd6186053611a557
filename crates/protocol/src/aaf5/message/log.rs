//! Logs of a pile, fetched over FTP or sent block by block (V5.2B §3.10, §3.11). In the second way a pile speaks first, and
//! the odd numbers are its own. Where the document's lists have lost their numbers, 0 is taken for success.

use crate::aaf5::code::{LogKind, LogUploadResult, Outcome32, UpdateMode};
use crate::aaf5::field::PileCode;
use crate::declare::messages;
use crate::wire::{BytesToEnd, Reserved, Text};

messages! {
    /// Lets a pile upload its logs.
    LogUploadRequest 1406 down, 102 bytes, "服务器下发获取充电桩日志信息命令" / "log upload",
    about "让桩上传日志。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        log_kind: LogKind = "获取日志类型" / "kind of log",
        host: Text<32> = "FTP服务器IP地址" / "FTP server",
        user: Text<16> = "FTP 用户名" / "FTP user",
        password: Text<16> = "FTP 密码" / "FTP password",
        path: Text<32> = "FTP 存放日志路径" / "path for the log",
        mode: UpdateMode = "执行方式" / "when",
    }

    /// Answers 1406.
    LogUploadResponse 1407 up reply_to 1406, 5 bytes, "充电桩应答服务器下发获取充电桩日志命令" / "log upload answer",
    about "对 1406 的应答。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        result: LogUploadResult = "结果" / "result",
    }

    /// When a pile wants to send a file of logs over the connection itself.
    LogFileRequest 1501 up, 164 bytes, "申请上传文件" / "log file",
    about "桩申请经本连接上传日志文件。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        pile_code: PileCode = "充电桩编码" / "pile code",
        file_name: Text<128> = "申请上传文件名" / "file name",
    }

    /// Answers 1501.
    LogFileResponse 1502 down reply_to 1501, 8 bytes, "服务器允许上传" / "log file answer",
    about "对 1501 的应答，0 为允许。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        result: Outcome32 = "应答码" / "result",
    }

    /// One block of the file, numbered from 1; repeated every 500 ms until answered, 30 times.
    LogDataReport 1503 up, 12 bytes, "上传日志数据" / "log block",
    about "一块日志数据，编号从 1 起，收到应答前每 500 毫秒重发，最多 30 次。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        byte_count: u32 = "本次数据长度" / "bytes of the data",
        number: u32 = "本次报文编号" / "number of the block",
        data: BytesToEnd = "日志数据" / "data",
    }

    /// Answers 1503.
    LogDataConfirm 1504 down reply_to 1503, 12 bytes, "服务器应答上传日志" / "log block answer",
    about "对 1503 的应答，非 0 则中断上传。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        result: Outcome32 = "标识" / "result",
        number: u32 = "已成功接收到的报文编号" / "number of the block received",
    }

    /// When a file is complete.
    LogFileEnd 1505 up, 4 bytes, "当前文件日志数据上传完成" / "log file complete",
    about "当前日志文件已上传完。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
    }

    /// Answers 1505.
    LogFileEndConfirm 1506 down reply_to 1505, 4 bytes, "当前文件接收完成" / "log file complete answer",
    about "对 1505 的应答。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
    }
}
