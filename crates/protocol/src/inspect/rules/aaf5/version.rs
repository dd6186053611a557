//! Signs of other versions: bodies that end earlier or go on, and numbers in what is reserved now.

use super::super::super::finding::{Finding, Severity};
use super::Subject;

/// Body lengths of other versions than that in which a message has all its fields: command, length, version. Lengths that no
/// source names the version of are left out.
const LENGTHS: &[(u16, usize, &str)] = &[
    (7, 67, "V2.x/V3.x"),
    (7, 105, "V4.8_A03"),
    (8, 41, "V2.x"),
    (102, 38, "V2.x/V3.x"),
    (103, 5, "V2.x/V3.x"),
    (104, 169, "V2.x"),
    (104, 240, "V4.8_A03"),
    (104, 246, "V5.3"),
    (105, 4, "V2.x"),
    (105, 9, "V3.x"),
    (105, 142, "V2.6–V4.4"),
    (106, 90, "V2.x"),
    (106, 96, "V2.6"),
    (106, 100, "V3.x"),
    (201, 37, "V2.x"),
    (221, 37, "V2.x"),
    (202, 256, "V2.x"),
    (202, 288, "V2.6"),
    (202, 338, "V5.0"),
    (204, 153, "V2.6"),
    (222, 434, "V5.0"),
];

pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let (code, length) = (subject.header.frame_type, subject.bytes.len());
    if let Some((.., version)) = LENGTHS.iter().find(|(of, long, _)| (*of, *long) == (code, length)) {
        out.push(Finding::new(
            Severity::Info,
            "other-version",
            subject.header.bytes() + length,
            format!("数据域为 {length} 字节，是 {version} 的格式"),
            format!("the body has {length} bytes, as in {version}"),
        ));
    }
    let used = |name: &str| subject.field(name).filter(|field| field.raw.iter().any(|byte| *byte != 0));
    if let Some(field) = used("reserved1").or_else(|| used("reserved2")) {
        let number = |name: &str| subject.number(name).unwrap_or_default();
        let (user, serial) = (number("reserved1"), number("reserved2"));
        out.push(Finding::new(
            Severity::Info,
            "reserved-used",
            field.offset,
            format!("预留字段不为 0：V2.x 在此放用户 ID（{user}）和指令序号（{serial}），应答时原样带回"),
            format!(
                "reserved bytes are not 0: V2.x has a user ({user}) and a serial number ({serial}) here, which answers echo"
            ),
        ));
    }
}
