//! Fills a database through the server's own store.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use rusqlite::Connection;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use voltapile_platform::book::{Books, Document, Kind};
use voltapile_platform::event::{Event, EventType};
use voltapile_platform::order::{OrderState, OrderView};
use voltapile_platform::timestamp::Timestamp;
use voltapile_server::store::sqlite::SqliteStore;
use voltapile_server::store::{
    BookStore, NewRecord, RecordStore, SeriesStore, SessionChange, SessionStore, Store, StoreError, Work,
};

use crate::Failure;
use crate::world::{ACCOUNTS, OPERATORS, STATIONS, TARIFFS_EACH, World, has_card, has_vehicle, pile_code};

/// What the server calls its database.
const DATABASE: &str = "voltapile.db";
/// What says that a directory was filled, and with what.
const MARK: &str = "filled.json";
/// Becomes another number when other things are filled in.
const FORM: u64 = 1;
/// Documents in one unit of work.
const UNIT: usize = 4000;

/// The newest orders that ended, with a record and an entry of the ledger each.
const RECORDS: u64 = 200_000;
/// Orders with a series: all that charge, and some of those before.
const SERIES: u64 = 5000;
/// What happened lately.
pub(crate) const EVENTS: u64 = 200_000;
/// Commands of the last weeks.
const COMMANDS: u64 = 20_000;
/// Alarms of two years.
const ALARMS: u64 = 30_000;
/// Entries of the audit log.
const AUDIT: u64 = 20_000;
/// Events are from so many days: older ones would be forgotten while the server is asked.
const EVENT_DAYS: u64 = 60;

/// What a directory was filled with.
#[derive(Debug)]
pub(crate) struct Filled {
    /// The moment that everything in it is meant to end at.
    pub(crate) now: Timestamp,
    /// How long it took.
    pub(crate) seconds: u64,
}

/// What a directory was filled with; `None` for an empty one.
pub(crate) fn filled(directory: &Path, piles: u64, orders: u64) -> Result<Option<Filled>, Failure> {
    if !directory.join(DATABASE).exists() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(directory.join(MARK))
        .map_err(|_| format!("{} has a database that this did not fill to its end", directory.display()))?;
    let mark: Value = serde_json::from_str(&text)?;
    let number = |name: &str| mark.get(name).and_then(Value::as_u64);
    if (number("form"), number("piles"), number("orders")) != (Some(FORM), Some(piles), Some(orders)) {
        return Err(format!("{} was filled otherwise: {text}", directory.display()).into());
    }
    let now = number("now_ms").and_then(|ms| i64::try_from(ms).ok()).ok_or("a mark without a moment")?;
    Ok(Some(Filled { now: Timestamp::from_unix_ms(now), seconds: number("seconds").unwrap_or(0) }))
}

/// How large the database is.
pub(crate) fn database_bytes(directory: &Path) -> Result<u64, Failure> {
    Ok(std::fs::metadata(directory.join(DATABASE))?.len())
}

/// Fills a directory.
pub(crate) fn fill(directory: &Path, piles: u64, orders: u64) -> Result<(), Failure> {
    let begun = Instant::now();
    std::fs::create_dir_all(directory)?;
    let now = i64::try_from(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_millis())?;
    let world = World::new(piles, orders, Timestamp::from_unix_ms(now))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let inside = runtime.enter();
    let path = directory.join(DATABASE);
    let store = SqliteStore::open(&path, None)?;
    let mut filler = Filler { runtime: &runtime, path, store: &store, world: &world, under_way: None };
    filler.books()?;
    filler.history()?;
    filler.wait()?;
    runtime.block_on(store.close())?;
    drop(inside);
    let seconds = begun.elapsed().as_secs();
    let mark = json!({"form": FORM, "piles": piles, "orders": orders, "now_ms": now, "seconds": seconds});
    std::fs::write(directory.join(MARK), mark.to_string())?;
    println!("{}: filled in {seconds} s", directory.display());
    Ok(())
}

struct Filler<'a> {
    runtime: &'a Runtime,
    path: PathBuf,
    store: &'a SqliteStore,
    world: &'a World,
    /// What the store writes while the next is made.
    under_way: Option<JoinHandle<Result<(), StoreError>>>,
}

