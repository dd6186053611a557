//! The exam: a platform that goes through its steps, while it does what any platform does.

mod facts;
mod link;

use std::time::Duration;

use voltapile_protocol::Protocol;
use voltapile_protocol::aaf5::field::{CardNumber, PileCode};
use voltapile_protocol::aaf5::frame::USUAL_INFO;
use voltapile_protocol::inspect::lang::Bilingual;
use voltapile_protocol::layout::Direction;
use voltapile_protocol::time::Tick;

use self::facts::Facts;
use super::request::{Clerk, Request};
use super::rules;
use super::script::{FAREWELL, Manners, STEPS, Step, Task, Until, Word};
use crate::aaf5::marks::Mark;
use crate::aaf5::rule;
use crate::aaf5::view::View;
use crate::exam::{ConnectionId, Effect, Exam, Input};
use crate::recorder::Recorder;
use crate::report::{Report, Subject};

/// A pile that is to be asked something and is not there gets so long to come back.
const COMES_BACK: Duration = Duration::from_secs(310);
/// Nobody has seen the pile yet.
const COMES_FIRST: Duration = Duration::from_secs(30 * 60);
/// What was changed at the pile is taken back within this.
const FAREWELL_WITHIN: Duration = Duration::from_secs(20);
/// A person said that it is done: the pile has so long to show it.
const SHOWS_WITHIN: Duration = Duration::from_secs(30);
/// Connections that are open at once; more are hung up.
const OPEN_MAX: usize = 16;

