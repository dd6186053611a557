//! What the platform limits and sets while the pile works: power, current, service, the money of a charge. The session has
//! answered already.

use voltapile_protocol::aaf5::code::ControlIndex;
use voltapile_protocol::ykc::field::PhysicalCardNumber;

use super::{Aaf5Tongue, Setting};
use crate::model::clock::Moment;
use crate::model::pile::VirtualPile;
use crate::model::power_limit::{LimitEnd, PowerLimit};

/// What a control command has as its argument to say yes.
const YES: u32 = 0x55;
/// Integer parameter of the service price.
const SERVICE_PRICE: u32 = 27;
/// Integer parameter of the emergency stop.
const EMERGENCY_STOP: u32 = 85;
/// Integer parameter of the power at most while the platform cannot be reached.
const OFFLINE_POWER: u32 = 88;
/// Integer parameter of the highest state of charge, in per cent.
const MOST_SOC: u32 = 89;
/// Integer parameter of a charge's balance: the connector, then 1e-4 yuan.
const BALANCE: u32 = 91;
/// Watts of a step of power. For 25 and 88 the text says so (1000 = 100 kW); of 17 it says nothing.
const POWER_STEP_W: u64 = 100;

impl Aaf5Tongue {
    /// What of control commands concerns the model.
    pub(super) fn controlled(&mut self, connector: u8, commands: &[(ControlIndex, u32)]) -> Vec<Setting> {
        let mut settings = Vec::new();
        for &(command, argument) in commands {
            match command {
                ControlIndex::SuspendService => {
                    settings.push(Setting::Service { connector, is_suspended: argument == YES });
                }
                ControlIndex::OfflinePowerLimit => self.offline_power = argument,
                ControlIndex::MaximumPower | ControlIndex::CurrentLimit => {
                    settings.push(Setting::Limit { connector, command, argument });
                }
                _ => {}
            }
        }
        settings
    }

    /// What of integer parameters that were set concerns the model.
    pub(super) fn set(&mut self, first_index: u32, values: &[u32]) -> Vec<Setting> {
        if let (BALANCE, [connector, balance]) = (first_index, values) {
            let connector = u8::try_from(*connector).unwrap_or_default();
            return vec![Setting::Balance { connector, balance: *balance }];
        }
        let mut settings = Vec::new();
        for (index, value) in (first_index..).zip(values) {
            match index {
                SERVICE_PRICE => settings.push(Setting::Prices),
                EMERGENCY_STOP => settings.push(Setting::EmergencyStop(*value == 1)),
                OFFLINE_POWER => self.offline_power = *value,
                // The words behind it are a key and a balance.
                _ if index > OFFLINE_POWER => break,
                _ => {}
            }
        }
        settings
    }

    /// State of charge at which charges end, in per cent; the text has anything above 100 for no limit, and 0 is what a pile
    /// has that was never told.
    pub(in crate::model::tongue) fn most_soc(&self) -> Option<u8> {
        u8::try_from(self.session.parameter(MOST_SOC)).ok().filter(|soc| (1..=100).contains(soc))
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
            Setting::EmergencyStop(is_pressed) => {
                self.each(now, out, |connector, cx| connector.set_emergency_stop(cx, is_pressed));
            }
            Setting::Prices => {
                if let Some(tariff) = self.tongue.aaf5().and_then(|tongue| tongue.tariff()) {
                    self.state.tariff = Some(tariff);
                }
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
