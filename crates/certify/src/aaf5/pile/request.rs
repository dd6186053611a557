//! What the platform of the exam asks of the pile, as messages.

use voltapile_protocol::aaf5::code::*;
use voltapile_protocol::aaf5::field::{CardNumber, ConnectorNumber, PileCode, TransactionNumber};
use voltapile_protocol::aaf5::message::{self, *};
use voltapile_protocol::wire::*;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    SignInNow,
    StatusNow,
    StatusByControl,
    IntervalQuery,
    IntervalSet,
    IntervalQueryAgain,
    IntervalBack,
    UnknownParameter,
    TextQuery,
    ClockSet,
    ClockBack,
    ClockQuery,
    TariffGap,
    Tariff,
    TariffQuery,
    TimeOfUse,
    TimeOfUseQuery,
    ServiceQuery,
    ServicePrice,
    ServiceBack,
    ListQuery,
    ListAdd,
    ListQueryAgain,
    ListClear,
    Split,
    Glued,
    BadChecksum,
    AfterBad,
    Unknown,
    AfterUnknown,
    Garbage,
    Absurd,
    Longer,
    Reserved,
    StartAtNoConnector,
    StartWithBadMode,
    StartWithBadStrategy,
    Reserve,
    CancelReservation,
    Start,
    StartByEnergy,
    SecondStart,
    Stop,
    Stored,
    StoredNone,
    Slots,
    Reboot,
}

impl Request {
    /// The request that takes back what this one changes at the pile. A tariff needs none: a platform gives its own.
    pub(super) const fn undone_by(self) -> Option<Self> {
        match self {
            // A pile that ought to refuse may charge all the same.
            Self::Start
            | Self::StartByEnergy
            | Self::StartAtNoConnector
            | Self::StartWithBadMode
            | Self::StartWithBadStrategy => Some(Self::Stop),
            Self::Reserve => Some(Self::CancelReservation),
            Self::ListAdd => Some(Self::ListClear),
            Self::ClockSet => Some(Self::ClockBack),
            Self::IntervalSet => Some(Self::IntervalBack),
            Self::ServicePrice => Some(Self::ServiceBack),
            _ => None,
        }
    }

    /// The rule that its frame stands for, where it stands for one.
    pub(super) const fn rule(self) -> Option<&'static str> {
        Some(match self {
            Self::StatusNow => "aaf5.pile.status.asked",
            Self::SignInNow => "aaf5.pile.signin.asked",
            Self::IntervalQueryAgain => "aaf5.pile.parameters.kept",
            Self::UnknownParameter => "aaf5.pile.parameters.unknown",
            Self::TariffGap => "aaf5.pile.tariff.gap_refused",
            Self::Split => "aaf5.pile.robust.split",
            Self::Glued => "aaf5.pile.robust.glued",
            Self::BadChecksum => "aaf5.pile.robust.bad_checksum",
            Self::AfterBad => "aaf5.pile.robust.goes_on",
            Self::Unknown => "aaf5.pile.robust.unknown",
            Self::AfterUnknown => "aaf5.pile.robust.unknown_goes_on",
            Self::Garbage => "aaf5.pile.robust.garbage",
            Self::Absurd => "aaf5.pile.robust.absurd_length",
            Self::Longer => "aaf5.pile.robust.longer",
            Self::Reserved => "aaf5.pile.reserved.echo",
            Self::StartAtNoConnector => "aaf5.pile.start.no_such_connector",
            Self::StartWithBadMode => "aaf5.pile.start.bad_mode",
            Self::StartWithBadStrategy => "aaf5.pile.start.bad_strategy",
            Self::SecondStart => "aaf5.pile.start.already_charging",
            Self::Reserve => "aaf5.pile.start.reserved",
            Self::StoredNone => "aaf5.pile.record.stored_none",
            Self::ListQueryAgain => "aaf5.pile.whitelist.kept",
            _ => return None,
        })
    }
}

/// A command that no version knows.
pub(super) const UNKNOWN: u16 = 7_777;
/// Integer parameter 1: minutes between sign-ins.
const SIGN_IN_INTERVAL: u32 = 1;
/// Integer parameter 27: service price.
const SERVICE_PRICE: u32 = 27;
/// Text parameter 2: the clock.
pub(super) const CLOCK: u32 = 2;
/// An integer parameter that no version has.
const NO_PARAMETER: u32 = 4_000;
/// What the exam's clock is ahead of the true time: enough to tell whether a pile follows it.
const AHEAD_MS: u64 = 7 * 60_000;
/// The energy of a limited charge in 0.01 kWh: the least that piles take.
pub(super) const LIMIT: u32 = 100;
/// The control commands' argument that means "do it".
const DO_IT: u32 = 0x55;
/// Electricity and service of the exam's tariff in fen.
pub(super) const ELECTRICITY: u32 = 100;
pub(super) const SERVICE: u32 = 40;

