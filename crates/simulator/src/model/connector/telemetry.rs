//! What a connector tells of itself, and when: 0x13, 0x23, 0x25.

use voltapile_protocol::ykc::code::ConnectorState;
use voltapile_protocol::ykc::field::HardwareFaults;
use voltapile_protocol::ykc::message::RealtimeReport;

use super::{Connector, Life};
use crate::model::context::{Context, later};
use crate::model::report;

/// Pause between 0x13 of an idle connector, simulated. That of 0x61 is the same.
pub(super) const IDLE_REPORT_MS: u64 = 5 * 60_000;
/// Pause between 0x13, 0x23 and 0x25 of a charging connector, simulated.
const CHARGING_REPORT_MS: u64 = 15_000;
/// However fast time runs, reports are at least this far apart on the wire.
const REPORT_LEAST_MS: u64 = 2_000;

impl Connector {
    /// What it does, as 0x13 says it.
    pub(super) fn state(&self) -> ConnectorState {
        match self.life {
            Life::Charging(_) => ConnectorState::Charging,
            _ if self.faults != HardwareFaults::default() => ConnectorState::Fault,
            _ => ConnectorState::Idle,
        }
    }

    /// Sends 0x13, and plans the next one.
    pub(in crate::model) fn report(&mut self, cx: &mut Context<'_>) {
        let place = self.place(cx);
        let is_denied = cx.state.behaviour.reports_idle_while_charging;
        let idle = RealtimeReport { connector_state: self.state(), ..report::idle(place, self.car().is_some()) };
        let (report, pause_ms) = match &self.life {
            Life::Charging(_) if is_denied => (report::idle(place, true), CHARGING_REPORT_MS),
            Life::Charging(charge) => (report::charging(place, charge, cx.state.is_dc), CHARGING_REPORT_MS),
            _ => (idle, IDLE_REPORT_MS),
        };
        cx.tell(&RealtimeReport { hardware_faults: self.faults, ..report }.into());
        self.report_at = Some(later(cx.now.tick, report_pause_ms(pause_ms, cx.state.speed)));
    }

    /// Sends what the car says: 0x23 and 0x25.
    pub(super) fn tell_bms(&mut self, cx: &mut Context<'_>) {
        let Life::Charging(charge) = &self.life else {
            self.bms_at = None;
            return;
        };
        let place = self.place(cx);
        let demand = report::demand(place, charge).into();
        let status = report::status(place, charge).into();
        cx.tell(&demand);
        cx.tell(&status);
        self.plan_bms(cx);
    }

    /// Plans what the car says next; to an AC pile it says nothing.
    pub(super) fn plan_bms(&mut self, cx: &Context<'_>) {
        let at = later(cx.now.tick, report_pause_ms(CHARGING_REPORT_MS, cx.state.speed));
        self.bms_at = cx.state.is_dc.then_some(at);
    }
}

/// A pause between reports, on the wall clock.
pub(super) fn report_pause_ms(simulated_ms: u64, speed: u32) -> u64 {
    (simulated_ms / u64::from(speed.max(1))).max(REPORT_LEAST_MS)
}