/// Which pile is examined, and how.
#[derive(Debug, Clone, Default)]
pub struct PileExamOptions {
    /// The pile; without it, the first that signs in.
    pub pile: Option<PileCode>,
    /// Leaves out what mostly waits.
    pub quick: bool,
    /// Names of the only steps to go through; all when empty.
    pub only: Vec<String>,
    /// Names of steps to leave out.
    pub skip: Vec<String>,
    /// The card of the account that pays for what the exam starts.
    pub card: Option<CardNumber>,
    /// What the wall clock shows at tick 0: milliseconds since 1970 in UTC.
    pub began_unix_ms: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waiting {
    Begin,
    For(Until),
    /// The pile, to go on with a word that needs it.
    Pile,
    Over,
}

/// The second half of a frame: when it leaves, where, its bytes, the whole frame, and the rule that it stands for.
type Rest = (Tick, ConnectionId, Vec<u8>, Vec<u8>, Option<&'static str>);

/// The exam of a pile.
#[derive(Debug)]
pub struct PileExam {
    options: PileExamOptions,
    steps: Vec<&'static Step>,
    step: usize,
    word: usize,
    waiting: Waiting,
    deadline: Tick,
    asked: Option<Task>,
    manners: Manners,
    /// What takes back what was changed at the pile.
    owed: Vec<Request>,
    leaves_by: Option<Tick>,
    clerk: Option<Clerk>,
    open: Vec<ConnectionId>,
    current: Option<ConnectionId>,
    sequence: u8,
    info: u8,
    facts: Facts,
    recorder: Recorder,
    marks: Vec<Mark>,
    rest: Option<Rest>,
    now: Tick,
}

impl PileExam {
    /// An exam that has not begun.
    #[must_use]
    pub fn new(options: PileExamOptions) -> Self {
        let is_named = |names: &[String], step: &Step| names.iter().any(|name| name == step.name);
        let is_wanted = |step: &&'static Step| {
            let is_chosen =
                if options.only.is_empty() { !(options.quick && step.is_long) } else { is_named(&options.only, step) };
            is_chosen && !is_named(&options.skip, step)
        };
        let steps = STEPS.iter().filter(is_wanted).collect();
        Self {
            steps,
            step: 0,
            word: 0,
            waiting: Waiting::Begin,
            deadline: Tick::default(),
            asked: None,
            manners: Manners::default(),
            owed: Vec::new(),
            leaves_by: None,
            clerk: options.pile.map(|pile| Clerk::new(pile, options.card)),
            open: Vec::new(),
            current: None,
            sequence: 0x40,
            info: USUAL_INFO,
            facts: Facts::default(),
            recorder: Recorder::default(),
            marks: Vec::new(),
            rest: None,
            now: Tick::default(),
            options,
        }
    }

    /// What a person is asked to do at the moment, if anything.
    #[must_use]
    pub const fn task(&self) -> Option<Task> {
        self.asked
    }

    /// The pile under examination, once it has signed in.
    #[must_use]
    pub fn pile(&self) -> Option<PileCode> {
        self.clerk.as_ref().map(|clerk| clerk.pile)
    }

    fn unix_ms(&self) -> u64 {
        self.options.began_unix_ms + self.now.0
    }

    fn go_on(&mut self, effects: &mut Vec<Effect>) {
        while self.waiting != Waiting::Over && self.is_due() {
            self.asked = None;
            if self.waiting == Waiting::Pile && self.current.is_none() {
                return self.finish(effects);
            }
            match self.waiting {
                Waiting::Begin => self.begin_step(effects),
                Waiting::For(_) => self.word += 1,
                Waiting::Pile | Waiting::Over => {}
            }
            self.do_words(effects);
        }
    }

    fn is_due(&self) -> bool {
        let has_come = match self.waiting {
            Waiting::Begin => true,
            Waiting::For(until) => self.holds(until),
            Waiting::Pile => self.current.is_some(),
            Waiting::Over => false,
        };
        has_come || self.now >= self.deadline || self.recorder.is_full()
    }

    fn holds(&self, until: Until) -> bool {
        self.facts.holds(until) && (until != Until::SignedIn || self.current.is_some())
    }

    fn begin_step(&mut self, effects: &mut Vec<Effect>) {
        self.word = 0;
        self.manners = Manners::default();
        if let Some(step) = self.steps.get(self.step).filter(|_| self.leaves_by.is_none()) {
            effects.push(Effect::Progress(Bilingual::new(step.zh, step.en), self.step + 1, self.steps.len()));
        }
    }

    /// Does words until one has to wait.
    fn do_words(&mut self, effects: &mut Vec<Effect>) {
        if self.recorder.is_full() {
            return self.finish(effects);
        }
        loop {
            let Some(step) = self.steps.get(self.step).copied() else {
                if self.leaves_by.is_none() && self.take_leave() {
                    continue;
                }
                return self.finish(effects);
            };
            let Some(word) = step.words.get(self.word).copied() else {
                self.step += 1;
                self.begin_step(effects);
                continue;
            };
            match word {
                Word::Wait(until, time) => {
                    if !self.holds(until) {
                        return self.wait(Waiting::For(until), time);
                    }
                }
                Word::Need(until) => {
                    if !self.holds(until) {
                        self.word = step.words.len();
                        continue;
                    }
                }
                Word::Behave(manners) => {
                    self.facts.reset();
                    self.manners = manners;
                }
                Word::HangUp => {
                    self.facts.reset();
                    if let Some(connection) = self.current {
                        self.close(connection, effects);
                    }
                }
                Word::Ask(..) | Word::Send(_) if self.current.is_none() => {
                    let time = if self.facts.was_ever_online { COMES_BACK } else { COMES_FIRST };
                    return self.wait(Waiting::Pile, time);
                }
                Word::Ask(task, until, time) => {
                    self.facts.reset();
                    if !self.holds(until) {
                        let (zh, en) = task.texts();
                        effects.push(Effect::Ask(Bilingual::new(zh, en)));
                        self.asked = Some(task);
                        return self.wait(Waiting::For(until), time);
                    }
                }
                Word::Send(request) => {
                    self.facts.reset();
                    self.send_request(request, effects);
                }
            }
            self.word += 1;
        }
    }

    fn wait(&mut self, waiting: Waiting, time: Duration) {
        self.waiting = waiting;
        let until = self.now + time;
        self.deadline = self.leaves_by.map_or(until, |by| until.min(by));
    }

    /// The exam goes on with taking back what it changed at the pile; whether there is anything, and anybody to tell.
    fn take_leave(&mut self) -> bool {
        if self.facts.is_charging && !self.owed.contains(&Request::Stop) {
            self.owed.push(Request::Stop);
        }
        let is_owed =
            |step: &&'static Step| self.owed.iter().any(|request| step.words.first() == Some(&Word::Send(*request)));
        self.steps = FAREWELL.iter().filter(is_owed).collect();
        (self.step, self.word, self.manners) = (0, 0, Manners::default());
        self.leaves_by = Some(self.now + FAREWELL_WITHIN);
        self.current.is_some() && !self.steps.is_empty()
    }

    fn finish(&mut self, effects: &mut Vec<Effect>) {
        // Where there was no time to wait for answers, it is said all the same.
        for request in std::mem::take(&mut self.owed) {
            self.send_request(request, effects);
        }
        self.waiting = Waiting::Over;
        self.asked = None;
        for connection in std::mem::take(&mut self.open) {
            self.recorder.closed(self.now, connection, Some(Direction::Down));
            effects.push(Effect::Close(connection));
        }
        self.current = None;
    }

    fn close(&mut self, connection: ConnectionId, effects: &mut Vec<Effect>) {
        if self.forget(connection) {
            self.recorder.closed(self.now, connection, Some(Direction::Down));
            effects.push(Effect::Close(connection));
        }
    }

    fn forget(&mut self, connection: ConnectionId) -> bool {
        let before = self.open.len();
        self.open.retain(|open| *open != connection);
        self.current = self.current.filter(|current| *current != connection);
        self.open.len() < before
    }
}

impl Exam for PileExam {
    fn handle(&mut self, now: Tick, input: Input<'_>, effects: &mut Vec<Effect>) {
        self.now = now;
        match input {
            Input::Opened(connection) => {
                self.recorder.opened(now, connection);
                self.open.push(connection);
                if self.open.len() > OPEN_MAX {
                    self.close(connection, effects);
                }
            }
            Input::NotOpened(..) => {}
            Input::Bytes(connection, bytes) => self.take(connection, bytes, effects),
            Input::Closed(connection, is_broken) => {
                if self.forget(connection) {
                    self.recorder.closed(now, connection, (!is_broken).then_some(Direction::Up));
                }
            }
            Input::Done if self.asked.is_some() => self.deadline = self.deadline.min(now + SHOWS_WITHIN),
            Input::Skipped if self.asked.is_some() => self.deadline = now,
            Input::Done | Input::Skipped => {}
        }
        if self.waiting != Waiting::Begin {
            self.go_on(effects);
        }
    }

