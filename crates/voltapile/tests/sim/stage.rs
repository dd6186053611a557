//! A server with a tariff, a customer with card and car, and piles as they are wanted.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::process::Ended;
use crate::support::{Process, Server};

/// The customer's card.
pub(crate) const CARD: &str = "00000000d14b0001";
/// The customer's car.
const VIN: &str = "LVPTEST10SA000001";
const TARIFF: &str = "flat";
const STATION: &str = "yard";
const OPERATOR: &str = "east";
pub(crate) const CUSTOMER: &str = "li-wei";

/// A server with the books of a small station.
pub(crate) struct Stage {
    pub(crate) server: Server,
}

impl Stage {
    /// With these piles.
    #[track_caller]
    pub(crate) fn new(piles: &[&str]) -> Self {
        Self::of(Server::start(), piles)
    }

    /// The same at a server with settings of its own.
    #[track_caller]
    pub(crate) fn of(server: Server, piles: &[&str]) -> Self {
        let api = &server.api;
        api.put(&format!("operators/{OPERATOR}"), &json!({"name": "东部充电"})).ok();
        let price = json!({"electricity": "0.80000", "service": "0.40000"});
        let prices = json!({"sharp": price, "peak": price, "flat": price, "valley": price});
        let periods = json!([{"from": "00:00", "to": "24:00", "tier": "flat"}]);
        api.put(&format!("tariffs/{TARIFF}"), &json!({"name": "平", "prices": prices, "periods": periods})).ok();
        let station = json!({"name": "院子", "operator": OPERATOR, "tariff": TARIFF});
        api.put(&format!("stations/{STATION}"), &station).ok();
        api.put(&format!("accounts/{CUSTOMER}"), &json!({"name": "李伟", "operator": OPERATOR})).ok();
        api.post(&format!("accounts/{CUSTOMER}/top-ups"), &json!({"amount": "500.00"})).ok();
        let card = json!({"logical_number": "1000000000000001", "account": CUSTOMER, "offline": true});
        api.put(&format!("cards/{CARD}"), &card).ok();
        api.put(&format!("vins/{VIN}"), &json!({"account": CUSTOMER})).ok();
        for pile in piles {
            api.put(&format!("piles/{pile}"), &json!({"station": STATION})).ok();
        }
        Self { server }
    }

    /// Plays piles against it until they end by themselves.
    #[track_caller]
    pub(crate) fn sim(&self, arguments: &[&str]) -> Ended {
        self.begin(arguments).ended()
    }

    /// Plays piles against it.
    pub(crate) fn begin(&self, arguments: &[&str]) -> Process {
        let address = self.server.piles.to_string();
        let all = [&["sim", "--server", &address], arguments].concat();
        Process::start(&all, &[("LC_ALL".to_owned(), "C".to_owned())])
    }
}

/// What was printed as JSON.
#[track_caller]
pub(crate) fn json_of(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"))
}

/// A scenario that is shipped.
pub(crate) fn shipped(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scenarios").join(name)
}
