//! The steps of the exam, in order.

use std::time::Duration;

use super::request::Request::{
    self, BadCrc, Balance, CardClear, CardQuery, CardSync, ClockBack, ClockSet, Glued, Lock, OtherPile, Read, Reboot,
    SecondStart, SetTariff, Split, Start, StartAtNoConnector, StartOfOtherPile, Stop, Unknown, Unlock, WrongBalance,
};
use crate::exam::pile::script::Task::{Plug, SwipeCard, Unplug};
use crate::exam::pile::script::Until::{
    Answered, Asked, Charging, Heartbeats, LoggedIn, LoginsAsked, NotCharging, Plugged, Records, Reports,
    TariffSettled, TimeOver,
};
use crate::exam::pile::script::Word::{Ask, Behave, HangUp, Need, Send, Wait};
use crate::exam::pile::script::{
    ANSWER, BACK, FIRST_LOGIN, LAST_ANSWER, LAST_RECORD, Manners, PERSON, RECORD, Step, long, s, step,
};

/// Time for a start that was agreed to, to be shown (rule 1 has 90 s).
const START: Duration = s(95);

/// How an exam takes back what it has changed at the pile, each where it is owed: the first word is what is owed.
/// Nobody waits for a pile that does not answer; a record that comes in time is taken.
pub(super) const FAREWELL: &[Step<Request>] = &[
    step(
        "stop",
        "结束充电",
        "ending the charge",
        &[Send(Stop), Wait(Answered, LAST_ANSWER), Wait(Records(1), LAST_RECORD)],
    ),
    step("unlock", "解除锁定", "unlocking", &[Send(Unlock), Wait(Answered, LAST_ANSWER)]),
    step("forget_card", "清除离线卡", "clearing the offline card", &[Send(CardClear), Wait(Answered, LAST_ANSWER)]),
    step("clock_back", "恢复时钟", "setting the clock right", &[Send(ClockBack), Wait(Answered, LAST_ANSWER)]),
];

/// The steps, in order. Those that cut the connection come last, the refusal of a login at the very end.
pub(super) const STEPS: &[Step<Request>] = &[
    step(
        "login",
        "登录与计费模型",
        "login and tariff",
        &[
            Behave(Manners { forgets_tariff_once: true, ..Manners::GOOD }),
            Wait(LoggedIn, FIRST_LOGIN),
            Wait(TariffSettled, s(200)),
            Behave(Manners::GOOD),
            Wait(Reports(1), s(30)),
        ],
    ),
    step("heartbeat", "心跳", "heartbeats", &[Wait(Heartbeats(4), s(125))]),
    step("clock", "对时", "clock", &[Send(ClockSet), Wait(Answered, ANSWER)]),
    step("tariff", "下发计费模型", "setting a tariff", &[Send(SetTariff), Wait(Answered, ANSWER)]),
    step("read", "读取实时数据", "reading telemetry", &[Send(Read), Wait(Answered, ANSWER)]),
    step(
        "robust",
        "异常与分包",
        "bad frames and packets",
        &[
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
    ),
    step(
        "cards",
        "离线卡",
        "offline cards",
        &[
            Send(CardSync),
            Wait(Answered, ANSWER),
            Send(CardQuery),
            Wait(Answered, ANSWER),
            Send(CardClear),
            Wait(Answered, ANSWER),
            Send(CardQuery),
            Wait(Answered, ANSWER),
        ],
    ),
    step(
        "refuse",
        "应拒绝的启动",
        "starts to be refused",
        &[
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
    ),
    step(
        "plug",
        "插枪与锁定",
        "plugging in, and the lock",
        &[
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
    ),
    step(
        "charge",
        "远程启停",
        "remote start and stop",
        &[
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
    ),
    long(
        "repeat",
        "交易记录重发",
        "repeated records",
        &[
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
    ),
    step(
        "offline",
        "充电中断线",
        "offline while charging",
        &[
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
    ),
    step(
        "card",
        "刷卡启动",
        "cards",
        &[
            Ask(SwipeCard, Asked, PERSON),
            Need(Asked),
            Wait(TimeOver, s(31)),
            Behave(Manners { allows_cards: true, ..Manners::GOOD }),
            Ask(SwipeCard, Charging, PERSON),
            Behave(Manners::GOOD),
            Wait(Reports(3), s(60)),
            Send(Stop),
            Wait(Records(1), RECORD),
            Wait(NotCharging, s(31)),
        ],
    ),
    step(
        "unplug",
        "充电中拔枪",
        "unplugging during a charge",
        &[
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
    ),
    long("idle", "空闲上送周期", "telemetry of an idle pile", &[Wait(Reports(1), s(601)), Wait(Reports(2), s(601))]),
    step(
        "reboot",
        "远程重启",
        "reboot",
        &[Send(Reboot), Wait(Answered, ANSWER), Wait(LoggedIn, BACK), Wait(TariffSettled, s(60))],
    ),
    long(
        "silence",
        "心跳无应答",
        "heartbeats without answers",
        &[Behave(Manners { ignores_heartbeats: true, ..Manners::GOOD }), Wait(LoggedIn, s(301)), Behave(Manners::GOOD)],
    ),
    step(
        "refusal",
        "登录被拒绝",
        "a refused login",
        &[
            Send(ClockBack),
            Wait(Answered, ANSWER),
            Behave(Manners { refuses_logins: true, ..Manners::GOOD }),
            HangUp,
            Wait(LoginsAsked(1), BACK),
            Wait(TimeOver, s(20)),
            Behave(Manners::GOOD),
            Wait(LoggedIn, BACK),
            Wait(TimeOver, s(5)),
        ],
    ),
];
