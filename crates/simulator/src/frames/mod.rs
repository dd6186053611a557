//! Frames of each protocol for those who need little of their meaning: the line that spoils them, the runner that floods
//! with them, whoever watches what piles say.

mod aaf5;
mod ykc;

use voltapile_protocol::Protocol;
use voltapile_protocol::aaf5::BodyCipher;
use voltapile_protocol::layout::Direction;
use voltapile_protocol::ykc::code::StartSource;
use voltapile_protocol::ykc::field::PileCode;

use crate::fault::Fault;
use crate::model::{Rng, TransactionNumber};

/// One whole frame.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// Its type, or command.
    pub frame_type: u16,
    /// What it brings, encrypted or not.
    pub body: &'a [u8],
    /// All of it.
    pub raw: &'a [u8],
    /// Whether what it brings was encrypted and is not any more.
    pub(crate) is_opened: bool,
}

/// What a frame says that somebody who watches wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// The pile logs in.
    Login,
    /// The pile shows that it is alive.
    Heartbeat,
    /// The platform answers a heartbeat.
    HeartbeatAnswer,
    /// The pile refuses a start.
    StartRefused,
    /// The pile sends a record, with the number that it has at the pile.
    Record(SentRecord, Option<i32>),
    /// The pile tells a record again because it was asked for it; nobody answers that.
    StoredRecord(SentRecord),
    /// The platform answers a record.
    RecordAnswer {
        /// Which.
        which: WhichRecord,
        /// Whether the platform has it.
        is_taken: bool,
    },
}

/// How an answer names a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhichRecord {
    /// By the number of its charge.
    Charge(TransactionNumber),
    /// By the number that it has at the pile.
    Index(i32),
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentRecord {
    /// Number of the charge.
    pub transaction_number: TransactionNumber,
    /// Where it was.
    pub connector: u8,
    /// All energy, 1e-4 kWh.
    pub total_energy: u64,
    /// All that it costs, 1e-4 yuan.
    pub total_amount: u64,
    /// Readings of the meter at the start and at the end, 1e-4 kWh.
    pub meter: [u64; 2],
    /// Who started it, by YKC's table.
    pub start_source: StartSource,
    /// What was sold when.
    pub sold: Sold,
}

/// Energy as a record tells it, 1e-4 kWh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "a record is told of seldom, and without a box it is `Copy`")]
pub enum Sold {
    /// With the loss that is billed, in each tier: sharp, peak, flat, valley.
    Tiers([u64; 4]),
    /// In each half hour of the day, or each period of the tariff.
    Slots([u64; 48]),
}

/// The ways of a protocol's frames.
pub(crate) trait Frames: Sync {
    /// Hands out each whole frame in `bytes`, which nothing has spoilt yet.
    fn each(&self, bytes: &[u8], found: &mut dyn FnMut(Found<'_>));

    /// Hands out each frame that a stream brings, and keeps the begin of one that is not whole yet.
    fn stream(&self) -> Stream;

    /// Type of a whole frame; `None` for bytes that are none.
    fn frame_type(&self, frame: &[u8]) -> Option<u16>;

    /// What a frame says, where it is worth telling.
    fn said(&self, frame: &Found<'_>) -> Option<Said>;

    /// The bytes that a frame begins with.
    fn start(&self) -> &'static [u8];

    /// Makes the check sum wrong.
    fn spoil_check_sum(&self, frame: &mut [u8]);

    /// Makes the length a lie.
    fn lie_about_length(&self, frame: &mut [u8], rng: &mut Rng);

    /// Appends a frame of a type that no version of the protocol has.
    fn add_unknown(&self, out: &mut Vec<u8>, rng: &mut Rng);

    /// Heartbeats of a pile, one after the other.
    fn heartbeats(&self, pile_code: PileCode, count: u16) -> Vec<u8>;

    /// Puts the bytes of the check sum into the other order; only where [`has`](Self::has) says that it can.
    fn turn_check_sum(&self, _frame: &mut [u8]) {}

    /// Whether a fault of the menu makes sense here.
    fn has(&self, fault: Fault) -> bool;
}

/// Finds frames in a stream.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "a pile has one, and no box to follow for each read")]
pub enum Stream {
    /// Of YKC.
    Ykc(voltapile_protocol::ykc::Framer),
    /// Of AA F5.
    Aaf5(voltapile_protocol::aaf5::Framer),
}

impl Stream {
    /// One of a protocol, at its begin.
    #[must_use]
    pub fn of(protocol: Protocol) -> Self {
        frames_of(protocol).stream()
    }

    /// Takes what was read, and hands out each frame that is whole now.
    pub fn push(&mut self, bytes: &[u8], found: &mut dyn FnMut(Found<'_>)) {
        match self {
            Self::Ykc(framer) => ykc::push(framer, bytes, found),
            Self::Aaf5(framer) => aaf5::push(framer, bytes, found),
        }
    }
}

/// Both directions of a connection, read along: frames that are encrypted are opened once their key was told.
#[derive(Debug)]
pub struct Exchange {
    up: Stream,
    down: Stream,
    cipher: Option<BodyCipher>,
}

impl Exchange {
    /// A connection at its begin.
    #[must_use]
    pub fn of(protocol: Protocol) -> Self {
        Self { up: Stream::of(protocol), down: Stream::of(protocol), cipher: None }
    }

    /// Takes what passed in a direction, and hands out each frame that is whole now.
    pub fn push(&mut self, direction: Direction, bytes: &[u8], found: &mut dyn FnMut(Found<'_>)) {
        let Self { up, down, cipher } = self;
        let stream = if direction == Direction::Up { up } else { down };
        stream.push(bytes, &mut |frame| {
            if let Some(key) = aaf5::key_told(direction, &frame) {
                *cipher = Some(BodyCipher::new(key));
            }
            let opened = cipher.as_ref().and_then(|cipher| aaf5::opened(cipher, &frame));
            found(match &opened {
                Some(body) => Found { body, is_opened: true, ..frame },
                None => frame,
            });
        });
    }

    /// Bytes of a direction that were no frames.
    #[must_use]
    pub const fn skipped(&self, direction: Direction) -> u64 {
        match (direction, self) {
            (Direction::Up, Self { up: stream, .. }) | (_, Self { down: stream, .. }) => match stream {
                Stream::Ykc(framer) => framer.skipped().bytes,
                Stream::Aaf5(framer) => framer.skipped().bytes,
            },
        }
    }
}

impl Found<'_> {
    /// The frame as it would be if nobody had encrypted it.
    #[must_use]
    pub fn plain(&self) -> Vec<u8> {
        if self.is_opened { aaf5::plain(self) } else { self.raw.to_vec() }
    }
}

/// The frames of a protocol.
pub(crate) fn frames_of(protocol: Protocol) -> &'static dyn Frames {
    match protocol {
        Protocol::Ykc => &ykc::YkcFrames,
        Protocol::Aaf5 => &aaf5::Aaf5Frames,
    }
}
