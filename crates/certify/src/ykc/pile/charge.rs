//! The charges of a trace: what was ordered, what the pile said to it, and how it ended.

use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::Quantity;
use voltapile_protocol::ykc::code::{
    ConnectorState, Outcome, Plugged, RemoteStartFailure, StartMethod, WorkPermission,
};
use voltapile_protocol::ykc::field::{PhysicalCardNumber, TransactionNumber};
use voltapile_protocol::ykc::message::{
    ChargeEndStatistics, Message, RealtimeReport, RemoteStartResponse, StartRequest, TransactionRecord,
};
use voltapile_protocol::ykc::session::pile::PileTariff;

use super::view::{Seen, View};
use crate::exam::ConnectionId;
use crate::trace::EntryId;

/// Where something stands in the trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) id: EntryId,
    pub(super) at: Tick,
    pub(super) connection: ConnectionId,
}

impl From<&Seen<'_>> for Spot {
    fn from(seen: &Seen<'_>) -> Self {
        Self { id: seen.id, at: seen.at, connection: seen.connection }
    }
}

/// How a charge came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// By 0x34.
    Remote,
    /// By 0x32, after somebody asked at the pile with 0x31.
    Asked(StartMethod, PhysicalCardNumber),
    /// The platform knows nothing of it: begun offline, or before the trace.
    Unknown,
}

/// What a pile has to do with a start command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// Charge.
    Start,
    /// Refuse: it has no such connector.
    RefuseNoConnector,
    /// Refuse: another charge goes on there.
    RefuseCharging,
    /// Refuse: it is locked.
    RefuseLocked,
    /// Refuse, until somebody plugs in.
    RefuseNotPlugged,
    /// Too little is known.
    Anything,
}

/// One charge, or what was to become one.
#[derive(Debug)]
pub(super) struct Charge {
    pub(super) number: TransactionNumber,
    pub(super) connector: u8,
    pub(super) order: Order,
    pub(super) ordered: Spot,
    pub(super) expected: Expected,
    /// The tariff that held then.
    pub(super) tariff: Option<PileTariff>,
    /// 0x33, in order.
    pub(super) answers: Vec<(Spot, RemoteStartResponse)>,
    /// 0x13 that name it.
    pub(super) reports: Vec<(Spot, RealtimeReport)>,
    /// 0x15 to 0x25 that name it, with their frame types.
    pub(super) battery: Vec<(Spot, u8)>,
    /// 0x36 while it went on.
    pub(super) stop: Option<Spot>,
    /// 0x35 that says it is stopped.
    pub(super) stopped: Option<Spot>,
    /// 0x3B that name it.
    pub(super) records: Vec<(Spot, TransactionRecord)>,
}

impl Charge {
    fn new(number: TransactionNumber, connector: u8, order: Order, ordered: Spot) -> Self {
        Self {
            number,
            connector,
            order,
            ordered,
            expected: Expected::Anything,
            tariff: None,
            answers: Vec::new(),
            reports: Vec::new(),
            battery: Vec::new(),
            stop: None,
            stopped: None,
            records: Vec::new(),
        }
    }

    /// 0x13 that show it charging.
    pub(super) fn charging(&self) -> impl DoubleEndedIterator<Item = &(Spot, RealtimeReport)> {
        self.reports.iter().filter(|(_, report)| report.connector_state == ConnectorState::Charging)
    }

    /// The first 0x13 that shows it.
    pub(super) fn shown(&self) -> Option<Spot> {
        self.charging().next().map(|(spot, _)| *spot)
    }

    /// Its record, as it came first.
    pub(super) fn record(&self) -> Option<&(Spot, TransactionRecord)> {
        self.records.first()
    }

    /// The first success that the pile told, or the platform's consent to what somebody asked.
    pub(super) fn agreed(&self) -> Option<Spot> {
        match self.order {
            Order::Remote => self.answers.iter().find(|(_, answer)| is_success(answer)).map(|(spot, _)| *spot),
            Order::Asked(..) => Some(self.ordered),
            Order::Unknown => self.shown(),
        }
    }

    /// Whether the pile's last word was a refusal.
    pub(super) fn is_refused(&self) -> bool {
        self.answers.last().is_some_and(|(_, answer)| !is_success(answer))
    }

