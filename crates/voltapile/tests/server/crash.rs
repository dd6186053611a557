//! Kill -9 at any moment loses no acknowledged record.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use voltapile_protocol::ykc::code::ConfirmResult;
use voltapile_protocol::ykc::field::{PileCode, TransactionNumber};
use voltapile_protocol::ykc::message::Message;

use crate::support::messages::{code, record, transaction};
use crate::support::{PATIENCE, Pile, Server, Setup};

const ROUNDS: u32 = 32;
const PILES: u8 = 4;
/// Records that a pile sends without waiting for an answer.
const AHEAD: usize = 8;
/// Records that one pile has at most in one round.
const PER_ROUND: u32 = 2_000;
/// Set this to play another sequence of moments.
const SEED_VARIABLE: &str = "CRASH_SEED";

/// What one pile remembers over all rounds.
struct Memory {
    code: PileCode,
    next: u32,
    unanswered: BTreeSet<TransactionNumber>,
    acknowledged: BTreeSet<TransactionNumber>,
}

#[test]
fn no_acknowledged_record_is_lost_by_kill_9() {
    let seed = std::env::var(SEED_VARIABLE).ok().and_then(|seed| seed.parse().ok()).unwrap_or(0x5EED_u64);
    println!("{SEED_VARIABLE}={seed}");
    let mut dice = Dice(seed | 1);
    let directory = tempfile::tempdir().unwrap();
    let mut memories: Vec<Memory> = (1..=PILES).map(Memory::new).collect();
    let mut killed_in_stream = 0;
    for round in 0..ROUNDS {
        let server = Setup::new().data_dir(directory.path()).start();
        if round == 0 {
            memories.iter().for_each(|memory| server.register(memory.code));
        }
        check(directory.path(), &memories);
        let answers = dice.below(300);
        let moment = Duration::from_micros(dice.below(5_000));
        println!("round {round}: kill {moment:?} after answer {answers}");
        memories = crash(server, memories, answers, moment);
        killed_in_stream += u32::from(memories.iter().any(|memory| !memory.unanswered.is_empty()));
    }
    assert!(killed_in_stream > ROUNDS / 2, "the stream ran in only {killed_in_stream} rounds when it was cut");

    let server = Setup::new().data_dir(directory.path()).start();
    check(directory.path(), &memories);
    let shown: Vec<_> = server.api.items("records");
    let numbers: BTreeSet<String> =
        shown.iter().map(|record| record["transaction_number"].as_str().unwrap().to_owned()).collect();
    assert_eq!(numbers.len(), shown.len(), "the API shows each record once");
    let acknowledged: usize = memories.iter().map(|memory| memory.acknowledged.len()).sum();
    for number in memories.iter().flat_map(|memory| &memory.acknowledged) {
        assert!(numbers.contains(&number.to_string()), "{number} is missing");
    }
    println!("{acknowledged} acknowledged, {} stored", shown.len());
    assert!(acknowledged > 1_000, "only {acknowledged} records were acknowledged");
    server.stop();
    check(directory.path(), &memories);
}

/// Lets the piles stream records, kills the server some time after so many answers, and gives back what they remember.
fn crash(server: Server, memories: Vec<Memory>, answers: u64, moment: Duration) -> Vec<Memory> {
    let (report, reports) = channel();
    let address = server.piles;
    thread::scope(|scope| {
        let piles: Vec<_> = memories
            .into_iter()
            .map(|memory| {
                // Dialled here, where the server still lives: a thread may begin after the kill.
                let (report, pile) = (report.clone(), Pile::dial(address, code(0)));
                scope.spawn(move || memory.stream(pile, &report))
            })
            .collect();
        drop(report);
        wait(&reports, answers, moment);
        server.process.kill();
        piles.into_iter().map(|pile| pile.join().unwrap()).collect()
    })
}

/// Waits for so many answers, then for a moment in which more may come.
fn wait(reports: &Receiver<()>, answers: u64, moment: Duration) {
    for _ in 0..answers {
        reports.recv_timeout(PATIENCE).expect("answers come until the kill");
    }
    let begun = std::time::Instant::now();
    while let Some(left) = moment.checked_sub(begun.elapsed()) {
        if reports.recv_timeout(left).is_err() {
            return;
        }
    }
}

impl Memory {
    fn new(number: u8) -> Self {
        Self { code: code(number), next: 0, unanswered: BTreeSet::new(), acknowledged: BTreeSet::new() }
    }

    /// Sends what was not answered in the last round, then new records, until the connection breaks.
    fn stream(mut self, mut pile: Pile, report: &Sender<()>) -> Self {
        use std::io::Write;
        let mut again: Vec<_> = self.unanswered.iter().copied().collect();
        let mut sent = 0;
        let mut waiting = 0;
        let mut writes = pile.stream.try_clone().unwrap();
        let first = crate::support::pile::frame([0, 0], crate::support::messages::login(self.code));
        let mut broken = writes.write_all(&first).is_err();
        loop {
            while !broken && waiting < AHEAD && sent < PER_ROUND {
                let number = again.pop().unwrap_or_else(|| {
                    self.next += 1;
                    transaction(self.code, self.next)
                });
                self.unanswered.insert(number);
                let frame = crate::support::pile::frame(pile.next_sequence(), record(self.code, number));
                broken = writes.write_all(&frame).is_err();
                sent += 1;
                waiting += 1;
            }
            // Answers that came before the kill count, however late they are read.
            let Some(received) = pile.next_frame() else { return self };
            if let Message::TransactionRecordConfirm(confirm) = received.message() {
                assert_eq!(confirm.confirm_result, ConfirmResult::Uploaded);
                assert!(self.unanswered.remove(&confirm.transaction_number), "{} was not asked", self.code);
                self.acknowledged.insert(confirm.transaction_number);
                waiting -= 1;
                // Nobody listens any more after the kill.
                let _ = report.send(());
            }
        }
    }
}

/// Every acknowledged record is in the database exactly once, as it was sent, and nothing else is.
fn check(directory: &std::path::Path, memories: &[Memory]) {
    let db = Connection::open(directory.join("voltapile.db")).unwrap();
    let verdict: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    let mut statement = db.prepare("SELECT pile_code, transaction_number, raw FROM records").unwrap();
    let mut stored = BTreeMap::new();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let key: (String, String) = (row.get(0).unwrap(), row.get(1).unwrap());
        let raw: Vec<u8> = row.get(2).unwrap();
        assert!(stored.insert(key, raw).is_none(), "a record is stored twice");
    }
    for memory in memories {
        for number in &memory.acknowledged {
            let raw = stored.remove(&(memory.code.to_string(), number.to_string()));
            let raw = raw.unwrap_or_else(|| panic!("{number} was acknowledged and is lost"));
            assert_eq!(raw, crate::support::messages::body_of(record(memory.code, *number)));
        }
        for number in &memory.unanswered {
            stored.remove(&(memory.code.to_string(), number.to_string()));
        }
    }
    assert!(stored.is_empty(), "records that nobody sent: {:?}", stored.keys());
}

/// Xorshift: the same seed gives the same moments.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}
