//! The exam of a platform by AA F5: a pile that does all that a pile may do, and much that it should not. What came of it
//! is judged by rules over the trace.

mod reaction;
mod rules;
mod say;
mod script;
mod talk;

use std::time::Duration;

use voltapile_protocol::Protocol;
use voltapile_protocol::aaf5::field::{CardNumber, PileCode};
use voltapile_protocol::inspect::lang::Bilingual;
use voltapile_protocol::layout::Direction;
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::Text;

use self::say::{Speaker, Speech};
use self::script::{Manner, STEPS, Step, Word};
use super::rule;
use super::view::View;
use crate::check::{Check, Finding, Verdict};
use crate::exam::exchange::Exchange;
use crate::exam::{ConnectionId, Effect, Exam, Input};
use crate::report::{Report, Subject};
use crate::trace::Trace;

/// Time that a platform has to answer: a pile says it again, or gives up, when it takes longer.
const ANSWER: Duration = Duration::from_secs(10);
/// The same for a record.
const RECORD: Duration = Duration::from_secs(30);
/// Time after something strange in which an answer may come, or the end of the connection.
const MOMENT: Duration = Duration::from_millis(400);
/// Sign-ins tried for the sake of steps that need one.
const SIGN_INS_MAX: u32 = 40;

/// Whom the exam plays, and what the platform knows of it.
#[derive(Debug, Clone)]
pub struct PlatformOptions {
    /// The platform's address, for the report's heading.
    pub name: String,
    /// A pile that is registered at the platform, with a tariff, and connected nowhere else.
    pub pile_code: PileCode,
    /// A pile that is not registered.
    pub unknown_pile: PileCode,
    /// A card that may charge at the pile: a start and a small bill will be booked on it.
    pub known_card: Option<CardNumber>,
    /// A card that the platform does not know.
    pub unknown_card: CardNumber,
    /// Leaves out what takes minutes: the silence of a pile.
    pub quick: bool,
    /// What the wall clock says when the exam begins, at tick 0: milliseconds since 1970 in UTC.
    pub began_unix_ms: u64,
}

impl PlatformOptions {
    /// A pile code and an address, everything else as usual.
    #[must_use]
    pub fn new(name: impl Into<String>, pile_code: PileCode, began_unix_ms: u64) -> Self {
        Self {
            name: name.into(),
            pile_code,
            unknown_pile: Text::new("99999999999999").unwrap_or_default(),
            known_card: None,
            unknown_card: Text::new("00000000CE270001").unwrap_or_default(),
            quick: false,
            began_unix_ms,
        }
    }
}

/// Every rule that the exam looks at, in the order of the report.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    rules::all().map(|rule| &rule.check)
}

/// What the exam waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waiting {
    Begin,
    /// A connection.
    Dialled,
    /// A connection, to sign in on it.
    DialledToSignIn,
    /// Answers.
    Answers,
    /// A moment.
    Time,
    /// The platform to hang up.
    End,
    Over,
}

/// The exam of a platform.
#[derive(Debug)]
pub struct PlatformExam {
    options: PlatformOptions,
    /// The lines; the newest is the one that is spoken on.
    exchange: Exchange,
    speaker: Speaker,
    steps: Vec<&'static Step>,
    step: usize,
    word: usize,
    waiting: Waiting,
    deadline: Tick,
    /// Commands whose answers are waited for.
    awaited: Vec<u16>,
    sign_ins: u32,
    /// Whether the pile was ever let in.
    was_signed_in: bool,
    /// Whether the last card asked about was the known one.
    asked_known: bool,
    is_broken_off: bool,
}

impl PlatformExam {
    /// An exam that has not begun.
    #[must_use]
    pub fn new(options: PlatformOptions) -> Self {
        let steps = STEPS.iter().filter(|step| !(options.quick && step.is_long)).collect();
        Self {
            options,
            exchange: Exchange::new(Direction::Up),
            speaker: Speaker::default(),
            steps,
            step: 0,
            word: 0,
            waiting: Waiting::Begin,
            deadline: Tick::default(),
            awaited: Vec::new(),
            sign_ins: 0,
            was_signed_in: false,
            asked_known: false,
            is_broken_off: false,
        }
    }

    /// The report on another trace, as if that had passed in this exam: what its rules make of what did not happen.
    #[must_use]
    pub fn report_of(&self, trace: Trace) -> Report {
        let Exchange { now, marks, .. } = &self.exchange;
        let view = View::new(&trace, self.options.pile_code, *now, Some(marks), true);
        let findings = rule::judge(rules::all(), &view).into_iter().map(|finding| self.explained(finding)).collect();
        Report {
            protocol: Protocol::Aaf5,
            subject: Subject::Platform,
            name: self.options.name.clone(),
            findings,
            trace,
            began_unix_ms: self.options.began_unix_ms,
        }
    }

    const fn now(&self) -> Tick {
        self.exchange.now
    }

    const fn unix_ms(&self) -> u64 {
        self.options.began_unix_ms + self.now().0
    }

    /// The line that is spoken on, while it stands.
    fn current(&self) -> Option<ConnectionId> {
        self.exchange.ids().next().filter(|newest| self.exchange.is_open(*newest))
    }

    fn go_on(&mut self) {
        while self.waiting != Waiting::Over && self.is_due() {
            match self.waiting {
                Waiting::Begin => {
                    self.progress();
                    self.do_words();
                    continue;
                }
                Waiting::DialledToSignIn if self.current().is_some() => {
                    self.say(Speech::SignIn, None, Manner::Whole);
                    self.wait_for_answers(ANSWER);
                    continue;
                }
                _ => {}
            }
            self.word += 1;
            self.do_words();
        }
    }

