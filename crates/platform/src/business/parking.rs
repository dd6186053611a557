//! Parking locks (地锁): where they stand, and what is wrong with them.

use serde_json::json;

use super::pile_state::connector_of;
use super::{Business, BusinessError};
use crate::event::{Event, EventType};
use crate::identity::{ConnectorNumber, PileCode};
use crate::pile::ParkingLock;

/// The word of a lock that has nothing to complain about.
const NO_ALARM: &str = "none";

impl Business<'_> {
    /// Takes what a parking lock says of itself (0x61). The world is told when its arm, its place or its alarm changed;
    /// an alarm `parking_lock.…` is open while it has one.
    ///
    /// # Errors
    /// When the books fail.
    pub fn parking_lock_reported(
        &mut self,
        pile: PileCode,
        connector: ConnectorNumber,
        lock: ParkingLock,
    ) -> Result<(), BusinessError> {
        let Some(mut state) = self.state_of_pile(pile)? else { return Ok(()) };
        let Some(place) = connector_of(&mut state, connector, self.now) else { return Ok(()) };
        let before = place.parking_lock.replace(lock.clone());
        self.books.put(&state)?;
        let told = |lock: &ParkingLock| (lock.position.clone(), lock.parking.clone(), lock.alarm.clone());
        if before.as_ref().map(told) == Some(told(&lock)) {
            return Ok(());
        }
        let subject = format!("piles/{pile}/connectors/{connector}");
        let data = json!({"pile": pile, "connector": connector, "parking_lock": lock});
        let event = Event::new(EventType::ParkingLockChanged, self.now, subject, &data);
        self.books.append(&event.of_pile(pile).of_operator(state.operator))?;
        let alarms: Vec<&str> = [lock.alarm.as_str()].into_iter().filter(|alarm| *alarm != NO_ALARM).collect();
        self.keep_alarms(pile, connector, None, "parking_lock", &alarms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::business::command::tests::{bench, pile_code};

    const FIRST: ConnectorNumber = ConnectorNumber(1);

    #[test]
    fn a_parking_lock_tells_of_changes_and_has_its_alarm() {
        let mut bench = bench();
        let mut report = |position: &str, battery, alarm: &str| {
            let lock = ParkingLock {
                position: position.to_owned(),
                parking: "free".to_owned(),
                battery: Some(battery),
                alarm: alarm.to_owned(),
                reported_at: bench.now,
            };
            let told = bench.books.events().len();
            bench.work(|business| business.parking_lock_reported(pile_code(), FIRST, lock)).unwrap();
            bench.books.event_types()[told..].to_vec()
        };
        assert_eq!(report("raised", 90, "none"), [EventType::ParkingLockChanged]);
        assert_eq!(report("raised", 89, "none"), []);
        let stuck = report("not_in_position", 89, "not_reached");
        assert_eq!(stuck, [EventType::ParkingLockChanged, EventType::AlarmOpened]);
        let broken = report("not_in_position", 89, "broken");
        assert_eq!(broken, [EventType::ParkingLockChanged, EventType::AlarmClosed, EventType::AlarmOpened]);
        assert_eq!(report("lowered", 88, "none"), [EventType::ParkingLockChanged, EventType::AlarmClosed]);
        let state: crate::pile::PileState = bench.get(&pile_code()).unwrap().unwrap();
        assert_eq!(state.connectors[0].parking_lock.as_ref().unwrap().battery, Some(88));
    }
}
