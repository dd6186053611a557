//! A virtual pile and the exam of piles, coupled on virtual time; somebody stands at the pile and does what is asked.

use std::time::Duration;

use voltapile_certify::aaf5::pile::{PileExam, PileExamOptions, Task};
use voltapile_certify::{ConnectionId, Effect, Exam, Input, Report, Verdict};
use voltapile_protocol::aaf5::Framer;
use voltapile_protocol::aaf5::framer::Piece;
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::Bytes;
use voltapile_protocol::ykc::field::PileCode;
use voltapile_simulator::model::{
    Action, CarWish, Credential, Link, ModelOptions, Moment, PileSetup, PileSnapshot, RecordDelivery, VirtualPile,
};

use super::{BEGAN, ids, why};

const PILE: PileCode = PileCode([0x32, 0x01, 0x06, 0x00, 0x00, 0x00, 0x01]);
/// How long somebody takes to do what is asked.
const PERSON_TAKES: Duration = Duration::from_secs(6);
/// How long the pile takes to dial again.
const DIALS_AFTER: Duration = Duration::from_secs(3);
/// No exam takes longer than this on virtual time.
const LONGEST: Tick = Tick(6 * 3_600_000);

/// The exam and the pile.
struct Stage {
    exam: PileExam,
    pile: VirtualPile,
    now: Tick,
    connections: u16,
    line: Option<ConnectionId>,
    framer: Framer,
    dials_at: Option<Tick>,
    breaks_off_at: Option<Tick>,
    acts_at: Option<(Tick, Task)>,
}

/// A pile by the book, with a plug that has to be plugged in.
fn by_the_book() -> PileSetup {
    let mut setup = PileSetup::dc(PILE, 2).unattended().speaking_aaf5();
    setup.behaviour.demands_plug = true;
    setup
}

impl Stage {
    fn new(setup: PileSetup, quick: bool) -> Self {
        Self {
            exam: PileExam::new(PileExamOptions { quick, began_unix_ms: BEGAN, ..PileExamOptions::default() }),
            pile: VirtualPile::new(setup, ModelOptions::default()),
            now: Tick(0),
            connections: 0,
            line: None,
            framer: Framer::new(),
            dials_at: Some(Tick(1_000)),
            breaks_off_at: None,
            acts_at: None,
        }
    }

    /// Goes through the exam, and looks at the pile behind it.
    fn run(mut self) -> (Report, PileSnapshot) {
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
        if self.dials_at.take_if(|at| *at <= self.now).is_some() {
            self.dial();
        }
        let mut effects = Vec::new();
        if self.breaks_off_at.take_if(|at| *at <= self.now).is_some() {
            self.exam.break_off(self.now, &mut effects);
        }
        self.carry_out(effects);
        if let Some((_, task)) = self.acts_at.take_if(|(at, _)| *at <= self.now) {
            self.act(task);
        }
        if self.pile.next_deadline().is_some_and(|at| at <= self.now) {
            let mut out = Vec::new();
            let link = self.pile.handle_deadline(self.moment(), &mut out);
            self.pile_says(&out, link);
        }
        let mut effects = Vec::new();
        if self.exam.next_deadline().is_some_and(|at| at <= self.now) {
            self.exam.handle_deadline(self.now, &mut effects);
        }
        self.carry_out(effects);
        if self.exam.task().is_none() {
            self.acts_at = None;
        }
        if let (None, Some(task)) = (self.acts_at, self.exam.task()) {
            self.acts_at = Some((self.now + PERSON_TAKES, task));
        }
    }

    fn moment(&self) -> Moment {
        Moment { tick: self.now, unix_ms: BEGAN + self.now.0 }
    }

    fn dial(&mut self) {
        let line = ConnectionId(self.connections);
        self.connections += 1;
        self.line = Some(line);
        self.framer = Framer::new();
        let (mut effects, mut out) = (Vec::new(), Vec::new());
        self.exam.handle(self.now, Input::Opened(line), &mut effects);
        self.carry_out(effects);
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
        };
        let mut out = Vec::new();
        let link = self.pile.act(self.moment(), action, &mut out);
        self.pile_says(&out, link);
    }

    fn pile_says(&mut self, bytes: &[u8], link: Link) {
        let Some(line) = self.line else { return };
        let mut effects = Vec::new();
        if !bytes.is_empty() {
            self.exam.handle(self.now, Input::Bytes(line, bytes), &mut effects);
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
                _ => {}
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

#[track_caller]
fn behaves(change: impl FnOnce(&mut PileSetup), expected: &[&str]) {
    let mut setup = by_the_book();
    change(&mut setup);
    let (report, _) = Stage::new(setup, false).run();
    assert_eq!(ids(&report, Verdict::Fail), expected, "{}", why(&report));
}

#[test]
fn a_virtual_pile_fails_nothing_and_most_is_seen() {
    let (report, _) = Stage::new(by_the_book(), false).run();
    assert_eq!(ids(&report, Verdict::Fail), [""; 0], "{}", why(&report));
    // The virtual pile has no alarms to tell, takes no reservations, and is answered whenever it asks.
    let unseen =
        ["alarm.period", "start.not_plugged", "start.reserved", "start.cancelled", "card.repeated", "vin.result"];
    assert_eq!(ids(&report, Verdict::NotSeen), unseen);
}

#[test]
fn no_record_at_all() {
    behaves(|setup| setup.behaviour.record_delivery = RecordDelivery::Never, &["record.arrives"]);
}

#[test]
fn a_late_record() {
    let late = RecordDelivery::Late(Duration::from_secs(90));
    behaves(|setup| setup.behaviour.record_delivery = late, &["record.in_time"]);
}

#[test]
fn an_exam_that_is_broken_off_leaves_the_pile_as_it_was() {
    let (whole, _) = Stage::new(by_the_book(), true).run();
    let end = whole.trace.entries().last().unwrap().at.0;
    for at in (0..end).step_by(37_000) {
        let mut stage = Stage::new(by_the_book(), true);
        stage.breaks_off_at = Some(Tick(at));
        let (report, pile) = stage.run();
        let over = report.trace.entries().last().map_or(0, |entry| entry.at.0);
        assert!(over <= at + 20_000, "broken off at {at} ms, over at {over} ms");
        assert!(
            !pile.connectors.iter().any(|connector| connector.transaction_number.is_some()),
            "charges on after {at} ms"
        );
    }
}
