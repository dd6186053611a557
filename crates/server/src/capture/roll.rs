//! The directory where everything goes: one file after the other, a bounded number of them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use voltapile_platform::timestamp::Timestamp;

use super::CaptureSettings;
use super::conversations::{Conversations, Output, create, most_bytes_of};
use super::word::Passed;

/// What names of files begin and end with.
const PREFIX: &str = "voltapile-";
const SUFFIX: &str = ".pcapng";
/// Files that may begin within one second.
const WITHIN_A_SECOND: u32 = 9999;

/// The files of a directory, of which the newest is written.
#[derive(Debug)]
pub(super) struct Roll {
    directory: PathBuf,
    settings: CaptureSettings,
    output: Output,
    /// Bytes that the file began with.
    header: u64,
    begun: Instant,
    conversations: Conversations,
}

impl Roll {
    /// Begins the first file; the directory is made when it is missing.
    pub(super) fn new(directory: PathBuf, settings: &CaptureSettings, now: Timestamp) -> io::Result<Self> {
        fs::create_dir_all(&directory)?;
        let output = next(&directory, now, settings.files)?;
        let (header, begun, conversations) = (output.written(), Instant::now(), Conversations::default());
        Ok(Self { directory, settings: settings.clone(), output, header, begun, conversations })
    }

    /// Writes what passed; into the next file, if this one has no room.
    pub(super) fn write(&mut self, passed: &Passed, now: Timestamp) -> io::Result<u64> {
        if self.output.written() + most_bytes_of(passed) > self.settings.file_bytes {
            self.turn(now)?;
        }
        self.conversations.write(passed, &mut self.output)
    }

    /// Brings everything to the file, and begins the next one when this one is old.
    pub(super) fn tick(&mut self, now: Timestamp) -> io::Result<()> {
        // An empty file stays: others would have to go for the next one.
        if self.begun.elapsed() >= self.settings.file_age && self.output.written() > self.header {
            self.turn(now)?;
        }
        self.output.flush()
    }

    fn turn(&mut self, now: Timestamp) -> io::Result<()> {
        self.output.flush()?;
        self.output = next(&self.directory, now, self.settings.files)?;
        self.begun = Instant::now();
        self.conversations.next_file();
        Ok(())
    }
}

/// Begins a file, and removes the oldest until there are no more than so many.
fn next(directory: &Path, now: Timestamp, files: usize) -> io::Result<Output> {
    let mut names = names(directory)?;
    names.sort_unstable();
    let surplus = (names.len() + 1).saturating_sub(files.max(1));
    for name in names.iter().take(surplus) {
        match fs::remove_file(directory.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    // Never a number that was used: names tell the order.
    let begin = format!("{PREFIX}{}-", compact(now));
    let of_second = names.iter().filter_map(|name| name.strip_prefix(&begin)?.strip_suffix(SUFFIX)?.parse().ok());
    let used: u32 = of_second.max().unwrap_or_default();
    for number in used + 1..=WITHIN_A_SECOND {
        match create(&directory.join(format!("{begin}{number:04}{SUFFIX}"))) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => return made,
        }
    }
    Err(io::Error::other("files turn faster than they can be named: let them be larger"))
}

/// Names of the capture files that are there.
fn names(directory: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if is_ours(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

/// Whether a name is like `voltapile-20261121T013000Z-0001.pcapng`. Whatever else somebody keeps there stays.
fn is_ours(name: &str) -> bool {
    let middle = name.strip_prefix(PREFIX).and_then(|name| name.strip_suffix(SUFFIX)).unwrap_or_default();
    let form: String = middle.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    form == "00000000T000000Z-0000"
}

/// A moment to the second, as names of files have it: `20261121T013000Z`.
pub(super) fn compact(at: Timestamp) -> String {
    let text = at.to_string();
    let second = text.split('.').next().unwrap_or_default();
    let digits: String = second.chars().filter(|letter| !matches!(letter, '-' | ':')).collect();
    digits + "Z"
}
