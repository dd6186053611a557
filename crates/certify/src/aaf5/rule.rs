//! Rules, and what many of them have in common.

use std::time::Duration;

use super::view::{Seen, View};
use crate::case::{Case, Limit, both, seconds};
use crate::check::Finding;
use crate::exam::rule;
pub(super) use crate::exam::rule::rule;

/// A check, and how it is judged.
pub(super) type Rule = rule::Rule<fn(&View<'_>, &mut Case)>;

/// Judges rules.
pub(super) fn judge(rules: impl Iterator<Item = &'static Rule>, view: &View<'_>) -> Vec<Finding> {
    rule::judge(rules, |judge, case| judge(view, case))
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
        // It may have been taken for the answer to a question by the book, unless that has the same number.
        let is_meant = |seen: &Seen<'_>| {
            let question = view.question_of(seen);
            question.is_none_or(|question| question.id == strange.id || question.sequence != seen.sequence)
        };
        let answer = view.after(strange).find(|seen| {
            seen.direction != strange.direction
                && seen.at <= limit
                && seen.sequence == strange.sequence
                && (seen.replies_to() == Some(strange.command) || !seen.is_known())
                && is_meant(seen)
        });
        match answer {
            Some(answer) => case.broken(
                &[strange.id, answer.id],
                both!("不该处理，却得到应答", "is answered, though it was to be passed over"),
            ),
            None => case.followed(&[strange.id]),
        }
    }
}
