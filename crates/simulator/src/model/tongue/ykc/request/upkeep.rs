//! Tariff, parking lock, SIM card, log, key.

use std::time::Duration;

use voltapile_protocol::wire::Quantity;
use voltapile_protocol::ykc::code::{ExecuteMode, Outcome, PileModel};
use voltapile_protocol::ykc::field::SimDigits;
use voltapile_protocol::ykc::message::{
    FirmwareUpdateRequest, KeyUpdateResponse, LogUploadResponse, ParkingLockControlRequest, ParkingLockControlResponse,
    SimNumberResponse, TariffSetRequest, TariffSetResponse,
};
use voltapile_protocol::ykc::session::pile::PileTariff;

use super::outcome;
use crate::model::clock::Moment;
use crate::model::errand::Errand;
use crate::model::pile::VirtualPile;
use crate::model::tongue::ykc::neutral;
use crate::model::update::UpdateOrder;

/// The least time for a download.
const TIMEOUT_LEAST: Duration = Duration::from_secs(60);

impl VirtualPile {
    /// 0x58: only an idle pile takes a tariff.
    pub(super) fn set_tariff(&mut self, request: &TariffSetRequest, out: &mut Vec<u8>) {
        let is_idle = self.charging() == 0;
        if is_idle {
            let tariff = PileTariff::from(request);
            self.tongue.ykc().into_iter().for_each(|tongue| tongue.adopt_tariff(tariff.id));
            self.state.tariff = Some(neutral(&tariff));
        }
        let pile_code = request.pile_code;
        let answer = TariffSetResponse { pile_code, set_result: outcome(is_idle), ..Default::default() };
        self.tell(&answer.into(), out);
    }

    /// 0x62: answers whether the arm moves; where it ends up then says 0x61.
    pub(super) fn control_lock(&mut self, now: Moment, request: &ParkingLockControlRequest, out: &mut Vec<u8>) {
        let (number, command) = (request.connector_number.number(), request.lock_command);
        let can_move: bool = self.on(number, now, out, |connector, _| connector.can_move_lock(command));
        let answer = ParkingLockControlResponse {
            pile_code: request.pile_code,
            connector_number: request.connector_number,
            lock_result: outcome(can_move),
            reserved: request.reserved,
            ..Default::default()
        };
        self.tell(&answer.into(), out);
        self.on(number, now, out, |connector, cx| connector.move_lock(cx, command));
    }

    /// 0x76.
    pub(super) fn tell_sim_number(&mut self, out: &mut Vec<u8>) {
        let iccid = SimDigits(self.tongue.ykc().map(|tongue| tongue.iccid().0.into()).unwrap_or_default());
        let answer = SimNumberResponse { pile_code: self.state.pile_code, iccid, ..Default::default() };
        self.tell(&answer.into(), out);
    }

    /// 0x94: nobody starts a charge from now on.
    pub(super) fn order_firmware(&mut self, now: Moment, request: &FirmwareUpdateRequest, out: &mut Vec<u8>) {
        let own_model = if self.state.is_dc { PileModel::Dc } else { PileModel::Ac };
        let errand = Errand::Download {
            server: request.ftp_host.text(),
            port: request.ftp_port,
            user: request.ftp_user.text(),
            password: request.ftp_password.text(),
            path: request.ftp_path.text(),
            timeout: patience(request),
        };
        let order = UpdateOrder {
            errand,
            says_timeout_after: Duration::from_secs(request.download_timeout.raw() * 60),
            fits: request.pile_model == own_model,
            when_idle: request.execute_mode == ExecuteMode::WhenIdle,
        };
        self.order_update(now, order, out);
    }

    /// 0x96: agrees, but a virtual pile has no log to upload.
    pub(super) fn upload_log(&mut self, out: &mut Vec<u8>) {
        let (pile_code, set_result) = (self.state.pile_code, Outcome::Succeeded);
        self.tell(&LogUploadResponse { pile_code, set_result, ..Default::default() }.into(), out);
    }

    /// 0x95 of 公牛: this pile's end of a connection speaks in plain text only.
    pub(super) fn refuse_key(&mut self, out: &mut Vec<u8>) {
        let (pile_code, set_result) = (self.state.pile_code, Outcome::Failed);
        self.tell(&KeyUpdateResponse { pile_code, set_result, ..Default::default() }.into(), out);
    }
}

/// How long a download may take. A platform that names no time still gets a pile that gives up.
fn patience(request: &FirmwareUpdateRequest) -> Duration {
    Duration::from_secs(request.download_timeout.raw() * 60).max(TIMEOUT_LEAST)
}
