//! A server with an operator, a station, a tariff and a customer; virtual piles and more customers on demand.
//!
//! When a stage is dropped its books are checked: whatever a test did, the money must add up.

mod books;
mod money;
mod sim;

use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};
use voltapile_protocol::ykc::field::PileCode;
use voltapile_simulator::model::PileSetup;

use crate::support::messages::code;
use crate::support::{Api, PATIENCE, Server, Setup};

pub(crate) use books::Books;
pub(crate) use money::{bill, fen, steps};
pub(crate) use sim::{Sim, card, healthy, runtime};

/// The operator of everything on the stage that belongs to one.
pub(crate) const OPERATOR: &str = "east";
/// Its station.
pub(crate) const STATION: &str = "north-gate";
/// The station's tariff.
pub(crate) const TARIFF: &str = "day-and-night";
/// Its customer, who has 500 yuan.
pub(crate) const CUSTOMER: &str = "li-wei";

/// The stage.
pub(crate) struct Stage {
    server: Server,
    is_checked: bool,
}

impl Deref for Stage {
    type Target = Server;
    fn deref(&self) -> &Server {
        &self.server
    }
}

impl DerefMut for Stage {
    fn deref_mut(&mut self) -> &mut Server {
        &mut self.server
    }
}

impl Stage {
    /// A stage on a server with defaults, but for a curve with more points.
    #[track_caller]
    pub(crate) fn new() -> Self {
        Self::on(Setup::new())
    }

    /// A stage on a server that is set up otherwise.
    #[track_caller]
    pub(crate) fn on(setup: Setup) -> Self {
        let stage = Self::again(setup);
        let api = &stage.api;
        api.put(&format!("operators/{OPERATOR}"), &json!({"name": "东部充电"})).ok();
        api.put(&format!("tariffs/{TARIFF}"), &tariff()).ok();
        let station = json!({"name": "北门站", "operator": OPERATOR, "tariff": TARIFF});
        api.put(&format!("stations/{STATION}"), &station).ok();
        stage.account(CUSTOMER, "500.00");
        stage
    }

    /// The stage whose books are in this directory already.
    #[track_caller]
    pub(crate) fn reopen(directory: &Path) -> Self {
        Self::again(Setup::new().data_dir(directory))
    }

    /// The stage whose books are where this server looks for them.
    #[track_caller]
    pub(crate) fn again(setup: Setup) -> Self {
        Self { server: setup.set("RETENTION_SAMPLE_SECONDS", 1).start(), is_checked: true }
    }

    /// Ends the server at once, as a power failure would.
    pub(crate) fn kill(mut self) {
        self.is_checked = false;
        self.server.process.crash();
    }

    /// Asks the server to end, once somebody else has looked through its books.
    pub(crate) fn end(mut self) {
        self.is_checked = false;
        self.server.process.terminate();
        self.server.process.wait();
    }

    /// Looks through all books. Done at the end of every test anyway.
    #[track_caller]
    pub(crate) fn check(&self) {
        books::check(&self.server);
    }

    /// A customer of the operator with so much money.
    #[track_caller]
    pub(crate) fn account(&self, id: &str, yuan: &str) {
        self.api.put(&format!("accounts/{id}"), &json!({"name": id, "operator": OPERATOR})).ok();
        if fen(&json!(yuan)) > 0 {
            self.top_up(id, yuan);
        }
    }

    #[track_caller]
    pub(crate) fn top_up(&self, account: &str, yuan: &str) {
        self.api.post(&format!("accounts/{account}/top-ups"), &json!({"amount": yuan})).ok();
    }

    /// A card of an account that may also charge while its pile is offline.
    #[track_caller]
    pub(crate) fn card(&self, number: u16, account: &str) {
        let logical = format!("{:016}", 1000 + number);
        let body = json!({"logical_number": logical, "account": account, "offline": true});
        self.api.put(&format!("cards/{}", card_text(number)), &body).ok();
    }

