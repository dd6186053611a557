//! Piles that only stay logged in: one task for all of them.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::login::Connection;
use crate::frames::frames_of;

/// How often each pile says that it is alive. A platform calls a pile offline after 45 s.
const HEARTBEAT_PAUSE: Duration = Duration::from_secs(30);
/// How often some of them do.
const TICK: Duration = Duration::from_millis(100);
/// Bytes of answers taken from a socket at once.
const READ_LENGTH: usize = 4096;

/// Holds the connections for ever; in a run that is longer than the pause, each sends heartbeats.
pub(super) async fn keep(connections: Vec<Connection>, duration: Duration) {
    if connections.is_empty() || duration <= HEARTBEAT_PAUSE {
        return hold(connections).await;
    }
    let ticks = (HEARTBEAT_PAUSE.as_millis() / TICK.as_millis()) as usize;
    let per_tick = connections.len().div_ceil(ticks);
    let mut clock = interval(TICK);
    clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        for group in connections.chunks(per_tick) {
            clock.tick().await;
            group.iter().for_each(say_alive);
        }
    }
}

async fn hold(connections: Vec<Connection>) {
    std::future::pending::<()>().await;
    drop(connections);
}

/// Sends one heartbeat and throws away what came. Neither waits: a full socket or a lost connection is no concern here.
fn say_alive(connection: &Connection) {
    let bytes = frames_of(connection.protocol).heartbeats(connection.pile_code, 1);
    if connection.stream.try_write(&bytes).is_ok() {
        let mut buffer = [0; READ_LENGTH];
        while connection.stream.try_read(&mut buffer).is_ok_and(|length| length == READ_LENGTH) {}
    }
}
