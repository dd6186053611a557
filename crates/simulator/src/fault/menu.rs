//! The table of faults.

mod table;

use std::fmt;

use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::Lang;

pub use self::table::MENU;
use super::plan::Chance;
use crate::frames::frames_of;

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
        MENU.iter().find(|entry| entry.fault == self).unwrap_or(&table::HALF_PACKETS)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// Whether it makes sense where a protocol is spoken; otherwise it never happens there.
    #[must_use]
    pub fn is_for(self, protocol: Protocol) -> bool {
        frames_of(protocol).has(self)
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
