//! Kill -9 in the middle of charges, again and again on the same data: what was begun goes on, and every fen is where
//! it belongs.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use voltapile_simulator::model::Rng;

use super::stage::{Sim, Stage, fen, healthy, runtime};
use crate::support::Setup;
use crate::support::messages::code;

const ROUNDS: u32 = 8;
const PILES: u8 = 4;
/// What happens in a round before the kill.
const STEPS: u64 = 25;
/// Longest time between the last step and the kill.
const MOMENT_US: u64 = 5_000;
/// Set this to play another sequence.
const SEED_VARIABLE: &str = "CRASH_SEED";

/// An address that stays while servers come and go: piles dial it, and it leads to the server of the day.
struct Address {
    here: SocketAddr,
    there: Arc<Mutex<Option<SocketAddr>>>,
}

impl Address {
    fn new() -> Self {
        let listener = runtime().block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let (here, there) = (listener.local_addr().unwrap(), Arc::default());
        let target: Arc<Mutex<Option<SocketAddr>>> = Arc::clone(&there);
        runtime().spawn(async move {
            while let Ok((mut pile, _)) = listener.accept().await {
                let target = *target.lock().unwrap();
                tokio::spawn(async move {
                    if let Some(target) = target
                        && let Ok(mut server) = TcpStream::connect(target).await
                    {
                        // Until either end is gone.
                        let _ = copy_bidirectional(&mut pile, &mut server).await;
                    }
                });
            }
        });
        Self { here, there }
    }

    fn leads_to(&self, server: Option<SocketAddr>) {
        *self.there.lock().unwrap() = server;
    }
}

/// What is remembered over all rounds.
struct World {
    piles: Vec<Sim>,
    /// Numbers of charges that piles have shown.
    charged: BTreeSet<String>,
    /// Numbers of charges whose bills the platform has confirmed.
    confirmed: BTreeSet<String>,
    /// What was paid in, in fen, by answers that came.
    paid_in: i64,
    rng: Rng,
}

impl World {
    /// Anything that people do at piles or through the API.
    fn step(&mut self, stage: &Stage) {
        let pile = &self.piles[self.rng.within(0..=u64::from(PILES) - 1) as usize];
        let connector = self.rng.within(1..=2) as u8;
        let account = format!("customer-{}", self.rng.within(1..=3));
        match self.rng.within(0..=9) {
            0..=2 => {
                let body = json!({
                    "pile": pile.code.to_string(), "connector": connector, "account": account, "limit": "30.00",
                });
                stage.api.post("orders?wait=1s", &body);
            }
            3 | 4 => pile.swipe(connector, self.rng.within(1..=3) as u16),
            5 | 6 => pile.stop(connector),
            7 => {
                let orders = stage.api.items("orders?state=starting,charging");
                if let Some(order) = orders.first() {
                    stage.api.act(&format!("orders/{}/stop", order["id"]));
                }
            }
            8 => {
                let answer = stage.api.post(&format!("accounts/{account}/top-ups"), &json!({"amount": "7.77"}));
                self.paid_in += fen(&answer.ok()["amount"]);
            }
            _ => pile.unplug(connector),
        }
        self.look();
    }

    /// Notes what charges, and what was billed for good.
    fn look(&mut self) {
        for pile in &self.piles {
            let snapshot = pile.snapshot();
            let charging = snapshot.connectors.iter().filter_map(|connector| connector.transaction_number);
            let charging: Vec<String> = charging.map(|number| number.to_string()).collect();
            if snapshot.unconfirmed_records == 0 {
                let own = pile.code.to_string();
                let over = self.charged.iter().filter(|number| number.starts_with(&own) && !charging.contains(number));
                self.confirmed.extend(over.cloned().collect::<Vec<_>>());
            }
            self.charged.extend(charging);
        }
    }
}

