//! Rules, and how they are judged.

use super::talk::Talk;
use crate::case::{Case, both};
use crate::check::{Check, Finding};
use crate::trace::EntryId;

/// A check, and how it is judged: a function over what a protocol's rules look at.
#[derive(Debug)]
pub(crate) struct Rule<J> {
    pub(crate) check: Check,
    pub(crate) judge: J,
}

/// A rule in one line.
pub(crate) const fn rule<J: Copy>(
    id: &'static str,
    zh: &'static str,
    en: &'static str,
    source: &'static str,
    judge: J,
) -> Rule<J> {
    Rule { check: Check { id, zh, en, source }, judge }
}

/// Judges rules, each on a case of its own.
pub(crate) fn judge<J: 'static>(
    rules: impl Iterator<Item = &'static Rule<J>>,
    mut look: impl FnMut(&J, &mut Case),
) -> Vec<Finding> {
    let judged = rules.map(|rule| {
        let mut case = Case::default();
        look(&rule.judge, &mut case);
        case.finish(&rule.check)
    });
    judged.collect()
}

/// The pile sends nothing but frames; `first` is its first one.
pub(crate) fn nothing_between_frames<F>(talk: &Talk<'_, F>, first: Option<EntryId>, case: &mut Case) {
    let mut is_clean = true;
    for (id, count) in talk.junk_of_pile() {
        is_clean = false;
        case.broken(&[id], both!("有 {count} 字节不属于任何帧", "{count} bytes belong to no frame"));
    }
    if let Some(first) = first.filter(|_| is_clean) {
        case.followed(&[first]);
    }
}
