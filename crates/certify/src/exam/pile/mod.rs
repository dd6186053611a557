//! The exam of a pile: a platform that goes through its steps, step by step, while it does what any platform does.
//! What is the protocol's is its [`Tongue`].

mod facts;
pub(crate) mod host;
pub(crate) mod script;

use std::time::Duration;

use voltapile_protocol::inspect::lang::Bilingual;
use voltapile_protocol::time::Tick;

pub(crate) use self::facts::Told;
use self::host::{Host, Tongue};
pub use self::script::Task;
use self::script::{Manners, Step, Until, Word};
use super::{ConnectionId, Effect, Exam, Input};
use crate::report::{Report, Subject};
use crate::trace::Trace;

/// A pile that is to be asked something and is not there gets so long to come back.
const COMES_BACK: Duration = Duration::from_secs(310);
/// Nobody has seen the pile yet: somebody has to switch it on and configure it.
const COMES_FIRST: Duration = Duration::from_secs(30 * 60);
/// What was changed at the pile is taken back within this; a person who broke the exam off waits for it.
const FAREWELL_WITHIN: Duration = Duration::from_secs(20);
/// A person said that it is done: the pile has so long to show it.
const SHOWS_WITHIN: Duration = Duration::from_secs(30);

/// Which pile is examined, and how.
#[derive(Debug, Clone, Default)]
pub struct PileExamOptions<P, C> {
    /// The pile; without it, the first that logs in.
    pub pile: Option<P>,
    /// Leaves out what mostly waits: repeated records, the period of an idle pile, heartbeats without answers.
    pub quick: bool,
    /// Names of the only steps to go through; all when empty.
    pub only: Vec<String>,
    /// Names of steps to leave out.
    pub skip: Vec<String>,
    /// The card of the account that pays for what the exam starts; without it, one that no card has.
    pub card: Option<C>,
    /// What the wall clock shows at tick 0: milliseconds since 1970 in UTC.
    pub began_unix_ms: u64,
}

/// What the exam waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waiting {
    /// Not begun.
    Begin,
    /// A word's condition.
    For(Until),
    /// The pile, to go on with a word that needs it.
    Pile,
    /// Nothing any more.
    Over,
}

/// The exam of a pile.
#[derive(Debug)]
pub struct PileExam<T: Tongue> {
    steps: Vec<&'static Step<T::Request>>,
    step: usize,
    word: usize,
    waiting: Waiting,
    deadline: Tick,
    /// What a person is asked for at the moment.
    asked: Option<Task>,
    /// When the exam ends at the latest, once it takes back what it changed.
    leaves_by: Option<Tick>,
    host: Host<T>,
    tongue: T,
}

