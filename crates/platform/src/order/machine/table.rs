//! Every state × every input against `table.txt`, and a random walk on what no input may break.

use proptest::prelude::*;

use super::*;
use crate::identity::{AccountId, ConnectorNumber, OrderId, PileCode};
use crate::order::number::transaction_number;
use crate::order::{Origin, Place};
use crate::record::StopReason;
use crate::settlement::{Bill, TierBill, Verdict};
use crate::tariff::PerTier;

const START: &str = "2026-11-20T08:00:00Z";

fn now() -> Timestamp {
    START.parse::<Timestamp>().unwrap().plus_seconds(600)
}

fn judged(record: i64, fen: i64, verdict: Verdict) -> JudgedRecord {
    let amount = Balance::from_steps(fen).to_amount().unwrap();
    let energy = Energy::from_steps(u64::try_from(fen).unwrap() * 100);
    let nothing = TierBill::default();
    let tiers = PerTier { sharp: nothing, peak: nothing, flat: nothing, valley: nothing };
    let ours = Bill { tiers, electricity: amount, service: Amount::ZERO, total: amount };
    let ours = (verdict != Verdict::Hold || fen % 2 == 0).then_some(ours);
    let settlement = Settlement {
        ours,
        pile_amount: amount,
        pile_energy: energy,
        differences: Vec::new(),
        verdict,
        matched_by: Vec::new(),
    };
    let (started_at, ended_at) = (Some(now().plus_seconds(-500)), Some(now().plus_seconds(-5)));
    JudgedRecord {
        record,
        settlement,
        started_at,
        ended_at,
        stop_reason: StopReason::new(0x41, None),
        energy,
        vin: None,
        unclear: None,
    }
}

/// An order that has come to a state as orders do.
fn order_in(state: OrderState) -> Order {
    let start = START.parse().unwrap();
    let pile = PileCode::new("55031412782305").unwrap();
    let place = Place { operator: None, station: None, pile, connector: ConnectorNumber(1) };
    let number = transaction_number(pile, ConnectorNumber(1), start, 8, OrderId(1));
    let mut order = Order::new(OrderId(1), place, number, Origin::Remote, start);
    order.account = Some("li-wei".parse::<AccountId>().unwrap());
    order.open_account.clone_from(&order.account);
    let charging = Input::ChargingSeen { progress: Progress::default(), free: true };
    let pulled = Input::IdleSeen { plugged: Some(false), progress: None };
    let way = match state {
        OrderState::Created => vec![],
        OrderState::Starting => vec![Input::StartSent],
        OrderState::Charging => vec![Input::StartSent, Input::StartConfirmed, charging],
        OrderState::Stopping => vec![Input::StartSent, charging, Input::StopAsked { reason: STOPPED_BY_PLATFORM }],
        OrderState::AwaitingRecord => vec![Input::StartSent, charging, pulled],
        OrderState::Settled => vec![Input::Record(Box::new(judged(7, 100, Verdict::Pile)))],
        OrderState::Failed => vec![Input::StartSent, Input::StartRefused { reason: "device_fault".to_owned() }],
        OrderState::Abnormal => vec![Input::StartSent, charging, pulled, Input::Deadline],
    };
    // The deadline of whatever state it is comes now.
    for input in &way {
        let at = if *input == Input::Deadline { now() } else { now().plus_seconds(-30) };
        step(&mut order, input, at, &Rules::default());
    }
    assert_eq!(order.state, state);
    if order.deadline.is_some() {
        order.deadline = Some(now());
    }
    order
}

/// A state with more to it than its name.
fn variant(state: OrderState, more: &[Input]) -> Order {
    let mut order = order_in(state);
    for input in more {
        step(&mut order, input, now().plus_seconds(-20), &Rules::default());
    }
    if order.deadline.is_some() {
        order.deadline = Some(now());
    }
    order
}

