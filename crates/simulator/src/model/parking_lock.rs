//! The lock of a parking space: a battery, an arm, and a car above it or not.

use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::Percent;
use voltapile_protocol::ykc::code::{LockAlarm, LockCommand, LockState, ParkingState};
use voltapile_protocol::ykc::field::{ConnectorNumber, PileCode};
use voltapile_protocol::ykc::message::ParkingLockReport;

/// What a lock's battery has left; it does not run down within a test.
const BATTERY_PERCENT: u8 = 87;

/// A parking lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParkingLock {
    /// Where its arm is.
    pub arm: LockState,
    /// Whether a car stands on the space.
    pub parking: ParkingState,
    /// What is wrong with it.
    pub alarm: LockAlarm,
    /// When it is told next.
    pub(super) report_at: Option<Tick>,
}

impl ParkingLock {
    /// Raised, on a free space.
    pub(super) const fn new() -> Self {
        Self { arm: LockState::Raised, parking: ParkingState::Free, alarm: LockAlarm::None, report_at: None }
    }

    /// A car comes, for which somebody lowers the arm, or leaves.
    pub(super) fn park(&mut self, is_occupied: bool) {
        self.parking = if is_occupied { ParkingState::Occupied } else { ParkingState::Free };
        if is_occupied {
            self.arm = LockState::Lowered;
        }
    }

    /// Moves the arm; `false` when it cannot: it is broken, or a car stands above it.
    pub(super) fn obey(&mut self, command: LockCommand) -> bool {
        let target = match command {
            LockCommand::Raise if self.parking == ParkingState::Free => LockState::Raised,
            LockCommand::Lower => LockState::Lowered,
            LockCommand::Raise | LockCommand::Unknown(_) => return false,
        };
        let is_whole = self.alarm == LockAlarm::None;
        if is_whole {
            self.arm = target;
        }
        is_whole
    }

    /// 0x61.
    pub(super) fn report(&self, pile_code: PileCode, connector: u8) -> ParkingLockReport {
        ParkingLockReport {
            pile_code,
            connector_number: ConnectorNumber(connector),
            lock_state: self.arm,
            parking_state: self.parking,
            lock_battery: Percent::from_raw(BATTERY_PERCENT),
            alarm_state: self.alarm,
            ..ParkingLockReport::default()
        }
    }
}
