//! A pile that speaks AA F5, on virtual time against a platform that agrees with everything.

use voltapile_protocol::aaf5::code::{
    AccountAnswer, ControlIndex, FineEnergy, ListAction, ListKind, LoginCheck, StartMode, StartStrategy, VinResult,
    WorkState,
};
use voltapile_protocol::aaf5::field::ConnectorNumber;
use voltapile_protocol::aaf5::frame::{Envelope, Frame, write_message};
use voltapile_protocol::aaf5::framer::{Framer, Piece};
use voltapile_protocol::aaf5::message::*;
use voltapile_protocol::aaf5::session::pile::record_of;
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::{BcdTime, Bytes, MinutesByte, Quantity, Text, Yuan, YuanPerKwh};
use voltapile_protocol::ykc::field::PhysicalCardNumber;

use super::{Action, Credential, PILE, START_UNIX_MS};
use crate::model::*;

mod alarm;
mod key;
mod late;
mod lawful;
mod limit;
mod people;
mod restart;
mod service;

const CARD: PhysicalCardNumber = Bytes([0, 0, 0, 0, 0xD1, 0x4B, 0, 1]);
const NUMBER: &str = "32010600000001012611201600000001";

/// The pile, its platform, and all that the pile said.
struct World {
    pile: VirtualPile,
    tick: u64,
    said: Vec<Message>,
}

impl World {
    /// A pile at work, at a tariff with a price for each half of the day.
    fn working(setup: PileSetup) -> Self {
        let mut world = Self { pile: VirtualPile::new(setup, ModelOptions::default()), tick: 1, said: Vec::new() };
        world.dial();
        let period = |from, to, electricity, service| TimeOfUsePeriod {
            start_hour: from,
            end_hour: to,
            electricity_price: YuanPerKwh::from_raw(electricity),
            service_price: YuanPerKwh::from_raw(service),
            ..TimeOfUsePeriod::default()
        };
        let mut request = TimeOfUseTariffSetRequest::default();
        request.periods[0] = period(0, 12, 3_000, 2_000);
        request.periods[1] = period(12, 24, 9_000, 3_500);
        world.hear(request);
        assert!(world.pile.snapshot().is_working);
        world
    }

    fn by_the_book() -> Self {
        Self::working(PileSetup::dc(PILE, 2).unattended().speaking_aaf5())
    }

    fn now(&self) -> Moment {
        Moment { tick: Tick(self.tick), unix_ms: START_UNIX_MS + self.tick }
    }

    fn platform(&mut self, bytes: &[u8]) {
        let mut answers: Vec<Message> = Vec::new();
        Framer::new().push(bytes, |piece| {
            let Piece::Frame(frame) = piece else { panic!("a frame of AA F5") };
            let message = Message::decode(frame.command, frame.body, Dialect::default()).unwrap();
            answers.extend(answer(&frame, &message));
            self.said.push(message);
        });
        answers.into_iter().for_each(|answer| self.hear(answer));
    }

    fn hear(&mut self, message: impl Into<Message>) {
        let (mut bytes, mut out) = (Vec::new(), Vec::new());
        write_message(&mut bytes, Envelope::default(), &message.into()).unwrap();
        assert_eq!(self.pile.handle_frame(self.now(), &bytes, &mut out), Link::Keep);
        self.platform(&out);
    }

    fn act(&mut self, action: Action) {
        let mut out = Vec::new();
        assert_eq!(self.pile.act(self.now(), action, &mut out), Link::Keep);
        self.platform(&out);
    }

    fn run_for(&mut self, ms: u64) {
        let end = self.tick + ms;
        while let Some(due) = self.pile.next_deadline().filter(|due| due.0 <= end) {
            self.tick = due.0.max(self.tick);
            let mut out = Vec::new();
            assert_eq!(self.pile.handle_deadline(self.now(), &mut out), Link::Keep);
            self.platform(&out);
        }
        self.tick = end;
    }

    /// The work states of a connector, each as long as it held.
    fn states(&self, connector: u8) -> Vec<WorkState> {
        let mut states: Vec<WorkState> = self
            .said
            .iter()
            .filter_map(|message| match message {
                Message::StatusReport(status) if status.connector_number.number() == connector => {
                    Some(status.work_state)
                }
                _ => None,
            })
            .collect();
        states.dedup();
        states
    }

    fn record(&self) -> FineChargeRecord {
        self.said.iter().find_map(record_of).expect("a record")
    }

    fn count(&self, command: u16) -> usize {
        self.said.iter().filter(|message| message.frame_type() == command).count()
    }

    /// 5 for the first connector.
    fn control(&mut self, first_index: ControlIndex, value: u32) {
        self.control_of(1, first_index, &[value]);
    }

    /// 5: commands that follow each other.
    fn control_of(&mut self, connector: u8, first_index: ControlIndex, values: &[u32]) {
        self.hear(ControlRequest {
            connector_number: ConnectorNumber(connector),
            first_index,
            count: values.len() as u8,
            byte_count: 4 * values.len() as u16,
            arguments: values.iter().map(|value| ControlArgument { value: *value }).collect(),
            ..Default::default()
        });
    }

