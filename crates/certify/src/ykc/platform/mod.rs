//! The exam of a platform: a pile that does everything a pile may do, and much that it should not, and looks at what
//! the platform makes of it.
//!
//! The exam is a plan of steps and phases. A phase says something on a connection, waits until what it waits for
//! has come or its time is over, and judges. Where a phase needs a logged-in pile and the platform has closed the
//! connection, the engine logs in anew, so that one broken rule does not hide the others.

mod asked;
mod desk;
mod judge;
mod overall;
mod plan;
mod reaction;
mod say;
mod steps;

use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::lang::Bilingual;
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::Bytes;
use voltapile_protocol::ykc::field::{PhysicalCardNumber, PileCode};

use self::desk::Desk;
use self::plan::{ANSWER_WITHIN, Begin, Judge, Phase};
use self::steps::STEPS;
use crate::check::{Check, Finding, Verdict};
use crate::exam::{Effect, Exam, Input};
use crate::report::{Report, Subject};

/// A card number that no card has: the digits of a test.
const UNKNOWN_CARD: [u8; 8] = [0, 0, 0, 0, 0xCE, 0x27, 0x00, 0x01];
/// Logins tried in all to get a connection back that the platform has closed: more than the plan has phases that may
/// cost one.
const LOGINS_MAX: u32 = 40;
/// Logins in a row that may fail before the exam goes on without.
const LOGINS_IN_A_ROW: u32 = 2;

/// Whom the exam plays, and what the platform knows of it.
#[derive(Debug, Clone)]
pub struct PlatformOptions {
    /// The platform's address, for the report's heading.
    pub name: String,
    /// A pile that is registered at the platform, with a tariff, and connected nowhere else.
    pub pile_code: PileCode,
    /// Another one, for two piles on one connection.
    pub second_pile: Option<PileCode>,
    /// A pile that is not registered.
    pub unknown_pile: PileCode,
    /// A card that may charge at the pile: a start and a small bill will be booked on it.
    pub known_card: Option<PhysicalCardNumber>,
    /// A card that the platform does not know.
    pub unknown_card: PhysicalCardNumber,
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
            second_pile: None,
            unknown_pile: PileCode([0x99; 7]),
            known_card: None,
            unknown_card: Bytes(UNKNOWN_CARD),
            quick: false,
            began_unix_ms,
        }
    }
}

/// Every rule that the exam looks at, in the order of the report.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    STEPS.iter().flat_map(|step| step.checks.iter().copied()).chain(overall::CHECKS.iter().copied())
}

/// The exam of a platform.
pub struct PlatformExam {
    desk: Desk,
    place: Place,
    /// When the phase ends at the latest.
    deadline: Tick,
    /// When the phase ends because nothing more is waited for.
    settled: Option<Tick>,
    logins: u32,
    failed_logins: u32,
}

/// Where the exam is in its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    NotBegun,
    /// A phase of a step; with a login of the engine's before it, or not.
    Phase {
        step: usize,
        phase: usize,
        login: bool,
    },
    Over,
    BrokenOff,
}

impl PlatformExam {
    /// An exam that has not begun.
    #[must_use]
    pub fn new(options: PlatformOptions) -> Self {
        Self {
            desk: Desk::new(options),
            place: Place::NotBegun,
            deadline: Tick::default(),
            settled: None,
            logins: 0,
            failed_logins: 0,
        }
    }

    /// Ends phases that are over and begins the next ones, until one has to wait.
    fn advance(&mut self) {
        while let Place::Phase { step, phase, login } = self.place {
            let Some(current) = STEPS.get(step).and_then(|step| step.phases.get(phase)) else { return self.finish() };
            let settle = if login { std::time::Duration::ZERO } else { current.settle };
            if !self.is_over(settle) {
                return;
            }
            if login {
                let failed = self.desk.main().is_none();
                self.failed_logins = if failed { self.failed_logins + 1 } else { 0 };
                self.enter(step, phase, true);
            } else {
                match current.judge {
                    Judge::By(judge) => judge(&mut self.desk),
                    Judge::GoesOn(check) => self.desk.goes_on(check),
                    Judge::Answered(check) => self.desk.all_answered(check),
                }
                self.enter(step, phase + 1, false);
            }
        }
    }

    fn is_over(&mut self, settle: std::time::Duration) -> bool {
        let now = self.desk.now();
        if now >= self.deadline {
            return true;
        }
        if self.settled.is_none() && !self.desk.is_waiting() {
            self.settled = Some(now + settle);
        }
        self.settled.is_some_and(|at| now >= at)
    }

