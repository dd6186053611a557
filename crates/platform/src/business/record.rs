//! Transaction records (0x3B): which order one belongs to, what it costs, and what becomes of the order.

use serde_json::json;

use super::{Business, BusinessError, CardReading};
use crate::account::Account;
use crate::book::{BooksError, FieldSpan, Kind};
use crate::event::EventType;
use crate::identity::{ConnectorNumber, OrderId, PileCode, TransactionNumber};
use crate::order::machine::{Input, JudgedRecord};
use crate::order::{Order, OrderState, Origin, Place};
use crate::pile::Pile;
use crate::record::{RecordReading, StartedBy, TransactionRecord};
use crate::settlement::{Owner, Settlement, SettlementPolicy, Witness, judge, owner, owner_before};
use crate::tariff::TariffVersion;
use crate::timestamp::Timestamp;
use crate::vehicle::Vehicle;

/// How far a pile's clock may be ahead, in seconds.
const CLOCK_AHEAD_S: i64 = 600;
/// How far a pile's clock may be behind the start of an order, in seconds.
const CLOCK_BEHIND_S: i64 = 3600;
/// 2016-01-01: no pile spoke such a protocol before, so an earlier time is a clock that was never set.
const EARLIEST_MS: i64 = 1_451_606_400_000;

const DAY_S: i64 = 86_400;
/// How far from a charge's end, in seconds, orders are looked at that it may have been billed by: more than a pile's clock
/// is off.
const AROUND_S: i64 = 3600;
/// Orders of a pile that are looked at for that: more than any has in two days.
const AROUND_MAX: usize = 500;

/// A record as it came.
#[derive(Debug, Clone, Copy)]
pub struct ReceivedRecord<'a> {
    /// Its number in the store.
    pub record: i64,
    /// When it came.
    pub received_at: Timestamp,
    /// The pile that sent it; need not be registered.
    pub pile: PileCode,
    /// Its connector; 0 where it could not be read.
    pub connector: ConnectorNumber,
    /// Its number; zero where it could not be read. That of a record which names no charge is made by its adapter, to tell
    /// it from others.
    pub number: TransactionNumber,
    /// What could be made of it.
    pub reading: &'a RecordReading,
}

