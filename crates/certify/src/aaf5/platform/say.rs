//! What the played pile says.

use voltapile_protocol::aaf5::code::*;
use voltapile_protocol::aaf5::field::{CardNumber, ConnectorNumber, PileCode, WideConnectorNumber};
use voltapile_protocol::aaf5::frame::{ENCRYPTED, Envelope, USUAL_INFO, write_frame};
use voltapile_protocol::aaf5::message::*;
use voltapile_protocol::wire::*;

use super::PlatformOptions;

/// Connectors of the played pile.
pub(super) const CONNECTORS: u8 = 2;
/// Seconds between its heartbeats, and how many may be missed: what it tells in 106.
pub(super) const HEARTBEAT_SECONDS: u8 = 10;
pub(super) const HEARTBEAT_MISSES: u8 = 3;
/// A command that no version knows.
const NO_COMMAND: u16 = 7_778;
/// Reserved fields as piles of V2.x fill them.
const OLD_RESERVED: [u8; 4] = [0x12, 0x34, 0x56, 0x78];
/// Energy of a made-up charge in 0.001 kWh, and its bill in fen.
const ENERGY: u32 = 2_500;
const AMOUNT: u32 = 300;
const SERVICE: u32 = 100;

/// What can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speech {
    SignIn,
    /// With a body of so many bytes.
    SignInOf(usize),
    /// With garbage behind the zero of the pile code.
    SignInWithGarbage,
    SignInOfUnknown,
    Heartbeat,
    HeartbeatOf(usize),
    /// Its number is 65535.
    HeartbeatAtEnd,
    HeartbeatWithInfo(u8),
    HeartbeatWithReserved,
    ZeroSequence,
    Status(u8),
    StatusOf(usize),
    StatusOdd,
    StatusCharging,
    Alarm,
    Bms,
    StartComplete,
    VinStartDone,
    UnknownCard,
    CardOf(usize),
    CardPassword,
    KnownCard,
    KnownRecord,
    UnknownVin,
    Record,
    FineRecord,
    /// The last one once more.
    RecordAgain,
    RecordOf(u16, usize),
    RecordWithoutSerial,
    RecordNegative,
    RecordWrongSums,
    RecordWrongTimes,
    RecordOddCode,
    BadChecksum,
    Unknown,
    Empty(u16),
    Short,
    Longest,
    Downward,
    Encrypted,
    ForeignStatus,
    StrangeConnector,
}

/// Who speaks, and how far it has come.
#[derive(Debug, Clone)]
pub(super) struct Speaker {
    sequence: u8,
    beats: u16,
    records: u32,
    randoms: u32,
    last_record: Option<(u16, Vec<u8>)>,
    /// The charge that the platform allowed to the known card.
    pub(super) order: Option<Text<32>>,
}

impl Default for Speaker {
    fn default() -> Self {
        // Not zero, so that an answer that does not echo it shows.
        Self { sequence: 0x41, beats: 0, records: 0, randoms: 0x1234_5678, last_record: None, order: None }
    }
}

impl Speaker {
    /// The frame of a speech; `None` where there is nothing to say.
    pub(super) fn frame(&mut self, speech: Speech, options: &PlatformOptions, unix_ms: u64) -> Option<Vec<u8>> {
        self.sequence = self.sequence.wrapping_add(1);
        let mut envelope = Envelope { info: USUAL_INFO, sequence: self.sequence };
        let (command, mut body) = self.said(speech, options, unix_ms)?;
        match speech {
            Speech::HeartbeatWithInfo(info) => envelope.info = info,
            Speech::Encrypted => envelope.info |= ENCRYPTED,
            Speech::ZeroSequence => envelope.sequence = 0,
            Speech::SignInOf(length)
            | Speech::HeartbeatOf(length)
            | Speech::StatusOf(length)
            | Speech::CardOf(length)
            | Speech::RecordOf(_, length) => body.resize(length, 0),
            _ => {}
        }
        if matches!(command, 202 | 222) && speech != Speech::RecordAgain {
            self.last_record = Some((command, body.clone()));
        }
        let mut out = Vec::new();
        write_frame(&mut out, envelope, command, |writer| writer.put(&body)).ok()?;
        if speech == Speech::BadChecksum {
            out.iter_mut().rev().take(1).for_each(|byte| *byte ^= 0xA5);
        }
        Some(out)
    }

