//! What the platform of the exam asks of the pile, as frames.

use std::time::Duration;

use voltapile_protocol::wire::{Bytes, CivilTime, Cp56Time, PowerPercent, Yuan, YuanPerKwh};
use voltapile_protocol::ykc::code::{ExecuteMode, WorkPermission};
use voltapile_protocol::ykc::field::{
    ConnectorNumber, LogicalCardNumber, PhysicalCardNumber, PileCode, TariffId, TariffSlots, TransactionNumber,
};
use voltapile_protocol::ykc::message::{
    BalanceUpdateRequest, CardNumber, ClockSyncRequest, Message, OfflineCard, OfflineCardClearRequest,
    OfflineCardQueryRequest, OfflineCardSyncRequest, RealtimeReadRequest, RebootRequest, RemoteStartRequest,
    RemoteStopRequest, TariffSetRequest, WorkParametersSetRequest,
};
use voltapile_protocol::ykc::session::pile::{PileTariff, TierRates};

use crate::report::moment::{bcd, digits_in_china};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// 0x12.
    Read,
    /// 0x12 in two halves.
    Split,
    /// 0x12 and 0x56 in one write.
    Glued,
    /// 0x12 whose CRC does not hold.
    BadCrc,
    /// A frame type that does not exist.
    Unknown,
    /// 0x12 for another pile.
    OtherPile,
    /// 0x56 with a clock that is ahead.
    ClockSet,
    /// 0x56 with the true time.
    ClockBack,
    /// 0x58 with the second tariff.
    SetTariff,
    /// 0x34 for connector 1.
    Start,
    /// The same while it charges.
    SecondStart,
    /// 0x34 for another pile.
    StartOfOtherPile,
    /// 0x34 for a connector that the pile does not have.
    StartAtNoConnector,
    /// 0x36 for connector 1.
    Stop,
    /// 0x52 that locks the pile.
    Lock,
    /// 0x52 that unlocks it.
    Unlock,
    /// 0x42 for the card that charges.
    Balance,
    /// 0x42 for another card.
    WrongBalance,
    /// 0x44.
    CardSync,
    /// 0x46.
    CardClear,
    /// 0x48.
    CardQuery,
    /// 0x92.
    Reboot,
}

impl Request {
    /// The request that takes back what this one changes at the pile. A tariff needs none: a pile asks each platform
    /// for its own.
    pub(super) const fn undone_by(self) -> Option<Self> {
        match self {
            Self::Start => Some(Self::Stop),
            Self::Lock => Some(Self::Unlock),
            Self::CardSync => Some(Self::CardClear),
            Self::ClockSet => Some(Self::ClockBack),
            _ => None,
        }
    }

    /// The rule that its frames stand for, where they stand for one.
    pub(super) const fn rule(self) -> Option<&'static str> {
        match self {
            Self::Split => Some("pile.robust.split"),
            Self::Glued => Some("pile.robust.glued"),
            _ => None,
        }
    }
}

/// A frame type that no version knows.
pub(super) const UNKNOWN_TYPE: u8 = 0xEE;
/// What the exam's clock is ahead of the true time: enough to tell whether a pile follows it, little enough to do no harm.
const AHEAD: Duration = Duration::from_secs(7 * 60);
/// The account that pays has 100 yuan.
const BALANCE_FEN: u32 = 10_000;
/// The account after a top-up.
const TOPPED_UP_FEN: u32 = 20_000;
/// The account's card.
const CARD: PhysicalCardNumber = Bytes([0, 0, 0, 0, 0xD1, 0x4B, 0x0A, 0x54]);
/// A card that nobody uses.
const OTHER_CARD: PhysicalCardNumber = Bytes([0, 0, 0, 0, 0x11, 0x22, 0x33, 0x44]);
/// The account's card as it is printed.
const LOGICAL_CARD: LogicalCardNumber = LogicalCardNumber([0, 0, 0, 0x10, 0, 0, 0x05, 0x73]);
/// Connectors beyond this cannot be named in BCD.
const CONNECTOR_MAX: u8 = 99;

/// What requests are made from.
#[derive(Debug, Clone)]
pub(super) struct Clerk {
    pub(super) pile: PileCode,
    /// Connectors that the pile has.
    pub(super) connectors: u8,
    /// Transactions numbered so far.
    counter: u8,
    /// What the clock is ahead of the true time.
    ahead: Duration,
    /// The card of the account that pays.
    card: PhysicalCardNumber,
}

impl Clerk {
    pub(super) fn new(pile: PileCode, card: Option<PhysicalCardNumber>) -> Self {
        Self { pile, connectors: 1, counter: 0, ahead: Duration::ZERO, card: card.unwrap_or(CARD) }
    }

    /// A number by the specification's rule (OQ-06).
    pub(super) fn number(&mut self, connector: u8, unix_ms: u64) -> TransactionNumber {
        self.counter = self.counter.wrapping_add(1);
        let moment = digits_in_china(self.clock(unix_ms));
        let tail = [ConnectorNumber::bcd(connector).0].into_iter().chain(moment).chain([0, bcd(self.counter % 100)]);
        let mut number = [0; 16];
        number.iter_mut().zip(self.pile.0.into_iter().chain(tail)).for_each(|(byte, part)| *byte = part);
        TransactionNumber(number)
    }

    const fn clock(&self, unix_ms: u64) -> u64 {
        unix_ms + self.ahead.as_secs() * 1_000
    }

