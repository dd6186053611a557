//! Code tables of YKC, each value with a Chinese and an English text. Values beyond them are kept as numbers.

mod bms;
mod card;
mod charge;
mod fault;
mod login;
mod maintenance;
mod settings;
mod stop_reason;
mod telemetry;

pub use bms::{
    AbortFlag, BatteryOwnership, BatteryType, ChargeMode, ChargingAllowed, LevelState, LimitState, TimeoutState,
};
pub use card::{BalanceUpdateResult, CardClearFailure, CardPresence, CardSyncFailure};
pub use charge::{
    MainAuxiliary, PasswordNeeded, RelayFlag, RemoteStartFailure, RemoteStopFailure, StartMethod, StartRefusal,
    StartSource,
};
pub use fault::HARDWARE_FAULTS;
pub use login::{Carrier, ConnectorHealth, LoginResult, NetworkType, PileType};
pub use maintenance::{ExecuteMode, PileModel, UpdateResult};
pub use settings::{ConfirmResult, QrFormat, QrPrefixResult, Symbology, Tier, VerifyResult, WorkPermission};
pub use stop_reason::{StopCategory, StopReason};
pub use telemetry::{ConnectorState, Homed, LockAlarm, LockCommand, LockState, Outcome, ParkingState, Plugged};
