//! A pile on virtual time against answers written by hand.

mod both_ends;
mod holding;
mod quirk;

use super::*;
use crate::aaf5::code::{FineEnergy, Plug, ReportMode, Service, WorkState};
use crate::aaf5::field::PileCode;
use crate::aaf5::frame::{Envelope, write_frame, write_message};
use crate::aaf5::framer::{Framer, Piece};
use crate::aaf5::message::*;
use crate::wire::{CivilTime, KilowattHours, Quantity, Text, Writer};

fn pile() -> PileCode {
    Text::new("AAF5-0001").unwrap()
}

/// 2027-01-15 in China.
const UNIX_MS: u64 = 1_800_000_000_000;

/// A session, its clock, and what it sent.
struct World {
    session: PileSession,
    now: Tick,
    sent: Vec<(Message, u8, usize)>,
}

impl World {
    fn new(adjust: impl FnOnce(&mut PileConfig)) -> Self {
        let mut config = PileConfig::new(pile());
        config.connector_count = 2;
        adjust(&mut config);
        Self { session: PileSession::new(config), now: Tick(1_000), sent: Vec::new() }
    }

    fn working(adjust: impl FnOnce(&mut PileConfig)) -> Self {
        let mut world = Self::new(adjust);
        world.connect();
        world.sign_in();
        world.sent.clear();
        world
    }

    /// Keeps what was sent: message, sequence number and length of the body.
    fn collect(&mut self, bytes: &[u8]) {
        let sent = &mut self.sent;
        Framer::new().push(bytes, |piece| {
            let Piece::Frame(frame) = piece else { panic!("one of ours") };
            let message = Message::decode(frame.command, frame.body, Dialect::Standard).unwrap();
            sent.push((message, frame.sequence, frame.body.len()));
        });
    }

    fn connect(&mut self) {
        let mut out = Vec::new();
        self.session.connect(self.now, 0xABCD, &mut out);
        self.collect(&out);
    }

    fn receive(&mut self, sequence: u8, message: impl Into<Message>) -> Option<PileEvent> {
        let mut bytes = Vec::new();
        write_message(&mut bytes, Envelope { sequence, ..Envelope::default() }, &message.into()).unwrap();
        self.receive_bytes(&bytes)
    }

    fn receive_bytes(&mut self, bytes: &[u8]) -> Option<PileEvent> {
        let mut out = Vec::new();
        let event = self.session.handle_frame(self.now, &Frame::parse(bytes).unwrap(), &mut out);
        self.collect(&out);
        event
    }

    fn sign_in(&mut self) -> Option<PileEvent> {
        self.receive(0, signed_in())
    }

    /// Goes to the next deadline; gives back how many seconds that took.
    fn step(&mut self) -> (u64, Option<PileEvent>) {
        let due = self.session.next_deadline().expect("something is due");
        let waited = due.since(self.now).as_secs();
        self.now = due;
        let mut out = Vec::new();
        let event = self.session.handle_deadline(self.now, &mut out);
        self.collect(&out);
        (waited, event)
    }

    /// What was sent since this was asked last.
    fn take(&mut self) -> Vec<Message> {
        self.sent.drain(..).map(|(message, ..)| message).collect()
    }

    fn take_commands(&mut self) -> Vec<u16> {
        self.take().iter().map(Message::frame_type).collect()
    }

    /// Runs for `seconds` with a platform that answers heartbeats; gives back when each command was sent.
    fn run(&mut self, seconds: u64, command: u16) -> Vec<u64> {
        let (start, mut times) = (self.now, Vec::new());
        while self.session.next_deadline().is_some_and(|at| at.since(start).as_secs() <= seconds) {
            self.step();
            let count = self.take_commands().into_iter().filter(|sent| *sent == command).count();
            times.extend(std::iter::repeat_n(self.now.since(start).as_secs(), count));
            self.receive(0, HeartbeatResponse::default());
        }
        times
    }
}

