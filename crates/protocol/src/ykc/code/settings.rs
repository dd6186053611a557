//! Codes of tariffs, records' confirmation, work parameters and QR codes.

use crate::wire::codes;

codes! {
    /// Price tier of a half hour.
    Tier {
        0x00 Sharp "尖" / "sharp",
        0x01 Peak "峰" / "peak",
        0x02 Flat "平" / "flat",
        0x03 Valley "谷" / "valley",
    }
    /// Whether a pile runs the tariff that the platform assigned to it.
    VerifyResult {
        0x00 Same "桩计费模型与平台一致" / "same as the platform's",
        0x01 Differs "桩计费模型与平台不一致" / "differs from the platform's",
    }
    /// Answer to a transaction record.
    ConfirmResult {
        0x00 Uploaded "上传成功" / "uploaded",
        0x01 Illegal "非法账单" / "illegal bill",
    }
    /// Whether a pile may work.
    WorkPermission {
        0x00 Allowed "允许正常工作" / "may work",
        0x01 Locked "停止使用，锁定充电桩" / "stopped and locked",
    }
    /// What a QR code holds behind its prefix.
    QrFormat {
        0x00 PrefixAndPile "前缀+桩编号" / "prefix + pile code",
        0x01 PrefixPileAndConnector "前缀+桩编号+枪编号" / "prefix + pile code + connector",
    }
    /// Answer to a QR prefix; here 0 is success.
    QrPrefixResult {
        0x00 Succeeded "成功" / "succeeded",
        0x01 Failed "失败" / "failed",
    }
    /// Symbology of a code on a pile's screen.
    Symbology {
        0x00 Qr "QR码" / "QR code",
        0x01 HanXin "汉信码" / "Han Xin code",
        0x02 Pdf417 "PDF417" / "PDF417",
        0x03 DataMatrix "Data Matrix" / "Data Matrix",
    }
}
