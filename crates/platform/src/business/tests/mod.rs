//! Charges from start to money, as piles make them: a yard with one pile of two connectors, an account, a card and a
//! vehicle. After each thing that happens the books must add up.

mod charging;
mod kinds;
mod money;
mod nameless;
mod parallel;
mod piles;
mod records;
mod starting;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::testing::Bench;
use super::*;
use crate::account::{Account, AccountStatus, Entry, EntryKind};
use crate::authorization::{StartMethod, StartRefusal};
use crate::card::{Card, CardStatus};
use crate::command::{CommandAction, CommandResult, StartOptions};
use crate::event::EventType;
use crate::identity::AccountId;
use crate::order::{Order, Origin, Resolution};
use crate::pace::Pace;
use crate::pile::{ConnectorState, Pile, PileState};
use crate::record::{RecordReading, Sold, StartSource, StartedBy, StopReason, TierUsage, TransactionRecord};
use crate::station::Station;
use crate::tariff::{PerTier, TariffVersion};
use crate::telemetry::{ConnectorState as Reported, Telemetry};
use crate::unit::{Amount, Current, Energy, Price, Voltage};
use crate::vehicle::Vehicle;

const CARD: &str = "00000000d14b0a54";
const VIN: &str = "LSVAU2A37N2183294";

struct Yard {
    bench: Bench,
    records: i64,
}

fn pile() -> PileCode {
    PileCode::new("55031412782305").unwrap()
}

fn li_wei() -> AccountId {
    "li-wei".parse().unwrap()
}

fn fen(fen: i64) -> Balance {
    Balance::from_steps(fen)
}

const ONE: ConnectorNumber = ConnectorNumber(1);
const TWO: ConnectorNumber = ConnectorNumber(2);

/// An account with a card and a vehicle, and no money yet.
fn put_customer(bench: &mut Bench, now: Timestamp) {
    let account = Account {
        id: li_wei(),
        operator: None,
        name: "李伟".to_owned(),
        number: Some("0042".to_owned()),
        password_md5: None,
        balance: Balance::ZERO,
        reserved: Balance::ZERO,
        status: AccountStatus::Active,
        allowed_stations: None,
        created_at: now,
    };
    bench.put(&account).unwrap();
    let card = Card {
        physical_number: CARD.to_owned(),
        logical_number: "1000000573".to_owned(),
        account: li_wei(),
        operator: None,
        status: CardStatus::Active,
        offline: true,
        created_at: now,
    };
    bench.put(&card).unwrap();
    let vehicle =
        Vehicle { vin: VIN.to_owned(), account: li_wei(), operator: None, name: None, enabled: true, created_at: now };
    bench.put(&vehicle).unwrap();
}

impl Yard {
    /// Everything in order, 100 yuan in the account, 1 yuan per kWh.
    fn new() -> Self {
        let now: Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
        let mut bench = Bench::new(now);
        let station = Station {
            id: "north-gate".parse().unwrap(),
            operator: None,
            name: "north gate".to_owned(),
            address: None,
            tariff: Some("flat".parse().unwrap()),
            capacity: None,
            created_at: now,
        };
        bench.put(&station).unwrap();
        let json = json!({"code": pile(), "name": null, "station": "north-gate", "model": null, "connector_count": 2,
            "tariff": null, "enabled": true, "created_at": now});
        bench.put::<Pile>(&serde_json::from_value(json).unwrap()).unwrap();
        let terms = json!({"number": "0100", "name": "flat", "prices": {"flat": {"electricity": "0.60", "service": "0.40"}},
            "periods": [{"from": "00:00", "to": "24:00", "tier": "flat"}]});
        let terms: crate::tariff::TariffTerms = serde_json::from_value(terms).unwrap();
        let (tariff, number) = ("flat".parse().unwrap(), "0100".parse().unwrap());
        let effective_from = now.plus_seconds(-86_400);
        let version = TariffVersion {
            tariff,
            operator: None,
            version: 1,
            number,
            terms,
            effective_from,
            upcoming: false,
            used_at: None,
            created_at: now,
        };
        bench.put(&version).unwrap();
        put_customer(&mut bench, now);
        bench.presence.online.insert(pile());
        let state = PileState { running_tariff: Some(number), ..PileState::new(pile(), None) };
        bench.put(&state).unwrap();
        let mut yard = Self { bench, records: 0 };
        yard.top_up(10_000);
        yard.login("89860000000000000001");
        yard
    }

