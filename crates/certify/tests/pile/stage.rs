//! A virtual pile and the exam of piles, coupled on virtual time; somebody stands at the pile and does what is asked.

use std::time::Duration;

use voltapile_certify::pile::{PileExam, PileExamOptions, Task};
use voltapile_certify::{ConnectionId, Effect, Exam, Input, Report, Verdict};
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::Bytes;
use voltapile_protocol::ykc::field::{ConnectorNumber, PileCode};
use voltapile_protocol::ykc::frame::{Envelope, write_message};
use voltapile_protocol::ykc::framer::Piece;
use voltapile_protocol::ykc::message::HeartbeatResponse;
use voltapile_protocol::ykc::{Frame, Framer};
use voltapile_simulator::model::{
    Action, CarWish, Credential, Link, ModelOptions, Moment, PileSetup, PileSnapshot, VirtualPile,
};

pub(crate) const PILE: PileCode = PileCode([0x32, 0x01, 0x06, 0x00, 0x00, 0x00, 0x01]);
/// 2026-11-20 16:10 in UTC+8.
const BEGAN: u64 = 1_795_162_200_000;
/// How long somebody takes to do what is asked.
const PERSON_TAKES: Duration = Duration::from_secs(6);
/// How long the pile takes to dial again.
const DIALS_AFTER: Duration = Duration::from_secs(3);
/// No exam takes longer than this on virtual time.
const LONGEST: Tick = Tick(4 * 3_600_000);

