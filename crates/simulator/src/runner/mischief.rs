//! Faults of the link, played on connections that the pile itself has left or never knew.
//!
//! The model is told that its line is gone before any of this begins, so what it knows stays true: nothing that a platform
//! says here reaches it.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use voltapile_protocol::Protocol;
use voltapile_protocol::ykc::field::PileCode;

use crate::frames::frames_of;

/// Heartbeats of a flood.
const FLOOD: u16 = 2_000;
/// A silent pile dials again after this at the latest, should the platform bear with it for ever; its default is 120 s.
const SILENCE_MOST: Duration = Duration::from_secs(150);
/// How long a connection that a pile vanished from looks as if it stood.
const HALF_OPEN_LASTS: Duration = Duration::from_secs(120);
/// How long a slow reader goes on at most.
const SLOW_READER_MOST: Duration = Duration::from_secs(20);
/// Receive buffer of a slow reader, in bytes; the system takes the least it has.
const SLOW_READER_BUFFER: usize = 1;
/// Heartbeats that a slow reader sends at once.
const SLOW_READER_BURST: u16 = 500;
/// Its pause after each burst.
const SLOW_READER_PAUSE: Duration = Duration::from_millis(20);
/// Connections of a storm.
const STORM: u8 = 20;
/// How long a connection of a storm lasts.
const STORM_PAUSE: Duration = Duration::from_millis(20);
/// How long the second connection of a double login waits to be closed.
const SECOND_LOGIN_LASTS: Duration = Duration::from_secs(5);

/// So many heartbeats in one breath.
pub(super) fn flood(protocol: Protocol, pile_code: PileCode) -> Vec<u8> {
    frames_of(protocol).heartbeats(pile_code, FLOOD)
}

/// Says nothing more, until the platform closes.
pub(super) async fn be_silent(mut stream: TcpStream) {
    // Whatever comes of it, the pile dials again.
    let _ = timeout(SILENCE_MOST, read_to_end(&mut stream)).await;
}

/// Neither reads nor writes nor closes.
pub(super) async fn vanish(stream: TcpStream) {
    sleep(HALF_OPEN_LASTS).await;
    reset(&stream);
}

/// Asks without end and reads no answer, until the platform closes.
pub(super) async fn read_nothing(mut stream: TcpStream, protocol: Protocol, pile_code: PileCode) {
    let _as_small_as_possible = SockRef::from(&stream).set_recv_buffer_size(SLOW_READER_BUFFER);
    let burst = frames_of(protocol).heartbeats(pile_code, SLOW_READER_BURST);
    let ask = async {
        while stream.write_all(&burst).await.is_ok() {
            sleep(SLOW_READER_PAUSE).await;
        }
    };
    let _ = timeout(SLOW_READER_MOST, ask).await;
    reset(&stream);
}

/// Connects, logs in and hangs up, again and again; every other time with a reset.
pub(super) async fn storm(server: SocketAddr, login: Vec<u8>) {
    for number in 0..STORM {
        if let Ok(mut stream) = TcpStream::connect(server).await {
            // A platform that hangs up first is welcome to.
            let _ = stream.write_all(&login).await;
            sleep(STORM_PAUSE).await;
            if number % 2 == 1 {
                reset(&stream);
            }
        }
    }
}

/// Logs in on a second connection, and holds it until the platform closes it.
pub(super) async fn log_in_besides(server: SocketAddr, login: Vec<u8>) {
    let hold = async {
        let mut stream = TcpStream::connect(server).await?;
        stream.write_all(&login).await?;
        read_to_end(&mut stream).await
    };
    let _ = timeout(SECOND_LOGIN_LASTS, hold).await;
}

async fn read_to_end(stream: &mut TcpStream) -> io::Result<()> {
    let mut buffer = [0; 512];
    while stream.read(&mut buffer).await? > 0 {}
    Ok(())
}

/// Lets the connection end with a reset when it is dropped.
fn reset(stream: &TcpStream) {
    let _an_ordinary_end_will_do = SockRef::from(stream).set_linger(Some(Duration::ZERO));
}
