//! What is in the database, made from numbers: the same number always makes the same thing, so that who asks knows what
//! is there without looking.

use std::ops::Range;

use voltapile_platform::identity::{AccountId, ConnectorNumber, OperatorId, OrderId, PileCode, StationId, TariffId};
use voltapile_platform::order::number::transaction_number;
use voltapile_platform::order::{AbnormalReason, Evidence, Order, OrderState, Origin, Place, Progress, connector_key};
use voltapile_platform::settlement::{Difference, DifferenceKind, Settlement, Verdict, bill};
use voltapile_platform::tariff::{
    HALF_HOURS_PER_DAY, PerTier, Schedule, TariffNumber, TariffRef, TariffTerms, Tier, TierPrice,
};
use voltapile_platform::timestamp::Timestamp;
use voltapile_platform::unit::{Amount, Balance, Energy, Price};

use crate::Failure;

/// Operators: the first has three stations of ten, the last has one.
pub(crate) const OPERATORS: u64 = 20;
/// Stations.
pub(crate) const STATIONS: u64 = 500;
/// Accounts, the same number of each station's regular customers.
pub(crate) const ACCOUNTS: u64 = 50_000;
/// Tariffs of each operator.
pub(crate) const TARIFFS_EACH: u64 = 3;
/// Charges that run now.
const RUNNING: u64 = 3000;
/// How long orders have been made.
const SPAN_MS: i64 = 2 * 365 * DAY_MS;
/// For how long the charges that run now have been running at most.
const RUNNING_MS: i64 = 90 * 60 * 1000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const CITIES: [&str; 10] = ["杭州", "宁波", "温州", "嘉兴", "湖州", "绍兴", "金华", "衢州", "舟山", "台州"];

/// Numbers that look like chance and are not.
pub(crate) struct Dice(u64);

impl Dice {
    /// For one thing of many; `what` tells kinds of things apart.
    pub(crate) fn of(what: u64, number: u64) -> Self {
        Self(what.wrapping_mul(0xD1B5_4A32_D192_ED03) ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// A number below another (SplitMix64).
    pub(crate) fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % below.max(1)
    }

    /// One of some.
    pub(crate) fn pick<T: Copy>(&mut self, some: &[T]) -> Option<T> {
        let index = self.roll(some.len() as u64);
        some.get(usize::try_from(index).ok()?).copied()
    }
}

/// A platform of a size, at a moment.
#[derive(Debug)]
pub(crate) struct World {
    /// How many piles.
    pub(crate) piles: u64,
    /// How many orders.
    pub(crate) orders: u64,
    /// When it was filled.
    pub(crate) now: Timestamp,
    terms: Vec<TariffTerms>,
}

/// Where an order was, and whose it is; all by number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot {
    pub(crate) operator: u64,
    pub(crate) station: u64,
    pub(crate) pile: u64,
    pub(crate) account: u64,
}

impl World {
    pub(crate) fn new(piles: u64, orders: u64, now: Timestamp) -> Result<Self, Failure> {
        let terms = (0..OPERATORS * TARIFFS_EACH).map(terms).collect::<Result<_, _>>()?;
        Ok(Self { piles, orders, now, terms })
    }

    /// Charges that run now: the newest orders.
    pub(crate) fn running(&self) -> u64 {
        RUNNING.min(self.orders / 10).min(self.piles)
    }

    /// Whether a charge runs at a pile.
    pub(crate) fn runs_at(&self, pile: u64) -> bool {
        let first = (pile * self.running()).div_ceil(self.piles);
        first < self.running() && first * self.piles / self.running() == pile
    }

    /// The newest order that does not run.
    pub(crate) fn last_ended(&self) -> u64 {
        self.orders - self.running()
    }

    /// The station of a pile.
    pub(crate) fn station_of(&self, pile: u64) -> u64 {
        pile * STATIONS / self.piles
    }

