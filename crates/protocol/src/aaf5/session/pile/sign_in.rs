//! Signing in, again and again.

use std::time::Duration;

use super::settings::{HEARTBEAT_MISSES, HEARTBEAT_SECONDS, SIGN_IN_MINUTES};
use super::{Phase, PileEvent, PileSession, SIGN_IN_TRIES, SIGN_IN_WAIT};
use crate::aaf5::cipher::BodyCipher;
use crate::aaf5::code::{DeviceType, EncryptionFlag, EncryptionSupport, FineEnergy, RunMode, Service};
use crate::aaf5::message::{SignInRequest, SignInResponse};
use crate::time::Tick;
use crate::wire::{Decimal16, Decimal32, Minutes, SecondsByte};

impl PileSession {
    /// Sends 106 for the `tries`th time on this connection.
    pub(super) fn sign_in(&mut self, now: Tick, tries: u8, out: &mut Vec<u8>) {
        self.phase = Phase::SigningIn { tries };
        self.sign_in_at = Some(now + SIGN_IN_WAIT);
        self.say_who_it_is(now, out);
    }

    /// Sends 106 once more; `false` when it was sent often enough without an answer.
    pub(super) fn sign_in_again(&mut self, now: Tick, out: &mut Vec<u8>) -> bool {
        match self.phase {
            Phase::SigningIn { tries } if tries >= SIGN_IN_TRIES => return false,
            Phase::SigningIn { tries } => self.sign_in(now, tries + 1, out),
            Phase::Working => {
                self.sign_in_at = Some(now + self.sign_in_period());
                self.say_who_it_is(now, out);
            }
            Phase::Offline => self.sign_in_at = None,
        }
        true
    }

    pub(super) fn say_who_it_is(&mut self, now: Tick, out: &mut Vec<u8>) {
        let byte = |value: u32| u8::try_from(value).unwrap_or(u8::MAX);
        let minutes = u16::try_from(self.parameters.integer(SIGN_IN_MINUTES)).unwrap_or(u16::MAX);
        let request = SignInRequest {
            pile_code: self.config.pile_code,
            encryption_support: if self.config.can_encrypt { EncryptionSupport::Aes } else { EncryptionSupport::None },
            software_version: Decimal32::from_raw(self.config.software_version),
            project: self.config.project,
            start_count: self.config.start_count,
            report_mode: self.config.report_mode,
            sign_in_minutes: Minutes::from_raw(minutes),
            run_mode: RunMode::Normal,
            connector_count: self.config.connector_count,
            heartbeat_seconds: SecondsByte::from_raw(byte(self.parameters.integer(HEARTBEAT_SECONDS))),
            heartbeat_misses: byte(self.parameters.integer(HEARTBEAT_MISSES)),
            record_count: self.records.count(),
            pile_time: self.clock(now),
            random: Some(self.random),
            protocol_version: Some(Decimal16::from_raw(self.config.version.number())),
            white_list_version: Some(self.white_list.version),
            device_type: Some(DeviceType::Pile),
            asset_code: Some(self.config.asset_code),
            ..SignInRequest::default()
        };
        self.ask(&request.into(), out);
    }

    pub(super) fn on_sign_in(&mut self, now: Tick, answer: &SignInResponse, out: &mut Vec<u8>) -> Option<PileEvent> {
        if answer.random.is_some_and(|random| random != self.random) {
            return None;
        }
        let suspended = answer.service == Some(Service::Suspended);
        self.fine_offered = answer.fine_energy == Some(FineEnergy::Supported);
        let clock = answer.platform_time.filter(|time| self.clock.set_to(now, *time));
        if self.cipher.is_none() && self.config.can_encrypt && answer.encryption == Some(EncryptionFlag::Aes) {
            self.cipher = answer.aes_key.map(|key| Box::new(BodyCipher::new(key.0)));
        }
        self.sign_in_at = Some(now + self.sign_in_period());
        if self.phase == Phase::Working {
            return Some(PileEvent::SignedInAgain { suspended });
        }
        self.phase = Phase::Working;
        self.begin_reporting(now, out);
        self.records.reconnected(now);
        self.send_due_records(now, out);
        Some(PileEvent::SignedIn { suspended, clock })
    }

    fn sign_in_period(&self) -> Duration {
        Duration::from_secs(60 * u64::from(self.parameters.integer(SIGN_IN_MINUTES).max(1)))
    }
}
