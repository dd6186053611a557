//! What the platform limits and sets while the pile works: power, current, service, the money of a charge. The session has
//! answered already.

use voltapile_protocol::aaf5::code::ControlIndex;
use voltapile_protocol::ykc::field::PhysicalCardNumber;

use super::{Aaf5Tongue, Setting};
use crate::model::clock::Moment;
use crate::model::pile::VirtualPile;
use crate::model::power_limit::{LimitEnd, PowerLimit};
use crate::model::tongue::Heard;

/// What a control command has as its argument to say yes.
const YES: u32 = 0x55;
/// Integer parameter of the service price.
const SERVICE_PRICE: u32 = 27;
/// Integer parameter of the power at most while the platform cannot be reached.
const OFFLINE_POWER: u32 = 88;
/// Integer parameter of a charge's balance: the connector, then 1e-4 yuan.
const BALANCE: u32 = 91;
/// Watts of a step of power. For 25 and 88 the text says so (1000 = 100 kW); of 17 it says nothing.
const POWER_STEP_W: u64 = 100;

impl Aaf5Tongue {
    /// What of a control command concerns the model.
    pub(super) fn controlled(&mut self, connector: u8, command: ControlIndex, argument: u32) -> Option<Heard> {
        match command {
            ControlIndex::SuspendService => {
                return Some(Heard::Aaf5Set(Setting::Service { connector, is_suspended: argument == YES }));
            }
            ControlIndex::OfflinePowerLimit => self.offline_power = argument,
            ControlIndex::MaximumPower | ControlIndex::CurrentLimit => {
                return Some(Heard::Aaf5Set(Setting::Limit { connector, command, argument }));
            }
            _ => {}
        }
        None
    }

    /// What of integer parameters that were set concerns the model.
    pub(super) fn set(&mut self, first_index: u32, values: &[u32]) -> Option<Heard> {
        let value_of = |index: u32| values.get(usize::try_from(index.checked_sub(first_index)?).ok()?).copied();
        if first_index == BALANCE {
            let (connector, balance) = (u8::try_from(*values.first()?).ok()?, *values.get(1)?);
            return Some(Heard::Aaf5Set(Setting::Balance { connector, balance }));
        }
        if let Some(power) = value_of(OFFLINE_POWER) {
            self.offline_power = power;
        }
        value_of(SERVICE_PRICE)?;
        self.tariff().map(Heard::TariffChanged)
    }

    /// Watts of a connector at most while the platform cannot be reached.
    pub(in crate::model::tongue) fn offline_watts(&self) -> Option<u64> {
        Some(u64::from(self.offline_power) * POWER_STEP_W).filter(|watts| *watts > 0)
    }
}

impl VirtualPile {
    /// Puts what was set into effect where there is such a connector.
    pub(in crate::model) fn take_setting(&mut self, now: Moment, setting: &Setting, out: &mut Vec<u8>) {
        let anybody = PhysicalCardNumber::default();
        match *setting {
            Setting::Balance { connector, balance } => {
                self.on(connector, now, out, |connector, _| _ = connector.set_balance(anybody, balance.into()));
            }
            Setting::Service { connector, is_suspended } => {
                self.on(connector, now, out, |connector, cx| connector.suspend(cx, is_suspended));
            }
            Setting::Limit { connector, command, argument } => {
                let argument = Some(u64::from(argument)).filter(|argument| *argument > 0);
                self.on(connector, now, out, |connector, cx| match (command, argument) {
                    (ControlIndex::CurrentLimit, most_da) => connector.limit_current(cx, most_da),
                    (_, None) => connector.lift_any_power_limit(cx),
                    (_, Some(steps)) => {
                        let (watts, ends) = (steps * POWER_STEP_W, LimitEnd::WithRestart);
                        connector.limit_power(cx, PowerLimit { watts, priority: 0, ends });
                    }
                });
            }
        }
    }
}
