//! What the examined platform may ask of the pile, and what a pile without cars answers.

use voltapile_protocol::aaf5::code::{Outcome, ReportNow, StartFailure};
use voltapile_protocol::aaf5::message::*;

use super::{PlatformOptions, say};

/// The answer to a request; `None` for what is none, or is left unanswered by many piles.
pub(super) fn to(request: &Message, options: &PlatformOptions) -> Option<Message> {
    let pile_code = options.pile_code;
    let result = Outcome::Succeeded;
    Some(match request {
        Message::IntegerParameterRequest(request) => {
            let is_query = request.values.is_empty();
            let values =
                if is_query { vec![IntegerValue::default(); request.count.min(10).into()] } else { Vec::new() };
            let (action, first_index, count) = (request.action, request.first_index, request.count);
            IntegerParameterResponse { pile_code, action, first_index, count, result, values, ..Default::default() }
                .into()
        }
        Message::TextParameterRequest(request) => {
            let (action, index) = (request.action, request.index);
            TextParameterResponse { pile_code, action, index, result, ..Default::default() }.into()
        }
        Message::ControlRequest(request) => ControlResponse {
            pile_code,
            connector_number: request.connector_number,
            first_index: request.first_index,
            count: request.count,
            result: Outcome::Failed,
            ..Default::default()
        }
        .into(),
        Message::StartRequest(request) => StartResponse {
            pile_code,
            connector_number: request.connector_number,
            result: StartFailure(1),
            transaction_number: Some(request.transaction_number.unwrap_or_default()),
            ..Default::default()
        }
        .into(),
        Message::StatusResponse(request) if request.report_now == Some(ReportNow::Yes) => {
            say::status(pile_code, request.connector_number.number()).into()
        }
        Message::TariffSetRequest(_) => TariffSetResponse { result, ..Default::default() }.into(),
        Message::TimeOfUseTariffSetRequest(_) => TimeOfUseTariffSetResponse { result, ..Default::default() }.into(),
        Message::TariffQuery(_) => TariffQueryResponse::default().into(),
        Message::TimeOfUseTariffQuery(_) => TimeOfUseTariffQueryResponse::default().into(),
        Message::WhiteListRequest(request) => {
            let (list_kind, action, version) = (request.list_kind, request.action, request.version);
            WhiteListResponse { pile_code, list_kind, action, version, result, ..Default::default() }.into()
        }
        _ => return None,
    })
}
