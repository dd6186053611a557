//! The tongue of YKC.

mod record;
mod report;
mod request;
mod stop;

use std::time::Duration;

use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::{Ascii, Code, Percent, Quantity, Vin};
use voltapile_protocol::ykc::Frame;
use voltapile_protocol::ykc::code::{
    ConnectorHealth, ExecuteMode, MainAuxiliary, Outcome, PasswordNeeded, RemoteStartFailure, StartMethod,
    UpdateResult, WorkPermission,
};
use voltapile_protocol::ykc::field::{ConnectorNumber, Iccid, PhysicalCardNumber, TariffId};
use voltapile_protocol::ykc::message::{
    FirmwareUpdateResponse, Message, ParallelRemoteStartResponse, ParallelStartRequest, ParallelStartResponse,
    RemoteStartResponse, StartRequest, VehicleReport,
};
use voltapile_protocol::ykc::session::pile::{PileEvent, PileSession, PileTariff, TierRates};

use self::report::Place;
use super::{Heard, Standing, Word};
use crate::model::action::{BreakOff, Credential, VinCharacters};
use crate::model::connector::{Parallel, StartOrder};
use crate::model::context::PileState;
use crate::model::record::Record;
use crate::model::setup::PileSetup;
use crate::model::tariff::{Rate, Tariff};

/// Pause between 0x13 of an idle connector, simulated.
const IDLE_REPORT_MS: u64 = 5 * 60_000;
/// Pause between 0x13, 0x23 and 0x25 of a charging connector, simulated.
const CHARGING_REPORT_MS: u64 = 15_000;

/// How long somebody waits for the platform's consent.
pub(super) const CONSENT_WAIT: Duration = Duration::from_secs(30);

/// A session, and what stands around it.
#[derive(Debug)]
pub(in crate::model) struct YkcTongue {
    pub(super) session: PileSession,
}

impl YkcTongue {
    /// A pile comes from the factory without a tariff, whatever number the setup has.
    pub(super) fn of(setup: &PileSetup) -> Self {
        let mut config = setup.config.clone();
        config.tariff_id = TariffId::default();
        Self { session: PileSession::new(config) }
    }

    pub(super) fn connect(&mut self, now: Tick, out: &mut Vec<u8>) {
        self.session.connect(now, out);
    }

    /// Says that it is alive, and speaks as if it were logged in until it connects.
    pub(super) fn connect_unasked(&mut self, now: Tick, out: &mut Vec<u8>) {
        self.session.connect_unasked(now, out);
    }

    pub(super) fn disconnect(&mut self) {
        self.session.disconnect();
    }

    pub(super) fn is_logged_in(&self) -> bool {
        self.session.is_logged_in()
    }

    pub(super) fn is_working(&self) -> bool {
        self.session.is_working()
    }

    pub(super) fn tariff_id(&self) -> TariffId {
        self.session.tariff_id()
    }

    pub(super) fn firmware_version(&self) -> String {
        self.session.config().firmware_version.text()
    }

    pub(super) fn set_firmware_version(&mut self, version: &str) {
        let kept: String = version.chars().filter(char::is_ascii_graphic).take(8).collect();
        self.session.set_firmware_version(Ascii::new(&kept).unwrap_or_default());
    }

    pub(super) fn next_deadline(&self) -> Option<Tick> {
        self.session.next_deadline()
    }

    pub(super) fn handle_deadline(&mut self, now: Tick, out: &mut Vec<u8>) -> Option<Heard> {
        self.session.handle_deadline(now, out).and_then(heard)
    }

    pub(super) fn hear(&mut self, now: Tick, frame: &[u8], out: &mut Vec<u8>) -> Option<Heard> {
        let frame = Frame::parse(frame).ok()?;
        self.session.handle_frame(now, &frame, out).and_then(heard)
    }

    pub(super) fn say_updated(&mut self, update_result: UpdateResult, out: &mut Vec<u8>) {
        let pile_code = self.session.config().pile_code;
        self.tell(&FirmwareUpdateResponse { pile_code, update_result, ..Default::default() }.into(), out);
    }

    pub(super) fn keep_record(&mut self, now: Tick, record: &Record, out: &mut Vec<u8>) {
        let frame = record::transaction_record(self.place(record.connector), record);
        let kept = self.session.send_record(now, frame, out);
        debug_assert!(kept.is_ok(), "nobody charges when the store of records is nearly full");
    }

