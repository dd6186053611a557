//! What can be asked of a pile, in neutral words.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::options::{HIDDEN, StartOptions};
use crate::identity::{ConnectorNumber, TransactionNumber};
use crate::tariff::TariffRef;
use crate::unit::{Balance, Power};

/// What is asked of a pile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum CommandAction {
    /// Report a connector's telemetry now.
    ReadTelemetry {
        /// Which connector.
        connector: ConnectorNumber,
    },
    /// Start a charge. Made by the platform for an order.
    StartCharge {
        /// Which connector.
        connector: ConnectorNumber,
        /// The order's number on the wire.
        transaction_number: TransactionNumber,
        /// The card's printed number, or digits that stand for who pays.
        logical_card: String,
        /// The card's physical number (16 hex digits), or digits that stand for who pays.
        physical_card: String,
        /// The most it may cost.
        balance: Balance,
        /// What else was asked for.
        #[serde(default, skip_serializing_if = "StartOptions::is_none")]
        options: StartOptions,
    },
    /// Start one connector of a parallel charge. Made by the platform for an order.
    StartParallel {
        /// Which connector.
        connector: ConnectorNumber,
        /// The order's number on the wire.
        transaction_number: TransactionNumber,
        /// As for a single charge.
        logical_card: String,
        /// As for a single charge.
        physical_card: String,
        /// The most it may cost.
        balance: Balance,
        /// Joins the connectors: yyMMddHHmmss.
        session: String,
    },
    /// Stop the charge of a connector.
    StopCharge {
        /// Which connector.
        connector: ConnectorNumber,
    },
    /// Give up a charge that waits for its start time.
    CancelReservation {
        /// Which connector.
        connector: ConnectorNumber,
    },
    /// Tell a running charge that more may be spent. Made by the platform after a top-up.
    UpdateBalance {
        /// Which connector.
        connector: ConnectorNumber,
        /// The physical card number that the charge was started with.
        physical_card: String,
        /// The most it may cost now.
        balance: Balance,
    },
    /// Store cards that may charge while the pile is offline; at most [`CommandAction::CARDS_MAX`].
    SyncOfflineCards {
        /// The cards.
        cards: Vec<OfflineCard>,
    },
    /// Clear offline cards, by physical number; at most [`CommandAction::CARDS_MAX`].
    ClearOfflineCards {
        /// Their physical numbers.
        cards: Vec<String>,
        /// The cards that are to stay, for piles that can only clear all; filled in by the platform.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        remaining: Vec<OfflineCard>,
    },
    /// Ask which of some cards the pile has, by physical number; at most [`CommandAction::CARDS_MAX`].
    QueryOfflineCards {
        /// Their physical numbers.
        cards: Vec<String>,
    },
    /// Let a pile work or lock it, and limit its power.
    SetWorkParameters {
        /// Whether it may work.
        enabled: bool,
        /// Power in percent, 30 to 100.
        #[schema(minimum = 30, maximum = 100)]
        power_percent: u8,
    },
    /// Limit one connector's power; for newer piles.
    LimitConnectorPower {
        /// Which connector.
        connector: ConnectorNumber,
        /// The most it may deliver.
        power: Power,
        /// As the pile understands it.
        #[serde(default)]
        priority: u8,
        /// For so many minutes; 0 until the end of the charge.
        #[serde(default)]
        minutes: u16,
    },
    /// Set the clock.
    SyncClock,
    /// Take a tariff version. Made by the platform when a pile runs another one than it should.
    SetTariff {
        /// Which.
        #[serde(flatten)]
        tariff: TariffRef,
    },
    /// Raise or lower a parking lock.
    MoveParkingLock {
        /// Which connector's.
        connector: ConnectorNumber,
        /// `true` raises it.
        raise: bool,
    },
    /// Reboot.
    Reboot {
        /// Now, or when nobody charges.
        when: When,
    },
    /// Fetch a firmware by FTP and install it.
    UpdateFirmware {
        /// What the firmware is for.
        model: FirmwareModel,
        /// The pile's power in kW, as the firmware's maker has it.
        #[serde(default)]
        power: u16,
        /// The FTP server: an IP address or a name of at most 16 characters.
        server: String,
        /// Its port.
        port: u16,
        /// Who signs in; at most 16 characters.
        user: String,
        /// With which password; at most 16 characters. Never shown.
        password: String,
        /// The file; at most 32 characters.
        path: String,
        /// When to install it.
        when: When,
        /// Minutes that the download may take.
        timeout_minutes: u8,
    },
    /// Report the number of the SIM card.
    ReadSimNumber,
    /// Set what a QR code begins with; the pile appends its code.
    SetQrPrefix {
        /// What is appended.
        format: QrFormat,
        /// At most 200 ASCII characters.
        prefix: String,
    },
    /// Ask for the VIN of the car that is plugged in.
    QueryVin {
        /// Which connector.
        connector: ConnectorNumber,
    },
    /// Read settings of the pile, by the names that its protocol has for them; at most [`CommandAction::SETTINGS_MAX`].
    ReadSettings {
        /// Their names.
        names: Vec<String>,
    },
    /// Change settings of the pile, by the names that its protocol has for them; at most
    /// [`CommandAction::SETTINGS_MAX`].
    WriteSettings {
        /// What each is to be.
        #[schema(value_type = Object)]
        values: BTreeMap<String, Value>,
    },
    /// Send a transaction record again. It is stored and judged like any other.
    ReadRecord {
        /// Of this charge.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        transaction_number: Option<TransactionNumber>,
        /// Or the one at this place in the pile's memory, as its protocol counts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        index: Option<u32>,
    },
    /// Report the tariff that the pile runs.
    ReadTariff,
    /// Report the energies by half hour of the latest charge.
    ReadHalfHours {
        /// Which connector.
        connector: ConnectorNumber,
    },
}