    /// The piles of a station.
    pub(crate) fn piles_of(&self, station: u64) -> Range<u64> {
        (station * self.piles).div_ceil(STATIONS)..((station + 1) * self.piles).div_ceil(STATIONS)
    }

    /// The terms of a tariff.
    pub(crate) fn terms(&self, tariff: u64) -> Result<&TariffTerms, Failure> {
        Ok(self.terms.get(usize::try_from(tariff)?).ok_or("there is no such tariff")?)
    }

    /// Where an order was. Some piles of a station and some of its customers are seen more often than others.
    pub(crate) fn spot(&self, order: u64) -> Spot {
        let mut dice = Dice::of(1, order);
        let pile = match order.checked_sub(self.last_ended() + 1) {
            // No two at one pile.
            Some(running) => running * self.piles / self.running(),
            None => {
                let piles = self.piles_of(dice.roll(STATIONS));
                let (all, nearness) = (piles.end - piles.start, dice.roll(1000));
                let near = nearness * nearness * all / 1_000_000;
                piles.start + if dice.roll(2) == 0 { near } else { dice.roll(all) }
            }
        };
        let station = self.station_of(pile);
        let regulars = ACCOUNTS / STATIONS;
        let fleet = dice.roll(5) == 0;
        let account = station * regulars + if fleet { 0 } else { dice.roll(regulars) };
        Spot { operator: operator_of(station), station, pile, account }
    }

    /// An order of some stations.
    pub(crate) fn order_of(&self, dice: &mut Dice, stations: &Range<u64>, running: bool) -> u64 {
        let orders = if running { self.last_ended() + 1..self.orders + 1 } else { 1..self.last_ended() + 1 };
        let mut found = orders.start;
        for _ in 0..100_000 {
            found = orders.start + dice.roll(orders.end - orders.start);
            if stations.contains(&self.spot(found).station) {
                break;
            }
        }
        found
    }

    /// When an order was made: they are numbered in that order.
    pub(crate) fn created_at(&self, order: u64) -> Timestamp {
        let ago = |part: u64, of: u64, span: i64| {
            let share = i128::from(span) * i128::from(of - part) / i128::from(of.max(1));
            i64::try_from(share).unwrap_or(0)
        };
        let ago = match order.checked_sub(self.last_ended()) {
            Some(running @ 1..) => ago(running - 1, self.running(), RUNNING_MS),
            _ => RUNNING_MS + ago(order, self.last_ended(), SPAN_MS),
        };
        Timestamp::from_unix_ms(self.now.unix_ms() - ago)
    }

    /// A moment so many days ago.
    pub(crate) fn days_ago(&self, days: i64) -> Timestamp {
        self.now.plus_seconds(-days * DAY_MS / 1000)
    }

