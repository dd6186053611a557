//! What piles say beyond logins, heartbeats and records, and what the platform asks of them.

use std::sync::Arc;

use voltapile_platform::business::StartDecision;
use voltapile_platform::command::{Command, CommandResult};
use voltapile_platform::identity::{CommandId, ConnectorNumber, TransactionNumber};
use voltapile_platform::pile::ParkingLock;
use voltapile_platform::tariff::TariffNumber;
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::Quantity;
use voltapile_protocol::ykc::code::{HARDWARE_FAULTS, Outcome, RemoteStartFailure};
use voltapile_protocol::ykc::field;
use voltapile_protocol::ykc::frame::Frame;
use voltapile_protocol::ykc::message::{
    Message, ParallelStartRequest, ParkingLockReport, RealtimeReport, StartRequest, TariffRequest, TariffVerifyRequest,
    VehicleReport, VehicleReportConfirm,
};
use voltapile_protocol::ykc::session::platform::{ReplyTo, Session};

use super::desk::Desk;
use super::downlink::Downlink;
use super::start::Asked;
use super::translate::{self, name_of};
use super::{answers, bms, outcome, start, tariff};
use crate::core::PileLive;
use crate::gateway::desk::NO_COMMAND;

/// One message of a pile that is logged in.
pub(super) struct Said<'a> {
    pub(super) reply_to: ReplyTo,
    pub(super) pile: field::PileCode,
    pub(super) message: &'a Message,
    /// Token of the request that it answers.
    pub(super) answers: Option<u64>,
    pub(super) frame: Option<&'a Frame<'a>>,
}

impl Desk {
    pub(super) fn message(&mut self, now: Tick, session: &mut Session, said: &Said<'_>, out: &mut Vec<u8>) {
        let Some(live) = self.live(said.pile).cloned() else { return };
        live.heard_from(now);
        match said.message {
            Message::RealtimeReport(report) => self.telemetry(session, &live, report),
            Message::StartRequest(request) => self.start_request(session, &live, said.reply_to, request),
            Message::ParallelStartRequest(request) => self.parallel_request(session, &live, said.reply_to, request),
            Message::RemoteStartResponse(answer) => {
                let number = session.profile().connector(answer.connector_number);
                let (result, reason) = (answer.start_result, answer.fail_reason);
                self.start_answer(&live, number, answer.transaction_number, result, reason);
            }
            Message::ParallelRemoteStartResponse(answer) => {
                let number = session.profile().connector(answer.connector_number);
                let (result, reason) = (answer.start_result, answer.fail_reason);
                self.start_answer(&live, number, answer.transaction_number, result, reason);
            }
            Message::TariffVerifyRequest(request) => self.tariff_check(session, &live, said.reply_to, request, out),
            Message::TariffRequest(request) => self.tariff_request(session, &live, said.reply_to, request, out),
            Message::ParkingLockReport(report) => self.parking_lock(&live, report),
            Message::VehicleReport(report) => self.vehicle(session, &live, said.reply_to, report, out),
            Message::Unknown { frame_type, .. } => {
                tracing::debug!(pile = %live.code, frame_type, "a frame of an unknown type");
                self.reject("unknown_type");
                self.keep(&live, said.frame);
            }
            _ => {
                self.keep(&live, said.frame);
                self.bms(session, &live, said.frame);
            }
        }
        if let Some(token) = said.answers.filter(|token| *token != NO_COMMAND) {
            self.gateway.core.command_answered(&self.link(), CommandId(token), outcome::result(said.message));
        }
    }

    fn telemetry(&self, session: &Session, live: &Arc<PileLive>, report: &RealtimeReport) {
        let core = &self.gateway.core;
        let profile = session.profile();
        let number = ConnectorNumber(profile.connector(report.connector_number));
        let faults = || {
            HARDWARE_FAULTS
                .holding(&report.hardware_faults.0.to_le_bytes(), profile.fault_base)
                .map(|fault| fault.name)
                .collect()
        };
        let telemetry = translate::telemetry(core.clock.now(), report);
        core.connector_reported(&self.link, live, number, telemetry, faults);
    }

    fn start_request(&mut self, session: &Session, live: &PileLive, reply_to: ReplyTo, request: &StartRequest) {
        let asked = Asked::single(reply_to, request);
        self.ask_start(start::single(session.profile(), live.code, request), asked);
    }

    fn parallel_request(
        &mut self,
        session: &Session,
        live: &PileLive,
        reply_to: ReplyTo,
        request: &ParallelStartRequest,
    ) {
        let asked = Asked::parallel(reply_to, request);
        self.ask_start(start::parallel(session.profile(), live.code, request), asked);
    }

    /// Answers a start that was decided.
    pub(super) fn start_decided(
        &mut self,
        session: &mut Session,
        token: u64,
        decision: Option<&StartDecision>,
        out: &mut Vec<u8>,
    ) {
        // One that could not be decided is not answered: the pile asks again.
        if let (Some(asked), Some(decision)) = (self.starts.decided(token), decision) {
            let (reply_to, answer) = asked.answer(decision);
            // Bodies of 38 and 44 bytes always fit.
            let _ = session.reply(reply_to, &answer, out);
        }
    }

