//! Whatever happens in whatever order, commands keep their turns and every end is told once.

use super::tests::{bench, done, end, pile_code, read};
use super::*;
use crate::business::testing::Bench;
use crate::command::When;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    Ask(u8, bool),
    End(usize, u8),
    Cancel(usize),
    Online,
    Offline,
    Restart,
    Pass(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..4_u8, any::<bool>()).prop_map(|(kind, kept)| Step::Ask(kind, kept)),
        4 => (0..64_usize, 0..5_u8).prop_map(|(which, how)| Step::End(which, how)),
        1 => (0..64_usize).prop_map(Step::Cancel),
        1 => Just(Step::Online),
        1 => Just(Step::Offline),
        1 => Just(Step::Restart),
        1 => (1..40_i64).prop_map(Step::Pass),
    ]
}

fn take(bench: &mut Bench, step: &Step) {
    match *step {
        Step::Ask(kind, kept) => {
            let request = match kind {
                0 => read(1),
                1 => read(2),
                2 => CommandAction::SyncClock,
                _ => CommandAction::Reboot { when: When::Now },
            };
            let keep_until = kept.then(|| bench.now.plus_seconds(60));
            let new = NewCommand { keep_until, ..NewCommand::of_platform(pile_code(), request) };
            let _ = bench.work(|business| business.queue_command(new));
        }
        Step::End(which, how) => {
            let result = match how {
                0 => done(),
                1 => CommandResult::Refused("failed".into(), Value::Null),
                2 => CommandResult::TimedOut,
                3 => CommandResult::PileAway,
                _ => CommandResult::Impossible("not_in_this_protocol".into()),
            };
            end(bench, CommandId(u64::try_from(which).unwrap()), result);
        }
        Step::Cancel(which) => {
            let _ = bench.work(|business| business.cancel_command(CommandId(u64::try_from(which).unwrap()), "a"));
        }
        Step::Online => {
            if bench.presence.online.insert(pile_code()) {
                bench.work(|business| business.commands_on_login(pile_code())).unwrap();
            }
        }
        Step::Offline => {
            if bench.presence.online.remove(&pile_code()) {
                bench.work(|business| business.commands_on_offline(pile_code())).unwrap();
            }
        }
        Step::Restart => {
            bench.presence.online.clear();
            bench.work(|business| business.resume_commands()).unwrap();
        }
        Step::Pass(seconds) => {
            bench.pass_seconds(seconds);
            let due = bench.reaction.due.clone();
            for (at, due) in due {
                if let Due::Command(id) = due
                    && at <= bench.now
                {
                    bench.work(|business| business.command_due(id)).unwrap();
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn whatever_happens_turns_are_kept_and_every_end_is_told_once(steps in prop::collection::vec(step(), 1..80)) {
        let mut bench = bench();
        for step in &steps {
            take(&mut bench, step);
            let commands = bench.books.all::<Command>().unwrap();
            let online = bench.presence.online.contains(&pile_code());
            for command in &commands {
                prop_assert_eq!(command.open_pile.is_none(), command.state.is_end());
                prop_assert_eq!(command.ended_at.is_some(), command.state.is_end());
                let rivals = commands.iter().filter(|other| {
                    other.state == CommandState::Sent && other.request.shares_turn_with(&command.request)
                });
                prop_assert!(rivals.count() <= 1, "{:?}", commands);
                prop_assert!(online || command.state != CommandState::Sent, "{:?}", command);
                prop_assert!(online || command.state.is_end() || command.keep_until.is_some(), "{:?}", command);
            }
            let ended = commands.iter().filter(|command| command.state.is_end()).count();
            prop_assert_eq!(bench.reaction.ended.len(), ended);
            prop_assert_eq!(bench.books.events().len(), ended);
            let sent: usize = commands.iter().map(|command| usize::from(command.attempts)).sum();
            prop_assert_eq!(bench.reaction.dispatch.len(), sent);
        }
    }
}