    /// The first sign that energy flows: 0x13, a battery's message, or a record that bills some.
    pub(super) fn proof(&self) -> Option<Spot> {
        let battery = self.battery.first().map(|(spot, _)| *spot);
        [self.shown(), battery].into_iter().flatten().min_by_key(|spot| spot.id)
    }

    /// The last that was heard of it before its record: when it ended at the earliest.
    pub(super) fn last_heard(&self) -> Option<Spot> {
        let before = |spot: &Spot| self.record().is_none_or(|(record, _)| spot.id < record.id);
        let report = self.charging().next_back().map(|(spot, _)| *spot);
        let battery = self.battery.last().map(|(spot, _)| *spot);
        let spots = [report, battery, self.stopped].into_iter().flatten();
        spots.filter(before).max_by_key(|spot| spot.id)
    }

    /// Whether a record bills energy: it did charge, whatever else was said.
    pub(super) fn is_billed(&self) -> bool {
        self.record().is_some_and(|(_, record)| record.total_energy.raw() > 0)
    }
}

/// A success has result 1 and no reason: some firmware puts the reason into the result.
fn is_success(answer: &RemoteStartResponse) -> bool {
    answer.start_result == Outcome::Succeeded && answer.fail_reason == RemoteStartFailure::None
}

/// What is known while a trace is read.
#[derive(Default)]
struct Reading {
    charges: Vec<Charge>,
    /// Last 0x13 of each connector.
    reports: Vec<(u8, RealtimeReport)>,
    /// Who asked last at each connector.
    asked: Vec<(u8, StartRequest)>,
    tariff: Option<PileTariff>,
    is_locked: bool,
    connectors: Option<u8>,
}

/// All charges of a trace, in the order in which they were ordered.
pub(super) fn charges(view: &View<'_>) -> Vec<Charge> {
    let mut reading = Reading::default();
    for seen in view.frames.iter().filter(|seen| view.is_about(seen)) {
        if let Some(message) = &seen.message {
            reading.read(seen, message);
        }
    }
    reading.charges
}

impl Reading {
    fn read(&mut self, seen: &Seen<'_>, message: &Message) {
        let spot = Spot::from(seen);
        match message {
            Message::LoginRequest(login) => self.connectors = Some(login.connector_count),
            Message::TariffResponse(tariff) => self.tariff = Some(tariff.into()),
            Message::TariffSetRequest(tariff) => self.tariff = Some(tariff.into()),
            Message::WorkParametersSetRequest(request) => {
                self.is_locked = request.work_permission == WorkPermission::Locked;
            }
            Message::RemoteStartRequest(request) => {
                let connector = request.connector_number.number();
                let charge = Charge::new(request.transaction_number, connector, Order::Remote, spot);
                self.order(charge);
            }
            Message::StartRequest(request) => set(&mut self.asked, request.connector_number.number(), request),
            Message::StartResponse(answer) if answer.auth_result == Outcome::Succeeded => {
                let connector = answer.connector_number.number();
                let asked = self.asked.iter().find(|(number, _)| *number == connector).map(|(_, asked)| asked);
                let order = asked.map_or(Order::Unknown, |asked| {
                    Order::Asked(asked.start_method, asked.account_or_physical_card_number)
                });
                self.order(Charge::new(answer.transaction_number, connector, order, spot));
            }
            Message::RemoteStartResponse(answer) => {
                if let Some(charge) = self.numbered(answer.transaction_number) {
                    charge.answers.push((spot, answer.clone()));
                }
            }
            Message::RealtimeReport(report) => self.report(spot, report),
            Message::RemoteStopRequest(request) => {
                if let Some(charge) = self.going_on(request.connector_number.number()) {
                    charge.stop.get_or_insert(spot);
                }
            }
            Message::RemoteStopResponse(answer) if answer.stop_result == Outcome::Succeeded => {
                let stopping = self.going_on(answer.connector_number.number()).filter(|charge| charge.stop.is_some());
                if let Some(charge) = stopping {
                    charge.stopped.get_or_insert(spot);
                }
            }
            Message::TransactionRecord(record) => self.record(spot, record),
            _ => self.battery(seen, spot),
        }
    }

