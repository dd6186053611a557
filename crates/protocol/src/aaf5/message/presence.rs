//! A pile signs in and shows that it is there (V5.2B §3.2.1, §3.2.2, §3.2.5, §3.2.6).

use crate::aaf5::code::{
    DeviceType, EncryptionFlag, EncryptionSupport, FineEnergy, LoginCheck, ReportMode, RunMode, Service,
};
use crate::aaf5::field::PileCode;
use crate::declare::messages;
use crate::wire::{BcdTime, Bytes, Connectors, Decimal16, Decimal32, Minutes, Reserved, SecondsByte, Text};

messages! {
    /// Answers 102. The counter goes up by one and wraps to 1; piles do not look at it.
    HeartbeatResponse 101 down reply_to 102, 6 bytes, "服务器应答心跳包信息" / "heartbeat answer",
    about "对 102 的应答；应答数逐次加一，桩不检查。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        counter: u16 = "心跳应答" / "counter",
    }

    /// Every heartbeat period (integer parameter 21), unless 104 is sent often enough.
    HeartbeatRequest 102 up, 54 bytes, "充电桩上传心跳包信息" / "heartbeat",
    about "按心跳周期(整形参数 21)上送，104 足够频繁时可省。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        pile_code: PileCode = "充电桩编码" / "pile code",
        counter: u16 = "心跳序号" / "counter",
        plugged: Option<Connectors<16>> = "各枪状态" / "connectors that are plugged in",
    }

    /// Answers 106. Piles of older versions get, and send, shorter ones. The key is used only where encryption was agreed on.
    SignInResponse 105 down reply_to 106, 184 bytes, "服务器应答充电桩签到命令" / "sign-in answer",
    about "对 106 的应答；旧版较短。约定加密后才使用密钥。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        random: Option<u32> = "106报文随机数应答" / "random number of 106",
        login_check: Option<LoginCheck> = "登入验证" / "login check",
        encryption: Option<EncryptionFlag> = "加密标志" / "encryption",
        rsa_modulus: Option<Bytes<128>> = "RSA公共模数" / "RSA modulus",
        rsa_exponent: Option<u32> = "RSA公密" / "RSA public exponent",
        service: Option<Service> = "启停用标志" / "service",
        platform_time: Option<BcdTime> = "平台标准BCD时间" / "platform time",
        fine_energy: Option<FineEnergy> = "平台是否支持三位小数" / "records of 0.001 kWh",
        aes_key: Option<Bytes<32>> = "AES秘钥" / "AES key",
    }

    /// The first frame after a pile has connected, never encrypted; again every sign-in period (integer parameter 1) and when
    /// asked by control command 14.
    SignInRequest 106 up, 90 bytes, "充电桩签到信息上报" / "sign-in",
    about "连接后的第一帧，不加密；之后按签到间隔(整形参数 1)重复，或由控制命令 14 要求。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        pile_code: PileCode = "充电桩编码" / "pile code",
        encryption_support: EncryptionSupport = "标志" / "encryption support",
        software_version: Decimal32<2> = "充电桩软件版本" / "software version",
        project: u16 = "充电桩项目类型" / "project",
        start_count: u32 = "启动次数" / "starts of the pile",
        report_mode: ReportMode = "数据上传模式" / "report mode",
        sign_in_minutes: Minutes = "签到间隔时间" / "sign-in period",
        run_mode: RunMode = "运行内部变量" / "run mode",
        connector_count: u8 = "充电枪个数" / "number of connectors",
        heartbeat_seconds: SecondsByte = "心跳上报周期" / "heartbeat period",
        heartbeat_misses: u8 = "心跳包检测超时次数" / "heartbeats that may be missed",
        record_count: u32 = "充电记录数量" / "stored records",
        pile_time: BcdTime = "当前充电桩系统时间" / "pile time",
        reserved3: Reserved<8> = "预留3" / "reserved 3",
        reserved4: Reserved<8> = "预留4" / "reserved 4",
        reserved5: Reserved<8> = "预留5" / "reserved 5",
        random: Option<u32> = "桩生成随机数" / "random number",
        protocol_version: Option<Decimal16<1>> = "桩后台通信协议版本" / "protocol version",
        white_list_version: Option<u32> = "白名单版本号" / "white list version",
        device_type: Option<DeviceType> = "设备类型" / "device type",
        asset_code: Option<Text<32>> = "充电桩资产编码" / "asset code",
    }
}
