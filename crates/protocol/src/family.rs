//! The protocols there are.

/// A protocol that piles speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protocol {
    /// 云快充 1.x.
    Ykc,
    /// AA F5, 盛弘 family.
    Aaf5,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Ykc, Self::Aaf5];

    /// A name that never changes, for machines: `ykc`, `aaf5`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ykc => "ykc",
            Self::Aaf5 => "aaf5",
        }
    }

    /// A frame type as people write it: `0x13`, or the decimal number that documents of AA F5 use.
    #[must_use]
    pub fn written(self, code: u16) -> String {
        match self {
            Self::Ykc => format!("0x{code:02X}"),
            Self::Aaf5 => format!("{code}"),
        }
    }

    /// The protocol of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.name() == name)
    }
}