/// What becomes of a frame of the pile on its way: the frames that leave instead, or none.
pub(crate) type Meddler = Box<dyn FnMut(Tick, &Frame<'_>) -> Vec<Vec<u8>>>;

/// The exam and the pile.
pub(crate) struct Stage {
    exam: PileExam,
    pile: VirtualPile,
    meddler: Option<Meddler>,
    now: Tick,
    connections: u16,
    line: Option<ConnectionId>,
    framer: Framer,
    dials_at: Option<Tick>,
    /// Somebody who does what is asked; without, nobody is there.
    pub(crate) has_person: bool,
    /// When somebody breaks the exam off.
    pub(crate) breaks_off_at: Option<Tick>,
    acts_at: Option<(Tick, Task)>,
    /// What people were told.
    pub(crate) told: Vec<String>,
}

/// A pile by the book, with a plug that has to be plugged in.
pub(crate) fn by_the_book() -> PileSetup {
    let mut setup = PileSetup::dc(PILE, 2).unattended();
    setup.behaviour.demands_plug = true;
    setup
}

pub(crate) fn options() -> PileExamOptions {
    PileExamOptions { began_unix_ms: BEGAN, ..PileExamOptions::default() }
}

impl Stage {
    pub(crate) fn new(setup: PileSetup, options: PileExamOptions) -> Self {
        Self {
            exam: PileExam::new(options),
            pile: VirtualPile::new(setup, ModelOptions::default()),
            meddler: None,
            now: Tick(0),
            connections: 0,
            line: None,
            framer: Framer::new(),
            dials_at: Some(Tick(1_000)),
            has_person: true,
            breaks_off_at: None,
            acts_at: None,
            told: Vec::new(),
        }
    }

    pub(crate) fn meddled(self, meddler: impl FnMut(Tick, &Frame<'_>) -> Vec<Vec<u8>> + 'static) -> Self {
        Self { meddler: Some(Box::new(meddler)), ..self }
    }

    /// Goes through the exam.
    pub(crate) fn run(self) -> Report {
        self.run_and_look().0
    }

    /// Goes through the exam, and looks at the pile behind it.
    pub(crate) fn run_and_look(mut self) -> (Report, PileSnapshot) {
        let mut effects = Vec::new();
        self.exam.handle_deadline(self.now, &mut effects);
        self.carry_out(effects);
        while let Some(deadline) = self.exam.next_deadline() {
            assert!(self.now < LONGEST, "the exam takes too long");
            let acts_at = self.acts_at.map(|(at, _)| at);
            let due = [Some(deadline), self.pile.next_deadline(), self.dials_at, acts_at, self.breaks_off_at];
            self.now = due.into_iter().flatten().min().unwrap().max(self.now);
            self.step();
        }
        (self.exam.report(), self.pile.snapshot())
    }

    fn step(&mut self) {
        if self.dials_at.is_some_and(|at| at <= self.now) {
            self.dial();
        }
        if self.breaks_off_at.take_if(|at| *at <= self.now).is_some() {
            let mut effects = Vec::new();
            self.exam.break_off(self.now, &mut effects);
            self.carry_out(effects);
        }
        if let Some((_, task)) = self.acts_at.take_if(|(at, _)| *at <= self.now) {
            self.act(task);
        }
        if self.pile.next_deadline().is_some_and(|at| at <= self.now) {
            let mut out = Vec::new();
            let link = self.pile.handle_deadline(self.moment(), &mut out);
            self.pile_says(&out, link);
        }
        if self.exam.next_deadline().is_some_and(|at| at <= self.now) {
            let mut effects = Vec::new();
            self.exam.handle_deadline(self.now, &mut effects);
            self.carry_out(effects);
        }
        self.look_at_task();
    }

    fn moment(&self) -> Moment {
        Moment { tick: self.now, unix_ms: BEGAN + self.now.0 }
    }

    fn dial(&mut self) {
        self.dials_at = None;
        let line = ConnectionId(self.connections);
        self.connections += 1;
        self.line = Some(line);
        self.framer = Framer::new();
        let mut effects = Vec::new();
        self.exam.handle(self.now, Input::Opened(line), &mut effects);
        self.carry_out(effects);
        let mut out = Vec::new();
        self.pile.connect(self.moment(), &mut out);
        self.pile_says(&out, Link::Keep);
    }

    fn act(&mut self, task: Task) {
        let action = match task {
            Task::Plug => {
                let car = CarWish {
                    soc_percent: Some(10),
                    target_percent: Some(100),
                    capacity_wh: Some(300_000),
                    ..CarWish::default()
                };
                Action::Plug { connector: 1, car }
            }
            Task::SwipeCard => {
                let card = Bytes([0, 0, 0, 0, 0xCA, 0xFE, 0, 1]);
                Action::Ask { connector: 1, credential: Credential::Card(card, None) }
            }
            Task::Unplug => Action::Unplug { connector: 1 },
        };
        let mut out = Vec::new();
        let link = self.pile.act(self.moment(), action, &mut out);
        self.pile_says(&out, link);
    }

    fn look_at_task(&mut self) {
        if self.exam.task().is_none() {
            self.acts_at = None;
        }
        if let (None, Some(task)) = (self.acts_at, self.exam.task().filter(|_| self.has_person)) {
            self.acts_at = Some((self.now + PERSON_TAKES, task));
        }
    }

    /// What the pile says goes to the exam, as far as the line stands.
    fn pile_says(&mut self, bytes: &[u8], link: Link) {
        let Some(line) = self.line else { return };
        let (mut sent, mut lost_beats) = (Vec::new(), Vec::new());
        match &mut self.meddler {
            None => sent.extend_from_slice(bytes),
            Some(meddler) => Framer::new().push(bytes, |piece| {
                if let Piece::Frame(frame) = piece {
                    let leaves = meddler(self.now, &frame).concat();
                    if leaves.is_empty() && frame.frame_type == 0x03 {
                        lost_beats.push(heartbeat_answer(&frame));
                    }
                    sent.extend(leaves);
                }
            }),
        }
        // A heartbeat that the pile did not mean to send is not one that it waits to be answered.
        lost_beats.iter().for_each(|answer| self.platform_says(answer));
        let mut effects = Vec::new();
        if !sent.is_empty() {
            self.exam.handle(self.now, Input::Bytes(line, &sent), &mut effects);
        }
        if link == Link::Close && self.line == Some(line) {
            self.lose_line();
            self.exam.handle(self.now, Input::Closed(line, false), &mut effects);
        }
        self.carry_out(effects);
    }

    fn lose_line(&mut self) {
        self.line = None;
        self.pile.disconnected();
        self.dials_at = Some(self.now + DIALS_AFTER);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(line, bytes) if self.line == Some(line) => self.platform_says(&bytes),
                Effect::Close(line) if self.line == Some(line) => self.lose_line(),
                Effect::Tell(what) | Effect::Ask(what) | Effect::Progress(what, ..) => self.told.push(what.en),
                Effect::Send(..) | Effect::Close(_) | Effect::Dial(_) => {}
            }
        }
    }

    fn platform_says(&mut self, bytes: &[u8]) {
        let mut frames = Vec::new();
        self.framer.push(bytes, |piece| {
            if let Piece::Frame(frame) = piece {
                frames.push(frame.raw.to_vec());
            }
        });
        for raw in frames {
            let mut out = Vec::new();
            let link = self.pile.handle_frame(self.moment(), &raw, &mut out);
            self.pile_says(&out, link);
        }
    }
}

fn heartbeat_answer(frame: &Frame<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    let pile_code = PILE;
    let answer = HeartbeatResponse { pile_code, connector_number: ConnectorNumber::bcd(1), ..Default::default() };
    let envelope = Envelope { sequence: frame.sequence, ..Envelope::default() };
    write_message(&mut out, envelope, &answer.into()).unwrap();
    out
}

/// The ids of a verdict, without what they have in common.
pub(crate) fn ids(report: &Report, verdict: Verdict) -> Vec<&'static str> {
    let findings = report.findings.iter().filter(|finding| finding.verdict == verdict);
    findings.map(|finding| finding.check.id.trim_start_matches("pile.")).collect()
}

/// What failed and why, for the message of a test.
pub(crate) fn why(report: &Report) -> String {
    let failed = report.findings.iter().filter(|finding| finding.verdict == Verdict::Fail);
    failed.map(|finding| format!("\n{}: {} {:?}", finding.check.id, finding.note.en, finding.evidence)).collect()
}
