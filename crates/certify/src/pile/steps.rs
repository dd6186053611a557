//! The steps of the exam, in order.

use std::time::Duration;

use super::request::Request::{
    BadCrc, Balance, CardClear, CardQuery, CardSync, ClockBack, ClockSet, Glued, Lock, OtherPile, Read, Reboot,
    SecondStart, SetTariff, Split, Start, StartAtNoConnector, StartOfOtherPile, Stop, Unknown, Unlock, WrongBalance,
};
use super::script::Task::{Plug, SwipeCard, Unplug};
use super::script::Until::{
    Answered, Asked, Charging, Heartbeats, LoggedIn, LoginAsked, NotCharging, Plugged, Records, Reports, TariffSettled,
    TimeOver,
};
use super::script::Word::{Ask, Behave, HangUp, Need, Send, Wait};
use super::script::{Manners, Step, Word};

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Time for an answer: what the rules take for broken, and a second.
const ANSWER: Duration = s(31);
/// Time for a start that was agreed to, to be shown (rule 1 has 90 s).
const START: Duration = s(95);
/// Time for a person.
const PERSON: Duration = s(180);
/// Time for a pile to come back.
const BACK: Duration = s(310);
/// Time for a record after a stop.
const RECORD: Duration = s(90);
/// Time for an answer to what takes something back.
const LAST_ANSWER: Duration = s(5);
/// Time for the record of a charge that was broken off.
const LAST_RECORD: Duration = s(10);
/// Somebody has to switch the pile on first.
const FIRST_LOGIN: Duration = s(30 * 60);

/// How an exam takes back what it has changed at the pile, each where it is owed: the first word is what is owed.
/// Nobody waits for a pile that does not answer; a record that comes in time is taken.
pub(super) static FAREWELL: &[Step] = &[
    farewell(
        "stop",
        "结束充电",
        "ending the charge",
        &[Send(Stop), Wait(Answered, LAST_ANSWER), Wait(Records(1), LAST_RECORD)],
    ),
    farewell("unlock", "解除锁定", "unlocking", &[Send(Unlock), Wait(Answered, LAST_ANSWER)]),
    farewell("forget_card", "清除离线卡", "clearing the offline card", &[Send(CardClear), Wait(Answered, LAST_ANSWER)]),
    farewell("clock_back", "恢复时钟", "setting the clock right", &[Send(ClockBack), Wait(Answered, LAST_ANSWER)]),
];

const fn farewell(name: &'static str, zh: &'static str, en: &'static str, words: &'static [Word]) -> Step {
    Step { name, zh, en, is_long: false, words }
}

