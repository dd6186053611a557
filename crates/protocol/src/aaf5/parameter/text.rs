//! The text parameters. Lengths are the most that a pile takes.

use super::{Parameter, ParameterKind};

const fn padded(max: usize) -> ParameterKind {
    ParameterKind::Text { max, padded: true, digits: false }
}

const fn digits(max: usize) -> ParameterKind {
    ParameterKind::Text { max, padded: true, digits: true }
}

/// A text that is sent as long as it is.
const fn short(max: usize) -> ParameterKind {
    ParameterKind::Text { max, padded: false, digits: false }
}

/// The text parameters by index.
pub const TEXTS: &[Parameter] = &[
    Parameter::new(1, "pile_code", "充电桩编码", "pile code", padded(32)),
    Parameter::new(2, "clock", "标准时钟时间", "clock", ParameterKind::Time),
    Parameter::new(3, "administrator_password", "管理员密码", "administrator password", padded(8)).secret(),
    Parameter::new(4, "operator_password", "操作员密码", "operator password", padded(8)).secret(),
    Parameter::new(5, "mac_address", "MAC 地址", "MAC address", ParameterKind::Mac),
    Parameter::new(6, "login_password", "桩登入服务器密码", "password for logging in at the server", digits(16))
        .secret(),
    Parameter::new(7, "qr_code", "桩主界面二维码", "QR code on the main screen (one connector)", short(256)),
    Parameter::new(8, "hotline_1", "客户服务热线1", "service hotline 1", padded(16)),
    Parameter::new(9, "hotline_2", "客户服务热线2", "service hotline 2", padded(16)),
    Parameter::new(10, "payment_qr_code", "用户支付二维码", "QR code for paying", short(256)),
    Parameter::new(
        11,
        "qr_prefix",
        "桩主界面二维码前缀",
        "prefix of QR codes; pile code and connector follow",
        short(128),
    ),
    Parameter::new(12, "meter_address", "DLT645-2007电表地址", "DLT645-2007 address of the meter", digits(12)),
    Parameter::new(13, "server_domain", "云服务器域名", "domain name of the server", padded(64)),
    Parameter::new(
        14,
        "vin_timer",
        "VIN定时启动充电信息",
        "when vehicles known by VIN charge",
        ParameterKind::VinTimer,
    ),
    Parameter::new(15, "connector_1_qr_code", "1枪完整二维码信息", "QR code of connector 1", short(256)),
    Parameter::new(16, "connector_2_qr_code", "2枪完整二维码信息", "QR code of connector 2", short(256)),
    Parameter::new(17, "connector_3_qr_code", "3枪完整二维码信息", "QR code of connector 3", short(256)),
    Parameter::new(18, "connector_4_qr_code", "4枪完整二维码信息", "QR code of connector 4", short(256)),
    Parameter::new(19, "connector_5_qr_code", "5枪完整二维码信息", "QR code of connector 5", short(256)),
    Parameter::new(20, "connector_6_qr_code", "6枪完整二维码信息", "QR code of connector 6", short(256)),
];
