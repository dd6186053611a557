//! Captures to read: two piles and a stranger, written as the server writes captures.

use voltapile_capture::read::{Content, Records};
use voltapile_capture::write::{Stream, Writer};
use voltapile_capture::{Ends, Side, Timestamp};
use voltapile_protocol::wire::{Ascii, Bytes, Vin};
use voltapile_protocol::ykc::field::{ConnectorNumber, Iccid, PileCode, TransactionNumber};
use voltapile_protocol::ykc::frame::{CrcOrder, Envelope, write_message};
use voltapile_protocol::ykc::message::{
    BalanceUpdateRequest, FirmwareUpdateRequest, HeartbeatRequest, HeartbeatResponse, LoginRequest, LoginResponse,
    Message, OfflineCard, OfflineCardSyncRequest, StartRequest, StartResponse, TransactionRecord,
    TransactionRecordConfirm,
};

/// 2026-01-31T08:15:00Z.
pub(crate) const BEGIN: u64 = 1_769_847_300_000_000;
/// The first pile.
pub(crate) const PILE: &str = "55031412782305";
/// The second.
pub(crate) const OTHER_PILE: &str = "32010200000001";
/// What the first pile's car is.
pub(crate) const VIN: &str = "1M8GDM9AXKP042788";
/// What its user swiped, in hex.
pub(crate) const CARD: &str = "00000000D14B0A54";
/// The number printed on another card.
pub(crate) const LOGICAL_CARD: &str = "6217000012345678";
/// Its SIM card.
pub(crate) const SIM: &str = "898604D11722D0348606";
/// What opens the firmware server.
pub(crate) const PASSWORD: &str = "s3cretPassw0rd";
/// The order: pile code, connector, time, counter.
pub(crate) const ORDER: &str = "55031412782305012601310815300001";

/// What a pile and its platform say: who, after how many milliseconds, and the frame.
pub(crate) fn charge(pile: &str, order: &str) -> Vec<(Side, u64, Vec<u8>)> {
    let pile_code: PileCode = pile.parse().unwrap();
    let connector_number = ConnectorNumber(1);
    let transaction_number: TransactionNumber = order.parse().unwrap();
    let card = Bytes([0, 0, 0, 0, 0xD1, 0x4B, 0x0A, 0x54]);
    let mut reversed: [u8; 17] = VIN.as_bytes().try_into().unwrap();
    reversed.reverse();
    let sim: Iccid = SIM.parse().unwrap();
    let said: Vec<(Side, Message)> = vec![
        (
            Side::Client,
            LoginRequest { pile_code, sim_iccid: sim, connector_count: 2, ..LoginRequest::default() }.into(),
        ),
        (Side::Server, LoginResponse { pile_code, ..LoginResponse::default() }.into()),
        (Side::Client, HeartbeatRequest { pile_code, connector_number, ..HeartbeatRequest::default() }.into()),
        (Side::Server, HeartbeatResponse { pile_code, connector_number, ..HeartbeatResponse::default() }.into()),
        (
            Side::Client,
            StartRequest {
                pile_code,
                connector_number,
                account_or_physical_card_number: card,
                vin: Vin(reversed),
                ..StartRequest::default()
            }
            .into(),
        ),
        (
            Side::Server,
            StartResponse {
                transaction_number,
                pile_code,
                connector_number,
                logical_card_number: LOGICAL_CARD.parse().unwrap(),
                ..StartResponse::default()
            }
            .into(),
        ),
        (
            Side::Client,
            TransactionRecord {
                transaction_number,
                pile_code,
                connector_number,
                vin: Vin(VIN.as_bytes().try_into().unwrap()),
                physical_card_number: card,
                ..TransactionRecord::default()
            }
            .into(),
        ),
        (Side::Server, TransactionRecordConfirm { transaction_number, ..TransactionRecordConfirm::default() }.into()),
        (
            Side::Server,
            OfflineCardSyncRequest {
                pile_code,
                card_count: 1,
                cards: vec![OfflineCard {
                    logical_card_number: LOGICAL_CARD.parse().unwrap(),
                    physical_card_number: card,
                }],
                ..OfflineCardSyncRequest::default()
            }
            .into(),
        ),
        (
            Side::Server,
            BalanceUpdateRequest { pile_code, physical_card_number: card, ..BalanceUpdateRequest::default() }.into(),
        ),
        (
            Side::Server,
            FirmwareUpdateRequest {
                pile_code,
                ftp_password: Ascii::new(PASSWORD).unwrap(),
                ftp_host: Ascii::new("192.168.7.9").unwrap(),
                ..FirmwareUpdateRequest::default()
            }
            .into(),
        ),
    ];
    let frame = |(index, (side, message)): (usize, (Side, Message))| {
        let crc_order = if index % 3 == 2 { CrcOrder::HighFirst } else { CrcOrder::LowFirst };
        let envelope = Envelope { sequence: [index as u8, 0], crc_order, ..Envelope::default() };
        let mut raw = Vec::new();
        write_message(&mut raw, envelope, &message).unwrap();
        (side, index as u64 * 500, raw)
    };
    said.into_iter().enumerate().map(frame).collect()
}

pub(crate) fn ends(port: u16) -> Ends {
    Ends { client: format!("10.1.0.7:{port}").parse().unwrap(), server: "10.0.0.1:8767".parse().unwrap() }
}

/// A capture of two piles that charge at the same time, cut into pieces of some bytes, and of a stranger who speaks
/// something else.
pub(crate) fn capture(piece: usize) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new()).unwrap();
    let other_order = format!("{OTHER_PILE}{}", &ORDER[14..]);
    let mut lines = [
        (Stream::new(ends(51_000)), charge(PILE, ORDER)),
        (Stream::new(ends(51_001)), charge(OTHER_PILE, &other_order)),
    ];
    let mut stranger = Stream::new(ends(40_000));
    for (stream, _) in &mut lines {
        stream.note(&format!("pile {PILE}"));
        writer.open(stream, Timestamp(BEGIN)).unwrap();
    }
    writer.open(&mut stranger, Timestamp(BEGIN)).unwrap();
    writer.bytes(&mut stranger, Side::Client, Timestamp(BEGIN), b"GET /piles/55031412782305 HTTP/1.1\r\n\r\n").unwrap();
    for index in 0..lines[0].1.len() {
        for (stream, said) in &mut lines {
            let (side, later, frame) = &said[index];
            for bytes in frame.chunks(piece) {
                writer.bytes(stream, *side, Timestamp(BEGIN + later * 1000), bytes).unwrap();
            }
        }
    }
    for (stream, _) in &mut lines {
        writer.close(stream, Side::Client, Timestamp(BEGIN + 60_000_000)).unwrap();
    }
    writer.into_inner()
}

/// The packets of a capture.
pub(crate) fn packets(file: &[u8]) -> Vec<(u64, Vec<u8>)> {
    Records::new(file)
        .filter_map(|record| match record.unwrap().content {
            Content::Packet(packet) => Some((packet.at.0, packet.data.to_vec())),
            _ => None,
        })
        .collect()
}

/// A capture of the classic format with Ethernet before each packet of raw IP.
pub(crate) fn pcap(packets: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let mut file = vec![0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 1, 0, 0, 0];
    for (at, packet) in packets {
        let length = packet.len() as u32 + 14;
        for word in [(at / 1_000_000) as u32, (at % 1_000_000) as u32, length, length] {
            file.extend(word.to_le_bytes());
        }
        file.extend([0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 0x08, 0x00]);
        file.extend(packet);
    }
    file
}
