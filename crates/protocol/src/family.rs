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

    /// The protocol of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.name() == name)
    }
}
