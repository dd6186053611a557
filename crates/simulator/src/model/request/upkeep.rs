//! Tariff, parking lock, SIM card, log, key.

use voltapile_protocol::ykc::code::Outcome;
use voltapile_protocol::ykc::field::SimDigits;
use voltapile_protocol::ykc::message::{
    KeyUpdateResponse, LogUploadResponse, ParkingLockControlRequest, ParkingLockControlResponse, SimNumberResponse,
    TariffSetRequest, TariffSetResponse,
};
use voltapile_protocol::ykc::session::pile::PileTariff;

use super::outcome;
use crate::model::clock::Moment;
use crate::model::pile::VirtualPile;

impl VirtualPile {
    /// 0x58: only an idle pile takes a tariff.
    pub(super) fn set_tariff(&mut self, request: &TariffSetRequest, out: &mut Vec<u8>) {
        let is_idle = self.charging() == 0;
        if is_idle {
            self.adopt_tariff(PileTariff::from(request));
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
        let iccid = SimDigits(self.session.config().iccid.0.into());
        let answer = SimNumberResponse { pile_code: self.state.pile_code, iccid, ..Default::default() };
        self.tell(&answer.into(), out);
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
