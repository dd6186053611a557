//! Why a start failed, and why a charge ended, in the words of AA F5.

use voltapile_protocol::aaf5::code::{AccountAnswer, StartFailure, StopReason, VinRefusal};
use voltapile_protocol::ykc::code::{RemoteStartFailure, StartRefusal};

use crate::model::charge::End;

/// The charge will begin.
pub(super) const NONE: StartFailure = StartFailure(0);
/// The connector is kept for somebody else.
pub(super) const RESERVED: StartFailure = StartFailure(16);
/// There is no such connector at a DC pile.
pub(super) const NO_SUCH_CONNECTOR: StartFailure = StartFailure(17);
/// There is no such connector at an AC pile.
pub(super) const NO_SUCH_CONNECTOR_AC: StartFailure = StartFailure(100_005);
/// A start at no time that there is.
pub(super) const BAD_MODE: StartFailure = StartFailure(20);
/// No current flowed in time at a DC pile.
pub(super) const TOO_LATE: StartFailure = StartFailure(9);
/// No current flowed in time at an AC pile.
pub(super) const TOO_LATE_AC: StartFailure = StartFailure(100_002);
/// Whatever else kept a charge from beginning.
pub(super) const OTHER: StartFailure = StartFailure(30);
/// A limit that there is not, or that is too low.
pub(super) const BAD_STRATEGY: StartFailure = StartFailure(21);

/// The code of 8, 110 and 210. AC piles have numbers of their own for some.
pub(super) const fn start_failure(refusal: Option<RemoteStartFailure>, is_dc: bool) -> StartFailure {
    StartFailure(match refusal {
        None | Some(RemoteStartFailure::None) => return NONE,
        Some(RemoteStartFailure::NotPlugged) => 1,
        Some(RemoteStartFailure::Disabled | RemoteStartFailure::Updating | RemoteStartFailure::DeviceOffline) => 4,
        Some(RemoteStartFailure::DeviceFault) if is_dc => 5,
        Some(RemoteStartFailure::DeviceFault) => 100_001,
        Some(RemoteStartFailure::AlreadyCharging) if is_dc => 13,
        Some(RemoteStartFailure::AlreadyCharging) => 100_003,
        Some(RemoteStartFailure::Tariff) => 80,
        Some(_) => 30,
    })
}

/// The code of 202 and 222.
pub(super) const fn stop_reason(end: End) -> StopReason {
    StopReason(match end {
        End::Full => 30,
        End::ByHand => 200,
        End::Remote => 311,
        End::BalanceTooLow => 310,
        End::EnergyReached => 306,
        End::TimeReached => 307,
        End::AmountReached => 308,
        End::SocReached => 316,
        End::OfflineLimit => 413,
        End::System => 312,
        End::Unplugged => 300,
        End::MeterLost => 309,
        End::EmergencyStop => 302,
        End::BatteryTooHot => 23,
        End::BatterySilent => 4,
        End::PowerLost
        | End::DcProtection
        | End::PowerModule
        | End::SurgeProtector
        | End::Temperature
        | End::Output => 2000,
    })
}

/// Why 203 refused, in the words of YKC's table.
#[must_use]
pub const fn account_refusal(answer: AccountAnswer) -> StartRefusal {
    match answer {
        AccountAnswer::BalanceTooLow => StartRefusal::BalanceTooLow,
        AccountAnswer::WrongPassword => StartRefusal::WrongPassword,
        AccountAnswer::UnknownCard => StartRefusal::AccountUnknown,
        AccountAnswer::Illegal | AccountAnswer::BlockCard | AccountAnswer::LostCard | AccountAnswer::CancelledCard => {
            StartRefusal::AccountFrozen
        }
        _ => StartRefusal::Unknown(u8::MAX),
    }
}

/// Why 207 refused, in the words of YKC's table.
#[must_use]
pub const fn vin_refusal(refusal: VinRefusal) -> StartRefusal {
    match refusal {
        VinRefusal::BalanceTooLow => StartRefusal::BalanceTooLow,
        VinRefusal::VehicleUnknown => StartRefusal::VinUnknown,
        VinRefusal::AccountFrozen | VinRefusal::Blocked => StartRefusal::AccountFrozen,
        _ => StartRefusal::Unknown(u8::MAX),
    }
}
