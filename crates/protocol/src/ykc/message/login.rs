//! Login and heartbeat (V1.6 chapter 6).

use crate::declare::messages;
use crate::wire::{Ascii, Percent};
use crate::ykc::code::{Carrier, ConnectorHealth, LoginResult, NetworkType, PileType};
use crate::ykc::field::{ConnectorNumber, Iccid, PileCode};

messages! {
    /// After power-on, reset or any reconnect (V1.6 §6).
    LoginRequest 0x01 up, 30 bytes, "充电桩登录认证" / "login",
    about "上电、复位或重新连接后发送（V1.6 §6）。" {
        pile_code: PileCode = "桩编码" / "pile code",
        pile_type: PileType = "桩类型" / "pile type",
        connector_count: u8 = "充电枪数量" / "connector count",
        protocol_version: u8 = "通信协议版本" / "protocol version",
        firmware_version: Ascii<8> = "程序版本" / "firmware version",
        network_type: NetworkType = "网络链接类型" / "network type",
        sim_iccid: Iccid = "Sim卡" / "SIM card number",
        carrier: Carrier = "运营商" / "carrier",
    }

    /// Answers a login; a refused pile is disconnected after it (OQ-29).
    LoginResponse 0x02 down reply_to 0x01, 8 bytes, "登录认证应答" / "login answer",
    about "对登录的应答；被拒绝的桩在应答后断开连接（OQ-29）。" {
        pile_code: PileCode = "桩编码" / "pile code",
        login_result: LoginResult = "登陆结果" / "login result",
    }

    /// Every 10 s; a pile that misses 3 answers logs in again. Piles with several connectors rarely send one for each.
    HeartbeatRequest 0x03 up, 9 bytes, "充电桩心跳包" / "heartbeat",
    about "每 10 秒一次；连续 3 次收不到应答，桩重新登录。多枪桩很少给每把枪各发一帧。" {
        pile_code: PileCode = "桩编码" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        connector_health: ConnectorHealth = "枪状态" / "connector health",
        storage_soc: Option<Percent> = "储能SOC" / "SOC of the storage battery",
    }

    /// Answers 0x03.
    HeartbeatResponse 0x04 down reply_to 0x03, 9 bytes, "心跳包应答" / "heartbeat answer",
    about "对 0x03 的应答。" {
        pile_code: PileCode = "桩编码" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        heartbeat_ack: u8 = "心跳应答" / "heartbeat ack",
    }
}
