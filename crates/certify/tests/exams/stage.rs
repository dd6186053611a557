//! A virtual pile and the exam of piles, coupled on virtual time; somebody stands at the pile and does what is asked.

use std::time::Duration;

use voltapile_certify::{ConnectionId, Effect, Exam, Input, Report, Task};
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::Bytes;
use voltapile_protocol::ykc::field::PileCode;
use voltapile_protocol::{Protocol, aaf5, ykc};
use voltapile_simulator::model::{
    Action, CarWish, Credential, Link, ModelOptions, Moment, PileSetup, PileSnapshot, VirtualPile,
};

pub(crate) const PILE: PileCode = PileCode([0x32, 0x01, 0x06, 0x00, 0x00, 0x00, 0x01]);
/// How long somebody takes to do what is asked.
const PERSON_TAKES: Duration = Duration::from_secs(6);
/// How long the pile takes to dial again.
const DIALS_AFTER: Duration = Duration::from_secs(3);
/// No exam takes longer than this on virtual time.
const LONGEST: Tick = Tick(6 * 3_600_000);

/// An exam that asks a person for something now and then.
pub(crate) trait Attended: Exam {
    const PROTOCOL: Protocol;
    fn task(&self) -> Option<Task>;
}

impl Attended for voltapile_certify::ykc::pile::PileExam {
    const PROTOCOL: Protocol = Protocol::Ykc;
    fn task(&self) -> Option<Task> {
        Self::task(self)
    }
}

impl Attended for voltapile_certify::aaf5::pile::PileExam {
    const PROTOCOL: Protocol = Protocol::Aaf5;
    fn task(&self) -> Option<Task> {
        Self::task(self)
    }
}

/// What becomes of a frame of the pile on its way.
pub(crate) struct Meddled {
    /// The frames that leave instead, or none.
    pub(crate) leaves: Vec<Vec<u8>>,
    /// What the pile is told instead of the platform's answer.
    pub(crate) answer: Vec<u8>,
}

pub(crate) type Meddler = Box<dyn FnMut(Tick, &[u8]) -> Meddled>;

/// The exam and the pile.
pub(crate) struct Stage<E> {
    pub(crate) exam: E,
    pile: VirtualPile,
    meddler: Option<Meddler>,
    began_unix_ms: u64,
    now: Tick,
    connections: u16,
    line: Option<ConnectionId>,
    /// What the platform sends, until it is whole.
    begun: Vec<u8>,
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

/// The whole and good frames at the begin of a stream, which loses them.
pub(crate) fn frames_of(protocol: Protocol, stream: &mut Vec<u8>) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    let bytes = std::mem::take(stream);
    match protocol {
        Protocol::Ykc => {
            let mut framer = ykc::Framer::new();
            framer.push(&bytes, |piece| {
                if let ykc::framer::Piece::Frame(frame) = piece {
                    frames.push(frame.raw.to_vec());
                }
            });
            *stream = bytes[bytes.len() - framer.pending()..].to_vec();
        }
        Protocol::Aaf5 => {
            let mut framer = aaf5::Framer::new();
            framer.push(&bytes, |piece| {
                if let aaf5::framer::Piece::Frame(frame) = piece {
                    frames.push(frame.raw.to_vec());
                }
            });
            *stream = bytes[bytes.len() - framer.pending()..].to_vec();
        }
    }
    frames
}

impl<E: Attended> Stage<E> {
    pub(crate) fn new(setup: PileSetup, exam: E, began_unix_ms: u64) -> Self {
        Self {
            exam,
            pile: VirtualPile::new(setup, ModelOptions::default()),
            meddler: None,
            began_unix_ms,
            now: Tick(0),
            connections: 0,
            line: None,
            begun: Vec::new(),
            dials_at: Some(Tick(1_000)),
            has_person: true,
            breaks_off_at: None,
            acts_at: None,
            told: Vec::new(),
        }
    }

    pub(crate) fn meddled(self, meddler: impl FnMut(Tick, &[u8]) -> Meddled + 'static) -> Self {
        Self { meddler: Some(Box::new(meddler)), ..self }
    }

    /// Goes through the exam.
    pub(crate) fn run(self) -> Report {
        self.run_and_look().0
    }

    /// Goes through the exam, and looks at the pile behind it.
    pub(crate) fn run_and_look(mut self) -> (Report, PileSnapshot) {
        self.run_to_the_end();
        (self.exam.report(), self.pile.snapshot())
    }

    pub(crate) fn run_to_the_end(&mut self) {
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
        Moment { tick: self.now, unix_ms: self.began_unix_ms + self.now.0 }
    }

    fn dial(&mut self) {
        self.dials_at = None;
        let line = ConnectionId(self.connections);
        self.connections += 1;
        self.line = Some(line);
        self.begun.clear();
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
            Task::StartByVin => Action::Ask { connector: 1, credential: Credential::Vin },
            Task::Unplug => Action::Unplug { connector: 1 },
        };
        let mut out = Vec::new();
        let link = self.pile.act(self.moment(), action, &mut out);
        self.pile_says(&out, link);
    }

    fn look_at_task(&mut self) {
        let task = self.exam.task();
        self.acts_at = self.acts_at.filter(|(_, begun)| task == Some(*begun));
        if let (None, Some(task)) = (self.acts_at, task.filter(|_| self.has_person)) {
            self.acts_at = Some((self.now + PERSON_TAKES, task));
        }
    }

    /// What the pile says goes to the exam, as far as the line stands.
    fn pile_says(&mut self, bytes: &[u8], link: Link) {
        let Some(line) = self.line else { return };
        let (mut sent, mut answers) = (Vec::new(), Vec::new());
        match &mut self.meddler {
            None => sent.extend_from_slice(bytes),
            Some(meddler) => {
                for raw in frames_of(E::PROTOCOL, &mut bytes.to_vec()) {
                    let Meddled { leaves, answer } = meddler(self.now, &raw);
                    sent.extend(leaves.concat());
                    answers.push(answer);
                }
            }
        }
        answers.iter().for_each(|answer| self.platform_says(answer));
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
        self.begun.extend_from_slice(bytes);
        for raw in frames_of(E::PROTOCOL, &mut self.begun) {
            let mut out = Vec::new();
            let link = self.pile.handle_frame(self.moment(), &raw, &mut out);
            self.pile_says(&out, link);
        }
    }
}