    fn work<T>(&mut self, work: impl FnOnce(&mut Business<'_>) -> Result<T, BusinessError>) -> T {
        let done = self.bench.work(work).unwrap();
        self.check();
        done
    }

    /// The reason of a refusal, after which nothing may have changed.
    fn refusal<T: std::fmt::Debug>(
        &mut self,
        work: impl FnOnce(&mut Business<'_>) -> Result<T, BusinessError>,
    ) -> &'static str {
        match self.bench.work(work) {
            Err(BusinessError::Refused(Refusal::Conflict { reason, .. })) => reason,
            Err(BusinessError::Refused(Refusal::NotFound { what, .. })) => what,
            Err(BusinessError::Refused(Refusal::Invalid { field, .. })) => field,
            other => panic!("{other:?}"),
        }
    }

    /// Lets seconds pass and wakes what asked to be woken.
    fn pass(&mut self, seconds: i64) {
        let until = self.bench.now.plus_seconds(seconds);
        loop {
            self.bench.reaction.due.sort();
            let Some(place) = self.bench.reaction.due.iter().position(|(at, _)| *at <= until) else { break };
            let (at, due) = self.bench.reaction.due.remove(place);
            self.bench.now = at.max(self.bench.now);
            self.work(|business| business.due(due));
        }
        self.bench.now = until;
    }

    fn top_up(&mut self, amount: i64) {
        self.work(|business| business.change_balance(&li_wei(), fen(amount), EntryKind::TopUp, None, "user:wang"));
    }

    fn login(&mut self, iccid: &str) {
        self.bench.presence.online.insert(pile());
        let login = PileLogin {
            iccid: iccid.to_owned(),
            firmware_version: "V4.1.50".to_owned(),
            protocol: "ykc",
            connector_count: 2,
            pace: Pace::default(),
        };
        _ = self.work(|business| business.pile_online(pile(), &login));
    }

    fn goes_offline(&mut self) {
        self.bench.presence.online.remove(&pile());
        self.work(|business| business.pile_offline(pile(), "closed"));
    }

    fn remote(account: Option<AccountId>) -> StartOrder {
        let by = "user:wang".to_owned();
        let options = StartOptions::default();
        StartOrder { pile: pile(), connector: ONE, parallel_with: None, account, limit: None, options, by }
    }

    /// A start through the API that the pile was told of.
    fn start(&mut self) -> Order {
        self.work(|business| business.start_order(Self::remote(Some(li_wei())))).remove(0)
    }

    fn card_request(connector: ConnectorNumber) -> StartRequest {
        let method = StartMethod::Card;
        let (identity, reading) = (CARD.to_owned(), CardReading::Chip);
        StartRequest {
            pile: pile(),
            connector,
            method,
            identity,
            reading,
            password_md5: None,
            vin: None,
            parallel: None,
        }
    }

    fn ask(&mut self, request: StartRequest) -> StartDecision {
        self.work(|business| business.start_requested(request))
    }

    fn answers(&mut self, order: &Order, result: Result<(), &str>) {
        let (connector, number) = (order.connector, order.transaction_number);
        let result = result.map_err(str::to_owned);
        self.work(|business| business.start_answered(pile(), connector, number, result));
        // The command's own end, as the gateway tells it.
        self.command_ends("start", CommandResult::Succeeded(Value::Null));
    }

    /// The latest command in flight whose name begins so ends.
    fn command_ends(&mut self, name: &str, result: CommandResult) {
        let place = self.bench.reaction.dispatch.iter().rposition(|command| command.request.name().starts_with(name));
        let command = self.bench.reaction.dispatch.remove(place.unwrap());
        self.work(|business| business.command_ended(command.id, result));
    }

    /// Commands sent that were not ended yet, by name.
    fn sent(&self) -> Vec<&'static str> {
        self.bench.reaction.dispatch.iter().map(|command| command.request.name()).collect()
    }

    fn telemetry(&self, number: TransactionNumber, state: Reported, plugged: bool) -> Telemetry {
        Telemetry {
            received_at: self.bench.now,
            transaction_number: number,
            state,
            plugged: Some(plugged),
            homed: Some(!plugged),
            soc: 50,
            voltage: Voltage::from_steps(4000),
            current: Current::from_steps(1000),
            minutes_charged: 3,
            minutes_remaining: 30,
            cable_temperature: None,
            battery_temperature: None,
            fault_bits: 0,
            energy: Energy::from_steps(5_000),
            energy_with_loss: Energy::from_steps(5_000),
            amount: Amount::from_steps(5_000),
        }
    }

    fn reports(&mut self, connector: ConnectorNumber, telemetry: Telemetry) {
        let report = ConnectorReport { connector, telemetry, faults: Vec::new(), last_charging: None };
        self.work(|business| business.connector_reported(pile(), &report));
    }

    fn charges(&mut self, order: &Order) {
        let telemetry = self.telemetry(order.transaction_number, Reported::Charging, true);
        self.reports(order.connector, telemetry);
    }

    fn idles(&mut self, connector: ConnectorNumber, plugged: bool) {
        let telemetry = self.telemetry(TransactionNumber::ZERO, Reported::Idle, plugged);
        self.reports(connector, telemetry);
    }

    /// A charge under way.
    fn charging(&mut self) -> Order {
        let order = self.start();
        self.answers(&order, Ok(()));
        self.pass(20);
        self.charges(&order);
        self.order(order.id)
    }

