//! What piles answer to what they are asked, in the words of the platform.

use serde_json::{Map, Value, json};
use voltapile_platform::unit::Energy;
use voltapile_protocol::aaf5::code::{Outcome, ParameterAction, StartFailure, UpdateAnswer, UpdateProgress};
use voltapile_protocol::aaf5::message::Message;
use voltapile_protocol::wire::{Code, Quantity};

use super::errand::Expected;
use super::{settings, tariff};

/// What an answer tells, or why the pile refuses. A message that has no word for it (a status that was asked for) is
/// itself the success.
pub(super) fn judge(answer: &Message, expected: Option<&Expected>) -> Result<Map<String, Value>, String> {
    match answer {
        Message::StartResponse(answer) => started(answer.result).map(|()| Map::new()),
        Message::ControlResponse(answer) => done(answer.result),
        Message::WhiteListResponse(answer) => done(answer.result),
        Message::TariffSetResponse(answer) => done(answer.result),
        Message::TimeOfUseTariffSetResponse(answer) => done(answer.result),
        Message::IntegerParameterResponse(answer) => {
            done(answer.result)?;
            if answer.action == ParameterAction::Set {
                return Ok(Map::new());
            }
            let word = answer.values.first().map(|value| value.value);
            match expected {
                Some(Expected::Word(expected)) if word != Some(*expected) => Err("differs".to_owned()),
                _ => Ok(settings::of_integers(answer)),
            }
        }
        Message::TextParameterResponse(answer) => {
            done(answer.result)?;
            Ok(if answer.action == ParameterAction::Set { Map::new() } else { settings::of_text(answer) })
        }
        Message::TariffQueryResponse(answer) => match expected {
            Some(Expected::Tariff(form)) if !form.is_told_by_coarse(&answer.periods) => Err("differs".to_owned()),
            _ => Ok(one("periods", tariff::coarse_json(&answer.periods))),
        },
        Message::TimeOfUseTariffQueryResponse(answer) => match expected {
            Some(Expected::Tariff(form)) if !form.is_told_by_fine(&answer.periods) => Err("differs".to_owned()),
            _ => Ok(one("periods", tariff::fine_json(&answer.periods))),
        },
        Message::LastChargeSlotsResponse(answer) => {
            let energies: Vec<Energy> =
                answer.slots.0.iter().map(|slot| Energy::from_steps(slot.raw() * 100)).collect();
            let start = answer.start_time.civil().map(|time| time.to_string());
            Ok(Map::from_iter([("started_at".to_owned(), start.into()), ("energies".to_owned(), json!(energies))]))
        }
        Message::FirmwareUpdateResponse(answer) => match answer.result {
            UpdateAnswer::Accepted | UpdateAnswer::WhenIdle => Ok(Map::new()),
            UpdateAnswer::SameVersion | UpdateAnswer::Failed | UpdateAnswer::Unknown(_) => Err(word(answer.result)),
        },
        _ => Ok(Map::new()),
    }
}

/// Whether a start was taken.
pub(super) fn started(result: StartFailure) -> Result<(), String> {
    if result.number() == 0 { Ok(()) } else { Err(word(result)) }
}

/// Whether a download has ended, and how.
pub(super) fn downloaded(progress: UpdateProgress) -> Option<Result<(), String>> {
    match progress {
        UpdateProgress::HalfDone | UpdateProgress::Unknown(_) => None,
        UpdateProgress::Downloaded => Some(Ok(())),
        UpdateProgress::ConnectionFailed
        | UpdateProgress::LoginFailed
        | UpdateProgress::NoPermission
        | UpdateProgress::DownloadFailed => Some(Err(word(progress))),
    }
}

fn done(outcome: Outcome) -> Result<Map<String, Value>, String> {
    if outcome == Outcome::Succeeded { Ok(Map::new()) } else { Err("refused".to_owned()) }
}

fn one(name: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), value)])
}

/// A reason in a stable word; `code_119` for one that the document does not name.
fn word(reason: impl Code) -> String {
    reason.entry().map_or_else(|| format!("code_{}", reason.number()), |entry| entry.name.to_owned())
}
