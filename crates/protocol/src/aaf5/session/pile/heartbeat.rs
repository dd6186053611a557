//! Heartbeats, and how the connectors are.

use std::time::Duration;

use super::PileSession;
use super::settings::{HEARTBEAT_MISSES, HEARTBEAT_SECONDS, STATUS_SECONDS};
use crate::aaf5::code::{Plug, ReportMode};
use crate::aaf5::message::{HeartbeatRequest, StatusReport};
use crate::time::Tick;
use crate::wire::{Bits, Connectors};

/// The heartbeats of one connection.
#[derive(Debug, Default)]
pub(super) struct Heartbeat {
    at: Option<Tick>,
    counter: u16,
    unanswered: u32,
}

impl Heartbeat {
    pub(super) const fn due_at(&self) -> Option<Tick> {
        self.at
    }

    pub(super) const fn answered(&mut self) {
        self.unanswered = 0;
    }
}

impl PileSession {
    /// What a connector does and measures, from now on: told at once when its work state is another one, else with the
    /// next reports. The model need not fill in the pile's code and the number of connectors.
    pub fn set_status(&mut self, status: StatusReport, out: &mut Vec<u8>) {
        let number = status.connector_number.number();
        let Some(known) = self.statuses.get_mut(usize::from(number).wrapping_sub(1)) else { return };
        let has_changed = known.work_state != status.work_state;
        *known = status;
        if has_changed && self.is_signed_in() && self.config.report_mode != ReportMode::Answering {
            self.send_status(number, out);
        }
    }

    /// What a connector does and measures, as it was told last.
    #[must_use]
    pub fn status(&self, connector: u8) -> Option<&StatusReport> {
        self.statuses.get(usize::from(connector).checked_sub(1)?)
    }

    /// The platform took the sign-in: what is reported begins now, unless the pile speaks only when it is asked.
    pub(super) fn begin_reporting(&mut self, now: Tick, out: &mut Vec<u8>) {
        if self.config.report_mode != ReportMode::Answering {
            self.send_heartbeat(now, out);
            self.send_all_statuses(now, out);
        }
    }

    /// Sends 102; `false` when too many before it were not answered.
    pub(super) fn send_heartbeat(&mut self, now: Tick, out: &mut Vec<u8>) -> bool {
        if self.heartbeat.unanswered >= self.parameters.integer(HEARTBEAT_MISSES).max(1) {
            return false;
        }
        let plugged = |report: &&StatusReport| report.plug != Plug::Unplugged;
        let plugged = self.statuses.iter().filter(plugged).map(|report| report.connector_number.number());
        let heartbeat = HeartbeatRequest {
            pile_code: self.config.pile_code,
            counter: self.heartbeat.counter,
            plugged: Some(Connectors::new(plugged)),
            ..HeartbeatRequest::default()
        };
        self.ask(&heartbeat.into(), out);
        self.heartbeat.counter = self.heartbeat.counter.wrapping_add(1);
        self.heartbeat.unanswered += 1;
        self.heartbeat.at = Some(now + self.period(HEARTBEAT_SECONDS));
        true
    }

    /// Sends 104 of each connector.
    pub(super) fn send_all_statuses(&mut self, now: Tick, out: &mut Vec<u8>) {
        for connector in 1..=self.config.connector_count {
            self.send_status(connector, out);
        }
        self.status_at = Some(now + self.period(STATUS_SECONDS));
    }

    /// Sends 104 of one connector.
    pub(super) fn send_status(&mut self, connector: u8, out: &mut Vec<u8>) {
        let Some(status) = self.status(connector) else { return };
        let mut status = StatusReport {
            pile_code: self.config.pile_code,
            connector_count: self.config.connector_count,
            connector_type: Bits(self.config.connector_type),
            ..status.clone()
        };
        complete(&mut status);
        self.ask(&status.into(), out);
    }

    fn period(&self, index: u32) -> Duration {
        Duration::from_secs(self.parameters.integer(index).max(1).into())
    }
}

/// Fills in what the model left out: an absent field would hide those behind it.
fn complete(status: &mut StatusReport) {
    macro_rules! fill {
        ($($field:ident),*) => {
            $(status.$field.get_or_insert_default();)*
        };
    }
    fill!(outlet_temperature, ambient_temperature, gun_temperature, vin, vin_end, stowed, limiting, door_reserved);
    fill!(transaction_number, electricity_amount, service_amount, holster, parking_lock, energy_digit, ac_meter);
    fill!(parallel_mode, flow_direction);
}
