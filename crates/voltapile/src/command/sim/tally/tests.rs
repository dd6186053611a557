use voltapile_protocol::aaf5;
use voltapile_protocol::inspect::Lang;
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::{KilowattHours, Yuan};
use voltapile_protocol::ykc::code::{LoginResult, Outcome, StartRefusal};
use voltapile_protocol::ykc::field::TransactionNumber;
use voltapile_protocol::ykc::frame::{Envelope, write_message};
use voltapile_protocol::ykc::message::{
    LoginRequest, LoginResponse, Message, StartResponse, TariffRequest, TariffResponse, TransactionRecord,
};
use voltapile_simulator::fault::Fault;
use voltapile_simulator::runner::SentRecord;

use super::complaint::Complaint;
use super::*;

const PILE: PileCode = PileCode([0x32, 0x01, 0x06, 0, 0, 0, 0x21]);

fn at(ms: u64) -> Moment {
    Moment { tick: Tick(ms), unix_ms: 1_795_132_799_000 + ms }
}

fn bytes(message: impl Into<Message>) -> Vec<u8> {
    let mut out = Vec::new();
    write_message(&mut out, Envelope::default(), &message.into()).unwrap();
    out
}

fn connected() -> Tally {
    let tally = Tally::new([(PILE, Protocol::Ykc)].into_iter());
    let address = "127.0.0.1:1".parse().unwrap();
    tally.connected(PILE, at(0), Ends { pile: address, platform: address });
    tally
}

fn login(tally: &Tally, result: LoginResult) {
    tally.passed(PILE, at(10), Direction::Up, &bytes(LoginRequest::default()));
    let answer = bytes(LoginResponse { login_result: result, ..LoginResponse::default() });
    let (begin, end) = answer.split_at(5);
    tally.passed(PILE, at(20), Direction::Down, begin);
    tally.passed(PILE, at(21), Direction::Down, end);
}

#[test]
fn a_pile_that_nobody_answers_complains() {
    let tally = Tally::new([(PILE, Protocol::Ykc)].into_iter());
    assert_eq!(tally.totals().complaints(), [(Complaint::NeverConnected, 1)]);
    let tally = connected();
    tally.passed(PILE, at(10), Direction::Up, &bytes(LoginRequest::default()));
    assert_eq!(tally.totals().complaints(), [], "an answer may still come");
    tally.disconnected(PILE, at(10_000), "closed");
    let totals = tally.totals();
    assert_eq!(totals.complaints(), [(Complaint::LoginUnanswered, 1)]);
    assert_eq!((totals.connections, totals.lost["closed"], totals.frames_passed()), (1, 1, 1));
}

#[test]
fn logins_are_accepted_or_refused_however_the_answer_is_cut() {
    let tally = connected();
    login(&tally, LoginResult::Accepted);
    assert_eq!((tally.totals().online, tally.totals().logins_accepted, tally.facts(PILE)), (1, 1, (0, 0)));
    let tally = connected();
    login(&tally, LoginResult::Unknown(7));
    assert_eq!((tally.totals().online, tally.totals().logins_refused[&7], tally.facts(PILE)), (0, 1, (0, 1)));
    assert_eq!(tally.totals().complaints(), [(Complaint::LoginRefused, 1)]);
}

#[test]
fn a_sign_in_that_is_answered_by_the_end_of_the_connection_was_refused() {
    let tally = Tally::new([(PILE, Protocol::Aaf5)].into_iter());
    let address = "127.0.0.1:1".parse().unwrap();
    tally.connected(PILE, at(0), Ends { pile: address, platform: address });
    let mut sign_in = Vec::new();
    let request = aaf5::message::SignInRequest::default().into();
    aaf5::frame::write_message(&mut sign_in, Default::default(), &request).unwrap();
    tally.passed(PILE, at(10), Direction::Up, &sign_in);
    tally.disconnected(PILE, at(20), "closed");
    let totals = tally.totals();
    assert_eq!((totals.complaints(), tally.facts(PILE)), (vec![(Complaint::LoginRefused, 1)], (0, 1)));
    let told = |lang| Complaint::LoginRefused.text(1, &totals.protocols, lang);
    assert_eq!(told(Lang::En), "1 login was refused (the connection was closed after 106)");
    assert_eq!(told(Lang::Zh), "1 次登录被拒绝（106 之后连接被断开）");
    let both = [Protocol::Ykc, Protocol::Aaf5].into();
    let heartbeats = Complaint::HeartbeatUnanswered.text(2, &both, Lang::En);
    assert_eq!(heartbeats, "2 heartbeats were not answered (no 0x04 after 0x03, no 101 after 102)");
    tally.did(PILE, at(30), &Deed::FaultPlayed(Fault::WrongCrc));
    assert_eq!(tally.totals().complaints(), [], "whoever garbles a sign-in does not complain");
}

#[test]
fn heartbeats_are_matched_with_their_answers_in_order() {
    let tally = connected();
    for (ms, deed) in [(0, Deed::HeartbeatSent), (1, Deed::HeartbeatSent), (40, Deed::HeartbeatAnswered)] {
        tally.did(PILE, at(ms), &deed);
    }
    assert_eq!(tally.latency().count(), 1);
    assert_eq!(tally.totals().heartbeats_unanswered, 0);
    tally.did(PILE, at(6_000), &Deed::LoginAccepted);
    let totals = tally.totals();
    assert_eq!((totals.heartbeats, totals.heartbeats_answered, totals.heartbeats_unanswered), (2, 1, 1));
    tally.did(PILE, at(6_000), &Deed::FaultPlayed(Fault::WrongCrc));
    assert_eq!(tally.totals().complaints(), [], "whoever garbles a heartbeat does not complain");
}

