//! Captures (抓包): what passes on a pile's lines, as pcapng.

use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use utoipa::ToSchema;
use voltapile_platform::business::{BusinessError, Refusal};
use voltapile_platform::identity::PileCode;
use voltapile_platform::pile::Pile;
use voltapile_platform::timestamp::Timestamp;

use super::answer::{Gone, Listing, Made};
use super::auth::{Caller, Operate, Read as MayRead};
use super::change::Change;
use super::describe::{Draft, Output, Routes, schema};
use super::extract::{FromPath, Key, OptionalBody, Query};
use super::problem::{Kind, Problem};
use super::stream::chunked;
use crate::capture::{CannotStart, CaptureId, Ending, Extent, Kept, Place, Running};
use crate::core::Core;

/// Seconds of a capture when nothing else is asked for.
const SECONDS: u32 = 600;
/// The longest that a capture may take.
const SECONDS_MAX: u32 = 24 * 60 * 60;
/// MiB of a capture when nothing else is asked for.
const MIB: u32 = 10;
/// The largest that a capture may be.
const MIB_MAX: u32 = 1000;
const BYTES_PER_MIB: u64 = 1024 * 1024;
/// What a capture is.
const MEDIA: &str = "application/vnd.tcpdump.pcap";
/// Bytes that are read from a file at once.
const CHUNK: usize = 64 * 1024;
/// Chunks that may wait for a slow reader.
const CHUNKS_AHEAD: usize = 2;
/// Seconds after which a disk may work again.
const RETRY_AFTER: u32 = 60;

/// The routes.
pub(super) fn routes() -> Routes {
    Routes::of(
        "captures",
        "抓包: what passes on a pile's lines, byte for byte, as pcapng for Wireshark and `voltapile`.",
    )
    .post("/piles/{code}/capture", start, "Starts a capture of a pile: this line of it, and those that follow.")
    .get("/piles/{code}/capture", running, "The capture of a pile that runs.")
    .delete("/piles/{code}/capture", stop, "Stops it. What was captured is kept.")
    .get("/piles/{code}/captures", list, "A pile's captures, newest first.")
    .get("/piles/{code}/captures/{id}", download, "A capture's file; of one that runs, as far as it has come.")
    .delete("/piles/{code}/captures/{id}", remove, "Removes a capture; one that runs is stopped.")
}

/// How much is to be captured.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct CaptureForm {
    /// Seconds after which the capture ends.
    #[schema(minimum = 1, maximum = 86400, default = 600)]
    seconds: u32,
    /// MiB at which it ends.
    #[schema(minimum = 1, maximum = 1000, default = 10)]
    max_mib: u32,
}

impl Default for CaptureForm {
    fn default() -> Self {
        Self { seconds: SECONDS, max_mib: MIB }
    }
}

impl CaptureForm {
    fn extent(self) -> Result<Extent, Problem> {
        for (value, max, name) in [(self.seconds, SECONDS_MAX, "seconds"), (self.max_mib, MIB_MAX, "max_mib")] {
            if !(1..=max).contains(&value) {
                let detail = format!("{name} takes 1 to {max}, not {value}");
                return Err(Problem::new(Kind::InvalidBody, &detail).at_pointer(format!("/{name}"), detail));
            }
        }
        let time = Duration::from_secs(u64::from(self.seconds));
        Ok(Extent { time, bytes: u64::from(self.max_mib) * BYTES_PER_MIB })
    }
}

/// Whether a capture runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CaptureState {
    Running,
    Ended,
}

/// A capture as it is shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Capture)]
struct CaptureView {
    /// Its number.
    #[schema(schema_with = schema::number)]
    id: CaptureId,
    pile: PileCode,
    state: CaptureState,
    /// Bytes of its file up to now.
    bytes: u64,
    /// Seconds after which it was to end.
    seconds: u64,
    /// MiB at which it was to end.
    max_mib: u64,
    /// Who started it: `admin`, `user:wang`, `token:7`.
    started_by: String,
    started_at: Timestamp,
    /// `null` while it runs.
    ended_at: Option<Timestamp>,
    /// Why it ended; `null` while it runs.
    ending: Option<Ending>,
    /// When it ends at the latest; `null` once it has ended.
    ends_at: Option<Timestamp>,
}

impl From<&Running> for CaptureView {
    fn from(capture: &Running) -> Self {
        Self {
            id: capture.id,
            pile: capture.pile,
            state: CaptureState::Running,
            bytes: capture.written(),
            seconds: capture.extent.time.as_secs(),
            max_mib: capture.extent.bytes / BYTES_PER_MIB,
            started_by: capture.started_by.clone(),
            started_at: capture.id.started_at(),
            ended_at: None,
            ending: None,
            ends_at: Some(capture.ends_at()),
        }
    }
}