    fn is_due(&self) -> bool {
        let has_come = match self.waiting {
            Waiting::Begin => true,
            Waiting::Dialled | Waiting::DialledToSignIn => self.current().is_some(),
            Waiting::Answers => {
                self.exchange.last_part().is_none() && (self.awaited.is_empty() || self.current().is_none())
            }
            Waiting::End => self.current().is_none(),
            Waiting::Time | Waiting::Over => false,
        };
        has_come || self.now() >= self.deadline
    }

    fn progress(&mut self) {
        if let Some(step) = self.steps.get(self.step) {
            let title = Bilingual::new(step.zh, step.en);
            self.exchange.effects.push(Effect::Progress(title, self.step + 1, self.steps.len()));
        }
    }

    fn wait(&mut self, waiting: Waiting, time: Duration) {
        self.waiting = waiting;
        self.deadline = self.now() + time;
    }

    fn wait_for_answers(&mut self, time: Duration) {
        let last = self.exchange.last_part().unwrap_or(self.now());
        self.waiting = Waiting::Answers;
        self.deadline = last + time;
    }

    /// Does words until one has to wait.
    fn do_words(&mut self) {
        loop {
            let Some(step) = self.steps.get(self.step).copied() else { return self.finish() };
            let Some(word) = step.words.get(self.word).copied() else {
                (self.step, self.word) = (self.step + 1, 0);
                self.progress();
                continue;
            };
            if self.begin(word) {
                return;
            }
            self.word += 1;
        }
    }

    /// Begins a word; whether it has to wait.
    fn begin(&mut self, word: Word) -> bool {
        match word {
            Word::Dial => {
                self.exchange.dial();
                self.wait(Waiting::Dialled, ANSWER);
            }
            Word::Ensure => {
                let is_ready = self.current().is_some_and(|current| self.exchange.is_logged_in(current));
                if is_ready || self.sign_ins >= SIGN_INS_MAX {
                    return false;
                }
                self.sign_ins += 1;
                self.hang_up();
                self.exchange.dial();
                self.wait(Waiting::DialledToSignIn, ANSWER);
            }
            Word::Ask(speech) => return self.ask(speech, None, Manner::Whole),
            Word::Stand(rule, speech, manner) => return self.ask(speech, Some(rule), manner),
            Word::Glued(rule, speeches) => return self.glue(rule, speeches),
            Word::Strange(rule, speech) => {
                self.awaited.clear();
                if !self.say(speech, Some(rule), Manner::Whole) {
                    return false;
                }
                self.awaited.clear();
                self.wait(Waiting::Time, MOMENT);
            }
            Word::Pause(time) => self.wait(Waiting::Time, time),
            Word::HangUp => {
                self.hang_up();
                return false;
            }
            Word::HangUpOld => {
                let old: Vec<ConnectionId> = self.exchange.ids().skip(1).collect();
                old.into_iter().for_each(|id| self.exchange.close(id));
                return false;
            }
            Word::Hush(time) => self.wait(Waiting::End, time),
        }
        true
    }

    fn hang_up(&mut self) {
        self.current().into_iter().for_each(|current| self.exchange.close(current));
    }

    fn finish(&mut self) {
        self.waiting = Waiting::Over;
        self.exchange.close_all();
    }

    /// Why nothing was seen of a rule.
    fn explained(&self, finding: Finding) -> Finding {
        if finding.verdict != Verdict::NotSeen {
            return finding;
        }
        let id = finding.check.id;
        let (zh, en) = match () {
            () if self.is_broken_off => ("检查提前结束", "the exam was broken off before"),
            () if self.options.quick && id.contains(".silence.") => {
                ("快速模式（--quick）下不检查", "left out by --quick")
            }
            () if self.options.known_card.is_none() && rules::NEED_CARD.contains(&id) => {
                ("没有给出可以充电的卡（--card）", "no card that may charge was given (--card)")
            }
            () if !self.was_signed_in => {
                ("桩没能签到，无法检查", "the pile could not sign in, so there was nothing to see")
            }
            () => ("没有出现判断的机会", "there was no occasion to see it"),
        };
        Finding { note: Bilingual::new(zh, en), ..finding }
    }
}

impl Exam for PlatformExam {
    fn handle(&mut self, now: Tick, input: Input<'_>, effects: &mut Vec<Effect>) {
        self.exchange.now = now;
        match input {
            Input::Opened(id) => self.exchange.opened(id),
            Input::NotOpened(id, _) => {
                self.exchange.lost(id, true);
                self.deadline = now;
            }
            Input::Bytes(id, bytes) => self.heard(id, bytes),
            Input::Closed(id, is_broken) => self.exchange.lost(id, is_broken),
            // Nobody is asked to do anything: the exam plays the pile itself.
            Input::Done | Input::Skipped => {}
        }
        self.go_on();
        effects.append(&mut self.exchange.effects);
    }

    fn handle_deadline(&mut self, now: Tick, effects: &mut Vec<Effect>) {
        self.exchange.now = now;
        self.send_parts();
        self.go_on();
        effects.append(&mut self.exchange.effects);
    }

    fn next_deadline(&self) -> Option<Tick> {
        let part = self.exchange.next_part();
        (self.waiting != Waiting::Over).then(|| part.map_or(self.deadline, |at| at.min(self.deadline)))
    }

    fn break_off(&mut self, now: Tick, effects: &mut Vec<Effect>) {
        self.exchange.now = now;
        if self.waiting != Waiting::Over {
            self.is_broken_off = true;
            self.finish();
        }
        effects.append(&mut self.exchange.effects);
    }

    fn report(&self) -> Report {
        self.report_of(self.exchange.recorder.trace().clone())
    }
}