fn variants() -> Vec<(&'static str, Order)> {
    use OrderState::{Abnormal, AwaitingRecord, Charging, Starting, Stopping};
    let idle = || Input::IdleSeen { plugged: Some(true), progress: None };
    let stop = || Input::StopAsked { reason: STOPPED_BY_PLATFORM };
    let not_plugged = Input::StartRefused { reason: NOT_PLUGGED.to_owned() };
    let held = Input::Record(Box::new(judged(7, 100, Verdict::Hold)));
    let unclear = JudgedRecord { unclear: Some("order 2".to_owned()), ..judged(7, 100, Verdict::Pile) };
    let unclear = Input::Record(Box::new(unclear));
    let written_off = Input::Resolved { resolution: Resolution::WriteOff, by: "user:wang".to_owned(), note: None };
    let unreadable = Input::RecordUnreadable { record: 7, reason: "too short".to_owned() };
    let mut offline_card = order_in(AwaitingRecord);
    offline_card.origin = Origin::OfflineCard;
    (offline_card.account, offline_card.open_account) = (None, None);
    let mut parallel = order_in(Starting);
    parallel.group = Some("55031412782305/261120160000/1".to_owned());
    let reserved = reserved();
    let mut gave_up = reserved.clone();
    step(&mut gave_up, &stop(), now(), &Rules::default());
    vec![
        ("starting, confirmed", variant(Starting, &[Input::StartConfirmed])),
        ("starting, waits for the plug", variant(Starting, &[not_plugged])),
        ("starting, half of a parallel charge", parallel),
        ("starting, preparing", variant(Starting, &[Input::PreparingSeen])),
        ("starting, reserved", reserved.clone()),
        ("starting, pile away", variant(Starting, &[Input::PileOffline])),
        ("charging, one idle report", variant(Charging, &[idle()])),
        ("charging, pile away", variant(Charging, &[Input::PileOffline])),
        ("charging, pile away for days", away_for_days()),
        ("charging, pile just back", variant(Charging, &[Input::PileOffline, Input::PileOnline])),
        ("stopping, never charged", variant(Starting, &[stop()])),
        ("stopping, reserved", gave_up),
        ("stopping, pile away", variant(Stopping, &[Input::PileOffline])),
        ("awaiting_record, was stopped", variant(Stopping, &[Input::StopConfirmed])),
        ("awaiting_record, never charged", variant(Starting, &[stop(), Input::StopConfirmed])),
        ("awaiting_record, start failed", variant(Starting, &[Input::PreparingSeen, idle()])),
        ("awaiting_record, nobody pays", offline_card),
        ("settled by a person", variant(Abnormal, &[written_off])),
        ("abnormal, bill differs", variant(AwaitingRecord, &[held])),
        ("abnormal, order unclear", variant(AwaitingRecord, &[unclear])),
        ("abnormal, record unreadable", variant(AwaitingRecord, &[unreadable])),
        ("abnormal, pile replaced", variant(Charging, &[Input::PileReplaced { detail: "other SIM".to_owned() }])),
    ]
}

/// An order that is to begin in an hour, for which the connector is kept for 15 minutes more.
fn reserved() -> Order {
    let mut order = order_in(OrderState::Created);
    (order.options.start_at, order.options.hold_minutes) = (Some(now().plus_seconds(3600)), Some(15));
    step(&mut order, &Input::StartSent, now(), &Rules::default());
    order
}

fn away_for_days() -> Order {
    let mut order = variant(OrderState::Charging, &[Input::PileOffline]);
    order.away_since = Some(now().plus_seconds(-4 * 86_400));
    order
}

fn inputs() -> Vec<(&'static str, Input)> {
    let number = TransactionNumber::from_bcd(&[1; 16]);
    let progress = Progress { at: Some(now()), ..Progress::default() };
    let refused = |reason: &str| Input::StartRefused { reason: reason.to_owned() };
    let stop_refused = |reason: &str| Input::StopRefused { reason: reason.to_owned() };
    let unanswered = |told| Input::StartUnanswered { told, detail: String::new() };
    let record = |id, fen, verdict| Input::Record(Box::new(judged(id, fen, verdict)));
    let unclear = |id| {
        let orders = Some("order 1: for it time, against it card".to_owned());
        Input::Record(Box::new(JudgedRecord { unclear: orders, ..judged(id, 100, Verdict::Pile) }))
    };
    let resolved = |resolution| Input::Resolved { resolution, by: "user:wang".to_owned(), note: None };
    vec![
        ("start sent", Input::StartSent),
        ("start confirmed", Input::StartConfirmed),
        ("start refused: device_fault", refused("device_fault")),
        ("start refused: not_plugged", refused(NOT_PLUGGED)),
        ("start not answered", unanswered(true)),
        ("start not sent", unanswered(false)),
        ("charging seen", Input::ChargingSeen { progress, free: true }),
        ("charging seen, connector taken", Input::ChargingSeen { progress, free: false }),
        ("idle seen", Input::IdleSeen { plugged: Some(true), progress: None }),
        ("idle seen, plug out", Input::IdleSeen { plugged: Some(false), progress: None }),
        ("preparing seen", Input::PreparingSeen),
        ("finished seen", Input::FinishedSeen { progress: None }),
        ("fault seen", Input::FaultSeen),
        ("another number seen", Input::OtherNumberSeen { number, known: false }),
        ("another order seen", Input::OtherNumberSeen { number, known: true }),
        ("stop asked", Input::StopAsked { reason: STOPPED_BY_PLATFORM }),
        ("stop confirmed", Input::StopConfirmed),
        ("stop refused: not_charging", stop_refused(NOT_CHARGING)),
        ("stop refused: other", stop_refused("other")),
        ("stop not answered", Input::StopUnanswered { detail: String::new() }),
        ("record, clean", record(8, 100, Verdict::Pile)),
        ("record, clean, the same", record(7, 100, Verdict::Pile)),
        ("record, nothing charged", record(8, 0, Verdict::Pile)),
        ("record, bill differs", record(8, 100, Verdict::Hold)),
        ("record, tariff unknown", record(8, 101, Verdict::Hold)),
        ("record, order unclear", unclear(8)),
        ("second record", Input::SecondRecord(Box::new(judged(8, 200, Verdict::Pile)))),
        ("record unreadable", Input::RecordUnreadable { record: 8, reason: "too short".to_owned() }),
        ("deadline", Input::Deadline),
        ("pile offline", Input::PileOffline),
        ("pile online", Input::PileOnline),
        ("pile replaced", Input::PileReplaced { detail: "another SIM".to_owned() }),
        ("resolved: settle_by_ours", resolved(Resolution::SettleByOurs)),
        ("resolved: settle_by_pile", resolved(Resolution::SettleByPile)),
        ("resolved: write_off", resolved(Resolution::WriteOff)),
        ("resolved: ask_again", resolved(Resolution::AskAgain)),
    ]
}

