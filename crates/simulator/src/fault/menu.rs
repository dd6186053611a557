//! The table of faults.

use std::fmt;

use voltapile_protocol::inspect::Lang;

use super::plan::Chance;

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "`MENU` says what each is")]
pub enum Fault {
    HalfPackets,
    ByteByByte,
    Glued,
    GarbageBefore,
    GarbageBetween,
    WrongCrc,
    CrcHighFirst,
    WrongLength,
    UnknownType,
    FramesBeforeLogin,
    Silence,
    HalfOpen,
    SlowReader,
    ReconnectStorm,
    DoubleLogin,
    Flood,
    DuplicateRecord,
    LateRecord,
    NeverSentRecord,
    Clock1999,
    MeterBackwards,
    FenOff,
    Hundredfold,
    IdleWhileCharging,
    RefusedThenConfirmed,
    PowerCut,
}

/// Where a fault happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Among the bytes on their way.
    Line,
    /// With the connection.
    Link,
    /// In the pile: what it says is well formed and wrong.
    Pile,
}

/// When a fault has its chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Occasion {
    /// With each frame that the pile sends.
    Frame,
    /// With each connection: before its login, or some seconds after it.
    Connection,
    /// With each spell of charging: from the first connector that charges until none does.
    Charge,
}

/// One fault of the menu.
#[derive(Debug)]
pub struct Entry {
    /// Which.
    pub fault: Fault,
    /// Its name on command lines and in scenarios.
    pub name: &'static str,
    /// Where it happens.
    pub kind: Kind,
    /// What its probability counts.
    pub occasion: Occasion,
    /// How often it happens when only its name was given.
    pub usual: Chance,
    label: [&'static str; 2],
    happens: [&'static str; 2],
    good_platform: [&'static str; 2],
}

impl Entry {
    /// A short name for people.
    #[must_use]
    pub const fn label(&self, lang: Lang) -> &'static str {
        pick(self.label, lang)
    }

    /// What happens.
    #[must_use]
    pub const fn happens(&self, lang: Lang) -> &'static str {
        pick(self.happens, lang)
    }

    /// What a good platform does about it.
    #[must_use]
    pub const fn good_platform(&self, lang: Lang) -> &'static str {
        pick(self.good_platform, lang)
    }
}

