//! A pile on virtual time against answers written by hand.

use super::*;
use crate::wire::{Cp56Time, MeterReading, Percent, PowerPercent, Quantity, YuanPerKwh};
use crate::ykc::code::{ConfirmResult, ExecuteMode, WorkPermission};
use crate::ykc::field::{ConnectorNumber, PileCode, TariffSlots, TransactionNumber};
use crate::ykc::framer::Piece;
use crate::ykc::message::*;
use crate::ykc::{CrcOrder, Dialect, Framer};

mod quirk;
mod reply;

const PILE: PileCode = PileCode([0x32, 0x01, 0x06, 0x00, 0x00, 0x00, 0x01]);

/// A session, its clock, and what it sent.
struct World {
    session: PileSession,
    now: Tick,
    sent: Vec<(Message, [u8; 2], CrcOrder)>,
}

impl World {
    fn new(adjust: impl FnOnce(&mut PileConfig)) -> Self {
        let mut config = PileConfig::new(PILE);
        config.connector_count = 2;
        adjust(&mut config);
        Self { session: PileSession::new(config), now: Tick(1_000), sent: Vec::new() }
    }

    fn working(adjust: impl FnOnce(&mut PileConfig)) -> Self {
        let mut world = Self::new(adjust);
        world.connect();
        world.log_in();
        world.receive([7, 7], tariff(1));
        world.sent.clear();
        world
    }

    fn collect(&mut self, bytes: &[u8]) {
        let sent = &mut self.sent;
        Framer::new().push(bytes, |piece| {
            let Piece::Frame(frame) = piece else { panic!("a V1 frame") };
            let message = Message::decode(frame.frame_type, frame.body, Dialect::V16).unwrap();
            sent.push((message, frame.sequence, frame.crc_order));
        });
    }

    fn connect(&mut self) {
        let mut out = Vec::new();
        self.session.connect(self.now, &mut out);
        self.collect(&out);
    }

    fn receive(&mut self, sequence: [u8; 2], message: impl Into<Message>) -> Option<PileEvent> {
        let (mut bytes, mut out) = (Vec::new(), Vec::new());
        write_message(&mut bytes, Envelope { sequence, ..Envelope::default() }, &message.into()).unwrap();
        let event = self.session.handle_frame(self.now, &Frame::parse(&bytes).unwrap(), &mut out);
        self.collect(&out);
        event
    }

