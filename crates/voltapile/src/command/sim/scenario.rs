//! `--scenario`: plays a file against a platform and says what became of each step.

use std::fmt::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::sleep;
use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::Lang;
use voltapile_protocol::inspect::lang::Bilingual;
use voltapile_simulator::runner::PileHandle;
use voltapile_simulator::scenario::{
    Facts, Scenario, Step, StepOutcome, Timeline, Trigger, Turn, Verdict, What, following, span_text,
};

use super::args::{Args, ProtocolName};
use super::fleet::{Fleet, Launch, aes_key, do_at, with_key};
use super::{FLAWED, json_text, told_to_end};
use crate::command::{Failure, say};

/// How often is looked whether something has changed: finer than anybody writes a scenario.
const LOOK: Duration = Duration::from_millis(20);

/// Plays a scenario.
pub(super) async fn play(
    args: &Args,
    path: &Path,
    server: SocketAddr,
    lang: Lang,
) -> Result<(Vec<u8>, ExitCode), Failure> {
    let scenario = read(args, path)?;
    let mut launch = Launch::new(args, server);
    launch.options.speed = args.play.speed.or(scenario.speed).unwrap_or(launch.options.speed);
    launch.options.seed = args.play.seed.or(scenario.seed).unwrap_or(launch.options.seed);
    let title = scenario.title.pick(lang);
    say(&match lang {
        Lang::Zh => format!("场景“{title}”：{} 个桩连接 {server}", scenario.piles.len()),
        Lang::En => format!("scenario \"{title}\": {} piles against {server}", scenario.piles.len()),
    });
    let fleet = Fleet::launch(scenario.piles.clone(), &launch, args.capture.as_deref(), Vec::new())?;
    let mut player = Player { timeline: Timeline::new(&scenario), scenario: &scenario, fleet: &fleet, told: 0, lang };
    let is_broken_off = tokio::select! {
        () = player.play() => false,
        () = told_to_end() => true,
    };
    let (timeline, passed) = (player.timeline, !is_broken_off);
    let passed = passed && timeline.has_passed();
    let summary = fleet.end().await;
    // What a scenario expects decides: it may well be about refusals.
    let code = if passed { ExitCode::SUCCESS } else { ExitCode::from(FLAWED) };
    let result = Played { scenario: &scenario, outcomes: timeline.outcomes(), passed };
    let output = if args.json {
        json_text(&json!({"scenario": result.json(lang), "summary": summary.json(lang)}))
    } else {
        format!("{}\n{}", result.text(lang), summary.text(lang)).into_bytes()
    };
    Ok((output, code))
}

/// The scenario of the file, with the piles' codes and cards of the flags.
fn read(args: &Args, path: &Path) -> Result<Scenario, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::new(format!("--scenario {shown}: {error}"), "docs/simulator.md shows what is in it")
    })?;
    let mut scenario = Scenario::parse(&text)
        .map_err(|error| Failure::new(format!("{shown}: {error}"), "docs/simulator.md has a table of all keys"))?;
    let key = aes_key(args)?;
    for (index, pile) in scenario.piles.iter_mut().enumerate() {
        if let Some(first) = args.fleet.pile_code {
            pile.setup.config.pile_code = following(first, index);
        }
        if args.fleet.protocol == Some(ProtocolName::Aaf5) && pile.setup.protocol() == Protocol::Ykc {
            pile.setup = pile.setup.clone().speaking_aaf5();
        }
        pile.setup = with_key(key, pile.setup.clone())?;
        if !args.fleet.cards.is_empty() {
            pile.setup.visitor_cards.clone_from(&args.fleet.cards);
        }
    }
    Ok(scenario)
}

/// Carries out what the timeline says.
struct Player<'a> {
    timeline: Timeline,
    scenario: &'a Scenario,
    fleet: &'a Fleet,
    /// Steps whose outcome was told.
    told: usize,
    lang: Lang,
}

impl Player<'_> {
    async fn play(&mut self) {
        let begun = Instant::now();
        loop {
            let turn = self.turn(begun.elapsed());
            self.tell_outcomes();
            match turn {
                Turn::Over => return,
                Turn::Wait(until) => sleep(until.saturating_sub(begun.elapsed()).min(LOOK)).await,
                Turn::Do { piles, what } => {
                    for place in piles {
                        if let Some(pile) = self.fleet.piles.get(place) {
                            do_at(pile, &what).await;
                        }
                    }
                }
            }
        }
    }

    fn turn(&mut self, elapsed: Duration) -> Turn {
        let look = |pile: &PileHandle| (pile.snapshot(), self.fleet.tally.facts(pile.pile_code()));
        let seen: Vec<_> = self.fleet.piles.iter().map(look).collect();
        self.timeline.turn(elapsed, |place| {
            let (snapshot, (records_confirmed, logins_refused)) = seen.get(place)?;
            Some(Facts { snapshot, records_confirmed: *records_confirmed, logins_refused: *logins_refused })
        })
    }

    /// Tells each outcome on the side as soon as it is known.
    fn tell_outcomes(&mut self) {
        let outcomes = self.timeline.outcomes();
        for outcome in outcomes.get(self.told..).unwrap_or_default() {
            say(&outcome_line(self.scenario, outcome, self.lang));
        }
        self.told = outcomes.len();
    }
}

