//! Reboot, firmware update, logs, SIM card (V1.6 chapter 11 and beyond).

use crate::declare::messages;
use crate::wire::{Ascii, Bytes, CountedText, MinutesByte};
use crate::ykc::Dialect;
use crate::ykc::code::{ExecuteMode, Outcome, PileModel, UpdateResult};
use crate::ykc::field::{PileCode, SimDigits};

messages! {
    /// Answers 0x92.
    RebootResponse 0x91 up reply_to 0x92, 8 bytes, "远程重启应答" / "reboot answer",
    about "对 0x92 的应答。" {
        pile_code: PileCode = "桩编号" / "pile code",
        set_result: Outcome = "设置结果" / "set result",
    }

    /// Reboots a pile; the mode is one byte.
    RebootRequest 0x92 down, 8 bytes, "远程重启" / "reboot",
    about "重启桩；执行控制只占 1 字节。" {
        pile_code: PileCode = "桩编号" / "pile code",
        execute_mode: ExecuteMode = "执行控制" / "execute mode",
    }

    /// After an update was tried.
    FirmwareUpdateResponse 0x93 up reply_to 0x94, 8 bytes, "远程更新应答" / "firmware update answer",
    about "升级执行完后上送结果。" {
        pile_code: PileCode = "桩编号" / "pile code",
        update_result: UpdateResult = "升级状态" / "update result",
    }

    /// Tells a pile to fetch a firmware over FTP.
    FirmwareUpdateRequest 0x94 down, 94 bytes, "远程更新" / "firmware update",
    about "让桩通过 FTP 下载固件并升级。" {
        pile_code: PileCode = "桩编号" / "pile code",
        pile_model: PileModel = "桩型号" / "pile model",
        pile_power: u16 = "桩功率" / "pile power",
        ftp_host: Ascii<16> = "升级服务器地址" / "FTP host",
        ftp_port: u16 = "升级服务器端口" / "FTP port",
        ftp_user: Ascii<16> = "用户名" / "FTP user",
        ftp_password: Ascii<16> = "密码" / "FTP password",
        ftp_path: Ascii<32> = "文件路径" / "FTP path",
        execute_mode: ExecuteMode = "执行控制" / "execute mode",
        download_timeout: MinutesByte = "下载超时时间" / "download timeout",
        file_mark: Option<Bytes<32>> = "文件名或MD5" / "file name or MD5",
    }

    /// Sends a new key to the pile in the dialect gongniu.
    KeyUpdateRequest 0x95 down, 9 bytes,
    when "公牛方言" / "dialect gongniu"
        (|_length, dialect| matches!(dialect, Dialect::Gongniu)),
    "密钥更新" / "key update",
    about "公牛方言：向桩下发新密钥。" {
        pile_code: PileCode = "桩编号" / "pile code",
        key: CountedText = "密钥" / "key",
        execute_mode: Option<ExecuteMode> = "执行控制" / "execute mode",
    }

    /// Answers 0x95 in the dialect gongniu.
    KeyUpdateResponse 0x96 up reply_to 0x95, 8 bytes,
    when "公牛方言" / "dialect gongniu"
        (|_length, dialect| matches!(dialect, Dialect::Gongniu)),
    "密钥更新应答" / "key update answer",
    about "公牛方言：对 0x95 的应答。" {
        pile_code: PileCode = "桩编号" / "pile code",
        set_result: Outcome = "设置结果" / "set result",
    }

    /// Answers 0x96.
    LogUploadResponse 0x95 up reply_to 0x96, 8 bytes, "日志上传应答" / "log upload answer",
    about "对 0x96 的应答。" {
        pile_code: PileCode = "桩编号" / "pile code",
        set_result: Outcome = "设置结果" / "set result",
    }

    /// Tells a pile to upload its log over FTP (易联 1.8.1).
    LogUploadRequest 0x96 down, 92 bytes, "日志上传" / "log upload",
    about "让桩通过 FTP 上传日志（易联 1.8.1）。" {
        pile_code: PileCode = "桩编号" / "pile code",
        pile_model: PileModel = "桩型号" / "pile model",
        ftp_host: Ascii<16> = "日志服务器地址" / "FTP host",
        ftp_port: u16 = "日志服务器端口" / "FTP port",
        ftp_user: Ascii<16> = "用户名" / "FTP user",
        ftp_password: Ascii<16> = "密码" / "FTP password",
        ftp_path: Ascii<32> = "文件路径" / "FTP path",
        execute_mode: ExecuteMode = "执行控制" / "execute mode",
        upload_timeout: MinutesByte = "上传超时时间" / "upload timeout",
    }

    /// Number of the SIM card, to the end of the body; its layout is not public.
    SimNumberResponse 0x75 up reply_to 0x76, 7 bytes, "SIM卡号应答" / "SIM number answer",
    about "SIM 卡号，一直到消息体末尾；格式没有公开资料。" {
        pile_code: PileCode = "桩编号" / "pile code",
        iccid: SimDigits = "SIM卡号" / "SIM card number",
    }

    /// Asks for the number of the SIM card; its layout is not public, the pile code is sent.
    SimNumberRequest 0x76 down, 7 bytes, "读取SIM卡号" / "SIM number",
    about "读取 SIM 卡号；格式没有公开资料，这里下发桩编号。" {
        pile_code: PileCode = "桩编号" / "pile code",
    }
}
