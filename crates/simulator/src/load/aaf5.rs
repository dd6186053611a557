//! What is asked of a server in AA F5.

use voltapile_protocol::aaf5::checksum::checksum;
use voltapile_protocol::aaf5::code::{StartSource, StopReason, WorkState};
use voltapile_protocol::aaf5::field::{ConnectorNumber, PileCode, WideConnectorNumber};
use voltapile_protocol::aaf5::frame::{Envelope, HEADER_LENGTH, write_message};
use voltapile_protocol::aaf5::message::{
    BmsReport, FineChargeRecord, FineRecordConfirm, HeartbeatRequest, HeartbeatResponse, Message, SignInRequest,
    SignInResponse, StatusReport,
};
use voltapile_protocol::layout::Layout;
use voltapile_protocol::wire::{
    BcdTime, Connectors, Decimal16, KilowattHours, KilowattHours8, Seconds, SignedAmps, Text, Vin, Volts, Yuan,
};

use super::request::Question;
use crate::model::{TransactionNumber, civil_time};

/// Where the sequence number stands in a frame.
const SEQUENCE_AT: usize = 5;
/// Where the bytes begin that are summed up.
const SUMMED_FROM: usize = 6;
/// The random number of every sign-in.
const RANDOM: u32 = 0x4C4F_4144;
/// Where an answer to a record has its number: behind the reserved fields, the connector and the card.
const CONFIRMED_INDEX: std::ops::Range<usize> = 37..41;

/// The frame of a question about a connector.
pub(super) fn frame(question: Question, pile_code: &str, connector: u8, unix_ms: u64) -> Vec<u8> {
    let pile_code: PileCode = Text::new(pile_code).unwrap_or_default();
    let message = match question {
        Question::Login => sign_in(pile_code),
        Question::Heartbeat => {
            HeartbeatRequest { pile_code, plugged: Some(Connectors::default()), ..Default::default() }.into()
        }
        Question::Record => record(pile_code, connector, unix_ms),
    };
    let mut frame = Vec::new();
    let written = write_message(&mut frame, Envelope::default(), &message);
    debug_assert!(written.is_ok(), "these messages fit into a frame");
    frame
}

/// Gives a frame another sequence number, and where it is a record another number and charge.
pub(super) fn renew(frame: &mut [u8], asked: u64, charge: Option<TransactionNumber>) {
    patch(frame, SEQUENCE_AT, &[asked as u8]);
    if let Some(charge) = charge {
        let layout = &FineChargeRecord::LAYOUT;
        patch(frame, HEADER_LENGTH + offset(layout, "transaction_number"), charge.as_str().as_bytes());
        patch(frame, HEADER_LENGTH + offset(layout, "record_index"), &index(asked).to_le_bytes());
    }
    let sum_at = frame.len().saturating_sub(1);
    let sum = checksum(frame.get(SUMMED_FROM..sum_at).unwrap_or_default());
    patch(frame, sum_at, &[sum]);
}

/// Whether a frame is an answer to a question, and whether to the one that was asked as the `asked`th.
pub(super) fn judge(question: Question, asked: u64, (command, body, raw): (u16, &[u8], &[u8])) -> (bool, bool) {
    let (answer, is_right) = match question {
        Question::Login => (SignInResponse::CODE, body.get(4..8) == Some(&RANDOM.to_le_bytes())),
        Question::Heartbeat => (HeartbeatResponse::CODE, true),
        Question::Record => (FineRecordConfirm::CODE, body.get(CONFIRMED_INDEX) == Some(&index(asked).to_le_bytes())),
    };
    (command == answer, is_right && raw.get(SEQUENCE_AT) == Some(&(asked as u8)))
}

/// Number of the record that is asked about as the `asked`th.
const fn index(asked: u64) -> i32 {
    (asked % 0x7FFF_FFFF) as i32
}

fn offset(layout: &Layout, name: &str) -> usize {
    let before = layout.fields.iter().take_while(|field| field.name != name);
    before.map(|field| field.bits).sum::<usize>() / 8
}

fn patch(frame: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(place) = frame.get_mut(at..at + bytes.len()) {
        place.copy_from_slice(bytes);
    }
}

fn sign_in(pile_code: PileCode) -> Message {
    SignInRequest {
        pile_code,
        connector_count: 2,
        random: Some(RANDOM),
        protocol_version: Some(Decimal16::from_raw(52)),
        white_list_version: Some(0),
        device_type: Some(Default::default()),
        asset_code: Some(Text::default()),
        ..SignInRequest::default()
    }
    .into()
}

/// A record whose sums hold: 10 kWh in one half hour and 20 kWh in the next.
fn record(pile_code: PileCode, connector: u8, unix_ms: u64) -> Message {
    let energy = KilowattHours::<3>::from_raw;
    let mut record = FineChargeRecord {
        pile_code,
        connector_number: ConnectorNumber(connector),
        start_time: BcdTime::new(civil_time(unix_ms.saturating_sub(3_600_000))),
        end_time: BcdTime::new(civil_time(unix_ms)),
        charging_seconds: Seconds::from_raw(3_600),
        stop_reason: StopReason(30),
        total_energy: energy(30_000),
        meter_start: energy(100_000),
        meter_stop: energy(130_000),
        total_amount: Yuan::from_raw(2_600),
        vin: Vin(*b"LVPTEST10SA000000"),
        start_source: StartSource::Card,
        transaction_number: Some(Text::default()),
        service_amount: Some(Yuan::from_raw(600)),
        energy_digit: Some(KilowattHours8::from_raw(0)),
        parallel_mode: Some(Default::default()),
        flow_direction: Some(Default::default()),
        ..FineChargeRecord::default()
    };
    let [first, second, ..] = &mut record.slots.0;
    (*first, *second) = (energy(10_000), energy(20_000));
    record.into()
}

/// What a charging connector says: 104 and 302.
pub(super) fn telemetry(pile_code: &str, connector: u8, charge: TransactionNumber, energy: u32) -> [Message; 2] {
    let pile_code: PileCode = Text::new(pile_code).unwrap_or_default();
    let status = StatusReport {
        pile_code,
        connector_count: 2,
        connector_number: ConnectorNumber(connector),
        work_state: WorkState::Charging,
        total_amount: Yuan::from_raw(energy / 100),
        dc_voltage: Volts::from_raw(6_000),
        dc_current: SignedAmps(1_000),
        total_energy: KilowattHours::from_raw(energy / 100),
        outlet_temperature: Some(Default::default()),
        ambient_temperature: Some(Default::default()),
        gun_temperature: Some(Default::default()),
        vin: Some(Default::default()),
        vin_end: Some(Default::default()),
        stowed: Some(Default::default()),
        limiting: Some(Default::default()),
        door_reserved: Some(Default::default()),
        transaction_number: Text::new(charge.as_str()).ok(),
        ..StatusReport::default()
    };
    let bms = BmsReport { pile_code, connector_number: WideConnectorNumber(connector.into()), ..BmsReport::default() };
    [status.into(), bms.into()]
}
