//! The words in which a step of the exam is written: what to ask, what to wait for, whom to ask for what.

use std::time::Duration;

use super::request::Request;

/// Something that a person does at the pile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Plugs the first connector into a car.
    Plug,
    /// Swipes a card at the first connector.
    SwipeCard,
    /// Pulls the plug of the first connector, or presses the emergency stop where the plug is locked.
    Unplug,
}

impl Task {
    /// What is asked of the person.
    pub(super) const fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Plug => ("请把 1 号枪插到车上（或负载箱）", "please plug connector 1 into a car (or a load)"),
            Self::SwipeCard => ("请在 1 号枪刷卡（任意一张卡）", "please swipe a card at connector 1 (any card)"),
            Self::Unplug => (
                "请在充电中拔下 1 号枪（拔不下来就按急停，之后再复位）",
                "please pull the plug of connector 1 while it charges (where it is locked, press the emergency stop)",
            ),
        }
    }
}

/// How the platform of the exam behaves towards what comes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Manners {
    /// Answers 0x01 with a refusal.
    pub(super) refuses_logins: bool,
    /// Leaves 0x03 unanswered.
    pub(super) ignores_heartbeats: bool,
    /// Leaves the next 0x05 and the next 0x09 unanswered.
    pub(super) forgets_tariff_once: bool,
    /// Answers 0x31 with a refusal.
    pub(super) refuses_cards: bool,
    /// Leaves 0x3B unanswered.
    pub(super) withholds_confirms: bool,
    /// Answers 0x3B twice.
    pub(super) confirms_twice: bool,
}

impl Manners {
    /// By the book; cards are refused where no step wants them.
    pub(super) const GOOD: Self = Self {
        refuses_logins: false,
        ignores_heartbeats: false,
        forgets_tariff_once: false,
        refuses_cards: true,
        withholds_confirms: false,
        confirms_twice: false,
    };
}

/// What a step waits for. Counts are since the platform did something last: sent, asked, hung up, behaved differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// The time is over.
    TimeOver,
    /// A login was taken.
    LoggedIn,
    /// The tariff is settled: 0x0A was sent, or 0x05 answered with "same".
    TariffSettled,
    /// So many heartbeats came.
    Heartbeats(usize),
    /// The last request was answered.
    Answered,
    /// Connector 1 says that it is plugged in.
    Plugged,
    /// 0x13 shows connector 1 charging.
    Charging,
    /// 0x13 shows connector 1 not charging.
    NotCharging,
    /// So many 0x13 of connector 1 came.
    Reports(usize),
    /// Somebody asked with 0x31.
    Asked,
    /// So many 0x3B came.
    Records(usize),
    /// The pile asked to log in again.
    LoginAsked,
}

/// One word of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// Asks the pile for something.
    Send(Request),
    /// Waits until something came, but not for ever.
    Wait(Until, Duration),
    /// Asks a person for something, and waits until the pile shows it.
    Ask(Task, Until, Duration),
    /// Behaves like that from now on.
    Behave(Manners),
    /// Hangs up.
    HangUp,
    /// Goes on only if it is so; else the step is over.
    Need(Until),
}

/// A part of the exam.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) zh: &'static str,
    pub(super) en: &'static str,
    /// Left out with `--quick`: it mostly waits.
    pub(super) is_long: bool,
    pub(super) words: &'static [Word],
}
