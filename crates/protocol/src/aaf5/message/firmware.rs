//! Firmware: over the connection itself, block by block, or from an FTP server (V5.2B §3.6, §3.10).
//!
//! Where the document's lists have lost their numbers (1008, 1021), 0 is taken for success, as everywhere else.

use crate::aaf5::code::{
    EraseAction, FirmwareTarget, Outcome, Outcome32, UpdateAnswer, UpdateMode, UpdateProgress, UpdateRequestAnswer,
};
use crate::declare::messages;
use crate::wire::{BytesToEnd, Decimal16, Decimal32, Percent, Reserved, Text, TextToEnd};

messages! {
    /// Erases the old program, or asks how far that is; at most once a second.
    FirmwareEraseRequest 1001 down, 4 bytes, "服务器下发擦除指令" / "erase firmware",
    about "擦除旧程序，或查询擦除进度，每秒不超过一次。" {
        action: EraseAction = "擦除/查询指令" / "action",
    }

    /// Answers 1001.
    FirmwareEraseResponse 1002 up reply_to 1001, 1 bytes, "充电桩回复服务器下发擦除指令" / "erase answer",
    about "对 1001 的应答；100% 即擦除完成。" {
        progress: Percent = "擦除完成百分比" / "progress",
    }

    /// Names the file, when erasing is done.
    FirmwareNameRequest 1003 down, 0 bytes, "服务器下发升级文件名指令" / "firmware name",
    about "擦除完成后下发升级文件名。" {
        file_name: TextToEnd = "文件名" / "file name",
    }

    /// Answers 1003.
    FirmwareNameResponse 1004 up reply_to 1003, 4 bytes, "充电桩应答服务器下发升级文件名指令" / "firmware name answer",
    about "对 1003 的应答，给出每块数据的最大长度。" {
        block_size: u32 = "允许服务发送的升级数据报文数据长度" / "most bytes of a block",
    }

    /// Says how long the file is.
    FirmwareSizeRequest 1005 down, 4 bytes, "服务器下发升级文件大小" / "firmware size",
    about "下发升级文件的长度。" {
        file_size: u32 = "文件长度" / "file size in bytes",
    }

    /// Answers 1005.
    FirmwareSizeResponse 1006 up reply_to 1005, 4 bytes, "充电桩应答服务器下发升级文件大小指令" / "firmware size answer",
    about "对 1005 的应答；大小异常时停止升级。" {
        result: Outcome32 = "响应标志" / "result",
    }

    /// One block of the file; its frame's sequence number goes up by one for each. Repeated every 100 ms until answered.
    FirmwareDataRequest 1007 down, 0 bytes, "服务器下发升级文件数据" / "firmware block",
    about "一块升级数据，帧序列号逐块加一，收到应答前每 100 毫秒重发。" {
        data: BytesToEnd = "升级文件数据" / "data",
    }

    /// Answers 1007, by the sequence number of its frame.
    FirmwareDataResponse 1008 up reply_to 1007, 8 bytes, "充电桩应答服务器下发升级文件数据指令" / "firmware block answer",
    about "按序列号应答 1007。" {
        block_sequence: u8 = "正确接收到SN" / "sequence number of the block",
        result: Outcome = "写入成功标志" / "result",
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<4> = "预留2" / "reserved 2",
    }

    /// Says that the file is complete.
    FirmwareEndRequest 1009 down, 4 bytes, "服务器下发升级文件数据结束指令" / "firmware end",
    about "升级数据已全部下发。" {
        reserved1: Reserved<4> = "预留" / "reserved",
    }

    /// Answers 1009.
    FirmwareEndResponse 1010 up reply_to 1009, 4 bytes, "充电桩应答服务器下发升级文件数据结束指令" / "firmware end answer",
    about "对 1009 的应答：已收到完整文件。" {
        reserved1: Reserved<4> = "预留" / "reserved",
    }

    /// Restarts the pile with the new program.
    RebootRequest 1011 down, 4 bytes, "服务器下发重启指令" / "reboot",
    about "重启并开始升级。" {
        reserved1: Reserved<4> = "预留" / "reserved",
    }

    /// Answers 1011.
    RebootResponse 1012 up reply_to 1011, 4 bytes, "充电桩应答服务器下发重启指令" / "reboot answer",
    about "对 1011 的应答。" {
        reserved1: Reserved<4> = "预留" / "reserved",
    }

    /// Answers 1022.
    FirmwareWishResponse 1021 down reply_to 1022, 36 bytes, "服务器回复充电桩主动请求升级命令" / "firmware wish answer",
    about "对 1022 的应答，非 0 为拒绝。" {
        result: UpdateRequestAnswer = "响应结果" / "result",
        explanation: Text<32> = "响应说明" / "explanation",
    }

    /// When a pile wants new firmware by itself, from the start or from where it was interrupted.
    FirmwareWish 1022 up, 61 bytes, "充电桩主动请求升级命令" / "firmware wish",
    about "桩主动请求升级，可从头或从断点继续。" {
        device: u32 = "设备代号" / "device",
        project: u32 = "项目代码" / "project",
        software_version: Decimal32<2> = "当前软件版本" / "software version",
        size_limit: u32 = "最大可接收文件大小" / "largest file in KiB",
        description: Text<32> = "设备描述" / "device description",
        resume_mark: u32 = "命令标志" / "0x6E657874: go on where it was interrupted",
        resume_offset: u32 = "断点续传文件启始偏移位置" / "where to go on in the file",
        resume_sequence: u8 = "断点续传SN" / "sequence number to go on with",
        block_size: u32 = "允许服务发送的升级数据报文数据长度" / "most bytes of a block",
    }

    /// Lets a pile fetch firmware from an FTP server, or from a server that speaks 1001 to 1012. The document gives the
    /// address as four bytes in its example and as text in its words; text is what is read.
    FirmwareUpdateRequest 1401 down, 135 bytes, "服务器下发FTP远程升级命令" / "firmware update over FTP",
    about "让桩从FTP服务器下载并升级；设备类型缺省为主控板。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        software_version: Decimal16<2> = "升级软件文件版本号" / "version of the file",
        host: Text<32> = "FTP服务器IP地址" / "FTP server",
        user: Text<16> = "FTP 用户名" / "FTP user",
        password: Text<16> = "FTP 密码" / "FTP password",
        path: Text<64> = "FTP 下载路径" / "path of the file",
        mode: UpdateMode = "执行方式" / "when",
        target: Option<FirmwareTarget> = "本次升级设备类型" / "what is updated",
    }

    /// Answers 1401.
    FirmwareUpdateResponse 1402 up reply_to 1401, 5 bytes, "充电桩应答服务器下发FTP远程升级命令" / "firmware update answer",
    about "对 1401 的应答。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        result: UpdateAnswer = "结果" / "result",
    }

    /// How far the download has come.
    FirmwareUpdateReport 1403 up, 5 bytes, "充电桩应答FTP升级包下载进度" / "firmware update progress",
    about "FTP下载进度。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        progress: UpdateProgress = "进度结果" / "progress",
    }
}
