//! QR codes on a pile (beyond V1.6).

use crate::declare::messages;
use crate::wire::{CountedText, TextToEnd};
use crate::ykc::Dialect;
use crate::ykc::code::{Outcome, QrFormat, QrPrefixResult, Symbology};
use crate::ykc::field::{ConnectorNumber, PileCode};

messages! {
    /// Sets the QR code of one connector in the dialect guochong.
    QrCodeSetGuochong 0x5A down, 8 bytes,
    when "国充方言" / "dialect guochong"
        (|_length, dialect| matches!(dialect, Dialect::Guochong)),
    "二维码下发" / "QR code",
    about "国充方言：下发单枪二维码。" {
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        text: TextToEnd = "二维码内容" / "text of the code",
    }

    /// Answers 0x5A in the dialect guochong.
    QrCodeResponseGuochong 0x59 up reply_to 0x5A, 9 bytes,
    when "国充方言" / "dialect guochong"
        (|_length, dialect| matches!(dialect, Dialect::Guochong)),
    "二维码下发应答" / "QR code answer",
    about "国充方言：对 0x5A 的应答。" {
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        set_result: Outcome = "设置结果" / "set result",
    }

    /// Sets the QR code of one connector.
    QrCodeSetRequest 0x5B down, 10 bytes, "二维码下发" / "QR code",
    about "下发单枪二维码。" {
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        symbology: Symbology = "码制" / "symbology",
        text: CountedText = "二维码内容" / "text of the code",
    }

    /// Answers 0x5B.
    QrCodeSetResponse 0x5A up reply_to 0x5B, 9 bytes, "二维码下发应答" / "QR code answer",
    about "对 0x5B 的应答。" {
        pile_code: PileCode = "桩编号" / "pile code",
        connector_number: ConnectorNumber = "枪号" / "connector number",
        set_result: Outcome = "设置结果" / "set result",
    }

    /// Sets what stands before the pile code in the QR codes of a pile; at most 200 characters (revision of 2023-08).
    QrPrefixRequest 0xF0 down, 9 bytes, "二维码前缀下发" / "QR prefix",
    about "下发二维码中桩编号之前的前缀，最长 200 字符（2023-08 修订）。" {
        pile_code: PileCode = "桩编号" / "pile code",
        format: QrFormat = "二维码格式" / "QR format",
        prefix: CountedText = "二维码前缀" / "QR prefix",
    }

    /// Answers 0xF0; 0 is success.
    QrPrefixResponse 0xF1 up reply_to 0xF0, 8 bytes, "二维码前缀下发应答" / "QR prefix answer",
    about "对 0xF0 的应答，0 为成功。" {
        pile_code: PileCode = "桩编号" / "pile code",
        set_result: QrPrefixResult = "下发结果" / "result",
    }
}