impl From<Kept> for CaptureView {
    fn from(kept: Kept) -> Self {
        let Kept { id, pile, bytes, seconds, max_bytes, started_by, ended_at, ending } = kept;
        Self {
            id,
            pile,
            state: CaptureState::Ended,
            bytes,
            seconds,
            max_mib: max_bytes / BYTES_PER_MIB,
            started_by,
            started_at: id.started_at(),
            ended_at: Some(ended_at),
            ending: Some(ending),
            ends_at: None,
        }
    }
}

async fn start(
    caller: Caller<Operate>,
    FromPath(code): FromPath<PileCode>,
    Query(()): Query<()>,
    key: Key,
    OptionalBody(form): OptionalBody<CaptureForm>,
) -> Result<Made<CaptureView>, Problem> {
    let form = form.unwrap_or_default();
    let extent = form.extent()?;
    let change = Change::new("capture.start", format_args!("piles/{code}/capture")).saying(&form);
    let place: Arc<Mutex<Option<Place>>> = Arc::default();
    let (core, taken) = (Arc::clone(&caller.core), Arc::clone(&place));
    let outcome = caller.change_once(change, key, move |guard| {
        guard.own::<Pile>(&code)?;
        let reserved = core.captures.reserve(code, extent, guard.by().to_owned()).map_err(refusal)?;
        let id = reserved.id();
        guard.about(format_args!("piles/{code}/captures/{id}"));
        *taken.lock().unwrap_or_else(PoisonError::into_inner) = Some(reserved);
        Ok(vec![id.0])
    });
    let outcome = outcome.await?;
    let id = CaptureId(outcome.first()?);
    let place = place.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(place) = place {
        begin(&caller.core, place).await?;
    }
    let view = view(&caller.core, code, id).await?;
    Ok(Made::at(&format!("piles/{code}/captures/{id}"), view).repeated(outcome.repeated))
}

fn refusal(error: CannotStart) -> BusinessError {
    Refusal::Conflict { reason: error.name(), detail: error.to_string() }.into()
}

/// Begins a capture in a task of its own: it runs on when the caller has gone.
async fn begin(core: &Arc<Core>, place: Place) -> Result<(), Problem> {
    let core = Arc::clone(core);
    let begun = tokio::spawn(async move { place.begin(&core.captures).await.map(drop) }).await;
    begun.map_err(|error| Problem::internal(&error))?.map_err(|error| {
        let detail = format!("the capture can't be written ({}); the server's log says more", error.kind());
        Problem::unavailable(detail, RETRY_AFTER)
    })
}

async fn running(
    caller: Caller<MayRead>,
    FromPath(code): FromPath<PileCode>,
    Query(()): Query<()>,
) -> Result<Json<CaptureView>, Problem> {
    caller.must_see_pile(code).await?;
    let running = caller.core.captures.of_pile(code).ok_or_else(|| none_runs(code))?;
    Ok(Json(running.as_ref().into()))
}

async fn stop(
    caller: Caller<Operate>,
    FromPath(code): FromPath<PileCode>,
    Query(()): Query<()>,
) -> Result<Json<CaptureView>, Problem> {
    caller.must_see_pile(code).await?;
    let running = caller.core.captures.of_pile(code).ok_or_else(|| none_runs(code))?;
    audit(&caller, "capture.stop", code, running.id).await?;
    caller.core.captures.stop(running.id).await;
    Ok(Json(view(&caller.core, code, running.id).await?))
}

async fn list(
    caller: Caller<MayRead>,
    FromPath(code): FromPath<PileCode>,
    Query(()): Query<()>,
) -> Result<Listing<CaptureView>, Problem> {
    caller.must_see_pile(code).await?;
    let running = caller.core.captures.of_pile(code);
    let kept = on_disk(&caller.core, move |core| core.captures.kept(code)).await?;
    let views = kept.into_iter().map(|kept| match running.as_deref().filter(|running| running.id == kept.id) {
        Some(running) => running.into(),
        None => kept.into(),
    });
    Ok(Listing::whole(views.collect()))
}

async fn download(
    caller: Caller<MayRead>,
    FromPath(code): FromPath<PileCode>,
    FromPath(id): FromPath<CaptureId>,
    Query(()): Query<()>,
) -> Result<Download, Problem> {
    caller.must_see_pile(code).await?;
    let file = on_disk(&caller.core, move |core| core.captures.open(code, id)).await?;
    let file = file.map_err(|error| of_file(code, id, &error))?;
    let bytes = file.metadata().map_err(|error| of_file(code, id, &error))?.len();
    audit(&caller, "capture.download", code, id).await?;
    // As far as it has come: whole packets.
    Ok(Download { name: format!("voltapile-{code}-{}.pcapng", id.second()), bytes, file: file.take(bytes) })
}