#[test]
fn a_lost_heartbeat_delays_no_other() {
    let tally = connected();
    for (ms, deed) in [(0, Deed::HeartbeatSent), (10_000, Deed::HeartbeatSent), (10_040, Deed::HeartbeatAnswered)] {
        tally.did(PILE, at(ms), &deed);
    }
    let slowest = tally.latency().told().max_us;
    assert!((40_000.0..41_000.0).contains(&slowest), "{slowest} us");
    assert_eq!(tally.totals().heartbeats_unanswered, 1);
}

#[test]
fn a_record_counts_once_however_often_it_is_sent() {
    let tally = connected();
    let record = |number| TransactionRecord {
        transaction_number: TransactionNumber([number; 16]),
        total_energy: KilowattHours::from_raw(10_000),
        total_amount: Yuan::from_raw(15_000),
        ..TransactionRecord::default()
    };
    for number in [1, 1, 2, 3] {
        let record = SentRecord::from(&record(number));
        tally.did(PILE, at(0), &Deed::RecordSent { record: &record, body: &[] });
    }
    for (number, is_taken) in [(1, true), (2, false), (9, true)] {
        let transaction_number = TransactionNumber([number; 16]).into();
        tally.did(PILE, at(100), &Deed::RecordAnswered { transaction_number, is_taken });
    }
    let totals = tally.totals();
    assert_eq!((totals.records_sent, totals.records_confirmed, totals.records_rejected), (3, 1, 1));
    assert_eq!((totals.energy, totals.amount, tally.facts(PILE).0), (30_000, 45_000, 1));
    tally.did(PILE, at(9_000), &Deed::LoginAccepted);
    let expected = [(Complaint::RecordUnconfirmed, 1), (Complaint::RecordRejected, 1)];
    assert_eq!(tally.totals().complaints(), expected);
    assert_eq!(tally.totals().problems(), 2);
}

#[test]
fn consents_refusals_and_junk_are_counted() {
    let tally = connected();
    let granted = StartResponse { auth_result: Outcome::Succeeded, ..StartResponse::default() };
    let refused = StartResponse { fail_reason: StartRefusal::WrongPassword, ..StartResponse::default() };
    tally.passed(PILE, at(0), Direction::Down, &bytes(granted));
    tally.passed(PILE, at(0), Direction::Down, &bytes(refused));
    tally.passed(PILE, at(0), Direction::Down, &[1, 2, 3]);
    let unknown = Message::Unknown { frame_type: 0xEE, body: voltapile_protocol::wire::Tail::new(&[1]) };
    tally.passed(PILE, at(0), Direction::Down, &bytes(unknown));
    let totals = tally.totals();
    assert_eq!((totals.starts_consented, totals.starts_refused[&7]), (1, 1));
    assert_eq!(totals.complaints(), [(Complaint::FrameUnknown, 1), (Complaint::StrayBytes, 3)]);
}

#[test]
fn a_pile_without_a_tariff_complains() {
    let tally = connected();
    tally.passed(PILE, at(0), Direction::Up, &bytes(TariffRequest::default()));
    tally.passed(PILE, at(6_000), Direction::Up, &bytes(TariffRequest::default()));
    assert_eq!(tally.totals().complaints(), [(Complaint::TariffMissing, 1)]);
    tally.passed(PILE, at(6_001), Direction::Down, &bytes(TariffResponse::default()));
    assert_eq!(tally.totals().complaints(), []);
}

#[test]
fn charges_begin_and_end() {
    let tally = connected();
    let transaction_number = TransactionNumber([1; 16]).into();
    tally.did(PILE, at(0), &Deed::ChargeBegan { connector: 1, transaction_number });
    assert_eq!((tally.totals().charging, tally.totals().charges), (1, 1));
    tally.did(PILE, at(1), &Deed::ChargeEnded { transaction_number, energy: 0 });
    assert_eq!((tally.totals().charging, tally.totals().charges), (0, 1));
}

#[test]
fn an_aaf5_pile_that_is_given_no_tariff_complains() {
    let tally = Tally::new([(PILE, Protocol::Aaf5)].into_iter());
    let address = "127.0.0.1:1".parse().unwrap();
    let down = |ms, message: aaf5::Message| {
        let mut out = Vec::new();
        aaf5::frame::write_message(&mut out, Default::default(), &message).unwrap();
        tally.passed(PILE, at(ms), Direction::Down, &out);
    };
    tally.connected(PILE, at(0), Ends { pile: address, platform: address });
    down(10, aaf5::message::SignInResponse::default().into());
    assert_eq!(tally.totals().complaints(), [], "it may still come");
    down(6_000, aaf5::message::HeartbeatResponse::default().into());
    let totals = tally.totals();
    assert_eq!(totals.complaints(), [(Complaint::TariffMissing, 1)]);
    let told = |lang| Complaint::TariffMissing.text(1, &totals.protocols, lang);
    assert_eq!(told(Lang::Zh), "1 个桩得不到计费模型，无法充电（106 之后没有 1103/1105）");
    assert_eq!(told(Lang::En), "1 pile waits for its tariff in vain and cannot charge (no 1103/1105 after 106)");
    down(6_010, aaf5::message::TimeOfUseTariffSetRequest::default().into());
    down(6_020, aaf5::message::SignInResponse::default().into());
    down(20_000, aaf5::message::HeartbeatResponse::default().into());
    assert_eq!(tally.totals().complaints(), []);
}