/// What requests are made from.
#[derive(Debug, Clone)]
pub(super) struct Clerk {
    pub(super) pile: PileCode,
    pub(super) connectors: u8,
    card: CardNumber,
    starts: u32,
    ahead_ms: u64,
    /// Minutes between sign-ins that the pile had.
    interval: u32,
    /// Service price that the pile had, once it has told it.
    service: Option<u32>,
    /// Whether the one question for a card that is left unanswered has come.
    pub(super) forgot_card: bool,
}

impl Clerk {
    pub(super) fn new(pile: PileCode, card: Option<CardNumber>) -> Self {
        let card = card.unwrap_or_else(|| Text::new("CERTIFY000000001").unwrap_or_default());
        Self { pile, connectors: 1, card, starts: 0, ahead_ms: 0, interval: 30, service: None, forgot_card: false }
    }

    /// Learns from a parameter that a pile tells how it was, unless the exam has changed it and not taken that back.
    pub(super) fn learn(&mut self, said: &IntegerParameterResponse, owed: &[Request]) {
        let Some(value) = said.values.first().map(|told| told.value) else { return };
        match said.first_index {
            SIGN_IN_INTERVAL if !owed.contains(&Request::IntervalBack) => self.interval = value,
            SERVICE_PRICE if !owed.contains(&Request::ServiceBack) => self.service = Some(value),
            _ => {}
        }
    }

    /// Whether a request can be made: nothing is changed that nobody could take back.
    pub(super) fn can_ask(&self, request: Request) -> bool {
        request != Request::ServicePrice || self.service.is_some()
    }

    /// What the exam's clock shows.
    pub(super) fn clock(&self, unix_ms: u64) -> BcdTime {
        BcdTime::new(CivilTime::in_china(unix_ms + self.ahead_ms))
    }

    /// A transaction number of the exam's.
    pub(super) fn number(&mut self, unix_ms: u64) -> TransactionNumber {
        self.starts += 1;
        Text::new(&format!("EXAM{}N{}", unix_ms / 1_000, self.starts)).unwrap_or_default()
    }

    /// The message of a request; `None` for [`Request::Unknown`], which is none.
    pub(super) fn message(&mut self, request: Request, unix_ms: u64) -> Option<Message> {
        Some(match request {
            Request::SignInNow => control(1, ControlIndex::SignInNow, 1),
            Request::StatusNow => StatusResponse {
                connector_number: ConnectorNumber(1),
                report_now: Some(ReportNow::Yes),
                ..Default::default()
            }
            .into(),
            Request::StatusByControl => control(1, ControlIndex::StatusNow, 1),
            Request::IntervalQuery | Request::IntervalQueryAgain => integers(SIGN_IN_INTERVAL, None),
            Request::Split
            | Request::Glued
            | Request::BadChecksum
            | Request::AfterBad
            | Request::AfterUnknown
            | Request::Garbage
            | Request::Absurd
            | Request::Longer
            | Request::Reserved => integers(SIGN_IN_INTERVAL, None),
            Request::IntervalSet => integers(SIGN_IN_INTERVAL, Some(self.interval + 1)),
            Request::IntervalBack => integers(SIGN_IN_INTERVAL, Some(self.interval)),
            Request::UnknownParameter => integers(NO_PARAMETER, None),
            Request::TextQuery => text(1, None),
            Request::ClockSet => {
                self.ahead_ms = AHEAD_MS;
                text(CLOCK, Some(&self.clock(unix_ms).0))
            }
            Request::ClockBack => {
                self.ahead_ms = 0;
                text(CLOCK, Some(&self.clock(unix_ms).0))
            }
            Request::ClockQuery => text(CLOCK, None),
            Request::TariffGap => {
                TariffSetRequest { periods: tariff_periods(&[(0, 8), (9, 24)]), ..Default::default() }.into()
            }
            Request::Tariff => {
                TariffSetRequest { periods: tariff_periods(&[(0, 8), (8, 24)]), ..Default::default() }.into()
            }
            Request::TariffQuery => message::TariffQuery::default().into(),
            Request::TimeOfUse => {
                let periods = tariff_periods(&[(0, 12), (12, 24)]).map(|period| TimeOfUsePeriod {
                    start_hour: period.start_hour,
                    start_minute: period.start_minute,
                    end_hour: period.end_hour,
                    end_minute: period.end_minute,
                    electricity_price: YuanPerKwh::from_raw(
                        u32::try_from(period.electricity_price.raw()).unwrap_or_default() * 100,
                    ),
                    service_price: YuanPerKwh::from_raw(if period.end_hour > 0 { SERVICE * 100 } else { 0 }),
                });
                TimeOfUseTariffSetRequest { periods, ..Default::default() }.into()
            }
            Request::TimeOfUseQuery => TimeOfUseTariffQuery::default().into(),
            Request::ServiceQuery => integers(SERVICE_PRICE, None),
            Request::ServicePrice => integers(SERVICE_PRICE, Some(SERVICE)),
            Request::ServiceBack => integers(SERVICE_PRICE, Some(self.service.unwrap_or(SERVICE))),
            Request::ListQuery | Request::ListQueryAgain => self.list(ListAction::QueryVersion, 0, None),
            Request::ListAdd => self.list(ListAction::Add, 77, Some(self.card)),
            Request::ListClear => self.list(ListAction::Clear, 0, None),
            Request::Unknown => return None,
            Request::Start | Request::SecondStart => self.start(1, unix_ms).into(),
            Request::StartAtNoConnector => self.start(self.connectors.saturating_add(1), unix_ms).into(),
            Request::StartWithBadMode => {
                StartRequest { start_mode: StartMode::Unknown(9), ..self.start(1, unix_ms) }.into()
            }
            Request::StartWithBadStrategy => {
                StartRequest { strategy: StartStrategy::ByEnergy, strategy_argument: 1, ..self.start(1, unix_ms) }
                    .into()
            }
            Request::StartByEnergy => {
                StartRequest { strategy: StartStrategy::ByEnergy, strategy_argument: LIMIT, ..self.start(1, unix_ms) }
                    .into()
            }
            Request::Reserve => StartRequest {
                start_mode: StartMode::Reservation,
                start_time: self.clock(unix_ms),
                hold_minutes: MinutesByte::from_raw(10),
                ..self.start(1, unix_ms)
            }
            .into(),
            Request::CancelReservation => control(1, ControlIndex::CancelReservation, DO_IT),
            Request::Stop => control(1, ControlIndex::StopCharging, DO_IT),
            Request::Stored => StoredRecordRequest::default().into(),
            Request::StoredNone => StoredRecordRequest {
                first_index: 4_000,
                transaction_number: Text::new("NO-SUCH-CHARGE").unwrap_or_default(),
                ..Default::default()
            }
            .into(),
            Request::Slots => LastChargeSlotsRequest {
                connector_number: ConnectorNumber(1),
                query: QueryMark::Query,
                ..Default::default()
            }
            .into(),
            Request::Reboot => control(1, ControlIndex::Reboot, DO_IT),
        })
    }

