//! The lock of a parking space: a battery, an arm, and a car above it or not.

use voltapile_protocol::time::Tick;
use voltapile_protocol::ykc::code::{LockAlarm, LockCommand, LockState, ParkingState};

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
}
