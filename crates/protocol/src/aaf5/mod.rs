//! AA F5: the protocol of the 盛弘 (Sinexcel) family of piles: frames, messages, sessions.

pub mod checksum;
pub mod cipher;
pub mod code;
pub mod field;
pub mod frame;
pub mod framer;
pub mod message;
pub mod parameter;
pub mod profile;
pub mod relative;
pub mod session;

pub use cipher::BodyCipher;
pub use frame::{Frame, FrameError};
pub use framer::Framer;
pub use message::{Dialect, Message};
pub use profile::Profile;
pub use relative::Relative;