    fn start(&mut self, connector: u8, unix_ms: u64) -> StartRequest {
        StartRequest {
            connector_number: ConnectorNumber(connector),
            stop_password: 1234,
            card_number: self.card,
            offline_charging: OfflineCharging::Allowed,
            offline_energy: KilowattHours::from_raw(10_000),
            transaction_number: Some(self.number(unix_ms)),
            auxiliary_voltage: Some(AuxiliaryVoltage::Volts12),
            account_balance: Some(Yuan::from_raw(10_000)),
            ..Default::default()
        }
    }

    fn list(&self, action: ListAction, version: u32, card: Option<CardNumber>) -> Message {
        let entries: Vec<ListEntry> = card.into_iter().map(|card_number| ListEntry { card_number }).collect();
        let entry_count =
            (action != ListAction::QueryVersion).then(|| u32::try_from(entries.len()).unwrap_or_default());
        let list_kind = ListKind::Cards;
        WhiteListRequest {
            pile_code: self.pile,
            list_kind,
            action,
            version,
            entry_count,
            entries,
            ..Default::default()
        }
        .into()
    }
}

fn integers(first_index: u32, value: Option<u32>) -> Message {
    let action = if value.is_some() { ParameterAction::Set } else { ParameterAction::Query };
    let values = value.into_iter().map(|value| IntegerValue { value }).collect();
    let byte_count = if value.is_some() { 4 } else { 0 };
    IntegerParameterRequest { action, first_index, count: 1, byte_count, values, ..Default::default() }.into()
}

fn text(index: u32, value: Option<&[u8]>) -> Message {
    let action = if value.is_some() { ParameterAction::Set } else { ParameterAction::Query };
    let value = value.unwrap_or_default();
    let byte_count = u16::try_from(value.len()).unwrap_or_default();
    TextParameterRequest { action, index, byte_count, value: BytesToEnd(value.into()), ..Default::default() }.into()
}

fn control(connector: u8, first_index: ControlIndex, value: u32) -> Message {
    ControlRequest {
        connector_number: ConnectorNumber(connector),
        first_index,
        count: 1,
        byte_count: 4,
        arguments: vec![ControlArgument { value }],
        ..Default::default()
    }
    .into()
}

/// Periods between full hours.
fn tariff_periods(hours: &[(u8, u8)]) -> [TariffPeriod; 12] {
    let mut periods: [TariffPeriod; 12] = Default::default();
    for (period, (start_hour, end_hour)) in periods.iter_mut().zip(hours) {
        (period.start_hour, period.end_hour) = (*start_hour, *end_hour);
        period.electricity_price = YuanPerKwh::from_raw(ELECTRICITY);
    }
    periods
}
