//! What piles answer to commands, in the words of the platform.

use serde_json::{Value, json};
use voltapile_platform::command::CommandResult;
use voltapile_protocol::wire::{Code, Quantity, digits};
use voltapile_protocol::ykc::code::{
    BalanceUpdateResult, CardPresence, Outcome, QrPrefixResult, RemoteStartFailure, UpdateResult,
};
use voltapile_protocol::ykc::field::PhysicalCardNumber;
use voltapile_protocol::ykc::message::Message;

/// What an answer says of the command it belongs to. A message that has no word for it (telemetry that was asked for)
/// is itself the success.
pub(super) fn result(answer: &Message) -> CommandResult {
    match answer {
        Message::RemoteStartResponse(answer) => start(answer.start_result, answer.fail_reason),
        Message::ParallelRemoteStartResponse(answer) => start(answer.start_result, answer.fail_reason),
        Message::RemoteStopResponse(answer) => judged(answer.stop_result, || word(answer.fail_reason)),
        Message::BalanceUpdateResponse(answer) => {
            let done = answer.update_result == BalanceUpdateResult::Succeeded;
            told(done, || word(answer.update_result))
        }
        Message::OfflineCardSyncResponse(answer) => judged(answer.save_result, || word(answer.fail_reason)),
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
            told(answer.update_result == UpdateResult::Succeeded, || word(answer.update_result))
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
            Err(word(RemoteStartFailure::from_number(misplaced)))
        }
        (_, reason) => Err(word(reason)),
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

/// A reason in a stable word; `code_119` for one that the specification does not name.
fn word(reason: impl Code) -> String {
    reason.entry().map_or_else(|| format!("code_{}", reason.number()), |entry| entry.name.to_owned())
}

fn refused() -> String {
    "refused".to_owned()
}
