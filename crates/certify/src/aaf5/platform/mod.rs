//! The exam of a platform by AA F5: a pile that does all that a pile may do, and much that it should not. What came of it
//! is judged by rules over the trace.

mod reaction;
mod rules;
mod say;
mod script;
mod talk;

use std::collections::VecDeque;
use std::time::Duration;

use voltapile_protocol::Protocol;
use voltapile_protocol::aaf5::field::{CardNumber, PileCode};
use voltapile_protocol::inspect::lang::Bilingual;
use voltapile_protocol::layout::Direction;
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::Text;

use self::say::{Speaker, Speech};
use self::script::{Manner, STEPS, Step, Word};
use super::marks::Mark;
use super::rule;
use super::view::View;
use crate::check::{Check, Finding, Verdict};
use crate::exam::{ConnectionId, Effect, Exam, Input};
use crate::recorder::Recorder;
use crate::report::{Report, Subject};

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

/// A connection.
#[derive(Debug, Clone, Copy)]
struct Line {
    id: ConnectionId,
    is_open: bool,
    is_signed_in: bool,
}

/// A part of a frame: when it leaves, where, its bytes, and the frame that is whole with it and the rule it stands for.
type Part = (Tick, ConnectionId, Vec<u8>, Option<(Vec<u8>, &'static str)>);

/// The exam of a platform.
#[derive(Debug)]
pub struct PlatformExam {
    options: PlatformOptions,
    recorder: Recorder,
    marks: Vec<Mark>,
    speaker: Speaker,
    steps: Vec<&'static Step>,
    step: usize,
    word: usize,
    waiting: Waiting,
    deadline: Tick,
    /// All connections; the last is the one that is spoken on.
    lines: Vec<Line>,
    /// Commands whose answers are waited for.
    awaited: Vec<u16>,
    /// Parts of frames that leave later.
    parts: VecDeque<Part>,
    sign_ins: u32,
    /// Whether the last card asked about was the known one.
    asked_known: bool,
    is_broken_off: bool,
    now: Tick,
}

impl PlatformExam {
    /// An exam that has not begun.
    #[must_use]
    pub fn new(options: PlatformOptions) -> Self {
        let steps = STEPS.iter().filter(|step| !(options.quick && step.is_long)).collect();
        Self {
            options,
            recorder: Recorder::default(),
            marks: Vec::new(),
            speaker: Speaker::default(),
            steps,
            step: 0,
            word: 0,
            waiting: Waiting::Begin,
            deadline: Tick::default(),
            lines: Vec::new(),
            awaited: Vec::new(),
            parts: VecDeque::new(),
            sign_ins: 0,
            asked_known: false,
            is_broken_off: false,
            now: Tick::default(),
        }
    }

    fn unix_ms(&self) -> u64 {
        self.options.began_unix_ms + self.now.0
    }

    fn current(&self) -> Option<Line> {
        self.lines.last().copied().filter(|line| line.is_open)
    }

    fn line_mut(&mut self, id: ConnectionId) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| line.id == id)
    }

    fn go_on(&mut self, effects: &mut Vec<Effect>) {
        while self.waiting != Waiting::Over && self.is_due() {
            match self.waiting {
                Waiting::Begin => {
                    self.progress(effects);
                    self.do_words(effects);
                    continue;
                }
                Waiting::DialledToSignIn if self.current().is_some() => {
                    self.say(Speech::SignIn, "", Manner::Whole, effects);
                    self.wait_for_answers(ANSWER);
                    continue;
                }
                _ => {}
            }
            self.word += 1;
            self.do_words(effects);
        }
    }

    fn is_due(&self) -> bool {
        let has_come = match self.waiting {
            Waiting::Begin => true,
            Waiting::Dialled | Waiting::DialledToSignIn => self.current().is_some(),
            Waiting::Answers => self.parts.is_empty() && (self.awaited.is_empty() || self.current().is_none()),
            Waiting::End => self.current().is_none(),
            Waiting::Time | Waiting::Over => false,
        };
        has_come || self.now >= self.deadline
    }

    fn progress(&self, effects: &mut Vec<Effect>) {
        if let Some(step) = self.steps.get(self.step) {
            effects.push(Effect::Progress(Bilingual::new(step.zh, step.en), self.step + 1, self.steps.len()));
        }
    }

    fn wait(&mut self, waiting: Waiting, time: Duration) {
        self.waiting = waiting;
        self.deadline = self.now + time;
    }

    fn wait_for_answers(&mut self, time: Duration) {
        let last = self.parts.back().map_or(self.now, |(at, ..)| *at);
        self.waiting = Waiting::Answers;
        self.deadline = last + time;
    }

    /// Does words until one has to wait.
    fn do_words(&mut self, effects: &mut Vec<Effect>) {
        loop {
            let Some(step) = self.steps.get(self.step).copied() else { return self.finish(effects) };
            let Some(word) = step.words.get(self.word).copied() else {
                (self.step, self.word) = (self.step + 1, 0);
                self.progress(effects);
                continue;
            };
            if self.begin(word, effects) {
                return;
            }
            self.word += 1;
        }
    }

    /// Begins a word; whether it has to wait.
    fn begin(&mut self, word: Word, effects: &mut Vec<Effect>) -> bool {
        match word {
            Word::Dial => {
                self.dial(effects);
                self.wait(Waiting::Dialled, ANSWER);
            }
            Word::Ensure => {
                let is_ready = self.current().is_some_and(|line| line.is_signed_in);
                if is_ready || self.sign_ins >= SIGN_INS_MAX {
                    return false;
                }
                self.sign_ins += 1;
                self.hang_up(effects);
                self.dial(effects);
                self.wait(Waiting::DialledToSignIn, ANSWER);
            }
            Word::Ask(speech) => return self.ask(speech, "", Manner::Whole, effects),
            Word::Stand(rule, speech, manner) => return self.ask(speech, rule, manner, effects),
            Word::Glued(rule, speeches) => return self.glue(rule, speeches, effects),
            Word::Strange(rule, speech) => {
                self.awaited.clear();
                if !self.say(speech, if rule.is_empty() { "-" } else { rule }, Manner::Whole, effects) {
                    return false;
                }
                self.awaited.clear();
                self.wait(Waiting::Time, MOMENT);
            }
            Word::Pause(time) => self.wait(Waiting::Time, time),
            Word::HangUp => {
                self.hang_up(effects);
                return false;
            }
            Word::HangUpOld => {
                let old: Vec<ConnectionId> = self.lines.iter().rev().skip(1).map(|line| line.id).collect();
                old.into_iter().for_each(|id| self.close(id, effects));
                return false;
            }
            Word::Hush(time) => self.wait(Waiting::End, time),
        }
        true
    }

    fn dial(&mut self, effects: &mut Vec<Effect>) {
        let id = ConnectionId(u16::try_from(self.lines.len()).unwrap_or(u16::MAX));
        self.lines.push(Line { id, is_open: false, is_signed_in: false });
        effects.push(Effect::Dial(id));
    }

    fn hang_up(&mut self, effects: &mut Vec<Effect>) {
        if let Some(line) = self.current() {
            self.close(line.id, effects);
        }
    }

    fn close(&mut self, id: ConnectionId, effects: &mut Vec<Effect>) {
        if let Some(line) = self.line_mut(id).filter(|line| line.is_open) {
            line.is_open = false;
            self.recorder.closed(self.now, id, Some(Direction::Up));
            effects.push(Effect::Close(id));
        }
    }

    fn finish(&mut self, effects: &mut Vec<Effect>) {
        self.waiting = Waiting::Over;
        let all: Vec<ConnectionId> = self.lines.iter().map(|line| line.id).collect();
        all.into_iter().for_each(|id| self.close(id, effects));
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
            () if !self.lines.iter().any(|line| line.is_signed_in) => {
                ("桩没能签到，无法检查", "the pile could not sign in, so there was nothing to see")
            }
            () => ("没有出现判断的机会", "there was no occasion to see it"),
        };
        Finding { note: Bilingual::new(zh, en), ..finding }
    }
}