const fn pick(texts: [&'static str; 2], lang: Lang) -> &'static str {
    let [zh, en] = texts;
    lang.pick(zh, en)
}

impl Fault {
    /// What the menu says of it.
    #[must_use]
    pub fn entry(self) -> &'static Entry {
        // The menu holds every fault; its test says so.
        MENU.iter().find(|entry| entry.fault == self).unwrap_or(&HALF_PACKETS)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// The fault of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        MENU.iter().find(|entry| entry.name == name).map(|entry| entry.fault)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

const HALF_PACKETS: Entry = Entry {
    fault: Fault::HalfPackets,
    name: "half-packets",
    kind: Kind::Line,
    occasion: Occasion::Frame,
    usual: Chance::ALWAYS,
    label: ["半包", "half packets"],
    happens: ["一帧分两次发出，中间停 0.2 秒。", "A frame leaves in two parts, 0.2 s apart."],
    good_platform: ["等后半部分到齐再处理。", "Waits for the rest, then takes the frame."],
};

/// Every fault, those of the line first.
pub const MENU: [Entry; 26] = [
    HALF_PACKETS,
    Entry {
        fault: Fault::ByteByByte,
        name: "byte-by-byte",
        kind: Kind::Line,
        occasion: Occasion::Frame,
        usual: Chance::ALWAYS,
        label: ["逐字节发送", "byte by byte"],
        happens: ["一帧的每个字节单独成包。", "Each byte of a frame travels in a packet of its own."],
        good_platform: ["拼成完整帧，不多占内存。", "Puts the frame together, at no more cost in memory."],
    },
    Entry {
        fault: Fault::Glued,
        name: "glued",
        kind: Kind::Line,
        occasion: Occasion::Frame,
        usual: Chance::ALWAYS,
        label: ["粘包", "glued frames"],
        happens: [
            "一帧等到后面的帧一起发出，最多等 0.5 秒。",
            "A frame waits up to 0.5 s for those behind it, and all leave at once.",
        ],
        good_platform: ["逐帧拆开，全部按序处理。", "Takes them apart and treats each, in order."],
    },
    Entry {
        fault: Fault::GarbageBefore,
        name: "garbage-before",
        kind: Kind::Line,
        occasion: Occasion::Connection,
        usual: Chance::ALWAYS,
        label: ["首帧前乱码", "garbage before the first frame"],
        happens: ["连接建立后先来一串乱码。", "A new connection begins with garbage."],
        good_platform: ["跳过并计数，仍能找到登录帧。", "Skips and counts it, and still finds the login."],
    },
    Entry {
        fault: Fault::GarbageBetween,
        name: "garbage-between",
        kind: Kind::Line,
        occasion: Occasion::Frame,
        usual: Chance::percent(5),
        label: ["帧间乱码", "garbage between frames"],
        happens: [
            "两帧之间夹着乱码，有时含起始字节 0x68。",
            "Garbage stands between two frames, at times with a start byte 0x68.",
        ],
        good_platform: ["跳过并重新同步，不丢后面的帧。", "Skips it, finds the next frame, loses none."],
    },
    Entry {
        fault: Fault::WrongCrc,
        name: "wrong-crc",
        kind: Kind::Line,
        occasion: Occasion::Frame,
        usual: Chance::percent(5),
        label: ["CRC 错误", "wrong CRC"],
        happens: ["一帧的校验和不对；这一帧等于丢了。", "The check sum of a frame does not hold: the frame is lost."],
        good_platform: [
            "不处理不应答，计数；等桩重发。",
            "Neither treats nor answers it, counts it; the pile repeats what matters.",
        ],
    },
    Entry {
        fault: Fault::CrcHighFirst,
        name: "crc-high-first",
        kind: Kind::Line,
        occasion: Occasion::Frame,
        usual: Chance::ALWAYS,
        label: ["CRC 高字节在前", "CRC high byte first"],
        happens: ["校验和的两个字节顺序颠倒。", "The two bytes of the check sum stand in the other order."],
        good_platform: ["两种顺序都接受。", "Takes either order."],
    },
    Entry {
        fault: Fault::WrongLength,
        name: "wrong-length",
        kind: Kind::Line,
        occasion: Occasion::Frame,
        usual: Chance::percent(5),
        label: ["长度错误", "wrong length"],
        happens: [
            "长度字节与帧不符：过小、差一或过大。",
            "The length byte lies: too small, off by one, or far too large.",
        ],
        good_platform: [
            "不按谎报的长度占内存，也不吞掉后面的帧。",
            "Believes no lie about memory and does not swallow the frames behind it.",
        ],
    },
    Entry {
        fault: Fault::UnknownType,
        name: "unknown-type",
        kind: Kind::Line,
        occasion: Occasion::Frame,
        usual: Chance::percent(5),
        label: ["未知帧类型", "unknown frame type"],
        happens: [
            "多出一帧，类型规范里没有，其余都对。",
            "One more frame comes, of a type that no specification has, and is otherwise right.",
        ],
        good_platform: ["保留、计数、不应答，会话继续。", "Keeps and counts it, answers nothing, and goes on."],
    },
    Entry {
        fault: Fault::FramesBeforeLogin,
        name: "frames-before-login",
        kind: Kind::Pile,
        occasion: Occasion::Connection,
        usual: Chance::ALWAYS,
        label: ["登录前发数据", "frames before the login"],
        happens: ["连接后先发心跳和实时数据，再登录。", "Heartbeats and telemetry come before the login."],
        good_platform: [
            "登录前不处理，记下原因；交易记录除外。",
            "Does not treat them and says why, but for records of charges.",
        ],
    },
    Entry {
        fault: Fault::Silence,
        name: "silence",
        kind: Kind::Link,
        occasion: Occasion::Connection,
        usual: Chance::percent(30),
        label: ["静默", "silence"],
        happens: ["连接还在，桩却什么也不发。", "The connection stands, and the pile says nothing any more."],
        good_platform: [
            "按时显示离线，随后关闭连接并写明原因。",
            "Shows it as offline in time, then closes the connection and says why.",
        ],
    },
    Entry {
        fault: Fault::HalfOpen,
        name: "half-open",
        kind: Kind::Link,
        occasion: Occasion::Connection,
        usual: Chance::percent(30),
        label: ["半开连接", "half-open connection"],
        happens: [
            "桩从旧连接上消失（没有 FIN 也没有 RST），从新连接登录。",
            "The pile vanishes from its connection, without FIN or RST, and logs in on a new one.",
        ],
        good_platform: ["以新连接为准，旧连接关闭。", "Believes the new connection and closes the old one."],
    },
    Entry {
        fault: Fault::SlowReader,
        name: "slow-reader",
        kind: Kind::Link,
        occasion: Occasion::Connection,
        usual: Chance::percent(30),
        label: ["不读数据", "slow reader"],
        happens: ["桩不停发心跳，却从不读应答。", "The pile sends heartbeats without end and never reads an answer."],
        good_platform: [
            "发送缓冲有上限，满了就断开，别的桩不受影响。",
            "Bounds what waits for it, disconnects it, and nobody else notices.",
        ],
    },
    Entry {
        fault: Fault::ReconnectStorm,
        name: "reconnect-storm",
        kind: Kind::Link,
        occasion: Occasion::Connection,
        usual: Chance::percent(30),
        label: ["重连风暴", "reconnect storm"],
        happens: ["桩一连二十次连接、登录、断开。", "The pile connects, logs in and hangs up twenty times in a row."],
        good_platform: [
            "每次都受得住，会话不积压，最后一次算数。",
            "Bears it, piles up no sessions, and the last login counts.",
        ],
    },
    Entry {
        fault: Fault::DoubleLogin,
        name: "double-login",
        kind: Kind::Link,
        occasion: Occasion::Connection,
        usual: Chance::percent(30),
        label: ["重复登录", "double login"],
        happens: [
            "同一连接上再登录一次，随后从第二个连接再登录。",
            "The pile logs in again on its connection, and then once more on a second one.",
        ],
        good_platform: [
            "两次都应答；新连接接管，旧的关闭并告警。",
            "Answers both; the new connection takes over, the old one is closed and told of.",
        ],
    },
    Entry {
        fault: Fault::Flood,
        name: "flood",
        kind: Kind::Link,
        occasion: Occasion::Connection,
        usual: Chance::percent(30),
        label: ["洪泛", "flood"],
        happens: ["桩一口气发来两千个心跳。", "The pile sends two thousand heartbeats in one breath."],
        good_platform: [
            "逐个应答或断开，内存有上限，别的桩不受影响。",
            "Answers them or disconnects, in bounded memory, and nobody else notices.",
        ],
    },
    Entry {
        fault: Fault::DuplicateRecord,
        name: "duplicate-record",
        kind: Kind::Pile,
        occasion: Occasion::Charge,
        usual: Chance::ALWAYS,
        label: ["交易记录重复", "duplicate record"],
        happens: ["同一条交易记录发两遍。", "The same record is sent twice."],
        good_platform: ["存一次，应答两次，只扣一次钱。", "Stores it once, acknowledges it twice, charges once."],
    },
    Entry {
        fault: Fault::LateRecord,
        name: "late-record",
        kind: Kind::Pile,
        occasion: Occasion::Charge,
        usual: Chance::ALWAYS,
        label: ["交易记录迟到", "late record"],
        happens: ["充电结束 45 秒后才发交易记录。", "The record comes 45 s after the end of its charge."],
        good_platform: [
            "先标为等待记录，到了照样结算。",
            "Says that the record is overdue, and settles when it comes.",
        ],
    },
    Entry {
        fault: Fault::NeverSentRecord,
        name: "never-sent-record",
        kind: Kind::Pile,
        occasion: Occasion::Charge,
        usual: Chance::ALWAYS,
        label: ["交易记录不发", "record that never comes"],
        happens: ["充电结束，交易记录永远不来。", "A charge ends, and its record never comes."],
        good_platform: [
            "订单转为异常并写明原因，由人处理，不凭空扣钱。",
            "Puts the order before a person with the reason, and invents no bill.",
        ],
    },
    Entry {
        fault: Fault::Clock1999,
        name: "clock-1999",
        kind: Kind::Pile,
        occasion: Occasion::Charge,
        usual: Chance::ALWAYS,
        label: ["时钟停在 1999 年", "clock of 1999"],
        happens: [
            "桩的时钟从 1999 年走起，对时也不改。",
            "The pile's clock began in 1999, and setting it does not help.",
        ],
        good_platform: [
            "以平台时间为准，账单时间异常要看得见。",
            "Goes by its own clock and shows that the bill's times are wrong.",
        ],
    },
    Entry {
        fault: Fault::MeterBackwards,
        name: "meter-backwards",
        kind: Kind::Pile,
        occasion: Occasion::Charge,
        usual: Chance::ALWAYS,
        label: ["电表倒走", "meter going backwards"],
        happens: ["电表止值小于起值。", "The meter reads less at the end than at the start."],
        good_platform: [
            "账单与电表不符，转为异常，不默认接受。",
            "Sees that bill and meter differ, and does not accept that in silence.",
        ],
    },
    Entry {
        fault: Fault::FenOff,
        name: "fen-off",
        kind: Kind::Pile,
        occasion: Occasion::Charge,
        usual: Chance::ALWAYS,
        label: ["金额差一分", "amount off by a fen"],
        happens: ["账单比电量和电价多一分钱。", "The bill is a fen more than energy and tariff make."],
        good_platform: [
            "记下差额，在容差内按策略结算。",
            "Keeps the difference and settles by its policy, which tolerates a fen.",
        ],
    },
    Entry {
        fault: Fault::Hundredfold,
        name: "hundredfold",
        kind: Kind::Pile,
        occasion: Occasion::Charge,
        usual: Chance::ALWAYS,
        label: ["金额放大一百倍", "amount a hundred times too high"],
        happens: [
            "账单金额是应收的一百倍（单位错）。",
            "The amount is a hundred times what it should be, in the wrong unit.",
        ],
        good_platform: ["不扣款，转为异常等人处理。", "Does not charge it, and puts the order before a person."],
    },
    Entry {
        fault: Fault::IdleWhileCharging,
        name: "idle-while-charging",
        kind: Kind::Pile,
        occasion: Occasion::Charge,
        usual: Chance::ALWAYS,
        label: ["充电中报空闲", "idle reports while charging"],
        happens: ["正在充电，实时数据却说空闲。", "Telemetry says idle while the connector charges."],
        good_platform: [
            "连续两次才认为结束，等交易记录结算。",
            "Believes it when told twice, and waits for the record.",
        ],
    },
    Entry {
        fault: Fault::RefusedThenConfirmed,
        name: "refused-then-confirmed",
        kind: Kind::Pile,
        occasion: Occasion::Charge,
        usual: Chance::ALWAYS,
        label: ["先拒绝后确认启动", "start refused, then confirmed"],
        happens: [
            "启动命令先答失败，随后又答成功并开始充电。",
            "A start is answered with a refusal, then with a success, and the pile charges.",
        ],
        good_platform: [
            "以后到的成功为准，电费仍算到原订单。",
            "Believes the success, and bills the charge to its order.",
        ],
    },
    Entry {
        fault: Fault::PowerCut,
        name: "power-cut",
        kind: Kind::Pile,
        occasion: Occasion::Charge,
        usual: Chance::ALWAYS,
        label: ["充电中断电", "power cut during a charge"],
        happens: [
            "充电中断电；来电重启后补发交易记录。",
            "The power fails during a charge; the record comes after the reboot.",
        ],
        good_platform: [
            "显示离线，记录到后照常结算。",
            "Shows the pile as offline, and settles when the record comes.",
        ],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_fault_is_on_the_menu_once_under_its_name() {
        let faults: BTreeSet<Fault> = MENU.iter().map(|entry| entry.fault).collect();
        let names: BTreeSet<&str> = MENU.iter().map(|entry| entry.name).collect();
        assert_eq!((faults.len(), names.len()), (MENU.len(), MENU.len()));
        // `PowerCut` is the last: whoever adds a fault without an entry hears of it here.
        assert_eq!(Fault::PowerCut as usize + 1, MENU.len());
        for entry in &MENU {
            assert_eq!(Fault::named(entry.name), Some(entry.fault));
            assert_eq!(entry.fault.to_string(), entry.name);
            assert!(entry.name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')), "{}", entry.name);
        }
    }

    #[test]
    fn every_fault_is_explained_in_both_languages() {
        for entry in &MENU {
            for text in [Entry::label, Entry::happens, Entry::good_platform]
                .map(|text| [Lang::Zh, Lang::En].map(|lang| text(entry, lang)))
            {
                let [zh, en] = text;
                assert!(zh.chars().any(|letter| letter > '\u{2E80}'), "{zh}");
                assert!(en.is_ascii() && !en.is_empty(), "{en}");
            }
        }
    }
}
