//! What connectors report (0x13), as far as it matters to orders, to what people see, and to alarms.

use serde_json::json;

use super::pile_state::connector_of;
use super::{Business, BusinessError, OrderBrief};
use crate::book::BooksError;
use crate::event::EventType;
use crate::identity::{ConnectorNumber, OperatorId, PileCode};
use crate::order::machine::Input;
use crate::order::{Order, OrderState, Progress};
use crate::pile::{ConnectorState, ConnectorStatus};
use crate::telemetry::{ConnectorState as Reported, Telemetry};

/// A report of a connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorReport {
    /// The connector.
    pub connector: ConnectorNumber,
    /// What it says.
    pub telemetry: Telemetry,
    /// Its hardware faults, in stable words.
    pub faults: Vec<&'static str>,
    /// The latest report while it charged, where it no longer does.
    pub last_charging: Option<Telemetry>,
}

/// Charged as far as it goes, in %.
const FULL_SOC: u8 = 100;

/// Whether a report must be handed to [`Business::connector_reported`]; a charge that simply goes on need not be.
///
/// `before` is the connector's previous report on the same connection: the first one of a connection always matters.
/// `order` is the order that holds the connector, or the latest one that waits for its record there.
#[must_use]
pub fn matters(before: Option<&Telemetry>, now: &Telemetry, order: Option<&OrderBrief>) -> bool {
    let Some(before) = before else { return true };
    let shown = |report: &Telemetry| (report.state, report.plugged, report.fault_bits, report.soc >= FULL_SOC);
    if shown(before) != shown(now) {
        return true;
    }
    let Some(order) = order else {
        // A charge of which no order is known: its number tells the next one from it.
        return now.state == Reported::Charging && before.transaction_number != now.transaction_number;
    };
    let (none, ours) = (now.transaction_number.is_zero(), now.transaction_number == order.transaction_number);
    match (order.state, now.state) {
        (OrderState::Created | OrderState::Starting, Reported::Charging) => true,
        // The order may be younger than the connector's state.
        (OrderState::Starting, Reported::Preparing) => before.transaction_number != now.transaction_number,
        (OrderState::Charging, Reported::Finished) => none || ours,
        (OrderState::Stopping, Reported::Finished) => true,
        // Each idle report of a charging connector counts (V1.6 §13.3 rule 4).
        (OrderState::Charging | OrderState::Stopping, Reported::Idle) => true,
        (OrderState::Charging | OrderState::Stopping, Reported::Charging) => !none && !ours,
        (OrderState::AwaitingRecord, Reported::Charging) => ours,
        _ => false,
    }
}

impl Business<'_> {
    /// Takes a report that [`matters`]: it moves the orders of the connector, its state as people see it, and the alarms
    /// of its hardware. Reports of piles that are not registered are dropped.
    ///
    /// # Errors
    /// When the books fail.
    pub fn connector_reported(&mut self, pile: PileCode, report: &ConnectorReport) -> Result<(), BusinessError> {
        let order = self.report_to_orders(pile, report)?;
        let Some(mut state) = self.state_of_pile(pile)? else { return Ok(()) };
        let operator = state.operator.clone();
        if let Some(status) = connector_of(&mut state, report.connector, self.now) {
            let shown = shown_state(report, status.state, order.as_ref());
            if status.state != shown {
                let before = std::mem::replace(&mut status.state, shown);
                status.since = self.now;
                let status = status.clone();
                self.books.put(&state)?;
                self.tell_connector(pile, &status, before, operator)?;
            }
        }
        self.hardware_faults(pile, report.connector, order.map(|order| order.id), &report.faults)
    }

    /// Tells the world of a connector's new state.
    pub(super) fn tell_connector(
        &mut self,
        pile: PileCode,
        status: &ConnectorStatus,
        before: ConnectorState,
        operator: Option<OperatorId>,
    ) -> Result<(), BooksError> {
        let data = json!({
            "pile": pile,
            "connector": status.number,
            "state": status.state,
            "before": before,
            "since": status.since,
        });
        let subject = format!("piles/{pile}/connectors/{}", status.number);
        self.tell(EventType::ConnectorChanged, pile, subject, &data, operator)
    }

    /// Shows a plugged connector as ready while an order is about to begin there, and no longer when it is not: no
    /// report of the connector says that.
    pub(super) fn show_ready(&mut self, order: &Order) -> Result<(), BooksError> {
        let Some(mut state) = self.books.get::<crate::pile::PileState>(&order.pile)? else { return Ok(()) };
        let starts = matches!(order.state, OrderState::Created | OrderState::Starting);
        let operator = state.operator.clone();
        let mut connectors = state.connectors.iter_mut();
        let Some(status) = connectors.find(|status| status.number == order.connector) else { return Ok(()) };
        let shown = match (status.state, starts) {
            (ConnectorState::IdlePlugged, true) => ConnectorState::Ready,
            // That it charges is its own word.
            (ConnectorState::Ready, false) if order.state != OrderState::Charging => ConnectorState::IdlePlugged,
            (same, _) => same,
        };
        if status.state == shown {
            return Ok(());
        }
        let before = std::mem::replace(&mut status.state, shown);
        status.since = self.now;
        let status = status.clone();
        self.books.put(&state)?;
        self.tell_connector(order.pile, &status, before, operator)
    }

    /// Hands a report to the order that holds the connector, and to the one whose number it carries. The order that
    /// holds the connector afterwards.
    fn report_to_orders(&mut self, pile: PileCode, report: &ConnectorReport) -> Result<Option<Order>, BusinessError> {
        let telemetry = &report.telemetry;
        let number = telemetry.transaction_number;
        let mut holder = self.holder(pile, report.connector)?;
        let ours = |order: &Order| number.is_zero() || number == order.transaction_number;
        let other = if holder.as_ref().is_some_and(ours) { None } else { self.order_numbered(pile, number)? };
        if let Some(order) = holder {
            let input = match telemetry.state {
                Reported::Offline => Some(Input::PileOffline),
                Reported::Fault => Some(Input::FaultSeen),
                Reported::Idle => {
                    let progress = last_progress(report, &order);
                    Some(Input::IdleSeen { plugged: telemetry.plugged, progress })
                }
                // Also without a number: some piles fill it in only with the next report (ykc-versions.md §7, 8).
                Reported::Charging if ours(&order) => {
                    Some(Input::ChargingSeen { progress: telemetry.into(), free: true })
                }
                Reported::Charging => {
                    let known = other.as_ref().is_some_and(|other| !other.state.is_end());
                    Some(Input::OtherNumberSeen { number, known })
                }
                Reported::Preparing if ours(&order) => Some(Input::PreparingSeen),
                // A connector still says so of the charge before; what was told to stop has stopped, whatever its number.
                Reported::Finished if ours(&order) || order.state == OrderState::Stopping => {
                    Some(Input::FinishedSeen { progress: last_progress(report, &order) })
                }
                Reported::Preparing | Reported::Finished => None,
                Reported::Reserved | Reported::Suspended | Reported::Unknown(_) => None,
            };
            holder = match input {
                Some(input) => Some(self.drive(order, &input)?),
                None => Some(order),
            };
        }
        let holder = holder.filter(|order| order.open_on.is_some());
        if let Some(other) = other.filter(|_| telemetry.state == Reported::Charging) {
            let free = holder.is_none() && other.connector == report.connector;
            let other = self.drive(other, &Input::ChargingSeen { progress: telemetry.into(), free })?;
            return Ok(holder.or(Some(other)).filter(|order| order.open_on.is_some()));
        }
        Ok(holder)
    }
}

