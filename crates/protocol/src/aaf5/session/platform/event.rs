//! What a session tells its driver.

use crate::aaf5::Relative;
use crate::aaf5::field::{PileCode, TransactionNumber};
use crate::aaf5::message::{HeartbeatRequest, Message, SignInRequest};
use crate::layout::DecodeError;
use crate::session;

/// What an answer must repeat of its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReplyTo {
    /// Sequence number.
    pub sequence: u8,
    /// The two reserved fields at the begin of the body, byte for byte: piles of V2.x had a user and a number there.
    pub reserved: [u8; 4],
    /// Whether it was encrypted: what was asked in cipher is answered in cipher.
    pub encrypted: bool,
}

/// A record's body: 202, 222, 402 or 422.
pub type RecordBody = session::RecordBody<Box<Message>>;

/// What became due; the clock is set with 3, index 2.
pub type DeadlineEvent = session::DeadlineEvent<PileCode>;

/// What a frame means to the platform.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "a box would cost an allocation for each frame")]
pub enum Event<'a> {
    /// A pile wants to sign in, or says again who it is: answer with
    /// [`Session::accept_sign_in`](super::Session::accept_sign_in), or close the connection. There is no answer that
    /// refuses.
    SignIn {
        /// What to repeat.
        reply_to: ReplyTo,
        /// What it says of itself.
        request: SignInRequest,
        /// Whether it is signed in on this connection already.
        again: bool,
    },
    /// A heartbeat of the signed-in pile; it has been answered.
    Heartbeat(HeartbeatRequest),
    /// A record, of the signed-in pile or of one that has not signed in: store it, then answer 202 and 222 with
    /// [`Session::record_confirm`](super::Session::record_confirm). 402 and 422 answer a question and get no answer.
    Record {
        /// What to repeat.
        reply_to: ReplyTo,
        /// Command: 202, 222, 402 or 422.
        command: u16,
        /// The pile, where the body is long enough to name it.
        pile: Option<PileCode>,
        /// Number of the charge, where the body has one.
        transaction: Option<TransactionNumber>,
        /// The fields.
        body: RecordBody,
        /// The body as it came (decrypted).
        raw: &'a [u8],
        /// Whether the pile has signed in on this connection.
        signed_in: bool,
        /// Token of the request that it answers (402, 422).
        answers: Option<u64>,
    },
    /// Any other message of the signed-in pile. Status, alarms, battery data and how a start went (104, 108, 110, 210,
    /// 302) have been answered.
    Message {
        /// What to repeat.
        reply_to: ReplyTo,
        /// The pile.
        pile: PileCode,
        /// The message; of an unknown command it is the bytes.
        message: Message,
        /// Token of the request that it answers, see [`Session::request`](super::Session::request).
        answers: Option<u64>,
    },
    /// A frame of a pile that has not signed in: not processed, not answered, so that the pile signs in.
    BeforeSignIn {
        /// Command.
        command: u16,
        /// The pile, where the frame names one.
        pile: Option<PileCode>,
    },
    /// A body of a known command that is too short.
    Unreadable(DecodeError),
    /// An encrypted body without a key, or one that the key does not open: kept, not answered.
    Encrypted {
        /// Command, which is never encrypted.
        command: u16,
    },
    /// A command that only a platform sends, coming from a pile.
    WrongDirection {
        /// Command.
        command: u16,
    },
    /// The peer speaks a relative of the protocol: refuse and close.
    Relative(Relative),
}
