//! What a connector tells of itself, and when.

use voltapile_protocol::ykc::code::ConnectorState;
use voltapile_protocol::ykc::field::HardwareFaults;

use super::{Connector, Life, Reservation};
use crate::model::context::{Context, later};
use crate::model::tongue::{Standing, Word};

/// Pause between reports of a parking lock, simulated.
pub(super) const LOCK_REPORT_MS: u64 = 5 * 60_000;
/// However fast time runs, reports are at least this far apart on the wire.
const REPORT_LEAST_MS: u64 = 2_000;

impl Connector {
    /// What it does.
    pub(super) fn state(&self) -> ConnectorState {
        match self.life {
            Life::Charging(_) => ConnectorState::Charging,
            _ if self.faults != HardwareFaults::default() => ConnectorState::Fault,
            _ => ConnectorState::Idle,
        }
    }

    /// How it stands, as the pile tells it.
    fn standing(&self, is_denied: bool) -> Standing<'_> {
        let charge = if let Life::Charging(charge) = &self.life { Some(charge.as_ref()) } else { None };
        let is_denied = is_denied && charge.is_some();
        Standing {
            state: if is_denied { ConnectorState::Idle } else { self.state() },
            is_plugged: self.car().is_some(),
            is_busy: charge.is_some(),
            is_done: matches!(self.life, Life::Finished { .. }),
            is_suspended: self.is_suspended,
            appointment: self.reservation.as_ref().map(Reservation::appointment),
            vin: self.vin(),
            lock: self.lock,
            charge: charge.filter(|_| !is_denied),
            faults: self.faults,
        }
    }

    /// Says how it stands, and plans to say so again.
    pub(in crate::model) fn report(&mut self, cx: &mut Context<'_>) {
        let standing = self.standing(cx.state.behaviour.reports_idle_while_charging);
        cx.say(self.number, Word::Standing(standing));
        let pause_ms = cx.tongue.report_pause_ms(&standing);
        self.report_at = Some(later(cx.now.tick, report_pause_ms(pause_ms, cx.state.speed)));
    }

    /// The platform lets no charge begin here, or again.
    pub(in crate::model) fn suspend(&mut self, cx: &mut Context<'_>, is_suspended: bool) {
        self.is_suspended = is_suspended;
        self.report(cx);
    }

    /// Sends what the car says.
    pub(super) fn tell_bms(&mut self, cx: &mut Context<'_>) {
        let Life::Charging(charge) = &self.life else {
            self.bms_at = None;
            return;
        };
        cx.say(self.number, Word::CarSays(charge));
        self.plan_bms(cx);
    }

    /// Plans what the car says next; to an AC pile it says nothing.
    pub(super) fn plan_bms(&mut self, cx: &Context<'_>) {
        let at = later(cx.now.tick, report_pause_ms(cx.tongue.car_pause_ms(), cx.state.speed));
        self.bms_at = cx.state.is_dc.then_some(at);
    }
}

/// A pause between reports, on the wall clock.
pub(super) fn report_pause_ms(simulated_ms: u64, speed: u32) -> u64 {
    (simulated_ms / u64::from(speed.max(1))).max(REPORT_LEAST_MS)
}