    pub(super) fn send_all_records(&mut self, out: &mut Vec<u8>) {
        self.session.send_all_records(out);
    }

    pub(super) fn set_health(&mut self, connector: u8, is_whole: bool) {
        let health = if is_whole { ConnectorHealth::Normal } else { ConnectorHealth::Fault };
        self.session.set_connector_health(connector, health);
    }

    pub(super) const fn report_pause_ms(&self, standing: &Standing<'_>) -> u64 {
        if standing.is_busy { CHARGING_REPORT_MS } else { IDLE_REPORT_MS }
    }

    pub(super) const fn car_pause_ms(&self) -> u64 {
        CHARGING_REPORT_MS
    }

    pub(super) fn can_ask_in_parallel(&self) -> bool {
        !self.session.config().quirks.unknown_types.contains(&ParallelStartResponse::CODE)
    }

    pub(super) fn read(&self, credential: Credential) -> Credential {
        match credential {
            Credential::Card(mut card, password) if self.session.config().quirks.right_padded_cards => {
                let zeros = card.0.iter().take_while(|digit| **digit == 0).count();
                let length = card.0.len();
                card.0.rotate_left(zeros % length);
                Credential::Card(card, password)
            }
            other => other,
        }
    }

    pub(super) fn say(&mut self, state: &PileState, connector: u8, word: Word<'_>, out: &mut Vec<u8>) {
        let place = self.place(connector);
        let message: Message = match word {
            Word::Standing(standing) => report::standing(place, &standing, state.is_dc).into(),
            Word::CarMet(charge) => {
                self.tell(&report::handshake(place, charge).into(), out);
                report::charge_parameters(place, charge, state.max_power_w).into()
            }
            Word::CarSays(charge) => {
                self.tell(&report::demand(place, charge).into(), out);
                report::status(place, charge).into()
            }
            Word::CarLeft(charge) => report::end_statistics(place, charge).into(),
            Word::BreaksOff(BreakOff::BmsError, charge) => report::bms_error(place, charge).into(),
            Word::BreaksOff(BreakOff::BmsAbort, charge) => report::bms_abort(place, charge).into(),
            Word::BreaksOff(BreakOff::ChargerAbort, charge) => report::charger_abort(place, charge).into(),
            Word::Asks { credential, vin, parallel } => {
                let is_natural = self.session.config().quirks.natural_vin || state.behaviour.sends_vin_in_natural_order;
                asks(start_request(place, credential, vin, is_natural), parallel)
            }
            Word::Answers(order, refusal) => self.start_answer(place, order, refusal),
            // Nobody waits for it: 0x33 was said, or a person stands there.
            Word::CannotBegin(..) | Word::Keeps(_) => return,
            Word::Vehicle(vehicle) => {
                let (vin, soc) = vehicle.map_or_else(Default::default, |(vin, soc)| (Vin(vin), soc));
                let (pile_code, connector_number) = (place.pile_code, place.connector_number);
                let soc = Percent::from_raw(soc);
                VehicleReport { pile_code, connector_number, soc, vin, ..VehicleReport::default() }.into()
            }
            Word::Lock(lock) => report::lock(state.pile_code, connector, lock).into(),
        };
        self.tell(&message, out);
    }

    /// Sends a message; what a pile has to say while it is offline is lost, but for its records.
    fn tell(&mut self, message: &Message, out: &mut Vec<u8>) {
        let _lost_when_offline = self.session.send(message, out);
    }

    fn start_answer(&self, place: Place, order: &StartOrder, refusal: Option<RemoteStartFailure>) -> Message {
        let start_result = started(refusal, self.session.config().quirks.reason_in_result);
        let (transaction_number, fail_reason) = (order.start.transaction_number.into(), refusal.unwrap_or_default());
        let Place { pile_code, connector_number } = place;
        match order.parallel {
            None => RemoteStartResponse {
                transaction_number,
                pile_code,
                connector_number,
                start_result,
                fail_reason,
                ..Default::default()
            }
            .into(),
            Some(Parallel { session_number, role }) => ParallelRemoteStartResponse {
                transaction_number,
                pile_code,
                connector_number,
                start_result,
                fail_reason,
                main_auxiliary: role,
                parallel_session_number: session_number,
                ..Default::default()
            }
            .into(),
        }
    }

