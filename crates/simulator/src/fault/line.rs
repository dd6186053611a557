//! What happens to frames on their way from a pile to its socket.
//!
//! Pure and seeded: whole frames go in, [`Packet`]s come out. How frames are cut and glued changes no byte of them. A
//! wrong check sum or length *replaces* a frame, which is thereby lost as on a bad line: what matters, the pile repeats by
//! itself. Garbage and frames of unknown types *accompany* the frames that the pile meant.

use std::fmt;
use std::time::Duration;

use voltapile_protocol::Protocol;
use voltapile_protocol::time::Tick;

use super::menu::{Fault, Kind, MENU, Occasion};
use super::plan::{Chance, FaultPlan};
use crate::frames::{Frames, frames_of};
use crate::model::Rng;

/// Between the two parts of a frame.
const HALF_PAUSE: Duration = Duration::from_millis(200);
/// Between two bytes that travel alone.
const BYTE_PAUSE: Duration = Duration::from_millis(1);
/// How long a frame waits at most for those that it is glued to.
const GLUE_WAIT: Duration = Duration::from_millis(500);
/// Bytes of garbage at once; a platform bears at least this much before a login.
const GARBAGE_MOST: u64 = 120;
/// What goes into the socket in one write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// How long to wait before the next one.
    pub pause: Duration,
}

/// The line of one pile.
pub struct Line {
    /// What passes there.
    frames: &'static dyn Frames,
    /// What may happen to each frame, and how often.
    chances: Vec<(Fault, Chance)>,
    /// How often a connection begins with garbage.
    garbage_before: Option<Chance>,
    /// What happens to the next frame, whatever chance says.
    wanted: Vec<Fault>,
    rng: Rng,
    /// Frames that wait for others, and until when.
    glued: Vec<u8>,
    glued_until: Option<Tick>,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("chances", &self.chances).field("wanted", &self.wanted).finish_non_exhaustive()
    }
}

impl Line {
    /// The line of a plan, for a pile that speaks a protocol.
    #[must_use]
    pub fn new(plan: &FaultPlan, protocol: Protocol, seed: u64) -> Self {
        let mut line = Self {
            frames: frames_of(protocol),
            chances: Vec::new(),
            garbage_before: None,
            wanted: Vec::new(),
            rng: Rng::new(seed),
            glued: Vec::new(),
            glued_until: None,
        };
        line.replan(plan, seed);
        line
    }

    /// Follows another plan from the next frame on.
    pub fn replan(&mut self, plan: &FaultPlan, seed: u64) {
        let of_frames = MENU.iter().filter(|entry| (entry.kind, entry.occasion) == (Kind::Line, Occasion::Frame));
        let possible = of_frames.filter(|entry| self.frames.has(entry.fault));
        self.chances = possible.filter_map(|entry| Some((entry.fault, plan.chance(entry.fault)?))).collect();
        self.garbage_before = plan.chance(Fault::GarbageBefore);
        self.wanted.clear();
        self.rng = Rng::new(seed);
    }

    /// Whether everything passes as it is for now.
    #[must_use]
    pub const fn is_clear(&self) -> bool {
        self.chances.is_empty() && self.wanted.is_empty() && self.glued.is_empty()
    }

    /// A new connection begins: nothing of the last one is left on the way.
    pub fn connected(&mut self) {
        self.glued.clear();
        self.glued_until = None;
        if self.garbage_before.is_some_and(|chance| chance.happens(&mut self.rng)) {
            self.wanted.push(Fault::GarbageBefore);
        }
    }

    /// A fault happens to the next frame.
    pub fn inject(&mut self, fault: Fault) {
        if !self.wanted.contains(&fault) && self.frames.has(fault) {
            self.wanted.push(fault);
        }
    }

    /// When [`flush`](Self::flush) is due.
    #[must_use]
    pub const fn next_deadline(&self) -> Option<Tick> {
        self.glued_until
    }

    /// Lets go what has waited for other frames long enough.
    pub fn flush(&mut self, now: Tick) -> Option<Packet> {
        if self.glued_until.is_none_or(|until| until > now) {
            return None;
        }
        self.let_go()
    }

    /// Lets go what waits for other frames, because none will come.
    pub fn let_go(&mut self) -> Option<Packet> {
        self.glued_until.take()?;
        Some(Packet { bytes: std::mem::take(&mut self.glued), pause: Duration::ZERO })
    }

    /// Sends whole frames; tells of each fault that was played.
    pub fn send(&mut self, now: Tick, frames: &[u8], mut played: impl FnMut(Fault)) -> Vec<Packet> {
        let mut packets = Vec::new();
        self.frames.each(frames, &mut |frame| {
            let faults = self.faults_of_this_frame();
            let spoilt = self.spoil(frame.raw, &faults, &mut played);
            self.cut(now, spoilt, &faults, &mut played, &mut packets);
        });
        packets
    }

