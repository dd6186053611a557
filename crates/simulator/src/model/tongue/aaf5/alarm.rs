//! What is broken at the pile (108): told at once when it is something else, and every ten minutes besides.

use std::time::Duration;

use voltapile_protocol::aaf5::field::Alarms;
use voltapile_protocol::aaf5::message::AlarmReport;
use voltapile_protocol::time::Tick;
use voltapile_protocol::ykc::field::HardwareFaults;

use super::Aaf5Tongue;

/// Pause between two 108 at most, whether anything holds or not (P52 §108).
const PERIOD: Duration = Duration::from_secs(10 * 60);
/// The alarm for each fault that the model knows, by the bit of YKC's table.
const ALARM_OF_FAULT: [(u8, u8); 8] = [(1, 1), (2, 8), (3, 19), (4, 21), (5, 13), (10, 27), (11, 3), (12, 41)];

/// What holds, and what the platform was told of it.
#[derive(Debug)]
pub(super) struct Alarming {
    /// What is broken at each connector.
    faults: Vec<HardwareFaults>,
    /// What was told last on this connection; a platform that was told nothing believes that nothing holds.
    told: Alarms,
    /// Whether the platform was told of something on an earlier connection, so that it has to hear how that ended.
    is_owed: bool,
    /// When it is told again.
    next_at: Option<Tick>,
}

impl Alarming {
    pub(super) fn of(connectors: u8) -> Self {
        let faults = vec![HardwareFaults::default(); connectors.into()];
        Self { faults, told: Alarms::default(), is_owed: false, next_at: None }
    }

    pub(super) const fn next_at(&self) -> Option<Tick> {
        self.next_at
    }

    pub(super) fn connected(&mut self, now: Tick) {
        self.next_at = Some(now + PERIOD);
    }

    pub(super) fn disconnected(&mut self) {
        self.is_owed |= self.told != Alarms::default();
        (self.told, self.next_at) = (Alarms::default(), None);
    }

    /// All that holds anywhere: 108 names no connector.
    fn held(&self) -> Alarms {
        let held = self.faults.iter().fold(0, |held, faults| held | faults.0);
        let mut alarms = Alarms::default();
        for (fault, alarm) in ALARM_OF_FAULT {
            if let (true, Some(byte)) = (held >> fault & 1 == 1, alarms.0.get_mut(usize::from(alarm / 8))) {
                *byte |= 1 << (alarm % 8);
            }
        }
        alarms
    }
}

impl Aaf5Tongue {
    /// These faults hold at a connector.
    pub(super) fn note_faults(&mut self, now: Tick, connector: u8, faults: HardwareFaults, out: &mut Vec<u8>) {
        if let Some(known) = self.alarming.faults.get_mut(usize::from(connector).wrapping_sub(1)) {
            *known = faults;
        }
        if self.is_logged_in() && (self.alarming.is_owed || self.alarming.held() != self.alarming.told) {
            self.tell_alarms(now, out);
        }
    }

    /// Tells again what holds, where it is time.
    pub(super) fn repeat_alarms(&mut self, now: Tick, out: &mut Vec<u8>) {
        if self.alarming.next_at.is_some_and(|at| at <= now) {
            self.tell_alarms(now, out);
        }
    }

    fn tell_alarms(&mut self, now: Tick, out: &mut Vec<u8>) {
        let (alarms, pile_code) = (self.alarming.held(), self.session.config().pile_code);
        (self.alarming.told, self.alarming.next_at) = (alarms, Some(now + PERIOD));
        self.alarming.is_owed = false;
        self.tell(&AlarmReport { pile_code, alarms, ..Default::default() }.into(), out);
    }
}
