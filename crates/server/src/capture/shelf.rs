//! Captures of single piles on the disk: a directory for each pile, and in it for each capture its file and a document
//! that says what it is.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voltapile_platform::identity::PileCode;
use voltapile_platform::timestamp::Timestamp;

use super::Running;
use super::conversations::{Output, create};

/// Captures that are kept, however small.
const KEPT_MAX: usize = 1000;
/// Endings of names.
const FILE: &str = "pcapng";
const ABOUT: &str = "json";

/// A capture's number: the moment it began, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaptureId(pub u64);

impl CaptureId {
    /// When the capture began.
    #[must_use]
    pub fn started_at(self) -> Timestamp {
        Timestamp::from_unix_ms(i64::try_from(self.0).unwrap_or(i64::MAX))
    }

    /// That moment as names of files have it: `20261121T013000Z`.
    #[must_use]
    pub fn second(self) -> String {
        super::roll::compact(self.started_at())
    }
}

impl fmt::Display for CaptureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for CaptureId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
        text.parse().ok().filter(|_| is_plain).map(Self).ok_or(())
    }
}

/// Why a capture ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CaptureEnding)]
pub enum Ending {
    /// Its time was up.
    Time,
    /// It had as many bytes as were asked for.
    Size,
    /// Somebody stopped it.
    Stopped,
    /// The disk could not be written.
    DiskFailed,
    /// The server stopped, or broke down.
    ServerStopped,
}

impl Ending {
    /// A stable word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Size => "size",
            Self::Stopped => "stopped",
            Self::DiskFailed => "disk_failed",
            Self::ServerStopped => "server_stopped",
        }
    }
}

/// What is known of a capture besides its bytes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct About {
    seconds: u64,
    max_bytes: u64,
    started_by: String,
    /// Both missing while it runs, and for ever when the server broke down.
    ended_at: Option<Timestamp>,
    ending: Option<Ending>,
}

/// A capture that is kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its number.
    pub id: CaptureId,
    /// Whose.
    pub pile: PileCode,
    /// Bytes of its file.
    pub bytes: u64,
    /// Seconds after which it was to end.
    pub seconds: u64,
    /// Bytes at which it was to end.
    pub max_bytes: u64,
    /// Who started it.
    pub started_by: String,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Why.
    pub ending: Ending,
}

/// The directory of captures.
#[derive(Debug)]
pub(super) struct Shelf {
    root: PathBuf,
}

impl Shelf {
    pub(super) const fn new(root: PathBuf) -> Self {
        Self { root }
    }

    fn path(&self, pile: PileCode, id: CaptureId, ending: &str) -> PathBuf {
        // Both are letters and digits.
        self.root.join(pile.as_str()).join(format!("{id}.{ending}"))
    }

