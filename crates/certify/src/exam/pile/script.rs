//! The words in which a step of a pile's exam is written: what to ask, what to wait for, whom to ask for what.

use std::time::Duration;

/// Something that a person does at the pile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Plugs the first connector into a car.
    Plug,
    /// Swipes a card at the first connector.
    SwipeCard,
    /// Starts the first connector by the VIN of its car (AA F5).
    StartByVin,
    /// Pulls the plug of the first connector, or presses the emergency stop where the plug is locked.
    Unplug,
}

impl Task {
    /// What is asked of the person.
    pub(super) const fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Plug => ("请把 1 号枪插到车上（或负载箱）", "please plug connector 1 into a car (or a load)"),
            Self::SwipeCard => ("请在 1 号枪刷卡（任意一张卡）", "please swipe a card at connector 1 (any card)"),
            Self::StartByVin => (
                "请在 1 号枪选择即插即充（VIN）启动；桩没有此功能则跳过",
                "please start connector 1 by VIN (plug and charge); skip this where the pile has none",
            ),
            Self::Unplug => (
                "请在充电中拔下 1 号枪（拔不下来就按急停，之后再复位）",
                "please pull the plug of connector 1 while it charges (where it is locked, press the emergency stop)",
            ),
        }
    }
}

/// How the platform of the exam behaves towards what comes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Manners {
    /// Answers logins with a refusal (YKC).
    pub(crate) refuses_logins: bool,
    /// Leaves logins unanswered (AA F5).
    pub(crate) ignores_logins: bool,
    /// Leaves heartbeats unanswered, in AA F5 also 104.
    pub(crate) ignores_heartbeats: bool,
    /// Leaves the next 0x05 and the next 0x09 unanswered (YKC).
    pub(crate) forgets_tariff_once: bool,
    /// Leaves the first question for a card unanswered (AA F5).
    pub(crate) forgets_card_once: bool,
    /// Lets whoever asks at the pile charge.
    pub(crate) allows_cards: bool,
    /// Leaves records unanswered.
    pub(crate) withholds_confirms: bool,
    /// Answers records twice (YKC).
    pub(crate) confirms_twice: bool,
    /// Answers records with the number of another one (AA F5).
    pub(crate) confirms_another: bool,
}

impl Manners {
    /// By the book; cards are refused where no step wants them.
    pub(crate) const GOOD: Self = Self {
        refuses_logins: false,
        ignores_logins: false,
        ignores_heartbeats: false,
        forgets_tariff_once: false,
        forgets_card_once: false,
        allows_cards: false,
        withholds_confirms: false,
        confirms_twice: false,
        confirms_another: false,
    };
}

/// What a step waits for. Counts are since the platform did something last: sent, asked, hung up, behaved differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    /// The time is over.
    TimeOver,
    /// So many logins were asked for.
    LoginsAsked(usize),
    /// A login was taken.
    LoggedIn,
    /// The tariff is settled: 0x0A was sent, or 0x05 answered with "same" (YKC).
    TariffSettled,
    /// So many heartbeats came.
    Heartbeats(usize),
    /// The last requests are answered.
    Answered,
    /// Connector 1 says that it is plugged in.
    Plugged,
    /// Connector 1 says that it is not plugged in.
    Unplugged,
    /// Connector 1 shows that it charges.
    Charging,
    /// Connector 1 shows that it does not charge.
    NotCharging,
    /// So many reports of connector 1 came (0x13, 104).
    Reports(usize),
    /// So many messages of the battery came (AA F5: 302).
    Bms(usize),
    /// Somebody asked at the pile to charge.
    Asked,
    /// So many records came.
    Records(usize),
}

/// One word of a step; `R` is what the protocol can ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word<R> {
    /// Asks the pile for something.
    Send(R),
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
pub struct Step<R: 'static> {
    pub(crate) name: &'static str,
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
    /// Left out with `--quick`: it mostly waits.
    is_long: bool,
    pub(crate) words: &'static [Word<R>],
}

impl<R> Step<R> {
    /// Whether it is gone through, where nobody names steps.
    pub(super) const fn is_in(&self, quick: bool) -> bool {
        !(quick && self.is_long)
    }
}

/// A step.
pub(crate) const fn step<R>(
    name: &'static str,
    zh: &'static str,
    en: &'static str,
    words: &'static [Word<R>],
) -> Step<R> {
    Step { name, zh, en, is_long: false, words }
}

/// A step that mostly waits.
pub(crate) const fn long<R>(
    name: &'static str,
    zh: &'static str,
    en: &'static str,
    words: &'static [Word<R>],
) -> Step<R> {
    Step { name, zh, en, is_long: true, words }
}

/// A time in seconds.
pub(crate) const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Time for an answer: what the rules take for broken, and a second.
pub(crate) const ANSWER: Duration = s(31);
/// Time for a person.
pub(crate) const PERSON: Duration = s(180);
/// Time for a pile to come back.
pub(crate) const BACK: Duration = s(310);
/// Time for a record after a stop.
pub(crate) const RECORD: Duration = s(90);
/// Time for an answer to what takes something back.
pub(crate) const LAST_ANSWER: Duration = s(5);
/// Time for the record of a charge that was broken off.
pub(crate) const LAST_RECORD: Duration = s(10);
/// Somebody has to switch the pile on first.
pub(crate) const FIRST_LOGIN: Duration = s(30 * 60);