/// A card by both its numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OfflineCard {
    /// Printed on it: 1 to 32 letters and digits.
    pub logical_number: String,
    /// What a reader gives: 1 to 32 letters and digits; 16 hex digits in YKC.
    pub physical_number: String,
}

/// When a pile does what it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// At once.
    Now,
    /// When nobody charges.
    Idle,
}

/// What a firmware is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FirmwareModel {
    /// Direct current.
    Dc,
    /// Alternating current.
    Ac,
}

/// What a pile appends to a QR code's prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QrFormat {
    /// Its code.
    Pile,
    /// Its code and the connector's number.
    PileAndConnector,
}

/// Whether what goes by a name is a secret: a password or a key, whatever a protocol calls it.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["passw", "secret"].iter().any(|word| name.contains(word)) || name.ends_with("key")
}

impl CommandAction {
    /// Cards that one command carries; the longest list that every protocol's frame holds.
    pub const CARDS_MAX: usize = 10;
    /// Settings that one command reads or changes.
    pub const SETTINGS_MAX: usize = 64;

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ReadTelemetry { .. } => "read_telemetry",
            Self::StartCharge { .. } => "start_charge",
            Self::StartParallel { .. } => "start_parallel",
            Self::StopCharge { .. } => "stop_charge",
            Self::UpdateBalance { .. } => "update_balance",
            Self::SyncOfflineCards { .. } => "sync_offline_cards",
            Self::ClearOfflineCards { .. } => "clear_offline_cards",
            Self::QueryOfflineCards { .. } => "query_offline_cards",
            Self::SetWorkParameters { .. } => "set_work_parameters",
            Self::LimitConnectorPower { .. } => "limit_connector_power",
            Self::SyncClock => "sync_clock",
            Self::SetTariff { .. } => "set_tariff",
            Self::MoveParkingLock { .. } => "move_parking_lock",
            Self::Reboot { .. } => "reboot",
            Self::UpdateFirmware { .. } => "update_firmware",
            Self::ReadSimNumber => "read_sim_number",
            Self::SetQrPrefix { .. } => "set_qr_prefix",
            Self::QueryVin { .. } => "query_vin",
            Self::CancelReservation { .. } => "cancel_reservation",
            Self::ReadSettings { .. } => "read_settings",
            Self::WriteSettings { .. } => "write_settings",
            Self::ReadRecord { .. } => "read_record",
            Self::ReadTariff => "read_tariff",
            Self::ReadHalfHours { .. } => "read_half_hours",
        }
    }

    /// The connector it is for; `None` for the whole pile.
    #[must_use]
    pub const fn connector(&self) -> Option<ConnectorNumber> {
        match self {
            Self::ReadTelemetry { connector }
            | Self::StartCharge { connector, .. }
            | Self::StartParallel { connector, .. }
            | Self::StopCharge { connector }
            | Self::UpdateBalance { connector, .. }
            | Self::LimitConnectorPower { connector, .. }
            | Self::MoveParkingLock { connector, .. }
            | Self::CancelReservation { connector }
            | Self::ReadHalfHours { connector }
            | Self::QueryVin { connector } => Some(*connector),
            _ => None,
        }
    }

    /// Whether it is in the way of another one: a pile does one thing of a kind, on a connector, at a time, for their
    /// answers can't be told apart.
    #[must_use]
    pub fn shares_turn_with(&self, other: &Self) -> bool {
        (self.name(), self.connector()) == (other.name(), other.connector())
    }

    /// Whether it only makes sense as part of an order.
    #[must_use]
    pub const fn needs_order(&self) -> bool {
        matches!(self, Self::StartCharge { .. } | Self::StartParallel { .. } | Self::UpdateBalance { .. })
    }

    /// Whether it ends a charge.
    #[must_use]
    pub const fn is_stop(&self) -> bool {
        matches!(self, Self::StopCharge { .. } | Self::CancelReservation { .. })
    }

    /// The same without secrets, to be shown and kept.
    #[must_use]
    pub fn redacted(&self) -> Self {
        let mut shown = self.clone();
        match &mut shown {
            Self::UpdateFirmware { password, .. } if !password.is_empty() => HIDDEN.clone_into(password),
            Self::StartCharge { options, .. } => *options = options.redacted(),
            Self::WriteSettings { values } => {
                let secret = |(name, _): &(&String, &mut Value)| is_secret_name(name);
                values.iter_mut().filter(secret).for_each(|(_, value)| *value = Value::from(HIDDEN));
            }
            _ => {}
        }
        shown
    }

    /// Time that a pile has to answer.
    #[must_use]
    pub const fn answer_within(&self) -> Duration {
        Duration::from_secs(match self {
            // V1.6 §13.3 rule 1: within 90 s the start is confirmed, or it has failed.
            Self::StartCharge { .. } | Self::StartParallel { .. } => 60,
            Self::UpdateFirmware { timeout_minutes, .. } => 60 + *timeout_minutes as u64 * 60,
            // One after the other, or out of a slow memory.
            Self::MoveParkingLock { .. }
            | Self::ReadSettings { .. }
            | Self::WriteSettings { .. }
            | Self::ReadRecord { .. } => 30,
            _ => 10,
        })
    }

    /// Times that it is sent again without harm when no answer comes: what only reads, or sets what it names.
    #[must_use]
    pub const fn retries(&self) -> u8 {
        match self {
            Self::StartCharge { .. }
            | Self::StartParallel { .. }
            | Self::Reboot { .. }
            | Self::UpdateFirmware { .. }
            | Self::MoveParkingLock { .. } => 0,
            // A charge that goes on costs money: rule 3 says that a stop must always stop.
            Self::StopCharge { .. } | Self::CancelReservation { .. } => 2,
            _ => 1,
        }
    }
}