impl Filler<'_> {
    /// Everything that is a document.
    fn books(&mut self) -> Result<(), Failure> {
        let world = self.world;
        self.documents("operators", 0..OPERATORS, |number| world.operator(number))?;
        self.documents("tokens", 1..=OPERATORS, |number| world.token(number))?;
        self.documents("tariffs", 0..OPERATORS * TARIFFS_EACH, |number| world.tariff(number))?;
        self.documents("tariff versions", 0..OPERATORS * TARIFFS_EACH, |number| world.tariff_version(number))?;
        self.documents("stations", 0..STATIONS, |number| world.station(number))?;
        self.documents("piles", 0..world.piles, |number| world.pile(number))?;
        self.documents("pile states", 0..world.piles, |number| world.pile_state(number))?;
        self.documents("accounts", 0..ACCOUNTS, |number| world.account(number))?;
        self.documents("cards", (0..ACCOUNTS).filter(|account| has_card(*account)), |number| world.card(number))?;
        self.documents("vehicles", (0..ACCOUNTS).filter(|account| has_vehicle(*account)), |number| {
            world.vehicle(number)
        })?;
        let indexes = self.indexes_dropped(Kind::Order)?;
        self.documents("orders", 1..=world.orders, |number| world.order(number))?;
        self.timed("indexes of orders", indexes.len() as u64, |filler| filler.indexes_made(&indexes))?;
        let first = self.first_of(RECORDS);
        let entries = 1..=world.last_ended() - first + 1;
        self.documents("entries", entries, |number| world.entry(number, first + number - 1))?;
        self.documents("commands", 1..=COMMANDS, |number| world.command(number, COMMANDS))?;
        self.documents("alarms", 1..=ALARMS, |number| world.alarm(number, ALARMS))?;
        self.documents("audit entries", 1..=AUDIT, |number| world.audit(number, AUDIT))
    }

    /// Everything that is none.
    fn history(&mut self) -> Result<(), Failure> {
        let world = self.world;
        let first = self.first_of(RECORDS);
        let mut records: i64 = 0;
        self.timed("records", world.last_ended() - first + 1, |filler| {
            for number in first..=world.last_ended() {
                if let Some(record) = world.record(number)? {
                    filler.record(record)?;
                    records += 1;
                }
            }
            let judge = move |books: &mut dyn Books| {
                (1..=records).try_for_each(|record| books.mark_judged(record)).map_err(Into::into)
            };
            filler.work(Box::new(judge))
        })?;
        self.timed("series", SERIES, |filler| {
            let numbers: Vec<u64> = (world.orders.saturating_sub(SERIES) + 1..=world.orders).collect();
            for some in numbers.chunks(200) {
                let samples = some.iter().map(|number| world.samples(*number)).collect::<Result<Vec<_>, _>>()?;
                filler.runtime.block_on(filler.store.put_series(samples.concat(), Vec::new()))?;
            }
            Ok(())
        })?;
        self.timed("sessions", world.piles, |filler| filler.sessions())?;
        self.timed("events", EVENTS, |filler| filler.events())
    }

    /// The oldest of the newest orders that ended.
    fn first_of(&self, newest: u64) -> u64 {
        self.world.last_ended().saturating_sub(newest) + 1
    }

    /// Documents, in units that are made while the one before is written.
    fn documents<T: Document>(
        &mut self,
        what: &str,
        numbers: impl Iterator<Item = u64>,
        make: impl Fn(u64) -> Result<T, Failure>,
    ) -> Result<(), Failure> {
        let numbers: Vec<u64> = numbers.collect();
        self.timed(what, numbers.len() as u64, |filler| {
            for some in numbers.chunks(UNIT) {
                let mut unit = Vec::with_capacity(some.len());
                for number in some {
                    let document = make(*number)?;
                    unit.push((document.id().to_string(), serde_json::to_string(&document)?));
                }
                filler.work(Box::new(move |books| {
                    for (id, body) in unit {
                        if T::KIND.is_numbered() {
                            // They are made in the order of their numbers, so this is the document's own.
                            books.next_number(T::KIND)?;
                        }
                        books.write(T::KIND, &id, body)?;
                    }
                    Ok(())
                }))?;
            }
            Ok(())
        })
    }

    /// Takes away a table's indexes; the SQL that makes them. A million orders one by one would keep 29 of them up to
    /// date in a page cache that is meant for a server at work: that takes 20 minutes, and this one or two.
    fn indexes_dropped(&mut self, kind: Kind) -> Result<Vec<String>, Failure> {
        self.wait()?;
        let db = self.connection()?;
        let mut statement = db.prepare(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?1 AND sql IS NOT NULL
             ORDER BY rowid",
        )?;
        let found = statement.query_map([kind.table()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let indexes: Vec<(String, String)> = found.collect::<Result<_, _>>()?;
        for (name, _) in &indexes {
            db.execute_batch(&format!("DROP INDEX {name}"))?;
        }
        Ok(indexes.into_iter().map(|(_, sql)| sql).collect())
    }

    /// Makes indexes that were taken away.
    fn indexes_made(&mut self, indexes: &[String]) -> Result<(), Failure> {
        self.wait()?;
        let db = self.connection()?;
        db.execute_batch("PRAGMA cache_size = -524288")?;
        Ok(indexes.iter().try_for_each(|sql| db.execute_batch(sql))?)
    }

    /// A connection to the store's database beside the store's own.
    fn connection(&self) -> Result<Connection, Failure> {
        let db = Connection::open(&self.path)?;
        db.busy_timeout(Duration::from_secs(60))?;
        Ok(db)
    }

    /// Queues a record, which many others share a commit with.
    fn record(&mut self, mut record: NewRecord) -> Result<(), Failure> {
        loop {
            match self.store.submit_record(record, Box::new(drop)) {
                Ok(()) => return Ok(()),
                Err(rejected) => match rejected.error {
                    StoreError::Full => record = rejected.item,
                    error => return Err(error.into()),
                },
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// One connection of each pile, which has ended.
    fn sessions(&mut self) -> Result<(), Failure> {
        let piles: Vec<u64> = (0..self.world.piles).collect();
        for some in piles.chunks(UNIT) {
            let mut changes = Vec::with_capacity(2 * some.len());
            for pile in some {
                let (id, pile_code) = (self.store.next_session_id(), pile_code(*pile)?);
                let peer = format!("10.{}.{}.{}:{}", pile >> 16 & 0xFF, pile >> 8 & 0xFF, pile & 0xFF, 40_000);
                changes.push(SessionChange::Opened { id, pile_code, peer, at: self.world.days_ago(3) });
                let reason = "server_stopped".to_owned();
                changes.push(SessionChange::Closed { id, at: self.world.days_ago(1), reason });
            }
            self.runtime.block_on(self.store.store_sessions(changes))?;
        }
        Ok(())
    }

    /// Four of ten tell of an order, the others of a connector.
    fn events(&mut self) -> Result<(), Failure> {
        let numbers: Vec<u64> = (0..EVENTS).collect();
        for some in numbers.chunks(UNIT) {
            let events = some.iter().map(|number| self.event(*number)).collect::<Result<Vec<_>, _>>()?;
            self.work(Box::new(move |books| {
                events.iter().try_for_each(|event| books.append(event)).map_err(Into::into)
            }))?;
        }
        Ok(())
    }

    fn event(&self, number: u64) -> Result<Event, Failure> {
        let world = self.world;
        let ago_s = i64::try_from((EVENTS - number) * EVENT_DAYS * 86_400 / EVENTS)?;
        let at = world.now.plus_seconds(-ago_s);
        let order = world.order(1 + (world.orders - 1) * number / EVENTS)?;
        let (pile, operator) = (order.pile, order.operator.clone());
        let event = match number % 10 {
            0..4 => {
                let event_type = match order.state {
                    OrderState::Settled => EventType::OrderSettled,
                    OrderState::Failed => EventType::OrderFailed,
                    OrderState::Abnormal => EventType::OrderAbnormal,
                    _ => EventType::OrderCharging,
                };
                Event::new(event_type, at, format!("orders/{}", order.id), &OrderView::from(order))
            }
            _ => {
                let data = json!({"pile": pile, "connector": 1, "state": "idle_unplugged", "since": at});
                Event::new(EventType::ConnectorChanged, at, format!("piles/{pile}"), &data)
            }
        };
        Ok(event.of_pile(pile).of_operator(operator))
    }

    /// Does a unit of work as soon as the one before is done.
    fn work(&mut self, work: Work) -> Result<(), Failure> {
        self.wait()?;
        self.under_way = Some(self.runtime.spawn(self.store.work(work)));
        Ok(())
    }

    /// Waits for the work that is under way.
    fn wait(&mut self) -> Result<(), Failure> {
        match self.under_way.take() {
            Some(under_way) => Ok(self.runtime.block_on(under_way)??),
            None => Ok(()),
        }
    }

    /// Does something and says how long it took.
    fn timed(
        &mut self,
        what: &str,
        count: u64,
        fill: impl FnOnce(&mut Self) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let begun = Instant::now();
        fill(self)?;
        self.wait()?;
        println!("  {count:>9} {what} in {:.1} s", begun.elapsed().as_secs_f64());
        Ok(())
    }
}
