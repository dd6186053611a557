//! Every message of AA F5, one table each, grouped by what it is for.

mod account;
mod bms;
mod control;
mod firmware;
mod log;
mod parameter;
mod presence;
mod record;
mod status;
mod tariff;
mod upkeep;
mod white_list;

pub use account::*;
pub use bms::*;
pub use control::*;
pub use firmware::*;
pub use log::*;
pub use parameter::*;
pub use presence::*;
pub use record::*;
pub use status::*;
pub use tariff::*;
pub use upkeep::*;
pub use white_list::*;

use crate::Protocol;
use crate::declare::message_set;

/// A command number on the wire: odd from the platform, even from the pile, but for FTP and logs.
pub type FrameType = u16;

const PROTOCOL: Protocol = Protocol::Aaf5;

/// Whose reading of a command is taken where vendors disagree. There is one so far: what differs is told by lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Dialect {
    /// The vendor's document, V2.6 to V5.2B.
    #[default]
    Standard,
}

/// How the characters of a VIN are ordered, as the parameter of its field type.
mod vin_order {
    pub(super) const NATURAL: u8 = 0;
}

message_set! {
    IntegerParameterRequest,
    IntegerParameterResponse,
    TextParameterRequest,
    TextParameterResponse,
    ControlRequest,
    ControlResponse,
    StartRequest,
    StartResponse,
    PileCommandResponse,
    PileCommandRequest,
    SoftwareVersionRequest,
    SoftwareVersionResponse,
    HeartbeatResponse,
    HeartbeatRequest,
    StatusResponse,
    StatusReport,
    SignInResponse,
    SignInRequest,
    AlarmResponse,
    AlarmReport,
    StartCompleteResponse,
    StartCompleteReport,
    ModuleResponse,
    ModuleReport,
    LastChargeSlotsRequest,
    LastChargeSlotsResponse,
    RecordConfirm,
    ChargeRecord,
    AccountQueryResponse,
    AccountQueryRequest,
    VinStartResponse,
    VinStartRequest,
    VinStartResultConfirm,
    VinStartResult,
    FineRecordConfirm,
    FineChargeRecord,
    BmsConfirm,
    BmsReport,
    StoredRecordRequest,
    StoredRecordResponse,
    StoredFineRecordRequest,
    StoredFineRecordResponse,
    FirmwareEraseRequest,
    FirmwareEraseResponse,
    FirmwareNameRequest,
    FirmwareNameResponse,
    FirmwareSizeRequest,
    FirmwareSizeResponse,
    FirmwareDataRequest,
    FirmwareDataResponse,
    FirmwareEndRequest,
    FirmwareEndResponse,
    RebootRequest,
    RebootResponse,
    FirmwareWishResponse,
    FirmwareWish,
    TariffQuery,
    TariffQueryResponse,
    TariffSetRequest,
    TariffSetResponse,
    TimeOfUseTariffSetRequest,
    TimeOfUseTariffSetResponse,
    TimeOfUseTariffQuery,
    TimeOfUseTariffQueryResponse,
    WhiteListVinRequest,
    WhiteListRequest,
    WhiteListResponse,
    FirmwareUpdateRequest,
    FirmwareUpdateResponse,
    FirmwareUpdateReport,
    LogUploadRequest,
    LogUploadResponse,
    LogFileRequest,
    LogFileResponse,
    LogDataReport,
    LogDataConfirm,
    LogFileEnd,
    LogFileEndConfirm,
}
