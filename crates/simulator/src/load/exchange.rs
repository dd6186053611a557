//! The closed loop: every busy pile asks again as soon as it is answered. It finds out how many answers a server gives
//! at most; what it says of latency is true for questions that wait for each other only.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout_at;

use super::latency::Latencies;
use super::login::Connection;
use super::report::{Exchanges, Pacing};
use super::request::{Question, Request, Verdict};
use super::{Against, LoadConfig};
use crate::frames::{Found, Stream};

/// Bytes read at once, on the stack: a pile waits for one frame.
const READ_LENGTH: usize = 512;

/// Latencies of a run.
#[derive(Debug, Default)]
pub(super) struct Stopwatches {
    /// From the moment at which a question was due.
    pub(super) since_due: Latencies,
    /// From its sending.
    pub(super) since_sent: Latencies,
}

/// What one pile saw beside its answers.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Frames that it sent.
    pub(super) sent: u64,
    /// Sendings that had to wait because the server read nothing.
    pub(super) stalls: u64,
    pub(super) mismatched: u64,
    pub(super) unsolicited: u64,
    /// Questions that were given up.
    pub(super) missing: u64,
    /// Those of them whose answer may still come, and is then none to a later question.
    pub(super) overdue: u64,
    pub(super) is_lost: bool,
}

/// A question was answered, rightly or wrongly.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answered;

/// Lets all `connections` ask for the configured time.
pub(super) async fn ping_pong(
    config: &LoadConfig,
    question: Question,
    connections: Vec<Connection>,
    unix: Duration,
) -> Exchanges {
    let stopwatches = Arc::new(Stopwatches::default());
    let busy = connections.len();
    let mut piles = JoinSet::new();
    let start = Instant::now();
    let end = start + config.duration;
    for connection in connections {
        let request = Request::new(connection.protocol, question, connection.pile_code, unix);
        piles.spawn(ask(connection, request, config.against, end, Arc::clone(&stopwatches)));
    }
    sum_up(piles, &stopwatches, start, config, Pacing::Closed, busy).await
}

/// Waits for the piles, but not longer than for answers that may still come, and sums up what they saw.
pub(super) async fn sum_up(
    mut piles: JoinSet<Tally>,
    stopwatches: &Stopwatches,
    start: Instant,
    config: &LoadConfig,
    pacing: Pacing,
    busy: usize,
) -> Exchanges {
    let end = start + config.duration;
    let (mut total, mut lost, mut last) = (Tally::default(), 0, start);
    while let Ok(Some(result)) = timeout_at((end + config.answer_patience).into(), piles.join_next()).await {
        let tally = result.unwrap_or_default();
        total.sent += tally.sent;
        total.stalls += tally.stalls;
        total.mismatched += tally.mismatched;
        total.unsolicited += tally.unsolicited;
        total.missing += tally.missing;
        lost += u64::from(tally.is_lost);
        last = Instant::now();
    }
    // Piles that still wait have no answer.
    let missing = total.missing + piles.len() as u64;
    piles.shutdown().await;
    let seconds = last.max(end).duration_since(start).as_secs_f64();
    let answered = stopwatches.since_due.count();
    let per_second = |count: u64| count as f64 / seconds.max(f64::EPSILON);
    Exchanges {
        pacing,
        busy,
        seconds,
        sent: total.sent,
        sent_per_second: per_second(total.sent),
        stalls: total.stalls,
        answered,
        per_second: per_second(answered),
        latency: stopwatches.since_due.told(),
        service_time: (pacing == Pacing::Open).then(|| stopwatches.since_sent.told()),
        mismatched: total.mismatched,
        missing,
        unsolicited: total.unsolicited,
        connections_lost: lost,
    }
}

/// One pile: asks until `end`.
async fn ask(
    mut connection: Connection,
    mut request: Request,
    against: Against,
    end: Instant,
    stopwatches: Arc<Stopwatches>,
) -> Tally {
    let mut tally = Tally::default();
    let mut asked_at = Instant::now();
    while asked_at < end {
        if exchange(&mut connection, &mut request, against, &mut tally).await.is_err() {
            tally.is_lost = true;
            break;
        }
        let now = Instant::now();
        stopwatches.since_due.record(now - asked_at);
        asked_at = now;
    }
    tally
}

/// One question and its answer. A wrong answer ends the wait too, because the right one will not come any more, unless it
/// is that of a question which was given up.
pub(super) async fn exchange(
    connection: &mut Connection,
    request: &mut Request,
    against: Against,
    tally: &mut Tally,
) -> io::Result<Answered> {
    tally.sent += 1;
    let stalled = send(&connection.stream, request.next_frame()).await?;
    tally.stalls += u64::from(stalled);
    let mut is_answered = false;
    while !is_answered {
        connection.stream.readable().await?;
        receive(&connection.stream, &mut connection.framer, |frame| match request.judge(frame, against) {
            Verdict::Answer => is_answered = true,
            Verdict::Mismatch if tally.overdue > 0 => tally.overdue -= 1,
            Verdict::Mismatch => {
                tally.mismatched += 1;
                is_answered = true;
            }
            Verdict::Unsolicited => tally.unsolicited += 1,
        })?;
    }
    Ok(Answered)
}

/// Writes all bytes, and says whether the socket did not take them at once.
pub(super) async fn send(stream: &TcpStream, mut bytes: &[u8]) -> io::Result<bool> {
    let mut stalled = false;
    while !bytes.is_empty() {
        match stream.try_write(bytes) {
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                stalled = true;
                stream.writable().await?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(stalled)
}

/// Reads what is there, if anything, and hands out its frames.
pub(super) fn receive(stream: &TcpStream, framer: &mut Stream, mut on_frame: impl FnMut(&Found<'_>)) -> io::Result<()> {
    let mut buffer = [0; READ_LENGTH];
    match stream.try_read(&mut buffer) {
        Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
        Ok(length) => {
            framer.push(buffer.get(..length).unwrap_or_default(), &mut |frame| on_frame(&frame));
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
        Err(error) => Err(error),
    }
}