impl Business<'_> {
    /// Takes a record that is stored and acknowledged: finds its order or makes one, judges the bill, and settles the
    /// order or puts it before a person. The record is then marked as judged.
    ///
    /// A record finds its order by pile and number, however late it comes and whatever its clock says; one that names no
    /// charge by what `settlement::owner` compares.
    ///
    /// # Errors
    /// When the books fail.
    pub fn record_received(&mut self, received: &ReceivedRecord<'_>) -> Result<(), BusinessError> {
        self.take_record(received, Input::Record)
    }

    /// Takes another record under a number that had one, with other content. It settles nothing that was settled: a
    /// person decides.
    ///
    /// # Errors
    /// When the books fail.
    pub fn record_differs(&mut self, received: &ReceivedRecord<'_>) -> Result<(), BusinessError> {
        self.take_record(received, Input::SecondRecord)
    }

    fn take_record(
        &mut self,
        received: &ReceivedRecord<'_>,
        input: impl Fn(Box<JudgedRecord>) -> Input,
    ) -> Result<(), BusinessError> {
        let pile: Option<Pile> = self.books.get(&received.pile)?;
        let Claim { order, matched_by, unclear } = self.claim(received, pile.as_ref())?;
        let order = match order {
            Some(order) => self.with_payer(order, received)?,
            None => self.order_from_record(received, pile.as_ref())?,
        };
        let (order, settlement) = match received.reading {
            RecordReading::Parsed(record) => {
                let settlement = self.judge_record(record, &order, pile.as_ref(), received.received_at)?;
                let settlement = Settlement { matched_by, ..settlement };
                let judged = JudgedRecord { unclear, ..judged(received, record, &order, &settlement) };
                (self.drive(order, &input(Box::new(judged)))?, Some(settlement))
            }
            RecordReading::Unreadable { reason } => {
                let unreadable = Input::RecordUnreadable { record: received.record, reason: reason.clone() };
                (self.drive(order, &unreadable)?, None)
            }
        };
        self.books.mark_judged(received.record)?;
        let data = json!({
            "record": received.record,
            "order": order.id,
            "order_state": order.state,
            "transaction_number": received.number,
            "pile": received.pile,
            "connector": received.connector,
            "settlement": settlement,
        });
        let subject = format!("records/{}", received.record);
        Ok(self.tell(EventType::RecordJudged, received.pile, subject, &data, order.operator)?)
    }

    /// The order that a record bills, as far as one is known.
    fn claim(&mut self, received: &ReceivedRecord<'_>, pile: Option<&Pile>) -> Result<Claim, BooksError> {
        let known = self.order_numbered(received.pile, received.number)?;
        let RecordReading::Parsed(record) = received.reading else { return Ok(Claim::of(known)) };
        if known.is_some() || !record.transaction_number.is_zero() {
            return Ok(Claim::of(known));
        }
        // Looked at again, because it came once more with other words.
        let known: Option<Order> = self.books.first("record", received.record)?;
        if let Some(settlement) = known.as_ref().and_then(|known| known.settlement.as_ref()) {
            let matched_by = settlement.matched_by.clone();
            return Ok(Claim { matched_by, ..Claim::of(known) });
        }
        if known.is_some() {
            return Ok(Claim::of(known));
        }
        let mut open = self.open_orders_of(received.pile)?;
        for order in &mut open {
            // Steady reports of a charge never reach the books.
            self.bring_up_to_date(order);
        }
        let earliest = Timestamp::from_unix_ms(EARLIEST_MS);
        let time = |time| believable(time, earliest, received.received_at);
        let span = time(record.started_at).zip(time(record.ended_at)).filter(|(from, to)| from <= to);
        let tolerance = self.policy_of(pile).energy_tolerance;
        let waiting = Claim::by(owner(record, span, &open, tolerance));
        if waiting.order.is_some() || waiting.unclear.is_some() {
            return Ok(waiting);
        }
        let Some((from, to)) = span else {
            // It may be of any charge there ever was.
            return Ok(Claim { unclear: Some("its clock does not tell when it was".to_owned()), ..waiting });
        };
        let before = self.orders_around(received.pile, from, to)?;
        Ok(Claim::by(owner_before(record, span, &before, tolerance)))
    }

    /// Orders of a pile whose charge may have lain in a span, whatever has become of them: made from a day before its begin
    /// on, or ended at about the same time, as those do that were made from their records.
    fn orders_around(&mut self, pile: PileCode, from: Timestamp, to: Timestamp) -> Result<Vec<Order>, BooksError> {
        let made =
            FieldSpan { field: "created_at", from: from.plus_seconds(-DAY_S), before: to.plus_seconds(AROUND_S) };
        let ended =
            FieldSpan { field: "ended_at", from: to.plus_seconds(-AROUND_S), before: to.plus_seconds(AROUND_S) };
        let mut orders: Vec<Order> = self.books.find_span("pile", pile, &made, AROUND_MAX)?;
        orders.extend(self.books.find_span::<Order>("pile", pile, &ended, AROUND_MAX)?);
        orders.sort_by_key(|order| order.id);
        orders.dedup_by_key(|order| order.id);
        Ok(orders)
    }

    /// What a pile's model is settled by.
    fn policy_of(&self, pile: Option<&Pile>) -> &SettlementPolicy {
        let model = pile.and_then(|pile| pile.model.as_ref());
        let policy = model.and_then(|model| self.rules.settlement_of_model.get(model));
        policy.unwrap_or(&self.rules.settlement)
    }

    fn judge_record(
        &mut self,
        record: &TransactionRecord,
        order: &Order,
        pile: Option<&Pile>,
        received_at: Timestamp,
    ) -> Result<Settlement, BooksError> {
        let tariff = match &order.tariff {
            Some(tariff) => self.books.get::<TariffVersion>(tariff)?,
            None => match pile {
                Some(pile) => self.tariff_of_record(record, pile, received_at)?,
                None => None,
            },
        };
        Ok(judge(record, Some(order), tariff.as_ref(), self.policy_of(pile), self.rules.zone_hours))
    }

    /// The version that was in force when the charge began, by the pile's clock where that can be; else now.
    fn tariff_of_record(
        &mut self,
        record: &TransactionRecord,
        pile: &Pile,
        received_at: Timestamp,
    ) -> Result<Option<TariffVersion>, BooksError> {
        let earliest = Timestamp::from_unix_ms(EARLIEST_MS);
        let at = believable(record.started_at, earliest, received_at).unwrap_or(received_at);
        match self.tariff_in_force(pile, at)? {
            Some(version) => Ok(Some(version)),
            None => self.tariff_in_force(pile, received_at),
        }
    }

    /// An order for a record that none is known for: a card used while the pile was offline, or an order that the books
    /// lost. Its card or vehicle says who pays.
    fn order_from_record(
        &mut self,
        received: &ReceivedRecord<'_>,
        pile: Option<&Pile>,
    ) -> Result<Order, BusinessError> {
        let record = match received.reading {
            RecordReading::Parsed(record) => Some(record.as_ref()),
            RecordReading::Unreadable { .. } => None,
        };
        let id = OrderId(self.books.next_number(Kind::Order)?);
        let operator = pile.and_then(|pile| pile.operator.clone());
        let station = pile.and_then(|pile| pile.station.clone());
        let place = Place { operator, station, pile: received.pile, connector: received.connector };
        let offline = record.is_some_and(|record| record.start_source.by == StartedBy::OfflineCard);
        let origin = if offline { Origin::OfflineCard } else { Origin::Record };
        let mut order = Order::new(id, place, received.number, origin, self.now);
        // It is over: it never holds the connector.
        order.state = OrderState::AwaitingRecord;
        order.open_on = None;
        if let Some(record) = record {
            self.find_payer(&mut order, record)?;
            order.open_account.clone_from(&order.account);
            if let Some(pile) = pile {
                let version = self.tariff_of_record(record, pile, received.received_at)?;
                order.tariff = version.map(|version| version.reference());
            }
            if let Some(tariff) = &order.tariff {
                self.tariff_used(tariff)?;
            }
        }
        self.keep_order(None, &order)?;
        self.tell_order(EventType::OrderCreated, &order)?;
        Ok(order)
    }

    /// An order that was made from a record that could not be read learns who pays when it comes readable.
    fn with_payer(&mut self, mut order: Order, received: &ReceivedRecord<'_>) -> Result<Order, BooksError> {
        let is_from_record = matches!(order.origin, Origin::OfflineCard | Origin::Record);
        if let RecordReading::Parsed(record) = received.reading
            && is_from_record
            && order.settlement.is_none()
            && order.account.is_none()
        {
            self.find_payer(&mut order, record)?;
            order.open_account = order.account.clone().filter(|_| !order.state.is_end());
        }
        Ok(order)
    }

    /// Who pays for a record: the card's account, else the vehicle's. The energy is gone, so it does not matter whether
    /// they are locked, nor which of the card's numbers the pile tells; but nobody pays at another operator's pile without
    /// having been asked.
    fn find_payer(&mut self, order: &mut Order, record: &TransactionRecord) -> Result<(), BooksError> {
        let card = self.card_called(&record.physical_card, CardReading::Stored, order.operator.as_ref())?;
        let vehicle: Option<Vehicle> = match &record.vin {
            Some(vin) => self.books.get(vin)?,
            None => None,
        };
        order.card = card.as_ref().map(|card| card.physical_number.clone());
        order.vin.clone_from(&record.vin);
        let account = card.map(|card| card.account).or(vehicle.map(|vehicle| vehicle.account));
        let Some(account) = account else { return Ok(()) };
        let account: Option<Account> = self.books.get(&account)?;
        let at_home = |account: &Account| {
            account.operator.is_none() || order.operator.is_none() || account.operator == order.operator
        };
        order.account = account.filter(at_home).map(|account| account.id);
        Ok(())
    }
}

