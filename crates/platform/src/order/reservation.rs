//! Orders that are to begin later: what they wait for, and what takes them back.

use super::Order;
use crate::command::CommandAction;
use crate::timestamp::Timestamp;

impl Order {
    /// Whether it waits for its start time, or for the car until it is no longer kept: nothing has begun.
    #[must_use]
    pub fn is_reserved(&self, now: Timestamp) -> bool {
        let kept_s = i64::from(self.options.hold_minutes.unwrap_or(0)) * 60;
        let waits = self.options.start_at.is_some_and(|start_at| now < start_at.plus_seconds(kept_s));
        waits && self.preparing_since.is_none() && self.started_at.is_none()
    }

    /// What stops it: a charge that waits for its start time is given up.
    #[must_use]
    pub fn stop_action(&self, now: Timestamp) -> CommandAction {
        let connector = self.connector;
        if self.is_reserved(now) {
            CommandAction::CancelReservation { connector }
        } else {
            CommandAction::StopCharge { connector }
        }
    }
}
