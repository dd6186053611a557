//! Firmware updates, and what came of each once it was tried. The file is really fetched, by the runner; only a pile whose
//! [behaviour](super::Behaviour::update_result) says how its updates end pretends to.

use std::time::Duration;

use voltapile_protocol::time::Tick;
use voltapile_protocol::ykc::code::UpdateResult;

use super::clock::Moment;
use super::context::later;
use super::errand::{Downloaded, Errand};
use super::pile::{Link, VirtualPile};

/// How long it takes to write a firmware, or to pretend an update, simulated.
const UPDATE_MS: u64 = 30_000;
/// After the timeout the runner has so long to say that it ran out.
const GRACE: Duration = Duration::from_secs(5);
/// Characters of a version.
const VERSION_LENGTH: usize = 8;

/// What the platform orders.
#[derive(Debug)]
pub(super) struct UpdateOrder {
    pub(super) errand: Errand,
    /// After what a pile that only pretends says that it took too long.
    pub(super) says_timeout_after: Duration,
    /// Whether the firmware is for such a pile.
    pub(super) fits: bool,
    /// Whether charges under way go on to their end.
    pub(super) when_idle: bool,
}

/// An update that was ordered.
#[derive(Debug)]
pub(super) struct Update {
    version: String,
    way: Way,
    stage: Stage,
}

/// How the update comes about.
#[derive(Debug)]
enum Way {
    /// The pile fetches nothing, and answers with this after so many milliseconds.
    Pretend { result: UpdateResult, takes_ms: u64 },
    /// The runner fetches it.
    Fetch(Errand),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Waits for the end of the charges.
    Waiting,
    /// The runner is on its way; after this it never comes back.
    Fetching { until: Tick },
    /// Pretends, or writes the file.
    Working { result: UpdateResult, until: Tick },
    /// The platform is to be told, as soon as it listens.
    Done(UpdateResult),
}

impl Update {
    pub(super) const fn next_deadline(&self) -> Option<Tick> {
        match self.stage {
            Stage::Fetching { until } | Stage::Working { until, .. } => Some(until),
            Stage::Waiting | Stage::Done(_) => None,
        }
    }

    /// Begins; gives back what the runner is to do.
    fn begin(&mut self, now: Tick) -> Option<Errand> {
        match &self.way {
            Way::Pretend { result, takes_ms } => {
                self.stage = Stage::Working { result: *result, until: later(now, *takes_ms) };
                None
            }
            Way::Fetch(errand) => {
                let Errand::Download { timeout, .. } = errand;
                self.stage = Stage::Fetching { until: now + *timeout + GRACE };
                Some(errand.clone())
            }
        }
    }

    /// Goes on where its time has come.
    fn pass_time(&mut self, now: Tick) {
        match self.stage {
            Stage::Fetching { until } if until <= now => self.stage = Stage::Done(UpdateResult::DownloadTimeout),
            Stage::Working { result, until } if until <= now => self.stage = Stage::Done(result),
            _ => {}
        }
    }
}

impl VirtualPile {
    /// Nobody starts a charge from now on.
    pub(super) fn order_update(&mut self, now: Moment, order: UpdateOrder, out: &mut Vec<u8>) {
        let Errand::Download { path, .. } = &order.errand;
        let version = self.state.behaviour.next_firmware_version.map(|version| version.text());
        let version = version.unwrap_or_else(|| version_of(path));
        let when_idle = order.when_idle;
        self.update = Some(Update { version, way: self.way_of(order), stage: Stage::Waiting });
        self.state.is_updating = true;
        if !when_idle {
            self.stop_all(now, out);
        }
        self.begin_update_when_idle(now);
    }

    fn way_of(&self, order: UpdateOrder) -> Way {
        let result = match self.state.behaviour.update_result {
            None | Some(UpdateResult::Succeeded) if !order.fits => UpdateResult::ModelMismatch,
            Some(result) => result,
            None => return Way::Fetch(order.errand),
        };
        let takes_ms = match result {
            UpdateResult::DownloadTimeout => u64::try_from(order.says_timeout_after.as_millis()).unwrap_or(u64::MAX),
            _ => UPDATE_MS,
        };
        Way::Pretend { result, takes_ms: (takes_ms / u64::from(self.state.speed)).max(1) }
    }

    fn begin_update_when_idle(&mut self, now: Moment) {
        let is_idle = self.charging() == 0;
        if let Some(update @ Update { stage: Stage::Waiting, .. }) = &mut self.update
            && is_idle
        {
            self.errand = update.begin(now.tick);
        }
    }

    /// What the runner is to do for the pile, once.
    #[must_use]
    pub const fn take_errand(&mut self) -> Option<Errand> {
        self.errand.take()
    }

    /// The runner is back. An empty file is no firmware for this pile; whatever kept a file from being fetched is, in the
    /// few words that protocols have, a download that timed out.
    pub fn errand_done(&mut self, now: Moment, downloaded: Downloaded, out: &mut Vec<u8>) -> Link {
        let until = later(now.tick, (UPDATE_MS / u64::from(self.state.speed)).max(1));
        if let Some(update @ Update { stage: Stage::Fetching { .. }, .. }) = &mut self.update {
            update.stage = match downloaded {
                Ok(0) => Stage::Done(UpdateResult::ModelMismatch),
                Ok(_) => Stage::Working { result: UpdateResult::Succeeded, until },
                Err(_) => Stage::Done(UpdateResult::DownloadTimeout),
            };
        }
        self.speak(out, |pile, out| pile.go_on_updating(now, out))
    }

    /// Begins an update that waited for the end of the charges, and ends one that is done: with success in a restart.
    pub(super) fn go_on_updating(&mut self, now: Moment, out: &mut Vec<u8>) -> Link {
        self.begin_update_when_idle(now);
        let Some(update) = &mut self.update else { return Link::Keep };
        update.pass_time(now.tick);
        let (Stage::Done(update_result), true) = (update.stage, self.tongue.is_logged_in()) else {
            return Link::Keep;
        };
        let version = std::mem::take(&mut update.version);
        self.forget_update();
        self.tongue.say_updated(update_result, out);
        if update_result != UpdateResult::Succeeded {
            return Link::Keep;
        }
        self.tongue.set_firmware_version(&version);
        self.reboot()
    }

    /// No update is under way any more.
    pub(super) fn forget_update(&mut self) {
        self.update = None;
        self.errand = None;
        self.state.is_updating = false;
    }
}

/// The version that a file's name tells: what stands behind the last slash, without the ending, as far as it fits. What
/// begins with a digit is no ending but the last number of the version.
fn version_of(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let stem = match name.rsplit_once('.') {
        Some((stem, ending)) if !ending.starts_with(|first: char| first.is_ascii_digit()) => stem,
        _ => name,
    };
    stem.chars().filter(char::is_ascii_graphic).take(VERSION_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_tells_the_version() {
        for (path, version) in [
            ("/firmware/V1.2.3.bin", "V1.2.3"),
            ("/firmware/V1.2.3", "V1.2.3"),
            ("update", "update"),
            ("a/b/VERSION-10.hex", "VERSION-"),
            ("", ""),
        ] {
            assert_eq!(version_of(path), version);
        }
    }
}