async fn remove(
    caller: Caller<Operate>,
    FromPath(code): FromPath<PileCode>,
    FromPath(id): FromPath<CaptureId>,
    Query(()): Query<()>,
) -> Result<Gone, Problem> {
    caller.must_see_pile(code).await?;
    on_disk(&caller.core, move |core| core.captures.find(code, id)).await?.ok_or_else(|| no_such(code, id))?;
    audit(&caller, "capture.remove", code, id).await?;
    if caller.core.captures.of_pile(code).is_some_and(|running| running.id == id) {
        caller.core.captures.stop(id).await;
    }
    let removed = on_disk(&caller.core, move |core| core.captures.remove(code, id)).await?;
    removed.map(|()| Gone).map_err(|error| of_file(code, id, &error))
}

/// Writes down what is about to be done with a capture, for a pile that the caller owns.
async fn audit<S>(caller: &Caller<S>, action: &'static str, code: PileCode, id: CaptureId) -> Result<(), Problem> {
    let change = Change::new(action, format_args!("piles/{code}/captures/{id}"));
    caller.change(change, move |guard| guard.own::<Pile>(&code).map(drop)).await
}

async fn view(core: &Arc<Core>, code: PileCode, id: CaptureId) -> Result<CaptureView, Problem> {
    if let Some(running) = core.captures.of_pile(code).filter(|running| running.id == id) {
        return Ok(running.as_ref().into());
    }
    let kept = on_disk(core, move |core| core.captures.find(code, id)).await?;
    kept.map(CaptureView::from).ok_or_else(|| no_such(code, id))
}

/// Does something that waits for the disk.
async fn on_disk<T: Send + 'static>(
    core: &Arc<Core>,
    work: impl FnOnce(&Core) -> T + Send + 'static,
) -> Result<T, Problem> {
    let core = Arc::clone(core);
    tokio::task::spawn_blocking(move || work(&core)).await.map_err(|error| Problem::internal(&error))
}

fn none_runs(code: PileCode) -> Problem {
    let detail =
        format!("no capture of the pile {code} runs; those that have ended are at /api/v1/piles/{code}/captures");
    Problem::new(Kind::NotFound, detail)
}

fn no_such(code: PileCode, id: CaptureId) -> Problem {
    Problem::not_found("capture", format_args!("{id} of the pile {code}"))
}

fn of_file(code: PileCode, id: CaptureId, error: &std::io::Error) -> Problem {
    if error.kind() == std::io::ErrorKind::NotFound { no_such(code, id) } else { Problem::internal(error) }
}

/// A file on its way to the caller.
struct Download {
    name: String,
    bytes: u64,
    file: std::io::Take<std::fs::File>,
}

impl IntoResponse for Download {
    fn into_response(self) -> Response {
        let headers = [
            (CONTENT_TYPE, MEDIA.to_owned()),
            (CONTENT_LENGTH, self.bytes.to_string()),
            (CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", self.name)),
            (CACHE_CONTROL, "no-store".to_owned()),
        ];
        let (sender, receiver) = mpsc::channel(CHUNKS_AHEAD);
        tokio::spawn(send(self.file, sender));
        (headers, chunked(receiver)).into_response()
    }
}

impl Output for Download {
    fn describe(draft: &mut Draft) {
        draft.answers(200, "The capture as pcapng.", MEDIA, schema::text());
        draft.answers_header(200, "Content-Disposition", "what to call the file");
    }
}

/// Sends a file in chunks. No thread waits for a slow reader.
async fn send(mut file: std::io::Take<std::fs::File>, chunks: mpsc::Sender<std::io::Result<Bytes>>) {
    loop {
        let read = tokio::task::spawn_blocking(move || {
            let mut chunk = Vec::with_capacity(CHUNK);
            let read = file.by_ref().take(CHUNK as u64).read_to_end(&mut chunk);
            (file, read.map(|_| chunk))
        });
        let chunk = match read.await {
            Ok((_, Ok(chunk))) if chunk.is_empty() => return,
            Ok((rest, chunk)) => {
                file = rest;
                chunk.map(Bytes::from)
            }
            Err(_) => return,
        };
        let broke_off = chunk.is_err();
        if chunks.send(chunk).await.is_err() || broke_off {
            return;
        }
    }
}
