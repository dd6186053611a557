//! Commands: their turns, their ends, and what connections do to them.

use super::*;
use crate::business::testing::Bench;
use crate::command::{CommandView, FirmwareModel, When};
use crate::event::EventType;
use crate::identity::{ConnectorNumber, StationId};
use crate::operator::Operator;
use crate::pile::PileState;
use crate::station::Station;

pub(in crate::business) fn pile_code() -> PileCode {
    PileCode::new("55031412782305").unwrap()
}

pub(in crate::business) fn station_id() -> StationId {
    "north-gate".parse().unwrap()
}

/// A registered pile with two connectors in a station, connected.
pub(in crate::business) fn bench() -> Bench {
    let mut bench = Bench::new("2026-11-20T08:00:00Z".parse().unwrap());
    let (east, created_at) = ("east".parse().unwrap(), bench.now);
    let operator = Operator { id: east, name: "East".into(), tcec_id: None, created_at };
    let station = Station {
        id: station_id(),
        operator: Some(operator.id.clone()),
        name: "North gate".into(),
        address: None,
        tariff: None,
        capacity: None,
        created_at,
    };
    bench.put(&operator).unwrap();
    bench.put(&station).unwrap();
    let pile = Pile {
        code: pile_code(),
        operator: Some(operator.id),
        station: Some(station.id),
        name: None,
        model: None,
        serial: None,
        profile: None,
        connector_count: 2,
        tariff: None,
        enabled: true,
        power_limit: None,
        created_at,
    };
    bench.put(&pile).unwrap();
    bench.presence.online.insert(pile_code());
    bench
}

pub(super) fn read(connector: u8) -> CommandAction {
    CommandAction::ReadTelemetry { connector: ConnectorNumber(connector) }
}

fn ask(bench: &mut Bench, request: CommandAction) -> Result<Command, BusinessError> {
    bench.work(|business| business.queue_command(NewCommand::of_platform(pile_code(), request)))
}

fn ask_kept(bench: &mut Bench, request: CommandAction, seconds: i64) -> Command {
    let keep_until = Some(bench.now.plus_seconds(seconds));
    let new = NewCommand { keep_until, ..NewCommand::of_platform(pile_code(), request) };
    bench.work(|business| business.queue_command(new)).unwrap()
}

pub(super) fn end(bench: &mut Bench, id: CommandId, result: CommandResult) {
    bench.work(|business| business.command_ended(id, result)).unwrap();
}

pub(super) fn done() -> CommandResult {
    CommandResult::Succeeded(Value::Null)
}

fn stored(bench: &mut Bench, id: CommandId) -> Command {
    bench.get(&id).unwrap().unwrap()
}

fn sent(bench: &mut Bench) -> Vec<u64> {
    std::mem::take(&mut bench.reaction.dispatch).into_iter().map(|command| command.id.0).collect()
}

