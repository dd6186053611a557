//! The live tail of frames.

use std::pin::Pin;
use std::sync::Arc;

use axum::body::{Body, BodyDataStream};
use axum::http::{Method, header};
use futures_core::Stream;
use serde_json::{Value, json};

use super::{Bed, request};
use crate::core::{PileLive, TappedFrame};

const HEARTBEAT: &[u8] =
    &[0x68, 0x0D, 0x00, 0x05, 0x00, 0x03, 0x55, 0x03, 0x14, 0x12, 0x78, 0x23, 0x05, 0x01, 0x00, 0x91, 0xC2];

/// A tail as its reader sees it.
struct Tail(BodyDataStream);

impl Tail {
    async fn open(bed: &Bed, path: &str) -> Self {
        let response = bed.send(request(Method::GET, path).body(Body::empty()).unwrap()).await;
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        let mut tail = Self(response.into_body().into_data_stream());
        assert_eq!(tail.next().await.unwrap(), ": frames of 1 from now on\n\n");
        tail
    }

    async fn next(&mut self) -> Option<String> {
        let chunk = std::future::poll_fn(|context| Pin::new(&mut self.0).poll_next(context)).await?;
        Some(String::from_utf8(chunk.unwrap().into()).unwrap())
    }

    /// The next event's name and data.
    async fn event(&mut self) -> (String, Value) {
        let text = self.next().await.unwrap();
        let (event, data) = text.trim_end().split_once('\n').unwrap();
        let data = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        (event.strip_prefix("event: ").unwrap().to_owned(), data)
    }
}

fn show(bed: &Bed, pile: &PileLive, sent: bool, frame: &[u8]) {
    pile.show(TappedFrame { at: bed.core.clock.now(), sent, frame: Arc::from(frame) });
}

async fn bed() -> (Bed, Arc<PileLive>) {
    let bed = Bed::new().await;
    bed.put("/api/v1/piles/1", json!({})).await;
    let pile = bed.log_in("1");
    (bed, pile)
}

#[tokio::test]
async fn frames_are_shown_explained() {
    let (bed, pile) = bed().await;
    assert!(!pile.is_tapped());
    let mut tail = Tail::open(&bed, "/api/v1/piles/1/frames").await;
    assert!(pile.is_tapped());
    show(&bed, &pile, false, HEARTBEAT);
    let (event, data) = tail.event().await;
    assert_eq!(event, "frame");
    assert_eq!((&data["direction"], &data["type"]), (&json!("up"), &json!("0x03")));
    assert_eq!(data["raw"], "680D000500035503141278230501 0091C2".replace(' ', ""));
    assert_eq!((&data["sequence"], &data["name"]), (&json!("0005"), &json!("heartbeat_request")));
    assert_eq!(data["crc"]["ok"], true);
    assert_eq!(data["fields"][0]["value"], "55031412782305");
    assert_eq!(data["findings"], json!([]));
    assert!(data["at"].as_str().unwrap().ends_with('Z'));

    show(&bed, &pile, true, &[1, 2, 3]);
    let (_, data) = tail.event().await;
    assert_eq!((&data["direction"], &data["raw"]), (&json!("down"), &json!("010203")));
}

#[tokio::test]
async fn a_reader_that_is_too_slow_is_told_what_it_missed() {
    let (bed, pile) = bed().await;
    let mut tail = Tail::open(&bed, "/api/v1/piles/1/frames?lang=zh").await;
    for _ in 0..1000 {
        show(&bed, &pile, false, HEARTBEAT);
    }
    let mut seen = 0;
    let missed = loop {
        match tail.event().await {
            (event, data) if event == "lagged" => break data["missed"].as_u64().unwrap(),
            _ => seen += 1,
        }
    };
    while seen + missed < 1000 {
        assert_eq!(tail.event().await.0, "frame");
        seen += 1;
    }
    assert!(missed > 0);
}

#[tokio::test]
async fn a_tail_ends_when_the_server_stops() {
    let (bed, _pile) = bed().await;
    let mut tail = Tail::open(&bed, "/api/v1/piles/1/frames").await;
    bed.shutdown.send(true).unwrap();
    assert_eq!(tail.next().await, None);
}

#[tokio::test]
async fn the_tap_closes_behind_its_last_reader() {
    let (bed, pile) = bed().await;
    let tail = Tail::open(&bed, "/api/v1/piles/1/frames").await;
    drop(tail);
    while pile.is_tapped() {
        show(&bed, &pile, false, HEARTBEAT);
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn only_a_registered_pile_can_be_watched() {
    let bed = Bed::new().await;
    bed.get("/api/v1/piles/1/frames").await.problem(404, "not-found");
    bed.put("/api/v1/piles/1", json!({})).await;
    bed.get("/api/v1/piles/1/frames?lang=fr").await.problem(400, "invalid-parameter");
}