    /// An order.
    pub(crate) fn order(&self, number: u64) -> Result<Order, Failure> {
        let mut dice = Dice::of(2, number);
        let spot = self.spot(number);
        let pile = pile_code(spot.pile)?;
        let running = number > self.last_ended();
        let connectors = if running { 1 } else { model_of(spot.pile).2 };
        let connector = ConnectorNumber(1 + u8::try_from(dice.roll(connectors.into()))?);
        let place = Place {
            operator: Some(operator_id(spot.operator)?),
            station: Some(station_id(spot.station)?),
            pile,
            connector,
        };
        let created_at = self.created_at(number);
        let transaction = transaction_number(pile, connector, created_at, 8, OrderId(number));
        let (origin, card, vin) = match dice.roll(100) {
            0..60 => (Origin::Remote, None, None),
            60..90 if has_card(spot.account) => (Origin::Card, Some(card_number(spot.account)), None),
            60..90 if has_vehicle(spot.account) => (Origin::Vin, None, Some(vin(spot.account))),
            _ => (Origin::Account, None, None),
        };
        let tariff = spot.operator * TARIFFS_EACH + spot.station % TARIFFS_EACH;
        let mut order = Order::new(OrderId(number), place, transaction, origin, created_at);
        (order.open_on, order.open_pile) = (None, None);
        order.account = Some(account_id(spot.account)?);
        order.card = card;
        order.vin = vin;
        order.tariff = Some(TariffRef { tariff: tariff_id(tariff)?, version: 1 });
        order.created_by = (origin == Origin::Remote).then(|| format!("token:{}", 1 + spot.operator));
        order.confirmed = true;
        order.limit = Some(Balance::from_steps(50_000));
        let state = match dice.roll(10_000) {
            _ if running => OrderState::Charging,
            0..150 => OrderState::Failed,
            150..165 => OrderState::Abnormal,
            _ => OrderState::Settled,
        };
        order.state = state;
        if state == OrderState::Failed {
            order.failure = dice.pick(&["not_plugged", "fault", "start_not_confirmed"]).map(str::to_owned);
            order.ended_at = Some(created_at.plus_seconds(90));
            return Ok(order);
        }
        order.started_at = Some(created_at.plus_seconds(20));
        if !state.is_end() {
            order.open_pile = Some(pile);
            order.open_account.clone_from(&order.account);
            order.reserved = Balance::from_steps(50_000);
        }
        let minutes = 15 + dice.roll(75);
        let energy = minutes * (2000 + dice.roll(8000));
        let amount = self.deliver(&mut order, tariff, minutes, energy)?;
        match state {
            OrderState::Charging => order.open_on = Some(connector_key(pile, connector)),
            _ => self.end(&mut order, &mut dice, tariff, amount)?,
        }
        Ok(order)
    }

    /// What a charge came to, by the pile's word.
    fn deliver(&self, order: &mut Order, tariff: u64, minutes: u64, energy: u64) -> Result<Amount, Failure> {
        let amount = bill(self.terms(tariff)?, &energies(energy)).total;
        order.progress = Progress {
            at: Some(order.created_at.plus_seconds(i64::try_from(minutes * 60)?)),
            energy: Energy::from_steps(energy),
            energy_with_loss: Energy::from_steps(energy),
            amount,
            soc: u8::try_from(40 + minutes % 60)?,
            minutes: u16::try_from(minutes)?,
        };
        Ok(amount)
    }

    /// Ends a charge: by a bill, or by one that a person must look at.
    fn end(&self, order: &mut Order, dice: &mut Dice, tariff: u64, amount: Amount) -> Result<(), Failure> {
        let ended_at = order.progress.at.unwrap_or(order.created_at);
        order.ended_at = Some(ended_at);
        order.end_reason = dice.pick(&["full", "card", "remote", "balance"]).map(str::to_owned);
        order.stop_code = Some(u32::try_from(0x40 + dice.roll(6))?);
        order.record = Some(i64::try_from(order.id.0)?);
        let pile_amount = match dice.roll(10) {
            0 => Amount::from_steps(amount.steps() + 37),
            _ => amount,
        };
        let settled = order.state == OrderState::Settled;
        let difference = |beyond_tolerance| Difference {
            what: DifferenceKind::Total,
            tier: None,
            pile: format!("{pile_amount} yuan"),
            ours: format!("{amount} yuan"),
            beyond_tolerance,
        };
        let differences = if !settled || pile_amount != amount { vec![difference(!settled)] } else { Vec::new() };
        order.settlement = Some(Settlement {
            ours: Some(bill(self.terms(tariff)?, &energies(order.progress.energy.steps()))),
            pile_amount,
            pile_energy: order.progress.energy_with_loss,
            differences,
            verdict: if settled { Verdict::Pile } else { Verdict::Hold },
            matched_by: Vec::new(),
        });
        if settled {
            order.reserved = Balance::ZERO;
            order.charged = Some(pile_amount.to_balance_half_away_from_zero());
            order.settled_at = Some(ended_at.plus_seconds(4));
        } else {
            order.abnormal_reason = dice.pick(&AbnormalReason::ALL);
            let detail = format!("the pile says {pile_amount} yuan");
            order.evidence = vec![Evidence { at: ended_at, what: "bill_differs".to_owned(), detail }];
        }
        Ok(())
    }
}

