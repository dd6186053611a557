//! What piles answer to commands, in the words of the platform.

use serde_json::{Value, json};
use voltapile_platform::command::CommandResult;
use voltapile_protocol::wire::{Code, Quantity, digits};
use voltapile_protocol::ykc::code::{
    BalanceUpdateResult, CardPresence, Outcome, QrPrefixResult, RemoteStartFailure, UpdateResult,
};
use voltapile_protocol::ykc::field::PhysicalCardNumber;
use voltapile_protocol::ykc::message::Message;

use super::translate::name_of;

/// What an answer says of the command it belongs to. A message that has no word for it (telemetry that was asked for)
/// is itself the success.
pub(super) fn result(answer: &Message) -> CommandResult {
    match answer {
        Message::RemoteStartResponse(answer) => start(answer.start_result, answer.fail_reason),
        Message::ParallelRemoteStartResponse(answer) => start(answer.start_result, answer.fail_reason),
        Message::RemoteStopResponse(answer) => judged(answer.stop_result, || name_of(answer.fail_reason).into_owned()),
        Message::BalanceUpdateResponse(answer) => {
            let done = answer.update_result == BalanceUpdateResult::Succeeded;
            told(done, || name_of(answer.update_result).into_owned())
        }
        Message::OfflineCardSyncResponse(answer) => {
            judged(answer.save_result, || name_of(answer.fail_reason).into_owned())
        }
        Message::OfflineCardClearResponse(answer) => {
            cards(answer.cards.iter().map(|card| cleared(&card.physical_card_number, card.clear_result)))
        }
        Message::OfflineCardClearResponseShort(answer) => {
            cards(answer.cards.iter().map(|card| cleared(&card.physical_card_number, card.clear_result)))
        }
        Message::OfflineCardQueryResponse(answer) => cards(answer.cards.iter().map(|card| {
            let number = digits(&card.physical_card_number.0);
            json!({"physical_number": number, "present": card.query_result == CardPresence::Present})
        })),
        Message::WorkParametersSetResponse(answer) => judged(answer.set_result, refused),
        Message::PowerLimitResponse(answer) => judged(answer.set_result, refused),
        Message::TariffSetResponse(answer) => judged(answer.set_result, refused),
        Message::ParkingLockControlResponse(answer) => judged(answer.lock_result, refused),
        Message::RebootResponse(answer) => judged(answer.set_result, refused),
        Message::FirmwareUpdateResponse(answer) => {
            told(answer.update_result == UpdateResult::Succeeded, || name_of(answer.update_result).into_owned())
        }
        Message::QrPrefixResponse(answer) => told(answer.set_result == QrPrefixResult::Succeeded, refused),
        Message::SimNumberResponse(answer) => CommandResult::Succeeded(json!({"iccid": answer.iccid.digits()})),
        Message::VehicleReport(answer) => {
            CommandResult::Succeeded(json!({"vin": answer.vin.natural(), "soc": answer.soc.raw()}))
        }
        _ => CommandResult::Succeeded(Value::Null),
    }
}

/// Whether a pile has started. Some put the reason into the result byte: success is result 1 and reason 0.
pub(super) fn started(result: Outcome, reason: RemoteStartFailure) -> Result<(), String> {
    match (result, reason) {
        (Outcome::Succeeded, RemoteStartFailure::None) => Ok(()),
        (Outcome::Failed, RemoteStartFailure::None) => Err(refused()),
        (Outcome::Unknown(misplaced), RemoteStartFailure::None) => {
            Err(name_of(RemoteStartFailure::from_number(misplaced)).into_owned())
        }
        (_, reason) => Err(name_of(reason).into_owned()),
    }
}

fn start(result: Outcome, reason: RemoteStartFailure) -> CommandResult {
    match started(result, reason) {
        Ok(()) => CommandResult::Succeeded(Value::Null),
        Err(reason) => CommandResult::Refused(reason, Value::Null),
    }
}

/// What became of each card.
fn cards(cards: impl Iterator<Item = Value>) -> CommandResult {
    CommandResult::Succeeded(json!({"cards": cards.collect::<Value>()}))
}

fn cleared(number: &PhysicalCardNumber, result: Outcome) -> Value {
    json!({"physical_number": digits(&number.0), "cleared": result == Outcome::Succeeded})
}

fn judged(outcome: Outcome, reason: impl FnOnce() -> String) -> CommandResult {
    told(outcome == Outcome::Succeeded, reason)
}

fn told(done: bool, reason: impl FnOnce() -> String) -> CommandResult {
    if done { CommandResult::Succeeded(Value::Null) } else { CommandResult::Refused(reason(), Value::Null) }
}

fn refused() -> String {
    "refused".to_owned()
}