    fn handle_deadline(&mut self, now: Tick, effects: &mut Vec<Effect>) {
        self.now = now;
        if let Some((_, connection, rest, frame, rule)) = self.rest.take_if(|(at, ..)| *at <= now)
            && self.open.contains(&connection)
        {
            self.note(connection, &frame, rule);
            effects.push(Effect::Send(connection, rest));
        }
        self.go_on(effects);
    }

    fn next_deadline(&self) -> Option<Tick> {
        let rest = self.rest.as_ref().map(|(at, ..)| *at);
        (self.waiting != Waiting::Over).then(|| rest.map_or(self.deadline, |at| at.min(self.deadline)))
    }

    fn break_off(&mut self, now: Tick, effects: &mut Vec<Effect>) {
        self.now = now;
        if self.waiting == Waiting::Over || self.leaves_by.is_some() {
            return;
        }
        self.asked = None;
        if !self.take_leave() {
            return self.finish(effects);
        }
        effects.push(Effect::Tell(Bilingual::new(
            "检测中止，正在恢复桩的状态（充电、预约、白名单、参数、时钟）",
            "broken off; the pile is left as it was found (charge, reservation, white list, parameter, clock)",
        )));
        self.do_words(effects);
    }

    fn report(&self) -> Report {
        let pile = self.pile();
        let view = View::new(self.recorder.trace(), pile.unwrap_or_default(), self.now, Some(&self.marks), false);
        Report {
            protocol: Protocol::Aaf5,
            subject: Subject::Pile,
            name: pile.map_or_else(|| "—".to_owned(), |pile| pile.text()),
            findings: rule::judge(rules::all(), &view),
            trace: self.recorder.trace().clone(),
            began_unix_ms: self.options.began_unix_ms,
        }
    }
}
