//! Faults of the menu, over real sockets.

use std::sync::{Arc, Mutex};

use voltapile_protocol::layout::Direction;

use super::*;
use crate::fault::ledger::Ledger;
use crate::fault::{Fault, MENU};
use crate::model::{Action, Firmware, Moment};

const PILE: PileCode = PileCode([0x32, 0x01, 0x06, 0, 0, 0, 0x22]);

/// A pile with a plan against the platform, once it works; and what it did.
async fn pile(plan: &str) -> (PileHandle, Arc<Ledger>) {
    play_one(PileSetup::dc(PILE, 2), plan).await
}

async fn play_one(setup: PileSetup, plan: &str) -> (PileHandle, Arc<Ledger>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap();
    let (told, _) = mpsc::unbounded_channel();
    tokio::spawn(platform(listener, told, 0));
    let ledger = Arc::new(Ledger::new());
    let setup = setup.unattended();
    let options = ModelOptions { speed: 60, seed: 1 };
    let observer: Arc<dyn Observer> = Arc::<Ledger>::clone(&ledger);
    let faults = plan.parse().unwrap();
    let pile = PileRun { observer: Some(observer), faults, ..PileRun::new(setup, options, server) }.spawn();
    pile.until(|pile| pile.is_working && pile.offline_cards.len() == 1).await.unwrap();
    (pile, ledger)
}

/// Charges once, and gives how often a fault was played until the record is confirmed.
async fn charge(pile: &PileHandle, ledger: &Ledger, fault: Fault) -> u64 {
    pile.swipe(1, CARD).await;
    pile.until(|pile| pile.connector(1).is_some_and(|one| one.energy > 0)).await.unwrap();
    pile.stop(1).await;
    pile.until(|pile| pile.charging().is_empty() && pile.unconfirmed_records == 0).await.unwrap();
    ledger.books().faults().get(&fault).copied().unwrap_or_default()
}

#[tokio::test]
async fn a_charge_comes_through_a_bad_line() {
    let plan = "half-packets:0.3,byte-by-byte:0.1,glued:0.3,garbage-before,garbage-between:0.3,crc-high-first:0.5";
    let (pile, ledger) = pile(plan).await;
    assert!(charge(&pile, &ledger, Fault::CrcHighFirst).await > 0);
    let books = ledger.books();
    let (_, _, charge) = books.charges().next().unwrap();
    let record = charge.record.as_ref().unwrap();
    assert_eq!((record.sent, record.acknowledged, charge.connector), (1, 1, 1));
    assert!(charge.ended_at.is_some() && u64::from(charge.energy) > 0);
    assert_eq!(books.piles[&PILE].logins, 1);
}

#[tokio::test]
async fn every_fault_can_be_injected_and_leaves_the_pile_at_work() {
    let injected = MENU.iter().map(|entry| async move {
        let (pile, ledger) = pile("").await;
        pile.inject(entry.fault).await;
        // Faults of a charge are told of with one; a start that is refused takes a start command.
        if matches!(entry.fault, Fault::Silence | Fault::SlowReader) {
            // The platform of these tests bears with them for ever.
            pile.plan(FaultPlan::default()).await;
        }
        pile.until_working().await.unwrap();
        if matches!(entry.fault, Fault::NeverSentRecord | Fault::LateRecord | Fault::RefusedThenConfirmed) {
            return;
        }
        let played = charge(&pile, &ledger, entry.fault).await;
        assert!(played > 0, "{} was not played", entry.fault);
    });
    let tasks: Vec<_> = injected.map(tokio::spawn).collect();
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn records_are_told_of_whichever_frame_brings_them() {
    for name in ["v1.4", "v1.7"] {
        let (pile, ledger) = play_one(PileSetup::dc(PILE, 1).with_firmware(Firmware::named(name).unwrap()), "").await;
        charge(&pile, &ledger, Fault::Glued).await;
        let books = ledger.books();
        let (_, _, charge) = books.charges().next().unwrap();
        let record = charge.record.as_ref().unwrap();
        assert_eq!((record.sent, record.acknowledged), (1, 1), "{name}");
        assert!(record.record.total_energy > 0, "{name}");
    }
}

/// The answer to a reboot waits for other frames on a line that glues, and none come.
#[tokio::test]
async fn the_last_words_before_a_reboot_are_not_lost() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap();
    let (told, mut hear) = mpsc::unbounded_channel();
    tokio::spawn(platform(listener, told, 0));
    let run = PileRun::new(PileSetup::dc(PILE, 1).unattended(), ModelOptions { speed: 60, seed: 1 }, server);
    let pile = run.spawn();
    pile.until_working().await.unwrap();
    pile.plan("glued".parse().unwrap()).await;
    while hear.try_recv().is_ok() {}
    pile.swipe(1, CARD).await;
    pile.act(Action::Reboot).await;
    let next = timeout(LIMIT, hear.recv()).await.unwrap().unwrap();
    assert!(!matches!(next, Message::LoginRequest(_)), "{next:?}");
}

#[tokio::test]
async fn a_power_cut_is_billed_after_the_reboot() {
    let (pile, ledger) = pile("").await;
    pile.swipe(1, CARD).await;
    pile.until(|pile| pile.connector(1).is_some_and(|one| one.energy > 0)).await.unwrap();
    pile.inject(Fault::PowerCut).await;
    pile.until(|pile| !pile.is_logged_in).await.unwrap();
    pile.until(|pile| pile.is_working && pile.unconfirmed_records == 0).await.unwrap();
    let books = ledger.books();
    let (_, _, charge) = books.charges().next().unwrap();
    assert!(charge.record.as_ref().is_some_and(|record| record.acknowledged > 0), "{charge:?}");
}

#[tokio::test]
async fn the_ledger_writes_lines() {
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let lines = Lines::default();
    let ledger = Ledger::writing(lines.clone());
    let now = Moment { tick: voltapile_protocol::time::Tick(1), unix_ms: 2 };
    ledger.did(PILE, now, &Deed::FaultPlayed(Fault::WrongCrc));
    ledger.passed(PILE, now, Direction::Up, &[1]);
    ledger.disconnected(PILE, now, "because");
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let parsed: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(parsed[0]["fault"], "wrong-crc");
    assert_eq!((&parsed[1]["why"], &parsed[1]["at"]), (&"because".into(), &2.into()));
    assert_eq!(parsed.len(), 2);
}
