//! Verdicts that many rules have in common.

use std::time::Duration;

use voltapile_protocol::inspect::lang::Bilingual;
use voltapile_protocol::inspect::text::spaced;
use voltapile_protocol::ykc::field::PileCode;

use super::asked::{AskId, Asked, Heard};
use super::desk::Desk;
use crate::check::{Check, Finding, Verdict};
use crate::exam::ConnectionId;
use crate::trace::EntryId;

/// Entries that show one finding; what is beyond shows nothing new.
pub(super) const EVIDENCE_MAX: usize = 12;

impl Desk {
    /// Notes a verdict; of several on one rule the worst stays: broken, then followed, then not seen.
    pub(super) fn conclude(
        &mut self,
        check: &'static Check,
        verdict: Verdict,
        note: Bilingual,
        evidence: Vec<EntryId>,
    ) {
        let finding = Finding { check, verdict, note, evidence };
        match self.findings.iter_mut().find(|known| known.check.id == check.id) {
            Some(known) if weight(verdict) > weight(known.verdict) => *known = finding,
            Some(_) => {}
            None => self.findings.push(finding),
        }
    }

    pub(super) fn pass(&mut self, check: &'static Check, note: Bilingual, evidence: Vec<EntryId>) {
        self.conclude(check, Verdict::Pass, note, evidence);
    }

    pub(super) fn fail(&mut self, check: &'static Check, note: Bilingual, evidence: Vec<EntryId>) {
        self.conclude(check, Verdict::Fail, note, evidence);
    }

    pub(super) fn unseen(&mut self, check: &'static Check, zh: impl Into<String>, en: impl Into<String>) {
        self.conclude(check, Verdict::NotSeen, Bilingual::new(zh, en), Vec::new());
    }

    /// The rule that a question is answered. Gives back whether it was.
    pub(super) fn is_answered(&mut self, check: &'static Check, ask: Option<AskId>) -> bool {
        let Some(asked) = ask.and_then(|ask| self.asked(ask)) else { return false };
        let (evidence, line) = (asked.evidence(), asked.line);
        if let Some(heard) = asked.answer() {
            let note = came(asked, heard);
            self.pass(check, note, evidence);
            return true;
        }
        let code = asked.answer_type.unwrap_or_default();
        let at = asked.at;
        let note = self.silence(line, code, self.now().since(at));
        self.fail(check, note, self.phase_entries(line, EVIDENCE_MAX));
        false
    }

    /// The rule that all questions of the phase are answered.
    pub(super) fn all_answered(&mut self, check: &'static Check) {
        for ask in self.asks() {
            self.is_answered(check, Some(ask));
        }
    }

    /// The rule that an answer repeats the sequence number of its question byte for byte. Says nothing where there was
    /// no answer: that is another rule.
    pub(super) fn repeats_sequence(&mut self, check: &'static Check, ask: Option<AskId>) {
        let Some(asked) = ask.and_then(|ask| self.asked(ask)) else { return };
        let Some(heard) = asked.answer() else { return };
        let (expected, seen) = (spaced(&asked.sequence), spaced(&heard.sequence));
        let evidence = asked.evidence();
        if expected == seen {
            let note = Bilingual::new(format!("请求与应答都是 {seen}"), format!("request and answer have {seen}"));
            return self.pass(check, note, evidence);
        }
        let swapped = heard.sequence == [asked.sequence[1], asked.sequence[0]];
        let (zh, en) = if swapped { ("：两个字节被交换", ": the two bytes are swapped") } else { ("", "") };
        let note = Bilingual::new(
            format!("请求的序列号是 {expected}，应答却是 {seen}{zh}"),
            format!("the request has {expected}, the answer {seen}{en}"),
        );
        self.fail(check, note, evidence);
    }

    /// The rule that an answer names what its question named: these bytes of its body.
    pub(super) fn repeats(
        &mut self,
        check: &'static Check,
        ask: Option<AskId>,
        of_question: impl Fn(&[u8]) -> Option<&[u8]>,
        of_answer: impl Fn(&[u8]) -> Option<&[u8]>,
    ) {
        let Some(asked) = ask.and_then(|ask| self.asked(ask)) else { return };
        let Some(heard) = asked.answer() else { return };
        let expected = of_question(&asked.body).map(spaced).unwrap_or_default();
        let seen = of_answer(&heard.body).map(spaced).unwrap_or_default();
        let evidence = asked.evidence();
        if expected == seen {
            let note = Bilingual::new(format!("请求与应答都是 {seen}"), format!("request and answer have {seen}"));
            return self.pass(check, note, evidence);
        }
        let note = Bilingual::new(
            format!("请求中是 {expected}，应答中却是 {seen}"),
            format!("the request has {expected}, the answer {seen}"),
        );
        self.fail(check, note, evidence);
    }

