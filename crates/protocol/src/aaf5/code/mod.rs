//! Code tables of AA F5, each value with a Chinese and an English text. Values beyond them are kept as numbers.

mod account;
mod alarm;
mod alarm_code;
mod bms;
mod charge;
mod firmware;
mod login;
mod maintenance;
mod parameter;
mod record;
mod start_failure;
mod status;
mod stop_reason;
mod upkeep;

pub use account::{AccountAnswer, AuthMethod, CardListing, Needed, VinRefusal, VinResult};
pub use alarm::{ALARM_BITS, ALARMS, position};
pub use alarm_code::AlarmCode;
pub use bms::{BatteryOwnership, BatteryType, BmsFlag, BmsLevel, BmsReady, BmsTimeout, ChargeMode, ChargingAllowed};
pub use charge::{
    AuxiliaryVoltage, ChargeStrategy, ControlIndex, FlowDirection, OfflineCharging, ParallelMode, StartMode,
    StartSource, StartStrategy,
};
pub use firmware::{
    EraseAction, FirmwareTarget, LogKind, LogUploadResult, Outcome32, UpdateAnswer, UpdateMode, UpdateProgress,
    UpdateRequestAnswer,
};
pub use login::{DeviceType, EncryptionFlag, EncryptionSupport, FineEnergy, LoginCheck, ReportMode, RunMode, Service};
pub use maintenance::{ListAction, ListKind, Outcome, ParameterAction, QueryMark};
pub use parameter::{
    AuthOrder, AuxiliarySupply, BmsType, CardCheck, CardReader, CardType, CommunicationMode, DualMode, LampType,
    MeterType, ModuleType, ScreenType, SelfCheck, SpareContacts, StatusBms, StatusInsulation, StatusSystem,
};
pub use record::{AmountsValid, MeterCipher};
pub use start_failure::StartFailure;
pub use status::{ConnectorType, Holster, Limiting, ParkingLock, Plug, ReportNow, ReservationState, Stowed, WorkState};
pub use stop_reason::StopReason;
pub use upkeep::{ModuleAsk, ModuleKind, ModuleState, PileAsk, ReportCause, SoftwareUnit, WishResult};
