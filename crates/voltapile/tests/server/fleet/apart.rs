//! Promise 3: a bad peer hurts only itself.

use voltapile_simulator::fault::ledger::{Books, PileBook};
use voltapile_simulator::fault::{Fault, MENU};

use super::Violation;
use super::evidence::Evidence;

/// Memory that the server may take beyond what it had with all piles registered, in bytes: caches of the database and
/// of the allocator, whatever the number of piles.
const MEMORY_AT_ALL: u64 = 96 << 20;
/// The same for each pile: a session, what waits to be written, and charges.
const MEMORY_PER_PILE: u64 = 48 << 10;
/// Heartbeats of a pile that may be under way when the ledger is read.
const UNDER_WAY: u64 = 1;

/// By which counter the server says why it did what it did to those who played a fault.
const COUNTERS: [(Fault, &str); 13] = [
    (Fault::GarbageBefore, "skipped_bytes_total"),
    (Fault::GarbageBetween, "skipped_bytes_total"),
    (Fault::WrongCrc, "frames_rejected_total{reason=\"bad_crc\"}"),
    (Fault::WrongLength, "skipped_bytes_total"),
    (Fault::CrcHighFirst, "crc_order_total{order=\"high_first\"}"),
    (Fault::UnknownType, "frames_rejected_total{reason=\"unknown_type\"}"),
    (Fault::FramesBeforeLogin, "frames_rejected_total{reason=\"before_login\"}"),
    (Fault::HalfOpen, "connections_closed_total{reason=\"replaced\"}"),
    (Fault::DoubleLogin, "connections_closed_total{reason=\"replaced\"}"),
    (Fault::SlowReader, "connections_closed_total{reason=\"slow_reader\"}"),
    (Fault::Silence, "connections_closed_total{reason=\"silent\"}"),
    (Fault::Flood, "frames_total{direction=\"up\",protocol=\"ykc\",type=\"0x03\"}"),
    (Fault::DuplicateRecord, "records_total{outcome=\"duplicate\"}"),
];
/// What the log says of those with whom the server parted.
const WORDS: [(Fault, &str); 4] = [
    (Fault::HalfOpen, "took a pile over"),
    (Fault::DoubleLogin, "took a pile over"),
    (Fault::SlowReader, "slow_reader"),
    (Fault::Silence, "a pile has fallen silent"),
];
/// Faults whose end takes a platform longer than a short run lasts.
const SLOW: [Fault; 2] = [Fault::Silence, Fault::SlowReader];

pub(super) fn look(evidence: &Evidence) -> Vec<Violation> {
    let mut found = Vec::new();
    for (begin, end) in &evidence.calm {
        find_suffering(evidence, begin, end, &mut found);
    }
    find_growth(evidence, &mut found);
    find_unexplained(evidence, &mut found);
    let played = evidence.ledger.faults();
    let missing = MENU.iter().filter(|entry| !played.contains_key(&entry.fault));
    found.extend(missing.map(|entry| Violation::of_all(format!("{} was not played", entry.name))));
    found
}

/// A healthy pile keeps its connection, and each of its heartbeats is answered.
fn find_suffering(evidence: &Evidence, begin: &Books, end: &Books, found: &mut Vec<Violation>) {
    for code in &evidence.healthy {
        let none = PileBook::default();
        let (before, after) = (begin.piles.get(code).unwrap_or(&none), end.piles.get(code).unwrap_or(&none));
        if before.disconnections != after.disconnections || before.logins != after.logins {
            let (before, after) = (&before.disconnections, &after.disconnections);
            found.push(Violation::at(*code, format!("lost its connection: {before:?}, then {after:?}")));
        }
        let asked = after.heartbeats - before.heartbeats;
        let answered = after.heartbeats_answered - before.heartbeats_answered;
        if asked > answered + UNDER_WAY {
            found.push(Violation::at(*code, format!("{asked} heartbeats, {answered} answers")));
        }
    }
}

/// Memory is bounded.
fn find_growth(evidence: &Evidence, found: &mut Vec<Violation>) {
    let (begin, most) = evidence.memory;
    let bound = begin + MEMORY_AT_ALL + MEMORY_PER_PILE * evidence.size.piles as u64;
    if most > bound {
        found.push(Violation::of_all(format!("{most} bytes of memory, {begin} at the begin, {bound} allowed")));
    }
}

/// The counters name what happened, and the log says whom the server gave up on; nothing in it is an error.
fn find_unexplained(evidence: &Evidence, found: &mut Vec<Violation>) {
    let is_told = |fault: Fault| {
        let had_time = evidence.size.is_long() || !SLOW.contains(&fault);
        had_time && evidence.played_since_the_kill(fault) > 0
    };
    for (fault, counter) in COUNTERS.into_iter().filter(|(fault, _)| is_told(*fault)) {
        if evidence.counted(counter) == 0 {
            found.push(Violation::of_all(format!("{fault} was played, and {counter} is 0")));
        }
    }
    for (fault, words) in WORDS.into_iter().filter(|(fault, _)| is_told(*fault)) {
        if !evidence.log.contains(words) {
            found.push(Violation::of_all(format!("{fault} was played, and the log does not say \"{words}\"")));
        }
    }
    let errors = evidence.log.lines().filter(|line| line.contains(" ERROR ") || line.contains("panicked"));
    found.extend(errors.map(|line| Violation::of_all(format!("in the log: {line}"))));
}
