//! What the platform answers to messages that ask something of it.

use voltapile_platform::authorization::{self, decide_start};
use voltapile_platform::tariff::{Tariff, TariffCheck, TariffNumber, Tier};
use voltapile_protocol::wire::{Percent, YuanPerKwh};
use voltapile_protocol::ykc::code::{Outcome, StartMethod, StartRefusal, VerifyResult};
use voltapile_protocol::ykc::field::{TariffId, TariffSlots};
use voltapile_protocol::ykc::message::{
    Message, ParallelStartRequest, ParallelStartResponse, StartRequest, StartResponse, TariffRequest, TariffResponse,
    TariffVerifyRequest, TariffVerifyResponse,
};

use crate::core::{Core, PileLive};

/// The answer; `None` for messages that ask nothing.
pub(super) fn answer(core: &Core, pile: &PileLive, message: &Message) -> Option<Message> {
    match message {
        Message::TariffVerifyRequest(request) => Some(verify_tariff(core, pile, request).into()),
        Message::TariffRequest(request) => tariff(core, pile, request).map(Message::from),
        Message::StartRequest(request) => Some(refuse_start(request).into()),
        Message::ParallelStartRequest(request) => Some(refuse_parallel_start(request).into()),
        _ => None,
    }
}

fn verify_tariff(core: &Core, pile: &PileLive, request: &TariffVerifyRequest) -> TariffVerifyResponse {
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

/// The whole tariff. A pile without one gets no answer: it asks again, and must not sell until then.
fn tariff(core: &Core, pile: &PileLive, request: &TariffRequest) -> Option<TariffResponse> {
    let Some(tariff) = core.tariff_of(pile) else {
        tracing::warn!(pile = %pile.code, "a pile asks for its tariff and has none: assign one, it cannot charge before");
        core.metrics.frames_rejected.count("no_tariff");
        return None;
    };
    Some(tariff_response(request, &tariff))
}

fn tariff_response(request: &TariffRequest, tariff: &Tariff) -> TariffResponse {
    let terms = &tariff.terms;
    let electricity = |tier| YuanPerKwh::from_raw(terms.prices().get(tier).electricity.steps());
    let service = |tier| YuanPerKwh::from_raw(terms.prices().get(tier).service.steps());
    TariffResponse {
        pile_code: request.pile_code,
        tariff_id: TariffId(terms.number().0),
        sharp_energy_rate: electricity(Tier::Sharp),
        sharp_service_rate: service(Tier::Sharp),
        peak_energy_rate: electricity(Tier::Peak),
        peak_service_rate: service(Tier::Peak),
        flat_energy_rate: electricity(Tier::Flat),
        flat_service_rate: service(Tier::Flat),
        valley_energy_rate: electricity(Tier::Valley),
        valley_service_rate: service(Tier::Valley),
        loss_ratio: Percent::from_raw(terms.loss_ratio()),
        slots: TariffSlots(terms.schedule().slots().map(tier_number)),
        ..TariffResponse::default()
    }
}

const fn tier_number(tier: Tier) -> u8 {
    match tier {
        Tier::Sharp => 0,
        Tier::Peak => 1,
        Tier::Flat => 2,
        Tier::Valley => 3,
    }
}

fn refuse_start(request: &StartRequest) -> StartResponse {
    StartResponse {
        pile_code: request.pile_code,
        connector_number: request.connector_number,
        auth_result: Outcome::Failed,
        fail_reason: refusal(request.start_method),
        ..StartResponse::default()
    }
}

fn refuse_parallel_start(request: &ParallelStartRequest) -> ParallelStartResponse {
    ParallelStartResponse {
        pile_code: request.pile_code,
        connector_number: request.connector_number,
        auth_result: Outcome::Failed,
        fail_reason: refusal(request.start_method),
        parallel_session_number: request.parallel_session_number,
        ..ParallelStartResponse::default()
    }
}

fn refusal(method: StartMethod) -> StartRefusal {
    let method = match method {
        StartMethod::Card => authorization::StartMethod::Card,
        StartMethod::Account => authorization::StartMethod::Account,
        StartMethod::Vin => authorization::StartMethod::Vin,
        StartMethod::Unknown(code) => authorization::StartMethod::Other(code),
    };
    match decide_start(method) {
        authorization::StartRefusal::AccountUnknown => StartRefusal::AccountUnknown,
        authorization::StartRefusal::VinUnknown => StartRefusal::VinUnknown,
        authorization::StartRefusal::CardsNotSupported => StartRefusal::CardsNotSupported,
    }
}