/// The steps, in order. Those that cut the connection come last, the refusal of a login at the very end.
pub(super) static STEPS: &[Step] = &[
    Step {
        name: "login",
        zh: "登录与计费模型",
        en: "login and tariff",
        is_long: false,
        words: &[
            Behave(Manners { forgets_tariff_once: true, ..Manners::GOOD }),
            Wait(LoggedIn, FIRST_LOGIN),
            Wait(TariffSettled, s(200)),
            Behave(Manners::GOOD),
            Wait(Reports(1), s(30)),
        ],
    },
    Step { name: "heartbeat", zh: "心跳", en: "heartbeats", is_long: false, words: &[Wait(Heartbeats(4), s(125))] },
    Step { name: "clock", zh: "对时", en: "clock", is_long: false, words: &[Send(ClockSet), Wait(Answered, ANSWER)] },
    Step {
        name: "tariff",
        zh: "下发计费模型",
        en: "setting a tariff",
        is_long: false,
        words: &[Send(SetTariff), Wait(Answered, ANSWER)],
    },
    Step {
        name: "read",
        zh: "读取实时数据",
        en: "reading telemetry",
        is_long: false,
        words: &[Send(Read), Wait(Answered, ANSWER)],
    },
    Step {
        name: "robust",
        zh: "异常与分包",
        en: "bad frames and packets",
        is_long: false,
        words: &[
            Send(Split),
            Wait(Answered, ANSWER),
            Send(Glued),
            Wait(Answered, ANSWER),
            Send(BadCrc),
            Wait(TimeOver, s(16)),
            Send(Unknown),
            Wait(TimeOver, s(16)),
            Send(OtherPile),
            Wait(TimeOver, s(16)),
        ],
    },
    Step {
        name: "cards",
        zh: "离线卡",
        en: "offline cards",
        is_long: false,
        words: &[
            Send(CardSync),
            Wait(Answered, ANSWER),
            Send(CardQuery),
            Wait(Answered, ANSWER),
            Send(CardClear),
            Wait(Answered, ANSWER),
            Send(CardQuery),
            Wait(Answered, ANSWER),
        ],
    },
    Step {
        name: "refuse",
        zh: "应拒绝的启动",
        en: "starts to be refused",
        is_long: false,
        words: &[
            Send(StartOfOtherPile),
            Wait(TimeOver, s(16)),
            Send(StartAtNoConnector),
            Wait(Answered, ANSWER),
            Send(Start),
            Wait(Answered, ANSWER),
            // A car that comes with the start is sent away again.
            Wait(Charging, s(5)),
            Send(Stop),
            Wait(Answered, ANSWER),
            Wait(NotCharging, s(30)),
        ],
    },
    Step {
        name: "plug",
        zh: "插枪与锁定",
        en: "plugging in, and the lock",
        is_long: false,
        words: &[
            Ask(Plug, Plugged, PERSON),
            Need(Plugged),
            Send(Lock),
            Wait(Answered, ANSWER),
            Send(Start),
            Wait(Answered, ANSWER),
            Send(Stop),
            Wait(Answered, ANSWER),
            Send(Unlock),
            Wait(Answered, ANSWER),
        ],
    },
    Step {
        name: "charge",
        zh: "远程启停",
        en: "remote start and stop",
        is_long: false,
        words: &[
            Behave(Manners { confirms_twice: true, ..Manners::GOOD }),
            Send(Start),
            Wait(Charging, START),
            Send(SecondStart),
            Wait(Answered, ANSWER),
            Send(WrongBalance),
            Wait(Answered, ANSWER),
            Send(Balance),
            Wait(Answered, ANSWER),
            Wait(Reports(5), s(150)),
            Send(Stop),
            Wait(Answered, ANSWER),
            Wait(Records(1), RECORD),
            Wait(NotCharging, s(31)),
            Wait(TimeOver, s(40)),
            Behave(Manners::GOOD),
        ],
    },
    Step {
        name: "repeat",
        zh: "交易记录重发",
        en: "repeated records",
        is_long: true,
        words: &[
            Send(Start),
            Wait(Charging, START),
            Wait(Reports(3), s(120)),
            Behave(Manners { withholds_confirms: true, ..Manners::GOOD }),
            Send(Stop),
            Wait(Records(1), RECORD),
            Wait(Records(2), s(61)),
            Wait(Records(3), s(61)),
            Wait(Records(4), s(61)),
            Wait(Records(5), s(421)),
            Behave(Manners::GOOD),
            HangUp,
            Wait(LoggedIn, BACK),
            Wait(TimeOver, s(40)),
        ],
    },
    Step {
        name: "offline",
        zh: "充电中断线",
        en: "offline while charging",
        is_long: false,
        words: &[
            Send(Start),
            Wait(Charging, START),
            Wait(Reports(3), s(120)),
            HangUp,
            Wait(LoggedIn, BACK),
            Wait(Reports(3), s(60)),
            Send(Stop),
            Wait(Records(1), RECORD),
            Wait(NotCharging, s(31)),
        ],
    },
    Step {
        name: "card",
        zh: "刷卡启动",
        en: "cards",
        is_long: false,
        words: &[
            Ask(SwipeCard, Asked, PERSON),
            Need(Asked),
            Wait(TimeOver, s(31)),
            Behave(Manners { refuses_cards: false, ..Manners::GOOD }),
            Ask(SwipeCard, Charging, PERSON),
            Behave(Manners::GOOD),
            Wait(Reports(3), s(60)),
            Send(Stop),
            Wait(Records(1), RECORD),
            Wait(NotCharging, s(31)),
        ],
    },
    Step {
        name: "unplug",
        zh: "充电中拔枪",
        en: "unplugging during a charge",
        is_long: false,
        words: &[
            Send(Start),
            Wait(Charging, START),
            Wait(Reports(2), s(60)),
            Ask(Unplug, NotCharging, PERSON),
            Wait(Records(1), s(50)),
            // Where nobody pulled it.
            Send(Stop),
            Wait(Answered, ANSWER),
            Wait(NotCharging, RECORD),
        ],
    },
    Step {
        name: "idle",
        zh: "空闲上送周期",
        en: "telemetry of an idle pile",
        is_long: true,
        words: &[Wait(Reports(1), s(601)), Wait(Reports(2), s(601))],
    },
    Step {
        name: "reboot",
        zh: "远程重启",
        en: "reboot",
        is_long: false,
        words: &[Send(Reboot), Wait(Answered, ANSWER), Wait(LoggedIn, BACK), Wait(TariffSettled, s(60))],
    },
    Step {
        name: "silence",
        zh: "心跳无应答",
        en: "heartbeats without answers",
        is_long: true,
        words: &[
            Behave(Manners { ignores_heartbeats: true, ..Manners::GOOD }),
            Wait(LoggedIn, s(301)),
            Behave(Manners::GOOD),
        ],
    },
    Step {
        name: "refusal",
        zh: "登录被拒绝",
        en: "a refused login",
        is_long: false,
        words: &[
            Send(ClockBack),
            Wait(Answered, ANSWER),
            Behave(Manners { refuses_logins: true, ..Manners::GOOD }),
            HangUp,
            Wait(LoginAsked, BACK),
            Wait(TimeOver, s(20)),
            Behave(Manners::GOOD),
            Wait(LoggedIn, BACK),
            Wait(TimeOver, s(5)),
        ],
    },
];