    fn log_in(&mut self) -> Option<PileEvent> {
        self.receive([0, 0], LoginResponse { pile_code: PILE, ..Default::default() })
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

    fn take_types(&mut self) -> Vec<u8> {
        self.sent.drain(..).map(|(message, ..)| message.frame_type()).collect()
    }

    /// Runs for `seconds` with a platform that answers heartbeats; gives back when each record was sent.
    fn record_times(&mut self, seconds: u64) -> Vec<u64> {
        let (start, mut times) = (self.now, Vec::new());
        while self.session.next_deadline().is_some_and(|at| at.since(start).as_secs() <= seconds) {
            self.step();
            let records = self.take_types().into_iter().filter(|code| *code == 0x3B).count();
            times.extend(std::iter::repeat_n(self.now.since(start).as_secs(), records));
            self.receive([0, 0], HeartbeatResponse { pile_code: PILE, ..Default::default() });
        }
        times
    }
}

fn tariff(number: u8) -> TariffResponse {
    TariffResponse {
        pile_code: PILE,
        tariff_id: TariffId([0, number]),
        peak_energy_rate: YuanPerKwh::from_raw(120_000),
        loss_ratio: Percent::from_raw(3),
        slots: TariffSlots([1; 48]),
        ..Default::default()
    }
}

fn verified(result: VerifyResult) -> TariffVerifyResponse {
    TariffVerifyResponse { pile_code: PILE, verify_result: result, ..Default::default() }
}

fn record(number: u8) -> TransactionRecord {
    TransactionRecord { transaction_number: TransactionNumber([number; 16]), pile_code: PILE, ..Default::default() }
}

fn confirm(number: u8, confirm_result: ConfirmResult) -> TransactionRecordConfirm {
    TransactionRecordConfirm {
        transaction_number: TransactionNumber([number; 16]),
        confirm_result,
        ..Default::default()
    }
}

#[test]
fn logs_in_and_fetches_a_tariff_it_does_not_have() {
    let mut world = World::new(|_| {});
    world.connect();
    assert_eq!(world.take_types(), [0x01]);
    assert_eq!(world.log_in(), Some(PileEvent::LoggedIn));
    assert_eq!(world.take_types(), [0x05, 0x03]);
    assert_eq!(world.receive([1, 0], verified(VerifyResult::Differs)), None);
    assert_eq!(world.take_types(), [0x09]);
    assert!(!world.session.is_working());
    let Some(PileEvent::TariffChanged(fetched)) = world.receive([2, 0], tariff(1)) else { panic!("a tariff") };
    assert_eq!((fetched.id, fetched.loss_percent, fetched.slots), (TariffId([0, 1]), 3, TariffSlots([1; 48])));
    assert_eq!(fetched.to_response(PILE), tariff(1));
    assert!(world.session.is_working());
}

#[test]
fn keeps_the_tariff_that_the_platform_confirms() {
    let mut world = World::new(|config| config.tariff_id = TariffId([0, 1]));
    world.connect();
    world.log_in();
    assert_eq!(world.receive([1, 0], verified(VerifyResult::Same)), Some(PileEvent::TariffConfirmed));
    assert!(world.session.is_working());
}

#[test]
fn asks_for_a_tariff_it_does_not_have_even_when_told_that_it_is_the_same() {
    for adjust in [(|_| {}) as fn(&mut PileConfig), |config| {
        config.tariff_id = TariffId([0, 1]);
        config.quirks.always_requests_tariff = true;
    }] {
        let mut world = World::new(adjust);
        world.connect();
        world.log_in();
        assert_eq!(world.receive([1, 0], verified(VerifyResult::Same)), None);
        assert_eq!(world.take_types().last(), Some(&0x09));
    }
}

#[test]
fn repeats_the_login_and_then_gives_the_link_up() {
    let mut world = World::new(|_| {});
    world.connect();
    assert_eq!(world.step(), (10, None));
    assert_eq!(world.step(), (10, None));
    assert_eq!(world.take_types(), [0x01, 0x01, 0x01]);
    assert_eq!(world.step(), (10, Some(PileEvent::LinkDead)));
    assert_eq!(world.session.next_deadline(), None);
}

#[test]
fn repeats_tariff_questions_until_they_are_answered() {
    let mut world = World::new(|config| config.quirks.heartbeat_waits_for_tariff = true);
    world.connect();
    world.log_in();
    for _ in 0..5 {
        assert_eq!(world.step(), (10, None));
    }
    assert_eq!(world.take_types(), [0x01, 0x05, 0x05, 0x05, 0x05, 0x05, 0x05]);
    world.receive([0, 0], verified(VerifyResult::Differs));
    world.step();
    assert_eq!(world.take_types(), [0x09, 0x09]);
    world.receive([0, 0], tariff(1));
    assert_eq!(world.step(), (10, None));
    assert_eq!(world.take_types(), [0x03], "heartbeats begin once the tariff is settled");
}

#[test]
fn a_refused_login_is_not_repeated_on_the_same_connection() {
    let mut world = World::new(|_| {});
    world.connect();
    let refusal = LoginResponse { pile_code: PILE, login_result: LoginResult::Refused, ..Default::default() };
    assert_eq!(world.receive([0, 0], refusal), Some(PileEvent::LoginRefused));
    assert_eq!(world.session.next_deadline(), None);
}

#[test]
fn heartbeats_tell_the_connectors_in_turn() {
    let mut world = World::working(|_| {});
    let mut connectors = Vec::new();
    for _ in 0..4 {
        assert_eq!(world.step(), (10, None));
        world.receive([0, 0], HeartbeatResponse { pile_code: PILE, ..Default::default() });
    }
    for (message, ..) in world.sent.drain(..) {
        let Message::HeartbeatRequest(heartbeat) = message else { panic!("heartbeats only") };
        connectors.push(heartbeat.connector_number.number());
    }
    assert_eq!(connectors, [2, 1, 2, 1]);
}

#[test]
fn three_unanswered_heartbeats_make_a_dead_link() {
    let mut world = World::working(|_| {});
    assert_eq!(world.step(), (10, None));
    assert_eq!(world.step(), (10, None));
    assert_eq!(world.step(), (10, Some(PileEvent::LinkDead)));
    assert_eq!(world.take_types(), [0x03, 0x03], "the first left with the login");
    world.connect();
    assert_eq!(world.sent, [(world.sent[0].0.clone(), [0, 0], CrcOrder::LowFirst)], "0x01 with number 0 again");
}

#[test]
fn a_heartbeat_tells_of_a_broken_connector() {
    let mut world = World::working(|config| config.quirks.heartbeat = HeartbeatPattern::Each);
    let health = |world: &mut World| {
        world.sent.clear();
        world.step();
        world.receive([0, 0], HeartbeatResponse { pile_code: PILE, ..Default::default() });
        let told = world.sent.iter().map(|(message, ..)| match message {
            Message::HeartbeatRequest(heartbeat) => heartbeat.connector_health,
            other => panic!("{other:?}"),
        });
        told.collect::<Vec<_>>()
    };
    world.session.set_connector_health(2, ConnectorHealth::Fault);
    assert_eq!(health(&mut world), [ConnectorHealth::Normal, ConnectorHealth::Fault]);
    world.session.set_connector_health(2, ConnectorHealth::Normal);
    assert_eq!(health(&mut world), [ConnectorHealth::Normal; 2]);
}

#[test]
fn a_new_firmware_shows_in_the_next_login() {
    let mut world = World::working(|_| {});
    world.session.set_firmware_version(Ascii(*b"V2.0.0\0\0"));
    world.connect();
    let Message::LoginRequest(login) = &world.sent[0].0 else { panic!("0x01") };
    assert_eq!(login.firmware_version.text(), "V2.0.0");
}

#[test]
fn takes_a_tariff_that_names_a_connector() {
    let mut world = World::working(|_| {});
    let answer = TariffResponseV17 { pile_code: PILE, tariff_id: TariffId([0, 3]), ..Default::default() };
    assert!(matches!(world.receive([9, 6], answer), Some(PileEvent::TariffChanged(_))));
    assert_eq!(world.session.tariff_id(), TariffId([0, 3]));
}

#[test]
fn passes_over_frames_for_other_piles_and_encrypted_ones() {
    let mut world = World::working(|_| {});
    let other = PileCode([9; 7]);
    let stop = RemoteStopRequest { pile_code: other, ..Default::default() };
    assert_eq!(world.receive([1, 1], stop), None);
    let start = RemoteStartRequest { pile_code: other, ..Default::default() };
    assert_eq!(world.receive([1, 1], start), None);
    let mut bytes = Vec::new();
    let clock = ClockSyncRequest { pile_code: PILE, ..Default::default() };
    write_message(&mut bytes, Envelope { encryption: 1, ..Envelope::default() }, &clock.into()).unwrap();
    assert_eq!(world.session.handle_frame(world.now, &Frame::parse(&bytes).unwrap(), &mut Vec::new()), None);
    assert!(world.sent.is_empty());
}

#[test]
fn a_record_is_sent_five_times_and_kept() {
    let mut world = World::working(|_| {});
    let mut out = Vec::new();
    world.session.send_record(world.now, record(1), &mut out).unwrap();
    world.collect(&out);
    assert_eq!(world.take_types(), [0x3B]);
    assert_eq!(world.record_times(2_000), [30, 60, 90, 390]);
    assert_eq!(world.session.unconfirmed_records(), 1);
}

#[test]
fn a_record_is_forgotten_once_it_is_confirmed() {
    let mut world = World::working(|_| {});
    let mut out = Vec::new();
    world.session.send_record(world.now, record(1), &mut out).unwrap();
    world.session.send_record(world.now, record(2), &mut out).unwrap();
    assert_eq!(world.receive([0, 0], confirm(3, ConfirmResult::Uploaded)), None);
    let event = world.receive([0, 0], confirm(1, ConfirmResult::Uploaded));
    assert!(matches!(event, Some(PileEvent::RecordConfirmed { result: ConfirmResult::Uploaded, .. })));
    assert_eq!(world.session.unconfirmed_records(), 1);
    world.receive([0, 0], confirm(2, ConfirmResult::Illegal));
    assert_eq!(world.session.unconfirmed_records(), 0);
    assert_eq!(world.record_times(600), [0; 0]);
}

#[test]
fn a_pile_may_keep_a_refused_record() {
    let mut world = World::working(|config| config.quirks.keeps_refused_records = true);
    world.session.send_record(world.now, record(1), &mut Vec::new()).unwrap();
    world.receive([0, 0], confirm(1, ConfirmResult::Illegal));
    assert_eq!(world.session.unconfirmed_records(), 1);
}

#[test]
fn records_made_offline_come_right_after_the_login() {
    let mut world = World::working(|_| {});
    world.session.disconnect();
    let mut out = Vec::new();
    world.session.send_record(world.now, record(1), &mut out).unwrap();
    assert!(out.is_empty());
    assert_eq!(world.session.next_deadline(), None);
    world.connect();
    world.log_in();
    assert_eq!(world.take_types(), [0x01, 0x05, 0x3B, 0x03]);
    world.receive([0, 0], verified(VerifyResult::Differs));
    assert_eq!(world.take_types(), [0x09]);
}

#[test]
fn the_store_of_records_is_bounded() {
    let mut world = World::new(|_| {});
    for _ in 0..RECORDS_MAX {
        world.session.send_record(world.now, record(1), &mut Vec::new()).unwrap();
    }
    assert_eq!(world.session.send_record(world.now, record(2), &mut Vec::new()), Err(RecordsFull));
}

#[test]
fn nothing_leaves_before_the_login() {
    let mut world = World::new(|_| {});
    let report = Message::from(RealtimeReport::default());
    assert_eq!(world.session.send(&report, &mut Vec::new()), Err(SendError::Offline));
    world.connect();
    assert_eq!(world.session.send(&report, &mut Vec::new()), Err(SendError::Offline));
}

#[test]
fn quirks_show_on_the_wire() {
    let mut world = World::working(|config| {
        config.quirks.crc_order = CrcOrder::HighFirst;
        config.quirks.zero_sequence = true;
        config.quirks.heartbeat = HeartbeatPattern::Each;
    });
    world.step();
    assert_eq!(world.sent.len(), 2);
    assert!(world.sent.iter().all(|(_, sequence, order)| *sequence == [0, 0] && *order == CrcOrder::HighFirst));
}
