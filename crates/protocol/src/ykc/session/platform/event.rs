//! What a session tells its driver.

use crate::layout::DecodeError;
use crate::session;
use crate::ykc::field::{PileCode, TransactionNumber};
use crate::ykc::message::{HeartbeatRequest, LoginRequest, Message};

/// What an answer must repeat of its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReplyTo {
    /// Sequence number, byte for byte.
    pub sequence: [u8; 2],
    /// Encryption flag: what was asked in cipher is answered in cipher.
    pub encryption: u8,
}

/// A transaction record's body.
pub type RecordBody = session::RecordBody<Message>;

/// What became due; the clock is set with 0x56.
pub type DeadlineEvent = session::DeadlineEvent<PileCode>;

/// What a frame means to the platform.
#[derive(Debug, Clone, PartialEq)]
pub enum Event<'a> {
    /// A pile wants to log in: answer with [`Session::accept_login`](super::Session::accept_login) or
    /// [`Session::refuse_login`](super::Session::refuse_login).
    Login {
        /// What to repeat.
        reply_to: ReplyTo,
        /// What it says of itself.
        request: LoginRequest,
        /// Whether it is logged in on this connection already.
        again: bool,
    },
    /// A heartbeat of a logged-in pile; it has been answered.
    Heartbeat(HeartbeatRequest),
    /// A transaction record, of a logged-in pile or of one that has not logged in: store it, then answer with 0x40.
    Record {
        /// What to repeat.
        reply_to: ReplyTo,
        /// Frame type: 0x3B, or what other versions use.
        frame_type: u8,
        /// The pile, where the body is long enough to name it.
        pile: Option<PileCode>,
        /// Number of the transaction, where the body is long enough to name it.
        transaction: Option<TransactionNumber>,
        /// The fields.
        body: RecordBody,
        /// The body as it came (decrypted).
        raw: &'a [u8],
        /// Whether the pile has logged in on this connection.
        logged_in: bool,
    },
    /// Any other message of a logged-in pile.
    Message {
        /// What to repeat.
        reply_to: ReplyTo,
        /// The pile.
        pile: PileCode,
        /// The message; of an unknown type it is the bytes.
        message: Message,
        /// Token of the request that it answers, see [`Session::request`](super::Session::request).
        answers: Option<u64>,
    },
    /// A frame of a pile that has not logged in: not processed, not answered, so that the pile logs in.
    BeforeLogin {
        /// Frame type.
        frame_type: u8,
        /// The pile, where the frame names one.
        pile: Option<PileCode>,
    },
    /// A body of a known type that is too short.
    Unreadable(DecodeError),
    /// An encrypted body without a key, or one that the key does not open: kept, not answered.
    Encrypted {
        /// Frame type.
        frame_type: u8,
        /// Encryption flag.
        flag: u8,
    },
    /// A frame type that only a platform sends, coming from a pile.
    WrongDirection {
        /// Frame type.
        frame_type: u8,
    },
    /// The peer speaks V2.x: refuse and close.
    Version2,
}
