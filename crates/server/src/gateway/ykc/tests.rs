//! Frames in, what is kept and answered out, without a socket.

use std::time::Duration;

use voltapile_platform::pile::Pile;
use voltapile_platform::timestamp::Timestamp;
use voltapile_protocol::ykc::field;
use voltapile_protocol::ykc::frame::{Envelope, write_frame};
use voltapile_protocol::ykc::message::{LoginRequest, Message, TransactionRecord};

use super::*;
use crate::store::{PageRequest, RecordFilter};

const HERE: field::PileCode = field::PileCode([0x32, 0x01, 0x06, 0, 0, 0, 0x01]);
const NOBODY: field::PileCode = field::PileCode([0x99; 7]);

fn frame(message: impl Into<Message>) -> Vec<u8> {
    let (message, mut out) = (message.into(), Vec::new());
    write_frame(&mut out, Envelope::default(), message.frame_type(), |writer| message.write(writer)).unwrap();
    out
}

fn login(pile_code: field::PileCode) -> Vec<u8> {
    frame(LoginRequest { pile_code, ..LoginRequest::default() })
}

/// A connection, with its pile registered.
async fn connection(directory: &tempfile::TempDir) -> (Arc<Gateway>, Arc<PileLink>, YkcConnection) {
    let gateway = Gateway::without_listeners(directory).await;
    let pile = Pile::new(PileCode::from_bcd(&HERE.0), Timestamp::from_unix_ms(0));
    gateway.core.business(|business| business.put_pile(pile)).await.unwrap();
    let link = Arc::new(PileLink::default());
    let peer = "203.0.113.7:40123".parse().unwrap();
    let connection = YkcConnection::new(&gateway, Arc::clone(&link), peer, Tick(1));
    (gateway, link, connection)
}

#[tokio::test]
async fn a_record_that_names_an_unknown_pile_is_kept_as_the_connections_own() {
    let directory = tempfile::tempdir().unwrap();
    let (gateway, link, mut connection) = connection(&directory).await;
    let transaction_number = field::TransactionNumber([0x77; 16]);
    let record = frame(TransactionRecord { transaction_number, pile_code: NOBODY, ..TransactionRecord::default() });
    let mut out = Vec::new();
    // Whoever has not logged in cannot fill the disk so.
    connection.handle_bytes(Tick(2), &record, &mut out);
    connection.handle_bytes(Tick(3), &login(HERE), &mut out);
    connection.handle_bytes(Tick(4), &record, &mut out);
    let letter = loop {
        match link.take() {
            Some(letter) => break letter,
            None => tokio::time::sleep(Duration::from_millis(1)).await,
        }
    };
    out.clear();
    connection.handle_letter(Tick(5), letter, &mut out);
    assert_eq!(out.get(5), Some(&0x40));
    let records = gateway.core.store.records(RecordFilter::default(), PageRequest::new(10, None)).await.unwrap();
    let codes: Vec<PileCode> = records.items.iter().map(|record| record.pile_code).collect();
    assert_eq!(codes, [PileCode::from_bcd(&HERE.0)]);
}

#[tokio::test]
async fn strangers_in_one_packet_are_refused_once() {
    let directory = tempfile::tempdir().unwrap();
    let (gateway, _link, mut connection) = connection(&directory).await;
    let mut out = Vec::new();
    let flow = connection.handle_bytes(Tick(2), &login(NOBODY).repeat(100), &mut out);
    assert_eq!(flow, Flow::Refuse("login_refused"));
    assert_eq!(out.len(), frame(voltapile_protocol::ykc::message::LoginResponse::default()).len());
    assert_eq!(gateway.core.metrics.logins.all().values().sum::<u64>(), 1);
}
