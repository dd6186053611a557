//! What the platform asks of the model, and what it answers to people.

use std::time::Duration;

use voltapile_protocol::aaf5::code::{
    AccountAnswer, ControlIndex, EraseAction, Outcome, StartMode, StartStrategy, UpdateAnswer, UpdateMode, VinResult,
};
use voltapile_protocol::aaf5::field::{CardNumber, TransactionNumber as TransactionText};
use voltapile_protocol::aaf5::message::{
    ControlRequest, ControlResponse, FirmwareDataResponse, FirmwareEndResponse, FirmwareEraseRequest,
    FirmwareEraseResponse, FirmwareNameResponse, FirmwareSizeResponse, FirmwareUpdateRequest, FirmwareUpdateResponse,
    Message, StartRequest,
};
use voltapile_protocol::wire::{Percent, Quantity, Yuan};
use voltapile_protocol::ykc::code::{RemoteStartFailure, StartSource};
use voltapile_protocol::ykc::field::PhysicalCardNumber;

use super::{Aaf5Tongue, Request, failure, physical};
use crate::model::charge::{End, Limit};
use crate::model::clock::{Moment, unix_ms};
use crate::model::connector::{Connector, Consent, Start, StartOrder};
use crate::model::context::later;
use crate::model::errand::Errand;
use crate::model::pile::VirtualPile;
use crate::model::tongue::{Heard, Word};
use crate::model::transaction::TransactionNumber;
use crate::model::update::UpdateOrder;

/// What a control command has as its argument to say yes.
const YES: u32 = 0x55;
/// How long a download may take; the platform names no time.
const DOWNLOAD_MOST: Duration = Duration::from_secs(10 * 60);
/// Port of FTP servers.
const FTP_PORT: u16 = 21;
/// Bytes of a block of firmware that comes over the connection.
const BLOCK: u32 = 1_024;

/// What of the control commands concerns the model; the session has answered already.
pub(super) const fn control(_connector: u8, command: ControlIndex, argument: u32) -> Option<Heard> {
    match command {
        ControlIndex::SuspendService => Some(Heard::Permitted { is_locked: argument == YES, power_percent: 100 }),
        _ => None,
    }
}

impl Aaf5Tongue {
    const fn asking(&self) -> u8 {
        self.asking
    }
}

impl VirtualPile {
    /// The platform said what only AA F5 knows.
    pub(in crate::model) fn heed_aaf5(&mut self, now: Moment, request: &Request, out: &mut Vec<u8>) {
        match request {
            Request::Asked(request) => self.obey_aaf5(now, request, out),
            Request::Answered(answer) => self.hear_consent(now, answer, out),
        }
    }

    fn obey_aaf5(&mut self, now: Moment, request: &Message, out: &mut Vec<u8>) {
        let answer: Message = match request {
            Message::StartRequest(request) => return self.start_aaf5(now, request, out),
            Message::ControlRequest(request) => return self.control_aaf5(now, request, out),
            Message::FirmwareUpdateRequest(request) => return self.update_aaf5(now, request, out),
            Message::FirmwareEraseRequest(FirmwareEraseRequest { action, .. }) => {
                let _both_are_answered_alike = matches!(action, EraseAction::Erase);
                FirmwareEraseResponse { progress: Percent::from_raw(100), ..Default::default() }.into()
            }
            Message::FirmwareNameRequest(_) => FirmwareNameResponse { block_size: BLOCK, ..Default::default() }.into(),
            Message::FirmwareSizeRequest(_) => FirmwareSizeResponse::default().into(),
            Message::FirmwareDataRequest(_) => FirmwareDataResponse::default().into(),
            Message::FirmwareEndRequest(_) => FirmwareEndResponse::default().into(),
            // What has no meaning for a virtual pile stays without an answer.
            _ => return,
        };
        self.tell_aaf5(&answer, out);
    }

    fn tell_aaf5(&mut self, message: &Message, out: &mut Vec<u8>) {
        if let Some(tongue) = self.tongue.aaf5() {
            tongue.tell(message, out);
        }
    }

    /// 7: at once, later, or a reservation.
    fn start_aaf5(&mut self, now: Moment, request: &StartRequest, out: &mut Vec<u8>) {
        let number = request.connector_number.number();
        let given = request.transaction_number.and_then(|number| number.text().parse().ok());
        let transaction_number = given.unwrap_or_else(|| self.own_number(now, number));
        let start = Start {
            transaction_number,
            source: StartSource::App,
            card: physical(&request.card_number).unwrap_or_default(),
            balance: request.account_balance.and_then(balance),
            limit: limit(request.strategy, request.strategy_argument),
            offline_energy: Some(request.offline_energy.raw() * 100).filter(|energy| *energy > 0),
        };
        self.know_user(transaction_number, request.card_number);
        let order = StartOrder { start, parallel: None };
        let holds_ms = request.hold_minutes.raw() * 60_000 / u64::from(self.state.speed);
        let until = later(now.tick, holds_ms.max(1));
        let starts_in = request.start_time.civil().map(|time| unix_ms(time).saturating_sub(now.unix_ms));
        let exists: bool = self.on(number, now, out, |connector, cx| {
            match request.start_mode {
                StartMode::Scheduled => {
                    connector.reserve(cx, order, Some(later(cx.now.tick, starts_in.unwrap_or(0))), None)
                }
                StartMode::Reservation => connector.reserve(cx, order, None, Some(until)),
                _ => connector.obey(cx, order),
            }
            true
        });
        if !exists {
            self.tongue.say(&self.state, number, Word::Answers(&order, Some(RemoteStartFailure::DeviceFault)), out);
        }
    }

