//! What the virtual pile says.

use voltapile_protocol::wire::{
    Ascii, Celsius, CivilTime, Cp56Time, KilowattHours, MeterReading, Percent, Quantity, Vin, Volts, Yuan, YuanPerKwh,
};
use voltapile_protocol::ykc::code::{ConnectorState, Homed, Plugged, StartMethod, StartSource, StopReason};
use voltapile_protocol::ykc::field::{ConnectorNumber, PhysicalCardNumber, PileCode, TransactionNumber};
use voltapile_protocol::ykc::frame::{Envelope, write_frame, write_message};
use voltapile_protocol::ykc::message::{
    HeartbeatRequest, LoginRequest, Message, RealtimeReport, StartRequest, TariffRequest, TariffResponse,
    TariffVerifyRequest, TransactionRecord,
};

use super::desk::Desk;
use crate::report::moment;

/// Connectors that the virtual pile has.
pub(super) const CONNECTORS: u8 = 2;
/// What a charge took from the grid: 2.5 kWh in steps of 1e-4 kWh.
const ENERGY: u32 = 25_000;
/// Price per kWh where no tariff is known: 1.2 yuan in steps of 1e-5 yuan.
const PRICE: u32 = 120_000;
/// From steps of energy times steps of price to steps of money.
const STEPS: u64 = 100_000;
/// How long a charge of the virtual pile took, by its bill.
const CHARGE_MS: u64 = 60 * 1000;
/// Numbers of the tiers in a tariff's half hours.
const SHARP: u8 = 0;
const PEAK: u8 = 1;
const FLAT: u8 = 2;
const VALLEY: u8 = 3;
/// A VIN that no platform knows; its check digit holds.
pub(super) const UNKNOWN_VIN: &[u8; 17] = b"LVPTEST17CERT0001";

/// A message as a frame with a sequence number.
pub(super) fn frame(sequence: [u8; 2], message: impl Into<Message>) -> Vec<u8> {
    let mut frame = Vec::new();
    // The pile's own messages are all shorter than a frame can carry.
    let _ = write_message(&mut frame, Envelope { sequence, ..Envelope::default() }, &message.into());
    frame
}

/// A frame with any body of at most 251 bytes.
pub(super) fn raw(sequence: [u8; 2], frame_type: u8, body: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    // The bodies that the exam makes are shorter than a frame can carry.
    let _ = write_frame(&mut frame, Envelope { sequence, ..Envelope::default() }, frame_type, |out| out.put(body));
    frame
}

pub(super) fn login(pile_code: PileCode) -> LoginRequest {
    LoginRequest {
        pile_code,
        connector_count: CONNECTORS,
        protocol_version: 0x10,
        firmware_version: Ascii(*b"CERT1.0\0"),
        ..Default::default()
    }
}

/// A heartbeat of a connector, from 1.
pub(super) fn heartbeat(pile_code: PileCode, connector: u8) -> HeartbeatRequest {
    HeartbeatRequest { pile_code, connector_number: ConnectorNumber::bcd(connector), ..Default::default() }
}

pub(super) fn verify(pile_code: PileCode, tariff_id: [u8; 2]) -> TariffVerifyRequest {
    TariffVerifyRequest {
        pile_code,
        tariff_id: voltapile_protocol::ykc::field::TariffId(tariff_id),
        ..Default::default()
    }
}

pub(super) fn ask_tariff(pile_code: PileCode) -> TariffRequest {
    TariffRequest { pile_code, ..Default::default() }
}

/// A connector that waits for a car.
pub(super) fn idle(pile_code: PileCode, connector_number: ConnectorNumber) -> RealtimeReport {
    RealtimeReport {
        pile_code,
        connector_number,
        connector_state: ConnectorState::Idle,
        connector_homed: Homed::Yes,
        plugged: Plugged::No,
        ..Default::default()
    }
}

/// A connector whose car waits for somebody to start.
pub(super) fn plugged(pile_code: PileCode) -> RealtimeReport {
    RealtimeReport { connector_homed: Homed::No, plugged: Plugged::Yes, ..idle(pile_code, ConnectorNumber(1)) }
}

/// A connector that charges.
pub(super) fn charging(pile_code: PileCode, transaction_number: TransactionNumber) -> RealtimeReport {
    RealtimeReport {
        transaction_number,
        connector_state: ConnectorState::Charging,
        output_voltage: Volts::from_raw(3800),
        cable_temperature: Celsius::from_raw(75),
        soc: Percent::from_raw(42),
        energy: KilowattHours::from_raw(ENERGY),
        energy_with_loss: KilowattHours::from_raw(ENERGY),
        ..plugged(pile_code)
    }
}

