//! A run: a fleet rages, the server is killed and comes back, and in the end everything calms down.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufWriter;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use voltapile_protocol::Protocol;
use voltapile_protocol::ykc::field::PileCode;
use voltapile_simulator::fault::ledger::{Books as LedgerBooks, Ledger, Record};
use voltapile_simulator::fault::{FaultPlan, Kind, MENU};
use voltapile_simulator::model::{Action, ModelOptions, PileSetup, Rng};
use voltapile_simulator::runner::{Observer, PileHandle, PileRun};

use super::evidence::{Evidence, stored};
use super::explained::Watcher;
use super::money::plain_tariff;
use super::people::{People, customer, customers, pause};
use super::{Size, Violation};
use crate::business::stage::{Books, OPERATOR, Stage, runtime, tariff};
use crate::support::{Setup, eventually, eventually_within};

/// How often each fault happens to a pile with all of them.
const MIXED: &str = "all:0.03";
/// Highest power of a connector, in watts: with the speed of the run no car takes more in a second than the strongest
/// charger really gives, so that no bill looks impossible.
const POWER_MOST: u32 = 420_000;
/// A DC pile's own power.
const POWER: u32 = 120_000;
/// How often somebody is at each pile, in simulated time.
const VISITS: Duration = Duration::from_secs(120);
/// But not more rarely than this, in real time.
const VISITS_MOST: Duration = Duration::from_secs(30);
/// A round of so much shows silence with the defaults, which close after two minutes.
const DEFAULTS_FROM: Duration = Duration::from_secs(200);
/// After so many seconds of silence a shorter one closes; heartbeats come every 10.
const IMPATIENCE_S: u64 = 16;
/// How long everything may take to calm down.
const CALM_WITHIN: Duration = Duration::from_secs(90);
/// How often the books are read at most until they agree.
const READINGS: u32 = 5;
/// How often the run says how it goes, and looks at the server's memory.
const PROGRESS: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(500);

/// The piles of a run.
struct Fleet {
    piles: Vec<Arc<PileHandle>>,
    healthy: BTreeSet<PileCode>,
    watcher: Arc<Watcher>,
}

pub(super) fn play(size: Size) -> Evidence {
    let directory = tempfile::tempdir().unwrap();
    let setup = || set_up(size, directory.path());
    let mut stage = Stage::on(setup());
    register(&stage, size);
    let memory = Memory::begin(&stage);
    let fleet = Fleet::dial(&stage, size);
    let (api, piles) = (stage.api.clone(), fleet.piles.clone());
    let mut people =
        People { api, piles, customers: customers(size), rng: Rng::new(size.seed), refused: BTreeMap::new() };
    let (mut calm, mut at_the_kills, mut killed_at) = (Vec::new(), Vec::new(), 0);
    let mut since = fleet.watcher.ledger.books();
    for round in 1..=size.rounds() {
        fleet.until_healthy_work();
        let begin = fleet.watcher.ledger.books();
        rage(&stage, &fleet, &mut people, size, &memory);
        calm.push((begin, fleet.watcher.ledger.books()));
        if round < size.rounds() {
            let address = stage.piles;
            stage.kill();
            killed_at = now_ms();
            at_the_kills.push((fleet.watcher.ledger.books(), stored(directory.path())));
            stage = restart(|| setup().listen(address));
            people.api = stage.api.clone();
            since = fleet.watcher.ledger.books();
        }
    }
    let calmed_at = now_ms();
    calm_down(&fleet, &people);
    let metrics = stage.api.get("/metrics").text;
    drop(people);
    let (ledger, explained, healthy) = fleet.end();

    let (books, complaints) = read_books(&stage);
    let number = |order: &Value| order["transaction_number"].as_str().unwrap().to_owned();
    let orders = books.orders.iter().map(|order| (number(order), order.clone())).collect();
    let log = stage.process.log();
    stage.end();
    Evidence {
        size,
        healthy,
        ledger,
        at_the_kills,
        killed_at,
        calmed_at,
        calm,
        stored: stored(directory.path()),
        orders,
        tariff: tariff(),
        books: complaints,
        memory: (memory.begin, memory.most.load(Ordering::Relaxed)),
        metrics,
        since,
        log,
        explained,
    }
}

