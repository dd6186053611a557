//! Codes of settings, lists and upkeep.

use crate::wire::codes;

codes! {
    /// What to do with a parameter (1 to 4).
    ParameterAction {
        0 Query "查询" / "query",
        1 Set "设置" / "set",
    }
    /// Whether something was done. Any other number than 0 is a failure.
    Outcome {
        0 Succeeded "成功" / "succeeded",
        1 Failed "失败" / "failed",
    }
    /// Marks a question (113).
    QueryMark {
        1 Query "查询" / "query",
    }
    /// What a white list holds (1301).
    ListKind {
        1 Cards "充电卡号" / "card numbers",
        2 Vins "车辆VIN" / "VINs",
    }
    /// What to do with a white list (1301).
    ListAction {
        0 Add "增加" / "add",
        2 Clear "清空" / "clear",
        4 QueryVersion "查询版本" / "query its version",
    }
}
