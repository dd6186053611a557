//! The steps of the exam, in order, and the words they are made of.

use std::time::Duration;

use super::request::Request::{self, *};

/// Something that a person does at the pile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Plugs the first connector into a car.
    Plug,
    /// Swipes a card at the first connector.
    SwipeCard,
}

impl Task {
    /// What is asked of the person.
    pub(super) const fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Plug => ("请把 1 号枪插到车上（或负载箱）", "please plug connector 1 into a car (or a load)"),
            Self::SwipeCard => ("请在 1 号枪刷卡（任意一张卡）", "please swipe a card at connector 1 (any card)"),
        }
    }
}

/// How the platform of the exam behaves towards what comes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Manners {
    /// Leaves 106 unanswered.
    pub(super) ignores_sign_ins: bool,
    /// Leaves 102 and 104 unanswered.
    pub(super) ignores_heartbeats: bool,
    /// Answers 204 and 208 with consent.
    pub(super) allows_cards: bool,
    /// Leaves 202 and 222 unanswered.
    pub(super) withholds_confirms: bool,
    /// Answers 202 and 222 with the number of another record.
    pub(super) confirms_another: bool,
}

/// What a step waits for. Counts are since the platform did something last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    TimeOver,
    SignedIn,
    /// So many 106 came.
    SignInsAsked(usize),
    Heartbeats(usize),
    /// The last requests are answered.
    Answered,
    Plugged,
    Charging,
    NotCharging,
    Statuses(usize),
    Asked,
    Records(usize),
    Bms(usize),
}

/// One word of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Send(Request),
    Wait(Until, Duration),
    Ask(Task, Until, Duration),
    Behave(Manners),
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
    /// Left out with `--quick`.
    pub(super) is_long: bool,
    pub(super) words: &'static [Word],
}

use Until::{
    Answered, Asked, Bms, Charging, Heartbeats, NotCharging, Plugged, Records, SignInsAsked, SignedIn, Statuses,
    TimeOver,
};
use Word::{Ask, Behave, HangUp, Need, Send, Wait};

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn step(name: &'static str, zh: &'static str, en: &'static str, words: &'static [Word]) -> Step {
    Step { name, zh, en, is_long: false, words }
}

const fn long(name: &'static str, zh: &'static str, en: &'static str, words: &'static [Word]) -> Step {
    Step { name, zh, en, is_long: true, words }
}

/// Time for an answer, and a second.
const ANSWER: Duration = s(31);
/// Time for a start to be shown (P52: 120 s).
const START: Duration = s(155);
const PERSON: Duration = s(180);
const BACK: Duration = s(310);
const RECORD: Duration = s(90);
const GOOD: Manners = Manners {
    ignores_sign_ins: false,
    ignores_heartbeats: false,
    allows_cards: false,
    withholds_confirms: false,
    confirms_another: false,
};

/// How an exam takes back what it has changed at the pile, each where it is owed: the first word is what is owed.
pub(super) static FAREWELL: &[Step] = &[
    step("stop", "结束充电", "ending the charge", &[Send(Stop), Wait(Answered, s(5)), Wait(Records(1), s(10))]),
    step("cancel", "取消预约", "cancelling the reservation", &[Send(CancelReservation), Wait(Answered, s(5))]),
    step("list_clear", "清空白名单", "clearing the white list", &[Send(ListClear), Wait(Answered, s(5))]),
    step("interval_back", "恢复参数", "setting the parameter back", &[Send(IntervalBack), Wait(Answered, s(5))]),
    step("clock_back", "恢复时钟", "setting the clock right", &[Send(ClockBack), Wait(Answered, s(5))]),
];