/// Silence is to be seen within a round: one that is short and yet long enough for it has less patience.
fn set_up(size: Size, directory: &Path) -> Setup {
    let setup = Setup::new().data_dir(directory);
    if !size.is_long() || size.round() >= DEFAULTS_FROM {
        return setup;
    }
    setup.set("TIMING_OFFLINE_SECONDS", IMPATIENCE_S).set("TIMING_CLOSE_SECONDS", IMPATIENCE_S)
}

/// Starts the server where it was. Should somebody have taken its port meanwhile, that one soon lets go of it.
fn restart(setup: impl Fn() -> Setup) -> Stage {
    let start = || catch_unwind(AssertUnwindSafe(|| Stage::again(setup()))).ok();
    eventually("the server is back", start)
}

/// The books, and what does not hold in them: of events, and of money. Deadlines pass while they are read page by page, so
/// what does not agree is read again before it counts.
fn read_books(stage: &Stage) -> (Books, [Vec<Violation>; 2]) {
    let mut reading = 1;
    loop {
        let books = Books::read(stage);
        let found = [complaints_of(|| books.check_events()), complaints_of(|| books.check_money(stage))];
        if reading == READINGS || found.iter().all(Vec::is_empty) {
            return (books, found);
        }
        reading += 1;
    }
}

/// What a look that panics complains of.
fn complaints_of(look: impl FnOnce()) -> Vec<Violation> {
    let Err(panic) = catch_unwind(AssertUnwindSafe(look)) else { return Vec::new() };
    let text = panic.downcast_ref::<String>().cloned().unwrap_or_else(|| "something does not hold".to_owned());
    vec![Violation::of_all(text)]
}

fn now_ms() -> u64 {
    let unix = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    u64::try_from(unix.as_millis()).unwrap()
}

/// The code of the pile with an index.
fn code(index: usize) -> PileCode {
    format!("3201070000{index:04}").parse().unwrap()
}

fn register(stage: &Stage, size: Size) {
    for number in 1..=customers(size) {
        stage.account(&customer(number), "900000.00");
        stage.card(number, &customer(number));
    }
    stage.api.put("tariffs/plain", &plain_tariff()).ok();
    let yard = json!({"name": "南院", "operator": OPERATOR, "tariff": "plain"});
    stage.api.put("stations/yard", &yard).ok();
    for index in 0..size.piles {
        match protocol(index) {
            Protocol::Ykc => stage.place(code(index)),
            Protocol::Aaf5 => {
                let pile = json!({"station": "yard", "model": "VP-120"});
                stage.api.put(&format!("piles/{}", code(index)), &pile).ok();
            }
        }
    }
}

/// Of four piles with the same faults two speak each protocol.
const fn protocol(index: usize) -> Protocol {
    if (index / 4).is_multiple_of(2) { Protocol::Ykc } else { Protocol::Aaf5 }
}

/// One pile in four is healthy, one has one fault alone, and two have all of them at times.
fn faults(index: usize) -> FaultPlan {
    let plan = match index % 4 {
        0 => String::new(),
        1 => {
            // Each fault with either protocol, where it is for both.
            let entry = &MENU[index / 8 % MENU.len()];
            if entry.kind == Kind::Link { format!("{0}:1,{0}@2s", entry.name) } else { entry.name.to_owned() }
        }
        _ => MIXED.to_owned(),
    };
    plan.parse().unwrap()
}

/// The most memory that was seen.
struct Memory {
    begin: u64,
    most: AtomicU64,
}

impl Memory {
    fn begin(stage: &Stage) -> Self {
        let begin = stage.api.metric("resident_memory_bytes");
        Self { begin, most: AtomicU64::new(begin) }
    }

    fn look(&self, stage: &Stage) -> u64 {
        let now = stage.api.metric("resident_memory_bytes");
        self.most.fetch_max(now, Ordering::Relaxed);
        now
    }
}

