//! When each pile does what, whatever the server makes of it. An open loop: a slow answer delays no question of
//! another pile, and what a late one costs its own pile is counted from the moment at which it was due.

use std::time::Duration;

use super::Mode;

/// Connectors of a pile that charges.
pub(super) const CONNECTORS: u8 = 2;
/// After this the pattern of a pile repeats: telemetry every 15 s, heartbeats every 10 s.
const CYCLE: Duration = Duration::from_secs(30);
/// Cycles between the records of a pile: each connector bills once in ten minutes.
const CYCLES_PER_RECORD: u64 = 20;
/// Frames of a pile in a cycle without records: twice 0x13, 0x23 and 0x25, and three times 0x03, of each connector.
const FRAMES_PER_CYCLE: u32 = CONNECTORS as u32 * (2 * 3 + 3);

/// What a pile does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    /// Sends 0x13, 0x23 and 0x25 of each connector; nobody answers those.
    Tell,
    /// Sends a heartbeat of each connector, one after the other was answered.
    SayAlive,
    /// Sends one heartbeat.
    Heartbeat,
    /// Sends one record.
    Record,
    /// Sends a record of each connector.
    Bill,
}

/// What a pile does at one moment, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Turn {
    /// Since the begin.
    pub(super) due: Duration,
    pub(super) deeds: &'static [Deed],
}

/// The pattern of a cycle.
const CHARGING: [(Duration, &[Deed]); 4] = [
    (Duration::ZERO, &[Deed::Tell, Deed::SayAlive]),
    (Duration::from_secs(10), &[Deed::SayAlive]),
    (Duration::from_secs(15), &[Deed::Tell]),
    (Duration::from_secs(20), &[Deed::SayAlive]),
];
/// Begin of a cycle in which records are due.
const BILLING: &[Deed] = &[Deed::Tell, Deed::SayAlive, Deed::Bill];

/// The turns of one pile, without end.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    mode: Mode,
    /// Which of the busy piles.
    index: u64,
    /// From one repetition to the next.
    period: Duration,
    /// Begin of the first.
    offset: Duration,
    turns: u64,
}

impl Schedule {
    /// The schedule of the `index`th of `busy` piles that send `rate` frames a second together; `None` where the mode
    /// has no pace of its own and none is given.
    pub(super) fn new(mode: Mode, rate: Option<f64>, index: usize, busy: usize) -> Option<Self> {
        let per_pile = rate.map(|rate| rate / busy.max(1) as f64);
        let period = match (mode, per_pile) {
            (Mode::Login, _) | (Mode::Heartbeats | Mode::Records, None) => return None,
            (Mode::Heartbeats | Mode::Records, Some(rate)) => Duration::from_secs_f64(1.0 / rate),
            (Mode::Telemetry | Mode::Mix, None) => CYCLE,
            (Mode::Telemetry | Mode::Mix, Some(rate)) => Duration::from_secs_f64(f64::from(FRAMES_PER_CYCLE) / rate),
        };
        // Evenly over the period, so that a fleet never speaks all at once.
        let offset = period.mul_f64(index as f64 / busy.max(1) as f64);
        Some(Self { mode, index: index as u64, period, offset, turns: 0 })
    }

    /// `None` for what lies before the begin: each pile is somewhere in its pattern then.
    fn charging_turn(&self) -> Option<Turn> {
        let (cycle, place) = (self.turns / CHARGING.len() as u64, (self.turns % CHARGING.len() as u64) as usize);
        let (at, deeds) = CHARGING.get(place).copied().unwrap_or_default();
        let bills = self.mode == Mode::Mix && place == 0 && (cycle + self.index).is_multiple_of(CYCLES_PER_RECORD);
        let within = self.period.mul_f64(at.as_secs_f64() / CYCLE.as_secs_f64());
        let due = (self.offset + self.period.mul_f64(cycle as f64) + within).checked_sub(self.period)?;
        Some(Turn { due, deeds: if bills { BILLING } else { deeds } })
    }
}

impl Iterator for Schedule {
    type Item = Turn;

    fn next(&mut self) -> Option<Turn> {
        loop {
            let turn = match self.mode {
                Mode::Login => return None,
                Mode::Heartbeats => Some(self.question(&[Deed::Heartbeat])),
                Mode::Records => Some(self.question(&[Deed::Record])),
                Mode::Telemetry | Mode::Mix => self.charging_turn(),
            };
            self.turns += 1;
            if turn.is_some() {
                return turn;
            }
        }
    }
}

impl Schedule {
    fn question(&self, deeds: &'static [Deed]) -> Turn {
        Turn { due: self.offset + self.period.mul_f64(self.turns as f64), deeds }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(mode: Mode, rate: Option<f64>, busy: usize, within: Duration) -> usize {
        let schedules = (0..busy).filter_map(|index| Schedule::new(mode, rate, index, busy));
        let turns = schedules.flat_map(|schedule| schedule.take_while(|turn| turn.due < within));
        let deeds = turns.flat_map(|turn| turn.deeds);
        deeds
            .map(|deed| match deed {
                Deed::Tell => 6,
                Deed::SayAlive | Deed::Bill => 2,
                Deed::Heartbeat | Deed::Record => 1,
            })
            .sum()
    }

    #[test]
    fn ten_thousand_charging_piles_send_six_thousand_frames_a_second() {
        assert_eq!(frames(Mode::Telemetry, None, 10_000, Duration::from_secs(30)), 180_000);
        let with_records = frames(Mode::Mix, None, 10_000, Duration::from_secs(600));
        assert_eq!(with_records - 20 * 180_000, 20_000, "each connector bills once");
    }

    #[test]
    fn a_rate_is_kept_by_all_together() {
        for (mode, seconds) in [(Mode::Heartbeats, 3), (Mode::Records, 3), (Mode::Telemetry, 30)] {
            let sent = frames(mode, Some(900.0), 90, Duration::from_secs(seconds));
            assert_eq!(sent as u64, 900 * seconds, "{mode:?}");
        }
    }

    #[test]
    fn a_fleet_never_speaks_all_at_once() {
        let first: Vec<Duration> = (0..10)
            .filter_map(|index| Schedule::new(Mode::Heartbeats, Some(10.0), index, 10)?.next())
            .map(|turn| turn.due)
            .collect();
        assert_eq!(first, (0..10).map(|index| Duration::from_millis(index * 100)).collect::<Vec<_>>());
    }

    #[test]
    fn a_mode_without_a_pace_has_no_schedule() {
        assert!(Schedule::new(Mode::Heartbeats, None, 0, 1).is_none());
        assert!(Schedule::new(Mode::Login, Some(1.0), 0, 1).is_none());
    }
}
