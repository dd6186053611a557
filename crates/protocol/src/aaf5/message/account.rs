//! Who may charge: cards, accounts, vehicles (V5.2B §3.3.3, §3.3.4, §3.3.7 to §3.3.10).

use crate::aaf5::code::{
    AccountAnswer, AuthMethod, CardListing, ChargeStrategy, Needed, StartFailure, VinRefusal, VinResult,
};
use crate::aaf5::field::{CardNumber, ConnectorNumber, PileCode, TransactionNumber};
use crate::declare::messages;
use crate::wire::{Reserved, Text, Vin, Yuan, YuanPerKwh16};

use super::vin_order::NATURAL;

messages! {
    /// Answers 204: 0 starts the charge. Before V4.0 it ends behind the four flags.
    AccountQueryResponse 203 down reply_to 204, 70 bytes, "服务器应答帐户查询信息" / "account answer",
    about "对 204 的应答，0 即启动充电；V4.0 以前到四个标志为止。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        answer: AccountAnswer = "响应码" / "answer",
        account_balance: Yuan<2> = "帐户余额" / "account balance",
        electricity_price: YuanPerKwh16<2> = "全时段电费费率(预留)" / "flat electricity price (reserved)",
        service_price: YuanPerKwh16<2> = "服务费率(预留)" / "service price (reserved)",
        password_needed: Needed = "充电密码验证" / "ask for the password",
        vin_needed: Needed = "验证 VIN 标志" / "check the VIN",
        plate_needed: Needed = "车牌验证(预留)" / "check the plate (reserved)",
        reserved3: Reserved<1> = "预留" / "reserved 3",
        transaction_number: Option<TransactionNumber> = "充电流水号" / "transaction number",
        vin: Option<Vin<NATURAL>> = "VIN" / "VIN",
        connector_number: Option<ConnectorNumber> = "充电枪号" / "connector number",
    }

    /// When a user swipes a card or enters an account; repeated every few seconds until answered. Before V2.6 it ends behind
    /// the card's listing.
    AccountQueryRequest 204 up, 73 bytes, "充电桩充电上传用户帐户查询报文" / "account query",
    about "用户刷卡或输入账号时上送，收到应答前每几秒重发；V2.6 以前到黑白名单标志为止。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        pile_code: PileCode = "充电桩编码" / "pile code",
        card_number: CardNumber = "充电卡号" / "card or account number",
        card_balance: Yuan<2> = "充电卡余额" / "card balance",
        card_listing: CardListing = "充电卡黑白名单标志" / "card listing",
        password_md5: Option<Text<32>> = "用户充电卡密码" / "password (MD5 in hex)",
        sector_random: Option<Text<48>> = "卡扇区数据随机数" / "sector data of the card",
        card_serial: Option<u32> = "M1卡序号" / "serial number of an M1 card",
        auth_method: Option<AuthMethod> = "认证方式" / "how the user made himself known",
        connector_number: Option<ConnectorNumber> = "充电枪号" / "connector number",
    }

    /// Answers 208: accepted, the charge begins.
    VinStartResponse 207 down reply_to 208, 130 bytes, "平台回复即插即充请求充电结果" / "plug and charge answer",
    about "对 208 的应答；成功即开始充电。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        pile_code: PileCode = "充电桩编码" / "pile code",
        connector_number: ConnectorNumber = "充电枪号" / "connector number",
        vin: Vin<NATURAL> = "车辆VIN码" / "VIN",
        account: CardNumber = "车辆VIN绑定账号" / "account of the vehicle",
        transaction_number: TransactionNumber = "充电流水号" / "transaction number",
        result: VinResult = "验证结果" / "result",
        refusal: VinRefusal = "验证原因" / "refusal",
        account_balance: Yuan<2> = "可充电余额" / "balance to charge with",
        stop_password: Text<6> = "屏幕停机密码" / "password to stop at the screen",
    }

    /// When a car known by its VIN is plugged in or the user chooses so at the screen.
    VinStartRequest 208 up, 59 bytes, "充电桩上报即插即充启动充电请求" / "plug and charge request",
    about "插枪后按 VIN 识别车辆，或用户在屏幕上选择 VIN 充电时上送。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        pile_code: PileCode = "充电桩编码" / "pile code",
        connector_number: ConnectorNumber = "充电枪号" / "connector number",
        vin: Vin<NATURAL> = "车辆VIN码" / "VIN",
        strategy: ChargeStrategy = "充电满策略" / "strategy",
        strategy_argument: u32 = "充电满策略参数" / "strategy argument (s, 0.01 CNY or 0.01 kWh)",
    }

    /// Answers 210; the document calls both unused, and uses them.
    VinStartResultConfirm 209 down reply_to 210, 54 bytes, "平台回复即插即充启动充电结果" / "plug and charge result answer",
    about "对 210 的应答；文档标题注明没用，正文却用到。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        pile_code: PileCode = "充电桩编码" / "pile code",
        connector_number: ConnectorNumber = "充电枪号" / "connector number",
        vin: Vin<NATURAL> = "车辆VIN码" / "VIN",
    }

    /// Whether a charge that 207 allowed has begun.
    VinStartResult 210 up, 41 bytes, "充电桩上报即插即充启动充电结果" / "plug and charge result",
    about "207 允许的充电是否已启动。" {
        reserved1: Reserved<2> = "预留1" / "reserved 1",
        reserved2: Reserved<2> = "预留2" / "reserved 2",
        pile_code: PileCode = "充电桩编码" / "pile code",
        connector_number: ConnectorNumber = "充电枪号" / "connector number",
        result: StartFailure = "启动结果" / "result",
    }
}
