//! Hardware that breaks and charges that break off.

use voltapile_protocol::ykc::field::HardwareFaults;

use super::{Connector, Life};
use crate::model::action::BreakOff;
use crate::model::charge::End;
use crate::model::context::Context;
use crate::model::tongue::Word;

/// Bit of the emergency stop.
const EMERGENCY_STOP: u8 = 1;
/// Faults that end a charge, by the bit that the specification prints, which is also its place (OQ-10), and the reason
/// for which they do. With the others (card reader, fan, door, communication between boards) a charge goes on.
const ENDS_CHARGE: [(u8, End); 7] = [
    (EMERGENCY_STOP, End::EmergencyStop),
    (2, End::PowerModule),
    (3, End::Temperature),
    (4, End::SurgeProtector),
    (7, End::MeterLost),
    (11, End::DcProtection),
    (12, End::Output),
];

impl Connector {
    /// Exactly these faults hold from now on.
    pub(in crate::model) fn set_faults(&mut self, cx: &mut Context<'_>, faults: HardwareFaults) {
        self.faults = faults;
        cx.tongue.set_health(self.number, faults == HardwareFaults::default());
        let end = ENDS_CHARGE.iter().find(|(bit, _)| faults.0 >> bit & 1 == 1);
        let has_ended = end.is_some_and(|(_, reason)| self.stop(cx, *reason));
        if !has_ended {
            self.report(cx);
        }
    }

    /// Somebody pressed the emergency stop from afar, or releases it.
    pub(in crate::model) fn set_emergency_stop(&mut self, cx: &mut Context<'_>, is_pressed: bool) {
        let bit = 1 << EMERGENCY_STOP;
        let faults = if is_pressed { self.faults.0 | bit } else { self.faults.0 & !bit };
        self.set_faults(cx, HardwareFaults(faults));
    }

    /// Mains fail: a charge is over. The pile is offline already, so nothing of this is told before the record.
    pub(in crate::model) fn lose_power(&mut self, cx: &mut Context<'_>) {
        self.stop(cx, End::PowerLost);
        self.report_at = None;
        self.bms_at = None;
    }

    /// A charge breaks off: says why, then ends it. AC piles have no such messages, but end the charge as well.
    pub(in crate::model) fn break_off(&mut self, cx: &mut Context<'_>, cause: BreakOff) {
        self.compute(cx);
        let Life::Charging(charge) = &mut self.life else { return };
        if cause == BreakOff::BmsAbort {
            charge.car.battery.overheat();
        }
        if cx.state.is_dc {
            cx.say(self.number, Word::BreaksOff(cause, charge));
        }
        let reason = match cause {
            BreakOff::BmsError => End::BatterySilent,
            BreakOff::BmsAbort => End::BatteryTooHot,
            BreakOff::ChargerAbort => End::EmergencyStop,
        };
        self.stop(cx, reason);
    }
}
