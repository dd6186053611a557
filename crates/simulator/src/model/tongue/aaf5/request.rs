//! What the platform asks of the model, and what it answers to people.

use std::time::Duration;

use voltapile_protocol::aaf5::code::{AccountAnswer, ControlIndex, Outcome, UpdateAnswer, UpdateMode, VinResult};
use voltapile_protocol::aaf5::message::{
    ControlRequest, ControlResponse, FirmwareDataResponse, FirmwareEndResponse, FirmwareEraseResponse,
    FirmwareNameResponse, FirmwareSizeResponse, FirmwareUpdateRequest, FirmwareUpdateResponse, Message,
};
use voltapile_protocol::wire::{Percent, Text};

use super::failure;
use crate::model::charge::End;
use crate::model::clock::Moment;
use crate::model::connector::{Connector, Consent, Start, spendable};
use crate::model::errand::Errand;
use crate::model::pile::VirtualPile;
use crate::model::update::UpdateOrder;

/// How long a download may take; the platform names no time.
const DOWNLOAD_MOST: Duration = Duration::from_secs(10 * 60);
/// Port of FTP servers.
const FTP_PORT: u16 = 21;
/// Bytes of a block of firmware that comes over the connection.
const BLOCK: u32 = 1_024;

impl VirtualPile {
    /// The platform asks for something that only AA F5 knows.
    pub(in crate::model) fn heed_aaf5(&mut self, now: Moment, request: &Message, out: &mut Vec<u8>) {
        let answer: Message = match request {
            Message::StartRequest(request) => return self.start_aaf5(now, request, out),
            Message::ControlRequest(request) => return self.control_aaf5(now, request, out),
            Message::FirmwareUpdateRequest(request) => return self.update_aaf5(now, request, out),
            Message::FirmwareEraseRequest(_) => {
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

    /// 5: stops a charge, or cancels a reservation.
    fn control_aaf5(&mut self, now: Moment, request: &ControlRequest, out: &mut Vec<u8>) {
        let number = request.connector_number.number();
        let can: bool = match request.first_index {
            ControlIndex::CancelReservation => {
                self.on(number, now, out, |connector, cx| connector.cancel_reservation(cx))
            }
            _ if self.state.behaviour.refuses_stop.is_some() => false,
            _ => self.on(number, now, out, |connector, _| connector.yields_to_stop()),
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
        let order = UpdateOrder { errand, says_timeout_after, fits: true, when_idle };
        self.order_update(now, order, out);
    }

    /// 203 and 207.
    pub(in crate::model) fn hear_aaf5(&mut self, now: Moment, answer: &Message, out: &mut Vec<u8>) {
        let (connector, consent) = match answer {
            Message::AccountQueryResponse(answer) => {
                let named = answer.connector_number.map(|number| number.number());
                let Some(tongue) = self.tongue.aaf5() else { return };
                let connector = named.unwrap_or(tongue.asking);
                tongue.forget_query(connector);
                let number = self.number_or_own(now, connector, answer.transaction_number);
                let consent = match answer.answer {
                    AccountAnswer::Valid => Ok(Start::granted(number, spendable(answer.account_balance))),
                    refusal => Err(failure::account_refusal(refusal)),
                };
                (connector, consent)
            }
            Message::VinStartResponse(answer) => {
                let connector = answer.connector_number.number();
                let number = self.number_or_own(now, connector, Some(answer.transaction_number));
                if answer.result == VinResult::Accepted {
                    self.know_user(number, answer.account);
                    let stop_password = screen_password(answer.stop_password);
                    let start = Start::granted(number, spendable(answer.account_balance));
                    (connector, Ok(Start { stop_password, ..start }))
                } else {
                    (connector, Err(failure::vin_refusal(answer.refusal)))
                }
            }
            _ => return,
        };
        let consent: Consent = consent;
        self.on(connector, now, out, |connector: &mut Connector, cx| connector.answered(cx, consent));
    }
}

/// What somebody must enter who stops a charge at the screen; bytes of FF say that it is nothing.
fn screen_password(digits: Text<6>) -> Option<u32> {
    digits.text().parse().ok()
}

/// A server's name and its port, where one stands behind it.
fn host_and_port(host: &str) -> (String, u16) {
    let parts = host.rsplit_once(':').and_then(|(name, port)| Some((name.to_owned(), port.parse().ok()?)));
    parts.unwrap_or_else(|| (host.to_owned(), FTP_PORT))
}
