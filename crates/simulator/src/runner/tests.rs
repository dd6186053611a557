//! Real sockets against a platform of a few lines.

use std::collections::HashSet;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use voltapile_protocol::wire::{Bytes, YuanPerKwh};
use voltapile_protocol::ykc::code::{Outcome, StartRefusal};
use voltapile_protocol::ykc::field::{PhysicalCardNumber, PileCode, TariffId, TransactionNumber};
use voltapile_protocol::ykc::frame::{Envelope, write_message};
use voltapile_protocol::ykc::framer::Piece;
use voltapile_protocol::ykc::message::*;
use voltapile_protocol::ykc::session::pile::{PileTariff, TierRates, record_of};
use voltapile_protocol::ykc::{Dialect, Framer};

use super::*;

mod fault;
mod handle;

const LIMIT: Duration = Duration::from_secs(30);
/// How long the platform waits for the rest of a frame before it takes its start byte for a false one. Longer than a fault
/// of the line pauses within a frame.
const REST_OF_FRAME: Duration = Duration::from_millis(600);
/// The only card that may charge, besides those of the demonstration.
const CARD: PhysicalCardNumber = Bytes([1, 2, 3, 4, 5, 6, 7, 8]);

/// Answers every pile that dials, and passes on what it was told. Closes each connection that logs in once a permit in
/// `cuts` is used.
async fn platform(listener: TcpListener, told: mpsc::UnboundedSender<Message>, mut cuts: u32) {
    while let Ok((stream, _)) = listener.accept().await {
        let is_cut = cuts > 0;
        cuts = cuts.saturating_sub(1);
        tokio::spawn(serve(stream, told.clone(), is_cut));
    }
}

async fn serve(mut stream: TcpStream, told: mpsc::UnboundedSender<Message>, is_cut: bool) -> std::io::Result<()> {
    let (mut framer, mut buffer) = (Framer::new(), [0; 1024]);
    loop {
        let mut out = Vec::new();
        let mut take = |piece: Piece<'_>| {
            let Piece::Frame(frame) = piece else { return };
            let message = Message::decode(frame.frame_type, frame.body, Dialect::V16).unwrap();
            for answer in answer(&message).into_iter().chain(afterthought(&message)) {
                let envelope = Envelope { sequence: frame.sequence, ..Envelope::default() };
                write_message(&mut out, envelope, &answer).unwrap();
            }
            told.send(message).ok();
        };
        let patience = if framer.pending() > 0 { REST_OF_FRAME } else { Duration::MAX };
        match timeout(patience, stream.read(&mut buffer)).await {
            Ok(read) => match read? {
                0 => return Ok(()),
                length => framer.push(&buffer[..length], take),
            },
            // As every platform has to: a false start in garbage may hide a whole frame, and no more bytes may come.
            Err(_) => {
                while framer.pending() > 0 {
                    framer.give_up_partial(&mut take);
                }
            }
        }
        stream.write_all(&out).await?;
        if is_cut {
            return Ok(());
        }
    }
}

fn answer(message: &Message) -> Option<Message> {
    if let Some(TransactionRecord { transaction_number, .. }) = record_of(message.clone()) {
        return Some(TransactionRecordConfirm { transaction_number, ..Default::default() }.into());
    }
    Some(match message {
        Message::LoginRequest(asked) => LoginResponse { pile_code: asked.pile_code, ..Default::default() }.into(),
        Message::HeartbeatRequest(asked) => {
            HeartbeatResponse { pile_code: asked.pile_code, ..Default::default() }.into()
        }
        Message::TariffVerifyRequest(asked) => {
            TariffVerifyResponse { pile_code: asked.pile_code, ..Default::default() }.into()
        }
        Message::TariffRequest(asked) => {
            let rates = [TierRates { energy: YuanPerKwh::from_raw(80_000), ..TierRates::default() }; 4];
            let tariff = PileTariff { id: TariffId([1, 0]), rates, ..PileTariff::default() };
            tariff.to_response(asked.pile_code).into()
        }
        Message::StartRequest(asked) => {
            let card = asked.account_or_physical_card_number;
            let is_known = card == CARD || demo_cards().contains(&card);
            StartResponse {
                transaction_number: TransactionNumber([7; 16]),
                pile_code: asked.pile_code,
                connector_number: asked.connector_number,
                auth_result: if is_known { Outcome::Succeeded } else { Outcome::Failed },
                fail_reason: if is_known { StartRefusal::None } else { StartRefusal::VinUnknown },
                ..Default::default()
            }
            .into()
        }
        _ => return None,
    })
}

/// What the platform asks when it hears something: the pile that logged in is to know an offline card.
fn afterthought(message: &Message) -> Option<Message> {
    let Message::LoginRequest(asked) = message else { return None };
    let cards = vec![OfflineCard { physical_card_number: CARD, ..Default::default() }];
    Some(OfflineCardSyncRequest { pile_code: asked.pile_code, card_count: 1, cards, ..Default::default() }.into())
}

/// Plays `piles` against the platform until `done` has seen enough.
async fn play(piles: Vec<PileSetup>, cuts: u32, mut done: impl FnMut(Message) -> bool) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap();
    let (told, mut hear) = mpsc::unbounded_channel();
    let serving = tokio::spawn(platform(listener, told, cuts));
    let (stop, stopped) = oneshot::channel::<()>();
    let config = FleetConfig { server, piles, speed: 4_000, seed: 1, observer: None, faults: FaultPlan::default() };
    let fleet = tokio::spawn(run_fleet(config, async { stopped.await.unwrap_or_default() }));
    timeout(LIMIT, async { while !done(hear.recv().await.unwrap()) {} }).await.expect("in time");
    stop.send(()).unwrap();
    timeout(LIMIT, fleet).await.expect("the fleet stops when it is told to").unwrap();
    serving.abort();
}

#[tokio::test]
async fn every_pile_charges_and_bills() {
    let piles: Vec<PileSetup> = demo_piles().into_iter().step_by(4).collect();
    let count = piles.len();
    let mut billed: HashSet<PileCode> = HashSet::new();
    play(piles, 0, |message| {
        if let Message::TransactionRecord(record) = message {
            billed.insert(record.pile_code);
        }
        billed.len() == count
    })
    .await;
}

#[tokio::test]
async fn dials_again_after_the_connection_is_lost() {
    let mut logins = 0;
    play(demo_piles().into_iter().take(1).collect(), 2, |message| {
        logins += u32::from(matches!(message, Message::LoginRequest(_)));
        logins == 3
    })
    .await;
}

#[tokio::test]
async fn waits_for_a_server_that_is_not_there_yet() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = free.local_addr().unwrap();
    drop(free);
    let (stop, stopped) = oneshot::channel::<()>();
    let piles = demo_piles().into_iter().take(1).collect();
    let config = FleetConfig { server, piles, speed: 1, seed: 1, observer: None, faults: FaultPlan::default() };
    let fleet = tokio::spawn(run_fleet(config, async { stopped.await.unwrap_or_default() }));
    tokio::task::yield_now().await;
    let listener = TcpListener::bind(server).await.unwrap();
    timeout(LIMIT, listener.accept()).await.expect("it dials again").unwrap();
    stop.send(()).unwrap();
    fleet.await.unwrap();
}