/// What order a record bills.
struct Claim {
    /// The one that is known.
    order: Option<Order>,
    /// By what it was found, where the record names no charge.
    matched_by: Vec<Witness>,
    /// Orders that may be meant, for people, where it can't be told.
    unclear: Option<String>,
}

impl Claim {
    const fn of(order: Option<Order>) -> Self {
        Self { order, matched_by: Vec::new(), unclear: None }
    }

    fn by(owner: Owner<'_>) -> Self {
        match owner {
            Owner::One(order, matched_by) => Self { matched_by, ..Self::of(Some(order.clone())) },
            Owner::Nobody => Self::of(None),
            Owner::Unclear(told) => Self { unclear: Some(told.join("; ")), ..Self::of(None) },
        }
    }
}

/// A record as the order machine takes it.
fn judged(
    received: &ReceivedRecord<'_>,
    record: &TransactionRecord,
    order: &Order,
    settlement: &Settlement,
) -> JudgedRecord {
    let earliest = match order.origin {
        Origin::OfflineCard | Origin::Record => Timestamp::from_unix_ms(EARLIEST_MS),
        _ => order.created_at.plus_seconds(-CLOCK_BEHIND_S),
    };
    JudgedRecord {
        record: received.record,
        settlement: settlement.clone(),
        started_at: believable(record.started_at, earliest, received.received_at),
        ended_at: believable(record.ended_at, earliest, received.received_at),
        stop_reason: record.stop_reason.clone(),
        energy: record.energy,
        vin: record.vin.clone(),
        unclear: None,
    }
}

/// A time of a pile's clock that can be.
fn believable(time: Option<Timestamp>, earliest: Timestamp, received_at: Timestamp) -> Option<Timestamp> {
    time.filter(|time| *time >= earliest && *time <= received_at.plus_seconds(CLOCK_AHEAD_S))
}
