//! Events: in pages, live, and gone on with after a break.

use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{Method, Request, StatusCode, header};
use futures_core::Stream;
use serde_json::{Value, json};

use super::super::stream::STREAMS_MAX;
use super::{Bed, request};

/// A stream as its reader sees it.
struct Reader(BodyDataStream, String);

impl Reader {
    async fn open(bed: &Bed, path: &str, last: Option<&str>) -> Self {
        let request = request(Method::GET, path);
        let request = if let Some(last) = last { request.header("last-event-id", last) } else { request };
        let response = bed.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        let mut reader = Self(response.into_body().into_data_stream(), String::new());
        assert!(reader.block().await.unwrap().starts_with(": events behind "));
        reader
    }

    /// What stands before the next empty line.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.1.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.1 = rest;
                return Some(block);
            }
            let chunk = std::future::poll_fn(|context| Pin::new(&mut self.0).poll_next(context)).await?;
            self.1.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
        }
    }

    /// The next event's name, id and data.
    async fn event(&mut self) -> (String, String, Value) {
        let block = self.block().await.unwrap();
        let field = |name: &str| {
            let line = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            line.unwrap_or_else(|| panic!("no {name}: {block}")).to_owned()
        };
        (field("event"), field("id"), serde_json::from_str(&field("data")).unwrap())
    }
}

#[tokio::test]
async fn an_event_is_a_cloud_event() {
    let bed = Bed::new().await;
    bed.two_operators().await;
    bed.put("/api/v1/piles/1", json!({"station": "east-gate", "name": "one"})).await;
    let page = bed.get("/api/v1/events").await.ok();
    let event = &page["items"][0];
    assert_eq!((&event["specversion"], &event["type"]), (&json!("1.0"), &json!("voltapile.pile.registered")));
    assert_eq!((&event["source"], &event["subject"]), (&json!("/voltapile/piles/1"), &json!("piles/1")));
    assert_eq!((&event["pile"], &event["pilenumber"], &event["operator"]), (&json!("1"), &json!(1), &json!("east")));
    assert_eq!(event["datacontenttype"], "application/json");
    assert!(event["id"].is_string() && event["time"].is_string());
    assert_eq!(event["data"]["station"], "east-gate");
    assert_eq!(page["items"].as_array().unwrap().len(), 3);

    let list = async |query: &str| {
        let page = bed.get(&format!("/api/v1/events{query}")).await.ok();
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(list("?limit=2").await, ["1", "2"]);
    assert_eq!(list("?after=2").await, ["3"]);
    assert_eq!(list("?pile=1").await, ["1", "3"]);
    assert_eq!(list("?pile=1&type=pile.changed").await, ["3"]);
    assert_eq!(list("?type=pile.changed,voltapile.pile.registered").await, ["1", "2", "3"]);
    assert_eq!(bed.get("/api/v1/events?after=3").await.ok(), json!({"items": [], "last": 3}));
    bed.get("/api/v1/events?type=pile.exploded").await.problem(400, "invalid-parameter");
}

#[tokio::test]
async fn a_stream_goes_on_where_its_reader_broke_off() {
    let bed = Bed::new().await;
    bed.put("/api/v1/piles/1", json!({})).await;
    let mut reader = Reader::open(&bed, "/api/v1/events/stream", None).await;
    bed.put("/api/v1/piles/2", json!({})).await;
    let (name, id, event) = reader.event().await;
    assert_eq!((name.as_str(), id.as_str(), &event["id"]), ("pile.registered", "2", &json!("2")));
    drop(reader);
    for code in 3..200 {
        bed.put(&format!("/api/v1/piles/{code}"), json!({})).await;
    }
    let mut reader = Reader::open(&bed, "/api/v1/events/stream?after=150", Some(&id)).await;
    for expected in 3..200 {
        assert_eq!(reader.event().await.1, expected.to_string(), "each once, in order; the header wins");
    }
    bed.put("/api/v1/piles/200", json!({})).await;
    assert_eq!(reader.event().await.1, "200");
    bed.shutdown.send(true).unwrap();
    assert_eq!(reader.block().await, None, "it ends with the server");
}

#[tokio::test]
async fn a_stream_tells_what_was_asked_for_only() {
    let bed = Bed::new().await;
    bed.two_operators().await;
    let path = "/api/v1/events/stream?after=0&pile=2&type=pile.registered,pile.changed";
    let mut reader = Reader::open(&bed, path, None).await;
    assert_eq!(reader.event().await.2["pile"], "2");
    bed.put("/api/v1/piles/1", json!({"station": "east-gate", "name": "x"})).await;
    bed.put("/api/v1/piles/2", json!({"station": "west-gate", "name": "x"})).await;
    let (name, _, event) = reader.event().await;
    assert_eq!((name.as_str(), &event["pile"]), ("pile.changed", &json!("2")));
    let bad = request(Method::GET, "/api/v1/events/stream").header("last-event-id", "x").body(Body::empty()).unwrap();
    bed.answer(bad).await.problem(400, "invalid-parameter");
}

#[tokio::test]
async fn a_stream_ends_with_its_readers_token() {
    let bed = Bed::new().await;
    let token = bed.token(None, &["read"]).await;
    let request = Request::get("/api/v1/events/stream").header(header::AUTHORIZATION, format!("Bearer {token}"));
    let response = bed.send(request.body(Body::empty()).unwrap()).await;
    let mut reader = Reader(response.into_body().into_data_stream(), String::new());
    assert!(reader.block().await.unwrap().starts_with(": events behind "));
    let other = bed.token(None, &["read"]).await;
    bed.put("/api/v1/piles/1", json!({})).await;
    assert_eq!(reader.event().await.0, "pile.registered", "another token changes nothing");
    assert_ne!(token, other);
    bed.delete("/api/v1/tokens/1").await;
    assert_eq!(reader.block().await, None);
}

#[tokio::test]
async fn streams_leave_room_for_requests() {
    let bed = Bed::new().await;
    let open = async || bed.send(request(Method::GET, "/api/v1/events/stream").body(Body::empty()).unwrap()).await;
    let mut streams = Vec::new();
    for _ in 0..STREAMS_MAX {
        streams.push(open().await);
    }
    assert!(streams.iter().all(|stream| stream.status() == StatusCode::OK));
    bed.get("/api/v1/events/stream").await.problem(503, "busy");
    drop(streams.pop());
    let again = async {
        while open().await.status() != StatusCode::OK {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), again).await.expect("who has gone makes room");
}