/// What is paid in and out by the API's word.
#[track_caller]
fn money(stage: &Stage) -> (i64, i64, i64) {
    let accounts = stage.api.items("accounts");
    let sum = |field: &str| accounts.iter().map(|account| fen(&account[field])).sum::<i64>();
    let orders = stage.api.items("orders?state=settled");
    (sum("balance"), sum("reserved"), orders.iter().map(|order| fen(&order["charged"])).sum())
}

#[test]
fn charges_outlive_kill_9_and_every_fen_is_where_it_belongs() {
    let seed = std::env::var(SEED_VARIABLE).ok().and_then(|seed| seed.parse().ok()).unwrap_or(0x5EED_u64);
    println!("{SEED_VARIABLE}={seed}");
    let directory = tempfile::tempdir().unwrap();
    let address = Address::new();
    let mut stage = Stage::on(Setup::new().data_dir(directory.path()));
    (1..=PILES).for_each(|number| stage.place(code(number)));
    for number in 1..=3 {
        stage.account(&format!("customer-{number}"), "100.00");
        stage.card(number, &format!("customer-{number}"));
    }
    let (begin, _, _) = money(&stage);
    address.leads_to(Some(stage.piles));
    let piles = (1..=PILES).map(|number| Sim::play(healthy(number), address.here));
    let (charged, confirmed) = (BTreeSet::new(), BTreeSet::new());
    let mut world = World { piles: piles.collect(), charged, confirmed, paid_in: 0, rng: Rng::new(seed) };
    for round in 0..ROUNDS {
        world.piles.iter().for_each(Sim::reconnect);
        (0..STEPS).for_each(|_| world.step(&stage));
        thread::sleep(Duration::from_micros(world.rng.within(0..=MOMENT_US)));
        address.leads_to(None);
        let running: usize = world.piles.iter().map(|pile| pile.snapshot().charging().len()).sum();
        println!("round {round}: killed while {running} charge");
        stage.kill();
        stage = Stage::reopen(directory.path());
        address.leads_to(Some(stage.piles));
    }
    // The last server sees everything to its end.
    world.piles.iter().for_each(Sim::reconnect);
    world.look();
    for pile in &world.piles {
        for connector in [1, 2] {
            pile.stop(connector);
        }
        pile.until_billed();
    }
    world.look();
    let unfinished = |order: &Value| !["settled", "failed"].contains(&order["state"].as_str().unwrap());
    // Whatever was told to start just before a kill, and never heard of it, still has its time.
    let waits = |order: &Value| order["started_at"].is_null() && order["deadline"].is_string();
    stage.after_events(
        "",
        "every charge at its end",
        |_| true,
        || stage.api.items("orders").iter().all(|order| !unfinished(order) || waits(order)).then_some(()),
    );
    let orders = stage.api.items("orders");
    let (balance, _, paid) = money(&stage);
    assert_eq!(balance + paid, begin + world.paid_in, "money came or went");
    let number = |one: &Value| one["transaction_number"].as_str().unwrap().to_owned();
    let records: BTreeSet<String> = stage.api.items("records").iter().map(number).collect();
    let lost: Vec<_> = world.confirmed.difference(&records).collect();
    assert!(lost.is_empty(), "confirmed and lost: {lost:?}");
    let unbilled: Vec<_> = world.charged.difference(&records).collect();
    assert!(unbilled.is_empty(), "never billed: {unbilled:?}");
    // A charge that was stopped before anything flowed has failed; every other one is paid by its record.
    let is_billed = |order: &&Value| order["state"] == "settled" || order["failure"] == "no_energy";
    let billed = orders.iter().filter(is_billed).map(number);
    let billed: BTreeSet<String> = billed.collect();
    let open: Vec<_> = records.difference(&billed).collect();
    assert!(open.is_empty(), "not settled: {open:?}");
    println!("{} orders, {} billed, {} confirmed, {paid} fen", orders.len(), billed.len(), world.confirmed.len());
    assert!(billed.len() > 10 && paid > 0, "too little happened");
}
