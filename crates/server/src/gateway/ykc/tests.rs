//! Frames in, what is kept and answered out, without a socket.

use std::sync::Arc;
use std::time::Duration;

use voltapile_platform::command::CommandAction;
use voltapile_platform::identity::PileCode;
use voltapile_platform::pile::{Pile, PileState};
use voltapile_platform::timestamp::Timestamp;
use voltapile_protocol::time::Tick;
use voltapile_protocol::ykc::field;
use voltapile_protocol::ykc::frame::{Envelope, write_frame};
use voltapile_protocol::ykc::message::{LAYOUTS, LoginRequest, Message, TariffVerifyRequest, TransactionRecord};

use super::downlink::Downlink;
use super::*;
use crate::gateway::Gateway;
use crate::gateway::dialogue::Dialogue;
use crate::gateway::link::PileLink;
use crate::gateway::protocol::{Flow, Protocol};
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
async fn connection(directory: &tempfile::TempDir) -> (Arc<Gateway>, Arc<PileLink>, Dialogue<Ykc>) {
    let gateway = Gateway::without_listeners(directory).await;
    let pile = Pile::new(PileCode::from_bcd(&HERE.0), Timestamp::from_unix_ms(0));
    gateway.core.business(|business| business.put_pile(pile)).await.unwrap();
    let link = Arc::new(PileLink::default());
    let peer = "203.0.113.7:40123".parse().unwrap();
    let connection = Dialogue::new(&gateway, Arc::clone(&link), peer, Tick(1));
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

#[tokio::test]
async fn a_pile_that_is_back_at_an_earlier_tariff_is_believed() {
    let directory = tempfile::tempdir().unwrap();
    let (gateway, _link, mut connection) = connection(&directory).await;
    let code = PileCode::from_bcd(&HERE.0);
    let mut out = Vec::new();
    connection.handle_bytes(Tick(2), &login(HERE), &mut out);
    let tariff_id = field::TariffId([0x01, 0x00]);
    for tick in 3..5 {
        let report = frame(TariffVerifyRequest { pile_code: HERE, tariff_id, ..Default::default() });
        connection.handle_bytes(Tick(tick), &report, &mut out);
        let take_another = move |business: &mut voltapile_platform::business::Business<'_>| {
            let known: Option<PileState> = business.books.get(&code)?;
            let another = PileState { running_tariff: "0200".parse().ok(), ..known.clone().unwrap() };
            business.books.put(&another)?;
            Ok(known.and_then(|known| known.running_tariff))
        };
        let running = gateway.core.business(take_another).await.unwrap();
        assert_eq!(running, "0100".parse().ok());
    }
}

#[tokio::test]
async fn every_command_has_an_answer_that_ends_it() {
    let directory = tempfile::tempdir().unwrap();
    let (gateway, ..) = connection(&directory).await;
    let profile = voltapile_protocol::ykc::Profile::standard();
    let downlink = Downlink { core: &gateway.core, pile_code: HERE, profile };
    let start = r#""connector": 1, "transaction_number": "00000000000000000000000000000001", "logical_card": "1",
        "physical_card": "1", "balance": "1""#;
    let card = r#"[{"logical_number": "1", "physical_number": "0000000000000001"}]"#;
    for command in [
        r#""read_telemetry", "connector": 1"#,
        &format!(r#""start_charge", {start}"#),
        &format!(r#""start_parallel", {start}, "session": "261120160000""#),
        r#""stop_charge", "connector": 1"#,
        r#""update_balance", "connector": 1, "physical_card": "1", "balance": "1""#,
        &format!(r#""sync_offline_cards", "cards": {card}"#),
        r#""clear_offline_cards", "cards": ["0000000000000001"]"#,
        r#""query_offline_cards", "cards": ["0000000000000001"]"#,
        r#""set_work_parameters", "enabled": true, "power_percent": 100"#,
        r#""limit_connector_power", "connector": 1, "power": "60""#,
        r#""sync_clock""#,
        r#""move_parking_lock", "connector": 1, "raise": true"#,
        r#""reboot", "when": "now""#,
        r#""update_firmware", "model": "dc", "server": "a", "port": 21, "user": "", "password": "", "path": "b",
            "when": "now", "timeout_minutes": 1"#,
        r#""read_sim_number""#,
        r#""set_qr_prefix", "format": "pile", "prefix": "a""#,
        r#""query_vin", "connector": 1"#,
    ] {
        let action: CommandAction = serde_json::from_str(&format!(r#"{{"action": {command}}}"#)).unwrap();
        let asked = u16::from(downlink.message(&action).unwrap().frame_type());
        assert!(LAYOUTS.iter().any(|layout| layout.reply_to == Some(asked)), "{command}: nothing answers {asked:#04x}");
    }
}