fn conflict(result: Result<Command, BusinessError>) -> &'static str {
    match result {
        Err(BusinessError::Refused(Refusal::Conflict { reason, .. })) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_of_a_kind_is_in_flight_and_others_wait_their_turn() {
    let mut bench = bench();
    for request in [read(1), read(1), read(2), CommandAction::SyncClock, read(1)] {
        ask(&mut bench, request).unwrap();
    }
    assert_eq!(sent(&mut bench), [1, 3, 4]);
    end(&mut bench, CommandId(3), done());
    assert!(sent(&mut bench).is_empty());
    end(&mut bench, CommandId(1), CommandResult::Refused("failed".into(), Value::Null));
    assert_eq!(sent(&mut bench), [2]);
    end(&mut bench, CommandId(2), done());
    assert_eq!(sent(&mut bench), [5]);
    let ended: Vec<u64> = bench.reaction.ended.iter().map(|id| id.0).collect();
    assert_eq!(ended, [3, 1, 2]);
    assert_eq!(bench.books.event_types(), [EventType::CommandEnded; 3]);
    let first = stored(&mut bench, CommandId(1));
    assert_eq!((first.state, first.reason.as_deref()), (CommandState::Refused, Some("failed")));
    assert_eq!((first.open_pile, first.ended_at), (None, Some(bench.now)));
    // A second word about it changes nothing.
    end(&mut bench, CommandId(1), done());
    assert_eq!(stored(&mut bench, CommandId(1)), first);
}

#[test]
fn silence_is_asked_again_where_that_is_safe() {
    let mut bench = bench();
    ask(&mut bench, read(1)).unwrap();
    ask(&mut bench, CommandAction::Reboot { when: When::Now }).unwrap();
    bench.pass_seconds(10);
    end(&mut bench, CommandId(1), CommandResult::TimedOut);
    end(&mut bench, CommandId(2), CommandResult::TimedOut);
    assert_eq!(sent(&mut bench), [1, 2, 1]);
    let again = stored(&mut bench, CommandId(1));
    assert_eq!((again.state, again.attempts, again.sent_at), (CommandState::Sent, 2, Some(bench.now)));
    assert_eq!(stored(&mut bench, CommandId(2)).state, CommandState::TimedOut);
    end(&mut bench, CommandId(1), CommandResult::TimedOut);
    let last = stored(&mut bench, CommandId(1));
    assert_eq!((last.state, last.reason.as_deref()), (CommandState::TimedOut, Some("no_answer")));
    assert!(sent(&mut bench).is_empty());
}

#[test]
fn an_offline_pile_refuses_at_once_or_is_waited_for() {
    let mut bench = bench();
    bench.presence.online.clear();
    assert_eq!(conflict(ask(&mut bench, read(1))), "pile_offline");
    let kept = ask_kept(&mut bench, read(1), 60);
    let short = ask_kept(&mut bench, CommandAction::SyncClock, 30);
    assert_eq!(kept.state, CommandState::Queued);
    assert_eq!(bench.reaction.due.len(), 2);
    bench.pass_seconds(30);
    bench.work(|business| business.command_due(kept.id)).unwrap();
    bench.work(|business| business.command_due(short.id)).unwrap();
    assert_eq!(stored(&mut bench, short.id).reason.as_deref(), Some("expired"));
    bench.presence.online.insert(pile_code());
    bench.work(|business| business.commands_on_login(pile_code())).unwrap();
    assert_eq!(sent(&mut bench), [kept.id.0]);
    let past = NewCommand { keep_until: Some(bench.now), ..NewCommand::of_platform(pile_code(), read(2)) };
    assert!(bench.work(|business| business.queue_command(past)).is_err());
}

#[test]
fn a_pile_that_goes_takes_its_commands_along_unless_they_may_wait() {
    let mut bench = bench();
    ask(&mut bench, read(1)).unwrap();
    ask(&mut bench, read(1)).unwrap();
    ask_kept(&mut bench, CommandAction::SyncClock, 60);
    bench.presence.online.clear();
    bench.work(|business| business.commands_on_offline(pile_code())).unwrap();
    let states = |bench: &mut Bench| [1, 2, 3].map(|id| stored(bench, CommandId(id)).state);
    assert_eq!(states(&mut bench), [CommandState::Cancelled, CommandState::Cancelled, CommandState::Queued]);
    assert_eq!(stored(&mut bench, CommandId(2)).reason.as_deref(), Some("pile_offline"));
    // The timer of the lost connection, and an answer that came just before its end.
    end(&mut bench, CommandId(3), CommandResult::TimedOut);
    assert_eq!(states(&mut bench)[2], CommandState::Queued);
    end(&mut bench, CommandId(3), done());
    assert_eq!(states(&mut bench)[2], CommandState::Succeeded);
}

#[test]
fn what_would_do_harm_twice_is_not_sent_again_at_the_next_login() {
    let mut bench = bench();
    bench.presence.online.clear();
    let reboot = ask_kept(&mut bench, CommandAction::Reboot { when: When::Now }, 3600);
    for _ in 0..3 {
        bench.presence.online.insert(pile_code());
        bench.work(|business| business.commands_on_login(pile_code())).unwrap();
        // It reboots without a word, and comes back.
        bench.presence.online.clear();
        bench.work(|business| business.commands_on_offline(pile_code())).unwrap();
    }
    let reboot = stored(&mut bench, reboot.id);
    assert_eq!((reboot.state, reboot.attempts), (CommandState::Cancelled, 1));
}

#[test]
fn a_newer_login_leaves_nothing_in_flight_on_the_connection_before() {
    let mut bench = bench();
    let lost = ask(&mut bench, read(1)).unwrap().id;
    let kept = ask_kept(&mut bench, CommandAction::SyncClock, 60).id;
    let waits = ask(&mut bench, read(1)).unwrap().id;
    bench.work(|business| business.commands_on_takeover(pile_code())).unwrap();
    assert_eq!(stored(&mut bench, lost).state, CommandState::Cancelled);
    assert_eq!(stored(&mut bench, lost).reason.as_deref(), Some(PILE_OFFLINE));
    assert_eq!(stored(&mut bench, kept).state, CommandState::Queued);
    bench.work(|business| business.commands_on_login(pile_code())).unwrap();
    assert_eq!(stored(&mut bench, kept).attempts, 2);
    assert_eq!(stored(&mut bench, waits).state, CommandState::Sent);
}

#[test]
fn a_command_whose_connection_went_before_it_was_sent() {
    let mut bench = bench();
    let lost = ask(&mut bench, read(1)).unwrap();
    let kept = ask_kept(&mut bench, read(2), 60);
    end(&mut bench, lost.id, CommandResult::PileAway);
    end(&mut bench, kept.id, CommandResult::PileAway);
    assert_eq!(stored(&mut bench, lost.id).reason.as_deref(), Some("pile_offline"));
    assert_eq!(stored(&mut bench, kept.id).state, CommandState::Queued);
    let odd = ask(&mut bench, CommandAction::SyncClock).unwrap();
    end(&mut bench, odd.id, CommandResult::Impossible("not_in_this_protocol".into()));
    let odd = stored(&mut bench, odd.id);
    assert_eq!((odd.state, odd.reason.as_deref()), (CommandState::Cancelled, Some("not_in_this_protocol")));
}

#[test]
fn a_restart_cancels_what_may_not_wait() {
    let mut bench = bench();
    ask(&mut bench, read(1)).unwrap();
    ask(&mut bench, read(1)).unwrap();
    let kept = ask_kept(&mut bench, CommandAction::SyncClock, 60);
    bench.presence.online.clear();
    bench.reaction = crate::business::Reaction::default();
    bench.work(|business| business.resume_commands()).unwrap();
    for id in [1, 2] {
        let command = stored(&mut bench, CommandId(id));
        assert_eq!((command.state, command.reason.as_deref()), (CommandState::Cancelled, Some("server_restarted")));
    }
    assert_eq!(stored(&mut bench, kept.id).state, CommandState::Queued);
    assert_eq!(bench.reaction.due, [(kept.keep_until.unwrap(), Due::Command(kept.id))]);
}

#[test]
fn a_key_makes_one_command() {
    let mut bench = bench();
    let ask = |bench: &mut Bench, by: &str, request| {
        let new =
            NewCommand { key: Some("k1".into()), by: Some(by.into()), ..NewCommand::of_platform(pile_code(), request) };
        bench.work(|business| business.queue_command(new))
    };
    let first = ask(&mut bench, "token:1", firmware()).unwrap();
    assert_eq!(ask(&mut bench, "token:1", firmware()).unwrap(), first);
    end(&mut bench, first.id, done());
    assert_eq!(ask(&mut bench, "token:1", firmware()).unwrap().id, first.id);
    assert_eq!(conflict(ask(&mut bench, "token:1", read(1))), "key_reused");
    assert_ne!(ask(&mut bench, "token:2", read(1)).unwrap().id, first.id);
    assert_eq!(sent(&mut bench), [1, 2]);
}

fn firmware() -> CommandAction {
    CommandAction::UpdateFirmware {
        model: FirmwareModel::Dc,
        power: 120,
        server: "10.0.0.1".into(),
        port: 21,
        user: "ykc".into(),
        password: "secret".into(),
        path: "a.bin".into(),
        when: When::Idle,
        timeout_minutes: 10,
    }
}

#[test]
fn secrets_are_sent_and_then_forgotten() {
    let mut bench = bench();
    let command = ask(&mut bench, firmware()).unwrap();
    assert!(!serde_json::to_string(&CommandView::from(command.clone())).unwrap().contains("secret"));
    assert_eq!(bench.reaction.dispatch.first().map(|sent| sent.request.clone()), Some(firmware()));
    end(&mut bench, command.id, CommandResult::Refused("download_timeout".into(), Value::Null));
    assert!(!serde_json::to_string(&stored(&mut bench, command.id)).unwrap().contains("secret"));
    assert!(!bench.books.events()[0].data.to_string().contains("secret"));
}

#[test]
fn the_queue_ends_but_a_stop_still_gets_in() {
    let mut bench = bench();
    for _ in 0..OPEN_COMMANDS_MAX {
        ask(&mut bench, read(1)).unwrap();
    }
    assert_eq!(conflict(ask(&mut bench, read(2))), "command_queue_full");
    let stop = CommandAction::StopCharge { connector: ConnectorNumber(1) };
    for _ in 0..OPEN_STOPS_MORE {
        ask(&mut bench, stop.clone()).unwrap();
    }
    assert_eq!(conflict(ask(&mut bench, stop)), "command_queue_full");
}

#[test]
fn what_waits_can_be_taken_back() {
    let mut bench = bench();
    ask(&mut bench, read(1)).unwrap();
    ask(&mut bench, read(1)).unwrap();
    let cancel = |bench: &mut Bench, id| bench.work(|business| business.cancel_command(CommandId(id), "user:wang"));
    assert_eq!(conflict(cancel(&mut bench, 1)), "command_sent");
    let cancelled = cancel(&mut bench, 2).unwrap();
    assert_eq!((cancelled.state, cancelled.reason.as_deref()), (CommandState::Cancelled, Some("cancelled")));
    assert_eq!(cancelled.answer, json!({"cancelled_by": "user:wang"}));
    assert_eq!(conflict(cancel(&mut bench, 2)), "command_ended");
    assert!(matches!(cancel(&mut bench, 9), Err(BusinessError::Refused(Refusal::NotFound { .. }))));
}

#[test]
fn what_cannot_be_asked_says_why() {
    let mut bench = bench();
    let field = |bench: &mut Bench, request| match ask(bench, request) {
        Err(BusinessError::Refused(Refusal::Invalid { field, .. })) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(&mut bench, read(3)), "connector");
    let update = CommandAction::UpdateBalance {
        connector: ConnectorNumber(1),
        physical_card: "00000000d14b0a54".into(),
        balance: crate::unit::Balance::from_steps(100),
    };
    assert_eq!(field(&mut bench, update), "action");
    let stranger = NewCommand::of_platform(PileCode::new("1").unwrap(), read(1));
    let unknown = bench.work(|business| business.queue_command(stranger));
    assert!(matches!(unknown, Err(BusinessError::Refused(Refusal::NotFound { what: "pile", .. }))));
    let tariff = crate::tariff::TariffRef { tariff: "day".parse().unwrap(), version: 1 };
    let unknown = ask(&mut bench, CommandAction::SetTariff { tariff });
    assert!(matches!(unknown, Err(BusinessError::Refused(Refusal::NotFound { what: "tariff version", .. }))));
    assert!(bench.books.all::<Command>().unwrap().is_empty());
}

#[test]
fn what_a_pile_took_is_known_of_it() {
    let mut bench = bench();
    let limit = |percent| CommandAction::SetWorkParameters { enabled: false, power_percent: percent };
    ask(&mut bench, limit(50)).unwrap();
    end(&mut bench, CommandId(1), CommandResult::Refused("failed".into(), Value::Null));
    assert_eq!(bench.get::<PileState>(&pile_code()).unwrap(), None);
    ask(&mut bench, limit(60)).unwrap();
    end(&mut bench, CommandId(2), done());
    ask(&mut bench, CommandAction::ReadSimNumber).unwrap();
    end(&mut bench, CommandId(3), CommandResult::Succeeded(json!({"iccid": "898604D11722D0348606"})));
    let state = bench.get::<PileState>(&pile_code()).unwrap().unwrap();
    assert_eq!((state.work_allowed, state.power_percent), (Some(false), Some(60)));
    assert_eq!(state.iccid.as_deref(), Some("898604D11722D0348606"));
    // Written otherwise it must not look like another card at the next login.
    ask(&mut bench, CommandAction::ReadSimNumber).unwrap();
    end(&mut bench, CommandId(4), CommandResult::Succeeded(json!({"iccid": "898604d11722d0348606f"})));
    assert_eq!(bench.get::<PileState>(&pile_code()).unwrap().unwrap().iccid, state.iccid);
}