    fn start_answer(
        &self,
        live: &PileLive,
        connector: u8,
        number: field::TransactionNumber,
        result: Outcome,
        reason: RemoteStartFailure,
    ) {
        let (connector, number) = (ConnectorNumber(connector), TransactionNumber::from_bcd(&number.0));
        let result = outcome::started(result, reason);
        self.gateway.core.start_answered(&self.link(), live.code, connector, number, result);
    }

    fn tariff_check(
        &self,
        session: &mut Session,
        live: &PileLive,
        reply_to: ReplyTo,
        request: &TariffVerifyRequest,
        out: &mut Vec<u8>,
    ) {
        let core = &self.gateway.core;
        let answer = answers::verify_tariff(core, live, request);
        // A body of 10 bytes always fits.
        let _ = session.reply(reply_to, &answer.into(), out);
        core.tariff_reported(&self.link(), live.code, TariffNumber(request.tariff_id.0));
    }

    fn tariff_request(
        &self,
        session: &mut Session,
        live: &PileLive,
        reply_to: ReplyTo,
        request: &TariffRequest,
        out: &mut Vec<u8>,
    ) {
        let core = &self.gateway.core;
        let Some(version) = answers::tariff(core, live) else { return };
        // A body of 90 bytes always fits.
        let _ = session.reply(reply_to, &tariff::response(request.pile_code, &version.terms).into(), out);
        core.tariff_fetched(&self.link(), live.code, version.reference());
    }

    fn parking_lock(&self, live: &PileLive, report: &ParkingLockReport) {
        let core = &self.gateway.core;
        let lock = ParkingLock {
            position: name_of(report.lock_state).into_owned(),
            parking: name_of(report.parking_state).into_owned(),
            battery: u8::try_from(report.lock_battery.raw()).ok(),
            alarm: name_of(report.alarm_state).into_owned(),
            reported_at: core.clock.now(),
        };
        let connector = ConnectorNumber(report.connector_number.0);
        core.parking_lock_reported(&self.link(), live.code, connector, lock);
    }

    fn vehicle(
        &self,
        session: &mut Session,
        live: &PileLive,
        reply_to: ReplyTo,
        report: &VehicleReport,
        out: &mut Vec<u8>,
    ) {
        let (pile_code, connector_number) = (report.pile_code, report.connector_number);
        let confirm = VehicleReportConfirm { pile_code, connector_number, ..VehicleReportConfirm::default() };
        // A body of 8 bytes always fits.
        let _ = session.reply(reply_to, &confirm.into(), out);
        if let Some(vin) = report.vin.natural() {
            let connector = ConnectorNumber(session.profile().connector(connector_number));
            let soc = u8::try_from(report.soc.raw()).unwrap_or(u8::MAX);
            self.gateway.core.vehicle_reported(&self.link(), live.code, connector, vin, soc);
        }
    }

    fn bms(&self, session: &Session, live: &PileLive, frame: Option<&Frame<'_>>) {
        let Some(frame) = frame.filter(|frame| bms::is_kept(frame.frame_type)) else { return };
        if let Some(told) = bms::read(frame, session.profile()) {
            let connector = ConnectorNumber(told.connector);
            self.gateway.core.bms_message(&self.link(), live, connector, told.kind, told.data, told.errors);
        }
    }

    /// Sends a command; one that cannot be sent ends at once.
    pub(super) fn command(&mut self, now: Tick, session: &mut Session, command: &Command, out: &mut Vec<u8>) {
        let core = &self.gateway.core;
        let Some(pile_code) = self.wire_code(command.pile) else {
            return core.command_answered(&self.link(), command.id, CommandResult::PileAway);
        };
        if !session.has_room_for_request() {
            let reason = "too many requests wait for answers on the connection".to_owned();
            return core.command_answered(&self.link(), command.id, CommandResult::Impossible(reason));
        }
        let downlink = Downlink { core, pile_code, profile: session.profile() };
        let sent = downlink.message(&command.request).and_then(|message| {
            let within = command.request.answer_within();
            let sent = session.request(now, pile_code, &message, within, command.id.0, out);
            sent.map_err(|_| "the message is too long for a frame".to_owned())
        });
        if let Err(reason) = sent {
            core.command_answered(&self.link(), command.id, CommandResult::Impossible(reason));
        }
    }

    /// A request was not answered in time.
    pub(super) fn unanswered(&self, pile: field::PileCode, token: u64) {
        let core = &self.gateway.core;
        core.metrics.frames_rejected.count("unanswered_request");
        tracing::debug!(%pile, "a pile did not answer a request");
        if token != NO_COMMAND {
            core.command_answered(&self.link(), CommandId(token), CommandResult::TimedOut);
        }
    }
}