/// A scenario that was played.
struct Played<'a> {
    scenario: &'a Scenario,
    outcomes: &'a [StepOutcome],
    passed: bool,
}

impl Played<'_> {
    fn missing(&self) -> usize {
        let reached = self.outcomes.iter().map(|outcome| outcome.step + 1).max().unwrap_or(0);
        self.scenario.steps.len().saturating_sub(reached)
    }

    fn text(&self, lang: Lang) -> String {
        let (title, missing) = (self.scenario.title.pick(lang), self.missing());
        let mut out = match (lang, self.passed) {
            (Lang::Zh, true) => format!("✓ 场景“{title}”通过，{} 步\n", self.outcomes.len()),
            (Lang::En, true) => format!("✓ scenario \"{title}\" passed, {} steps\n", self.outcomes.len()),
            (Lang::Zh, false) => format!("✗ 场景“{title}”未通过，{missing} 步未执行\n"),
            (Lang::En, false) => format!("✗ scenario \"{title}\" failed, {missing} steps not played\n"),
        };
        for outcome in self.outcomes.iter().filter(|outcome| outcome.verdict != Verdict::Passed) {
            let _ = writeln!(out, "{}", outcome_line(self.scenario, outcome, lang));
        }
        out
    }

    fn json(&self, lang: Lang) -> Value {
        let steps = self.outcomes.iter().map(|outcome| {
            let step = self.scenario.steps.get(outcome.step);
            let failure = match &outcome.verdict {
                Verdict::Passed => Value::Null,
                Verdict::Failed(failure) => json!({
                    "pile": failure.pile.and_then(|place| self.scenario.piles.get(place)).map(|pile| pile.code().to_string()),
                    "wanted": failure.wanted.as_ref().map(|wanted| wanted.text().pick(lang).to_owned()),
                    "instead": failure.instead.pick(lang),
                }),
            };
            json!({
                "step": outcome.step + 1,
                "line": step.map(|step| step.line),
                "text": step.map(|step| step_text(self.scenario, step, lang)),
                "at_seconds": outcome.at.as_secs_f64(),
                "took_seconds": outcome.took.as_secs_f64(),
                "passed": outcome.verdict == Verdict::Passed,
                "failure": failure,
            })
        });
        json!({
            "title": self.scenario.title.pick(lang),
            "passed": self.passed,
            "steps": steps.collect::<Vec<_>>(),
            "not_played": self.missing(),
        })
    }
}

/// `✓ 1.2 s  a: swipe card`.
fn outcome_line(scenario: &Scenario, outcome: &StepOutcome, lang: Lang) -> String {
    let at = span_text(outcome.at);
    let text = scenario.steps.get(outcome.step).map(|step| step_text(scenario, step, lang)).unwrap_or_default();
    match &outcome.verdict {
        Verdict::Passed => format!("  ✓ {at:>7}  {text}"),
        Verdict::Failed(failure) => {
            let line = scenario.steps.get(outcome.step).map_or(0, |step| step.line);
            let pile = failure.pile.and_then(|place| scenario.piles.get(place)).map(|pile| pile.code().to_string());
            let (pile, instead) = (pile.unwrap_or_default(), failure.instead.pick(lang));
            match lang {
                Lang::Zh => format!("  ✗ {at:>7}  {text}（第 {line} 行）\n             桩 {pile}：{instead}"),
                Lang::En => format!("  ✗ {at:>7}  {text} (line {line})\n             pile {pile}: {instead}"),
            }
        }
    }
}

/// What a step is, in a few words.
fn step_text(scenario: &Scenario, step: &Step, lang: Lang) -> String {
    let is_about_all = step.piles.len() == scenario.piles.len();
    let name = step.piles.first().and_then(|place| scenario.piles.get(*place)).map(|pile| pile.name.as_str());
    let who = if is_about_all { String::new() } else { format!("{}: ", name.unwrap_or_default()) };
    let what = match &step.what {
        What::Do(what) => what.text(),
        What::Expect(condition, within) => {
            let (text, within) = (condition.text(), span_text(*within));
            Bilingual::new(format!("期望 {within} 内{}", text.zh), format!("expect {} within {within}", text.en))
        }
        What::Hold(condition, lasting) => {
            let (text, lasting) = (condition.text(), span_text(*lasting));
            Bilingual::new(
                format!("期望保持{} {lasting}", text.zh),
                format!("expect to stay {} for {lasting}", text.en),
            )
        }
        What::Repeat { from, times } => {
            let from = from + 1;
            Bilingual::new(
                format!("从第 {from} 步起共执行 {times} 次"),
                format!("from step {from}, {times} times in all"),
            )
        }
    };
    let when = match &step.trigger {
        Trigger::When(condition, _) => match lang {
            Lang::Zh => format!("{}后，", condition.text().zh),
            Lang::En => format!("once {}: ", condition.text().en),
        },
        _ => String::new(),
    };
    format!("{who}{when}{}", what.pick(lang))
}
