//! The open loop: every busy pile keeps its schedule, and answers are waited for from the moment at which their questions
//! were due. A server that stalls for a second delays everything that was due in that second, and all of it is counted.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::{sleep_until, timeout};

use super::exchange::{Answered, Stopwatches, Tally, exchange, send, sum_up};
use super::login::Connection;
use super::report::{Exchanges, Pacing};
use super::request::{Question, Request};
use super::schedule::{CONNECTORS, Deed, Schedule, Turn};
use super::telemetry::Telemetry;
use super::{Against, LoadConfig};
use crate::model::{TransactionNumber, civil_time};

/// Lets all connections keep their schedules for the configured time.
pub(super) async fn keep_schedule(config: &LoadConfig, connections: Vec<Connection>, unix: Duration) -> Exchanges {
    let stopwatches = Arc::new(Stopwatches::default());
    let busy = connections.len();
    let start = Instant::now();
    let mut piles = JoinSet::new();
    for (index, connection) in connections.into_iter().enumerate() {
        let Some(schedule) = Schedule::new(config.mode, config.rate, index, busy) else { continue };
        let pile = PacedPile::new(connection, unix, config, Arc::clone(&stopwatches));
        piles.spawn(pile.play(schedule, start, start + config.duration));
    }
    sum_up(piles, &stopwatches, start, config, Pacing::Open, busy).await
}

/// A pile that keeps a schedule.
#[derive(Debug)]
struct PacedPile {
    connection: Connection,
    against: Against,
    patience: Duration,
    heartbeats: Vec<Request>,
    records: Vec<Request>,
    telemetry: Vec<Telemetry>,
    sequence: u16,
    stopwatches: Arc<Stopwatches>,
    tally: Tally,
    out: Vec<u8>,
}

impl PacedPile {
    fn new(connection: Connection, unix: Duration, config: &LoadConfig, stopwatches: Arc<Stopwatches>) -> Self {
        let pile_code = connection.pile_code;
        let requests = |question| {
            (1..=CONNECTORS).map(|number| Request::of(connection.protocol, question, pile_code, number, unix)).collect()
        };
        let start = civil_time(u64::try_from(unix.as_millis()).unwrap_or_default());
        let number = |connector| TransactionNumber::made_by(pile_code, connector, start, 0);
        Self {
            against: config.against,
            patience: config.answer_patience,
            heartbeats: requests(Question::Heartbeat),
            records: requests(Question::Record),
            telemetry: (1..=CONNECTORS)
                .map(|connector| Telemetry::new(connection.protocol, pile_code, connector, number(connector)))
                .collect(),
            sequence: 0,
            connection,
            stopwatches,
            tally: Tally::default(),
            out: Vec::new(),
        }
    }

    async fn play(mut self, schedule: Schedule, start: Instant, end: Instant) -> Tally {
        for Turn { due, deeds } in schedule {
            let due = start + due;
            if due >= end {
                break;
            }
            sleep_until(due.into()).await;
            for deed in deeds {
                if self.carry_out(*deed, due).await.is_err() {
                    self.tally.is_lost = true;
                    return self.tally;
                }
            }
        }
        self.tally
    }

    async fn carry_out(&mut self, deed: Deed, due: Instant) -> io::Result<()> {
        let count = match deed {
            Deed::Tell => return self.tell().await,
            Deed::Heartbeat | Deed::Record => 1,
            Deed::SayAlive | Deed::Bill => usize::from(CONNECTORS),
        };
        let requests = if matches!(deed, Deed::Record | Deed::Bill) { &mut self.records } else { &mut self.heartbeats };
        for request in requests.iter_mut().take(count) {
            let asked_at = Instant::now();
            let answer = exchange(&mut self.connection, request, self.against, &mut self.tally);
            match timeout(self.patience, answer).await {
                Ok(Ok(Answered)) => {
                    let now = Instant::now();
                    self.stopwatches.since_due.record(now - due);
                    self.stopwatches.since_sent.record(now - asked_at);
                }
                Ok(Err(error)) => return Err(error),
                Err(_) => {
                    self.tally.missing += 1;
                    self.tally.overdue += 1;
                }
            }
        }
        Ok(())
    }

    async fn tell(&mut self) -> io::Result<()> {
        self.out.clear();
        for telemetry in &mut self.telemetry {
            telemetry.write(&mut self.sequence, &mut self.out);
        }
        self.tally.sent += 3 * u64::from(CONNECTORS);
        match timeout(self.patience, send(&self.connection.stream, &self.out)).await {
            Ok(sent) => {
                self.tally.stalls += u64::from(sent?);
                Ok(())
            }
            // Half a frame may be out: nothing that follows would be understood.
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}