/// The steps, in order. Those that cut the connection come last.
pub(super) static STEPS: &[Step] = &[
    step(
        "signin",
        "签到",
        "sign-in",
        &[
            Wait(SignedIn, s(30 * 60)),
            Wait(Statuses(1), s(60)),
            Send(SignInNow),
            Wait(Answered, ANSWER),
            Wait(SignInsAsked(1), s(10)),
        ],
    ),
    step(
        "heartbeat",
        "心跳与状态",
        "heartbeats and status",
        &[
            Wait(Heartbeats(3), s(125)),
            Wait(Statuses(3), s(125)),
            Send(StatusNow),
            Wait(Statuses(1), s(10)),
            Send(StatusByControl),
            Wait(Answered, ANSWER),
        ],
    ),
    step(
        "parameters",
        "参数",
        "parameters",
        &[
            Send(IntervalQuery),
            Wait(Answered, ANSWER),
            Send(IntervalSet),
            Wait(Answered, ANSWER),
            Send(IntervalQueryAgain),
            Wait(Answered, ANSWER),
            Send(IntervalBack),
            Wait(Answered, ANSWER),
            Send(UnknownParameter),
            Wait(Answered, ANSWER),
            Send(TextQuery),
            Wait(Answered, ANSWER),
        ],
    ),
    step("clock", "对时", "clock", &[Send(ClockSet), Wait(Answered, ANSWER), Send(ClockQuery), Wait(Answered, ANSWER)]),
    step(
        "tariff",
        "计费策略",
        "tariff",
        &[
            Send(TariffGap),
            Wait(Answered, ANSWER),
            Send(TimeOfUse),
            Wait(Answered, ANSWER),
            Send(TimeOfUseQuery),
            Wait(Answered, ANSWER),
            Send(Tariff),
            Wait(Answered, ANSWER),
            Send(TariffQuery),
            Wait(Answered, ANSWER),
            Send(ServicePrice),
            Wait(Answered, ANSWER),
        ],
    ),
    step(
        "whitelist",
        "白名单",
        "white list",
        &[
            Send(ListQuery),
            Wait(Answered, ANSWER),
            Send(ListAdd),
            Wait(Answered, ANSWER),
            Send(ListQueryAgain),
            Wait(Answered, ANSWER),
            Send(ListClear),
            Wait(Answered, ANSWER),
        ],
    ),
    step(
        "robust",
        "异常与分包",
        "bad frames and packets",
        &[
            Send(Split),
            Wait(Answered, ANSWER),
            Send(Glued),
            Wait(Answered, ANSWER),
            Send(BadChecksum),
            Wait(TimeOver, s(6)),
            Send(AfterBad),
            Wait(Answered, ANSWER),
            Send(Unknown),
            Wait(TimeOver, s(2)),
            Send(AfterUnknown),
            Wait(Answered, ANSWER),
            Send(Garbage),
            Wait(Answered, ANSWER),
            Send(Absurd),
            Wait(Answered, ANSWER),
            Send(Longer),
            Wait(Answered, ANSWER),
            Send(Reserved),
            Wait(Answered, ANSWER),
        ],
    ),
    step(
        "refuse",
        "应拒绝的启动",
        "starts to be refused",
        &[
            Send(StartAtNoConnector),
            Wait(Answered, START),
            Send(StartWithBadMode),
            Wait(Answered, START),
            Send(StartWithBadStrategy),
            Wait(Answered, START),
        ],
    ),
    step("plug", "插枪", "plugging in", &[Ask(Task::Plug, Plugged, PERSON)]),
    step(
        "reserve",
        "预约",
        "reservation",
        &[
            Send(Reserve),
            Wait(Answered, START),
            Wait(Statuses(2), s(60)),
            Send(CancelReservation),
            Wait(Answered, ANSWER),
            Wait(Statuses(1), s(60)),
        ],
    ),
    step(
        "charge",
        "远程启停",
        "remote start and stop",
        &[
            Send(Start),
            Wait(Charging, START),
            Send(SecondStart),
            Wait(Answered, START),
            Wait(Bms(2), s(95)),
            Wait(Statuses(3), s(125)),
            Send(Stop),
            Wait(Answered, ANSWER),
            Wait(Records(1), RECORD),
            Wait(NotCharging, s(31)),
            Wait(TimeOver, s(25)),
            Send(Stored),
            Wait(Answered, ANSWER),
            Send(StoredNone),
            Wait(Answered, ANSWER),
            Send(Slots),
            Wait(Answered, ANSWER),
        ],
    ),
    step(
        "limits",
        "按电量充电",
        "a charge limited by energy",
        &[
            Send(StartByEnergy),
            Wait(Charging, START),
            Wait(Records(1), s(900)),
            Send(Stop),
            Wait(Answered, ANSWER),
            Wait(Records(1), s(20)),
            Wait(NotCharging, s(31)),
        ],
    ),
    long(
        "repeat",
        "记录重发",
        "repeated records",
        &[
            Send(Start),
            Wait(Charging, START),
            Wait(Statuses(2), s(60)),
            Behave(Manners { withholds_confirms: true, ..GOOD }),
            Send(Stop),
            Wait(Records(3), s(120)),
            Behave(Manners { confirms_another: true, ..GOOD }),
            Wait(Records(2), s(60)),
            Behave(Manners { withholds_confirms: true, ..GOOD }),
            HangUp,
            Wait(SignedIn, BACK),
            Wait(Records(1), s(60)),
            Behave(GOOD),
            Wait(Records(1), s(60)),
            Wait(TimeOver, s(40)),
        ],
    ),
    step(
        "offline",
        "充电中断线",
        "offline while charging",
        &[
            Send(Start),
            Wait(Charging, START),
            Wait(Statuses(2), s(60)),
            HangUp,
            Wait(SignedIn, BACK),
            Wait(Statuses(2), s(60)),
            Send(Stop),
            Wait(Records(1), RECORD),
            Wait(NotCharging, s(31)),
        ],
    ),
    step(
        "card",
        "刷卡启动",
        "cards",
        &[
            Ask(Task::SwipeCard, Asked, PERSON),
            Need(Asked),
            Wait(TimeOver, s(20)),
            Behave(Manners { allows_cards: true, ..GOOD }),
            Ask(Task::SwipeCard, Charging, PERSON),
            Wait(Statuses(2), s(60)),
            Send(Stop),
            Wait(Records(1), RECORD),
            Wait(NotCharging, s(31)),
            Behave(GOOD),
        ],
    ),
    long("signin_again", "定期签到", "sign-ins by the clock", &[Wait(SignInsAsked(1), s(31 * 60))]),
    long(
        "silence",
        "应答缺失",
        "answers that fail to come",
        &[
            Behave(Manners { ignores_heartbeats: true, ..GOOD }),
            Wait(SignedIn, s(301)),
            Behave(GOOD),
            Behave(Manners { ignores_sign_ins: true, ..GOOD }),
            HangUp,
            Wait(SignInsAsked(4), s(120)),
            Behave(GOOD),
            Wait(SignedIn, BACK),
        ],
    ),
    step(
        "reboot",
        "远程重启",
        "reboot",
        &[Send(ClockBack), Wait(Answered, ANSWER), Send(Reboot), Wait(Answered, ANSWER), Wait(SignedIn, BACK)],
    ),
];