    /// The platform set another tariff.
    fn adopt_tariff(&mut self, id: TariffId) {
        self.session.adopt_tariff(id);
    }

    /// Number of its SIM card.
    const fn iccid(&self) -> Iccid {
        self.session.config().iccid
    }

    /// Whether it answers the clearing of cards without reasons.
    const fn answers_clearing_shortly(&self) -> bool {
        self.session.config().quirks.short_clear_answers
    }

    /// The connector that a byte means.
    const fn connector(&self, byte: ConnectorNumber) -> u8 {
        self.session.config().connector(byte)
    }

    const fn place(&self, connector: u8) -> Place {
        let config = self.session.config();
        Place { pile_code: config.pile_code, connector_number: config.connector_byte(connector) }
    }
}

/// What the model has to know of what its session says.
fn heard(event: PileEvent) -> Option<Heard> {
    Some(match event {
        PileEvent::LoggedIn => Heard::LoggedIn { is_locked: None, clock: None },
        PileEvent::LoginRefused => Heard::LoginRefused,
        PileEvent::LinkDead => Heard::LinkDead,
        PileEvent::TariffChanged(tariff) => Heard::TariffChanged(neutral(&tariff)),
        PileEvent::RealtimeWanted { connector } => Heard::ReportWanted(connector),
        PileEvent::ClockSet(time) => Heard::ClockSet(time.civil()?),
        PileEvent::WorkParametersSet { permission, max_power_percent } => {
            Heard::Permitted { is_locked: permission == WorkPermission::Locked, power_percent: max_power_percent }
        }
        PileEvent::Reboot(mode) => Heard::Reboot { when_idle: mode == ExecuteMode::WhenIdle },
        PileEvent::Request(request) => Heard::YkcAsked(request),
        PileEvent::Answer(answer) => Heard::YkcAnswered(answer),
        PileEvent::TariffConfirmed | PileEvent::RecordConfirmed { .. } => return None,
    })
}

fn neutral(tariff: &PileTariff) -> Tariff {
    let rate = |rates: &TierRates| Rate { electricity: rates.energy.raw(), service: rates.service.raw() };
    Tariff {
        rates: tariff.rates.iter().map(rate).collect(),
        loss_percent: tariff.loss_percent,
        slots: tariff.slots.0,
        sold_by_rate: false,
    }
}

/// The result of a start; some firmware puts the reason of a failure there.
fn started(refusal: Option<RemoteStartFailure>, reason_in_result: bool) -> Outcome {
    match refusal {
        Some(reason) if reason_in_result => Outcome::Unknown(reason.number()),
        Some(_) => Outcome::Failed,
        None => Outcome::Succeeded,
    }
}

fn start_request(place: Place, credential: Credential, vin: Option<VinCharacters>, is_natural: bool) -> StartRequest {
    let (start_method, number, password) = match credential {
        Credential::Card(number, password) => (StartMethod::Card, number, password),
        Credential::Account(number, password) => (StartMethod::Account, number, password),
        Credential::Vin => (StartMethod::Vin, PhysicalCardNumber::default(), None),
    };
    let mut request = StartRequest {
        pile_code: place.pile_code,
        connector_number: place.connector_number,
        start_method,
        password_needed: if password.is_some() { PasswordNeeded::Needed } else { PasswordNeeded::NotNeeded },
        account_or_physical_card_number: number,
        password_md5: password.unwrap_or_else(Ascii::default),
        ..StartRequest::default()
    };
    if let (Credential::Vin, Some(vin)) = (credential, vin) {
        request.vin.0 = vin;
        if !is_natural {
            request.vin.0.reverse();
        }
    }
    request
}

fn asks(request: StartRequest, parallel: Option<Parallel>) -> Message {
    let Some(Parallel { session_number, role }) = parallel else { return request.into() };
    ParallelStartRequest {
        pile_code: request.pile_code,
        connector_number: request.connector_number,
        start_method: request.start_method,
        password_needed: request.password_needed,
        account_or_physical_card_number: request.account_or_physical_card_number,
        password_md5: request.password_md5,
        vin: request.vin,
        main_auxiliary: role,
        parallel_session_number: session_number,
        ..ParallelStartRequest::default()
    }
    .into()
}

/// Which part a connector has in a parallel charge that the platform starts.
const fn role_of(connector: u8) -> MainAuxiliary {
    if connector == 1 { MainAuxiliary::Main } else { MainAuxiliary::Auxiliary }
}
