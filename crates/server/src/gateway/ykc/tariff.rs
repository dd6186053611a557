//! A tariff as the two messages that carry one: 0x0A and 0x58 have the same fields.

use voltapile_platform::tariff::{TariffTerms, Tier};
use voltapile_protocol::wire::{Percent, YuanPerKwh};
use voltapile_protocol::ykc::field::{PileCode, TariffId, TariffSlots};
use voltapile_protocol::ykc::message::{TariffResponse, TariffSetRequest};

macro_rules! tariff_message {
    ($message:ident, $pile_code:ident, $terms:ident) => {{
        let electricity = |tier| YuanPerKwh::from_raw($terms.prices().get(tier).electricity.steps());
        let service = |tier| YuanPerKwh::from_raw($terms.prices().get(tier).service.steps());
        $message {
            pile_code: $pile_code,
            tariff_id: TariffId($terms.number().0),
            sharp_energy_rate: electricity(Tier::Sharp),
            sharp_service_rate: service(Tier::Sharp),
            peak_energy_rate: electricity(Tier::Peak),
            peak_service_rate: service(Tier::Peak),
            flat_energy_rate: electricity(Tier::Flat),
            flat_service_rate: service(Tier::Flat),
            valley_energy_rate: electricity(Tier::Valley),
            valley_service_rate: service(Tier::Valley),
            loss_ratio: Percent::from_raw($terms.loss_ratio()),
            slots: TariffSlots($terms.schedule().slots().map(tier_number)),
            ..$message::default()
        }
    }};
}

/// The answer to a pile that asks for its tariff.
pub(super) fn response(pile_code: PileCode, terms: &TariffTerms) -> TariffResponse {
    tariff_message!(TariffResponse, pile_code, terms)
}

/// Sets the tariff of a pile that did not ask.
pub(super) fn set(pile_code: PileCode, terms: &TariffTerms) -> TariffSetRequest {
    tariff_message!(TariffSetRequest, pile_code, terms)
}

const fn tier_number(tier: Tier) -> u8 {
    match tier {
        Tier::Sharp => 0,
        Tier::Peak => 1,
        Tier::Flat => 2,
        Tier::Valley => 3,
    }
}