    fn said(&mut self, speech: Speech, options: &PlatformOptions, unix_ms: u64) -> Option<(u16, Vec<u8>)> {
        let pile_code = options.pile_code;
        let message: Message = match speech {
            Speech::SignIn | Speech::SignInOf(_) => self.sign_in(pile_code, unix_ms).into(),
            Speech::SignInOfUnknown => self.sign_in(options.unknown_pile, unix_ms).into(),
            Speech::SignInWithGarbage => {
                let mut dirty = pile_code;
                let length = dirty.as_bytes().len();
                dirty.0.iter_mut().skip(length + 1).for_each(|byte| *byte = 0xA5);
                self.sign_in(dirty, unix_ms).into()
            }
            Speech::Heartbeat
            | Speech::HeartbeatOf(_)
            | Speech::HeartbeatWithInfo(_)
            | Speech::ZeroSequence
            | Speech::BadChecksum
            | Speech::Encrypted => self.heartbeat(pile_code).into(),
            Speech::HeartbeatAtEnd => HeartbeatRequest { counter: u16::MAX, ..self.heartbeat(pile_code) }.into(),
            Speech::HeartbeatWithReserved => {
                let mut body = body_of(&self.heartbeat(pile_code).into());
                body.iter_mut().zip(OLD_RESERVED).for_each(|(byte, old)| *byte = old);
                return Some((HeartbeatRequest::CODE, body));
            }
            Speech::Status(connector) => status(pile_code, connector).into(),
            Speech::StatusOf(_) => status(pile_code, 1).into(),
            Speech::ForeignStatus => status(options.unknown_pile, 1).into(),
            Speech::StrangeConnector => status(pile_code, 0xFE).into(),
            Speech::StatusOdd => StatusReport {
                work_state: WorkState::Unknown(0x77),
                soc: Percent::from_raw(250),
                alarm_code: AlarmCode(987_654),
                ..status(pile_code, 1)
            }
            .into(),
            Speech::StatusCharging => StatusReport {
                work_state: WorkState::Charging,
                plug: Plug::Connected,
                transaction_number: Text::new("NOBODY-KNOWS-IT").ok(),
                total_energy: KilowattHours::from_raw(120),
                ..status(pile_code, 1)
            }
            .into(),
            Speech::Alarm => {
                let mut alarms = [0; 32];
                if let Some(byte) = alarms.first_mut() {
                    *byte = 0x02;
                }
                let alarms = voltapile_protocol::aaf5::field::Alarms(alarms);
                AlarmReport { pile_code, alarms, ..Default::default() }.into()
            }
            Speech::Bms => {
                let connector_number = WideConnectorNumber(1);
                BmsReport {
                    counter: 1,
                    connector_number,
                    pile_code,
                    work_state: WorkState::Charging,
                    ..Default::default()
                }
                .into()
            }
            Speech::StartComplete => StartCompleteReport {
                pile_code,
                connector_number: ConnectorNumber(1),
                result: StartFailure(1),
                transaction_number: Some(Text::default()),
                ..Default::default()
            }
            .into(),
            Speech::VinStartDone => {
                let connector_number = ConnectorNumber(1);
                VinStartResult { pile_code, connector_number, result: StartFailure(1), ..Default::default() }.into()
            }
            Speech::UnknownCard | Speech::CardOf(_) => card(pile_code, options.unknown_card, AuthMethod::Card).into(),
            Speech::CardPassword => AccountQueryRequest {
                password_md5: Text::new("e10adc3949ba59abbe56e057f20f883e").ok(),
                ..card(pile_code, options.unknown_card, AuthMethod::Password)
            }
            .into(),
            Speech::KnownCard => card(pile_code, options.known_card?, AuthMethod::Card).into(),
            Speech::KnownRecord => {
                let (card_number, order) = (options.known_card?, self.order?);
                let record = self.record(pile_code, unix_ms);
                FineChargeRecord { card_number, transaction_number: Some(order), ..record }.into()
            }
            Speech::UnknownVin => VinStartRequest {
                pile_code,
                connector_number: ConnectorNumber(1),
                vin: Vin(*b"LNOBODYKNOWSME001"),
                ..Default::default()
            }
            .into(),
            Speech::Record | Speech::RecordOf(202, _) => coarse(&self.record(pile_code, unix_ms)).into(),
            Speech::FineRecord | Speech::RecordOf(..) => self.record(pile_code, unix_ms).into(),
            Speech::RecordAgain => return self.last_record.clone(),
            Speech::RecordWithoutSerial => {
                let record = self.record(pile_code, unix_ms);
                FineChargeRecord { transaction_number: Some(Text::default()), ..record }.into()
            }
            Speech::RecordNegative => {
                let record = self.record(pile_code, unix_ms);
                FineChargeRecord { record_index: -7 - record.record_index, ..record }.into()
            }
            Speech::RecordWrongSums => {
                let record = self.record(pile_code, unix_ms);
                FineChargeRecord { total_energy: KilowattHours::from_raw(ENERGY * 3), ..record }.into()
            }
            Speech::RecordWrongTimes => {
                let record = self.record(pile_code, unix_ms);
                let start_time = BcdTime([0x20, 0x26, 0x13, 0x45, 0x99, 0x99, 0x99, 0xFF]);
                FineChargeRecord { start_time, end_time: BcdTime([0xFF; 8]), ..record }.into()
            }
            Speech::RecordOddCode => {
                let record = self.record(pile_code, unix_ms);
                FineChargeRecord { stop_reason: StopReason(77_777), start_source: StartSource::Unknown(0xEE), ..record }
                    .into()
            }
            Speech::Unknown => return Some((NO_COMMAND, pile_code.0.to_vec())),
            Speech::Empty(command) => return Some((command, Vec::new())),
            Speech::Short => return Some((StatusReport::CODE, vec![0; 20])),
            Speech::Longest => {
                let mut body = body_of(&status(pile_code, 1).into());
                body.resize(3_000, 0x55);
                return Some((StatusReport::CODE, body));
            }
            Speech::Downward => HeartbeatResponse::default().into(),
        };
        Some((message.frame_type(), body_of(&message)))
    }

