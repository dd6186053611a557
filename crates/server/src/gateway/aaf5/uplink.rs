//! What piles say beyond sign-ins, heartbeats and records.

use std::sync::Arc;

use voltapile_platform::business::StartDecision;
use voltapile_platform::identity::{ConnectorNumber, TransactionNumber};
use voltapile_protocol::aaf5::code::{ALARM_BITS, StartFailure, WorkState};
use voltapile_protocol::aaf5::field::WideConnectorNumber;
use voltapile_protocol::aaf5::frame::Frame;
use voltapile_protocol::aaf5::message::{
    AlarmReport, FirmwareUpdateReport, Message, StartCompleteReport, StatusReport, VinStartResult,
};
use voltapile_protocol::aaf5::session::platform::{ReplyTo, Session};
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::Writer;

use super::desk::Desk;
use super::start::{self, Asked};
use super::{outcome, translate};
use crate::core::PileLive;
use crate::gateway::desk::NO_COMMAND;
use crate::gateway::told;

/// One message of the pile that is signed in.
pub(super) struct Said<'a> {
    pub(super) reply_to: ReplyTo,
    pub(super) message: &'a Message,
    /// Token of the request that it answers.
    pub(super) answers: Option<u64>,
    pub(super) frame: Option<&'a Frame<'a>>,
}

impl Desk {
    pub(super) fn message(&mut self, now: Tick, session: &mut Session, said: &Said<'_>, out: &mut Vec<u8>) {
        let Some(live) = self.live(()).cloned() else { return };
        live.heard_from(now);
        match said.message {
            Message::StatusReport(report) => self.status(&live, report),
            Message::AccountQueryRequest(request) => {
                self.ask_start(start::by_account(live.code, request), Asked::account(said.reply_to, request));
            }
            Message::VinStartRequest(request) => {
                self.ask_start(start::by_vehicle(live.code, request), Asked::vehicle(said.reply_to, request));
            }
            Message::AlarmReport(report) => {
                self.keep(&live, said.frame);
                self.alarms(&live, report);
            }
            Message::BmsReport(_) => {
                self.keep(&live, said.frame);
                self.battery(&live, said.message);
            }
            Message::StartCompleteReport(report) => {
                self.keep(&live, said.frame);
                self.battery(&live, said.message);
                self.start_completed(&live, report);
            }
            // Some piles answer only when the car charges, or does not: later than is waited for.
            Message::StartResponse(answer) if said.answers.is_none() => {
                let connector = ConnectorNumber(answer.connector_number.number());
                let number = translate::transaction_number(answer.transaction_number.as_ref());
                let result = outcome::started(answer.result);
                self.gateway.core.start_answered(&self.link(), live.code, connector, number, result);
            }
            Message::VinStartResult(result) => self.vehicle_started(&live, result),
            Message::FirmwareUpdateReport(FirmwareUpdateReport { progress, .. }) => {
                self.keep(&live, said.frame);
                self.firmware_progress(*progress);
            }
            Message::Unknown { frame_type, .. } => {
                tracing::debug!(pile = %live.code, frame_type, "a frame of an unknown type");
                self.reject("unknown_type");
                self.keep(&live, said.frame);
            }
            _ => self.keep(&live, said.frame),
        }
        if let Some(token) = said.answers.filter(|token| *token != NO_COMMAND) {
            self.errand_answered(now, session, token, said.message, out);
        }
    }

    fn status(&mut self, live: &Arc<PileLive>, report: &StatusReport) {
        let core = &self.gateway.core;
        let connector = ConnectorNumber(report.connector_number.number());
        let received_at = core.clock.now();
        let telemetry = translate::telemetry(received_at, report);
        core.connector_reported(&self.link, live, connector, telemetry, || translate::faults(report));
        if report.work_state == WorkState::StartFailed {
            let number = translate::transaction_number(report.transaction_number.as_ref());
            // Said again with each report until the car is unplugged.
            if self.own.start_failed(connector, number) && !number.is_zero() {
                let result = Err("start_failed".to_owned());
                self.gateway.core.start_answered(&self.link(), live.code, connector, number, result);
            }
        }
        if let Some(lock) = report.parking_lock.filter(|lock| self.own.lock_moved(connector, *lock)) {
            let lock = translate::parking_lock(received_at, lock);
            self.gateway.core.parking_lock_reported(&self.link(), live.code, connector, lock);
        }
    }

    /// The alarms that hold now. Bits without a place in the document are no alarms.
    fn alarms(&self, live: &PileLive, report: &AlarmReport) {
        let holding = report.alarms.holding();
        let names = holding.filter(|flag| flag.bit < ALARM_BITS && !flag.name.starts_with("reserved_"));
        self.gateway.core.pile_faults_reported(&self.link(), live, names.map(|flag| flag.name).collect());
    }

    /// What the vehicle's battery says, kept with the order.
    fn battery(&self, live: &PileLive, message: &Message) {
        let Some(layout) = message.layout() else { return };
        // As it was before it was encrypted, if it was.
        let mut body = Vec::new();
        message.write(&mut Writer::new(&mut body));
        let told = told::read(layout, &body, 0, |field| {
            let fails = ["fault", "overtemp", "over_current", "abnormal", "bem_"];
            field.number == 1
                && (field.name.starts_with("bst_") || field.name.starts_with("bem_"))
                && fails.iter().any(|part| field.name.contains(part))
        });
        let connector = WideConnectorNumber(u16::try_from(told.connector).unwrap_or(0));
        let connector = ConnectorNumber(connector.number());
        self.gateway.core.bms_message(&self.link(), live, connector, layout.name, told.data, told.errors);
    }

    /// 110: a charge that did not begin. That one began is told by its connector's state.
    fn start_completed(&self, live: &PileLive, report: &StartCompleteReport) {
        let connector = ConnectorNumber(report.connector_number.number());
        let number = translate::transaction_number(report.transaction_number.as_ref());
        self.start_failed(live, connector, number, report.result);
    }

    /// 210: the same of a charge that a vehicle was allowed.
    fn vehicle_started(&mut self, live: &PileLive, result: &VinStartResult) {
        let connector = ConnectorNumber(result.connector_number.number());
        let Some(position) = self.own.vin_starts.iter().position(|(at, _)| *at == connector) else { return };
        let (_, number) = self.own.vin_starts.swap_remove(position);
        self.start_failed(live, connector, number, result.result);
    }

    fn start_failed(&self, live: &PileLive, connector: ConnectorNumber, number: TransactionNumber, why: StartFailure) {
        if let (false, Err(reason)) = (number.is_zero(), outcome::started(why)) {
            self.gateway.core.start_answered(&self.link(), live.code, connector, number, Err(reason));
        }
    }

    /// Answers a start that was decided. One that could not be decided is not answered: the pile asks again.
    pub(super) fn start_decided(
        &mut self,
        session: &mut Session,
        token: u64,
        decision: Option<&StartDecision>,
        out: &mut Vec<u8>,
    ) {
        let (Some(asked), Some(decision)) = (self.starts.decided(token), decision) else { return };
        if let Some(connector) = asked.vehicle_at().filter(|_| decision.refusal.is_none()) {
            self.own.vin_starts.retain(|(at, _)| *at != connector);
            self.own.vin_starts.push((connector, decision.transaction_number));
        }
        let (reply_to, answer) = asked.answer(decision);
        // Bodies of 70 and 130 bytes always fit.
        let _ = session.reply(reply_to, &answer, out);
    }
}