    /// The message of a request; `None` for [`Request::Unknown`], which is none.
    pub(super) fn message(&mut self, request: Request, unix_ms: u64) -> Option<Message> {
        let pile_code = self.pile;
        Some(match request {
            Request::Read | Request::Split | Request::Glued | Request::BadCrc => read(pile_code),
            Request::OtherPile => read(other_pile(pile_code)),
            Request::Unknown => return None,
            Request::ClockSet => {
                self.ahead = AHEAD;
                self.clock_sync(unix_ms)
            }
            Request::ClockBack => {
                self.ahead = Duration::ZERO;
                self.clock_sync(unix_ms)
            }
            Request::SetTariff => set_tariff(pile_code),
            Request::Start | Request::SecondStart => self.start(pile_code, 1, unix_ms),
            Request::StartOfOtherPile => self.start(other_pile(pile_code), 1, unix_ms),
            Request::StartAtNoConnector => {
                self.start(pile_code, self.connectors.saturating_add(1).min(CONNECTOR_MAX), unix_ms)
            }
            Request::Stop => {
                RemoteStopRequest { pile_code, connector_number: ConnectorNumber::bcd(1), ..Default::default() }.into()
            }
            Request::Lock => work(pile_code, WorkPermission::Locked),
            Request::Unlock => work(pile_code, WorkPermission::Allowed),
            Request::Balance => balance(pile_code, self.card),
            Request::WrongBalance => balance(pile_code, OTHER_CARD),
            Request::CardSync => {
                let card = OfflineCard { logical_card_number: LOGICAL_CARD, physical_card_number: self.card };
                OfflineCardSyncRequest { pile_code, card_count: 1, cards: vec![card], ..Default::default() }.into()
            }
            Request::CardClear => {
                let cards = vec![CardNumber { physical_card_number: self.card }];
                OfflineCardClearRequest { pile_code, card_count: 1, cards, ..Default::default() }.into()
            }
            Request::CardQuery => {
                let cards =
                    [self.card, OTHER_CARD].map(|physical_card_number| CardNumber { physical_card_number }).to_vec();
                OfflineCardQueryRequest { pile_code, card_count: 2, cards, ..Default::default() }.into()
            }
            Request::Reboot => RebootRequest { pile_code, execute_mode: ExecuteMode::Now, ..Default::default() }.into(),
        })
    }

    /// 0x56 with the exam's clock.
    pub(super) fn clock_sync(&self, unix_ms: u64) -> Message {
        let current_time = Cp56Time::new(CivilTime::in_china(self.clock(unix_ms)));
        ClockSyncRequest { pile_code: self.pile, current_time, ..Default::default() }.into()
    }

    fn start(&mut self, pile_code: PileCode, connector: u8, unix_ms: u64) -> Message {
        RemoteStartRequest {
            transaction_number: self.number(connector, unix_ms),
            pile_code,
            connector_number: ConnectorNumber::bcd(connector),
            logical_card_number: LOGICAL_CARD,
            physical_card_number: self.card,
            account_balance: Yuan::from_raw(BALANCE_FEN),
            ..Default::default()
        }
        .into()
    }
}

fn read(pile_code: PileCode) -> Message {
    RealtimeReadRequest { pile_code, connector_number: ConnectorNumber::bcd(1), ..Default::default() }.into()
}

fn work(pile_code: PileCode, work_permission: WorkPermission) -> Message {
    let max_power_percent = PowerPercent::from_raw(100);
    WorkParametersSetRequest { pile_code, work_permission, max_power_percent, ..Default::default() }.into()
}

fn balance(pile_code: PileCode, physical_card_number: PhysicalCardNumber) -> Message {
    BalanceUpdateRequest {
        pile_code,
        connector_number: ConnectorNumber::bcd(1),
        physical_card_number,
        new_balance: Yuan::from_raw(TOPPED_UP_FEN),
        ..Default::default()
    }
    .into()
}

/// A pile that is not there: the last digit is another one.
fn other_pile(pile: PileCode) -> PileCode {
    let PileCode([head @ .., last]) = pile;
    let mut other = [0; 7];
    let bytes = head.into_iter().chain([last ^ 0x01]);
    other.iter_mut().zip(bytes).for_each(|(byte, part)| *byte = part);
    PileCode(other)
}

/// The tariff that 0x0A brings.
pub(super) fn first_tariff() -> PileTariff {
    tariff(TariffId([0x01, 0x00]), [(120_000, 40_000), (100_000, 38_000), (70_000, 36_000), (30_000, 34_000)])
}

/// The tariff that 0x58 brings: other prices, another number.
fn second_tariff() -> PileTariff {
    tariff(TariffId([0x01, 0x01]), [(125_000, 41_000), (105_000, 39_000), (75_000, 37_000), (35_000, 33_000)])
}

/// Every half hour has another tier than its neighbours, so that energy under a wrong tier shows.
fn tariff(id: TariffId, rates: [(u32, u32); 4]) -> PileTariff {
    let price = YuanPerKwh::from_raw;
    let mut slots = TariffSlots::default();
    slots.0.iter_mut().zip((0..4).cycle()).for_each(|(slot, tier)| *slot = tier);
    let rates = rates.map(|(energy, service)| TierRates { energy: price(energy), service: price(service) });
    PileTariff { id, rates, loss_percent: 0, slots }
}

fn set_tariff(pile_code: PileCode) -> Message {
    let answer = second_tariff().to_response(pile_code);
    TariffSetRequest {
        pile_code,
        tariff_id: answer.tariff_id,
        sharp_energy_rate: answer.sharp_energy_rate,
        sharp_service_rate: answer.sharp_service_rate,
        peak_energy_rate: answer.peak_energy_rate,
        peak_service_rate: answer.peak_service_rate,
        flat_energy_rate: answer.flat_energy_rate,
        flat_service_rate: answer.flat_service_rate,
        valley_energy_rate: answer.valley_energy_rate,
        valley_service_rate: answer.valley_service_rate,
        loss_ratio: answer.loss_ratio,
        slots: answer.slots,
        ..Default::default()
    }
    .into()
}
