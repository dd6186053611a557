//! Plays conversations over real connections.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until, timeout_at};
use voltapile_protocol::inspect::{Lang, Options};
use voltapile_protocol::layout::Direction;
use voltapile_protocol::{Protocol, aaf5, ykc};

use super::difference::{Difference, Summary};
use super::play::Play;
use super::script::{Conversation, Entry, Said};

/// How long a platform may take to say what it said then: longer than any platform thinks, short enough that silence
/// does not make a replay endless.
const ANSWER_WAIT: Duration = Duration::from_secs(5);
/// How long a platform may take to accept a connection.
const CONNECT_WAIT: Duration = Duration::from_secs(10);
/// Conversations at the same time: every one has a file of the operating system.
pub(super) const MOST_AT_ONCE: usize = 256;
/// Bytes that are read at once.
const READ_BYTES: usize = 4096;

/// How fast conversations are played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Speed {
    /// So many times as fast as they were.
    Times(f64),
    /// As fast as the platform answers.
    Max,
}

impl Speed {
    /// `1`, `10x`, `0.5` or `max`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text == "max" {
            return Ok(Self::Max);
        }
        let times: Option<f64> = text.strip_suffix('x').unwrap_or(text).parse().ok();
        times
            .filter(|times| (0.01..=10_000.0).contains(times))
            .map(Self::Times)
            .ok_or_else(|| format!("{text:?} is neither a speed from 0.01 to 10000, such as 1 or 10x, nor max"))
    }
}

/// What all conversations share.
pub(super) struct Driver {
    pub(super) server: String,
    pub(super) speed: Speed,
    /// When the first word of all was said, in microseconds.
    pub(super) first: u64,
    pub(super) piles: Vec<(String, String)>,
    pub(super) options: Options,
    pub(super) lang: Lang,
}

/// Finds frames in what a platform says.
enum Framer {
    Ykc(ykc::Framer),
    Aaf5(aaf5::Framer),
}

impl Framer {
    const fn new(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Ykc => Self::Ykc(ykc::Framer::new()),
            Protocol::Aaf5 => Self::Aaf5(aaf5::Framer::new()),
        }
    }

    /// Takes the next bytes and hands on each whole frame.
    fn push(&mut self, bytes: &[u8], mut on_frame: impl FnMut(&[u8])) {
        match self {
            Self::Ykc(framer) => framer.push(bytes, |piece| {
                if let ykc::framer::Piece::Frame(frame) = piece {
                    on_frame(frame.raw);
                }
            }),
            Self::Aaf5(framer) => framer.push(bytes, |piece| {
                if let aaf5::framer::Piece::Frame(frame) = piece {
                    on_frame(frame.raw);
                }
            }),
        }
    }
}

/// A connection to the platform.
struct Line {
    stream: TcpStream,
    framer: Framer,
    open: bool,
}

impl Driver {
    /// Plays a conversation. Each begins with its own first word; those of one pile follow each other.
    pub(super) async fn play(
        &self,
        conversation: Conversation,
        begin: Instant,
        room: &Semaphore,
    ) -> io::Result<(Vec<Difference>, Summary)> {
        let first = conversation.entries.first().map_or(0, |entry| entry.at);
        if let Some(turn) = self.turn(begin, first) {
            sleep_until(turn).await;
        }
        let _place = room.acquire().await.map_err(io::Error::other)?;
        let stream = timeout_at(Instant::now() + CONNECT_WAIT, TcpStream::connect(&self.server)).await??;
        stream.set_nodelay(true)?;
        let mut line = Line { stream, framer: Framer::new(conversation.protocol), open: true };
        let options = Options { protocol: Some(conversation.protocol), ..self.options };
        let mut play = Play::new(conversation.number, conversation.protocol, &self.piles, options);
        let mut entries = conversation.entries.into_iter();
        while let Some(entry) = entries.next() {
            self.wait_for_turn(&entry, begin, &mut line, &mut play).await;
            let is_up = |entry: &Entry| entry.direction == Direction::Up;
            if !line.open && is_up(&entry) {
                play.closed(entry.at, 1 + entries.filter(is_up).count());
                break;
            }
            self.take(entry, &mut line, &mut play).await;
        }
        line.listen(Instant::now() + ANSWER_WAIT, &mut play, |play| !play.waits()).await;
        Ok(play.finish())
    }

    /// Listens until it is an entry's turn: at its time, or when the platform has said what it had said before.
    async fn wait_for_turn(&self, entry: &Entry, begin: Instant, line: &mut Line, play: &mut Play) {
        match self.turn(begin, entry.at) {
            Some(turn) => {
                line.listen(turn, play, |_| false).await;
                sleep_until(turn).await;
            }
            None if entry.direction == Direction::Up => {
                line.listen(Instant::now() + ANSWER_WAIT, play, |play| !play.waits()).await;
                play.go_on();
            }
            None => {}
        }
    }

    /// When something is to be said; `None` where that depends on the platform alone.
    fn turn(&self, begin: Instant, at: u64) -> Option<Instant> {
        match self.speed {
            Speed::Times(times) => Some(begin + Duration::from_micros(at.saturating_sub(self.first)).div_f64(times)),
            Speed::Max => None,
        }
    }

    async fn take(&self, entry: Entry, line: &mut Line, play: &mut Play) {
        match (entry.direction, entry.said) {
            (Direction::Up, Said::Frame(report)) => {
                let raw = play.send(&report);
                line.send(&raw).await;
            }
            (Direction::Up, Said::Bytes(bytes)) => line.send(&bytes).await,
            (Direction::Down, Said::Frame(report)) => play.expect(entry.at, *report),
            (Direction::Down, Said::Bytes(_)) => {}
        }
    }
}

impl Line {
    /// Sends bytes; a line that breaks, or whose other end reads nothing, is closed.
    async fn send(&mut self, bytes: &[u8]) {
        let sent = timeout_at(Instant::now() + ANSWER_WAIT, self.stream.write_all(bytes)).await;
        self.open &= matches!(sent, Ok(Ok(())));
    }

    /// Hears what the platform says until a moment, or until enough was said.
    async fn listen(&mut self, until: Instant, play: &mut Play, enough: impl Fn(&Play) -> bool) {
        let mut bytes = [0; READ_BYTES];
        while self.open && !enough(play) {
            match timeout_at(until, self.stream.read(&mut bytes)).await {
                Err(_) => return,
                Ok(Ok(0) | Err(_)) => self.open = false,
                Ok(Ok(count)) => self.framer.push(bytes.get(..count).unwrap_or_default(), |raw| play.arrived(raw)),
            }
        }
    }
}
