//! The login storm: how soon all piles are logged in.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use voltapile_protocol::Protocol;
use voltapile_protocol::ykc::field::PileCode;

use super::exchange::{receive, send};
use super::report::Logins;
use super::request::{Question, Request, Verdict};
use super::source::Sources;
use super::{Against, LoadConfig, LoadError, pile_code};
use crate::frames::Stream;

/// A pile that is logged in.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) pile_code: PileCode,
    pub(super) stream: TcpStream,
    pub(super) framer: Stream,
    pub(super) protocol: Protocol,
}

#[derive(Debug, Default)]
struct Results {
    connections: Vec<Connection>,
    first_error: Option<String>,
    /// When the last login succeeded.
    last: Option<Instant>,
}

/// Logs all piles in, many at a time.
pub(super) async fn storm(config: &LoadConfig, sources: &Arc<Sources>) -> Result<(Logins, Vec<Connection>), LoadError> {
    let results = Arc::new(Mutex::new(Results::default()));
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = JoinSet::new();
    let start = Instant::now();
    for _ in 0..config.logins_at_once.clamp(1, config.piles) {
        workers.spawn(work(config.clone(), Arc::clone(sources), Arc::clone(&next), Arc::clone(&results)));
    }
    let finished = timeout(config.login_patience, async { while workers.join_next().await.is_some() {} }).await;
    workers.shutdown().await;
    let mut results = std::mem::take(&mut *results.lock().unwrap_or_else(PoisonError::into_inner));
    if finished.is_err() {
        results.first_error.get_or_insert_with(|| format!("no answer within {:?}", config.login_patience));
    }
    let succeeded = results.connections.len();
    let Some(last) = results.last else {
        let reason = results.first_error.unwrap_or_else(|| "no pile tried".to_owned());
        return Err(LoadError::NobodyLoggedIn { piles: config.piles, reason });
    };
    let took = last - start;
    let logins = Logins {
        succeeded,
        failed: config.piles - succeeded,
        first_error: results.first_error,
        seconds: took.as_secs_f64(),
        per_second: succeeded as f64 / took.as_secs_f64().max(f64::EPSILON),
    };
    Ok((logins, results.connections))
}

/// Logs in one pile after the other until all are taken.
async fn work(config: LoadConfig, sources: Arc<Sources>, next: Arc<AtomicUsize>, results: Arc<Mutex<Results>>) {
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        if index >= config.piles {
            return;
        }
        let result = log_in(&config, &sources, index).await;
        let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
        match result {
            Ok(connection) => {
                results.connections.push(connection);
                results.last = Some(Instant::now());
            }
            Err(error) => _ = results.first_error.get_or_insert_with(|| error.to_string()),
        }
    }
}

async fn log_in(config: &LoadConfig, sources: &Sources, index: usize) -> io::Result<Connection> {
    let pile_code = pile_code(config.first_pile, index);
    let mut request = Request::new(config.protocol, Question::Login, pile_code, Duration::ZERO);
    let stream = sources.dial(index).await?;
    let mut framer = Stream::of(config.protocol);
    send(&stream, request.next_frame()).await?;
    let mut verdict = None;
    while verdict.is_none() {
        stream.readable().await?;
        receive(&stream, &mut framer, |frame| match request.judge(frame, config.against) {
            Verdict::Unsolicited => {}
            answer => verdict = Some(answer),
        })?;
    }
    match verdict {
        Some(Verdict::Answer) => {
            let protocol = config.protocol;
            Ok(Connection { pile_code, stream, framer, protocol })
        }
        _ if config.against == Against::Echo => Err(io::Error::other("the echo is not verbatim")),
        _ => Err(io::Error::other(format!("pile {pile_code} was refused, or its answer is wrong"))),
    }
}
