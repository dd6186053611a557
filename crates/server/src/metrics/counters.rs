//! Counters of the hot path: one copy per thread, summed when they are read, so that threads never wait for each other.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

use super::Histogram;

/// Copies; more threads than that share.
const COPIES: usize = 8;

/// Frame types of one direction.
const TYPES: usize = 256;

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
    pub fn count_up(&self, frame_type: u8) {
        if let Some(counter) = self.up.get(usize::from(frame_type)) {
            counter.fetch_add(1, Relaxed);
        }
    }

    /// Counts a frame to a pile.
    pub fn count_down(&self, frame_type: u8) {
        if let Some(counter) = self.down.get(usize::from(frame_type)) {
            counter.fetch_add(1, Relaxed);
        }
    }
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

    /// Frames by type and direction: `(type, up, down)` of those that occurred.
    pub fn by_type(&self) -> impl Iterator<Item = (u8, u64, u64)> + '_ {
        (0..=u8::MAX).filter_map(|frame_type| {
            let read = |counters: &[AtomicU64; TYPES]| {
                counters.get(usize::from(frame_type)).map_or(0, |counter| counter.load(Relaxed))
            };
            let up = self.sum(|copy| read(&copy.up));
            let down = self.sum(|copy| read(&copy.down));
            (up + down > 0).then_some((frame_type, up, down))
        })
    }

    /// The latencies of all copies in one.
    pub fn reply_latency(&self) -> Histogram {
        let whole = Histogram::of_microseconds();
        self.copies.iter().for_each(|copy| whole.add(&copy.reply_latency));
        whole
    }
}