    /// Balance and what is reserved of it, in fen.
    #[track_caller]
    pub(crate) fn money(&self, account: &str) -> (i64, i64) {
        let account = self.api.get(&format!("accounts/{account}")).ok();
        (fen(&account["balance"]), fen(&account["reserved"]))
    }

    /// A healthy DC pile with two connectors in the station, at work.
    #[track_caller]
    pub(crate) fn pile(&self, number: u8) -> Sim {
        self.pile_with(number, |_| {})
    }

    /// The same, set up otherwise.
    #[track_caller]
    pub(crate) fn pile_with(&self, number: u8, set_up: impl FnOnce(&mut PileSetup)) -> Sim {
        self.place(code(number));
        let pile = self.play(number, set_up);
        pile.until("at work", |pile| pile.is_working);
        // The books have taken what it said when it came.
        self.until_connector(&pile, 2, "idle_unplugged");
        pile
    }

    /// Puts a pile into the station, as far as the books are concerned.
    #[track_caller]
    pub(crate) fn place(&self, code: PileCode) {
        self.api.put(&format!("piles/{code}"), &json!({"station": STATION, "model": "VP-120"})).ok();
    }

    /// A pile that dials in, whatever the books know of it.
    pub(crate) fn play(&self, number: u8, set_up: impl FnOnce(&mut PileSetup)) -> Sim {
        let mut setup = healthy(number);
        set_up(&mut setup);
        Sim::play(setup, self.piles)
    }

    /// A charge that the customer asked for through the API, once it has come to something.
    #[track_caller]
    pub(crate) fn charge(&self, pile: &Sim, connector: u8) -> Value {
        let order = self.start(pile, connector);
        pile.until_energy(connector);
        self.until(&order, "charging")
    }

    /// The answer to a start of the customer's charge for up to 100 yuan, which must be accepted.
    #[track_caller]
    pub(crate) fn start(&self, pile: &Sim, connector: u8) -> Value {
        let pile = pile.code.to_string();
        let body = json!({"pile": pile, "connector": connector, "account": CUSTOMER, "limit": "100.00"});
        self.api.post("orders?wait=10s", &body).ok()
    }

    /// Stops an order and waits until it is settled.
    #[track_caller]
    pub(crate) fn finish(&self, order: &Value) -> Value {
        let command = self.api.act(&format!("orders/{}/stop?wait=10s", order["id"])).ok();
        assert_eq!(command["state"], "succeeded", "{command:#}");
        self.until(order, "settled")
    }

    /// An order as it is now.
    #[track_caller]
    pub(crate) fn order(&self, order: &Value) -> Value {
        self.api.get(&format!("orders/{}", order["id"])).ok()
    }

    /// The only order of a pile on a connector that is in a state, once there is one.
    #[track_caller]
    pub(crate) fn order_at(&self, pile: &Sim, connector: u8, state: &str) -> Value {
        let path = format!("orders?pile={}&connector={connector}&state={state}", pile.code);
        self.after_events(
            &format!("pile={}", pile.code),
            &path,
            |_| true,
            || {
                let mut found = self.api.items(&path);
                assert!(found.len() < 2, "{found:#?}");
                found.pop()
            },
        )
    }

    /// An order, once it is in a state.
    #[track_caller]
    pub(crate) fn until(&self, order: &Value, state: &str) -> Value {
        let subject = format!("orders/{}", order["id"]);
        let what = format!("{subject} {state}");
        self.after_events(
            "",
            &what,
            |event| event["subject"] == *subject,
            || {
                let order = self.order(order);
                (order["state"] == state).then_some(order)
            },
        )
    }

