//! One task per connection and direction.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::exam::ConnectionId;

/// What was read and not yet handled, in pieces: a peer that floods waits.
const EVENTS_MAX: usize = 64;
/// What is to be sent on one connection, in pieces: more than any exam says while a peer does not read.
const UNSENT_MAX: usize = 1_024;
/// Bytes read at once.
const READ_LENGTH: usize = 4_096;
/// Time for what is still to be sent when a connection is closed.
const LINGER: Duration = Duration::from_secs(1);

/// What happens on a connection.
#[derive(Debug)]
pub(super) enum LineEvent {
    /// Bytes came.
    Bytes(Vec<u8>),
    /// It ended, by the peer or because it broke.
    Closed { is_broken: bool },
}

/// The open connections.
#[derive(Debug)]
pub(super) struct Lines {
    open: Vec<(ConnectionId, mpsc::Sender<Vec<u8>>)>,
    events: mpsc::Sender<(ConnectionId, LineEvent)>,
    tasks: JoinSet<()>,
}

impl Lines {
    pub(super) fn new() -> (Self, mpsc::Receiver<(ConnectionId, LineEvent)>) {
        let (events, received) = mpsc::channel(EVENTS_MAX);
        (Self { open: Vec::new(), events, tasks: JoinSet::new() }, received)
    }

    pub(super) fn open(&mut self, connection: ConnectionId, stream: TcpStream) {
        // Delay only costs time: a socket that cannot do without is used all the same.
        let _ = stream.set_nodelay(true);
        let (reader, writer) = stream.into_split();
        let (sender, unsent) = mpsc::channel(UNSENT_MAX);
        self.open.push((connection, sender));
        let reading = self.tasks.spawn(read(connection, reader, self.events.clone()));
        self.tasks.spawn(async move {
            write(writer, unsent).await;
            reading.abort();
        });
        while self.tasks.try_join_next().is_some() {}
    }

    pub(super) fn is_open(&self, connection: ConnectionId) -> bool {
        self.open.iter().any(|(open, _)| *open == connection)
    }

    /// Sends bytes. A peer that does not read for so long that there is no room is cut off.
    pub(super) fn send(&mut self, connection: ConnectionId, bytes: Vec<u8>) {
        let full =
            self.open.iter().find(|(open, _)| *open == connection).and_then(|(_, line)| line.try_send(bytes).err());
        if full.is_some() {
            self.close(connection);
        }
    }

    /// Closes a connection once what was sent before has left.
    pub(super) fn close(&mut self, connection: ConnectionId) {
        self.open.retain(|(open, _)| *open != connection);
    }

    /// Closes all of them and waits until what was sent has left.
    pub(super) async fn finish(mut self) {
        self.open.clear();
        let _cut_off = timeout(LINGER, async { while self.tasks.join_next().await.is_some() {} }).await;
    }
}

async fn read(connection: ConnectionId, mut reader: OwnedReadHalf, events: mpsc::Sender<(ConnectionId, LineEvent)>) {
    let mut buffer = vec![0; READ_LENGTH];
    loop {
        let event = match reader.read(&mut buffer).await {
            Ok(0) => LineEvent::Closed { is_broken: false },
            Ok(length) => LineEvent::Bytes(buffer.get(..length).unwrap_or_default().to_vec()),
            Err(_) => LineEvent::Closed { is_broken: true },
        };
        let is_over = matches!(event, LineEvent::Closed { .. });
        if events.send((connection, event)).await.is_err() || is_over {
            return;
        }
    }
}

/// Writes until nobody has anything to send any more, then hangs up.
async fn write(mut writer: OwnedWriteHalf, mut unsent: mpsc::Receiver<Vec<u8>>) {
    while let Some(bytes) = unsent.recv().await {
        if writer.write_all(&bytes).await.is_err() {
            return;
        }
    }
    // The peer may have hung up first.
    let _ = writer.shutdown().await;
}
