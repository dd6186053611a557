//! A pile of AA F5 with everything that a frame may name, and its platform.

use std::collections::HashMap;

use voltapile_capture::write::{Stream, Writer};
use voltapile_capture::{Side, Timestamp};
use voltapile_protocol::aaf5::code::{ListKind, ParameterAction};
use voltapile_protocol::aaf5::field::ConnectorNumber;
use voltapile_protocol::aaf5::frame::{Envelope, write_message};
use voltapile_protocol::aaf5::message::*;
use voltapile_protocol::wire::{Bytes, BytesToEnd, Code, Text, Vin};

use crate::sample::{BEGIN, ends};

/// The pile.
pub(crate) const PILE: &str = "SH-Pile_0042";
/// Its asset code.
pub(crate) const ASSET: &str = "AssetOfLiWei77";
/// What its user swiped, as piles pad it.
pub(crate) const CARD: &str = "0000311495578842";
/// The order that the platform numbered by its own rules.
pub(crate) const ORDER: &str = "SNorder77Kx-9f2c_ZQ";
/// An order that is numbered as the rest of the house does: pile, connector, time, counter.
pub(crate) const USUAL_ORDER: &str = "SH-Pile_0042012601310815300001";
/// The car.
pub(crate) const VIN: &str = "1M8GDM9AXKP042788";
/// Its plate.
pub(crate) const PLATE: &str = "JA88K51";
/// The MD5 of what the user typed.
pub(crate) const PASSWORD_MD5: &str = "e10adc3949ba59abbe56e057f20f883e";
/// What stands in the card's sectors.
pub(crate) const SECTORS: &str = "sectorData0123456789sectorData0123456789secTORS!";
/// What opens the FTP server.
pub(crate) const FTP_PASSWORD: &str = "ftpSecret99";
/// Whose FTP server it is.
pub(crate) const FTP_HOST: &str = "files.li-wei.example";
/// The platform's name among the settings.
pub(crate) const HOST: &str = "cloud.li-wei.example";
/// The password with which the pile signs in.
pub(crate) const LOGIN: &str = "9182736455";
/// The password with which a user stops a charge at the screen.
pub(crate) const STOP: u32 = 774_411;
/// The number burnt into the card.
pub(crate) const UID: u32 = 0xC0DE_D00D;
/// The platform's address among the settings, in dotted order.
pub(crate) const ADDRESS: [u8; 4] = [203, 77, 113, 91];
/// Keys of the connection.
pub(crate) const AES_KEY: [u8; 32] = *b"This is the key of Li Wei's pile";
/// What piles of old versions leave behind the zero of a text.
const GARBAGE: &[u8] = b"\0LeftOverSecret";

fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text).unwrap()
}

/// The pile's code as one of the pile's programs writes it.
fn sloppy_code() -> Text<32> {
    let mut code: Text<32> = text(PILE);
    code.0[PILE.len()..PILE.len() + GARBAGE.len()].copy_from_slice(GARBAGE);
    code
}

