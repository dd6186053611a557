//! Codes of accounts, cards and vehicles: who may charge.

use crate::wire::codes;

codes! {
    /// What the platform says to a card or an account (203).
    AccountAnswer: u32 {
        0 Valid "有效" / "valid",
        1 Illegal "非法卡或黑卡" / "illegal or blocked card",
        2 BalanceTooLow "余额不足" / "balance too low",
        3 UnblockCard "黑卡转正常卡" / "turn the blocked card into a normal one",
        4 BlockCard "正常卡转黑卡" / "turn the card into a blocked one",
        5 UnknownCard "无此卡" / "unknown card",
        6 LostCard "卡已挂失" / "card reported lost",
        7 CancelledCard "卡已注销" / "card cancelled",
        8 WrongPassword "密码错误" / "wrong password",
        9 NotSupported "不支持(有的桩为：该卡正在别处充电)" / "not supported (at some piles: card is charging elsewhere)",
    }
    /// Whether the pile is to ask or check something more.
    Needed {
        0 NotNeeded "不需要" / "not needed",
        1 Needed "需要" / "needed",
    }
    /// What a card says of itself.
    CardListing {
        0 Normal "正常卡" / "normal",
        1 Blocked "黑名单卡" / "blocked",
    }
    /// How the user made himself known.
    AuthMethod {
        0 Card "刷卡" / "card",
        1 Password "账号密码" / "account and password",
    }
    /// Whether a vehicle may charge (207).
    VinResult {
        1 Accepted "成功" / "accepted",
        2 Refused "失败" / "refused",
    }
    /// Why a vehicle may not charge (207).
    VinRefusal {
        0 None "无" / "none",
        1 BalanceTooLow "余额不足" / "balance too low",
        2 AccountFrozen "账户冻结" / "account frozen",
        3 Blocked "黑名单" / "blocked",
        4 VehicleUnknown "车辆不存在" / "vehicle unknown",
        5 VinChargingNotAllowed "不允许VIN充电" / "charging by VIN is not allowed",
        6 Other "其他" / "other",
    }
}
