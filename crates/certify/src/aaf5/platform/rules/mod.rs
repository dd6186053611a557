//! The catalogue of a platform's rules, and how each is judged.

mod account;
mod alarm;
mod frame;
mod presence;
mod record;
mod strange;

use crate::aaf5::rule::Rule;
use crate::case::{Limit, limit};

/// An answer: 5 s by P52 §2.8, then piles say it again.
pub(super) const ANSWER: Limit = limit(5, 10);
/// An answer to a record: the pile sends it again after 10 s.
pub(super) const RECORD: Limit = limit(10, 30);

/// Rules that nobody sees without a card that may charge.
pub(super) const NEED_CARD: [&str; 4] = [
    "aaf5.platform.card.known",
    "aaf5.platform.card.serial",
    "aaf5.platform.card.balance",
    "aaf5.platform.card.record",
];

static TOPICS: &[&[Rule]] = &[
    presence::SIGN_IN,
    presence::HEARTBEAT,
    presence::STATUS,
    alarm::RULES,
    account::RULES,
    record::RULES,
    strange::RULES,
    frame::RULES,
];

/// All rules, in the order of the report.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    TOPICS.iter().flat_map(|topic| topic.iter())
}

/// A rule by which the frames that stand for it are answered like any other.
macro_rules! stands {
    ($id:literal, $zh:literal / $en:literal, $source:literal, $limit:expr) => {
        crate::aaf5::rule::rule($id, $zh, $en, $source, |view, case| {
            crate::aaf5::rule::marked_answered(view, $id, $limit, case)
        })
    };
    ($id:literal, $zh:literal / $en:literal, $source:literal) => {
        stands!($id, $zh / $en, $source, crate::aaf5::platform::rules::ANSWER)
    };
}
use stands;

/// A rule by which a command is answered.
macro_rules! answers {
    ($id:literal, $command:literal, $zh:literal / $en:literal, $source:literal) => {
        crate::aaf5::rule::rule($id, $zh, $en, $source, |view, case| {
            crate::aaf5::rule::answered(view, $command, crate::aaf5::platform::rules::ANSWER, case)
        })
    };
}
use answers;

/// A rule by which the frames that stand for it are passed over.
macro_rules! passed_over {
    ($id:literal, $zh:literal / $en:literal, $source:literal) => {
        crate::aaf5::rule::rule($id, $zh, $en, $source, |view, case| {
            crate::aaf5::rule::marked_unanswered(view, $id, std::time::Duration::from_secs(5), case)
        })
    };
}
use passed_over;
