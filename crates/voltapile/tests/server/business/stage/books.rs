//! What must hold whatever happened, as far as the API shows it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::{all_events, fen};
use crate::support::Server;

/// Looks through all books once every record has been judged.
#[track_caller]
pub(super) fn check(server: &Server) {
    let books = Books::read(server);
    books.check_money(server);
    books.check_events();
}

/// Waits until the business has taken every record that is stored.
#[track_caller]
fn until_judged(server: &Server) {
    let mut events = server.api.follow("events/stream?after=0&type=record.judged");
    let mut missing: BTreeSet<i64> = server.api.items("records").iter().map(|record| id(&record["id"])).collect();
    while !missing.is_empty() {
        let event = events.next_for(&format!("records {missing:?} judged"));
        missing.remove(&id(&event["data"]["record"]));
    }
}

/// All books of a server.
pub(crate) struct Books {
    accounts: Vec<Value>,
    pub(crate) orders: Vec<Value>,
    /// Numbers of those that are not at their end.
    open: BTreeSet<i64>,
    records: Vec<Value>,
    commands: Vec<Value>,
    alarms: Vec<Value>,
    events: Vec<Value>,
}

impl Books {
    /// Reads them once every record has been judged.
    #[track_caller]
    pub(crate) fn read(server: &Server) -> Self {
        until_judged(server);
        let list = |path| server.api.items(path);
        Self {
            // The events last: they tell of everything that the lists show.
            accounts: list("accounts"),
            orders: list("orders"),
            open: list("orders?open=true").iter().map(|order| id(&order["id"])).collect(),
            records: list("records"),
            commands: list("commands"),
            alarms: list("alarms"),
            events: all_events(&server.api, 0, ""),
        }
    }

    /// Accounts, orders and records agree to the fen.
    #[track_caller]
    pub(crate) fn check_money(&self, server: &Server) {
        self.accounts_add_up(server);
        self.orders_are_whole();
        self.settled_orders_are_paid_by_their_bills();
        self.records_have_their_orders();
    }

    /// Whoever only reads events knows everything.
    #[track_caller]
    pub(crate) fn check_events(&self) {
        self.one_thing_at_a_time();
        self.events_have_no_gaps();
        self.events_tell_how_orders_are();
    }

    /// Top-ups and adjustments less charges make the balance; what open orders have set aside makes what is reserved;
    /// and each entry of the ledger says how it stood after it.
    #[track_caller]
    fn accounts_add_up(&self, server: &Server) {
        for account in &self.accounts {
            let name = account["id"].as_str().unwrap();
            let mut entries = server.api.items(&format!("accounts/{name}/entries"));
            entries.reverse();
            let (mut balance, mut reserved, mut charged) = (0, 0, BTreeMap::<i64, i64>::new());
            for entry in &entries {
                let amount = fen(&entry["amount"]);
                match entry["kind"].as_str().unwrap() {
                    "top_up" | "adjustment" => balance += amount,
                    "charge" => {
                        balance += amount;
                        *charged.entry(id(&entry["order"])).or_default() -= amount;
                    }
                    "reserve" | "release" => reserved += amount,
                    other => panic!("an entry of the kind {other}"),
                }
                assert_eq!((fen(&entry["balance"]), fen(&entry["reserved"])), (balance, reserved), "{entry:#}");
                assert!(reserved >= 0, "{entry:#}");
            }
            assert_eq!((fen(&account["balance"]), fen(&account["reserved"])), (balance, reserved), "{name}");
            let orders = self.orders.iter().filter(|order| order["account"] == *name);
            let mut set_aside = 0;
            for order in orders {
                set_aside += fen(&order["reserved"]);
                let paid = charged.remove(&id(&order["id"])).unwrap_or_default();
                let due = if order["charged"].is_null() { 0 } else { fen(&order["charged"]) };
                assert_eq!(paid, due, "{name} for {order:#}");
            }
            assert_eq!(set_aside, reserved, "{name}");
            assert!(charged.is_empty(), "{name} paid for orders of others: {charged:?}");
        }
    }

    /// What is at its end holds nothing any more; what is not can still be ended.
    #[track_caller]
    fn orders_are_whole(&self) {
        for order in &self.orders {
            let (state, is_end) = (order["state"].as_str().unwrap(), is_end(order));
            assert_eq!(self.open.contains(&id(&order["id"])), !is_end, "{order:#}");
            assert_eq!(state == "abnormal", order["abnormal_reason"].is_string(), "{order:#}");
            assert_eq!(state == "abnormal", !order["actions"].as_array().unwrap().is_empty(), "{order:#}");
            assert!(state != "failed" || order["failure"].is_string(), "{order:#}");
            if is_end {
                assert_eq!(fen(&order["reserved"]), 0, "{order:#}");
            } else {
                // Only a person's work and a charge that goes on have no deadline.
                let may_wait = ["abnormal", "charging"].contains(&state);
                assert!(may_wait || order["deadline"].is_string(), "{order:#}");
            }
        }
    }