    fn sign_in(&mut self, pile_code: PileCode, unix_ms: u64) -> SignInRequest {
        self.randoms = self.randoms.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        SignInRequest {
            pile_code,
            software_version: Decimal32::from_raw(21_001),
            project: 7,
            start_count: 3,
            report_mode: ReportMode::Reporting,
            sign_in_minutes: Minutes::from_raw(30),
            connector_count: CONNECTORS,
            heartbeat_seconds: SecondsByte::from_raw(HEARTBEAT_SECONDS),
            heartbeat_misses: HEARTBEAT_MISSES,
            pile_time: BcdTime::new(CivilTime::in_china(unix_ms)),
            random: Some(self.randoms),
            protocol_version: Some(Decimal16::from_raw(49)),
            white_list_version: Some(0),
            device_type: Some(DeviceType::Pile),
            asset_code: Some(Text::default()),
            ..Default::default()
        }
    }

    fn heartbeat(&mut self, pile_code: PileCode) -> HeartbeatRequest {
        let counter = self.beats;
        self.beats = self.beats.wrapping_add(1);
        HeartbeatRequest { pile_code, counter, plugged: Some(Connectors([0; 16])), ..Default::default() }
    }

    /// An offline charge of five minutes that ended a minute ago, each with a number of its own.
    fn record(&mut self, pile_code: PileCode, unix_ms: u64) -> FineChargeRecord {
        self.records += 1;
        let number = self.records;
        let end = unix_ms.saturating_sub(60_000);
        let start = end.saturating_sub(300_000);
        let half_hour = usize::try_from((start + 8 * 3_600_000) % 86_400_000 / 1_800_000).unwrap_or_default();
        let mut slots = [KilowattHours::from_raw(0); 48];
        if let Some(slot) = slots.get_mut(half_hour) {
            *slot = KilowattHours::from_raw(ENERGY);
        }
        FineChargeRecord {
            pile_code,
            connector_type: ConnectorType::Dc,
            connector_number: ConnectorNumber(1),
            card_number: Text::new("CERTIFY0000000001").unwrap_or_default(),
            start_time: BcdTime::new(CivilTime::in_china(start)),
            end_time: BcdTime::new(CivilTime::in_china(end)),
            charging_seconds: Seconds::from_raw(300),
            soc_start: Percent::from_raw(40),
            soc_end: Percent::from_raw(44),
            stop_reason: StopReason(200),
            total_energy: KilowattHours::from_raw(ENERGY),
            meter_start: KilowattHours::from_raw(100_000),
            meter_stop: KilowattHours::from_raw(100_000 + ENERGY),
            total_amount: Yuan::from_raw(AMOUNT),
            record_index: i32::try_from(number).unwrap_or(1),
            stored_index: number,
            stored_count: number,
            slots: List(slots),
            start_source: StartSource::Card,
            transaction_number: Text::new(&format!("CERT{}X{number}", unix_ms / 1_000)).ok(),
            service_amount: Some(Yuan::from_raw(SERVICE)),
            energy_digit: Some(KilowattHours8::from_raw(0)),
            parallel_mode: Some(ParallelMode::Single),
            ..Default::default()
        }
    }
}

