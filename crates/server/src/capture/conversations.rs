//! The conversations of a capture. They go on from file to file.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use voltapile_capture::Side;
use voltapile_capture::write::{SEGMENT_BYTES, Stream, Writer};

use super::word::{Lost, Passed, What};

/// Bytes that are collected before they go to the disk, which they do each second anyway. Whole packets at a time.
const BUFFER_BYTES: usize = 256 * 1024;
/// What a packet takes besides its payload: block, IPv6 and TCP, and as much for the acknowledgement it may get.
const PACKET_BYTES: u64 = 2 * 128;
/// What a comment takes, and the packets of a handshake or an end.
const AROUND_BYTES: u64 = 2048;

/// A file that is being written.
pub(super) type Output = Writer<BufWriter<File>>;

/// Begins a file that is not there yet.
pub(super) fn create(path: &Path) -> io::Result<Output> {
    let file = File::options().write(true).create_new(true).open(path)?;
    let mut output = Writer::new(BufWriter::with_capacity(BUFFER_BYTES, file))?;
    // A file without its header is none.
    output.flush()?;
    Ok(output)
}

/// Bytes that something may take in a file at the most.
pub(super) fn most_bytes_of(passed: &Passed) -> u64 {
    let bytes = match &passed.what {
        What::Said(_, bytes) => bytes.len(),
        What::Opened | What::Closed(_) => 0,
    };
    bytes as u64 + bytes.div_ceil(SEGMENT_BYTES) as u64 * PACKET_BYTES + AROUND_BYTES
}

/// The conversations that go on, by line.
#[derive(Debug, Default)]
pub(super) struct Conversations {
    lines: HashMap<u64, Conversation>,
    /// Counts the files.
    file: u64,
}

#[derive(Debug)]
struct Conversation {
    stream: Stream,
    /// Piles on the line, as far as they are named.
    names: String,
    /// In which file that was last said.
    told_in: u64,
}

impl Conversations {
    /// A new file begins: it names those that go on in it anew.
    pub(super) fn next_file(&mut self) {
        self.file += 1;
    }

    /// Writes what passed.
    pub(super) fn write(&mut self, passed: &Passed, output: &mut Output) -> io::Result<u64> {
        let Passed { line, ends, at, lost, names, what } = passed;
        if matches!(what, What::Closed(_)) && !self.lines.contains_key(line) {
            return Ok(0);
        }
        let conversation = self.lines.entry(*line).or_insert_with(|| {
            let mut stream = Stream::new(*ends);
            if !matches!(what, What::Opened) {
                stream.note("under way when the capture of it began");
            }
            Conversation { stream, names: String::new(), told_in: self.file }
        });
        conversation.tell(self.file, names.as_deref());
        let stream = &mut conversation.stream;
        skip(stream, *lost, *at);
        match what {
            What::Opened => output.open(stream, *at),
            What::Said(side, bytes) => output.bytes(stream, *side, *at, bytes),
            What::Closed(reason) => {
                stream.note(reason);
                let written = match *reason {
                    "closed_by_pile" => output.close(stream, Side::Client, *at),
                    "reset_by_pile" => output.reset(stream, Side::Client, *at),
                    "timed_out" | "io_error" => output.reset(stream, Side::Server, *at),
                    _ => output.close(stream, Side::Server, *at),
                };
                self.lines.remove(line);
                written
            }
        }
    }
}

impl Conversation {
    /// Says whose the line is, once in each file.
    fn tell(&mut self, file: u64, names: Option<&str>) {
        if let Some(names) = names {
            if !self.names.is_empty() {
                self.names.push_str(", ");
            }
            self.names.push_str(names);
            self.stream.note(&format!("pile {names}"));
        } else if self.told_in != file {
            let whose = if self.names.is_empty() { "of nobody yet".to_owned() } else { format!("pile {}", self.names) };
            self.stream.note(&format!("{whose}; begun in an earlier file"));
        }
        self.told_in = file;
    }
}

/// Leaves a gap where bytes were dropped.
fn skip(stream: &mut Stream, lost: Lost, at: voltapile_capture::Timestamp) {
    for (side, bytes, who) in [(Side::Client, lost.client, "pile"), (Side::Server, lost.server, "server")] {
        if bytes > 0 {
            stream.skip(side, at, bytes);
            stream.note(&format!("{bytes} bytes of the {who} are missing: more passed than could be written"));
        }
    }
}