    /// The rule that a connection goes on: its last question is answered there.
    pub(super) fn goes_on(&mut self, check: &'static Check) {
        let Some(probe) = self.last().and_then(|ask| self.asked(ask)) else { return };
        let line = probe.line;
        let evidence = self.phase_entries(line, EVIDENCE_MAX);
        match probe.answer() {
            Some(_) if !self.is_open(line) => {
                let note = Bilingual::new("平台随后断开了连接", "the connection ended right after");
                self.fail(check, note, evidence);
            }
            Some(heard) => {
                let after = span(heard.at.since(probe.at));
                let note = Bilingual::new(
                    format!("随后的正常报文在 {after} 后得到应答"),
                    format!("the good frame that followed was answered after {after}"),
                );
                self.pass(check, note, evidence);
            }
            None => {
                let note = self.silence(line, probe.answer_type.unwrap_or_default(), self.now().since(probe.at));
                let note = Bilingual::new(
                    format!("随后的正常报文没有得到应答：{}", note.zh),
                    format!("the good frame that followed was not answered: {}", note.en),
                );
                self.fail(check, note, evidence);
            }
        }
    }

    /// The rule that frames are not answered: none of these questions of the phase.
    pub(super) fn unanswered(&mut self, check: &'static Check, asks: &[AskId]) {
        let told: Vec<&Asked> = asks.iter().filter_map(|ask| self.asked(*ask)).collect();
        let Some(first) = told.first() else { return };
        let answered = told.iter().find_map(|asked| Some((asked.evidence(), asked.answer()?.clone())));
        let all: Vec<EntryId> = told.iter().filter_map(|asked| asked.entry).take(EVIDENCE_MAX).collect();
        let line = first.line;
        match answered {
            Some((evidence, heard)) => {
                let code = heard.frame_type;
                let note = Bilingual::new(
                    format!("不该有应答，平台却发来 0x{code:02X}"),
                    format!("no answer was due, but the platform sent 0x{code:02X}"),
                );
                self.fail(check, note, evidence);
            }
            None if self.is_open(line) => {
                self.pass(check, Bilingual::new("平台没有应答", "the platform did not answer"), all);
            }
            None => {}
        }
    }

    /// The rule that an answer names the pile of its question, in its first bytes.
    pub(super) fn names_pile(&mut self, check: &'static Check, ask: Option<AskId>) {
        let pile = size_of::<PileCode>();
        self.repeats(check, ask, |body| body.get(..pile), |body| body.get(..pile));
    }

    /// What happened instead of an answer.
    pub(super) fn silence(&self, line: ConnectionId, code: u8, after: Duration) -> Bilingual {
        let after = span(after);
        match self.exchange.is_lost(line) {
            true => Bilingual::new(
                format!("平台没有应答 0x{code:02X}，而是断开了连接"),
                format!("the connection ended instead of a 0x{code:02X}"),
            ),
            false => {
                Bilingual::new(format!("等待 {after} 仍没有 0x{code:02X}"), format!("no 0x{code:02X} within {after}"))
            }
        }
    }
}

/// `0x04 came after 12 ms`.
pub(super) fn came(asked: &Asked, heard: &Heard) -> Bilingual {
    let (code, after) = (heard.frame_type, span(heard.at.since(asked.at)));
    Bilingual::new(format!("{after} 后收到 0x{code:02X}"), format!("0x{code:02X} came after {after}"))
}

/// `12 ms`, `3.2 s`.
pub(super) fn span(time: Duration) -> String {
    let ms = time.as_millis();
    if ms < 1000 { format!("{ms} ms") } else { format!("{}.{} s", ms / 1000, ms % 1000 / 100) }
}

const fn weight(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::NotSeen => 0,
        Verdict::Pass => 1,
        Verdict::Fail => 2,
    }
}
