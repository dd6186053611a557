//! HTTP connections: how many there may be, and how long one may take to say what it wants.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::login::Peer;
use super::stall::Impatient;

/// Connections at once; more wait to be accepted. Each takes a file descriptor from the piles.
pub(crate) const CONNECTIONS_MAX: usize = 448;
/// Time for the head of a request, from the connection's begin or the answer before it.
const HEAD_WITHIN: Duration = Duration::from_secs(30);
/// Time in which a peer must take something of its answer.
const TAKEN_WITHIN: Duration = Duration::from_secs(30);
/// Rest after an accept failed for want of resources.
const BACK_OFF: Duration = Duration::from_millis(500);

/// Serves until `stopping` turns true and the requests under way are answered.
pub async fn serve(listener: TcpListener, router: Router, stopping: watch::Receiver<bool>) {
    serve_with(listener, router, stopping, Patience { head: HEAD_WITHIN, taken: TAKEN_WITHIN }).await;
}

/// How long is waited for a peer.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// For the head of a request.
    head: Duration,
    /// For it to take something of an answer.
    taken: Duration,
}

async fn serve_with(listener: TcpListener, router: Router, mut stopping: watch::Receiver<bool>, patience: Patience) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(patience.head);
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let accepted = tokio::select! {
            biased;
            () = stop(&mut stopping) => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let Some((stream, peer, place)) = accepted else { continue };
        let _ = stream.set_nodelay(true);
        let stream = Impatient::new(stream, patience.taken);
        let (http, router, stopping) = (http.clone(), router.clone(), stopping.clone());
        connections.spawn(async move {
            connection(&http, stream, peer, router, stopping).await;
            drop(place);
        });
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Waits until the server stops, or is gone.
async fn stop(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

type Place = tokio::sync::OwnedSemaphorePermit;

async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> Option<(TcpStream, SocketAddr, Place)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, place)),
        Err(error) => {
            tracing::warn!(%error, "cannot accept an HTTP connection");
            tokio::time::sleep(BACK_OFF).await;
            None
        }
    }
}

async fn connection(
    http: &http1::Builder,
    stream: Impatient<TcpStream>,
    peer: SocketAddr,
    router: Router,
    mut stopping: watch::Receiver<bool>,
) {
    let service = TowerToHyperService::new(router);
    let with_peer = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        service.call(request)
    });
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), with_peer));
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = stop(&mut stopping) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%peer, %error, "an HTTP connection broke off");
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn served(head: Duration) -> (SocketAddr, watch::Sender<bool>, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopping) = watch::channel(false);
        let router =
            Router::new().route("/", get(|| async { "here" })).route("/long", get(|| async { vec![b'.'; LONG] }));
        let patience = Patience { head, taken: Duration::from_millis(300) };
        (address, stop, tokio::spawn(serve_with(listener, router, stopping, patience)))
    }

    /// Bytes of an answer that no socket's buffers hold.
    const LONG: usize = 64 << 20;

    /// What comes until the server closes.
    async fn rest(mut stream: TcpStream) -> String {
        let mut text = Vec::new();
        stream.read_to_end(&mut text).await.unwrap();
        String::from_utf8(text).unwrap()
    }

    #[tokio::test]
    async fn who_never_asks_is_cut_off() {
        let within = Duration::from_millis(200);
        let (address, _stop, _served) = served(within).await;
        let silent = TcpStream::connect(address).await.unwrap();
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(b"GET / HTTP/1.1\r\nHost:").await.unwrap();
        let cut_off = async { (rest(silent).await, rest(slow).await) };
        let (silent, slow) = tokio::time::timeout(50 * within, cut_off).await.unwrap();
        assert!(silent.is_empty() && !slow.contains("200 OK"), "{silent:?} {slow:?}");
    }

    #[tokio::test]
    async fn who_takes_nothing_of_a_long_answer_is_cut_off() {
        let (address, stop, served) = served(HEAD_WITHIN).await;
        let mut deaf = TcpStream::connect(address).await.unwrap();
        deaf.write_all(b"GET /long HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        deaf.readable().await.unwrap();
        // A stop waits for answers under way: here until the peer's patience is at its end.
        stop.send(true).unwrap();
        tokio::time::timeout(Duration::from_secs(10), served).await.unwrap().unwrap();
        let mut taken = Vec::new();
        let _ = deaf.read_to_end(&mut taken).await;
        assert!(taken.len() < LONG, "{}", taken.len());
    }

    #[tokio::test]
    async fn a_stop_waits_for_answers_and_not_for_idle_connections() {
        let (address, stop, served) = served(HEAD_WITHIN).await;
        let mut idle = TcpStream::connect(address).await.unwrap();
        idle.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let mut answer = [0; 12];
        idle.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        stop.send(true).unwrap();
        tokio::time::timeout(Duration::from_secs(5), served).await.unwrap().unwrap();
        assert!(rest(idle).await.ends_with("here"));
    }
}