/// The next state, its deadline from now and the effects; `-` where nothing at all happens.
fn outcome(before: &Order, input: &Input) -> String {
    let mut order = before.clone();
    let effects = step(&mut order, input, now(), &Rules::default());
    check(&order);
    if order == *before && effects.is_empty() {
        return "-".to_owned();
    }
    let word = |effect: &Effect| match effect {
        Effect::Emit(event) => format!("emit {}", event.name()),
        Effect::Pay(amount) => format!("pay {amount}"),
        other => format!("{other:?}"),
    };
    let mut text = order.state.name().to_owned();
    if let Some(reason) = order.abnormal_reason {
        text = format!("{text}: {}", reason.name());
    }
    if let Some(failure) = order.failure.as_ref().filter(|_| order.state == OrderState::Failed) {
        text = format!("{text}: {failure}");
    }
    if let Some(deadline) = order.deadline {
        text = format!("{text}, {:+} s", (deadline.unix_ms() - now().unix_ms()) / 1000);
    }
    let effects: Vec<String> = effects.iter().map(word).collect();
    format!("{text:<42} {}", effects.join(" + ")).trim_end().to_owned()
}

/// What holds of every order in every state.
fn check(order: &Order) {
    use OrderState::{Abnormal, Charging, Created, Failed, Settled};
    assert_eq!(order.open_on.is_some(), order.state.holds_connector());
    assert_eq!(order.open_pile.is_some(), !order.state.is_end());
    assert_eq!(order.open_account.is_some(), !order.state.is_end() && order.account.is_some());
    assert_eq!(order.abnormal_reason.is_some(), order.state == Abnormal);
    assert!(order.state != Failed || order.failure.is_some());
    assert_eq!(order.charged.is_some(), order.settled_at.is_some());
    // No order without an end: what waits has a deadline, or a connected pile that charges.
    let waits = !order.state.is_end() && order.state != Abnormal && order.state != Created;
    assert!(!waits || order.deadline.is_some() || order.state == Charging && order.away_since.is_none());
    assert!(order.state != Settled || order.charged.is_some());
    let same = |what: &str| order.evidence.iter().filter(|evidence| evidence.what == what).count();
    assert!(order.evidence.iter().all(|evidence| same(&evidence.what) <= EVIDENCE_MAX));
}

#[test]
fn every_state_and_every_input() {
    let mut table = String::new();
    let inputs = inputs();
    for state in OrderState::ALL {
        let before = order_in(state);
        table += &format!("{}\n", state.name());
        for (name, input) in &inputs {
            table += &format!("    {name:<32}-> {}\n", outcome(&before, input));
        }
    }
    for (name, before) in variants() {
        table += &format!("{name}: differs from {} by\n", before.state.name());
        let plain = order_in(before.state);
        for (name, input) in &inputs {
            let (with, without) = (outcome(&before, input), outcome(&plain, input));
            if with != without {
                table += &format!("    {name:<32}-> {with}\n");
            }
        }
    }
    let written = include_str!("table.txt");
    for (line, (is, should)) in table.lines().zip(written.lines()).enumerate() {
        assert_eq!(is, should, "line {} of table.txt", line + 1);
    }
    assert!(table == written, "table.txt should be:\n{table}");
}

proptest! {
    /// No order of inputs panics, breaks what [`check`] asks, or pays something else than the order says.
    #[test]
    fn any_way_through_life_adds_up(way in prop::collection::vec((0_usize..36, 0_i64..100), 0..60)) {
        let inputs = inputs();
        let mut order = order_in(OrderState::Created);
        order.deadline = Some(now());
        let (mut at, mut paid, mut open) = (now(), 0, true);
        for (input, seconds) in way {
            at = at.plus_seconds(seconds);
            for effect in step(&mut order, &inputs[input].1, at, &Rules::default()) {
                match effect {
                    Effect::Pay(amount) => (paid, open) = (paid + amount.steps(), false),
                    Effect::Release => open = false,
                    _ => {}
                }
            }
            check(&order);
            prop_assert_eq!(paid, order.charged.unwrap_or_default().steps());
            prop_assert!(!order.state.is_end() || !open, "money stays set aside for an order at its end");
        }
    }
}
