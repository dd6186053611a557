//! A tariff as a pile keeps it, whichever frame brought it.

use crate::wire::YuanPerKwh;
use crate::ykc::field::{PileCode, TariffId, TariffSlots};
use crate::ykc::message::{TariffResponse, TariffResponseV17, TariffSetRequest};

/// Tiers of a tariff: sharp, peak, flat, valley.
pub const TIERS: usize = 4;

/// Prices of one tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TierRates {
    /// Electricity.
    pub energy: YuanPerKwh<5>,
    /// Service.
    pub service: YuanPerKwh<5>,
}

/// A tariff as a pile keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PileTariff {
    /// Its number.
    pub id: TariffId,
    /// Prices of the tiers, by tier number.
    pub rates: [TierRates; TIERS],
    /// Loss between meter and plug that is billed, in per cent.
    pub loss_percent: u8,
    /// Tier of each half hour.
    pub slots: TariffSlots,
}

macro_rules! from_frame {
    ($($frame:ident),*) => {$(
        impl From<&$frame> for PileTariff {
            fn from(frame: &$frame) -> Self {
                Self {
                    id: frame.tariff_id,
                    rates: [
                        TierRates { energy: frame.sharp_energy_rate, service: frame.sharp_service_rate },
                        TierRates { energy: frame.peak_energy_rate, service: frame.peak_service_rate },
                        TierRates { energy: frame.flat_energy_rate, service: frame.flat_service_rate },
                        TierRates { energy: frame.valley_energy_rate, service: frame.valley_service_rate },
                    ],
                    loss_percent: u8::try_from(crate::wire::Quantity::raw(frame.loss_ratio)).unwrap_or_default(),
                    slots: frame.slots,
                }
            }
        }
    )*};
}
from_frame!(TariffResponse, TariffResponseV17, TariffSetRequest);

impl PileTariff {
    /// The frame that answers 0x09 with this tariff.
    #[must_use]
    pub fn to_response(&self, pile_code: PileCode) -> TariffResponse {
        let [sharp, peak, flat, valley] = self.rates;
        TariffResponse {
            pile_code,
            tariff_id: self.id,
            sharp_energy_rate: sharp.energy,
            sharp_service_rate: sharp.service,
            peak_energy_rate: peak.energy,
            peak_service_rate: peak.service,
            flat_energy_rate: flat.energy,
            flat_service_rate: flat.service,
            valley_energy_rate: valley.energy,
            valley_service_rate: valley.service,
            loss_ratio: crate::wire::Percent::from_raw(self.loss_percent),
            slots: self.slots,
            ..TariffResponse::default()
        }
    }
}
