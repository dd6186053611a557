//! Gives an exam sockets, a clock and a person.
//!
//! One task: it waits for connections, bytes, the exam's next deadline and the person, hands each to the exam and carries
//! out what the exam wants. Reading and writing is done by a task per connection with small channels, so that neither a
//! flood nor a slow reader costs more than their bounds.

mod line;
mod person;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use voltapile_protocol::inspect::lang::Bilingual;
use voltapile_protocol::time::Tick;

use self::line::{LineEvent, Lines};
pub use self::person::Answers;
use crate::exam::{ConnectionId, Effect, Exam, Input};

/// A platform that does not take a connection within this is not there.
const DIAL_WITHIN: Duration = Duration::from_secs(10);
/// Connections of one exam; a pile that dials more often than this is cut off.
const CONNECTIONS_MAX: u16 = 10_000;

/// Where an exam's connections come from.
#[derive(Debug)]
pub enum Ends {
    /// The examined pile dials us.
    Listen(TcpListener),
    /// We dial the examined platform.
    Dial(SocketAddr),
}

/// What a person says during an exam.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonSays {
    /// What was asked is done.
    Done,
    /// It can't be done here.
    Skip,
}

/// What a person is told during an exam.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Which part begins now: step and steps.
    Progress(Bilingual, usize, usize),
    /// What to do at the pile.
    Ask(Bilingual),
    /// Something worth knowing.
    Tell(Bilingual),
}

/// The clocks of this machine: ticks since it was made.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    began: Instant,
    began_unix_ms: u64,
}

impl Clock {
    /// A clock that shows 0 now.
    #[must_use]
    pub fn start() -> Self {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { began: Instant::now(), began_unix_ms: milliseconds(unix) }
    }

    /// What the wall clock showed at tick 0: milliseconds since 1970 in UTC.
    #[must_use]
    pub const fn began_unix_ms(&self) -> u64 {
        self.began_unix_ms
    }

    fn now(&self) -> Tick {
        Tick(milliseconds(self.began.elapsed()))
    }

    fn instant(&self, tick: Tick) -> tokio::time::Instant {
        (self.began + Duration::from_millis(tick.0)).into()
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Runs an exam to its end, or until `shutdown` is done: then it is broken off, says its last words, and what is known by
/// then can be reported.
///
/// # Errors
/// When no connection can be accepted any more.
pub async fn run(
    exam: &mut dyn Exam,
    clock: Clock,
    ends: Ends,
    mut answers: Answers,
    mut notify: impl FnMut(Notice),
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let (mut lines, mut events) = Lines::new();
    let (dialled, mut dials) = mpsc::channel(1);
    let mut next = 0;
    let mut effects = Vec::new();
    exam.handle_deadline(clock.now(), &mut effects);
    tokio::pin!(shutdown);
    let mut is_broken_off = false;
    loop {
        for effect in effects.drain(..) {
            match effect {
                Effect::Dial(connection) => dial(&ends, connection, dialled.clone()),
                Effect::Send(connection, bytes) => lines.send(connection, bytes),
                Effect::Close(connection) => lines.close(connection),
                Effect::Progress(what, step, steps) => notify(Notice::Progress(what, step, steps)),
                Effect::Ask(what) => notify(Notice::Ask(what)),
                Effect::Tell(what) => notify(Notice::Tell(what)),
            }
        }
        let Some(deadline) = exam.next_deadline() else { break };
        tokio::select! {
            () = &mut shutdown, if !is_broken_off => {
                is_broken_off = true;
                exam.break_off(clock.now(), &mut effects);
            }
            () = tokio::time::sleep_until(clock.instant(deadline)) => exam.handle_deadline(clock.now(), &mut effects),
            accepted = accept(&ends), if next < CONNECTIONS_MAX => {
                let connection = ConnectionId(next);
                next += 1;
                lines.open(connection, accepted?);
                exam.handle(clock.now(), Input::Opened(connection), &mut effects);
            }
            Some((connection, result)) = dials.recv() => match result {
                Ok(stream) => {
                    lines.open(connection, stream);
                    exam.handle(clock.now(), Input::Opened(connection), &mut effects);
                }
                Err(error) => exam.handle(clock.now(), Input::NotOpened(connection, error), &mut effects),
            },
            Some((connection, event)) = events.recv() => {
                if lines.is_open(connection) {
                    match event {
                        LineEvent::Bytes(bytes) => {
                            exam.handle(clock.now(), Input::Bytes(connection, &bytes), &mut effects);
                        }
                        LineEvent::Closed { is_broken } => {
                            lines.close(connection);
                            exam.handle(clock.now(), Input::Closed(connection, is_broken), &mut effects);
                        }
                    }
                }
            }
            said = answers.next() => {
                let input = match said {
                    PersonSays::Done => Input::Done,
                    PersonSays::Skip => Input::Skipped,
                };
                exam.handle(clock.now(), input, &mut effects);
            }
        }
    }
    lines.finish().await;
    Ok(())
}

/// The next connection; never one where we dial.
async fn accept(ends: &Ends) -> io::Result<TcpStream> {
    match ends {
        Ends::Listen(listener) => listener.accept().await.map(|(stream, _)| stream),
        Ends::Dial(_) => std::future::pending().await,
    }
}

type Dialled = (ConnectionId, Result<TcpStream, String>);

fn dial(ends: &Ends, connection: ConnectionId, dialled: mpsc::Sender<Dialled>) {
    let Ends::Dial(address) = ends else { return };
    let address = *address;
    tokio::spawn(async move {
        let result = match timeout(DIAL_WITHIN, TcpStream::connect(address)).await {
            Ok(result) => result.map_err(|error| error.to_string()),
            Err(_) => Err("timed out".to_owned()),
        };
        let _exam_over = dialled.send((connection, result)).await;
    });
}
