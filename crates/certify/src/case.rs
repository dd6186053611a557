//! What speaks for and against who is examined, in one check.

use std::time::Duration;

use voltapile_protocol::inspect::lang::Bilingual;

use crate::check::{Check, Finding, Verdict};
use crate::trace::EntryId;

/// Entries shown as evidence of one finding: enough to see it, few enough to read.
const EVIDENCE_MAX: usize = 12;

/// A time limit: what is by the book, and what others can still live with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) by_the_book: Duration,
    pub(crate) bearable: Duration,
}

/// A limit in seconds.
pub(crate) const fn limit(by_the_book_s: u64, bearable_s: u64) -> Limit {
    Limit { by_the_book: Duration::from_secs(by_the_book_s), bearable: Duration::from_secs(bearable_s) }
}

/// A text in both languages, with the same captured arguments.
macro_rules! both {
    ($zh:literal, $en:literal) => {
        voltapile_protocol::inspect::lang::Bilingual::new(format!($zh), format!($en))
    };
}
pub(crate) use both;

/// What speaks for and against who is examined, in one check.
#[derive(Debug, Default)]
pub(crate) struct Case {
    occasions: usize,
    faults: usize,
    seen: Vec<EntryId>,
    broken: Vec<EntryId>,
    fault: Option<Bilingual>,
    remark: Option<Bilingual>,
}

impl Case {
    /// There was an occasion, and the rule was followed.
    pub(crate) fn followed(&mut self, evidence: &[EntryId]) {
        self.occasions += 1;
        keep(&mut self.seen, evidence);
    }

    /// There was an occasion, and the rule was broken.
    pub(crate) fn broken(&mut self, evidence: &[EntryId], what: Bilingual) {
        self.occasions += 1;
        self.faults += 1;
        keep(&mut self.broken, evidence);
        self.fault.get_or_insert(what);
    }

    /// One or the other.
    pub(crate) fn holds(&mut self, holds: bool, evidence: &[EntryId], otherwise: impl FnOnce() -> Bilingual) {
        if holds { self.followed(evidence) } else { self.broken(evidence, otherwise()) }
    }

    /// Something took its time: fine, borne with and remarked, or too long.
    pub(crate) fn took(&mut self, time: Duration, limit: Limit, evidence: &[EntryId]) {
        let (took, bound, bearable) = (seconds(time), seconds(limit.by_the_book), seconds(limit.bearable));
        if time > limit.bearable {
            return self.broken(
                evidence,
                both!(
                    "用了 {took} 秒，最多可容忍 {bearable} 秒",
                    "took {took} s; at most {bearable} s can be borne with"
                ),
            );
        }
        self.followed(evidence);
        if time > limit.by_the_book {
            self.remark(both!(
                "偏慢：用了 {took} 秒，按规范应在 {bound} 秒内",
                "slow: took {took} s where {bound} s are by the book"
            ));
        }
    }

    /// Something that is worth knowing, whatever the verdict; the first one is kept.
    pub(crate) fn remark(&mut self, what: Bilingual) {
        self.remark.get_or_insert(what);
    }

    /// The verdict.
    pub(crate) fn finish(self, check: &'static Check) -> Finding {
        let Self { occasions, faults, seen, broken, fault, remark } = self;
        let (verdict, note, evidence) = match fault {
            Some(fault) => (Verdict::Fail, with_count(fault, faults, occasions), broken),
            None if occasions > 0 => (Verdict::Pass, both!("已观察 {occasions} 次", "seen {occasions} times"), seen),
            None => (Verdict::NotSeen, both!("没有遇到这种情况", "there was no occasion"), seen),
        };
        let note = match remark {
            Some(remark) => joined(&note, &remark),
            None => note,
        };
        Finding { check, verdict, note, evidence }
    }
}

fn keep(kept: &mut Vec<EntryId>, evidence: &[EntryId]) {
    let room = EVIDENCE_MAX.saturating_sub(kept.len());
    kept.extend(evidence.iter().take(room));
}

fn with_count(fault: Bilingual, faults: usize, occasions: usize) -> Bilingual {
    if occasions < 2 {
        return fault;
    }
    let (zh, en) = (fault.zh, fault.en);
    both!("{zh}（{occasions} 次中有 {faults} 次）", "{en} ({faults} of {occasions} times)")
}

fn joined(one: &Bilingual, other: &Bilingual) -> Bilingual {
    Bilingual::new(format!("{}；{}", one.zh, other.zh), format!("{}; {}", one.en, other.en))
}

/// Seconds with one decimal where there is any.
pub(crate) fn seconds(duration: Duration) -> String {
    let tenths = duration.as_millis() / 100;
    if tenths.is_multiple_of(10) { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
}
