use voltapile_protocol::inspect::lang::Bilingual;
use voltapile_protocol::layout::Direction;
use voltapile_protocol::time::Tick;
use voltapile_protocol::ykc::field::PileCode;
use voltapile_protocol::ykc::frame::{Envelope, write_message};
use voltapile_protocol::ykc::message::{HeartbeatRequest, HeartbeatResponse, LoginRequest, LoginResponse, Message};

use super::*;
use crate::check::Check;
use crate::exam::ConnectionId;
use crate::trace::{EntryId, Happening, TraceEntry};

const PILE: PileCode = PileCode([0x32, 0x01, 0x06, 0x01, 0x19, 0x51, 0x01]);

static LOGIN: Check = Check {
    id: "platform.login.answered",
    zh: "登录 0x01 应得到 0x02 应答",
    en: "a login 0x01 is answered with 0x02",
    source: "V1.6 §6.1",
};
static ECHO: Check = Check {
    id: "platform.heartbeat.sequence",
    zh: "心跳应答的序列号与请求逐字节相同",
    en: "a heartbeat answer repeats the request's sequence number byte for byte",
    source: "V1.6 §3.2",
};
static SILENCE: Check = Check {
    id: "platform.silence.closes",
    zh: "桩长时间静默后平台关闭连接",
    en: "the platform closes the connection of a silent pile",
    source: "现场 <b>& / practice <b>&",
};

fn frame(sequence: [u8; 2], message: impl Into<Message>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_message(&mut bytes, Envelope { sequence, ..Envelope::default() }, &message.into()).unwrap();
    bytes
}

/// Three checks, one of each verdict.
fn report() -> Report {
    let mut trace = Trace::default();
    let mut at = 0;
    let mut push = |happening| {
        at += 1234;
        trace.push(TraceEntry { at: Tick(at), connection: ConnectionId(0), happening })
    };
    push(Happening::Opened);
    let login = LoginRequest { pile_code: PILE, connector_count: 2, ..Default::default() };
    let asked = push(Happening::Frame(Direction::Up, frame([0, 0], login)));
    let accepted = LoginResponse { pile_code: PILE, ..Default::default() };
    let answered = push(Happening::Frame(Direction::Down, frame([0, 0], accepted)));
    let heartbeat = HeartbeatRequest { pile_code: PILE, ..Default::default() };
    let beat = push(Happening::Frame(Direction::Up, frame([1, 0], heartbeat)));
    let echo = HeartbeatResponse { pile_code: PILE, ..Default::default() };
    let wrong = push(Happening::Frame(Direction::Down, frame([0, 1], echo)));
    let junk = push(Happening::Junk(Direction::Down, b"</style>&<script>".to_vec()));
    push(Happening::Closed(Some(Direction::Down)));
    let finding = |check, verdict, zh: &str, en: &str, evidence: &[EntryId]| Finding {
        check,
        verdict,
        note: Bilingual::new(zh, en),
        evidence: evidence.to_vec(),
    };
    Report {
        protocol: Protocol::Ykc,
        subject: Subject::Platform,
        name: "127.0.0.1:8767 <&>".to_owned(),
        findings: vec![
            finding(&LOGIN, Verdict::Pass, "1.234 s 后收到 0x02", "0x02 came after 1.234 s", &[asked, answered]),
            finding(
                &ECHO,
                Verdict::Fail,
                "请求 01 00，应答 00 01：两个字节被交换",
                "asked with 01 00, answered with 00 01: the two bytes are swapped",
                &[beat, wrong, junk],
            ),
            finding(&SILENCE, Verdict::NotSeen, "快速模式下不检查", "left out by --quick", &[EntryId(99)]),
        ],
        trace,
        began_unix_ms: 1_795_222_525_000,
    }
}

/// A form without the program's version, so that a release changes no golden.
fn versionless(form: &str) -> String {
    form.replace(concat!("\"", env!("CARGO_PKG_VERSION"), "\""), "\"VERSION\"")
        .replace(concat!("Voltapile ", env!("CARGO_PKG_VERSION")), "Voltapile VERSION")
}

#[test]
fn the_summary_names_failures_first() {
    let text = |lang| report().to_text(Style { lang, colour: false });
    insta::assert_snapshot!("text_en", text(Lang::En));
    insta::assert_snapshot!("text_zh", text(Lang::Zh));
    let coloured = report().to_text(Style { lang: Lang::En, colour: true });
    assert!(coloured.contains("\u{1B}[1;31m✗\u{1B}[0m"), "{coloured}");
}

#[test]
fn the_json_has_evidence_with_explained_frames() {
    insta::assert_snapshot!("json", versionless(&report().to_json(Lang::En)));
}

#[test]
fn the_page_needs_nothing_else_and_escapes_everything() {
    let page = report().to_html(Lang::Zh);
    insta::assert_snapshot!("html", versionless(&page));
    for outside in ["http:", "https:", "src=", "@import", "<script", "<link", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(!page.contains("<b>&") && page.contains("127.0.0.1:8767 &#60;&#38;&#62;"));
    assert!(report().to_html(Lang::En).contains("aria-label=\"English\" checked"));
}

#[test]
fn a_report_without_failures_is_clean() {
    let mut clean = report();
    assert!(!clean.is_clean());
    clean.findings.retain(|finding| finding.verdict != Verdict::Fail);
    assert!(clean.is_clean());
    assert!(clean.to_html(Lang::En).contains("No rule was seen to be broken"));
    assert_eq!((clean.count(Verdict::Pass), clean.count(Verdict::NotSeen)), (1, 1));
}
