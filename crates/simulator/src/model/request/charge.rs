//! Start, stop, top-up.

use voltapile_protocol::wire::{Code, Quantity, Yuan};
use voltapile_protocol::ykc::code::{
    BalanceUpdateResult, MainAuxiliary, Outcome, RemoteStartFailure, RemoteStopFailure, StartSource,
};
use voltapile_protocol::ykc::field::{ConnectorNumber, PhysicalCardNumber, TransactionNumber};
use voltapile_protocol::ykc::message::{
    BalanceUpdateRequest, BalanceUpdateResponse, Message, ParallelRemoteStartRequest, ParallelRemoteStartResponse,
    RemoteStartRequest, RemoteStartResponse, RemoteStopRequest, RemoteStopResponse,
};

use super::outcome;
use crate::model::charge::stop;
use crate::model::clock::Moment;
use crate::model::connector::Start;
use crate::model::pile::VirtualPile;

impl VirtualPile {
    pub(super) fn remote_start(&mut self, now: Moment, request: &RemoteStartRequest, out: &mut Vec<u8>) {
        let start = app_start(request.transaction_number, request.physical_card_number, request.account_balance);
        let reason_in_result = self.session.config().quirks.reason_in_result;
        let answer = |refusal: Option<RemoteStartFailure>| {
            RemoteStartResponse {
                transaction_number: request.transaction_number,
                pile_code: request.pile_code,
                connector_number: request.connector_number,
                start_result: started(refusal, reason_in_result),
                fail_reason: refusal.unwrap_or_default(),
                ..Default::default()
            }
            .into()
        };
        self.start_or_refuse(now, request.connector_number, start, answer, out);
    }

    pub(super) fn parallel_remote_start(
        &mut self,
        now: Moment,
        request: &ParallelRemoteStartRequest,
        out: &mut Vec<u8>,
    ) {
        let start = app_start(request.transaction_number, request.physical_card_number, request.account_balance);
        let is_main = self.session.config().connector(request.connector_number) == 1;
        let reason_in_result = self.session.config().quirks.reason_in_result;
        let answer = |refusal: Option<RemoteStartFailure>| {
            ParallelRemoteStartResponse {
                transaction_number: request.transaction_number,
                pile_code: request.pile_code,
                connector_number: request.connector_number,
                start_result: started(refusal, reason_in_result),
                fail_reason: refusal.unwrap_or_default(),
                main_auxiliary: if is_main { MainAuxiliary::Main } else { MainAuxiliary::Auxiliary },
                parallel_session_number: request.parallel_session_number,
                ..Default::default()
            }
            .into()
        };
        self.start_or_refuse(now, request.connector_number, start, answer, out);
    }

    fn start_or_refuse(
        &mut self,
        now: Moment,
        connector: ConnectorNumber,
        start: Start,
        answer: impl Fn(Option<RemoteStartFailure>) -> Message,
        out: &mut Vec<u8>,
    ) {
        let number = self.session.config().connector(connector);
        let exists: bool = self.on(number, now, out, |connector, cx| {
            connector.obey(cx, start, &answer);
            true
        });
        if !exists {
            self.tell(&answer(Some(RemoteStartFailure::DeviceFault)), out);
        }
    }

    pub(super) fn remote_stop(&mut self, now: Moment, request: &RemoteStopRequest, out: &mut Vec<u8>) {
        let number = self.session.config().connector(request.connector_number);
        let refusal = self.state.behaviour.refuses_stop;
        let fail_reason = refusal.unwrap_or_else(|| {
            let can_stop = |connector: &mut crate::model::connector::Connector| {
                connector.cancel_waiting_start() || connector.is_charging()
            };
            let is_stopped: bool = self.on(number, now, out, |connector, _| can_stop(connector));
            if is_stopped { RemoteStopFailure::None } else { RemoteStopFailure::NotCharging }
        });
        let answer = RemoteStopResponse {
            pile_code: request.pile_code,
            connector_number: request.connector_number,
            stop_result: outcome(fail_reason == RemoteStopFailure::None),
            fail_reason,
            ..Default::default()
        };
        self.tell(&answer.into(), out);
        if refusal.is_none() {
            self.on(number, now, out, |connector, cx| _ = connector.stop(cx, stop::REMOTE));
        }
    }

    pub(super) fn balance_update(&mut self, now: Moment, request: &BalanceUpdateRequest, out: &mut Vec<u8>) {
        let card = request.physical_card_number;
        let balance = request.new_balance.raw() * 100;
        let number = self.session.config().connector(request.connector_number);
        let is_set: bool = self.on(number, now, out, |connector, _| connector.set_balance(card, balance));
        let update_result = if is_set { BalanceUpdateResult::Succeeded } else { BalanceUpdateResult::CardMismatch };
        let answer = BalanceUpdateResponse {
            pile_code: request.pile_code,
            physical_card_number: card,
            update_result,
            ..Default::default()
        };
        self.tell(&answer.into(), out);
    }
}

/// The result of a start; some firmware puts the reason of a failure there.
fn started(refusal: Option<RemoteStartFailure>, reason_in_result: bool) -> Outcome {
    match refusal {
        Some(reason) if reason_in_result => Outcome::Unknown(reason.number()),
        refusal => outcome(refusal.is_none()),
    }
}

/// A start from the app.
fn app_start(transaction_number: TransactionNumber, card: PhysicalCardNumber, balance: Yuan<2>) -> Start {
    Start { transaction_number, source: StartSource::App, card, balance: limit(balance) }
}

/// What a charge may cost, 1e-4 yuan; a balance of zero means that nobody limits it.
pub(super) fn limit(balance: Yuan<2>) -> Option<u64> {
    Some(balance.raw() * 100).filter(|balance| *balance > 0)
}
