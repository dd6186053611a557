//! Every message of YKC 1.x, one table each, grouped by the specification's chapters.

mod bms;
mod card;
mod charge;
mod login;
mod maintenance;
mod parking;
mod qr_code;
mod record;
mod settings;
mod tariff;
mod telemetry;
mod vehicle;

pub use bms::*;
pub use card::*;
pub use charge::*;
pub use login::*;
pub use maintenance::*;
pub use parking::*;
pub use qr_code::*;
pub use record::*;
pub use settings::*;
pub use tariff::*;
pub use telemetry::*;
pub use vehicle::*;

use crate::Protocol;
use crate::declare::message_set;
pub use crate::ykc::Dialect;

/// A frame type on the wire.
pub type FrameType = u8;

const PROTOCOL: Protocol = Protocol::Ykc;

/// How the characters of a VIN are ordered, as the parameter of its field type.
mod vin_order {
    pub(super) const NATURAL: u8 = 0;
    pub(super) const REVERSED: u8 = 1;
    pub(super) const UNSTATED: u8 = 2;
}

message_set! {
    LoginRequest,
    LoginResponse,
    HeartbeatRequest,
    HeartbeatResponse,
    TariffVerifyRequest,
    TariffVerifyResponse,
    TariffRequest,
    TariffResponseV17,
    TariffResponse,
    TariffSetResponse,
    TariffSetRequest,
    RealtimeReadRequest,
    RealtimeReport,
    StorageReport,
    BmsHandshake,
    BmsChargeParameters,
    ChargeEndStatistics,
    BmsError,
    BmsAbort,
    ChargerAbort,
    BmsDemandChargerOutput,
    BmsStatus,
    StartRequest,
    StartResponse,
    RemoteStartResponse,
    RemoteStartRequest,
    RemoteStopResponse,
    RemoteStopRequest,
    ParallelStartRequest,
    ParallelStartResponse,
    ParallelRemoteStartResponse,
    ParallelRemoteStartRequest,
    TransactionRecord,
    TransactionRecordV17,
    TransactionRecordV14,
    TransactionRecordConfirm,
    BalanceUpdateResponse,
    BalanceUpdateRequest,
    OfflineCardSyncResponse,
    OfflineCardSyncRequest,
    OfflineCardClearResponseShort,
    OfflineCardClearResponse,
    OfflineCardClearRequest,
    OfflineCardQueryResponse,
    OfflineCardQueryRequest,
    PowerLimitRequest,
    PowerLimitRequestWhole,
    WorkParametersSetRequest,
    PowerLimitResponse,
    WorkParametersSetResponse,
    ClockSyncResponse,
    ClockSyncRequest,
    QrCodeSetGuochong,
    QrCodeResponseGuochong,
    QrCodeSetRequest,
    QrCodeSetResponse,
    QrPrefixRequest,
    QrPrefixResponse,
    ParkingLockReport,
    ParkingLockControlRequest,
    ParkingLockControlResponse,
    VehicleReport,
    VehicleReportConfirm,
    VehicleQuery,
    RebootResponse,
    RebootRequest,
    FirmwareUpdateResponse,
    FirmwareUpdateRequest,
    KeyUpdateRequest,
    KeyUpdateResponse,
    LogUploadResponse,
    LogUploadRequest,
    SimNumberResponse,
    SimNumberRequest,
}