    fn order(&mut self, mut charge: Charge) {
        charge.expected = self.expected(charge.connector);
        charge.tariff = self.tariff.clone();
        self.charges.push(charge);
    }

    /// What a start at a connector has to lead to now.
    fn expected(&mut self, connector: u8) -> Expected {
        if self.connectors.is_some_and(|count| connector == 0 || connector > count) {
            return Expected::RefuseNoConnector;
        }
        if self.is_locked {
            return Expected::RefuseLocked;
        }
        let report = self.reports.iter().find(|(number, _)| *number == connector).map(|(_, report)| report.clone());
        let goes_on = self.going_on(connector).is_some_and(|charge| charge.proof().is_some());
        match report {
            Some(report) if report.connector_state == ConnectorState::Charging && goes_on => Expected::RefuseCharging,
            Some(report) if report.connector_state != ConnectorState::Idle => Expected::Anything,
            Some(_) if goes_on || self.tariff.is_none() => Expected::Anything,
            Some(report) if report.plugged == Plugged::Yes => Expected::Start,
            Some(report) if report.plugged == Plugged::No => Expected::RefuseNotPlugged,
            _ => Expected::Anything,
        }
    }

    fn report(&mut self, spot: Spot, report: &RealtimeReport) {
        set(&mut self.reports, report.connector_number.number(), report);
        let number = report.transaction_number;
        if number.is_zero() {
            return;
        }
        if report.connector_state == ConnectorState::Charging && self.numbered(number).is_none() {
            let connector = report.connector_number.number();
            self.charges.push(Charge::new(number, connector, Order::Unknown, spot));
        }
        if let Some(charge) = self.numbered(number) {
            charge.reports.push((spot, report.clone()));
        }
    }

    fn record(&mut self, spot: Spot, record: &TransactionRecord) {
        let number = record.transaction_number;
        if self.numbered(number).is_none() {
            let connector = record.connector_number.number();
            self.charges.push(Charge::new(number, connector, Order::Unknown, spot));
        }
        if let Some(charge) = self.numbered(number) {
            charge.records.push((spot, record.clone()));
        }
    }

    fn battery(&mut self, seen: &Seen<'_>, spot: Spot) {
        let is_battery = (0x15..=0x25).contains(&seen.frame_type) && seen.is_up();
        if let Some(charge) = seen.transaction.filter(|_| is_battery).and_then(|number| self.numbered(number)) {
            charge.battery.push((spot, seen.frame_type));
        }
    }

    fn numbered(&mut self, number: TransactionNumber) -> Option<&mut Charge> {
        self.charges.iter_mut().rev().find(|charge| charge.number == number)
    }

    /// The charge that goes on at a connector: the last that was agreed to and has no record.
    fn going_on(&mut self, connector: u8) -> Option<&mut Charge> {
        self.charges
            .iter_mut()
            .rev()
            .find(|charge| charge.connector == connector && charge.records.is_empty() && charge.agreed().is_some())
    }
}

fn set<T: Clone>(known: &mut Vec<(u8, T)>, connector: u8, value: &T) {
    match known.iter_mut().find(|(number, _)| *number == connector) {
        Some((_, place)) => place.clone_from(value),
        None => known.push((connector, value.clone())),
    }
}

impl View<'_> {
    /// Whether a charge was under way at a connector: from the first proof to its record, its end or the stop.
    pub(super) fn charge_at(&self, connector: u8, id: EntryId) -> Option<&Charge> {
        self.charges.iter().rev().find(|charge| {
            let begun = charge.proof().is_some_and(|proof| proof.id <= id);
            charge.connector == connector && begun && charge.ended_by().is_none_or(|end| end > id)
        })
    }
}

impl Charge {
    /// From which entry on the charge is over: the stop's answer, the battery's last message or the record.
    pub(super) fn ended_by(&self) -> Option<EntryId> {
        let last_message =
            self.battery.iter().find(|(_, code)| *code == ChargeEndStatistics::CODE || *code == 0x1D || *code == 0x21);
        let ends = [
            self.stop.map(|spot| spot.id),
            last_message.map(|(spot, _)| spot.id),
            self.record().map(|(spot, _)| spot.id),
        ];
        ends.into_iter().flatten().min()
    }
}
