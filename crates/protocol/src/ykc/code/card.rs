//! Codes of balances and offline cards.

use crate::wire::codes;

codes! {
    /// Answer to a balance update (0x41).
    BalanceUpdateResult {
        0x00 Succeeded "修改成功" / "succeeded",
        0x01 PileCodeMismatch "设备编号错误" / "wrong pile code",
        0x02 CardMismatch "卡号错误" / "wrong card number",
    }
    /// Why offline cards were not stored (0x43).
    CardSyncFailure {
        0x00 None "无" / "none",
        0x01 BadCardNumber "卡号格式错误" / "card number malformed",
        0x02 StorageFull "储存空间不足" / "storage full",
    }
    /// What became of an offline card that was to be cleared (0x45). 0x00 and 0x02 both mean success (OQ-20).
    CardClearFailure {
        0x00 None "清除成功" / "cleared",
        0x01 BadCardNumber "卡号格式错误" / "card number malformed",
        0x02 Cleared "清除成功" / "cleared (other code)",
    }
    /// Whether a pile knows an offline card (0x47).
    CardPresence {
        0x00 Absent "不存在" / "absent",
        0x01 Present "存在" / "present",
    }
}