    /// Another connection, on which the platform takes the sign-in.
    fn reconnect(&mut self) {
        self.pile.disconnected();
        self.dial();
    }

    fn dial(&mut self) {
        let mut out = Vec::new();
        self.pile.connect(self.now(), &mut out);
        self.platform(&out);
    }

    fn stop(&mut self) {
        self.control(ControlIndex::StopCharging, 0x55);
    }

    /// The result of the last 8.
    fn start_result(&self) -> u32 {
        let result = self.said.iter().rev().find_map(|message| match message {
            Message::StartResponse(answer) => Some(answer.result.0),
            _ => None,
        });
        result.expect("an 8")
    }

    /// The last 104 of a connector.
    fn status(&self, connector: u8) -> &StatusReport {
        let report = self.said.iter().rev().find_map(|message| match message {
            Message::StatusReport(report) if report.connector_number.number() == connector => Some(report),
            _ => None,
        });
        report.expect("a 104")
    }

    fn connector(&self, number: u8) -> ConnectorSnapshot {
        self.pile.snapshot().connector(number).unwrap().clone()
    }
}

fn answer(frame: &Frame<'_>, message: &Message) -> Option<Message> {
    Some(match message {
        Message::SignInRequest(request) => SignInResponse {
            random: request.random,
            login_check: Some(LoginCheck::NotNeeded),
            encryption: Some(Default::default()),
            rsa_modulus: Some(Bytes([0; 128])),
            rsa_exponent: Some(0),
            service: Some(Default::default()),
            platform_time: Some(BcdTime::new(civil_time(START_UNIX_MS))),
            fine_energy: Some(FineEnergy::Supported),
            aes_key: Some(Bytes([0; 32])),
            ..Default::default()
        }
        .into(),
        Message::HeartbeatRequest(_) => HeartbeatResponse::default().into(),
        Message::ChargeRecord(_) | Message::FineChargeRecord(_) => {
            let record = record_of(message)?;
            let (connector_number, card_number) = (record.connector_number, record.card_number);
            let record_index = Some(record.record_index);
            if frame.command == 202 {
                RecordConfirm { connector_number, card_number, record_index, ..Default::default() }.into()
            } else {
                FineRecordConfirm { connector_number, card_number, record_index, ..Default::default() }.into()
            }
        }
        _ => return None,
    })
}

fn start(mode: StartMode, strategy: StartStrategy, strategy_argument: u32) -> StartRequest {
    StartRequest {
        connector_number: ConnectorNumber(1),
        start_mode: mode,
        strategy,
        strategy_argument,
        hold_minutes: MinutesByte::from_raw(10),
        card_number: Text::new("app-user-7").unwrap(),
        transaction_number: Some(Text::new(NUMBER).unwrap()),
        auxiliary_voltage: Some(Default::default()),
        account_balance: Some(Yuan::from_raw(50_000)),
        flow_direction: Some(Default::default()),
        ..StartRequest::default()
    }
}

/// Records are the sum of their slots, priced by the tariff.
fn check(record: &FineChargeRecord) {
    let [morning, evening] = [0, 1].map(|slot| record.slots.0[slot].raw());
    assert_eq!(record.slots.0.iter().map(|slot| slot.raw()).sum::<u64>(), record.total_energy.raw());
    assert_eq!(morning + evening, record.total_energy.raw(), "the slots are the periods");
    assert_eq!(record.meter_stop.raw() - record.meter_start.raw(), record.total_energy.raw());
    // 0.5 and 1.25 yuan/kWh: 1e-4 yuan for each 0.001 kWh.
    let due = morning * 5 + (evening * 125 + 5) / 10;
    assert!(record.total_amount.raw().abs_diff((due + 50) / 100) <= 1, "{record:?}");
}

#[test]
fn a_charge_from_the_app_prepares_flows_and_is_billed() {
    let mut world = World::by_the_book();
    world.hear(start(StartMode::Immediate, StartStrategy::UntilFull, 0));
    let Some(Message::StartResponse(answer)) = world.said.iter().find(|message| message.frame_type() == 8) else {
        panic!("8")
    };
    assert_eq!((answer.result.0, answer.transaction_number.unwrap().text().as_str()), (0, NUMBER));
    world.run_for(120_000);
    assert_eq!(world.states(1), [WorkState::Idle, WorkState::Preparing, WorkState::Charging]);
    assert!(world.count(302) >= 3, "{}", world.count(302));
    assert_eq!((world.count(110), world.states(2).len()), (1, 1));
    world.stop();
    let record = world.record();
    check(&record);
    assert!(record.total_energy.raw() > 0);
    assert_eq!((record.card_number.text().as_str(), record.stop_reason.0), ("app-user-7", 311));
    assert_eq!(record.transaction_number.unwrap().text(), NUMBER);
    assert_eq!(world.states(1).last(), Some(&WorkState::Finished));
    assert_eq!(world.pile.snapshot().unconfirmed_records, 0);
}

