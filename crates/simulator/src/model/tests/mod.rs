//! A pile on virtual time against a platform that agrees with everything.

use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::{Bytes, Cp56Time, PowerPercent, Quantity, Yuan, YuanPerKwh, vin_check_digit_holds};
use voltapile_protocol::ykc::code::*;
use voltapile_protocol::ykc::field::{ConnectorNumber, PileCode, TariffId, TariffSlots, TransactionNumber};
use voltapile_protocol::ykc::frame::{Envelope, write_message};
use voltapile_protocol::ykc::framer::Piece;
use voltapile_protocol::ykc::message::*;
use voltapile_protocol::ykc::session::pile::{PileTariff, TierRates};
use voltapile_protocol::ykc::{Dialect, Framer};

use super::*;

mod aaf5;
mod ask;
mod behaviour;
mod card;
mod command;
mod errand;
mod fault;
mod firmware;
mod power;
mod upkeep;
mod value;
mod walk_in;

const PILE: PileCode = PileCode([0x32, 0x01, 0x06, 0, 0, 0, 0x01]);
/// 2026-11-20 16:00 in UTC+8.
const START_UNIX_MS: u64 = 1_795_161_600_000;
const HOUR_MS: u64 = 3_600_000;

fn tariff() -> PileTariff {
    let rates =
        |energy, service| TierRates { energy: YuanPerKwh::from_raw(energy), service: YuanPerKwh::from_raw(service) };
    let mut slots = TariffSlots([2; 48]);
    for (slot, tier) in slots.0.iter_mut().enumerate() {
        *tier = (slot % 4) as u8;
    }
    PileTariff {
        id: TariffId([0, 7]),
        rates: [rates(120_001, 40_000), rates(100_003, 40_000), rates(70_007, 30_000), rates(30_011, 20_000)],
        loss_percent: 0,
        slots,
    }
}

struct World {
    pile: VirtualPile,
    tick: u64,
    /// Every message the pile sent, with the milliseconds since the start.
    sent: Vec<(u64, Message)>,
    raw: Vec<u8>,
    closed: bool,
    /// Frame types that the platform does not answer.
    silent_on: &'static [u8],
    dialect: Dialect,
}

impl World {
    fn new(setup: PileSetup, options: ModelOptions) -> Self {
        Self {
            pile: VirtualPile::new(setup, options),
            tick: 0,
            sent: Vec::new(),
            raw: Vec::new(),
            closed: false,
            silent_on: &[],
            dialect: Dialect::V16,
        }
    }

    fn working(setup: PileSetup, options: ModelOptions) -> Self {
        let mut world = Self::new(setup, options);
        world.connect();
        world
    }

    fn now(&self) -> Moment {
        Moment { tick: Tick(self.tick), unix_ms: START_UNIX_MS + self.tick }
    }

    fn connect(&mut self) {
        let mut out = Vec::new();
        self.closed = false;
        self.pile.connect(self.now(), &mut out);
        self.platform(&out);
    }

    /// Hands the pile's bytes to the platform and the platform's to the pile until both are silent.
    fn platform(&mut self, bytes: &[u8]) {
        self.raw.extend_from_slice(bytes);
        let mut answers = Vec::new();
        Framer::new().push(bytes, |piece| {
            let Piece::Frame(frame) = piece else { panic!("a V1 frame") };
            let message = Message::decode(frame.frame_type, frame.body, self.dialect).unwrap();
            if let Some(answer) = answer(&message)
                && !self.silent_on.contains(&frame.frame_type)
            {
                answers.push((frame.sequence, answer));
            }
            self.sent.push((self.tick, message));
        });
        for (sequence, answer) in answers {
            self.receive(sequence, &answer);
        }
    }

    fn receive(&mut self, sequence: [u8; 2], message: &Message) {
        let (mut bytes, mut out) = (Vec::new(), Vec::new());
        write_message(&mut bytes, Envelope { sequence, ..Envelope::default() }, message).unwrap();
        let link = self.pile.handle_frame(self.now(), &bytes, &mut out);
        self.closed |= link == Link::Close;
        self.platform(&out);
    }

    fn act(&mut self, action: Action) {
        let mut out = Vec::new();
        let link = self.pile.act(self.now(), action, &mut out);
        self.closed |= link == Link::Close;
        self.platform(&out);
    }

    /// What the pile answers to a request, and nothing that was sent before.
    fn ask(&mut self, message: impl Into<Message>) -> Vec<Message> {
        self.sent.clear();
        self.receive([1, 9], &message.into());
        self.sent.iter().map(|(_, message)| message.clone()).collect()
    }

    /// Runs for some milliseconds and no longer.
    fn run_for(&mut self, ms: u64) {
        let end = self.tick + ms;
        while self.pile.next_deadline().is_some_and(|due| due.0 <= end) {
            let due = self.pile.next_deadline().unwrap().0;
            self.run_until(|world| world.tick >= due);
        }
        self.tick = end;
    }

