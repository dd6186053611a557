//! What the platform asks of a pile, in the words of the protocol.

use std::time::Duration;

use serde_json::{Map, Value};
use voltapile_platform::command::{ChargeLimit, CommandAction, QrFormat, StartOptions, When};
use voltapile_platform::identity::{ConnectorNumber, TransactionNumber};
use voltapile_platform::timestamp::Timestamp;
use voltapile_platform::unit::{Amount, Balance, Energy};
use voltapile_protocol::aaf5::code::{
    ControlIndex, OfflineCharging, ParameterAction, QueryMark, ReportNow, StartMode, StartStrategy, UpdateMode,
};
use voltapile_protocol::aaf5::field;
use voltapile_protocol::aaf5::message::{
    ControlArgument, ControlRequest, FirmwareUpdateRequest, IntegerParameterRequest, IntegerValue,
    LastChargeSlotsRequest, Message, StartRequest, StatusResponse, StoredFineRecordRequest, StoredRecordRequest,
    TariffQuery, TextParameterRequest, TimeOfUseTariffQuery,
};
use voltapile_protocol::aaf5::profile::Profile;
use voltapile_protocol::wire::{BcdTime, BytesToEnd, CivilTime, KilowattHours, MinutesByte, Text};

use super::desk::{CLOCK, Own};
use super::errand::{Expected, Step};
use super::start::yuan;
use super::tariff::{self, Form};
use super::translate::{self, text};
use super::{settings, white_list};
use crate::core::{Core, PileLive};

/// "Do it", as most control commands have it.
const DO_IT: u32 = 0x55;
/// Index of the service price among the integer parameters.
const SERVICE_PRICE: u32 = 27;
/// Index of the balance of a running charge among the integer parameters.
const BALANCE: u32 = 91;
/// Version of the protocol that has it, times ten.
const BALANCE_SINCE: u16 = 51;
/// Index of what a QR code begins with among the text parameters, and its longest.
const QR_PREFIX: (u32, usize) = (11, 128);
/// Version that answers 1105, times ten.
const TIME_OF_USE_ANSWERED_SINCE: u16 = 48;
/// What of the time for setting a tariff one of two messages may take that older piles do not answer.
const OLD_PILES_SILENCE: Duration = Duration::from_secs(4);
/// Where FTP servers listen: 1401 has no field for another port.
const FTP_PORT: u16 = 21;
/// Energy that a charge may have without the connection where it is to have none, in 0.01 kWh: 0 would be no bound at all.
const NEXT_TO_NOTHING: u32 = 1;

/// The messages of a command, in order.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    /// What is told besides the answers when all has been done.
    pub(super) done: Map<String, Value>,
}

impl From<Vec<Step>> for Plan {
    fn from(steps: Vec<Step>) -> Self {
        Self { steps, done: Map::new() }
    }
}

/// A plan of one message.
fn one(message: impl Into<Message>) -> Plan {
    vec![Step::new(message)].into()
}

/// Translates for one pile.
pub(super) struct Downlink<'a> {
    pub(super) core: &'a Core,
    pub(super) live: &'a PileLive,
    pub(super) own: &'a Own,
    pub(super) profile: &'static Profile,
}

