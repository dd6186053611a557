//! What the platform asks of a pile, in the words of the protocol.

use voltapile_platform::command::{CommandAction, FirmwareModel, OfflineCard, QrFormat, StartOptions, When};
use voltapile_platform::identity::{ConnectorNumber, TransactionNumber};
use voltapile_platform::unit::Balance;
use voltapile_protocol::wire::{
    Ascii, Bytes, CountedText, Kilowatts, Minutes, MinutesByte, PowerPercent, Reserved, Yuan, parse_digits,
};
use voltapile_protocol::ykc::code::{self, ExecuteMode, LockCommand, PileModel, WorkPermission};
use voltapile_protocol::ykc::field::{self, LogicalCardNumber, ParallelSessionNumber};
use voltapile_protocol::ykc::message::{
    BalanceUpdateRequest, CardNumber, ClockSyncRequest, FirmwareUpdateRequest, Message, OfflineCardClearRequest,
    OfflineCardQueryRequest, OfflineCardSyncRequest, ParallelRemoteStartRequest, ParkingLockControlRequest,
    PowerLimitRequest, PowerLimitRequestWhole, QrPrefixRequest, RealtimeReadRequest, RebootRequest, RemoteStartRequest,
    RemoteStopRequest, SimNumberRequest, VehicleQuery, WorkParametersSetRequest,
};
use voltapile_protocol::ykc::{Dialect, Profile, message};

use super::tariff;
use crate::core::Core;

/// Bytes of data that V1.6 allows a frame, header included.
const DATA_MAX: usize = 200;

// A batch of cards fits a frame: sequence, flag, type, pile code, count, 16 bytes for each card.
const _: () = assert!(4 + 8 + CommandAction::CARDS_MAX * 16 <= DATA_MAX);

/// Translates for one pile.
pub(super) struct Downlink<'a> {
    pub(super) core: &'a Core,
    pub(super) pile_code: field::PileCode,
    pub(super) profile: &'static Profile,
}

