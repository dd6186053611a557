//! What the platform asks of the model: start, stop, top-up.

use voltapile_protocol::wire::{Quantity, Yuan};
use voltapile_protocol::ykc::code::{
    BalanceUpdateResult, MainAuxiliary, Outcome, RemoteStartFailure, RemoteStopFailure, StartSource,
};
use voltapile_protocol::ykc::field::{ConnectorNumber, PhysicalCardNumber, TransactionNumber};
use voltapile_protocol::ykc::message::{
    BalanceUpdateRequest, BalanceUpdateResponse, Message, ParallelRemoteStartRequest, ParallelRemoteStartResponse,
    RemoteStartRequest, RemoteStartResponse, RemoteStopRequest, RemoteStopResponse, TariffSetRequest,
    TariffSetResponse,
};
use voltapile_protocol::ykc::session::pile::PileTariff;

use super::charge::stop;
use super::clock::Moment;
use super::connector::{Connector, Start};
use super::pile::{Context, VirtualPile};

impl VirtualPile {
    pub(super) fn handle_request(&mut self, now: Moment, request: &Message, out: &mut Vec<u8>) {
        match request {
            Message::RemoteStartRequest(request) => self.remote_start(now, request, out),
            Message::ParallelRemoteStartRequest(request) => self.parallel_remote_start(now, request, out),
            Message::RemoteStopRequest(request) => self.remote_stop(now, request, out),
            Message::BalanceUpdateRequest(request) => self.balance_update(now, request, out),
            Message::TariffSetRequest(request) => self.set_tariff(request, out),
            // Other requests stay without an answer, as with a pile whose firmware does not know them.
            _ => {}
        }
    }

    fn remote_start(&mut self, now: Moment, request: &RemoteStartRequest, out: &mut Vec<u8>) {
        let start = app_start(request.transaction_number, request.physical_card_number, request.account_balance);
        let answer = |refusal: Option<RemoteStartFailure>| {
            RemoteStartResponse {
                transaction_number: request.transaction_number,
                pile_code: request.pile_code,
                connector_number: request.connector_number,
                start_result: outcome(refusal.is_none()),
                fail_reason: refusal.unwrap_or_default(),
                ..Default::default()
            }
            .into()
        };
        self.start_or_refuse(now, request.connector_number, start, answer, out);
    }

    fn parallel_remote_start(&mut self, now: Moment, request: &ParallelRemoteStartRequest, out: &mut Vec<u8>) {
        let start = app_start(request.transaction_number, request.physical_card_number, request.account_balance);
        let is_main = request.connector_number.number() == 1;
        let answer = |refusal: Option<RemoteStartFailure>| {
            ParallelRemoteStartResponse {
                transaction_number: request.transaction_number,
                pile_code: request.pile_code,
                connector_number: request.connector_number,
                start_result: outcome(refusal.is_none()),
                fail_reason: refusal.unwrap_or_default(),
                main_auxiliary: if is_main { MainAuxiliary::Main } else { MainAuxiliary::Auxiliary },
                parallel_session_number: request.parallel_session_number,
                ..Default::default()
            }
            .into()
        };
        self.start_or_refuse(now, request.connector_number, start, answer, out);
    }

    /// Answers first, then charges: the platform expects the answer before the first 0x13.
    fn start_or_refuse(
        &mut self,
        now: Moment,
        connector: ConnectorNumber,
        start: Start,
        answer: impl Fn(Option<RemoteStartFailure>) -> Message,
        out: &mut Vec<u8>,
    ) {
        let obey = |connector: &mut Connector, cx: &mut Context<'_>| {
            let refusal = connector.refusal(cx);
            cx.tell(&answer(refusal));
            if refusal.is_none() {
                connector.start(cx, start);
            }
            true
        };
        let exists: bool = self.on(connector.number(), now, out, obey);
        if !exists {
            self.tell(&answer(Some(RemoteStartFailure::DeviceFault)), out);
        }
    }

    fn remote_stop(&mut self, now: Moment, request: &RemoteStopRequest, out: &mut Vec<u8>) {
        let number = request.connector_number.number();
        let is_charging: bool = self.on(number, now, out, |connector, _| connector.is_charging());
        let answer = RemoteStopResponse {
            pile_code: request.pile_code,
            connector_number: request.connector_number,
            stop_result: outcome(is_charging),
            fail_reason: if is_charging { RemoteStopFailure::None } else { RemoteStopFailure::NotCharging },
            ..Default::default()
        };
        self.tell(&answer.into(), out);
        self.on(number, now, out, |connector, cx| _ = connector.stop(cx, stop::REMOTE));
    }

    fn balance_update(&mut self, now: Moment, request: &BalanceUpdateRequest, out: &mut Vec<u8>) {
        let card = request.physical_card_number;
        let balance = request.new_balance.raw() * 100;
        let number = request.connector_number.number();
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

impl VirtualPile {
    /// 0x58: only an idle pile takes a tariff.
    fn set_tariff(&mut self, request: &TariffSetRequest, out: &mut Vec<u8>) {
        let is_idle = self.charging() == 0;
        if is_idle {
            self.adopt_tariff(PileTariff::from(request));
        }
        let pile_code = request.pile_code;
        let answer = TariffSetResponse { pile_code, set_result: outcome(is_idle), ..Default::default() };
        self.tell(&answer.into(), out);
    }
}

/// A start from the app; a balance of zero means that nobody limits the charge.
fn app_start(transaction_number: TransactionNumber, card: PhysicalCardNumber, balance: Yuan<2>) -> Start {
    let balance = Some(balance.raw() * 100).filter(|balance| *balance > 0);
    Start { transaction_number, source: StartSource::App, card, balance }
}

const fn outcome(succeeded: bool) -> Outcome {
    if succeeded { Outcome::Succeeded } else { Outcome::Failed }
}
