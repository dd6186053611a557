//! What the examined platform may ask of the pile, and what a pile without cars answers.

use voltapile_protocol::ykc::code::{Outcome, RemoteStartFailure, RemoteStopFailure};
use voltapile_protocol::ykc::message::{
    ClockSyncResponse, Message, PowerLimitResponse, RebootResponse, RemoteStartResponse, RemoteStopResponse,
    TariffSetResponse, WorkParametersSetResponse,
};

use super::{PlatformOptions, say};

/// The answer to a request; `None` for what is none, or is left unanswered by many piles.
pub(super) fn to(request: &Message, options: &PlatformOptions) -> Option<Message> {
    let pile_code = options.pile_code;
    let set_result = Outcome::Succeeded;
    Some(match request {
        Message::ClockSyncRequest(request) => {
            let current_time = request.current_time;
            ClockSyncResponse { pile_code, current_time, ..Default::default() }.into()
        }
        Message::RealtimeReadRequest(request) => say::idle(pile_code, request.connector_number).into(),
        Message::TariffSetRequest(_) => TariffSetResponse { pile_code, set_result, ..Default::default() }.into(),
        Message::RemoteStartRequest(request) => RemoteStartResponse {
            transaction_number: request.transaction_number,
            pile_code,
            connector_number: request.connector_number,
            start_result: Outcome::Failed,
            fail_reason: RemoteStartFailure::NotPlugged,
            ..Default::default()
        }
        .into(),
        Message::RemoteStopRequest(request) => RemoteStopResponse {
            pile_code,
            connector_number: request.connector_number,
            stop_result: Outcome::Failed,
            fail_reason: RemoteStopFailure::NotCharging,
            ..Default::default()
        }
        .into(),
        Message::WorkParametersSetRequest(_) => {
            WorkParametersSetResponse { pile_code, set_result, ..Default::default() }.into()
        }
        Message::PowerLimitRequest(request) => {
            let connector_number = request.connector_number;
            PowerLimitResponse { pile_code, connector_number, set_result, ..Default::default() }.into()
        }
        Message::RebootRequest(_) => {
            RebootResponse { pile_code, set_result: Outcome::Failed, ..Default::default() }.into()
        }
        _ => return None,
    })
}