impl Downlink<'_> {
    /// The message for a command, or why there is none.
    pub(super) fn message(&self, request: &CommandAction) -> Result<Message, String> {
        let pile_code = self.pile_code;
        Ok(match request {
            CommandAction::ReadTelemetry { connector } => {
                let connector_number = self.connector(*connector);
                RealtimeReadRequest { pile_code, connector_number, ..Default::default() }.into()
            }
            CommandAction::StartCharge { .. } | CommandAction::StartParallel { .. } => self.start(request)?,
            CommandAction::StopCharge { connector } => {
                let connector_number = self.connector(*connector);
                RemoteStopRequest { pile_code, connector_number, ..Default::default() }.into()
            }
            CommandAction::UpdateBalance { connector, physical_card, balance } => BalanceUpdateRequest {
                pile_code,
                connector_number: self.connector(*connector),
                physical_card_number: Bytes(digits(physical_card)?),
                new_balance: yuan(*balance),
                ..Default::default()
            }
            .into(),
            CommandAction::SyncOfflineCards { .. }
            | CommandAction::ClearOfflineCards { .. }
            | CommandAction::QueryOfflineCards { .. } => self.cards(request)?,
            CommandAction::SyncClock => {
                let current_time = self.core.clock.pile_time();
                ClockSyncRequest { pile_code, current_time, ..Default::default() }.into()
            }
            CommandAction::SetTariff { tariff } => {
                let version = self.core.tariff_version(tariff).ok_or_else(|| format!("there is no tariff {tariff}"))?;
                tariff::set(pile_code, &version.terms).into()
            }
            CommandAction::MoveParkingLock { connector, raise } => ParkingLockControlRequest {
                pile_code,
                connector_number: field::ConnectorNumber(connector.0),
                lock_command: if *raise { LockCommand::Raise } else { LockCommand::Lower },
                reserved: Some(Reserved::default()),
                ..Default::default()
            }
            .into(),
            CommandAction::ReadSimNumber => SimNumberRequest { pile_code, ..Default::default() }.into(),
            CommandAction::QueryVin { connector } => {
                let connector_number = self.connector(*connector);
                VehicleQuery { pile_code, connector_number, ..Default::default() }.into()
            }
            CommandAction::CancelReservation { .. }
            | CommandAction::ReadSettings { .. }
            | CommandAction::WriteSettings { .. }
            | CommandAction::ReadRecord { .. }
            | CommandAction::ReadTariff
            | CommandAction::ReadHalfHours { .. } => {
                return Err(format!("the pile's protocol, 云快充, has no {}", request.name()));
            }
            CommandAction::SetWorkParameters { .. }
            | CommandAction::LimitConnectorPower { .. }
            | CommandAction::Reboot { .. }
            | CommandAction::UpdateFirmware { .. }
            | CommandAction::SetQrPrefix { .. } => self.maintenance(request)?,
        })
    }

    /// 0x34 and 0xA4.
    fn start(&self, request: &CommandAction) -> Result<Message, String> {
        let pile_code = self.pile_code;
        Ok(match request {
            CommandAction::StartCharge {
                connector,
                transaction_number,
                logical_card,
                physical_card,
                balance,
                options,
            } => {
                no_options(options)?;
                RemoteStartRequest {
                    transaction_number: self::number(*transaction_number)?,
                    pile_code,
                    connector_number: self.connector(*connector),
                    logical_card_number: LogicalCardNumber(digits(logical_card)?),
                    physical_card_number: Bytes(digits(physical_card)?),
                    account_balance: yuan(*balance),
                    ..Default::default()
                }
                .into()
            }
            CommandAction::StartParallel {
                connector,
                transaction_number,
                logical_card,
                physical_card,
                balance,
                session,
            } => ParallelRemoteStartRequest {
                transaction_number: self::number(*transaction_number)?,
                pile_code,
                connector_number: self.connector(*connector),
                logical_card_number: LogicalCardNumber(digits(logical_card)?),
                physical_card_number: Bytes(digits(physical_card)?),
                account_balance: yuan(*balance),
                parallel_session_number: ParallelSessionNumber(digits(session)?),
                ..Default::default()
            }
            .into(),
            other => return Err(format!("{} is no start", other.name())),
        })
    }

    /// 0x44, 0x46 and 0x48.
    fn cards(&self, request: &CommandAction) -> Result<Message, String> {
        let pile_code = self.pile_code;
        let count = |cards: usize| u8::try_from(cards).map_err(|_| format!("{cards} cards do not fit a frame"));
        let number = |card: &String| card_number(card).map(|number| CardNumber { physical_card_number: Bytes(number) });
        let both = |card: &OfflineCard| -> Result<_, String> {
            Ok(message::OfflineCard {
                logical_card_number: LogicalCardNumber(digits(&card.logical_number)?),
                physical_card_number: Bytes(card_number(&card.physical_number)?),
            })
        };
        Ok(match request {
            CommandAction::SyncOfflineCards { cards } => {
                let card_count = count(cards.len())?;
                let cards = cards.iter().map(both).collect::<Result<_, _>>()?;
                OfflineCardSyncRequest { pile_code, card_count, cards, ..Default::default() }.into()
            }
            CommandAction::ClearOfflineCards { cards, .. } => {
                let card_count = count(cards.len())?;
                let cards = cards.iter().map(number).collect::<Result<_, _>>()?;
                OfflineCardClearRequest { pile_code, card_count, cards, ..Default::default() }.into()
            }
            CommandAction::QueryOfflineCards { cards } => {
                let card_count = count(cards.len())?;
                let cards = cards.iter().map(number).collect::<Result<_, _>>()?;
                OfflineCardQueryRequest { pile_code, card_count, cards, ..Default::default() }.into()
            }
            other => return Err(format!("{} is not about cards", other.name())),
        })
    }

    /// 0x52 in its forms, 0x92, 0x94 and 0xF0.
    fn maintenance(&self, request: &CommandAction) -> Result<Message, String> {
        let pile_code = self.pile_code;
        Ok(match request {
            CommandAction::SetWorkParameters { enabled, power_percent } => WorkParametersSetRequest {
                pile_code,
                work_permission: if *enabled { WorkPermission::Allowed } else { WorkPermission::Locked },
                max_power_percent: PowerPercent::from_raw(*power_percent),
                ..Default::default()
            }
            .into(),
            CommandAction::LimitConnectorPower { connector, power, priority, minutes } => {
                let connector_number = self.connector(*connector);
                let (priority, duration) = (*priority, Minutes::from_raw(*minutes));
                if matches!(self.profile.dialect, Dialect::Gongniu) {
                    // Whole kilowatts, rounded down: a limit is never exceeded.
                    let max_power = Kilowatts::from_raw(power.steps() / 10);
                    PowerLimitRequestWhole {
                        pile_code,
                        connector_number,
                        max_power,
                        priority,
                        duration,
                        ..Default::default()
                    }
                    .into()
                } else {
                    let max_power = Kilowatts::from_raw(power.steps());
                    PowerLimitRequest {
                        pile_code,
                        connector_number,
                        max_power,
                        priority,
                        duration,
                        ..Default::default()
                    }
                    .into()
                }
            }
            CommandAction::Reboot { when } => {
                RebootRequest { pile_code, execute_mode: execute_mode(*when), ..Default::default() }.into()
            }
            CommandAction::UpdateFirmware {
                model,
                power,
                server,
                port,
                user,
                password,
                path,
                when,
                timeout_minutes,
            } => FirmwareUpdateRequest {
                pile_code,
                pile_model: match model {
                    FirmwareModel::Dc => PileModel::Dc,
                    FirmwareModel::Ac => PileModel::Ac,
                },
                pile_power: *power,
                ftp_host: ascii("server", server)?,
                ftp_port: *port,
                ftp_user: ascii("user", user)?,
                ftp_password: Ascii::new(password).map_err(|_| "the password does not fit 16 ASCII characters")?,
                ftp_path: ascii("path", path)?,
                execute_mode: execute_mode(*when),
                download_timeout: MinutesByte::from_raw(*timeout_minutes),
                ..Default::default()
            }
            .into(),
            CommandAction::SetQrPrefix { format, prefix } => QrPrefixRequest {
                pile_code,
                format: match format {
                    QrFormat::Pile => code::QrFormat::PrefixAndPile,
                    QrFormat::PileAndConnector => code::QrFormat::PrefixPileAndConnector,
                },
                prefix: CountedText::new(prefix),
                ..Default::default()
            }
            .into(),
            other => return Err(format!("{} is no maintenance", other.name())),
        })
    }

    fn connector(&self, number: ConnectorNumber) -> field::ConnectorNumber {
        self.profile.connector_byte(number.0)
    }
}

