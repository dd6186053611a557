//! The tests: many worlds, honest ones, and worlds with a platform that does wrong on purpose.

use voltapile_platform::event::EventType;

use crate::fault::Rates;
use crate::run::{Run, number_from_environment};
use crate::sabotage::Wrong;
use crate::world::Stats;

/// Worlds in each of the tests that run many; they run beside each other.
const RUNS: u64 = 75;

/// Runs some worlds. One that fails is run again to tell what happened.
fn run_worlds(first: u64) -> Stats {
    let mut sum = Stats::default();
    if let Some(seed) = number_from_environment("VOLTAPILE_WORLD_SEED") {
        if first == 0 {
            Run::of(seed).go_traced(true).unwrap_or_else(|found| panic!("{found}"));
        }
        return sum;
    }
    let runs = number_from_environment("VOLTAPILE_WORLD_RUNS").map_or(RUNS, |runs| runs.div_ceil(4));
    for seed in (0..runs).map(|run| first + run * 4) {
        match Run::of(seed).go() {
            Ok(stats) => add(&mut sum, &stats),
            Err(_) => {
                let found = Run::of(seed).go_traced(true).err().unwrap_or_else(|| "fails only once".to_owned());
                panic!(
                    "{found}\nreplay: VOLTAPILE_WORLD_SEED={seed} cargo test -p voltapile-platform --test world worlds_0"
                );
            }
        }
    }
    println!("{runs} worlds: {sum:#?}");
    sum
}

fn add(sum: &mut Stats, more: &Stats) {
    sum.steps += more.steps;
    sum.commits += more.commits;
    sum.crashes += more.crashes;
    sum.records += more.records;
    sum.commands += more.commands;
    sum.charged_fen += more.charged_fen;
    let lists = [(&more.ends, &mut sum.ends), (&more.refusals, &mut sum.refusals), (&more.reasons, &mut sum.reasons)];
    for (from, to) in lists {
        for (what, count) in from {
            *to.entry(what.clone()).or_default() += count;
        }
    }
}

/// For whoever hunts, with `VOLTAPILE_WORLD_SURVEY` set to a number of worlds: what goes wrong in them, by kind.
#[test]
fn survey() {
    let Some(worlds) = number_from_environment("VOLTAPILE_WORLD_SURVEY") else { return };
    let mut kinds: std::collections::BTreeMap<String, (u64, u64)> = std::collections::BTreeMap::new();
    let mut sum = Stats::default();
    for seed in 0..worlds {
        let found = match Run::of(seed).go() {
            Ok(stats) => {
                add(&mut sum, &stats);
                continue;
            }
            Err(found) => found,
        };
        let kind: String = found.chars().filter(|letter| !letter.is_ascii_digit()).take(260).collect();
        kinds.entry(kind).or_insert((0, seed)).0 += 1;
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    for (kind, (count, seed)) in &kinds {
        println!("{count} times, first seed {seed}:{kind}");
    }
    println!("{sum:#?}");
}

#[test]
fn worlds_0() {
    run_worlds(0);
}

#[test]
fn worlds_1() {
    run_worlds(1);
}

#[test]
fn worlds_2() {
    run_worlds(2);
}

#[test]
fn worlds_3() {
    run_worlds(3);
}

#[test]
fn the_same_seed_does_the_same() {
    let once = Run::of(7).go_traced(true).map(|stats| format!("{stats:?}"));
    assert_eq!(once, Run::of(7).go_traced(true).map(|stats| format!("{stats:?}")));
}

#[test]
fn an_honest_world_charges_and_leaves_nothing_to_a_person() {
    let mut sum = Stats::default();
    for seed in 10_000..10_010 {
        let run = Run { rates: Some(Rates::NONE), ..Run::of(seed) };
        let stats = run.go().unwrap_or_else(|_| run.go_traced(true).unwrap_or_else(|found| panic!("{found}")));
        add(&mut sum, &stats);
    }
    assert!(sum.ends.get("settled").is_some_and(|settled| *settled > 20), "{sum:?}");
    assert!(sum.charged_fen > 10_000, "{sum:?}");
}

/// Runs worlds with a platform that does wrong until one had the opportunity; what the checker says.
fn caught(wrong: Wrong) -> String {
    for seed in 20_000..20_040 {
        if let Err(found) = (Run { wrong: Some(wrong), rates: Some(Rates::NONE), ..Run::of(seed) }).go() {
            return found;
        }
    }
    panic!("nobody noticed {wrong:?}");
}

#[test]
fn wrongs_are_noticed() {
    for (wrong, word) in [
        (Wrong::ChargesTwice, "charged and"),
        (Wrong::LosesAFen, "its ledger"),
        (Wrong::KeepsReservation, "reserved"),
        (Wrong::SwallowsEvents(EventType::OrderSettled), "no event says order.settled"),
        (Wrong::SwallowsEvents(EventType::CommandEnded), "events say so"),
        (Wrong::ForgetsDeadline, "waits without a deadline"),
        (Wrong::Revives, "came from Failed"),
        (Wrong::KeepsCommandOpen, "open_pile"),
        (Wrong::LosesRecord, "and"),
        (Wrong::RepeatsNumber, "has the number"),
    ] {
        let found = caught(wrong);
        assert!(found.contains(word), "{wrong:?}: {found}");
    }
}
