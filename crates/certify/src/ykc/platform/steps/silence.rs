//! A pile that says nothing any more.

use std::time::Duration;

use voltapile_protocol::inspect::lang::Bilingual;

use super::{checks, probe};
use crate::exam::ConnectionId;
use crate::ykc::platform::desk::Desk;
use crate::ykc::platform::judge::{EVIDENCE_MAX, span};
use crate::ykc::platform::plan::{Phase, Step};

checks! {
    PATIENT = "platform.silence.patient",
        "桩静默不到 30 秒时平台不断开" / "a pile that is silent for less than 30 s is not disconnected",
        "V1.6 §6.3：每 10 秒一次心跳，允许丢失 3 次 / V1.6 §6.3: a heartbeat every 10 s, 3 may be missed";
    CLOSES = "platform.silence.closes",
        "桩长时间静默后平台断开连接（10 分钟之内）" / "the connection of a silent pile is closed (within 10 minutes)",
        "现场：断电的桩留下半开连接 / practice: half-open connections of piles that lost power";
}

/// Three heartbeats.
const PATIENCE: Duration = Duration::from_secs(30);
/// The clocks of both sides, and the way between them.
const TOLERANCE: Duration = Duration::from_secs(1);
const LONGEST_S: u64 = 600;

pub(super) static STEP: Step = Step {
    zh: "静默",
    en: "Silence",
    checks: CHECKS,
    phases: &[Phase::logged_in(last_words, |_| {}), Phase::logged_in(fall_silent, judge_silence).within(LONGEST_S)],
};

fn last_words(desk: &mut Desk, line: ConnectionId) {
    if !desk.options.quick {
        probe(desk, line);
    }
}

fn fall_silent(desk: &mut Desk, line: ConnectionId) {
    if !desk.options.quick {
        desk.awaits_end_of = Some(line);
    }
}

fn judge_silence(desk: &mut Desk) {
    if desk.options.quick {
        for check in [&PATIENT, &CLOSES] {
            desk.unseen(check, "快速模式（--quick）下不检查", "left out by --quick");
        }
        return;
    }
    let Some(line) = desk.awaits_end_of else { return };
    let evidence = desk.phase_entries(line, EVIDENCE_MAX);
    let silent = desk.phase_age();
    let after = span(silent);
    if desk.is_open(line) {
        let note =
            Bilingual::new(format!("静默 {after} 仍未断开"), format!("still connected after {after} of silence"));
        desk.pass(&PATIENT, note, evidence);
        return desk.unseen(
            &CLOSES,
            format!("静默 {after} 仍未断开；平台可能只把桩标为离线"),
            format!("still connected after {after} of silence; perhaps the platform only shows the pile as offline"),
        );
    }
    let note = Bilingual::new(format!("静默 {after} 后断开"), format!("closed after {after} of silence"));
    if silent + TOLERANCE < PATIENCE {
        return desk.fail(&PATIENT, note, evidence);
    }
    desk.pass(&PATIENT, note.clone(), evidence.clone());
    desk.pass(&CLOSES, note, evidence);
}