/// What a pile and its platform say.
pub(crate) fn conversation() -> Vec<(Side, Message)> {
    let pile_code = text(PILE);
    let connector_number = ConnectorNumber(1);
    let card_number = text(CARD);
    let transaction_number = text(ORDER);
    let vin = Vin(VIN.as_bytes().try_into().unwrap());
    let plate = Bytes(*b"JA88K51\0");
    let parameter = |value: &[u8]| BytesToEnd(value.into());
    let mut said = vec![
        (
            Side::Client,
            SignInRequest {
                pile_code,
                connector_count: 2,
                random: Some(0x1234_5678),
                protocol_version: Some(Default::default()),
                white_list_version: Some(0),
                device_type: Some(Default::default()),
                asset_code: Some(text(ASSET)),
                ..SignInRequest::default()
            }
            .into(),
        ),
        (
            Side::Server,
            SignInResponse {
                random: Some(0x1234_5678),
                login_check: Some(Default::default()),
                encryption: Some(Default::default()),
                rsa_modulus: Some(Bytes([0xC3; 128])),
                rsa_exponent: Some(65_537),
                service: Some(Default::default()),
                platform_time: Some(Default::default()),
                fine_energy: Some(Default::default()),
                aes_key: Some(Bytes(AES_KEY)),
                ..SignInResponse::default()
            }
            .into(),
        ),
        (Side::Client, HeartbeatRequest { pile_code: sloppy_code(), counter: 7, ..HeartbeatRequest::default() }.into()),
        (Side::Server, HeartbeatResponse { counter: 7, ..HeartbeatResponse::default() }.into()),
        (
            Side::Client,
            AccountQueryRequest {
                pile_code,
                card_number,
                password_md5: Some(text(PASSWORD_MD5)),
                sector_random: Some(text(SECTORS)),
                card_serial: Some(UID),
                auth_method: Some(Default::default()),
                connector_number: Some(connector_number),
                ..AccountQueryRequest::default()
            }
            .into(),
        ),
        (
            Side::Server,
            AccountQueryResponse {
                transaction_number: Some(transaction_number),
                vin: Some(vin),
                connector_number: Some(connector_number),
                ..AccountQueryResponse::default()
            }
            .into(),
        ),
        (
            Side::Server,
            StartRequest {
                connector_number,
                stop_password: STOP,
                card_number,
                transaction_number: Some(text(USUAL_ORDER)),
                ..StartRequest::default()
            }
            .into(),
        ),
        (
            Side::Client,
            StartResponse {
                pile_code,
                connector_number,
                transaction_number: Some(text(USUAL_ORDER)),
                ..StartResponse::default()
            }
            .into(),
        ),
        (
            Side::Client,
            StatusReport {
                pile_code,
                connector_count: 2,
                connector_number,
                card_number,
                outlet_temperature: Some(Default::default()),
                ambient_temperature: Some(Default::default()),
                gun_temperature: Some(Default::default()),
                vin: Some(vin),
                vin_end: Some(Default::default()),
                stowed: Some(Default::default()),
                limiting: Some(Default::default()),
                door_reserved: Some(Default::default()),
                transaction_number: Some(transaction_number),
                ..StatusReport::default()
            }
            .into(),
        ),
        (Side::Server, StatusResponse { connector_number, ..StatusResponse::default() }.into()),
        (
            Side::Client,
            FineChargeRecord {
                pile_code,
                connector_number,
                card_number,
                vin,
                plate,
                record_index: 41,
                transaction_number: Some(transaction_number),
                ..FineChargeRecord::default()
            }
            .into(),
        ),
        (
            Side::Server,
            FineRecordConfirm { connector_number, card_number, record_index: Some(41), ..FineRecordConfirm::default() }
                .into(),
        ),
    ];
    let set = ParameterAction::from_number(1);
    let words = [u32::from_le_bytes(ADDRESS), 8_767];
    let integers = |first_index, words: &[u32]| IntegerParameterRequest {
        action: set,
        first_index,
        count: words.len() as u8,
        byte_count: 4 * words.len() as u16,
        values: words.iter().map(|value| IntegerValue { value: *value }).collect(),
        ..IntegerParameterRequest::default()
    };
    let key: Vec<u32> = AES_KEY.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word)).collect();
    let texts = |index, value: &[u8]| TextParameterRequest {
        action: set,
        index,
        byte_count: value.len() as u16,
        value: parameter(value),
        ..TextParameterRequest::default()
    };
    said.extend([
        (Side::Server, integers(25, &words).into()),
        (Side::Server, integers(90, &key).into()),
        (Side::Server, integers(21, &[15, 3]).into()),
        (Side::Server, texts(13, HOST.as_bytes()).into()),
        (Side::Server, texts(6, &text::<16>(LOGIN).0).into()),
        (Side::Server, texts(1, &text::<32>(PILE).0).into()),
        (Side::Server, texts(2, &[0x20, 0x26, 0x01, 0x31, 0x08, 0x15, 0x00, 0xFF]).into()),
        (
            Side::Server,
            FirmwareUpdateRequest {
                host: text(FTP_HOST),
                user: text("li-wei-ftp"),
                password: text(FTP_PASSWORD),
                path: text("/li-wei/firmware.bin"),
                ..FirmwareUpdateRequest::default()
            }
            .into(),
        ),
        (
            Side::Server,
            WhiteListRequest {
                pile_code,
                list_kind: ListKind::from_number(1),
                entry_count: Some(2),
                entries: vec![ListEntry { card_number }, ListEntry { card_number: text(VIN) }],
                ..WhiteListRequest::default()
            }
            .into(),
        ),
    ]);
    said
}

/// The same as frames, half a second apart; answers echo the sequence of what they answer.
pub(crate) fn frames(said: &[(Side, Message)]) -> Vec<(Side, u64, Vec<u8>)> {
    let mut asked: HashMap<(Side, u16), u8> = HashMap::new();
    let frame = |(index, (side, message)): (usize, &(Side, Message))| {
        let other = if *side == Side::Client { Side::Server } else { Side::Client };
        let own = if *side == Side::Client { index as u8 } else { 200 - index as u8 };
        let answered = message.layout().and_then(|layout| layout.reply_to).and_then(|asks| asked.get(&(other, asks)));
        let sequence = answered.copied().unwrap_or(own);
        asked.insert((*side, message.frame_type()), sequence);
        let mut raw = Vec::new();
        write_message(&mut raw, Envelope { sequence, ..Envelope::default() }, message).unwrap();
        (*side, index as u64 * 500, raw)
    };
    said.iter().enumerate().map(frame).collect()
}

/// A capture of these connections, cut into pieces of some bytes.
pub(crate) fn capture(connections: &[Vec<(Side, u64, Vec<u8>)>], piece: usize) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new()).unwrap();
    let mut said = Vec::new();
    for (number, frames) in connections.iter().enumerate() {
        let mut stream = Stream::new(ends(51_000 + number as u16));
        writer.open(&mut stream, Timestamp(BEGIN)).unwrap();
        said.push((stream, frames.iter()));
    }
    while said.iter().any(|(_, frames)| frames.len() > 0) {
        for (stream, frames) in &mut said {
            let Some((side, later, frame)) = frames.next() else { continue };
            for bytes in frame.chunks(piece) {
                writer.bytes(stream, *side, Timestamp(BEGIN + later * 1000), bytes).unwrap();
            }
        }
    }
    writer.into_inner()
}