/// A swiped card.
pub(super) fn card_start(pile_code: PileCode, card: PhysicalCardNumber) -> StartRequest {
    StartRequest {
        pile_code,
        connector_number: ConnectorNumber(1),
        start_method: StartMethod::Card,
        account_or_physical_card_number: card,
        ..Default::default()
    }
}

/// A car that starts by its VIN, which stands reversed on the wire.
pub(super) fn vin_start(pile_code: PileCode) -> StartRequest {
    let mut reversed = *UNKNOWN_VIN;
    reversed.reverse();
    StartRequest { start_method: StartMethod::Vin, vin: Vin(reversed), ..card_start(pile_code, Default::default()) }
}

/// A transaction number that the pile makes itself: pile code, connector, the time of the exam, a counter.
pub(super) fn own_number(desk: &mut Desk) -> TransactionNumber {
    desk.facts.records = desk.facts.records.wrapping_add(1);
    let [p0, p1, p2, p3, p4, p5, p6] = desk.options.pile_code.0;
    let time = moment::digits_in_china(desk.options.began_unix_ms);
    let [t0, t1, t2, t3, t4, t5] = time;
    let counter = desk.facts.records % 10_000;
    let bcd = |number: u32| u8::try_from(number / 10 % 10 * 16 + number % 10).unwrap_or(0);
    TransactionNumber([p0, p1, p2, p3, p4, p5, p6, 1, t0, t1, t2, t3, t4, t5, bcd(counter / 100), bcd(counter)])
}

/// A bill that adds up: 2.5 kWh in the tier of the moment, at the platform's own price.
pub(super) fn record(desk: &Desk, transaction_number: TransactionNumber) -> TransactionRecord {
    let now = desk.options.began_unix_ms.saturating_add(desk.now().0);
    let end = CivilTime::in_china(now);
    let slot = usize::from(end.hour) * 2 + usize::from(end.minute / 30);
    let tariff = desk.facts.tariff.as_ref();
    let tier = tariff.and_then(|tariff| tariff.slots.0.get(slot)).copied().unwrap_or(FLAT);
    let prices = tariff.map_or([PRICE; 4], prices);
    let price = prices.get(usize::from(tier)).copied().unwrap_or(PRICE);
    let amount = u32::try_from(u64::from(ENERGY) * u64::from(price) / STEPS).unwrap_or(u32::MAX);
    let of_tier = |wanted: u8, value: u32| if tier == wanted { value } else { 0 };
    let energy = |tier| KilowattHours::from_raw(of_tier(tier, ENERGY));
    let money = |tier| Yuan::from_raw(of_tier(tier, amount));
    let [sharp, peak, flat, valley] = prices.map(YuanPerKwh::from_raw);
    TransactionRecord {
        transaction_number,
        pile_code: desk.options.pile_code,
        connector_number: ConnectorNumber(1),
        start_time: Cp56Time::new(CivilTime::in_china(now.saturating_sub(CHARGE_MS))),
        end_time: Cp56Time::new(end),
        sharp_unit_price: sharp,
        sharp_energy: energy(SHARP),
        sharp_energy_with_loss: energy(SHARP),
        sharp_amount: money(SHARP),
        peak_unit_price: peak,
        peak_energy: energy(PEAK),
        peak_energy_with_loss: energy(PEAK),
        peak_amount: money(PEAK),
        flat_unit_price: flat,
        flat_energy: energy(FLAT),
        flat_energy_with_loss: energy(FLAT),
        flat_amount: money(FLAT),
        valley_unit_price: valley,
        valley_energy: energy(VALLEY),
        valley_energy_with_loss: energy(VALLEY),
        valley_amount: money(VALLEY),
        meter_start: MeterReading::from_raw(1_000_000),
        meter_stop: MeterReading::from_raw(1_000_000 + u64::from(ENERGY)),
        total_energy: KilowattHours::from_raw(ENERGY),
        total_energy_with_loss: KilowattHours::from_raw(ENERGY),
        total_amount: Yuan::from_raw(amount),
        start_source: StartSource::OfflineCard,
        transaction_time: Cp56Time::new(end),
        stop_reason: StopReason(0x40),
        ..Default::default()
    }
}

/// What a kWh costs in each tier: electricity and service.
fn prices(tariff: &TariffResponse) -> [u32; 4] {
    let sum = |energy: YuanPerKwh<5>, service: YuanPerKwh<5>| u32::try_from(energy.raw() + service.raw());
    [
        sum(tariff.sharp_energy_rate, tariff.sharp_service_rate),
        sum(tariff.peak_energy_rate, tariff.peak_service_rate),
        sum(tariff.flat_energy_rate, tariff.flat_service_rate),
        sum(tariff.valley_energy_rate, tariff.valley_service_rate),
    ]
    .map(|price| price.unwrap_or(PRICE))
}
