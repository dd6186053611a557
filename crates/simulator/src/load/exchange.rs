//! Ping-pong: every busy pile asks again as soon as it is answered.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout_at;
use voltapile_protocol::ykc::framer::Piece;
use voltapile_protocol::ykc::{Frame, Framer};

use super::login::Connection;
use super::report::{Exchanges, Latency};
use super::request::{Question, Request, Verdict};
use super::{Against, Histogram, LoadConfig};

/// Bytes read at once, on the stack: a pile waits for one frame.
const READ_LENGTH: usize = 512;

/// What one pile saw beside its answers.
#[derive(Debug, Default)]
struct Tally {
    mismatched: u64,
    unsolicited: u64,
    is_lost: bool,
}

/// Lets all `connections` ask for the configured time.
pub(super) async fn ping_pong(
    config: &LoadConfig,
    question: Question,
    connections: Vec<Connection>,
    unix: Duration,
) -> Exchanges {
    let histogram = Arc::new(Histogram::default());
    let busy = connections.len();
    let mut piles = JoinSet::new();
    let start = Instant::now();
    let end = start + config.duration;
    for connection in connections {
        let request = Request::new(question, connection.pile_code, unix);
        piles.spawn(ask(connection, request, config.against, end, Arc::clone(&histogram)));
    }
    let (mut total, mut lost, mut last) = (Tally::default(), 0, start);
    while let Ok(Some(result)) = timeout_at((end + config.answer_patience).into(), piles.join_next()).await {
        let tally = result.unwrap_or_default();
        total.mismatched += tally.mismatched;
        total.unsolicited += tally.unsolicited;
        lost += u64::from(tally.is_lost);
        last = Instant::now();
    }
    // Piles that still wait have no answer.
    let missing = piles.len() as u64;
    piles.shutdown().await;
    let seconds = last.max(end).duration_since(start).as_secs_f64();
    let answered = histogram.count();
    Exchanges {
        busy,
        seconds,
        answered,
        per_second: answered as f64 / seconds.max(f64::EPSILON),
        latency: Latency::of(&histogram),
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
    histogram: Arc<Histogram>,
) -> Tally {
    let mut tally = Tally::default();
    let mut asked_at = Instant::now();
    while asked_at < end {
        if exchange(&mut connection, &mut request, against, &mut tally).await.is_err() {
            tally.is_lost = true;
            break;
        }
        let now = Instant::now();
        histogram.record(now - asked_at);
        asked_at = now;
    }
    tally
}

/// One question and its answer. A wrong answer ends the wait too: the right one will not come any more.
async fn exchange(
    connection: &mut Connection,
    request: &mut Request,
    against: Against,
    tally: &mut Tally,
) -> io::Result<()> {
    send(&connection.stream, request.next_frame()).await?;
    let mut is_answered = false;
    while !is_answered {
        connection.stream.readable().await?;
        receive(&connection.stream, &mut connection.framer, |frame| match request.judge(&frame, against) {
            Verdict::Answer => is_answered = true,
            Verdict::Mismatch => {
                tally.mismatched += 1;
                is_answered = true;
            }
            Verdict::Unsolicited => tally.unsolicited += 1,
        })?;
    }
    Ok(())
}

/// Writes a whole frame; the socket nearly always takes it at once.
pub(super) async fn send(stream: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match stream.try_write(bytes) {
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => stream.writable().await?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads what is there, if anything, and hands out its frames.
pub(super) fn receive(stream: &TcpStream, framer: &mut Framer, mut on_frame: impl FnMut(Frame<'_>)) -> io::Result<()> {
    let mut buffer = [0; READ_LENGTH];
    match stream.try_read(&mut buffer) {
        Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
        Ok(length) => {
            framer.push(buffer.get(..length).unwrap_or_default(), |piece| {
                if let Piece::Frame(frame) = piece {
                    on_frame(frame);
                }
            });
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
        Err(error) => Err(error),
    }
}
