//! Settings of captures.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::capture::CaptureSettings;

/// Name of the directory of piles' captures in the data directory.
const SHELF: &str = "captures";
const MIB: u64 = 1024 * 1024;

/// What is written down of what passes between piles and server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Capture {
    /// Directory where everything goes as pcapng; created when missing. Empty: nothing is captured.
    pub directory: PathBuf,
    /// MiB of a file there at which the next one begins.
    pub max_file_mib: u32,
    /// Age of a file there, in minutes, at which the next one begins.
    pub max_file_minutes: u32,
    /// Files there; the oldest go.
    pub max_files: u32,
    /// Captures of single piles that may run at once.
    pub piles_at_once: u32,
    /// MiB of captures of single piles that are kept in all; the oldest go.
    pub piles_mib: u32,
    /// Days that a capture of a single pile is kept.
    pub piles_days: u32,
}

impl Default for Capture {
    fn default() -> Self {
        Self {
            directory: PathBuf::new(),
            max_file_mib: 100,
            max_file_minutes: 60,
            max_files: 24,
            piles_at_once: 16,
            piles_mib: 1024,
            piles_days: 30,
        }
    }
}

impl Capture {
    /// Each setting that must not be 0, with what to say when it is.
    pub(super) fn checks(&self) -> [(bool, &'static str, &'static str); 6] {
        let message = "takes at least 1";
        [
            (self.max_file_mib > 0, "capture.max_file_mib", message),
            (self.max_file_minutes > 0, "capture.max_file_minutes", message),
            (self.max_files > 0, "capture.max_files", message),
            (self.piles_at_once > 0, "capture.piles_at_once", message),
            (self.piles_mib > 0, "capture.piles_mib", message),
            (self.piles_days > 0, "capture.piles_days", message),
        ]
    }

    pub(super) fn settings(&self, data_dir: &Path) -> CaptureSettings {
        let seconds = |count: u32, of: u64| Duration::from_secs(u64::from(count) * of);
        let is_set = !self.directory.as_os_str().is_empty();
        CaptureSettings {
            directory: is_set.then(|| self.directory.clone()),
            file_bytes: u64::from(self.max_file_mib) * MIB,
            file_age: seconds(self.max_file_minutes, 60),
            files: self.max_files as usize,
            shelf: data_dir.join(SHELF),
            piles_at_once: self.piles_at_once as usize,
            shelf_bytes: u64::from(self.piles_mib) * MIB,
            shelf_age: seconds(self.piles_days, 24 * 60 * 60),
        }
    }
}
