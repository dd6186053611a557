//! Server-sent events: a task feeds them, the caller reads them for as long as it likes.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_core::Stream;
use tokio::sync::mpsc;

use super::auth::{Caller, token_ends};
use super::describe::{Draft, Output, schema};

/// How often a quiet stream shows that it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Events that may wait for a slow reader.
const EVENTS_MAX: usize = 16;

/// A stream of server-sent events.
pub(super) struct EventStream(Events);

impl EventStream {
    /// A stream that a task feeds until it ends, the reader has gone, or the reader's token counts no longer.
    pub(super) fn fed_by<S, Feed: Future<Output = ()> + Send + 'static>(
        caller: &Caller<S>,
        feed: impl FnOnce(mpsc::Sender<Event>) -> Feed,
    ) -> Self {
        let (sender, receiver) = mpsc::channel(EVENTS_MAX);
        let (feed, end) = (feed(sender), token_ends(Arc::clone(&caller.core), Arc::clone(&caller.identity)));
        tokio::spawn(async move {
            tokio::select! {
                () = feed => {}
                () = end => {}
            }
        });
        Self(Events(receiver))
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