    fn connector(&self, number: u8) -> ConnectorSnapshot {
        self.pile.snapshot().connector(number).unwrap().clone()
    }

    /// Runs until `done` or for 48 h.
    fn run_until(&mut self, mut done: impl FnMut(&Self) -> bool) {
        let limit = self.tick + 48 * HOUR_MS;
        while !done(self) {
            let due = self.pile.next_deadline().expect("something is due").0;
            assert!(due > self.tick || self.tick == 0, "time goes on");
            assert!(due < limit, "it takes too long");
            self.tick = due;
            let mut out = Vec::new();
            let link = self.pile.handle_deadline(self.now(), &mut out);
            self.closed |= link == Link::Close;
            self.platform(&out);
        }
    }

    fn records(&self) -> Vec<&TransactionRecord> {
        let records = self.sent.iter().filter_map(|(_, message)| match message {
            Message::TransactionRecord(record) => Some(record),
            _ => None,
        });
        records.collect()
    }

    fn types(&self) -> Vec<u8> {
        self.sent.iter().map(|(_, message)| message.frame_type()).collect()
    }
}

fn answer(message: &Message) -> Option<Message> {
    let pile_code = PILE;
    Some(match message {
        Message::LoginRequest(_) => LoginResponse { pile_code, ..Default::default() }.into(),
        Message::HeartbeatRequest(_) => HeartbeatResponse { pile_code, ..Default::default() }.into(),
        Message::TariffVerifyRequest(asked) => {
            let is_same = asked.tariff_id == tariff().id;
            let verify_result = if is_same { VerifyResult::Same } else { VerifyResult::Differs };
            TariffVerifyResponse { pile_code, verify_result, ..Default::default() }.into()
        }
        Message::TariffRequest(_) => tariff().to_response(PILE).into(),
        Message::TransactionRecord(record) => {
            TransactionRecordConfirm { transaction_number: record.transaction_number, ..Default::default() }.into()
        }
        _ => return None,
    })
}

fn start_request(connector: u8, balance: u32) -> Message {
    RemoteStartRequest {
        transaction_number: TransactionNumber([0x42; 16]),
        pile_code: PILE,
        connector_number: ConnectorNumber::bcd(connector),
        physical_card_number: Bytes([7; 8]),
        account_balance: Yuan::from_raw(balance),
        ..Default::default()
    }
    .into()
}

fn stop_request(connector: u8) -> Message {
    RemoteStopRequest { pile_code: PILE, connector_number: ConnectorNumber::bcd(connector), ..Default::default() }
        .into()
}

fn without_walk_ins(connectors: u8) -> PileSetup {
    PileSetup::dc(PILE, connectors).unattended()
}

/// A pile that works, but for `behaviour`.
fn world_with(behaviour: Behaviour) -> World {
    World::working(PileSetup { behaviour, ..without_walk_ins(2) }, ModelOptions::default())
}

/// The messages of one type among others.
macro_rules! only {
    ($messages:expr, $name:ident) => {
        $messages.iter().filter_map(|message| if let Message::$name(message) = message { Some(message) } else { None })
    };
}
use only;

/// What must hold of every record.
fn check_record(record: &TransactionRecord) {
    let tiers = [
        (record.sharp_unit_price, record.sharp_energy, record.sharp_energy_with_loss, record.sharp_amount),
        (record.peak_unit_price, record.peak_energy, record.peak_energy_with_loss, record.peak_amount),
        (record.flat_unit_price, record.flat_energy, record.flat_energy_with_loss, record.flat_amount),
        (record.valley_unit_price, record.valley_energy, record.valley_energy_with_loss, record.valley_amount),
    ];
    for ((price, energy, with_loss, amount), rates) in tiers.into_iter().zip(tariff().rates) {
        assert_eq!(price.raw(), rates.energy.raw() + rates.service.raw());
        assert_eq!(energy, with_loss, "the tariff has no loss");
        assert_eq!(amount.raw(), (price.raw() * energy.raw() + 50_000) / 100_000);
    }
    let sum = |part: fn(&(YuanPerKwh<5>, _, _, Yuan<4>)) -> u64| tiers.iter().map(part).sum::<u64>();
    let energy = tiers.iter().map(|tier| tier.1.raw()).sum::<u64>();
    assert_eq!(energy, record.total_energy.raw());
    assert_eq!(sum(|tier| tier.3.raw()), record.total_amount.raw());
    assert_eq!(record.meter_stop.raw() - record.meter_start.raw(), energy);
    assert!(record.start_time.civil().unwrap() <= record.end_time.civil().unwrap());
    assert!(record.vin.0 == [0; 17] || vin_check_digit_holds(&record.vin.0));
}