/// Whose station it is.
pub(crate) const fn operator_of(station: u64) -> u64 {
    match station {
        0..150 => 0,
        150..250 => 1,
        250..310 => 2,
        310..499 => 3 + (station - 310) * 16 / 189,
        _ => 19,
    }
}

/// The stations of an operator.
pub(crate) fn stations_of(operator: u64) -> Range<u64> {
    let first = (0..STATIONS).find(|station| operator_of(*station) == operator).unwrap_or(0);
    let behind = (first..STATIONS).find(|station| operator_of(*station) != operator).unwrap_or(STATIONS);
    first..behind
}

pub(crate) fn operator_id(operator: u64) -> Result<OperatorId, Failure> {
    Ok(format!("operator-{operator:02}").parse()?)
}

pub(crate) fn station_id(station: u64) -> Result<StationId, Failure> {
    Ok(format!("station-{station:03}").parse()?)
}

pub(crate) fn station_name(station: u64) -> String {
    let city = CITIES.get(usize::try_from(station % 10).unwrap_or(0)).copied().unwrap_or_default();
    format!("{city}{:02}号充电站", station / 10)
}

pub(crate) fn account_id(account: u64) -> Result<AccountId, Failure> {
    Ok(format!("account-{account:05}").parse()?)
}

pub(crate) fn tariff_id(tariff: u64) -> Result<TariffId, Failure> {
    Ok(format!("tariff-{tariff:02}").parse()?)
}

pub(crate) fn pile_code(pile: u64) -> Result<PileCode, Failure> {
    Ok(PileCode::new(&pile_text(pile))?)
}

pub(crate) fn pile_text(pile: u64) -> String {
    format!("3301{pile:010}")
}

/// A pile's model, its power in kW, and its connectors.
pub(crate) const fn model_of(pile: u64) -> (&'static str, u16, u8) {
    match pile % 4 {
        0 => ("AC-7", 7, 1),
        1 => ("DC-60", 60, 2),
        2 => ("DC-120", 120, 2),
        _ => ("DC-240", 240, 2),
    }
}

/// Whether an account has a card.
pub(crate) const fn has_card(account: u64) -> bool {
    account % 5 < 3
}

/// Whether an account has a vehicle that charges by being plugged in.
pub(crate) const fn has_vehicle(account: u64) -> bool {
    account % 5 == 4
}

/// A card's physical number.
pub(crate) fn card_number(account: u64) -> String {
    format!("{:016x}", Dice::of(3, account).roll(u64::MAX))
}

pub(crate) fn vin(account: u64) -> String {
    format!("LSVAA4182E{account:07}")
}

/// Energy by tier: more at night.
pub(crate) fn energies(energy: u64) -> PerTier<Energy> {
    let [sharp, peak, flat] = [energy / 10, energy / 5, energy / 4];
    let steps = PerTier { sharp, peak, flat, valley: energy - sharp - peak - flat };
    steps.map(Energy::from_steps)
}

fn terms(tariff: u64) -> Result<TariffTerms, Failure> {
    let dearer = u32::try_from(tariff)? * 500;
    let price = |electricity| TierPrice {
        electricity: Price::from_steps(electricity + dearer),
        service: Price::from_steps(40_000),
    };
    let prices = PerTier { sharp: price(120_000), peak: price(95_000), flat: price(65_000), valley: price(32_000) };
    let mut slots = [Tier::Flat; HALF_HOURS_PER_DAY];
    for (half_hour, slot) in slots.iter_mut().enumerate() {
        *slot = match half_hour {
            0..16 => Tier::Valley,
            16..22 | 36..40 => Tier::Peak,
            38..44 => Tier::Sharp,
            _ => Tier::Flat,
        };
    }
    let number = TariffNumber(u16::try_from(tariff + 1)?.to_be_bytes());
    Ok(TariffTerms::new(number, &format!("峰谷电价 {tariff:02}"), prices, Schedule::from_slots(slots), 0)?)
}
