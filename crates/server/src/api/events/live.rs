//! Events as they happen. A reader that broke off goes on where it was: the store is read behind the last event it
//! has, so that none is missed and none is told twice, however slow it reads.

use std::sync::Arc;

use axum::extract::State;
use axum::response::sse::Event;
use tokio::sync::{mpsc, watch};

use super::cloud::CloudEvent;
use super::{Selection, TYPE_PREFIX};
use crate::api::Api;
use crate::api::auth::{Caller, Read};
use crate::api::extract::{LastEventId, Query};
use crate::api::problem::Problem;
use crate::api::stream::EventStream;
use crate::core::Core;
use crate::store::{EventQuery, StoredEvent};

/// Events that are read at once.
const BATCH: usize = 100;

/// Tells events from a moment on: behind `Last-Event-ID`, else behind `after`, else from now on.
pub(super) async fn stream(
    State(api): State<Api>,
    caller: Caller<Read>,
    LastEventId(last): LastEventId,
    Query(selection): Query<Selection>,
) -> Result<EventStream, Problem> {
    let after = match last.or(selection.after) {
        Some(after) => after,
        None => caller.core.store.last_event().await?,
    };
    let query = selection.query(&caller, after);
    let follower = Follower { core: Arc::clone(&caller.core), shutdown: api.shutdown };
    EventStream::fed_by(&api.streams, &caller, |events| follower.run(query, events))
}

struct Follower {
    core: Arc<Core>,
    shutdown: watch::Receiver<bool>,
}

impl Follower {
    async fn run(mut self, mut query: EventQuery, events: mpsc::Sender<Event>) {
        let begun = Event::default().comment(format!("events behind {}", query.after));
        if events.send(begun).await.is_err() {
            return;
        }
        let mut appended = self.core.new_events();
        loop {
            // Before the store is read: what is appended meanwhile must not be missed.
            appended.mark_unchanged();
            let batch = match self.core.store.events(query.clone(), BATCH).await {
                Ok(batch) => batch,
                Err(error) => {
                    tracing::warn!(%error, "a stream of events broke off");
                    return;
                }
            };
            let is_full = batch.len() == BATCH;
            for event in batch {
                query.after = event.id;
                tokio::select! {
                    sent = events.send(told(event)) => if sent.is_err() { return },
                    _ = self.shutdown.wait_for(|stopping| *stopping) => return,
                }
            }
            if is_full {
                continue;
            }
            tokio::select! {
                changed = appended.changed() => if changed.is_err() { return },
                () = events.closed() => return,
                _ = self.shutdown.wait_for(|stopping| *stopping) => return,
            }
        }
    }
}

fn told(event: StoredEvent) -> Event {
    let event = CloudEvent::from(event);
    let name = event.event_type().strip_prefix(TYPE_PREFIX).unwrap_or_default().to_owned();
    let told = Event::default().event(name).id(event.id());
    // An event that could not be written as JSON never came from the store.
    let data = serde_json::to_string(&event).unwrap_or_default();
    told.data(data)
}