    /// A record of so much energy at 1 yuan per kWh.
    fn bill(&self, number: TransactionNumber, connector: ConnectorNumber, kwh_e4: u64) -> TransactionRecord {
        let (energy, amount) = (Energy::from_steps(kwh_e4), Amount::from_steps(i64::try_from(kwh_e4).unwrap()));
        let unit_price = Price::from_steps(100_000);
        let flat = TierUsage { unit_price, energy, energy_with_loss: energy, amount };
        let nothing = TierUsage::default();
        TransactionRecord {
            transaction_number: number,
            pile_code: pile(),
            connector,
            started_at: Some(self.bench.now.plus_seconds(-20)),
            ended_at: Some(self.bench.now.plus_seconds(-1)),
            transacted_at: Some(self.bench.now),
            sold: Sold::Tiers(PerTier { sharp: nothing, peak: nothing, flat, valley: nothing }),
            other_form: false,
            meter_start: Energy::from_steps(1_000_000),
            meter_stop: Energy::from_steps(1_000_000 + kwh_e4),
            energy,
            energy_with_loss: energy,
            amount,
            vin: None,
            start_source: StartSource::new(StartedBy::App, 1),
            stop_reason: StopReason::new(0x41, Some("platform_stop")),
            physical_card: number.to_string().chars().skip(16).collect(),
            soc_start: None,
            soc_end: None,
        }
    }

    fn receives(&mut self, record: TransactionRecord) -> i64 {
        let reading = RecordReading::Parsed(Box::new(record.clone()));
        self.receives_reading(record.connector, record.transaction_number, &reading)
    }

    fn receives_reading(
        &mut self,
        connector: ConnectorNumber,
        number: TransactionNumber,
        reading: &RecordReading,
    ) -> i64 {
        self.records += 1;
        let (record, at) = (self.records, self.bench.now);
        let received = ReceivedRecord { record, received_at: at, pile: pile(), connector, number, reading };
        self.work(|business| business.record_received(&received));
        assert!(self.bench.books.is_judged(record));
        record
    }

    fn order(&mut self, id: OrderId) -> Order {
        self.bench.get(&id).unwrap().unwrap()
    }

    fn orders(&self) -> Vec<Order> {
        self.bench.books.all().unwrap()
    }

    fn account(&mut self) -> Account {
        self.bench.get(&li_wei()).unwrap().unwrap()
    }

    /// Balance and what is reserved, in fen.
    fn money(&mut self) -> (i64, i64) {
        let account = self.account();
        (account.balance.steps(), account.reserved.steps())
    }

    fn shown(&mut self, connector: ConnectorNumber) -> ConnectorState {
        let state: PileState = self.bench.get(&pile()).unwrap().unwrap();
        state.connectors.iter().find(|status| status.number == connector).unwrap().state
    }

    fn told(&self, event_type: EventType) -> usize {
        self.bench.books.event_types().into_iter().filter(|told| *told == event_type).count()
    }

    /// State and reason of an order: `abnormal: record_overdue`, `failed: not_plugged`.
    fn stands(&mut self, order: &Order) -> String {
        let order = self.order(order.id);
        let failure = order.failure.filter(|_| order.state == OrderState::Failed);
        let reason = order.abnormal_reason.map(|reason| reason.name().to_owned()).or(failure);
        reason.map_or(order.state.name().to_owned(), |reason| format!("{}: {reason}", order.state.name()))
    }

    /// What must hold at all times.
    fn check(&self) {
        let orders = self.orders();
        let entries: Vec<Entry> = self.bench.books.all().unwrap();
        for account in self.bench.books.all::<Account>().unwrap() {
            let paid_in = |entry: &&Entry| matches!(entry.kind, EntryKind::TopUp | EntryKind::Adjustment);
            let mine: Vec<&Entry> = entries.iter().filter(|entry| entry.account == account.id).collect();
            let came: i64 = mine.iter().filter(|entry| paid_in(entry)).map(|entry| entry.amount.steps()).sum();
            let of_account = || orders.iter().filter(|order| order.account.as_ref() == Some(&account.id));
            let went: i64 = of_account().filter_map(|order| order.charged).map(Balance::steps).sum();
            assert_eq!(account.balance.steps(), came - went, "balance of {}", account.id);
            let open: i64 =
                of_account().filter(|order| !order.state.is_end()).map(|order| order.reserved.steps()).sum();
            assert_eq!(account.reserved.steps(), open, "reserved of {}", account.id);
            assert!(of_account().all(|order| !order.state.is_end() || order.reserved == Balance::ZERO));
            if let Some(last) = mine.last() {
                assert_eq!((last.balance, last.reserved), (account.balance, account.reserved));
            }
        }
        let mut held = BTreeMap::new();
        for order in orders {
            assert_eq!(order.open_on.is_some(), order.state.holds_connector());
            if let Some(key) = &order.open_on {
                assert_eq!(held.insert(key.clone(), order.id), None, "two orders hold {key}");
            }
            let waits = !order.state.is_end() && order.state != OrderState::Abnormal;
            let charges = order.state == OrderState::Charging && order.away_since.is_none();
            assert!(!waits || charges || order.deadline.is_some(), "{} has no end", order.id);
            let wakes = |(at, due): &(Timestamp, Due)| Some(*at) == order.deadline && *due == Due::Order(order.id);
            assert!(order.deadline.is_none() || self.bench.reaction.due.iter().any(wakes), "nobody wakes {}", order.id);
        }
    }
}
