//! The parking space of a connector and its lock: 0x61.

use voltapile_protocol::ykc::code::{LockAlarm, LockCommand};

use super::Connector;
use super::telemetry::{LOCK_REPORT_MS, report_pause_ms};
use crate::model::context::{Context, later};
use crate::model::tongue::Word;

impl Connector {
    /// A car stands on the space, or does no more.
    pub(super) fn park(&mut self, cx: &mut Context<'_>, is_occupied: bool) {
        self.change_lock(cx, |lock| lock.park(is_occupied));
    }

    /// Something is wrong with the lock, or no more.
    pub(in crate::model) fn set_lock_alarm(&mut self, cx: &mut Context<'_>, alarm: LockAlarm) {
        self.change_lock(cx, |lock| lock.alarm = alarm);
    }

    /// Whether the lock, if there is one, can obey; [`move_lock`](Self::move_lock) then does.
    pub(in crate::model) fn can_move_lock(&self, command: LockCommand) -> bool {
        self.lock.is_some_and(|mut lock| lock.obey(command))
    }

    /// Raises or lowers the lock.
    pub(in crate::model) fn move_lock(&mut self, cx: &mut Context<'_>, command: LockCommand) {
        self.change_lock(cx, |lock| _ = lock.obey(command));
    }

    /// Tells how the lock is, and plans when to tell it again.
    pub(super) fn report_lock(&mut self, cx: &mut Context<'_>) {
        if let Some(lock) = &mut self.lock {
            lock.report_at = Some(later(cx.now.tick, report_pause_ms(LOCK_REPORT_MS, cx.state.speed)));
            cx.say(self.number, Word::Lock(lock));
        }
    }

    /// Tells how the lock is when a change is one.
    fn change_lock(&mut self, cx: &mut Context<'_>, change: impl FnOnce(&mut crate::model::ParkingLock)) {
        let before = self.lock;
        if let Some(lock) = &mut self.lock {
            change(lock);
        }
        if self.lock != before {
            self.report_lock(cx);
        }
    }
}