/// How far an order's charge had come when its connector last reported that it charges.
fn last_progress(report: &ConnectorReport, order: &Order) -> Option<Progress> {
    let its =
        |last: &&Telemetry| last.transaction_number.is_zero() || last.transaction_number == order.transaction_number;
    let seen = |last: &Progress| order.started_at.is_some() && last.at >= order.started_at;
    report.last_charging.as_ref().filter(its).map(Progress::from).filter(seen)
}

impl From<&Telemetry> for Progress {
    fn from(telemetry: &Telemetry) -> Self {
        Self {
            at: Some(telemetry.received_at),
            energy: telemetry.energy,
            energy_with_loss: telemetry.energy_with_loss,
            amount: telemetry.amount,
            soc: telemetry.soc,
            minutes: telemetry.minutes_charged,
        }
    }
}

/// A connector's state as people ask for it. A code without a name is shown as a fault: a connector that says something
/// unheard of must not be offered as free.
fn shown_state(report: &ConnectorReport, before: ConnectorState, order: Option<&Order>) -> ConnectorState {
    let telemetry = &report.telemetry;
    let starts = order.is_some_and(|order| matches!(order.state, OrderState::Created | OrderState::Starting));
    // An idle pile may no longer say how full the car is.
    let was_full = matches!(before, ConnectorState::Charging | ConnectorState::Full)
        && report.last_charging.is_some_and(|last| last.soc >= FULL_SOC);
    match (telemetry.state, telemetry.plugged) {
        (Reported::Offline, _) => ConnectorState::Offline,
        (Reported::Fault | Reported::Unknown(_), _) => ConnectorState::Fault,
        (Reported::Charging, _) => ConnectorState::Charging,
        (Reported::Preparing, _) => ConnectorState::Ready,
        (Reported::Reserved, _) => ConnectorState::Reserved,
        (Reported::Suspended, _) => ConnectorState::Suspended,
        (Reported::Finished, Some(false)) => ConnectorState::IdleUnplugged,
        (Reported::Finished, _) if starts => ConnectorState::Ready,
        (Reported::Finished, _) if telemetry.soc >= FULL_SOC || was_full => ConnectorState::Full,
        (Reported::Finished, _) => ConnectorState::IdlePlugged,
        (Reported::Idle, Some(true)) if starts => ConnectorState::Ready,
        (Reported::Idle, Some(true)) if telemetry.soc >= FULL_SOC || was_full => ConnectorState::Full,
        (Reported::Idle, Some(true)) => ConnectorState::IdlePlugged,
        (Reported::Idle, Some(false) | None) => ConnectorState::IdleUnplugged,
    }
}