    /// Begins a phase, or logs in for it; `after_login` says that this was tried. Past a step's last phase, the next
    /// step begins.
    fn enter(&mut self, step: usize, phase: usize, after_login: bool) {
        let Some(current) = STEPS.get(step) else { return self.finish() };
        if phase == 0 && !after_login {
            self.desk.exchange.effects.push(Effect::Progress(
                Bilingual::new(current.zh, current.en),
                step + 1,
                STEPS.len(),
            ));
        }
        let Some(Phase { begin, within, .. }) = current.phases.get(phase) else {
            return self.enter(step + 1, 0, false);
        };
        self.desk.begin_phase();
        self.settled = None;
        self.deadline = self.desk.now() + *within;
        self.place = Place::Phase { step, phase, login: false };
        match begin {
            Begin::Free(begin) => begin(&mut self.desk),
            Begin::LoggedIn(begin) => match self.desk.main() {
                Some(line) => begin(&mut self.desk, line),
                None if !after_login && self.may_log_in() => self.log_in(step, phase),
                // What the phase would have shown stays unseen.
                None => {}
            },
        }
    }

    const fn may_log_in(&self) -> bool {
        self.logins < LOGINS_MAX && self.failed_logins < LOGINS_IN_A_ROW
    }

    fn log_in(&mut self, step: usize, phase: usize) {
        self.logins += 1;
        self.place = Place::Phase { step, phase, login: true };
        self.deadline = self.desk.now() + ANSWER_WITHIN;
        self.desk.dial(steps::greet_with_login);
    }

    fn finish(&mut self) {
        self.place = Place::Over;
        self.desk.exchange.close_all();
    }

    /// What is said of a rule that nothing was seen of.
    fn without_occasion(&self, check: &'static Check) -> Finding {
        let (zh, en) = match self.place {
            Place::Over if self.failed_logins > 0 => {
                ("桩没能登录，无法检查", "the pile could not log in, so there was nothing to see")
            }
            Place::Over => ("没有出现判断的机会", "there was no occasion to see it"),
            _ => ("检查提前结束", "the exam was broken off before"),
        };
        Finding { check, verdict: Verdict::NotSeen, note: Bilingual::new(zh, en), evidence: Vec::new() }
    }
}

impl Exam for PlatformExam {
    fn handle(&mut self, now: Tick, input: Input<'_>, effects: &mut Vec<Effect>) {
        self.desk.exchange.now = now;
        match input {
            Input::Opened(line) => self.desk.opened(line),
            Input::NotOpened(line, _) => self.desk.exchange.lost(line, true),
            Input::Bytes(line, bytes) => self.desk.heard(line, bytes),
            Input::Closed(line, broken) => self.desk.exchange.lost(line, broken),
            // Nobody is asked to do anything: the exam plays the pile itself.
            Input::Done | Input::Skipped => {}
        }
        self.advance();
        effects.append(&mut self.desk.exchange.effects);
    }

    fn handle_deadline(&mut self, now: Tick, effects: &mut Vec<Effect>) {
        self.desk.exchange.now = now;
        if self.place == Place::NotBegun {
            self.enter(0, 0, false);
        }
        self.desk.send_due();
        self.advance();
        effects.append(&mut self.desk.exchange.effects);
    }

    fn next_deadline(&self) -> Option<Tick> {
        match self.place {
            Place::NotBegun => Some(self.desk.now()),
            Place::Over | Place::BrokenOff => None,
            Place::Phase { .. } => {
                let phase = self.settled.map_or(self.deadline, |settled| settled.min(self.deadline));
                Some(self.desk.exchange.next_part().map_or(phase, |send| send.min(phase)))
            }
        }
    }

    fn break_off(&mut self, now: Tick, effects: &mut Vec<Effect>) {
        self.desk.exchange.now = now;
        if self.place != Place::Over {
            self.place = Place::BrokenOff;
            self.desk.exchange.close_all();
        }
        effects.append(&mut self.desk.exchange.effects);
    }

    fn report(&self) -> Report {
        let mut known = self.desk.findings.clone();
        known.extend(overall::judge(&self.desk));
        let finding = |check: &'static Check| {
            let position = known.iter().position(|finding| finding.check.id == check.id);
            position.and_then(|position| known.get(position).cloned()).unwrap_or_else(|| self.without_occasion(check))
        };
        Report {
            protocol: Protocol::Ykc,
            subject: Subject::Platform,
            name: self.desk.options.name.clone(),
            findings: checks().map(finding).collect(),
            trace: self.desk.exchange.recorder.trace().clone(),
            began_unix_ms: self.desk.options.began_unix_ms,
        }
    }
}
