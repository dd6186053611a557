//! Bodies that a task feeds: server-sent events, which the caller reads for as long as it likes, and chunks of what is
//! long.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_core::Stream;
use tokio::sync::{Semaphore, mpsc};

use super::auth::{Caller, token_ends};
use super::describe::{Draft, Output, schema};
use super::problem::{Kind, Problem};
use super::serve::CONNECTIONS_MAX;

/// How often a quiet stream shows that it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Events that may wait for a slow reader.
const EVENTS_MAX: usize = 16;

/// Seconds after which somebody may have gone.
const RETRY_AFTER: u32 = 10;
/// Streams at once: each keeps a connection for as long as its reader likes, and others have requests as well.
pub(super) const STREAMS_MAX: usize = CONNECTIONS_MAX / 2;

/// Room for streams.
#[derive(Debug, Clone)]
pub(super) struct Streams(Arc<Semaphore>);

impl Default for Streams {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(STREAMS_MAX)))
    }
}

/// A stream of server-sent events.
pub(super) struct EventStream(Events);

impl EventStream {
    /// A stream that a task feeds until it ends, the reader has gone, or the reader's token counts no longer.
    pub(super) fn fed_by<S, Feed: Future<Output = ()> + Send + 'static>(
        streams: &Streams,
        caller: &Caller<S>,
        feed: impl FnOnce(mpsc::Sender<Event>) -> Feed,
    ) -> Result<Self, Problem> {
        let place = Arc::clone(&streams.0).try_acquire_owned().map_err(|_| {
            let detail = format!("{STREAMS_MAX} streams are open, and more are not served at once");
            Problem::new(Kind::Busy, detail).retry_after(RETRY_AFTER)
        })?;
        let (sender, receiver) = mpsc::channel(EVENTS_MAX);
        let (feed, end) = (feed(sender), token_ends(Arc::clone(&caller.core), Arc::clone(&caller.identity)));
        tokio::spawn(async move {
            tokio::select! {
                () = feed => {}
                () = end => {}
            }
            drop(place);
        });
        Ok(Self(Events(receiver)))
    }
}

impl IntoResponse for EventStream {
    fn into_response(self) -> Response {
        Sse::new(self.0).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
    }
}

impl Output for EventStream {
    fn describe(draft: &mut Draft) {
        draft.answers(200, "Events until the caller or the server goes.", "text/event-stream", schema::text());
    }
}

/// The receiving end as a stream.
struct Events(mpsc::Receiver<Event>);

impl Stream for Events {
    type Item = Result<Event, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|event| event.map(Ok))
    }
}

/// A body in chunks, as they come.
pub(super) fn chunked(chunks: mpsc::Receiver<io::Result<Bytes>>) -> Body {
    Body::from_stream(Chunks(chunks))
}

/// The receiving end as a stream.
struct Chunks(mpsc::Receiver<io::Result<Bytes>>);

impl Stream for Chunks {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context)
    }
}
