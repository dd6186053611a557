//! A pile with reins in hand.

use voltapile_protocol::ykc::field::HardwareFaults;

use super::*;
use crate::model::{Action, Behaviour, RecordDelivery, Refusal};

const PILE: PileCode = PileCode([0x32, 0x01, 0x06, 0, 0, 0, 0x21]);

/// A pile without visitors against the platform, and what the platform hears.
async fn pile(speed: u32) -> (PileHandle, mpsc::UnboundedReceiver<Message>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap();
    let (told, hear) = mpsc::unbounded_channel();
    tokio::spawn(platform(listener, told, 0));
    let pile = spawn(PileSetup::dc(PILE, 2).unattended(), ModelOptions { speed, seed: 1 }, server);
    pile.until(|pile| pile.is_working && pile.offline_cards.len() == 1).await.unwrap();
    (pile, hear)
}

/// The next record that the platform hears of.
async fn record(hear: &mut mpsc::UnboundedReceiver<Message>) -> TransactionRecord {
    let heard = async {
        loop {
            if let Message::TransactionRecord(record) = hear.recv().await.unwrap() {
                return record;
            }
        }
    };
    timeout(LIMIT, heard).await.expect("in time")
}

#[tokio::test]
async fn a_swiped_card_charges_until_somebody_stops() {
    let (pile, mut hear) = pile(60).await;
    pile.swipe(2, CARD).await;
    let charging = pile.until(|pile| pile.charging() == [2]).await.unwrap();
    assert_eq!(charging.connector(2).unwrap().transaction_number, Some(TransactionNumber([7; 16]).into()));
    pile.stop(2).await;
    assert_eq!(record(&mut hear).await.physical_card_number, CARD);
    let done = pile.until(|pile| pile.unconfirmed_records == 0).await.unwrap();
    assert!(done.connector(2).unwrap().is_plugged);
    pile.unplug(2).await;
    assert!(!pile.snapshot().connector(2).unwrap().is_plugged, "an order is carried out when it returns");
}

#[tokio::test]
async fn a_car_that_the_platform_does_not_know_is_refused() {
    let (pile, _hear) = pile(1).await;
    pile.plug_and_charge(1, *b"LVPTEST10SA000001").await;
    let refused = pile.until(|pile| pile.connector(1).is_some_and(|one| one.last_refusal.is_some())).await.unwrap();
    assert_eq!(refused.connector(1).unwrap().last_refusal, Some(Refusal::Platform(StartRefusal::VinUnknown)));
    assert_eq!(refused.connector(1).unwrap().vin.as_deref(), Some("LVPTEST10SA000001"));
}

#[tokio::test]
async fn charges_offline_and_bills_once_it_is_told_to_reconnect() {
    let (pile, mut hear) = pile(3_600).await;
    pile.disconnect().await;
    assert!(!pile.snapshot().is_logged_in);
    pile.swipe(1, CARD).await;
    assert_eq!(pile.snapshot().charging(), [1]);
    pile.until(|pile| pile.unconfirmed_records == 1).await.unwrap();
    assert!(!pile.snapshot().is_logged_in, "it does not dial by itself");
    pile.reconnect().await;
    let number = record(&mut hear).await.transaction_number;
    assert_eq!(number.0[..7], PILE.0);
    pile.until(|pile| pile.is_working && pile.unconfirmed_records == 0).await.unwrap();
}

#[tokio::test]
async fn a_reconnect_makes_a_new_connection() {
    let (pile, mut hear) = pile(1).await;
    while hear.try_recv().is_ok() {}
    pile.reconnect().await;
    let heard = async { while !matches!(hear.recv().await.unwrap(), Message::LoginRequest(_)) {} };
    timeout(LIMIT, heard).await.expect("it logs in again");
    pile.until_working().await.unwrap();
}

#[tokio::test]
async fn faults_and_behaviour_change_while_it_plays() {
    let (pile, mut hear) = pile(60).await;
    pile.behave(Behaviour { record_delivery: RecordDelivery::Held, ..Behaviour::default() }).await;
    pile.swipe(1, CARD).await;
    pile.until(|pile| pile.charging() == [1]).await.unwrap();
    pile.set_faults(1, HardwareFaults(1 << 1)).await;
    let faulty = pile.snapshot();
    assert_eq!((faulty.charging().len(), faulty.held_records), (0, 1));
    pile.act(Action::ReleaseRecords).await;
    assert_eq!(record(&mut hear).await.stop_reason.0, 0x72);
}

#[tokio::test]
async fn a_dropped_handle_ends_its_pile() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let setup = PileSetup::dc(PILE, 1).unattended();
    let pile = spawn(setup, ModelOptions::default(), listener.local_addr().unwrap());
    let (mut stream, _) = timeout(LIMIT, listener.accept()).await.unwrap().unwrap();
    drop(pile);
    let mut said = Vec::new();
    timeout(LIMIT, stream.read_to_end(&mut said)).await.expect("the connection ends").unwrap();
}