    /// Looks now, and again after each event of a kind, until there is what is looked for.
    #[track_caller]
    pub(crate) fn after_events<T>(
        &self,
        selection: &str,
        what: &str,
        matters: impl Fn(&Value) -> bool,
        look: impl Fn() -> Option<T>,
    ) -> T {
        let (begun, mut events) = (Instant::now(), self.api.follow(&format!("events/stream?{selection}")));
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(begun.elapsed() < PATIENCE, "in vain: {what}");
            while !matters(&events.next_for(what)) {}
        }
    }

    /// The number of the latest event.
    #[track_caller]
    pub(crate) fn latest_event(&self) -> i64 {
        self.events("").last().map_or(0, |event| event["id"].as_str().unwrap().parse().unwrap())
    }

    /// The first event behind a number that is of a type and what is wanted.
    #[track_caller]
    pub(crate) fn event(&self, after: i64, event_type: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut events = self.api.follow(&format!("events/stream?after={after}&type={event_type}"));
        loop {
            let event = events.next_for(event_type);
            if wanted(&event) {
                return event;
            }
        }
    }

    /// All events that match a selection.
    #[track_caller]
    pub(crate) fn events(&self, selection: &str) -> Vec<Value> {
        self.events_after(0, selection)
    }

    /// Those behind a number.
    #[track_caller]
    pub(crate) fn events_after(&self, after: i64, selection: &str) -> Vec<Value> {
        all_events(&self.api, after, selection)
    }

    /// Asks something of a pile and waits for the end of the command.
    #[track_caller]
    pub(crate) fn ask(&self, pile: &Sim, body: &Value) -> Value {
        self.api.post(&format!("piles/{}/commands?wait=30s", pile.code), body).ok()
    }

    /// The transaction record of an order.
    #[track_caller]
    pub(crate) fn record_of(&self, order: &Value) -> Value {
        self.api.get(&format!("records/{}", order["transaction_number"].as_str().unwrap())).ok()
    }

    /// A pile as the API shows it.
    #[track_caller]
    pub(crate) fn shown(&self, pile: &Sim) -> Value {
        self.api.get(&format!("piles/{}", pile.code)).ok()
    }

    /// The state of a connector as the API shows it, once it is that.
    #[track_caller]
    pub(crate) fn until_connector(&self, pile: &Sim, connector: usize, state: &str) -> Value {
        let what = format!("connector {connector} {state}");
        self.after_events(
            &format!("pile={}", pile.code),
            &what,
            |_| true,
            || {
                let shown = self.shown(pile)["connectors"][connector - 1].clone();
                (shown["state"] == state).then_some(shown)
            },
        )
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if self.is_checked && !std::thread::panicking() {
            self.check();
        }
    }
}

/// All events that match a selection, page by page.
#[track_caller]
pub(crate) fn all_events(api: &Api, mut after: i64, selection: &str) -> Vec<Value> {
    let mut events = Vec::new();
    loop {
        let mut page = api.get(&format!("events?limit=500&after={after}&{selection}")).ok();
        after = page["last"].as_i64().unwrap();
        let items = page["items"].as_array_mut().unwrap();
        if items.is_empty() {
            return events;
        }
        events.append(items);
    }
}

/// The text of a card's physical number.
pub(crate) fn card_text(number: u16) -> String {
    format!("{number:016x}")
}

/// A tariff with every tier, other prices in each, and a loss.
pub(crate) fn tariff() -> Value {
    let price = |electricity: &str, service: &str| json!({"electricity": electricity, "service": service});
    json!({
        "name": "峰谷电价",
        "prices": {
            "sharp": price("9.11111", "1.22222"),
            "peak": price("8.33333", "0.90000"),
            "flat": price("7.00001", "0.50000"),
            "valley": price("3.12345", "0.45678"),
        },
        "periods": [
            {"from": "00:00", "to": "08:00", "tier": "valley"},
            {"from": "08:00", "to": "12:00", "tier": "peak"},
            {"from": "12:00", "to": "17:00", "tier": "flat"},
            {"from": "17:00", "to": "22:00", "tier": "sharp"},
            {"from": "22:00", "to": "24:00", "tier": "flat"},
        ],
        "loss_ratio": 5,
    })
}