#[test]
fn a_start_may_set_a_limit_of_time_money_or_energy() {
    let limits =
        [(StartStrategy::ByTime, 300, 307), (StartStrategy::ByAmount, 150, 308), (StartStrategy::ByEnergy, 200, 306)];
    for (strategy, argument, reason) in limits {
        let mut world = World::by_the_book();
        world.hear(start(StartMode::Immediate, strategy, argument));
        world.run_for(600_000);
        let record = world.record();
        check(&record);
        assert_eq!((record.stop_reason.0, record.strategy_argument), (reason, argument));
    }
}

#[test]
fn every_firmware_charges_and_bills() {
    for firmware in &AAF5_FIRMWARES {
        let mut world = World::working(firmware.on(PileSetup::dc(PILE, 2).unattended()));
        world.hear(start(StartMode::Immediate, StartStrategy::ByTime, 300));
        world.run_for(320_000);
        let records = world.count(202) + world.count(222);
        assert_eq!((records, world.count(8)), (1, 1), "{}", firmware.name);
        assert!(world.record().total_energy.raw() > 0, "{}", firmware.name);
        assert_eq!(world.pile.snapshot().unconfirmed_records, 0, "{}", firmware.name);
    }
}

#[test]
fn a_card_asks_and_a_refusal_is_told() {
    let mut world = World::by_the_book();
    world.act(Action::Ask { connector: 2, credential: Credential::Card(CARD, None) });
    let Some(Message::AccountQueryRequest(asked)) = world.said.last() else { panic!("204: {:?}", world.said) };
    assert_eq!(asked.card_number.text(), "00000000D14B0001");
    world.hear(AccountQueryResponse { answer: AccountAnswer::BalanceTooLow, ..Default::default() });
    let refusal = world.pile.snapshot().connector(2).unwrap().last_refusal;
    assert!(matches!(refusal, Some(Refusal::Platform(_))), "{refusal:?}");
    world.act(Action::Ask { connector: 2, credential: Credential::Card(CARD, None) });
    let number = Some(Text::new(NUMBER).unwrap());
    world.hear(AccountQueryResponse {
        transaction_number: number,
        account_balance: Yuan::from_raw(10_000),
        ..Default::default()
    });
    assert_eq!(world.pile.snapshot().charging(), [2]);
}

#[test]
fn a_car_asks_by_its_vin() {
    let mut world = World::by_the_book();
    world.act(Action::Ask { connector: 1, credential: Credential::Vin });
    let Some(Message::VinStartRequest(asked)) = world.said.last().cloned() else { panic!("208") };
    world.hear(VinStartResponse {
        pile_code: asked.pile_code,
        connector_number: asked.connector_number,
        vin: asked.vin,
        transaction_number: Text::new(NUMBER).unwrap(),
        result: VinResult::Accepted,
        ..Default::default()
    });
    world.run_for(10_000);
    assert_eq!((world.pile.snapshot().charging(), world.count(210)), (vec![1], 1));
}

#[test]
fn the_white_list_charges_while_the_platform_is_away() {
    let mut world = World::by_the_book();
    let entries = vec![ListEntry { card_number: Text::new("00000000d14b0001").unwrap() }];
    let pile_code = Text::new(&PILE.to_string()).unwrap();
    let (list_kind, action) = (ListKind::Cards, ListAction::Add);
    let entry_count = Some(1);
    world.hear(WhiteListRequest {
        pile_code,
        list_kind,
        action,
        version: 1,
        entry_count,
        entries,
        ..Default::default()
    });
    assert_eq!(world.pile.snapshot().offline_cards[0].physical_card_number, CARD);
    world.pile.disconnected();
    for (card, charging) in [(Bytes([9; 8]), vec![]), (CARD, vec![1])] {
        world.act(Action::Ask { connector: 1, credential: Credential::Card(card, None) });
        assert_eq!(world.pile.snapshot().charging(), charging);
    }
}

#[test]
fn a_reservation_holds_until_it_is_cancelled_or_over() {
    let mut world = World::by_the_book();
    world.hear(start(StartMode::Reservation, StartStrategy::UntilFull, 0));
    assert_eq!(world.states(1), [WorkState::Idle, WorkState::Reserved]);
    world.control(ControlIndex::CancelReservation, 0x55);
    assert_eq!(world.states(1).last(), Some(&WorkState::Idle));
    world.hear(start(StartMode::Reservation, StartStrategy::UntilFull, 0));
    world.run_for(11 * 60_000);
    assert_eq!(world.states(1).last(), Some(&WorkState::Idle));
    let start_time = BcdTime::new(civil_time(START_UNIX_MS + world.tick + 60_000));
    world.hear(StartRequest { start_time, ..start(StartMode::Scheduled, StartStrategy::UntilFull, 0) });
    assert_eq!(world.pile.charging(), 0);
    world.run_for(70_000);
    assert_eq!(world.pile.charging(), 1);
}
