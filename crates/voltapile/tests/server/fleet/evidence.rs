//! What the checker looks at: the piles' own ledger on one side, the API and the database on the other.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use voltapile_protocol::ykc::field::{PileCode, TransactionNumber as YkcNumber};
use voltapile_simulator::fault::Fault;
use voltapile_simulator::fault::ledger::Books;
use voltapile_simulator::model::TransactionNumber;

use super::explained::Explained;
use super::{Size, Violation};

/// All of it.
pub(super) struct Evidence {
    pub(super) size: Size,
    /// Piles with which nothing is wrong.
    pub(super) healthy: BTreeSet<PileCode>,
    /// The piles' ledger at the end.
    pub(super) ledger: Books,
    /// The ledger each time when the server was killed, and the records that were stored then.
    pub(super) at_the_kills: Vec<(Books, Stored)>,
    /// When that was the last time, milliseconds since 1970.
    pub(super) killed_at: u64,
    /// When everything began to calm down.
    pub(super) calmed_at: u64,
    /// Begin and end of the times in which the server was left alone: healthy piles have nothing to complain of.
    pub(super) calm: Vec<(Books, Books)>,
    /// The records that were stored at the end.
    pub(super) stored: Stored,
    /// Orders by transaction number.
    pub(super) orders: HashMap<String, Value>,
    /// The tariff of all.
    pub(super) tariff: Value,
    /// What did not hold in the books as the API shows them: of events, and of money.
    pub(super) books: [Vec<Violation>; 2],
    /// Resident memory of the server in bytes: with all piles registered, and the most there was.
    pub(super) memory: (u64, u64),
    /// The last counters of the last server, and the ledger when it was started.
    pub(super) metrics: String,
    pub(super) since: Books,
    /// Its log.
    pub(super) log: String,
    /// What the inspector made of what was sent.
    pub(super) explained: Explained,
}

/// The bytes of records in a database, by pile and transaction number; several where a number was told twice.
pub(super) type Stored = BTreeMap<(String, TransactionNumber), Vec<Vec<u8>>>;

/// Reads the records of a database beside its server.
pub(super) fn stored(directory: &Path) -> Stored {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let db = Connection::open_with_flags(directory.join("voltapile.db"), flags).unwrap();
    let verdict: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    let mut statement = db.prepare("SELECT pile_code, transaction_number, raw FROM records").unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut stored = Stored::new();
    while let Some(row) = rows.next().unwrap() {
        let number = number_of(row.get_ref(1).unwrap());
        stored.entry((row.get(0).unwrap(), number)).or_default().push(row.get(2).unwrap());
    }
    stored
}

/// A number as the database has it: text, or YKC's 16 bytes.
fn number_of(stored: ValueRef<'_>) -> TransactionNumber {
    match stored {
        ValueRef::Blob(bytes) => YkcNumber(bytes.try_into().unwrap()).into(),
        other => other.as_str().unwrap().parse().unwrap(),
    }
}

impl Evidence {
    /// How often a fault was played since the present server was started.
    pub(super) fn played_since_the_kill(&self, fault: Fault) -> u64 {
        let times = |books: &Books| books.faults().get(&fault).copied().unwrap_or_default();
        times(&self.ledger) - times(&self.since)
    }

    /// A counter of the server: the sum of all whose line begins so.
    pub(super) fn counted(&self, begin: &str) -> u64 {
        let values = self.metrics.lines().filter_map(|line| {
            line.strip_prefix("voltapile_")?.strip_prefix(begin)?.rsplit_once(' ').map(|(_, value)| value)
        });
        values.map(|value| value.parse::<u64>().unwrap_or_default()).sum()
    }
}
