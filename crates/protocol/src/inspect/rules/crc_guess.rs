//! Which wrong check sum a sender computed, by trying the usual mistakes.

use crate::ykc::crc::crc16;

/// The polynomial that the specification's text names by mistake.
const MISPRINT: u16 = 0x180D;

/// What a wrong check sum probably is.
pub(super) struct Guess {
    pub(super) code: &'static str,
    pub(super) zh: String,
    pub(super) en: String,
}

/// Tries the usual mistakes on a frame; `sent` are its last two bytes.
pub(super) fn guess(raw: &[u8], sent: [u8; 2]) -> Option<Guess> {
    misprint(raw, sent).or_else(|| wrong_range(raw, sent)).or_else(|| other_algorithm(raw, sent))
}

fn matches(crc: u16, sent: [u8; 2]) -> bool {
    crc.to_le_bytes() == sent || crc.to_be_bytes() == sent
}

fn misprint(raw: &[u8], sent: [u8; 2]) -> Option<Guess> {
    let counted = raw.get(2..raw.len().checked_sub(2)?)?;
    for (how, crc) in [
        (("反射", "reflected"), reflected(MISPRINT.reverse_bits())),
        (("照印刷值右移", "as printed, right shift"), reflected(MISPRINT)),
    ] {
        for init in [0xFFFF, 0] {
            let sum = crc(counted, init);
            if matches(sum, sent) || matches(!sum, sent) {
                return Some(misprint_guess(how, init));
            }
        }
    }
    for init in [0xFFFF, 0] {
        let sum = straight(MISPRINT, counted, init);
        if matches(sum, sent) || matches(!sum, sent) {
            return Some(misprint_guess(("左移", "left shift"), init));
        }
    }
    None
}

fn misprint_guess((how_zh, how_en): (&str, &str), init: u16) -> Guess {
    Guess {
        code: "crc-0x180d",
        zh: format!(
            "CRC 用了规范正文误印的多项式 0x180D（{how_zh}，初值 0x{init:04X}）；应为 CRC-16/MODBUS（0x8005 反射，初值 0xFFFF）"
        ),
        en: format!(
            "the CRC was computed with polynomial 0x180D ({how_en}, initial value 0x{init:04X}), a misprint of the \
             specification; CRC-16/MODBUS (0x8005 reflected, initial value 0xFFFF) is meant"
        ),
    }
}

fn wrong_range(raw: &[u8], sent: [u8; 2]) -> Option<Guess> {
    let end = raw.len().checked_sub(2)?;
    let ranges = [
        (0, "从起始字节 0x68 开始", "from the start byte on"),
        (1, "从长度字节开始", "from the length byte on"),
        (4, "从加密标志开始", "from the encryption flag on"),
        (6, "只有消息体", "of the body only"),
    ];
    let (_, zh, en) = ranges.into_iter().find(|(begin, ..)| {
        raw.get(*begin..end).is_some_and(|bytes| !bytes.is_empty() && matches(crc16(bytes), sent))
    })?;
    Some(Guess {
        code: "crc-wrong-range",
        zh: format!("CRC 计算范围不对（{zh}）；应从序列号到消息体末尾"),
        en: format!("the CRC was computed {en}; it covers the bytes from the sequence to the end of the body"),
    })
}

fn other_algorithm(raw: &[u8], sent: [u8; 2]) -> Option<Guess> {
    let counted = raw.get(2..raw.len().checked_sub(2)?)?;
    let candidates = [
        ("CRC-16/ARC", reflected(0xA001)(counted, 0)),
        ("CRC-16/USB", !crc16(counted)),
        ("CRC-16/IBM-3740 (CCITT-FALSE)", straight(0x1021, counted, 0xFFFF)),
        ("CRC-16/XMODEM", straight(0x1021, counted, 0)),
        ("CRC-16/KERMIT", reflected(0x8408)(counted, 0)),
    ];
    let (name, _) = candidates.into_iter().find(|(_, crc)| matches(*crc, sent))?;
    Some(Guess {
        code: "crc-other-algorithm",
        zh: format!("校验和是 {name}；应为 CRC-16/MODBUS"),
        en: format!("the check sum is {name}; CRC-16/MODBUS is meant"),
    })
}

/// A check sum that shifts right; the polynomial is given in that order.
fn reflected(polynomial: u16) -> impl Fn(&[u8], u16) -> u16 {
    move |bytes, init| {
        bytes.iter().fold(init, |crc, byte| {
            (0..8).fold(crc ^ u16::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ polynomial } else { crc >> 1 })
        })
    }
}

/// A check sum that shifts left.
fn straight(polynomial: u16, bytes: &[u8], init: u16) -> u16 {
    bytes.iter().fold(init, |crc, byte| {
        (0..8).fold(
            crc ^ (u16::from(*byte) << 8),
            |crc, _| {
                if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ polynomial }
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTED: &[u8] = &[0x00, 0x19, 0x00, 0x02, 0x20, 0x23, 0x12, 0x12, 0x00, 0x00, 0x10, 0x00];

    fn guessed(crc: [u8; 2]) -> Option<&'static str> {
        guess(&[&[0x68, 0x0C], COUNTED, &crc].concat(), crc).map(|guess| guess.code)
    }

    #[test]
    fn the_usual_mistakes_are_recognised() {
        assert_eq!(guessed(straight(MISPRINT, COUNTED, 0xFFFF).to_be_bytes()), Some("crc-0x180d"));
        assert_eq!(guessed(reflected(MISPRINT.reverse_bits())(COUNTED, 0).to_le_bytes()), Some("crc-0x180d"));
        assert_eq!(guessed(reflected(MISPRINT)(COUNTED, 0xFFFF).to_le_bytes()), Some("crc-0x180d"));
        assert_eq!(guessed(crc16(&[&[0x68, 0x0C], COUNTED].concat()).to_le_bytes()), Some("crc-wrong-range"));
        assert_eq!(guessed(straight(0x1021, COUNTED, 0).to_be_bytes()), Some("crc-other-algorithm"));
        assert_eq!(guessed([0x12, 0x34]), None);
    }

    #[test]
    fn the_helpers_compute_known_check_values() {
        assert_eq!(straight(0x1021, b"123456789", 0xFFFF), 0x29B1);
        assert_eq!(reflected(0xA001)(b"123456789", 0xFFFF), 0x4B37);
    }
}
