//! Codes of reboot and firmware update.

use crate::wire::codes;

codes! {
    /// When a pile carries out an order.
    ExecuteMode {
        0x01 Now "立即执行" / "now",
        0x02 WhenIdle "空闲执行" / "when idle",
    }
    /// Model that a firmware is for.
    PileModel {
        0x01 Dc "直流" / "DC",
        0x02 Ac "交流" / "AC",
    }
    /// Outcome of a firmware update.
    UpdateResult {
        0x00 Succeeded "成功" / "succeeded",
        0x01 PileCodeMismatch "编号错误" / "wrong pile code",
        0x02 ModelMismatch "程序与桩型号不符" / "firmware does not fit the model",
        0x03 DownloadTimeout "下载更新文件超时" / "download timed out",
    }
}