    /// Begins a capture's file.
    pub(super) fn begin(&self, capture: &Running) -> io::Result<Output> {
        let directory = self.root.join(capture.pile.as_str());
        fs::create_dir_all(&directory)?;
        let file = self.path(capture.pile, capture.id, FILE);
        let made = self.tell(capture, None, None).and_then(|()| create(&file));
        if made.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::AlreadyExists) {
            // What is left of a capture that never was would be found by nobody, and tell that the pile has a past.
            for left in [file, self.path(capture.pile, capture.id, ABOUT)] {
                let _ = fs::remove_file(left);
            }
            let _ = fs::remove_dir(directory);
        }
        made
    }

    /// Writes down how a capture ended.
    pub(super) fn end(&self, capture: &Running, at: Timestamp, ending: Ending) -> io::Result<()> {
        self.tell(capture, Some(at), Some(ending))
    }

    fn tell(&self, capture: &Running, ended_at: Option<Timestamp>, ending: Option<Ending>) -> io::Result<()> {
        let about = About {
            seconds: capture.extent.time.as_secs(),
            max_bytes: capture.extent.bytes,
            started_by: capture.started_by.clone(),
            ended_at,
            ending,
        };
        let text = serde_json::to_string(&about).map_err(io::Error::other)?;
        fs::write(self.path(capture.pile, capture.id, ABOUT), text)
    }

    /// Whether a pile has any.
    pub(super) fn has_any(&self, pile: PileCode) -> bool {
        self.root.join(pile.as_str()).is_dir()
    }

    /// A pile's captures, newest first.
    pub(super) fn of_pile(&self, pile: PileCode) -> Vec<Kept> {
        let mut ids = ids(&self.root.join(pile.as_str()));
        ids.sort_unstable_by(|one, other| other.cmp(one));
        ids.into_iter().filter_map(|id| self.find(pile, id)).collect()
    }

    /// One capture.
    pub(super) fn find(&self, pile: PileCode, id: CaptureId) -> Option<Kept> {
        let file = fs::metadata(self.path(pile, id, FILE)).ok()?;
        let about = fs::read_to_string(self.path(pile, id, ABOUT)).unwrap_or_default();
        let About { seconds, max_bytes, started_by, ended_at, ending } =
            serde_json::from_str(&about).unwrap_or_default();
        Some(Kept {
            id,
            pile,
            bytes: file.len(),
            seconds,
            max_bytes,
            started_by,
            ended_at: ended_at.unwrap_or_else(|| modified(&file)),
            ending: ending.unwrap_or(Ending::ServerStopped),
        })
    }

    /// A capture's file, to be read.
    pub(super) fn open(&self, pile: PileCode, id: CaptureId) -> io::Result<fs::File> {
        fs::File::open(self.path(pile, id, FILE))
    }

    /// Removes a capture.
    pub(super) fn remove(&self, pile: PileCode, id: CaptureId) -> io::Result<()> {
        fs::remove_file(self.path(pile, id, FILE))?;
        match fs::remove_file(self.path(pile, id, ABOUT)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        // Fails while there are others.
        let _ = fs::remove_dir(self.root.join(pile.as_str()));
        Ok(())
    }

    /// Removes the oldest captures until the others take so many bytes at most, and all that began before a moment.
    /// Those that are `spared` stay and do not count.
    pub(super) fn make_room(&self, bytes: u64, since: Timestamp, spared: &[CaptureId]) {
        let mut kept: Vec<(CaptureId, PileCode, u64)> = Vec::new();
        for pile in piles(&self.root) {
            let of_pile = ids(&self.root.join(pile.as_str())).into_iter().filter(|id| !spared.contains(id));
            kept.extend(of_pile.map(|id| (id, pile, file_bytes(&self.path(pile, id, FILE)))));
        }
        kept.sort_unstable_by(|one, other| other.cmp(one));
        let mut taken = 0;
        for (place, (id, pile, size)) in kept.into_iter().enumerate() {
            taken += size;
            if taken <= bytes && place < KEPT_MAX && id.started_at() >= since {
                continue;
            }
            taken -= size;
            match self.remove(pile, id) {
                Ok(()) => tracing::info!(%pile, capture = %id, "removed an old capture"),
                Err(error) => tracing::warn!(%pile, capture = %id, %error, "an old capture can't be removed"),
            }
        }
    }
}

/// Piles with captures.
fn piles(root: &Path) -> Vec<PileCode> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    entries.filter_map(|entry| PileCode::new(entry.file_name().to_str()?).ok()).collect()
}

/// Captures in a pile's directory.
fn ids(directory: &Path) -> Vec<CaptureId> {
    let names = fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.file_name());
    names.filter_map(|name| name.to_str()?.strip_suffix(FILE)?.strip_suffix('.')?.parse().ok()).collect()
}

fn file_bytes(path: &Path) -> u64 {
    fs::metadata(path).map(|file| file.len()).unwrap_or_default()
}

fn modified(file: &fs::Metadata) -> Timestamp {
    let since = file.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok()).unwrap_or_default();
    Timestamp::from_unix_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