impl Downlink<'_> {
    /// The messages for a command, or why there are none.
    pub(super) fn plan(&self, request: &CommandAction) -> Result<Plan, String> {
        Ok(match request {
            CommandAction::ReadTelemetry { connector } => {
                let connector_number = wire(*connector);
                one(StatusResponse { connector_number, report_now: Some(ReportNow::Yes), ..Default::default() })
            }
            CommandAction::StartCharge { .. } => one(self.start(request)?),
            CommandAction::StopCharge { connector } => control(*connector, ControlIndex::StopCharging, DO_IT),
            CommandAction::CancelReservation { connector } => {
                control(*connector, ControlIndex::CancelReservation, DO_IT)
            }
            CommandAction::UpdateBalance { connector, balance, .. } => self.balance(*connector, *balance)?,
            CommandAction::SyncOfflineCards { cards } => white_list::add(self.own, cards)?,
            CommandAction::ClearOfflineCards { cards, remaining } => white_list::clear(self.own, cards, remaining)?,
            CommandAction::SetWorkParameters { enabled, power_percent } => self.work(*enabled, *power_percent)?,
            CommandAction::LimitConnectorPower { connector, power, priority: 0, minutes: 0 } => {
                control(*connector, ControlIndex::MaximumPower, u32::from(power.steps()))
            }
            CommandAction::SyncClock => one(self.clock()),
            CommandAction::SetTariff { tariff } => {
                let version = self.core.tariff_version(tariff).ok_or_else(|| format!("there is no tariff {tariff}"))?;
                self.tariff(Form::of(&version.terms).map_err(|misfit| misfit.to_string())?)
            }
            CommandAction::Reboot { when: When::Now } => control(ConnectorNumber(1), ControlIndex::Reboot, DO_IT),
            CommandAction::UpdateFirmware { .. } => one(firmware(request)?),
            CommandAction::SetQrPrefix { format: QrFormat::PileAndConnector, prefix } => one(qr_prefix(prefix)?),
            CommandAction::ReadSettings { names } => settings::read(names)?,
            CommandAction::WriteSettings { values } => settings::write(values)?,
            CommandAction::ReadRecord { transaction_number, index } => {
                one(stored_record(self.profile, self.own, *transaction_number, index.unwrap_or(0)))
            }
            CommandAction::ReadTariff => self.read_tariff(),
            CommandAction::ReadHalfHours { connector } => {
                let connector_number = wire(*connector);
                one(LastChargeSlotsRequest { connector_number, query: QueryMark::Query, ..Default::default() })
            }
            other => return Err(impossible(other)),
        })
    }

    /// 7.
    fn start(&self, request: &CommandAction) -> Result<Message, String> {
        let CommandAction::StartCharge { connector, transaction_number, logical_card, physical_card, balance, options } =
            request
        else {
            return Err(format!("{} is no start", request.name()));
        };
        let card = if physical_card.is_empty() { logical_card } else { physical_card };
        let (strategy, strategy_argument) = strategy(options)?;
        let (start_mode, start_time, hold_minutes) = self.when(options)?;
        let (offline_charging, offline_energy) = offline(options)?;
        let stop_password = match &options.stop_password {
            Some(password) => password.parse().map_err(|_| "the stop password is no number of 32 bits".to_owned())?,
            None => 0,
        };
        Ok(StartRequest {
            connector_number: wire(*connector),
            start_mode,
            stop_password,
            strategy,
            strategy_argument,
            start_time,
            hold_minutes,
            card_number: text("card", card)?,
            offline_charging,
            offline_energy,
            transaction_number: Some(text("transaction number", transaction_number.as_str())?),
            auxiliary_voltage: Some(Default::default()),
            account_balance: Some(yuan(*balance)),
            flow_direction: None,
            ..Default::default()
        }
        .into())
    }

    /// Now, later, or later with the connector kept for its user until then.
    fn when(&self, options: &StartOptions) -> Result<(StartMode, BcdTime, MinutesByte), String> {
        let Some(at) = options.start_at else {
            return Ok((StartMode::Immediate, BcdTime::default(), MinutesByte::default()));
        };
        let time = self.civil(at).ok_or_else(|| format!("{at} is no time that a pile can be told"))?;
        Ok(match options.hold_minutes {
            Some(minutes) => (StartMode::Reservation, BcdTime::new(time), MinutesByte::from_raw(minutes)),
            None => (StartMode::Scheduled, BcdTime::new(time), MinutesByte::default()),
        })
    }

    /// A moment on the piles' wall clock.
    fn civil(&self, at: Timestamp) -> Option<CivilTime> {
        self.core.clock.pile_time_at(at).civil()
    }

    /// 1 with index 91.
    fn balance(&self, connector: ConnectorNumber, balance: Balance) -> Result<Plan, String> {
        if self.own.version < BALANCE_SINCE {
            let (major, minor) = (self.own.version / 10, self.own.version % 10);
            return Err(format!(
                "the pile speaks V{major}.{minor}; the balance of a running charge can be updated from V5.1A on"
            ));
        }
        let steps = balance.to_amount().unwrap_or(Amount::ZERO).steps().clamp(0, i64::from(u32::MAX));
        let values = vec![u32::from(connector.0), u32::try_from(steps).unwrap_or(u32::MAX)];
        Ok(one(set_integers(BALANCE, values)))
    }

    /// Suspends or resumes each connector.
    fn work(&self, enabled: bool, power_percent: u8) -> Result<Plan, String> {
        if power_percent != 100 {
            return Err("AA F5 piles limit power in kW, not in percent: use limit_connector_power".to_owned());
        }
        Ok(suspension(self.own, !enabled))
    }

    /// 3 with index 2.
    fn clock(&self) -> TextParameterRequest {
        set_text(CLOCK, translate::pile_time(&self.core.clock).0.to_vec())
    }

    /// 1103 and the service price, or 1105. Piles that do not answer 1105 are asked what they have; those that do not
    /// answer that, either, are believed to have taken it, which the command's answer tells (`"confirmed": false`).
    fn tariff(&self, form: Form) -> Plan {
        match form {
            Form::Coarse(periods, service) => {
                vec![Step::new(tariff::coarse_request(&periods)), Step::new(set_integers(SERVICE_PRICE, vec![service]))]
            }
            Form::Fine(periods) if self.own.version >= TIME_OF_USE_ANSWERED_SINCE => {
                vec![Step::new(tariff::fine_request(&periods))]
            }
            Form::Fine(periods) => vec![
                Step::new(tariff::fine_request(&periods)).or_silence(OLD_PILES_SILENCE),
                Step::new(TimeOfUseTariffQuery::default())
                    .or_silence(OLD_PILES_SILENCE)
                    .expecting(Expected::Tariff(Form::Fine(periods))),
            ],
        }
        .into()
    }

    /// 1107 where the pile's tariff is of that form, else 1101 and the service price.
    fn read_tariff(&self) -> Plan {
        let version = self.core.tariff_of(self.live);
        let form = version.and_then(|version| Form::of(&version.terms).ok());
        let steps = match form {
            Some(Form::Fine(_)) => vec![Step::new(TimeOfUseTariffQuery::default())],
            _ => vec![Step::new(TariffQuery::default()), Step::new(query_integer(SERVICE_PRICE))],
        };
        steps.into()
    }
}

