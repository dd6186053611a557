//! Who the car is: 0x71, until the platform confirms it.

use std::time::Duration;

use voltapile_protocol::time::Tick;

use super::Connector;
use crate::model::context::Context;
use crate::model::tongue::Word;

/// Pause before a report is sent again.
const RESEND_PAUSE: Duration = Duration::from_secs(3);
/// How often a report is sent in all.
const SENDINGS: u8 = 4;

/// A report that the platform has not confirmed.
#[derive(Debug)]
pub(super) struct VehicleNotice {
    /// How often it may still be sent.
    left: u8,
    next_at: Tick,
}

impl VehicleNotice {
    pub(super) const fn next_at(&self) -> Tick {
        self.next_at
    }
}

impl Connector {
    /// Tells who the car is; zeros where there is none.
    pub(in crate::model) fn notify_vehicle(&mut self, cx: &mut Context<'_>) {
        self.vehicle_notice = Some(VehicleNotice { left: SENDINGS, next_at: cx.now.tick });
        self.repeat_vehicle_notice(cx);
    }

    /// 0x72: the platform knows.
    pub(in crate::model) fn vehicle_confirmed(&mut self) {
        self.vehicle_notice = None;
    }

    /// Sends a report whose time has come.
    pub(super) fn repeat_vehicle_notice(&mut self, cx: &mut Context<'_>) {
        let Some(notice) = self.vehicle_notice.take_if(|notice| notice.next_at <= cx.now.tick) else { return };
        cx.say(self.number, Word::Vehicle(self.car().map(|car| (car.vin, car.soc_percent()))));
        let left = notice.left.saturating_sub(1);
        self.vehicle_notice = (left > 0).then(|| VehicleNotice { left, next_at: cx.now.tick + RESEND_PAUSE });
    }
}
