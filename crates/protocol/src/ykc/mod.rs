//! 云快充 (YKC) 1.x: frames, messages, sessions.

pub mod cipher;
pub mod code;
pub mod crc;
pub mod field;
pub mod frame;
pub mod framer;
pub mod message;
pub mod profile;
pub mod session;

pub use cipher::BodyCipher;
pub use frame::{CrcOrder, Frame, FrameError};
pub use framer::Framer;
pub use message::Message;
pub use profile::Profile;

/// Which vendor's reading of a frame type is taken where they disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Dialect {
    /// V1.6 and what its revisions added.
    #[default]
    V16,
    /// 国充: QR codes as 0x5A/0x59.
    Guochong,
    /// 公牛: key update as 0x95/0x96, power limits in whole kilowatts.
    Gongniu,
}

impl Dialect {
    /// All of them, the usual one first.
    pub const ALL: [Self; 3] = [Self::V16, Self::Guochong, Self::Gongniu];

    /// Name to ask for it with.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::V16 => "v16",
            Self::Guochong => "guochong",
            Self::Gongniu => "gongniu",
        }
    }
}