/// Suspends or resumes each connector.
pub(super) fn suspension(own: &Own, suspended: bool) -> Plan {
    let value = if suspended { DO_IT } else { 0 };
    let connectors = 1..=own.connectors.max(1);
    let steps = connectors.map(|number| Step::new(control_request(number, ControlIndex::SuspendService, value)));
    steps.collect::<Vec<_>>().into()
}

/// Asks for the tariff that a pile has, and fails when it is another one.
pub(super) fn look_at_tariff(form: Form) -> Plan {
    let steps = match form {
        Form::Coarse(_, service) => vec![
            Step::new(TariffQuery::default()).expecting(Expected::Tariff(form)),
            Step::new(query_integer(SERVICE_PRICE)).expecting(Expected::Word(service)),
        ],
        Form::Fine(_) => vec![Step::new(TimeOfUseTariffQuery::default()).expecting(Expected::Tariff(form))],
    };
    steps.into()
}

/// Asks for a record: of a charge, or at a place, the newest first.
pub(super) fn stored_record(
    profile: &Profile,
    own: &Own,
    number: Option<TransactionNumber>,
    first_index: u32,
) -> Message {
    /// Version that has 422, times ten.
    const FINE_SINCE: u16 = 46;
    let number = number.map(|number| Text::new(number.as_str()).unwrap_or_default()).unwrap_or_default();
    if profile.fine_records && own.version >= FINE_SINCE {
        StoredFineRecordRequest { first_index, transaction_number: number, ..Default::default() }.into()
    } else {
        StoredRecordRequest { first_index, transaction_number: number, ..Default::default() }.into()
    }
}

/// When a charge stops by itself.
fn strategy(options: &StartOptions) -> Result<(StartStrategy, u32), String> {
    let fits = |value: i128, what: &str| u32::try_from(value).map_err(|_| format!("the limit in {what} is too much"));
    Ok(match options.limit {
        None => (StartStrategy::UntilFull, 0),
        Some(ChargeLimit::Seconds(seconds)) => (StartStrategy::ByTime, seconds),
        Some(ChargeLimit::Amount(amount)) => (StartStrategy::ByAmount, fits(amount.steps().into(), "yuan")?),
        Some(ChargeLimit::Energy(energy)) => (StartStrategy::ByEnergy, hundredths(energy)?),
    })
}

/// What a charge may go on with once the connection is lost: nothing, unless it is asked for.
fn offline(options: &StartOptions) -> Result<(OfflineCharging, KilowattHours<2>), String> {
    Ok(match options.offline_energy {
        None | Some(Energy::ZERO) => (OfflineCharging::Forbidden, KilowattHours::from_raw(NEXT_TO_NOTHING)),
        Some(energy) => (OfflineCharging::Allowed, KilowattHours::from_raw(hundredths(energy)?)),
    })
}

