//! Hardware that breaks and charges that break off.

use voltapile_protocol::ykc::code::{ConnectorHealth, StopReason};
use voltapile_protocol::ykc::field::HardwareFaults;

use super::{Connector, Life};
use crate::model::action::BreakOff;
use crate::model::charge::stop;
use crate::model::context::Context;
use crate::model::report;

/// Faults that end a charge, by the bit that the specification prints, which is also its place (OQ-10), and the reason
/// for which they do. With the others (card reader, fan, door, communication between boards) a charge goes on.
const ENDS_CHARGE: [(u8, StopReason); 7] = [
    (1, stop::EMERGENCY_STOP),
    (2, stop::POWER_MODULE),
    (3, stop::TEMPERATURE),
    (4, stop::SURGE_PROTECTOR),
    (7, stop::METER_LOST),
    (11, stop::DC_PROTECTION),
    (12, stop::OUTPUT),
];

impl Connector {
    /// Exactly these faults hold from now on.
    pub(in crate::model) fn set_faults(&mut self, cx: &mut Context<'_>, faults: HardwareFaults) {
        self.faults = faults;
        let is_whole = faults == HardwareFaults::default();
        let health = if is_whole { ConnectorHealth::Normal } else { ConnectorHealth::Fault };
        cx.session.set_connector_health(self.number, health);
        let end = ENDS_CHARGE.iter().find(|(bit, _)| faults.0 >> bit & 1 == 1);
        let has_ended = end.is_some_and(|(_, reason)| self.stop(cx, *reason));
        if !has_ended {
            self.report(cx);
        }
    }

    /// Mains fail: a charge is over, and whatever the platform limited is forgotten. The pile is offline already, so
    /// nothing of this is told before the record.
    pub(in crate::model) fn lose_power(&mut self, cx: &mut Context<'_>) {
        self.stop(cx, stop::POWER_LOST);
        self.power_limit = None;
        self.report_at = None;
        self.bms_at = None;
    }

    /// A charge breaks off: says why, then ends it. AC piles have no such messages, but end the charge as well.
    pub(in crate::model) fn break_off(&mut self, cx: &mut Context<'_>, cause: BreakOff) {
        self.compute(cx);
        let place = self.place(cx);
        let Life::Charging(charge) = &mut self.life else { return };
        if cause == BreakOff::BmsAbort {
            charge.car.battery.overheat();
        }
        let (message, reason) = match cause {
            BreakOff::BmsError => (report::bms_error(place, charge).into(), stop::BCS_TIMEOUT),
            BreakOff::BmsAbort => (report::bms_abort(place, charge).into(), stop::BATTERY_TOO_HOT),
            BreakOff::ChargerAbort => (report::charger_abort(place, charge).into(), stop::EMERGENCY_STOP),
        };
        if cx.state.is_dc {
            cx.tell(&message);
        }
        self.stop(cx, reason);
    }
}
