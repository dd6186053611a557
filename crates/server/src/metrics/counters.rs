//! Counters of the hot path: one copy per thread, summed when they are read, so that threads never wait for each other.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

use voltapile_protocol::Protocol;

use super::Histogram;

/// Copies; more threads than that share.
const COPIES: usize = 8;

/// Types of YKC: one byte.
const YKC_TYPES: usize = 256;
/// Commands of AA F5 come in hundreds, each of which begins with a few that are used.
const AAF5_HUNDREDS: usize = 16;
/// Commands of a hundred that have a counter of their own.
const AAF5_USED: usize = 24;
/// All counters of one direction; the last counts what has none of its own.
const TYPES: usize = YKC_TYPES + AAF5_HUNDREDS * AAF5_USED + 1;
/// What the last is called.
const OTHER: &str = "other";

/// What is counted for every frame.
#[derive(Debug)]
#[repr(align(128))]
pub struct FrameCounters {
    up: [AtomicU64; TYPES],
    down: [AtomicU64; TYPES],
    /// Frames whose CRC stood low byte first.
    pub crc_low_first: AtomicU64,
    /// Frames whose CRC stood high byte first.
    pub crc_high_first: AtomicU64,
    /// From the moment a frame was read to the moment its answer was handed to the kernel, in microseconds.
    pub reply_latency: Histogram,
}

impl Default for FrameCounters {
    fn default() -> Self {
        Self {
            up: [const { AtomicU64::new(0) }; TYPES],
            down: [const { AtomicU64::new(0) }; TYPES],
            crc_low_first: AtomicU64::new(0),
            crc_high_first: AtomicU64::new(0),
            reply_latency: Histogram::of_microseconds(),
        }
    }
}

impl FrameCounters {
    /// Counts a frame from a pile.
    pub fn count_up(&self, protocol: Protocol, frame_type: u16) {
        if let Some(counter) = self.up.get(slot(protocol, frame_type)) {
            counter.fetch_add(1, Relaxed);
        }
    }

    /// Counts a frame to a pile.
    pub fn count_down(&self, protocol: Protocol, frame_type: u16) {
        if let Some(counter) = self.down.get(slot(protocol, frame_type)) {
            counter.fetch_add(1, Relaxed);
        }
    }
}

/// Where a frame type is counted.
fn slot(protocol: Protocol, frame_type: u16) -> usize {
    let frame_type = usize::from(frame_type);
    match protocol {
        Protocol::Ykc if frame_type < YKC_TYPES => frame_type,
        Protocol::Aaf5 if frame_type / 100 < AAF5_HUNDREDS && frame_type % 100 < AAF5_USED => {
            YKC_TYPES + frame_type / 100 * AAF5_USED + frame_type % 100
        }
        Protocol::Ykc | Protocol::Aaf5 => TYPES - 1,
    }
}

/// What is counted at a place: the protocol's name and the type as it is written.
fn counted_at(slot: usize) -> (&'static str, String) {
    let (protocol, frame_type) = match slot.checked_sub(YKC_TYPES) {
        None => (Protocol::Ykc, slot),
        Some(slot) if slot < AAF5_HUNDREDS * AAF5_USED => (Protocol::Aaf5, slot / AAF5_USED * 100 + slot % AAF5_USED),
        Some(_) => return (Protocol::Aaf5.name(), OTHER.to_owned()),
    };
    (protocol.name(), protocol.written(u16::try_from(frame_type).unwrap_or(u16::MAX)))
}

/// Frames of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameCount {
    /// The protocol's name.
    pub protocol: &'static str,
    /// The type as the protocol's documents write it.
    pub frame_type: String,
    /// From piles.
    pub up: u64,
    /// To piles.
    pub down: u64,
}

/// The copies.
#[derive(Debug, Default)]
pub struct PerThread {
    copies: [FrameCounters; COPIES],
}

impl PerThread {
    /// The calling thread's copy.
    pub fn here(&self) -> &FrameCounters {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static MINE: Cell<usize> = Cell::new(NEXT.fetch_add(1, Relaxed) % COPIES);
        }
        let [first, ..] = &self.copies;
        self.copies.get(MINE.get()).unwrap_or(first)
    }

    /// A sum over all copies.
    pub fn sum(&self, pick: impl Fn(&FrameCounters) -> u64) -> u64 {
        self.copies.iter().map(pick).sum()
    }

    /// Frames by type, of those that occurred.
    pub fn by_type(&self) -> impl Iterator<Item = FrameCount> + '_ {
        (0..TYPES).filter_map(|slot| {
            let read = |counters: &[AtomicU64; TYPES]| counters.get(slot).map_or(0, |counter| counter.load(Relaxed));
            let up = self.sum(|copy| read(&copy.up));
            let down = self.sum(|copy| read(&copy.down));
            let (protocol, frame_type) = counted_at(slot);
            (up + down > 0).then_some(FrameCount { protocol, frame_type, up, down })
        })
    }

    /// The latencies of all copies in one.
    pub fn reply_latency(&self) -> Histogram {
        let whole = Histogram::of_microseconds();
        self.copies.iter().for_each(|copy| whole.add(&copy.reply_latency));
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_is_counted_under_its_own_name() {
        let counters = PerThread::default();
        let seen = [(Protocol::Ykc, 0x13), (Protocol::Ykc, 0xF0), (Protocol::Aaf5, 8), (Protocol::Aaf5, 104)];
        let rare = [(Protocol::Aaf5, 1022), (Protocol::Aaf5, 1403), (Protocol::Aaf5, 1506), (Protocol::Aaf5, 9999)];
        for (protocol, frame_type) in seen.into_iter().chain(rare) {
            counters.here().count_up(protocol, frame_type);
        }
        counters.here().count_down(Protocol::Aaf5, 77);
        let counted: Vec<_> =
            counters.by_type().map(|count| (count.protocol, count.frame_type, count.up, count.down)).collect();
        let expected = [
            ("ykc", "0x13", 1, 0),
            ("ykc", "0xF0", 1, 0),
            ("aaf5", "8", 1, 0),
            ("aaf5", "104", 1, 0),
            ("aaf5", "1022", 1, 0),
            ("aaf5", "1403", 1, 0),
            ("aaf5", "1506", 1, 0),
            ("aaf5", "other", 1, 1),
        ];
        assert_eq!(counted, expected.map(|(protocol, name, up, down)| (protocol, name.to_owned(), up, down)));
    }
}
