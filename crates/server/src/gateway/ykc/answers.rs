//! What the platform answers at once to messages that ask something of it.

use voltapile_platform::tariff::{TariffCheck, TariffNumber, TariffVersion};
use voltapile_protocol::ykc::code::VerifyResult;
use voltapile_protocol::ykc::message::{TariffVerifyRequest, TariffVerifyResponse};

use crate::core::{Core, PileLive};

/// Whether the pile runs the tariff that it should.
pub(super) fn verify_tariff(core: &Core, pile: &PileLive, request: &TariffVerifyRequest) -> TariffVerifyResponse {
    let verify_result = match core.check_tariff(pile, TariffNumber(request.tariff_id.0)) {
        TariffCheck::Same => VerifyResult::Same,
        TariffCheck::Differs => VerifyResult::Differs,
    };
    TariffVerifyResponse {
        pile_code: request.pile_code,
        tariff_id: request.tariff_id,
        verify_result,
        ..TariffVerifyResponse::default()
    }
}

/// The tariff for a pile that asks. One without gets no answer: it asks again, and must not sell until then.
pub(super) fn tariff(core: &Core, pile: &PileLive) -> Option<TariffVersion> {
    let tariff = core.tariff_of(pile);
    if tariff.is_none() {
        tracing::warn!(pile = %pile.code, "a pile asks for its tariff and has none: assign one, it cannot charge before");
        core.metrics.frames_rejected.count("no_tariff");
    }
    tariff
}
