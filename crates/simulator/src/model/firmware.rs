//! Firmware updates: 0x94, and 0x93 once one was tried. The pile fetches nothing: it pretends to, for as long as it takes.

use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::{Ascii, Quantity};
use voltapile_protocol::ykc::code::{ExecuteMode, PileModel, UpdateResult};
use voltapile_protocol::ykc::message::{FirmwareUpdateRequest, FirmwareUpdateResponse};

use super::clock::Moment;
use super::context::later;
use super::pile::{Link, VirtualPile};

/// How long it takes to fetch and write a firmware, simulated.
const UPDATE_MS: u64 = 30_000;
/// Characters of a version.
const VERSION_LENGTH: usize = 8;

/// An update that was ordered.
#[derive(Debug)]
pub(super) struct Update {
    result: UpdateResult,
    version: Ascii<VERSION_LENGTH>,
    takes_ms: u64,
    /// When it is done; `None` while it waits for the end of the charges.
    done_at: Option<Tick>,
}

impl Update {
    pub(super) const fn next_deadline(&self) -> Option<Tick> {
        self.done_at
    }
}

impl VirtualPile {
    /// 0x94: nobody starts a charge from now on.
    pub(super) fn order_update(&mut self, now: Moment, request: &FirmwareUpdateRequest, out: &mut Vec<u8>) {
        let behaviour = &self.state.behaviour;
        let own_model = if self.state.is_dc { PileModel::Dc } else { PileModel::Ac };
        let is_other_model = request.pile_model != own_model && behaviour.update_result == UpdateResult::Succeeded;
        let result = if is_other_model { UpdateResult::ModelMismatch } else { behaviour.update_result };
        let takes_ms = match result {
            UpdateResult::DownloadTimeout => request.download_timeout.raw() * 60_000,
            _ => UPDATE_MS,
        };
        let version = behaviour.next_firmware_version.unwrap_or_else(|| version_of(&request.ftp_path.text()));
        let takes_ms = (takes_ms / u64::from(self.state.speed)).max(1);
        self.update = Some(Update { result, version, takes_ms, done_at: None });
        self.state.is_updating = true;
        if request.execute_mode != ExecuteMode::WhenIdle {
            self.stop_all(now, out);
        }
        self.begin_update_when_idle(now);
    }

    fn begin_update_when_idle(&mut self, now: Moment) {
        let is_idle = self.charging() == 0;
        if let Some(update @ Update { done_at: None, .. }) = &mut self.update
            && is_idle
        {
            update.done_at = Some(later(now.tick, update.takes_ms));
        }
    }

    /// Begins an update that waited for the end of the charges, and ends one that is done: with success in a restart.
    pub(super) fn go_on_updating(&mut self, now: Moment, out: &mut Vec<u8>) -> Link {
        self.begin_update_when_idle(now);
        let is_done = |update: &mut Update| update.done_at.is_some_and(|at| at <= now.tick);
        let Some(update) = self.update.take_if(is_done) else { return Link::Keep };
        self.state.is_updating = false;
        let (pile_code, update_result) = (self.state.pile_code, update.result);
        self.tell(&FirmwareUpdateResponse { pile_code, update_result, ..Default::default() }.into(), out);
        if update_result != UpdateResult::Succeeded {
            return Link::Keep;
        }
        self.session.set_firmware_version(update.version);
        self.reboot()
    }
}

/// The version that a file's name tells: what stands behind the last slash, without the ending, as far as it fits.
fn version_of(path: &str) -> Ascii<VERSION_LENGTH> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let version: String = stem.chars().filter(char::is_ascii_graphic).take(VERSION_LENGTH).collect();
    Ascii::new(&version).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_tells_the_version() {
        for (path, version) in
            [("/firmware/V1.2.3.bin", "V1.2.3"), ("update", "update"), ("a/b/VERSION-10.hex", "VERSION-"), ("", "")]
        {
            assert_eq!(version_of(path).text(), version);
        }
    }
}
