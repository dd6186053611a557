//! What the platform asks of the model, and what it answers to what people asked.

mod card;
mod charge;
mod consent;
mod power;
mod screen;
mod upkeep;

use voltapile_protocol::wire::Quantity;
use voltapile_protocol::ykc::code::Outcome;
use voltapile_protocol::ykc::message::Message;

use crate::model::clock::Moment;
use crate::model::connector::Connector;
use crate::model::pile::VirtualPile;
use voltapile_protocol::ykc::field::ConnectorNumber;

const WATTS_PER_KILOWATT: u64 = 1_000;

impl VirtualPile {
    /// Sends a message of the whole pile.
    pub(super) fn tell(&mut self, message: &Message, out: &mut Vec<u8>) {
        if let Some(tongue) = self.tongue.ykc() {
            tongue.tell(message, out);
        }
    }

    /// The connector that a byte means; 0, which none is, for a pile that speaks something else.
    pub(super) fn connector_of(&mut self, byte: ConnectorNumber) -> u8 {
        self.tongue.ykc().map_or(0, |tongue| tongue.connector(byte))
    }

    /// The platform asks for something that only YKC knows.
    pub(in crate::model) fn heed_ykc(&mut self, now: Moment, request: &Message, out: &mut Vec<u8>) {
        match request {
            Message::RemoteStartRequest(request) => self.remote_start(now, request, out),
            Message::ParallelRemoteStartRequest(request) => self.parallel_remote_start(now, request, out),
            Message::RemoteStopRequest(request) => self.remote_stop(now, request, out),
            Message::BalanceUpdateRequest(request) => self.balance_update(now, request, out),
            Message::OfflineCardSyncRequest(request) => self.store_cards(request, out),
            Message::OfflineCardClearRequest(request) => self.clear_cards(request, out),
            Message::OfflineCardQueryRequest(request) => self.query_cards(request, out),
            Message::PowerLimitRequest(request) => {
                let watts = request.max_power.raw() * WATTS_PER_KILOWATT / 10;
                self.limit_power(now, request.connector_number, watts, (request.priority, request.duration), out);
            }
            Message::PowerLimitRequestWhole(request) => {
                let watts = request.max_power.raw() * WATTS_PER_KILOWATT;
                self.limit_power(now, request.connector_number, watts, (request.priority, request.duration), out);
            }
            Message::TariffSetRequest(request) => self.set_tariff(request, out),
            Message::ParkingLockControlRequest(request) => self.control_lock(now, request, out),
            Message::VehicleQuery(request) => {
                let number = self.connector_of(request.connector_number);
                self.on(number, now, out, Connector::notify_vehicle);
            }
            Message::QrPrefixRequest(request) => self.set_qr_prefix(request, out),
            Message::QrCodeSetRequest(request) => self.set_qr_code(request, out),
            Message::QrCodeSetGuochong(request) => self.set_qr_code_guochong(request, out),
            Message::SimNumberRequest(_) => self.tell_sim_number(out),
            Message::FirmwareUpdateRequest(request) => self.order_firmware(now, request, out),
            Message::LogUploadRequest(_) => self.upload_log(out),
            Message::KeyUpdateRequest(_) => self.refuse_key(out),
            // What has no layout stays without an answer, as with a pile whose firmware does not know it.
            _ => {}
        }
    }

    /// The platform answers what the model sent.
    pub(in crate::model) fn hear_ykc(&mut self, now: Moment, answer: &Message, out: &mut Vec<u8>) {
        match answer {
            Message::StartResponse(answer) => self.on_consent(now, answer, out),
            Message::ParallelStartResponse(answer) => self.on_parallel_consent(now, answer, out),
            Message::VehicleReportConfirm(answer) => {
                let number = self.connector_of(answer.connector_number);
                self.on(number, now, out, |connector, _| connector.vehicle_confirmed());
            }
            _ => {}
        }
    }
}

pub(super) const fn outcome(succeeded: bool) -> Outcome {
    if succeeded { Outcome::Succeeded } else { Outcome::Failed }
}
