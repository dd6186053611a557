//! Rules, and what many of them have in common.

use std::time::Duration;

use super::view::{Seen, View};
use crate::case::{Case, Limit, both, seconds};
use crate::check::{Check, Finding};

/// A check, and how it is judged.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) check: Check,
    pub(super) judge: fn(&View<'_>, &mut Case),
}

/// A rule in one line.
pub(super) const fn rule(
    id: &'static str,
    zh: &'static str,
    en: &'static str,
    source: &'static str,
    judge: fn(&View<'_>, &mut Case),
) -> Rule {
    Rule { check: Check { id, zh, en, source }, judge }
}

/// Judges rules.
pub(super) fn judge<'r>(rules: impl Iterator<Item = &'static Rule> + 'r, view: &View<'_>) -> Vec<Finding> {
    let judged = rules.map(|rule| {
        let mut case = Case::default();
        (rule.judge)(view, &mut case);
        case.finish(&rule.check)
    });
    judged.collect()
}

/// Every question of a command is answered in time, where the connection lived long enough.
pub(super) fn answered(view: &View<'_>, command: u16, limit: Limit, case: &mut Case) {
    for question in view.questions(command) {
        answered_one(view, question, limit, case);
    }
}

/// One question is answered in time.
pub(super) fn answered_one(view: &View<'_>, question: &Seen<'_>, limit: Limit, case: &mut Case) {
    let command = question.command;
    match view.answer(question) {
        Some(answer) => case.took(answer.at.since(question.at), limit, &[question.id, answer.id]),
        None if view.lived(question.connection, question.at, limit.bearable) => {
            let bound = seconds(limit.bearable);
            case.broken(
                &[question.id],
                both!("{command} 在 {bound} 秒内没有应答", "no answer to {command} within {bound} s"),
            );
        }
        None => match view.line(question.connection).and_then(|line| line.closed) {
            // Who hangs up on a question does not answer it.
            Some((closed, by)) if by.is_some_and(|by| by != question.direction) => case.broken(
                &[question.id, closed],
                both!("没有应答 {command}，而是断开了连接", "hung up instead of answering {command}"),
            ),
            _ => {}
        },
    }
}

/// The frames that stand for a rule are answered like any other: what is strange around them does no harm.
pub(super) fn marked_answered(view: &View<'_>, rule: &str, limit: Limit, case: &mut Case) {
    for question in view.marked(rule) {
        answered_one(view, question, limit, case);
    }
}

/// The frames that stand for a rule get no answer at all for a while.
pub(super) fn marked_unanswered(view: &View<'_>, rule: &str, within: Duration, case: &mut Case) {
    for strange in view.marked(rule) {
        let limit = strange.at + within;
        let answer = view.after(strange).find(|seen| {
            seen.direction != strange.direction
                && seen.at <= limit
                && seen.sequence == strange.sequence
                && (seen.replies_to() == Some(strange.command) || !seen.is_known())
        });
        match answer.filter(|answer| view.question_of(answer).is_none()) {
            Some(answer) => case.broken(
                &[strange.id, answer.id],
                both!("不该处理，却得到应答", "is answered, though it was to be passed over"),
            ),
            None => case.followed(&[strange.id]),
        }
    }
}