/// The same record as 202 has it.
fn coarse(fine: &FineChargeRecord) -> ChargeRecord {
    let hundredths = |raw: u64| u32::try_from(raw / 10).unwrap_or_default();
    ChargeRecord {
        pile_code: fine.pile_code,
        connector_type: fine.connector_type,
        connector_number: fine.connector_number,
        card_number: fine.card_number,
        start_time: fine.start_time,
        end_time: fine.end_time,
        charging_seconds: fine.charging_seconds,
        soc_start: fine.soc_start,
        soc_end: fine.soc_end,
        stop_reason: fine.stop_reason,
        total_energy: KilowattHours::from_raw(hundredths(fine.total_energy.raw())),
        meter_start: KilowattHours::from_raw(hundredths(fine.meter_start.raw())),
        meter_stop: KilowattHours::from_raw(hundredths(fine.meter_stop.raw())),
        total_amount: fine.total_amount,
        record_index: fine.record_index,
        stored_index: fine.stored_index,
        stored_count: fine.stored_count,
        slots: List(
            fine.slots.0.map(|slot| KilowattHours16::from_raw(u16::try_from(slot.raw() / 10).unwrap_or_default())),
        ),
        start_source: fine.start_source,
        transaction_number: fine.transaction_number,
        service_amount: fine.service_amount,
        energy_digit: fine.energy_digit,
        parallel_mode: fine.parallel_mode,
        ..Default::default()
    }
}

/// An idle connector.
pub(super) fn status(pile_code: PileCode, connector: u8) -> StatusReport {
    StatusReport {
        pile_code,
        connector_count: CONNECTORS,
        connector_number: ConnectorNumber(connector),
        connector_type: Bits(ConnectorType::Dc),
        work_state: WorkState::Idle,
        outlet_temperature: Some(Celsius::from_raw(75)),
        ambient_temperature: Some(Celsius::from_raw(75)),
        gun_temperature: Some(Celsius::from_raw(75)),
        vin: Some(Vin([0; 17])),
        vin_end: Some(Reserved([0])),
        stowed: Some(Bits(Stowed::Stowed)),
        limiting: Some(Bits(Limiting::NotAllowed)),
        door_reserved: Some(ReservedBits::default()),
        transaction_number: Some(Text::default()),
        electricity_amount: Some(Yuan::from_raw(0)),
        service_amount: Some(Yuan::from_raw(0)),
        holster: Some(Holster::Holstered),
        parking_lock: Some(ParkingLock::Open),
        energy_digit: Some(KilowattHours8::from_raw(0)),
        ac_meter: Some(KilowattHours::from_raw(0)),
        parallel_mode: Some(ParallelMode::Single),
        ..Default::default()
    }
}

fn card(pile_code: PileCode, card_number: CardNumber, method: AuthMethod) -> AccountQueryRequest {
    AccountQueryRequest {
        pile_code,
        card_number,
        password_md5: Some(Text::default()),
        sector_random: Some(Text::default()),
        card_serial: Some(0),
        auth_method: Some(method),
        connector_number: Some(ConnectorNumber(1)),
        ..Default::default()
    }
}

pub(super) fn body_of(message: &Message) -> Vec<u8> {
    let mut body = Vec::new();
    message.write(&mut Writer::new(&mut body));
    body
}