/// Energy in 0.01 kWh; what is finer is refused, so that nobody gets other than was asked for.
fn hundredths(energy: Energy) -> Result<u32, String> {
    const STEPS: u64 = 100;
    if !energy.steps().is_multiple_of(STEPS) {
        return Err(format!("{energy} kWh is finer than 0.01 kWh"));
    }
    u32::try_from(energy.steps() / STEPS).map_err(|_| format!("{energy} kWh is too much"))
}

/// 1401. The file's version stands for nothing here: a pile that finds its own would not download.
fn firmware(request: &CommandAction) -> Result<Message, String> {
    let CommandAction::UpdateFirmware { server, port, user, password, path, when, .. } = request else {
        return Err(format!("{} is no update", request.name()));
    };
    if *port != FTP_PORT {
        return Err(format!("AA F5 piles fetch firmware from port {FTP_PORT} alone"));
    }
    Ok(FirmwareUpdateRequest {
        host: text("server", server)?,
        user: text("user", user)?,
        password: Text::new(password).map_err(|_| "the password does not fit 16 ASCII characters")?,
        path: text("path", path)?,
        mode: match when {
            When::Now => UpdateMode::AtOnce,
            When::Idle => UpdateMode::WhenIdle,
        },
        target: Some(Default::default()),
        ..Default::default()
    }
    .into())
}

/// 3 with index 11; the pile appends its code and the connector.
fn qr_prefix(prefix: &str) -> Result<Message, String> {
    let (index, longest) = QR_PREFIX;
    if prefix.len() >= longest || !prefix.is_ascii() {
        return Err(format!("the prefix does not fit {} ASCII characters", longest - 1));
    }
    if prefix.starts_with(|first: char| first.is_ascii_digit()) {
        return Err("a prefix that begins with a digit is none: the pile would show its own QR code".to_owned());
    }
    let mut bytes = prefix.as_bytes().to_vec();
    bytes.push(0);
    Ok(set_text(index, bytes).into())
}

/// Why there is no message for a command.
fn impossible(request: &CommandAction) -> String {
    let reason = match request {
        CommandAction::StartParallel { .. } => "the platform cannot begin a parallel charge: the pile does",
        CommandAction::QueryOfflineCards { .. } => "a pile tells the version of its white list, not its cards",
        CommandAction::LimitConnectorPower { .. } => "a power limit has no priority and no end",
        CommandAction::Reboot { .. } => "a pile reboots at once: ask for it when nobody charges",
        CommandAction::SetQrPrefix { .. } => "a pile always appends its code and the connector to a prefix",
        CommandAction::MoveParkingLock { .. } => "parking locks are only reported",
        CommandAction::ReadSimNumber => "the number of a SIM card is not told",
        CommandAction::QueryVin { .. } => "a VIN is told when a charge is asked for or runs",
        _ => "the protocol has no message for it",
    };
    format!("AA F5: {reason}")
}

fn wire(connector: ConnectorNumber) -> field::ConnectorNumber {
    field::ConnectorNumber(connector.0)
}

/// 5 with one command.
fn control(connector: ConnectorNumber, index: ControlIndex, value: u32) -> Plan {
    one(control_request(connector.0, index, value))
}

fn control_request(connector: u8, first_index: ControlIndex, value: u32) -> ControlRequest {
    ControlRequest {
        connector_number: field::ConnectorNumber(connector),
        first_index,
        count: 1,
        byte_count: 4,
        arguments: vec![ControlArgument { value }],
        ..Default::default()
    }
}

fn set_integers(first_index: u32, words: Vec<u32>) -> IntegerParameterRequest {
    IntegerParameterRequest {
        action: ParameterAction::Set,
        first_index,
        count: u8::try_from(words.len()).unwrap_or(u8::MAX),
        byte_count: u16::try_from(words.len() * 4).unwrap_or(u16::MAX),
        values: words.into_iter().map(|value| IntegerValue { value }).collect(),
        ..Default::default()
    }
}

fn query_integer(first_index: u32) -> IntegerParameterRequest {
    IntegerParameterRequest { action: ParameterAction::Query, first_index, count: 1, ..Default::default() }
}

/// 3 that sets a text parameter.
pub(super) fn set_text(index: u32, bytes: Vec<u8>) -> TextParameterRequest {
    TextParameterRequest {
        action: ParameterAction::Set,
        index,
        byte_count: u16::try_from(bytes.len()).unwrap_or(u16::MAX),
        value: BytesToEnd(bytes.into()),
        ..Default::default()
    }
}
