//! The exam's plan: what the played pile says, in order, and which of it stands for a rule.

use std::time::Duration;

use super::say::Speech::{self, *};

/// How a frame's bytes leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// At once.
    Whole,
    /// In two halves, some time apart.
    Halves,
    /// Byte by byte.
    Bytes,
    /// Behind bytes of no frame, in one write with them.
    Behind(&'static [u8]),
}

/// What stands for no rule and is not by the book either: nobody looks at its answer.
const NOTHING: &str = "-";

/// One word of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// A new connection; the one before stays open.
    Dial,
    /// A new connection on which the pile signs in, where none is.
    Ensure,
    /// Says something by the book, and waits for its answer.
    Ask(Speech),
    /// Says something that stands for a rule, and waits for its answer.
    Stand(&'static str, Speech, Manner),
    /// Several frames in one write that stand for a rule.
    Glued(&'static str, &'static [Speech]),
    /// Says something strange that stands for a rule, and waits for nothing but a moment.
    Strange(&'static str, Speech),
    /// Waits.
    Pause(Duration),
    /// Hangs up.
    HangUp,
    /// Hangs up on the connection before.
    HangUpOld,
    /// Waits until the platform hangs up, but not for ever.
    Hush(Duration),
}

/// A part of the exam that people are told of.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) zh: &'static str,
    pub(super) en: &'static str,
    /// Left out with `--quick`.
    pub(super) is_long: bool,
    pub(super) words: &'static [Word],
}

use Manner::{Behind, Bytes, Halves, Whole};
use Word::{Ask, Dial, Ensure, Glued, HangUp, HangUpOld, Hush, Pause, Stand, Strange};

const fn step(zh: &'static str, en: &'static str, words: &'static [Word]) -> Step {
    Step { zh, en, is_long: false, words }
}

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// What a modem that lost its mind might write.
const GARBAGE: &[u8] = b"+CSQ: 21,99\r\nOK\r\n";
/// A start, a length, and nothing that belongs to it: shorter than what follows, so that the check sum tells.
const FALSE_START: &[u8] = &[0x0D, 0xAA, 0xF5, 0x10, 0x00];
/// A length beyond all bounds.
const ABSURD: &[u8] = &[0xAA, 0xF5, 0xFF, 0xFF, 0x10, 0x00, 0x66, 0x00];
/// A length that no frame has.
const TOO_SHORT: &[u8] = &[0xAA, 0xF5, 0x03, 0x00, 0x10];

