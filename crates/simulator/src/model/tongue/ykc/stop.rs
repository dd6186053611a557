//! Why a charge ended, as 0x3B says it.

use voltapile_protocol::ykc::code::StopReason;

use crate::model::charge::End;

/// The code of a reason. What a start may allow only with other protocols is a balance that is spent.
pub(super) const fn stop_reason(end: End) -> StopReason {
    StopReason(match end {
        End::Remote => 0x40,
        End::Full => 0x41,
        End::ByHand => 0x45,
        End::BalanceTooLow
        | End::EnergyReached
        | End::AmountReached
        | End::TimeReached
        | End::SocReached
        | End::OfflineLimit => 0x6E,
        End::System => 0x6A,
        End::Unplugged => 0x6B,
        End::MeterLost => 0x6D,
        End::PowerLost => 0x83,
        End::DcProtection => 0x70,
        End::PowerModule => 0x71,
        End::EmergencyStop => 0x72,
        End::SurgeProtector => 0x73,
        End::Temperature => 0x74,
        End::Output => 0x75,
        End::BatteryTooHot => 0x7C,
        End::BatterySilent => 0x84,
    })
}
