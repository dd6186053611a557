//! `--capture`: what passes, written as pcapng by a thread of its own, so that no pile waits for a disk.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use voltapile_capture::write::{Stream, Writer};
use voltapile_capture::{Side, Timestamp};
use voltapile_protocol::layout::Direction;
use voltapile_protocol::ykc::field::PileCode;
use voltapile_simulator::model::Moment;
use voltapile_simulator::runner::{Ends, Observer};

use crate::command::Failure;

/// Notes that may wait for the disk: some seconds of a busy fleet, at most a few tens of megabytes.
const NOTES_WAITING: usize = 65_536;

/// What happened on a line.
enum What {
    Connected(Ends),
    Passed(Direction, Vec<u8>),
    Disconnected(String),
}

/// What happened, where and when.
struct Note {
    pile: PileCode,
    at: Timestamp,
    what: What,
}

/// Writes what passes.
pub(super) struct Recorder {
    notes: Arc<Notes>,
    writing: JoinHandle<io::Result<()>>,
}

/// Takes notes for the writer.
struct Notes {
    sender: SyncSender<Option<Note>>,
    /// Notes for which there was no room.
    lost: AtomicU64,
}

impl Recorder {
    /// Begins a file.
    pub(super) fn begin(path: &Path) -> Result<Self, Failure> {
        let cannot = |error: io::Error| Failure::new(format!("--capture {}: {error}", path.display()), "");
        let writer = Writer::new(BufWriter::new(File::create(path).map_err(cannot)?)).map_err(cannot)?;
        let (sender, notes) = sync_channel(NOTES_WAITING);
        let writing = std::thread::spawn(move || write(writer, &notes));
        Ok(Self { notes: Arc::new(Notes { sender, lost: AtomicU64::new(0) }), writing })
    }

    /// Who takes the notes.
    pub(super) fn observer(&self) -> Arc<dyn Observer> {
        Arc::<Notes>::clone(&self.notes)
    }

    /// Writes what is left; gives back how many notes were lost because the disk was too slow.
    pub(super) async fn end(self) -> io::Result<u64> {
        let Self { notes, writing } = self;
        let written = tokio::task::spawn_blocking(move || {
            // A writer that failed has gone and says why below.
            let _ = notes.sender.send(None);
            (writing.join(), notes.lost.load(Ordering::Relaxed))
        });
        match written.await {
            Ok((Ok(result), lost)) => result.map(|()| lost),
            _ => Err(io::Error::other("the writer of the capture broke off")),
        }
    }
}

impl Notes {
    fn note(&self, pile: PileCode, now: Moment, what: What) {
        let note = Note { pile, at: Timestamp(now.unix_ms.saturating_mul(1_000)), what };
        if self.sender.try_send(Some(note)).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Observer for Notes {
    fn connected(&self, pile: PileCode, now: Moment, ends: Ends) {
        self.note(pile, now, What::Connected(ends));
    }

    fn passed(&self, pile: PileCode, now: Moment, direction: Direction, bytes: &[u8]) {
        self.note(pile, now, What::Passed(direction, bytes.to_vec()));
    }

    fn disconnected(&self, pile: PileCode, now: Moment, reason: &str) {
        self.note(pile, now, What::Disconnected(reason.to_owned()));
    }
}

/// Writes notes until the last.
fn write(mut writer: Writer<BufWriter<File>>, notes: &Receiver<Option<Note>>) -> io::Result<()> {
    let mut streams: HashMap<PileCode, Stream> = HashMap::new();
    while let Ok(Some(Note { pile, at, what })) = notes.recv() {
        match what {
            What::Connected(Ends { pile: client, platform: server }) => {
                let mut stream = Stream::new(voltapile_capture::Ends { client, server });
                stream.note(&format!("pile {pile}"));
                writer.open(&mut stream, at)?;
                streams.insert(pile, stream);
            }
            What::Passed(direction, bytes) => {
                let side = if direction == Direction::Up { Side::Client } else { Side::Server };
                if let Some(stream) = streams.get_mut(&pile) {
                    writer.bytes(stream, side, at, &bytes)?;
                }
            }
            What::Disconnected(reason) => {
                if let Some(mut stream) = streams.remove(&pile) {
                    stream.note(&reason);
                    writer.close(&mut stream, Side::Client, at)?;
                }
            }
        }
    }
    writer.flush()
}
