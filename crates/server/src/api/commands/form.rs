//! What a caller may ask of a pile. Starting and stopping orders, balances, tariffs and cards have addresses of their
//! own, because more than a frame belongs to them.

use std::collections::BTreeMap;
use std::num::{NonZeroU8, NonZeroU16};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use voltapile_platform::command::{CommandAction, FirmwareModel, QrFormat, When};
use voltapile_platform::identity::{ConnectorNumber, TransactionNumber};
use voltapile_platform::unit::Power;

/// What is asked of a pile.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum CommandForm {
    /// Report a connector's telemetry now.
    ReadTelemetry {
        /// Which connector.
        #[schema(value_type = u8, minimum = 1)]
        connector: NonZeroU8,
    },
    /// Stop whatever charges at a connector. To stop an order, use the order.
    StopCharge {
        /// Which connector.
        #[schema(value_type = u8, minimum = 1)]
        connector: NonZeroU8,
    },
    /// Give up a charge that waits for its start time, and its order.
    CancelReservation {
        /// Which connector.
        #[schema(value_type = u8, minimum = 1)]
        connector: NonZeroU8,
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
        #[schema(value_type = u8, minimum = 1)]
        connector: NonZeroU8,
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
    SyncClock {},
    /// Raise or lower a parking lock.
    MoveParkingLock {
        /// Which connector's.
        #[schema(value_type = u8, minimum = 1)]
        connector: NonZeroU8,
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
        /// The FTP server: an IP address or a name.
        #[schema(pattern = "^[!-~]{1,16}$")]
        server: String,
        /// Its port; usually 21.
        #[schema(value_type = u16, minimum = 1)]
        port: NonZeroU16,
        /// Who signs in.
        #[schema(pattern = "^[!-~]{0,16}$")]
        user: String,
        /// With which password. Never shown.
        #[schema(pattern = "^[!-~]{0,16}$")]
        password: String,
        /// The file.
        #[schema(pattern = "^[!-~]{1,32}$")]
        path: String,
        /// When to install it.
        when: When,
        /// Minutes that the download may take.
        #[schema(value_type = u8, minimum = 1)]
        timeout_minutes: NonZeroU8,
    },
    /// Report the number of the SIM card.
    ReadSimNumber {},
    /// Set what a QR code begins with; the pile appends its code.
    SetQrPrefix {
        /// What is appended.
        format: QrFormat,
        /// What it begins with.
        #[schema(pattern = "^[!-~]{1,200}$")]
        prefix: String,
    },
    /// Ask for the VIN of the car that is plugged in.
    QueryVin {
        /// Which connector.
        #[schema(value_type = u8, minimum = 1)]
        connector: NonZeroU8,
    },
    /// Read settings of the pile, by the names that its protocol has for them.
    ReadSettings {
        /// Their names.
        #[schema(min_items = 1, max_items = 64)]
        names: Vec<String>,
    },
    /// Change settings of the pile, by the names that its protocol has for them.
    WriteSettings {
        /// What each is to be: a number or a text.
        #[schema(value_type = Object)]
        values: BTreeMap<String, Value>,
    },
    /// Send a transaction record again, named by its transaction number or by its index. It is stored and judged like any
    /// other.
    ReadRecord {
        /// Of this charge.
        transaction_number: Option<TransactionNumber>,
        /// The one at this place in the pile's memory, as its protocol counts.
        index: Option<u32>,
    },
    /// Report the tariff that the pile runs.
    ReadTariff {},
    /// Report the energies by half hour of the latest charge.
    ReadHalfHours {
        /// Which connector.
        #[schema(value_type = u8, minimum = 1)]
        connector: NonZeroU8,
    },
}

/// Nothing of it: it may hold a password.
impl std::fmt::Debug for CommandForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CommandForm(…)")
    }
}

impl From<CommandForm> for CommandAction {
    fn from(form: CommandForm) -> Self {
        let outlet = |number: NonZeroU8| ConnectorNumber(number.get());
        match form {
            CommandForm::ReadTelemetry { connector } => Self::ReadTelemetry { connector: outlet(connector) },
            CommandForm::StopCharge { connector } => Self::StopCharge { connector: outlet(connector) },
            CommandForm::CancelReservation { connector } => Self::CancelReservation { connector: outlet(connector) },
            CommandForm::SetWorkParameters { enabled, power_percent } => {
                Self::SetWorkParameters { enabled, power_percent }
            }
            CommandForm::LimitConnectorPower { connector, power, priority, minutes } => {
                Self::LimitConnectorPower { connector: outlet(connector), power, priority, minutes }
            }
            CommandForm::SyncClock {} => Self::SyncClock,
            CommandForm::MoveParkingLock { connector, raise } => {
                Self::MoveParkingLock { connector: outlet(connector), raise }
            }
            CommandForm::Reboot { when } => Self::Reboot { when },
            CommandForm::UpdateFirmware { model, power, server, port, user, password, path, when, timeout_minutes } => {
                let (port, timeout_minutes) = (port.get(), timeout_minutes.get());
                Self::UpdateFirmware { model, power, server, port, user, password, path, when, timeout_minutes }
            }
            CommandForm::ReadSimNumber {} => Self::ReadSimNumber,
            CommandForm::SetQrPrefix { format, prefix } => Self::SetQrPrefix { format, prefix },
            CommandForm::QueryVin { connector } => Self::QueryVin { connector: outlet(connector) },
            CommandForm::ReadSettings { names } => Self::ReadSettings { names },
            CommandForm::WriteSettings { values } => Self::WriteSettings { values },
            CommandForm::ReadRecord { transaction_number, index } => Self::ReadRecord { transaction_number, index },
            CommandForm::ReadTariff {} => Self::ReadTariff,
            CommandForm::ReadHalfHours { connector } => Self::ReadHalfHours { connector: outlet(connector) },
        }
    }
}