/// Money as piles count it; what is owed is nothing to spend.
pub(super) fn yuan(balance: Balance) -> Yuan<2> {
    let fen = balance.steps().clamp(0, i64::from(u32::MAX));
    Yuan::from_raw(u32::try_from(fen).unwrap_or(u32::MAX))
}

/// Digits as BCD bytes, zeros on the left.
pub(super) fn digits<const N: usize>(text: &str) -> Result<[u8; N], String> {
    parse_digits(text).map_err(|_| format!("{text:?} does not fit {} digits", N * 2))
}

/// A card's physical number as answers about it will name it: all 16 hex digits.
fn card_number<const N: usize>(text: &str) -> Result<[u8; N], String> {
    if text.len() == N * 2 {
        digits(text)
    } else {
        Err(format!("the card {text:?} does not have {} hex digits", N * 2))
    }
}

fn number(number: TransactionNumber) -> Result<field::TransactionNumber, String> {
    let digits = number.to_bcd().ok_or_else(|| format!("the transaction number {number} is not 32 digits"))?;
    Ok(field::TransactionNumber(digits))
}

/// A charge runs until the car is full, the money is spent or somebody stops it.
fn no_options(options: &StartOptions) -> Result<(), String> {
    let asked = [
        ("limit", options.limit.is_some()),
        ("start_at", options.start_at.is_some()),
        ("hold_minutes", options.hold_minutes.is_some()),
        ("stop_password", options.stop_password.is_some()),
        ("offline_energy", options.offline_energy.is_some()),
    ];
    match asked.into_iter().find(|(_, asked)| *asked) {
        Some((option, _)) => Err(format!("the pile's protocol, 云快充, has no {option} for a start")),
        None => Ok(()),
    }
}

fn ascii<const N: usize>(what: &str, text: &str) -> Result<Ascii<N>, String> {
    Ascii::new(text).map_err(|text| format!("the {what} {text:?} does not fit {N} ASCII characters"))
}

const fn execute_mode(when: When) -> ExecuteMode {
    match when {
        When::Now => ExecuteMode::Now,
        When::Idle => ExecuteMode::WhenIdle,
    }
}