/// The steps: by the book first, then what is strange, then what may cost the connection.
pub(super) static STEPS: &[Step] = &[
    step(
        "签到",
        "Sign-in",
        &[
            Dial,
            Ask(SignIn),
            Pause(ms(300)),
            Stand("aaf5.platform.signin.again", SignIn, Whole),
            HangUp,
            Dial,
            Strange("aaf5.platform.signin.first", Heartbeat),
            Stand("aaf5.platform.signin.after_early_frame", SignIn, Whole),
            HangUp,
            Dial,
            Stand("aaf5.platform.signin.v26", SignInOf(96), Whole),
            HangUp,
            Dial,
            Stand("aaf5.platform.signin.v34", SignInOf(100), Whole),
            HangUp,
            Dial,
            Stand("aaf5.platform.signin.longer", SignInOf(150), Whole),
            HangUp,
            Dial,
            Stand("aaf5.platform.signin.behind_code", SignInWithGarbage, Whole),
            HangUp,
            Dial,
            Strange("aaf5.platform.signin.unknown_pile", SignInOfUnknown),
            Pause(ms(1_000)),
            HangUp,
        ],
    ),
    step(
        "心跳",
        "Heartbeats",
        &[
            Ensure,
            Ask(Heartbeat),
            Ask(Heartbeat),
            Ask(Heartbeat),
            Stand("aaf5.platform.heartbeat.zero_sequence", ZeroSequence, Whole),
            Stand("aaf5.platform.heartbeat.zero_sequence", ZeroSequence, Whole),
            Stand("aaf5.platform.heartbeat.v26", HeartbeatOf(38), Whole),
            Stand("aaf5.platform.heartbeat.longer", HeartbeatOf(60), Whole),
            Stand("aaf5.platform.heartbeat.wraps", HeartbeatAtEnd, Whole),
            Stand("aaf5.platform.heartbeat.info_byte", HeartbeatWithInfo(0x02), Whole),
            Stand("aaf5.platform.heartbeat.info_byte", HeartbeatWithInfo(0x00), Whole),
            Stand("aaf5.platform.reserved.heartbeat", HeartbeatWithReserved, Whole),
        ],
    ),
    step(
        "状态",
        "Status",
        &[
            Ensure,
            Ask(Status(1)),
            Ask(Status(2)),
            Stand("aaf5.platform.status.v26", StatusOf(169), Whole),
            Stand("aaf5.platform.status.v26", StatusOf(172), Whole),
            Stand("aaf5.platform.status.longer", StatusOf(240), Whole),
            Stand("aaf5.platform.status.longer", StatusOf(246), Whole),
            Stand("aaf5.platform.status.connector_zero", Status(0), Whole),
            Stand("aaf5.platform.status.odd_values", StatusOdd, Whole),
            Stand("aaf5.platform.status.unknown_charge", StatusCharging, Whole),
            Ask(Status(1)),
        ],
    ),
    step(
        "告警与 BMS",
        "Alarms and BMS",
        &[
            Ensure,
            Strange(NOTHING, Alarm),
            Stand("aaf5.platform.alarm.harmless", Heartbeat, Whole),
            Ask(Bms),
            Ask(StartComplete),
            Ask(VinStartDone),
        ],
    ),
    step(
        "刷卡与即插即充",
        "Cards and VINs",
        &[
            Ensure,
            Ask(UnknownCard),
            Stand("aaf5.platform.card.repeated", UnknownCard, Whole),
            Stand("aaf5.platform.card.v26", CardOf(153), Whole),
            Stand("aaf5.platform.card.password", CardPassword, Whole),
            Ask(UnknownVin),
            Stand("aaf5.platform.card.known", KnownCard, Whole),
            Stand("aaf5.platform.card.record", KnownRecord, Whole),
            Ask(Status(1)),
        ],
    ),
    step(
        "充电记录",
        "Records",
        &[
            Ensure,
            Ask(Record),
            Ask(FineRecord),
            Stand("aaf5.platform.record.duplicate", RecordAgain, Whole),
            Glued("aaf5.platform.record.burst", &[Record, FineRecord, Record]),
            Stand("aaf5.platform.record.v26", RecordOf(202, 256), Whole),
            Stand("aaf5.platform.record.v26", RecordOf(202, 288), Whole),
            Stand("aaf5.platform.record.v52", RecordOf(202, 338), Whole),
            Stand("aaf5.platform.record.v52", RecordOf(222, 434), Whole),
            Stand("aaf5.platform.record.no_serial", RecordWithoutSerial, Whole),
            Stand("aaf5.platform.record.negative_index", RecordNegative, Whole),
            Stand("aaf5.platform.record.wrong_sums", RecordWrongSums, Whole),
            Stand("aaf5.platform.record.invalid_times", RecordWrongTimes, Whole),
            Stand("aaf5.platform.record.odd_stop_code", RecordOddCode, Whole),
            HangUp,
            Dial,
            Strange("aaf5.platform.record.before_signin", Record),
            Ask(SignIn),
            Stand("aaf5.platform.record.after_signin", RecordAgain, Whole),
        ],
    ),
    step(
        "半包与粘包",
        "Split and glued packets",
        &[
            Ensure,
            Stand("aaf5.platform.stream.halves", Heartbeat, Halves),
            Stand("aaf5.platform.stream.bytes", Heartbeat, Bytes),
            Glued("aaf5.platform.stream.glued", &[Heartbeat, Status(1), Heartbeat]),
            Stand("aaf5.platform.stream.garbage", Heartbeat, Behind(GARBAGE)),
            Stand("aaf5.platform.stream.false_start", Heartbeat, Behind(FALSE_START)),
            Ensure,
            Strange("aaf5.platform.checksum.ignored", BadChecksum),
            Stand("aaf5.platform.checksum.goes_on", Heartbeat, Whole),
            Stand("aaf5.platform.stream.too_short", Heartbeat, Behind(TOO_SHORT)),
            Stand("aaf5.platform.stream.absurd_length", Heartbeat, Behind(ABSURD)),
        ],
    ),
    step(
        "异常报文",
        "Malformed frames",
        &[
            Ensure,
            Strange("aaf5.platform.malformed.unknown", Unknown),
            Stand("aaf5.platform.malformed.unknown_goes_on", Heartbeat, Whole),
            Ensure,
            Strange(NOTHING, Empty(102)),
            Strange(NOTHING, Empty(104)),
            Stand("aaf5.platform.malformed.empty", Heartbeat, Whole),
            Ensure,
            Strange(NOTHING, Short),
            Stand("aaf5.platform.malformed.short", Heartbeat, Whole),
            Ensure,
            Strange(NOTHING, Longest),
            Stand("aaf5.platform.malformed.longest", Heartbeat, Whole),
            Ensure,
            Strange("aaf5.platform.malformed.direction", Downward),
            Stand("aaf5.platform.malformed.direction_goes_on", Heartbeat, Whole),
            Ensure,
            Strange(NOTHING, Encrypted),
            Stand("aaf5.platform.malformed.encrypted", Heartbeat, Whole),
            Ensure,
            Strange(NOTHING, ForeignStatus),
            Stand("aaf5.platform.malformed.foreign_pile", Heartbeat, Whole),
            Ensure,
            Strange(NOTHING, StrangeConnector),
            Stand("aaf5.platform.malformed.connector", Heartbeat, Whole),
        ],
    ),
    step(
        "多连接",
        "Connections",
        &[
            Ensure,
            Dial,
            Stand("aaf5.platform.session.second_connection", SignIn, Whole),
            Stand("aaf5.platform.session.newest_wins", Heartbeat, Whole),
            HangUpOld,
            Pause(ms(300)),
            Stand("aaf5.platform.session.old_end_harmless", Heartbeat, Whole),
            HangUp,
            Dial,
            Stand("aaf5.platform.session.reconnect", SignIn, Whole),
            HangUp,
            Dial,
            HangUp,
            Dial,
            HangUp,
            Dial,
            Stand("aaf5.platform.session.reconnect_storm", SignIn, Whole),
        ],
    ),
    Step {
        zh: "静默",
        en: "Silence",
        is_long: true,
        words: &[Ensure, Stand("aaf5.platform.silence.patient", Heartbeat, Whole), Hush(Duration::from_secs(600))],
    },
];