    /// Without a person's word an order costs what its bill says by the verdict.
    #[track_caller]
    fn settled_orders_are_paid_by_their_bills(&self) {
        let by_hand = |order: &&Value| {
            let evidence = order["evidence"].as_array().unwrap();
            evidence.iter().any(|evidence| evidence["what"] == "resolved")
        };
        for order in self.orders.iter().filter(|order| order["state"] == "settled" && !by_hand(order)) {
            let settlement = &order["settlement"];
            let amount = match settlement["verdict"].as_str().unwrap() {
                "pile" => &settlement["pile_amount"],
                "ours" => &settlement["ours"]["total"],
                other => panic!("{other}: {order:#}"),
            };
            let amount = super::money::steps(amount, 4);
            assert_eq!(fen(&order["charged"]), (amount + 50) / 100, "{order:#}");
        }
    }

    #[track_caller]
    fn records_have_their_orders(&self) {
        let orders: HashMap<_, _> = self.orders.iter().map(|order| (id(&order["id"]), order)).collect();
        let judged = self.events.iter().filter(|event| event["type"] == "voltapile.record.judged");
        let order_of: HashMap<_, _> =
            judged.map(|event| (id(&event["data"]["record"]), id(&event["data"]["order"]))).collect();
        for record in &self.records {
            let order = orders[&order_of[&id(&record["id"])]];
            assert_eq!(order["pile"], record["pile_code"], "{record:#}\n{order:#}");
            assert!(order["record"].is_i64(), "{order:#}");
        }
    }

    /// One order holds a connector; one command of a kind is under way; one alarm of a kind is open.
    #[track_caller]
    fn one_thing_at_a_time(&self) {
        let mut seen = BTreeSet::new();
        let holds = |order: &&Value| {
            ["created", "starting", "charging", "stopping"].contains(&order["state"].as_str().unwrap())
        };
        let held = self.orders.iter().filter(holds).map(|order| format!("{}/{}", order["pile"], order["connector"]));
        let sent = self.commands.iter().filter(|command| command["state"] == "sent").map(|command| {
            let request = &command["request"];
            format!("{} {} {}", command["pile"], command["action"], request["connector"])
        });
        let open = self.alarms.iter().filter(|alarm| alarm["closed_at"].is_null());
        let open = open.map(|alarm| format!("{} {} {}", alarm["pile"], alarm["connector"], alarm["code"]));
        for key in held.chain(sent).chain(open) {
            assert!(seen.insert(key.clone()), "{key} twice");
        }
    }

    #[track_caller]
    fn events_have_no_gaps(&self) {
        let (mut last, mut numbers) = (0, HashMap::<&str, u64>::new());
        for event in &self.events {
            let number: i64 = event["id"].as_str().unwrap().parse().unwrap();
            assert!(number > last, "{event:#} behind {last}");
            last = number;
            assert_eq!(event["pile"].is_string(), event["pilenumber"].is_u64(), "{event:#}");
            if let Some(pile) = event["pile"].as_str() {
                let before = numbers.entry(pile).or_default();
                *before += 1;
                assert_eq!(event["pilenumber"], *before, "{event:#}");
            }
        }
    }

    /// Whoever only reads events knows how every order ended.
    #[track_caller]
    fn events_tell_how_orders_are(&self) {
        let mut told = HashMap::new();
        for event in &self.events {
            let data = &event["data"];
            match event["type"].as_str().unwrap().strip_prefix("voltapile.order.") {
                Some("created") => assert!(told.insert(id(&data["id"]), data).is_none(), "{event:#}"),
                Some(_) => assert!(told.insert(id(&data["id"]), data).is_some(), "{event:#}"),
                None => {}
            }
        }
        for order in &self.orders {
            let told = told[&id(&order["id"])];
            if is_end(order) {
                assert_eq!(told["state"], order["state"], "{order:#}");
                assert_eq!(told["charged"], order["charged"], "{order:#}");
            }
        }
    }
}

/// Whether nothing more is to happen to an order.
fn is_end(order: &Value) -> bool {
    ["settled", "failed"].contains(&order["state"].as_str().unwrap())
}

#[track_caller]
fn id(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("{value} is no number"))
}