impl<T: Tongue> PileExam<T> {
    /// An exam that has not begun.
    #[must_use]
    pub fn new(options: PileExamOptions<T::Pile, T::Card>) -> Self {
        let is_named = |names: &[String], step: &Step<T::Request>| names.iter().any(|name| name == step.name);
        let is_wanted = |step: &&'static Step<T::Request>| {
            let is_chosen =
                if options.only.is_empty() { step.is_in(options.quick) } else { is_named(&options.only, step) };
            is_chosen && !is_named(&options.skip, step)
        };
        Self {
            steps: T::STEPS.iter().filter(is_wanted).collect(),
            step: 0,
            word: 0,
            waiting: Waiting::Begin,
            deadline: Tick::default(),
            asked: None,
            leaves_by: None,
            host: Host::new(options.began_unix_ms),
            tongue: T::new(&options),
        }
    }

    /// What a person is asked to do at the moment, if anything.
    #[must_use]
    pub const fn task(&self) -> Option<Task> {
        self.asked
    }

    /// The pile under examination, once it is known.
    #[must_use]
    pub fn pile(&self) -> Option<T::Pile> {
        self.tongue.pile()
    }

    /// The report on another trace, as if that had passed in this exam: what its rules make of what did not happen.
    #[must_use]
    pub fn report_of(&self, trace: Trace) -> Report {
        let (pile, exchange) = (self.pile(), &self.host.exchange);
        Report {
            protocol: T::PROTOCOL,
            subject: Subject::Pile,
            name: pile.map_or_else(|| "—".to_owned(), T::name),
            findings: T::judge(&trace, pile.unwrap_or_default(), exchange.now, &exchange.marks),
            trace,
            began_unix_ms: self.host.began_unix_ms,
        }
    }

    const fn now(&self) -> Tick {
        self.host.exchange.now
    }

    const fn is_online(&self) -> bool {
        self.host.current.is_some()
    }

    /// Goes on, word by word, until one has to wait.
    fn go_on(&mut self) {
        while self.waiting != Waiting::Over && self.is_due() {
            self.asked = None;
            if self.waiting == Waiting::Pile && !self.is_online() {
                return self.finish();
            }
            match self.waiting {
                Waiting::Begin => self.begin_step(),
                Waiting::For(_) => self.word += 1,
                Waiting::Pile | Waiting::Over => {}
            }
            self.do_words();
        }
    }

    /// Whether what is waited for has come, or its time is over.
    fn is_due(&self) -> bool {
        let has_come = match self.waiting {
            Waiting::Begin => true,
            Waiting::For(until) => self.holds(until),
            Waiting::Pile => self.is_online(),
            Waiting::Over => false,
        };
        has_come || self.now() >= self.deadline || self.host.exchange.recorder.is_full()
    }

    fn holds(&self, until: Until) -> bool {
        self.host.facts.holds(until) && (until != Until::LoggedIn || self.is_online())
    }

    fn begin_step(&mut self) {
        self.word = 0;
        self.host.manners = Manners::GOOD;
        if let Some(step) = self.steps.get(self.step).filter(|_| self.leaves_by.is_none()) {
            let title = Bilingual::new(step.zh, step.en);
            self.host.exchange.effects.push(Effect::Progress(title, self.step + 1, self.steps.len()));
        }
    }

    /// Does the words of the present step, and of the next ones, until one has to wait.
    fn do_words(&mut self) {
        if self.host.exchange.recorder.is_full() {
            return self.finish();
        }
        loop {
            let Some(step) = self.steps.get(self.step).copied() else {
                if self.leaves_by.is_none() && self.take_leave() {
                    continue;
                }
                return self.finish();
            };
            let Some(word) = step.words.get(self.word).copied() else {
                self.step += 1;
                self.begin_step();
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
                    self.host.facts.reset();
                    self.host.manners = manners;
                }
                Word::HangUp => {
                    self.host.facts.reset();
                    self.host.current.into_iter().for_each(|connection| self.host.close(connection));
                }
                Word::Ask(..) | Word::Send(_) if !self.is_online() => {
                    let time = if self.host.facts.was_ever_online { COMES_BACK } else { COMES_FIRST };
                    return self.wait(Waiting::Pile, time);
                }
                Word::Ask(task, until, time) => {
                    self.host.facts.reset();
                    if !self.holds(until) {
                        let (zh, en) = task.texts();
                        self.host.exchange.effects.push(Effect::Ask(Bilingual::new(zh, en)));
                        self.asked = Some(task);
                        return self.wait(Waiting::For(until), time);
                    }
                }
                Word::Send(request) => {
                    self.host.facts.reset();
                    self.host.ask(&mut self.tongue, request);
                }
            }
            self.word += 1;
        }
    }

    fn wait(&mut self, waiting: Waiting, time: Duration) {
        self.waiting = waiting;
        let until = self.now() + time;
        self.deadline = self.leaves_by.map_or(until, |by| until.min(by));
    }

    /// The exam goes on with taking back what it changed at the pile; whether there is anything. A pile that is away may come
    /// back in time to be told.
    fn take_leave(&mut self) -> bool {
        if self.host.facts.is_charging() {
            self.host.owe(T::STOP);
        }
        let owed = &self.host.owed;
        let is_owed = |step: &&'static Step<T::Request>| match step.words.first() {
            Some(Word::Send(request)) => owed.contains(request),
            _ => false,
        };
        self.steps = T::FAREWELL.iter().filter(is_owed).collect();
        (self.step, self.word, self.host.manners) = (0, 0, Manners::GOOD);
        self.leaves_by = Some(self.now() + FAREWELL_WITHIN);
        !self.steps.is_empty()
    }

    fn finish(&mut self) {
        // Where there was no time to wait for answers, it is said all the same.
        for request in std::mem::take(&mut self.host.owed) {
            self.host.ask(&mut self.tongue, request);
        }
        self.waiting = Waiting::Over;
        self.asked = None;
        self.host.exchange.close_all();
        self.host.current = None;
    }

    fn take(&mut self, connection: ConnectionId, bytes: &[u8]) {
        for entry in self.host.exchange.heard(connection, bytes) {
            let raw = self.host.exchange.raw(entry).map(<[u8]>::to_vec);
            if let Some(raw) = raw.filter(|_| self.host.exchange.is_open(connection)) {
                self.tongue.hear(&mut self.host, connection, &raw);
            }
        }
    }
}

impl<T: Tongue> Exam for PileExam<T> {
    fn handle(&mut self, now: Tick, input: Input<'_>, effects: &mut Vec<Effect>) {
        self.host.exchange.now = now;
        match input {
            Input::Opened(connection) => self.host.opened(connection),
            Input::NotOpened(..) => {}
            Input::Bytes(connection, bytes) => self.take(connection, bytes),
            Input::Closed(connection, is_broken) => self.host.lost(connection, is_broken),
            Input::Done if self.asked.is_some() => self.deadline = self.deadline.min(now + SHOWS_WITHIN),
            Input::Skipped if self.asked.is_some() => self.deadline = now,
            Input::Done | Input::Skipped => {}
        }
        if self.waiting != Waiting::Begin {
            self.go_on();
        }
        effects.append(&mut self.host.exchange.effects);
    }

    fn handle_deadline(&mut self, now: Tick, effects: &mut Vec<Effect>) {
        self.host.exchange.now = now;
        self.host.send_rest();
        self.go_on();
        effects.append(&mut self.host.exchange.effects);
    }

    fn next_deadline(&self) -> Option<Tick> {
        let rest = self.host.exchange.next_part();
        (self.waiting != Waiting::Over).then(|| rest.map_or(self.deadline, |at| at.min(self.deadline)))
    }

    fn break_off(&mut self, now: Tick, effects: &mut Vec<Effect>) {
        self.host.exchange.now = now;
        if self.waiting != Waiting::Over && self.leaves_by.is_none() {
            self.asked = None;
            if self.take_leave() {
                let (zh, en) = T::BROKEN_OFF;
                self.host.exchange.effects.push(Effect::Tell(Bilingual::new(
                    format!("检测中止，正在恢复桩的状态（{zh}）"),
                    format!("broken off; the pile is left as it was found ({en})"),
                )));
                self.do_words();
            } else {
                self.finish();
            }
        }
        effects.append(&mut self.host.exchange.effects);
    }

    fn report(&self) -> Report {
        self.report_of(self.host.exchange.recorder.trace().clone())
    }
}
