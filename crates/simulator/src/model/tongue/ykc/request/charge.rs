//! Start, stop, top-up.

use voltapile_protocol::wire::{Quantity, Yuan};
use voltapile_protocol::ykc::code::{BalanceUpdateResult, RemoteStartFailure, RemoteStopFailure, StartSource};
use voltapile_protocol::ykc::field::{ConnectorNumber, PhysicalCardNumber, TransactionNumber};
use voltapile_protocol::ykc::message::{
    BalanceUpdateRequest, BalanceUpdateResponse, ParallelRemoteStartRequest, RemoteStartRequest, RemoteStopRequest,
    RemoteStopResponse,
};

use super::outcome;
use crate::model::charge::End;
use crate::model::clock::Moment;
use crate::model::connector::{Parallel, Start, StartOrder, spendable};
use crate::model::pile::VirtualPile;
use crate::model::tongue::Word;
use crate::model::tongue::ykc::role_of;

impl VirtualPile {
    pub(super) fn remote_start(&mut self, now: Moment, request: &RemoteStartRequest, out: &mut Vec<u8>) {
        let start = app_start(request.transaction_number, request.physical_card_number, request.account_balance);
        self.start_or_refuse(now, request.connector_number, StartOrder { start, parallel: None }, out);
    }

    pub(super) fn parallel_remote_start(
        &mut self,
        now: Moment,
        request: &ParallelRemoteStartRequest,
        out: &mut Vec<u8>,
    ) {
        let start = app_start(request.transaction_number, request.physical_card_number, request.account_balance);
        let role = role_of(self.connector_of(request.connector_number));
        let parallel = Some(Parallel { session_number: request.parallel_session_number, role });
        self.start_or_refuse(now, request.connector_number, StartOrder { start, parallel }, out);
    }

    fn start_or_refuse(&mut self, now: Moment, connector: ConnectorNumber, order: StartOrder, out: &mut Vec<u8>) {
        let number = self.connector_of(connector);
        let exists: bool = self.on(number, now, out, |connector, cx| {
            connector.obey(cx, order);
            true
        });
        if !exists {
            let refusal = Some(RemoteStartFailure::DeviceFault);
            self.tongue.say(now.tick, &self.state, number, Word::Answers(&order, refusal), out);
        }
    }

    pub(super) fn remote_stop(&mut self, now: Moment, request: &RemoteStopRequest, out: &mut Vec<u8>) {
        let number = self.connector_of(request.connector_number);
        let refusal = self.state.behaviour.refuses_stop;
        let fail_reason = refusal.unwrap_or_else(|| {
            let is_stopped: bool = self.on(number, now, out, |connector, _| connector.yields_to_stop());
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
            self.on(number, now, out, |connector, cx| _ = connector.stop(cx, End::Remote));
        }
    }

    pub(super) fn balance_update(&mut self, now: Moment, request: &BalanceUpdateRequest, out: &mut Vec<u8>) {
        let card = request.physical_card_number;
        let balance = request.new_balance.raw() * 100;
        let number = self.connector_of(request.connector_number);
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

/// A start from the app.
fn app_start(transaction_number: TransactionNumber, card: PhysicalCardNumber, balance: Yuan<2>) -> Start {
    Start::new(transaction_number.into(), StartSource::App, card, spendable(balance))
}