    fn faults_of_this_frame(&mut self) -> Vec<Fault> {
        let mut faults = std::mem::take(&mut self.wanted);
        for (fault, chance) in &self.chances {
            if chance.happens(&mut self.rng) && !faults.contains(fault) {
                faults.push(*fault);
            }
        }
        faults
    }

    /// What the frame and what accompanies it look like on the wire.
    fn spoil(&mut self, raw: &[u8], faults: &[Fault], played: &mut impl FnMut(Fault)) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(raw.len());
        for garbage in [Fault::GarbageBefore, Fault::GarbageBetween] {
            if faults.contains(&garbage) {
                self.add_garbage(&mut bytes);
                played(garbage);
            }
        }
        let begin = bytes.len();
        bytes.extend_from_slice(raw);
        let frame = bytes.get_mut(begin..).unwrap_or_default();
        let spoils = [Fault::WrongCrc, Fault::WrongLength, Fault::CrcHighFirst];
        if let Some(fault) = spoils.into_iter().find(|fault| faults.contains(fault)) {
            match fault {
                Fault::WrongLength => self.frames.lie_about_length(frame, &mut self.rng),
                Fault::WrongCrc => self.frames.spoil_check_sum(frame),
                _ => self.frames.turn_check_sum(frame),
            }
            played(fault);
        }
        if faults.contains(&Fault::UnknownType) {
            self.frames.add_unknown(&mut bytes, &mut self.rng);
            played(Fault::UnknownType);
        }
        bytes
    }

    /// In which packets it leaves.
    fn cut(
        &mut self,
        now: Tick,
        mut bytes: Vec<u8>,
        faults: &[Fault],
        played: &mut impl FnMut(Fault),
        packets: &mut Vec<Packet>,
    ) {
        if faults.contains(&Fault::Glued) {
            played(Fault::Glued);
            self.glued.append(&mut bytes);
            self.glued_until = self.glued_until.or(Some(now + GLUE_WAIT));
            return;
        }
        if !self.glued.is_empty() {
            self.glued_until = None;
            self.glued.append(&mut bytes);
            bytes = std::mem::take(&mut self.glued);
        }
        if faults.contains(&Fault::ByteByByte) {
            played(Fault::ByteByByte);
            packets.extend(bytes.chunks(1).map(|byte| Packet { bytes: byte.to_vec(), pause: BYTE_PAUSE }));
        } else if faults.contains(&Fault::HalfPackets) && bytes.len() > 1 {
            played(Fault::HalfPackets);
            let cut = self.rng.within(1..=bytes.len() as u64 - 1);
            let rest = bytes.split_off(usize::try_from(cut).unwrap_or(1));
            packets.push(Packet { bytes, pause: HALF_PAUSE });
            packets.push(Packet { bytes: rest, pause: Duration::ZERO });
        } else {
            packets.push(Packet { bytes, pause: Duration::ZERO });
        }
    }

    fn add_garbage(&mut self, bytes: &mut Vec<u8>) {
        let (has_starts, start) = (self.rng.chance(50), self.frames.start());
        for _ in 0..self.rng.within(1..=GARBAGE_MOST) {
            let [byte, ..] = self.rng.next_u64().to_be_bytes();
            bytes.push(if start.first() == Some(&byte) && !has_starts { !byte } else { byte });
        }
        if has_starts {
            bytes.extend_from_slice(start);
            bytes.push(0x22);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use voltapile_protocol::ykc::Framer;
    use voltapile_protocol::ykc::frame::{Envelope, write_frame};
    use voltapile_protocol::ykc::framer::Piece;

    use super::*;

    /// Some frames, one after the other.
    fn frames(count: u8) -> Vec<u8> {
        let mut bytes = Vec::new();
        for number in 0..count {
            let envelope = Envelope { sequence: [number, 0], ..Envelope::default() };
            write_frame(&mut bytes, envelope, 0x03, |writer| writer.put(&[number; 9])).unwrap();
        }
        bytes
    }

    /// Plays a plan on `count` frames and all that waits; gives the stream, the number of packets and what was played.
    fn play(plan: &str, seed: u64, count: u8) -> (Vec<u8>, usize, Vec<Fault>) {
        let mut line = Line::new(&plan.parse().unwrap(), Protocol::Ykc, seed);
        let mut played = Vec::new();
        line.connected();
        let mut packets = Vec::new();
        for frame in frames(count).chunks(17) {
            packets.append(&mut line.send(Tick(0), frame, |fault| played.push(fault)));
        }
        if let Some(at) = line.next_deadline() {
            assert_eq!(line.flush(Tick(at.0 - 1)), None);
            packets.extend(line.flush(at));
        }
        assert!(line.glued.is_empty());
        let stream = packets.iter().flat_map(|packet| packet.bytes.clone()).collect();
        (stream, packets.len(), played)
    }

    /// The frames that a platform finds, by type and sequence number.
    fn found(stream: &[u8]) -> Vec<(u8, u8)> {
        let (mut framer, mut found) = (Framer::new(), Vec::new());
        let mut note = |piece: Piece<'_>| {
            if let Piece::Frame(frame) = piece {
                found.push((frame.frame_type, frame.sequence[0]));
            }
        };
        framer.push(stream, &mut note);
        while framer.pending() > 0 {
            framer.give_up_partial(&mut note);
        }
        found
    }

    fn all(count: u8) -> Vec<(u8, u8)> {
        (0..count).map(|number| (0x03, number)).collect()
    }

    #[test]
    fn a_clear_line_changes_nothing() {
        let mut line = Line::new(&FaultPlan::default(), Protocol::Ykc, 1);
        assert!(line.is_clear());
        line.connected();
        assert!(line.is_clear());
        let (stream, packets, played) = play("", 1, 3);
        assert_eq!((stream, packets, played), (frames(3), 3, vec![]));
    }

    #[test]
    fn each_fault_is_played_and_does_what_it_says() {
        for (plan, packets, lost) in [
            ("half-packets", 20, false),
            ("byte-by-byte", 170, false),
            ("glued", 1, false),
            ("garbage-before", 10, false),
            ("garbage-between:1", 10, false),
            ("wrong-crc:1", 10, true),
            ("wrong-length:1", 10, true),
            ("crc-high-first", 10, false),
        ] {
            let (stream, sent, played) = play(plan, 7, 10);
            assert_eq!(sent, packets, "{plan}");
            assert_eq!(found(&stream), if lost { vec![] } else { all(10) }, "{plan}");
            let fault = Fault::named(plan.split(':').next().unwrap()).unwrap();
            let times = if fault == Fault::GarbageBefore { 1 } else { 10 };
            assert_eq!(played, vec![fault; times]);
        }
        let (stream, _, _) = play("unknown-type:1", 7, 10);
        let (known, unknown): (Vec<_>, Vec<_>) = found(&stream).into_iter().partition(|(kind, _)| *kind == 0x03);
        assert_eq!((known, unknown.len()), (all(10), 10));
    }

    #[test]
    fn an_injected_fault_happens_to_the_next_frame_alone() {
        let mut line = Line::new(&FaultPlan::default(), Protocol::Ykc, 1);
        line.inject(Fault::WrongCrc);
        assert!(!line.is_clear());
        let packets = line.send(Tick(0), &frames(3), |fault| assert_eq!(fault, Fault::WrongCrc));
        let stream: Vec<u8> = packets.into_iter().flat_map(|packet| packet.bytes).collect();
        assert_eq!(found(&stream), [(0x03, 1), (0x03, 2)]);
        assert!(line.is_clear());
    }

    #[test]
    fn what_waits_for_other_frames_can_be_let_go_at_the_end() {
        let mut line = Line::new(&"glued".parse().unwrap(), Protocol::Ykc, 1);
        assert_eq!(line.let_go(), None);
        assert!(line.send(Tick(0), &frames(2), |_| ()).is_empty());
        assert_eq!(line.let_go().map(|packet| packet.bytes), Some(frames(2)));
        assert_eq!((line.let_go(), line.next_deadline()), (None, None));
    }

    proptest! {
        #[test]
        fn what_spoils_no_frame_loses_none(seed: u64) {
            let plan = "half-packets:0.3,byte-by-byte:0.2,glued:0.3,garbage-before:0.5,crc-high-first:0.5,unknown-type:0.2";
            let (stream, _, _) = play(plan, seed, 20);
            let known: Vec<_> = found(&stream).into_iter().filter(|(kind, _)| *kind == 0x03).collect();
            prop_assert_eq!(known, all(20));
        }
    }

    /// Seeds that stay: by chance one spoilt frame in thousands holds all the same.
    #[test]
    fn every_other_frame_survives_those_that_are_spoilt() {
        for seed in 0..300 {
            let plan = "wrong-crc:0.3,wrong-length:0.3,garbage-between:0.3";
            let (stream, _, played) = play(plan, seed, 20);
            let lost = played.iter().filter(|fault| **fault != Fault::GarbageBetween).count();
            let found = found(&stream);
            assert_eq!(found.len(), 20 - lost, "seed {seed}");
            assert!(found.is_sorted(), "seed {seed}");
            assert_eq!(stream, play(plan, seed, 20).0, "the same seed plays the same");
        }
    }
}