impl Exam for PlatformExam {
    fn handle(&mut self, now: Tick, input: Input<'_>, effects: &mut Vec<Effect>) {
        self.now = now;
        match input {
            Input::Opened(id) => {
                self.recorder.opened(now, id);
                if let Some(line) = self.line_mut(id) {
                    line.is_open = true;
                }
            }
            Input::NotOpened(..) => self.deadline = now,
            Input::Bytes(id, bytes) => {
                if self.line_mut(id).is_some_and(|line| line.is_open) {
                    self.heard(id, bytes, effects);
                }
            }
            Input::Closed(id, is_broken) => {
                if let Some(line) = self.line_mut(id).filter(|line| line.is_open) {
                    line.is_open = false;
                    self.recorder.closed(now, id, (!is_broken).then_some(Direction::Down));
                }
            }
            // Nobody is asked to do anything: the exam plays the pile itself.
            Input::Done | Input::Skipped => {}
        }
        self.go_on(effects);
    }

    fn handle_deadline(&mut self, now: Tick, effects: &mut Vec<Effect>) {
        self.now = now;
        self.send_parts(effects);
        self.go_on(effects);
    }

    fn next_deadline(&self) -> Option<Tick> {
        let part = self.parts.front().map(|(at, ..)| *at);
        (self.waiting != Waiting::Over).then(|| part.map_or(self.deadline, |at| at.min(self.deadline)))
    }

    fn break_off(&mut self, now: Tick, effects: &mut Vec<Effect>) {
        self.now = now;
        if self.waiting != Waiting::Over {
            self.is_broken_off = true;
            self.finish(effects);
        }
    }

    fn report(&self) -> Report {
        let view = View::new(self.recorder.trace(), self.options.pile_code, self.now, Some(&self.marks), true);
        let findings = rule::judge(rules::all(), &view).into_iter().map(|finding| self.explained(finding)).collect();
        Report {
            protocol: Protocol::Aaf5,
            subject: Subject::Platform,
            name: self.options.name.clone(),
            findings,
            trace: self.recorder.trace().clone(),
            began_unix_ms: self.options.began_unix_ms,
        }
    }
}
