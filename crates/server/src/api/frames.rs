//! A live tail of a pile's frames, as server-sent events.

use axum::extract::State;
use axum::response::sse::Event;
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc, watch};
use voltapile_platform::identity::PileCode;
use voltapile_protocol::inspect::{Lang, Options};

use super::Api;
use super::auth::{Caller, Read};
use super::decoded;
use super::describe::schema;
use super::extract::{FromPath, FromQuery, Parameter, Parameters, Query};
use super::problem::Problem;
use super::stream::EventStream;
use crate::core::TappedFrame;

/// In which language findings are told.
#[derive(Debug)]
pub(super) struct TailQuery {
    lang: Lang,
}

impl FromQuery for TailQuery {
    fn parameters() -> Vec<Parameter> {
        let about = "In which language findings are told; `en` when left out.";
        vec![Parameter { name: "lang", about, schema: || schema::word(&["en", "zh"]) }]
    }

    fn read(parameters: &Parameters) -> Result<Self, Problem> {
        let read = |text: &str| match text {
            "en" => Some(Lang::En),
            "zh" => Some(Lang::Zh),
            _ => None,
        };
        Ok(Self { lang: parameters.parse_with("lang", "en or zh", read)?.unwrap_or(Lang::En) })
    }
}

/// Shows the frames of a pile from now on, until the caller or the server goes.
pub(super) async fn tail(
    State(api): State<Api>,
    caller: Caller<Read>,
    FromPath(code): FromPath<PileCode>,
    Query(TailQuery { lang }): Query<TailQuery>,
) -> Result<EventStream, Problem> {
    caller.must_see_pile(code).await?;
    let pile = api.core.registry.get(code).ok_or_else(|| Problem::not_found("pile", code))?;
    let reading = (decoded::options(&pile), lang);
    let shutdown = api.shutdown;
    EventStream::fed_by(&api.streams, &caller, |events| follow(pile.tap(), code, reading, events, shutdown))
}

/// Turns frames into events until one of the ends is gone. A reader that is too slow misses frames; the pile's
/// connection never waits for it.
async fn follow(
    mut tap: broadcast::Receiver<TappedFrame>,
    code: PileCode,
    reading: (Options, Lang),
    events: mpsc::Sender<Event>,
    mut shutdown: watch::Receiver<bool>,
) {
    let begun = Event::default().comment(format!("frames of {code} from now on"));
    if events.send(begun).await.is_err() {
        return;
    }
    loop {
        let event = tokio::select! {
            received = tap.recv() => match received {
                Ok(frame) => frame_event(&frame, reading),
                Err(RecvError::Lagged(missed)) => lagged_event(missed),
                Err(RecvError::Closed) => return,
            },
            () = events.closed() => return,
            _ = shutdown.wait_for(|stopping| *stopping) => return,
        };
        tokio::select! {
            sent = events.send(event) => if sent.is_err() { return },
            _ = shutdown.wait_for(|stopping| *stopping) => return,
        }
    }
}

fn frame_event(tapped: &TappedFrame, (options, lang): (Options, Lang)) -> Event {
    let mut members = decoded::decode(&tapped.frame, options, lang);
    // The place in an input means nothing here.
    members.remove("offset");
    members.insert("at".to_owned(), Value::String(tapped.at.to_string()));
    members.insert("direction".to_owned(), Value::from(if tapped.sent { "down" } else { "up" }));
    members.insert("raw".to_owned(), Value::String(decoded::hex(&tapped.frame)));
    Event::default().event("frame").data(Value::Object(members).to_string())
}

fn lagged_event(missed: u64) -> Event {
    Event::default().event("lagged").data(json!({"missed": missed}).to_string())
}