fn signed_in() -> SignInResponse {
    SignInResponse {
        random: Some(0xABCD),
        login_check: Some(Default::default()),
        encryption: Some(Default::default()),
        rsa_modulus: Some(Default::default()),
        rsa_exponent: Some(0),
        service: Some(Service::Normal),
        platform_time: Some(BcdTime::new(CivilTime::in_china(UNIX_MS))),
        fine_energy: Some(FineEnergy::Supported),
        aes_key: Some(Default::default()),
        ..Default::default()
    }
}

fn record(number: &str) -> FineChargeRecord {
    FineChargeRecord {
        connector_number: ConnectorNumber(1),
        transaction_number: Some(Text::new(number).unwrap()),
        total_energy: KilowattHours::from_raw(12_345),
        ..Default::default()
    }
}

#[test]
fn signs_in_three_times_before_it_gives_the_line_up() {
    let mut world = World::new(|_| {});
    world.connect();
    assert_eq!(world.step(), (5, None));
    assert_eq!(world.step(), (5, None));
    assert_eq!(world.take_commands(), [106, 106, 106]);
    assert_eq!(world.step(), (5, Some(PileEvent::LinkDead)));
    assert_eq!((world.take_commands(), world.session.next_deadline()), (vec![], None));
}

#[test]
fn says_nothing_before_its_sign_in_is_taken() {
    let mut world = World::new(|_| {});
    world.connect();
    world.session.send_record(world.now, record("SN1"), &mut Vec::new()).unwrap();
    assert_eq!(world.session.send(&AlarmReport::default().into(), &mut Vec::new()), Err(SendError::Offline));
    assert_eq!(world.receive(0, TariffQuery::default()), None);
    assert_eq!(world.receive(0, SignInResponse { random: Some(1), ..signed_in() }), None, "another's answer");
    let clock = signed_in().platform_time;
    assert_eq!(world.sign_in(), Some(PileEvent::SignedIn { suspended: false, clock }));
    assert_eq!(world.take_commands(), [106, 102, 104, 104, 222]);
    assert_eq!(world.session.clock(Tick(3_000)), BcdTime::new(CivilTime::in_china(UNIX_MS + 2_000)));
}

#[test]
fn signs_in_again_after_half_an_hour() {
    let mut world = World::working(|config| config.report_mode = ReportMode::Answering);
    assert_eq!(world.step(), (30 * 60, None));
    assert_eq!(world.take_commands(), [106]);
    let again = SignInResponse { service: Some(Service::Suspended), ..signed_in() };
    assert_eq!(world.receive(0, again), Some(PileEvent::SignedInAgain { suspended: true }));
    assert_eq!(world.session.next_deadline(), Some(world.now + Duration::from_secs(30 * 60)));
}

#[test]
fn heartbeats_and_status_come_in_their_periods() {
    let mut world = World::working(|_| {});
    assert_eq!(world.run(60, 102), [20, 40, 60]);
    assert_eq!(world.run(60, 104), [15, 15, 30, 30, 45, 45, 60, 60]);
}

#[test]
fn heartbeats_that_nobody_answers_make_the_link_dead() {
    let mut world = World::working(|config| config.status_seconds = 200);
    assert_eq!([world.step(), world.step()], [(20, None), (20, None)]);
    let counters: Vec<u16> = world
        .take()
        .iter()
        .map(|message| if let Message::HeartbeatRequest(heartbeat) = message { heartbeat.counter } else { panic!() })
        .collect();
    assert_eq!(counters, [1, 2], "the first came with the sign-in");
    assert_eq!(world.step(), (20, Some(PileEvent::LinkDead)));
    assert_eq!(world.session.next_deadline(), None);
}