    /// A number for a charge that the platform has not numbered.
    fn own_number(&self, now: Moment, connector: u8) -> TransactionNumber {
        let time = crate::model::clock::civil_time(self.state.moment(now).unix_ms);
        TransactionNumber::made_by(self.state.pile_code, connector, time, 9_999)
    }

    fn know_user(&mut self, number: TransactionNumber, user: CardNumber) {
        if let Some(tongue) = self.tongue.aaf5() {
            tongue.remember_user(number, user);
        }
    }

    /// 5: stops a charge, or cancels a reservation.
    fn control_aaf5(&mut self, now: Moment, request: &ControlRequest, out: &mut Vec<u8>) {
        let number = request.connector_number.number();
        let can: bool = match request.first_index {
            ControlIndex::CancelReservation => {
                self.on(number, now, out, |connector, cx| connector.cancel_reservation(cx))
            }
            _ if self.state.behaviour.refuses_stop.is_some() => false,
            _ => self.on(number, now, out, |connector, _| connector.cancel_waiting_start() || connector.is_charging()),
        };
        let answer = ControlResponse {
            pile_code: self.tongue.aaf5().map(|tongue| tongue.session.config().pile_code).unwrap_or_default(),
            connector_number: request.connector_number,
            first_index: request.first_index,
            count: request.count,
            result: if can { Outcome::Succeeded } else { Outcome::Failed },
            ..Default::default()
        };
        self.tell_aaf5(&answer.into(), out);
        if can && request.first_index == ControlIndex::StopCharging {
            self.on(number, now, out, |connector, cx| _ = connector.stop(cx, End::Remote));
        }
    }

    /// 1401: the file is fetched over FTP.
    fn update_aaf5(&mut self, now: Moment, request: &FirmwareUpdateRequest, out: &mut Vec<u8>) {
        let when_idle = request.mode == UpdateMode::WhenIdle;
        let waits = when_idle && self.charging() > 0;
        let result = if waits { UpdateAnswer::WhenIdle } else { UpdateAnswer::Accepted };
        self.tell_aaf5(&FirmwareUpdateResponse { result, ..Default::default() }.into(), out);
        let (server, port) = host_and_port(&request.host.text());
        let errand = Errand::Download {
            server,
            port,
            user: request.user.text(),
            password: request.password.text(),
            path: request.path.text(),
            timeout: DOWNLOAD_MOST,
        };
        let says_timeout_after = Duration::from_secs(60);
        let order = UpdateOrder { errand, timeout: DOWNLOAD_MOST, says_timeout_after, fits: true, when_idle };
        self.order_update(now, order, out);
    }

    /// 203 and 207.
    fn hear_consent(&mut self, now: Moment, answer: &Message, out: &mut Vec<u8>) {
        let (connector, consent) = match answer {
            Message::AccountQueryResponse(answer) => {
                let named = answer.connector_number.map(|number| number.number());
                let connector = named.or_else(|| self.tongue.aaf5().map(|tongue| tongue.asking())).unwrap_or(1);
                let number = self.number_or_own(now, connector, answer.transaction_number);
                let consent = match answer.answer {
                    AccountAnswer::Valid => Ok(granted(number, answer.account_balance)),
                    refusal => Err(failure::account_refusal(refusal)),
                };
                (connector, consent)
            }
            Message::VinStartResponse(answer) => {
                let connector = answer.connector_number.number();
                let number = self.number_or_own(now, connector, Some(answer.transaction_number));
                if answer.result == VinResult::Accepted {
                    self.know_user(number, answer.account);
                    (connector, Ok(granted(number, answer.account_balance)))
                } else {
                    (connector, Err(failure::vin_refusal(answer.refusal)))
                }
            }
            _ => return,
        };
        let consent: Consent = consent;
        self.on(connector, now, out, |connector: &mut Connector, cx| connector.answered(cx, consent));
    }

    fn number_or_own(&self, now: Moment, connector: u8, number: Option<TransactionText>) -> TransactionNumber {
        let given = number.and_then(|number| number.text().parse().ok());
        given.unwrap_or_else(|| self.own_number(now, connector))
    }
}

/// A start that the platform consented to; who pays is known to the connector.
fn granted(transaction_number: TransactionNumber, account_balance: Yuan<2>) -> Start {
    Start {
        transaction_number,
        source: StartSource::Card,
        card: PhysicalCardNumber::default(),
        balance: balance(account_balance),
        limit: None,
        offline_energy: None,
    }
}

/// What a charge may cost, 1e-4 yuan; a balance of zero means that nobody limits it.
fn balance(balance: Yuan<2>) -> Option<u64> {
    Some(balance.raw() * 100).filter(|balance| *balance > 0)
}

/// Until when to charge.
fn limit(strategy: StartStrategy, argument: u32) -> Option<Limit> {
    match strategy {
        StartStrategy::ByTime => Some(Limit::Seconds(argument)),
        StartStrategy::ByAmount => Some(Limit::Amount(u64::from(argument) * 100)),
        StartStrategy::ByEnergy => Some(Limit::Energy(u64::from(argument) * 100)),
        _ => None,
    }
}

/// A server's name and its port, where one stands behind it.
fn host_and_port(host: &str) -> (String, u16) {
    let parts = host.rsplit_once(':').and_then(|(name, port)| Some((name.to_owned(), port.parse().ok()?)));
    parts.unwrap_or_else(|| (host.to_owned(), FTP_PORT))
}