impl Fleet {
    fn dial(stage: &Stage, size: Size) -> Self {
        let ledger = match std::env::var("VOLTAPILE_FLEET_LEDGER") {
            Ok(path) => Ledger::writing(BufWriter::new(File::create(path).unwrap())),
            Err(_) => Ledger::new(),
        };
        let watcher = Arc::new(Watcher::new(ledger));
        let _inside = runtime().enter();
        let mut healthy = BTreeSet::new();
        let piles = (0..size.piles).map(|index| {
            let (plan, code) = (faults(index), code(index));
            if plan.is_empty() {
                healthy.insert(code);
            }
            let power = POWER.min(POWER_MOST / size.speed);
            let setup = PileSetup { max_power_w: power, ..PileSetup::dc(code, 2).unattended() };
            let setup = if protocol(index) == Protocol::Aaf5 { setup.speaking_aaf5() } else { setup };
            let options = ModelOptions { speed: size.speed, seed: size.seed };
            let observer: Arc<dyn Observer> = Arc::<Watcher>::clone(&watcher);
            let run = PileRun { observer: Some(observer), faults: plan, ..PileRun::new(setup, options, stage.piles) };
            Arc::new(run.spawn())
        });
        let piles = piles.collect();
        Self { piles, healthy, watcher }
    }

    fn count(&self, what: impl Fn(&PileHandle) -> bool) -> usize {
        self.piles.iter().filter(|pile| what(pile)).count()
    }

    #[track_caller]
    fn until_healthy_work(&self) {
        let works = |pile: &PileHandle| self.healthy.contains(&pile.pile_code()) && pile.snapshot().is_working;
        eventually_within(CALM_WITHIN, "all healthy piles at work", || {
            (self.count(works) == self.healthy.len()).then_some(())
        });
    }

    /// All piles go.
    fn end(self) -> (LedgerBooks, super::explained::Explained, BTreeSet<PileCode>) {
        drop(self.piles);
        (self.watcher.ledger.books(), self.watcher.explained(), self.healthy)
    }
}

/// One round: people come and go, piles err.
fn rage(stage: &Stage, fleet: &Fleet, people: &mut People, size: Size, memory: &Memory) {
    let (begun, lasts) = (Instant::now(), size.round());
    let every = (VISITS / size.speed).min(VISITS_MOST);
    let pause = pause(size.piles, every);
    let (mut next, mut look_at, mut say_at) = (begun, begun, begun + PROGRESS);
    while begun.elapsed() < lasts {
        people.step();
        let now = Instant::now();
        if now >= look_at {
            memory.look(stage);
            look_at = now + LOOK;
        }
        if now >= say_at {
            say(fleet, begun.elapsed(), lasts, memory.look(stage));
            println!("      orders refused: {:?}", people.refused);
            say_at = now + PROGRESS;
        }
        next += pause;
        thread::sleep(next.saturating_duration_since(Instant::now()));
    }
}

fn say(fleet: &Fleet, elapsed: Duration, lasts: Duration, memory: u64) {
    let online = fleet.count(|pile| pile.snapshot().is_logged_in);
    let (charges, acknowledged, faults) = fleet.watcher.ledger.look(|books| {
        let taken = |record: &Record| record.acknowledged > 0;
        let acknowledged = books.charges().filter(|(_, _, charge)| charge.record.as_ref().is_some_and(taken)).count();
        (books.charges().count(), acknowledged, books.faults().values().sum::<u64>())
    });
    println!(
        "{:>5} of {} s: {online} online, {charges} charges, {acknowledged} records acknowledged, {faults} faults, {} MiB",
        elapsed.as_secs(),
        lasts.as_secs(),
        memory >> 20,
    );
}

/// Nothing goes wrong any more: whatever charges is stopped, and every record that there is arrives.
fn calm_down(fleet: &Fleet, people: &People) {
    for pile in &fleet.piles {
        let pile = Arc::clone(pile);
        runtime().spawn(async move {
            pile.plan(FaultPlan::default()).await;
            pile.act(Action::ReleaseRecords).await;
            // A new login sends at once what a bad line has lost, rather than after its pause.
            pile.reconnect().await;
        });
    }
    let is_quiet = |pile: &PileHandle| {
        let pile = pile.snapshot();
        let waits = pile.connectors.iter().any(|connector| connector.waits_for_plug || connector.is_asking);
        pile.is_working && pile.charging().is_empty() && pile.unconfirmed_records + pile.held_records == 0 && !waits
    };
    eventually_within(CALM_WITHIN, "all piles quiet", || {
        people.stop_all();
        (fleet.count(is_quiet) == fleet.piles.len()).then_some(())
    });
}