#[test]
fn status_is_told_at_once_when_the_work_state_changes() {
    let mut world = World::working(|_| {});
    let mut report = StatusReport { connector_number: ConnectorNumber(2), plug: Plug::Connected, ..Default::default() };
    for (work_state, expected) in [(WorkState::Idle, 0), (WorkState::Charging, 1), (WorkState::Charging, 0)] {
        report.work_state = work_state;
        let mut out = Vec::new();
        world.session.set_status(report.clone(), &mut out);
        world.collect(&out);
        let sent = world.take();
        assert_eq!(sent.len(), expected);
        if let [Message::StatusReport(sent)] = &sent[..] {
            assert_eq!((sent.connector_number.0, sent.connector_count, sent.work_state), (2, 2, WorkState::Charging));
            assert!(sent.pile_code.says(&pile()));
        }
    }
    let asked = |report_now| StatusResponse { connector_number: ConnectorNumber(2), report_now, ..Default::default() };
    world.receive(0, asked(Some(ReportNow::No)));
    assert!(world.take_commands().is_empty());
    world.receive(0, asked(Some(ReportNow::Yes)));
    assert_eq!(world.take_commands(), [104]);
    world.step();
    world.step();
    let plugged =
        |message: &Message| matches!(message, Message::HeartbeatRequest(beat) if beat.plugged.unwrap().contains(2));
    assert!(world.take().iter().any(plugged));
}

#[test]
fn a_record_is_sent_every_ten_seconds_until_it_is_confirmed_by_its_number() {
    let mut world = World::working(|_| {});
    let mut out = Vec::new();
    let index = world.session.send_record(world.now, record("SN1"), &mut out).unwrap();
    world.collect(&out);
    let sent = world.take();
    let [Message::FineChargeRecord(sent)] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((sent.record_index, sent.stored_count, sent.energy_digit.unwrap().raw()), (index, 1, 5));
    assert!(sent.pile_code.says(&pile()));
    assert_eq!(world.run(35, 222), [10, 20, 30]);
    let confirm = |record_index| FineRecordConfirm { record_index: Some(record_index), ..Default::default() };
    assert_eq!(world.receive(0, confirm(index + 1)), None);
    let transaction_number = Text::new("SN1").unwrap();
    let confirmed = PileEvent::RecordConfirmed { record_index: index, transaction_number };
    assert_eq!(world.receive(0, confirm(index)), Some(confirmed));
    assert_eq!((world.run(60, 222), world.session.unconfirmed_records()), (vec![], 0));
}

#[test]
fn the_last_records_come_again_after_power_up_and_unconfirmed_ones_after_each_connect() {
    let mut world = World::working(|_| {});
    for number in 1..=7 {
        let index = world.session.send_record(world.now, record(&format!("SN{number}")), &mut Vec::new()).unwrap();
        if number < 7 {
            world.receive(0, FineRecordConfirm { record_index: Some(index), ..Default::default() });
        }
    }
    let reconnected = |world: &mut World| {
        world.connect();
        world.sign_in();
        let sent = world.take();
        sent.iter().filter_map(record_of).map(|record| record.record_index).collect::<Vec<_>>()
    };
    world.session.disconnect();
    assert_eq!(reconnected(&mut world), [7]);
    world.session.restart();
    assert_eq!(reconnected(&mut world), [7, 3, 4, 5, 6]);
    assert_eq!(world.session.config().start_count, 2);
}

#[test]
fn frames_for_other_piles_and_of_other_piles_are_passed_over() {
    let mut world = World::working(|_| {});
    let other = WhiteListRequest { pile_code: Text::new("AAF5-0002").unwrap(), ..Default::default() };
    assert_eq!(world.receive(0, other), None);
    assert_eq!(world.receive(0, StatusReport { pile_code: pile(), ..Default::default() }), None);
    let mut bytes = Vec::new();
    write_frame(&mut bytes, Envelope { info: 0x90, sequence: 0 }, 1101, |writer| writer.put(&[0; 18])).unwrap();
    assert_eq!((world.receive_bytes(&bytes), world.take_commands()), (None, vec![]));
}
