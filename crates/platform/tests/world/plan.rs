//! What a world begins with: operators, stations, piles, tariffs, accounts, cards and vehicles, made through the
//! platform's own register.

use serde_json::{Value, json};
use voltapile_platform::account::{Account, AccountStatus, EntryKind};
use voltapile_platform::business::{Business, BusinessError, PutTariff};
use voltapile_platform::card::{Card, CardStatus};
use voltapile_platform::identity::{AccountId, OperatorId, PileCode, StationId, TariffId};
use voltapile_platform::operator::Operator;
use voltapile_platform::pile::Pile;
use voltapile_platform::station::Station;
use voltapile_platform::tariff::TariffDraft;
use voltapile_platform::timestamp::Timestamp;
use voltapile_platform::unit::Balance;
use voltapile_platform::vehicle::Vehicle;

use crate::dice::Dice;

/// The middle of an MD5 that account holders type at piles.
pub(crate) const PASSWORD: &str = "0123456789abcdef";

/// What there is.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) operators: Vec<OperatorId>,
    /// Stations, each with its operator's place.
    pub(crate) stations: Vec<(StationId, usize)>,
    /// Piles: code, connectors, station's place.
    pub(crate) piles: Vec<(PileCode, u8, usize)>,
    /// Tariffs, each with its operator's place.
    pub(crate) tariffs: Vec<(TariffId, usize)>,
    /// Accounts: id, operator's place, number typed at piles.
    pub(crate) accounts: Vec<(AccountId, usize, String)>,
    /// Physical card numbers, with the account's place.
    pub(crate) cards: Vec<(String, usize)>,
    /// Vehicles, with the account's place.
    pub(crate) vehicles: Vec<(String, usize)>,
    /// Charges that a station carries.
    capacity: Option<u32>,
    /// Money the accounts begin with.
    funds: Vec<i64>,
}

impl Plan {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let operators: Vec<OperatorId> = (0..1 + dice.below(2)).map(|place| id(&format!("operator-{place}"))).collect();
        let mut stations = Vec::new();
        let mut tariffs = Vec::new();
        for operator in 0..operators.len() {
            tariffs.push((id(&format!("tariff-{operator}")), operator));
            for station in 0..1 + dice.below(2) {
                stations.push((id(&format!("station-{operator}-{station}")), operator));
            }
        }
        let pile = |place: usize, dice: &mut Dice| {
            let code = PileCode::new(&format!("320106000000{place:02}")).unwrap_or_else(|error| panic!("{error}"));
            (code, if dice.chance(600) { 2 } else { 1 }, dice.below(stations.len()))
        };
        let piles = (0..2 + dice.below(4)).map(|place| pile(place, dice)).collect();
        let accounts: Vec<(AccountId, usize, String)> = (0..2 + dice.below(4))
            .map(|place| (id(&format!("account-{place}")), dice.below(operators.len()), format!("1000{place}")))
            .collect();
        let owner = |dice: &mut Dice| dice.below(accounts.len());
        let cards =
            (0..3 + dice.below(4)).map(|place| (format!("{:016x}", 0xCA4D_0000 + place), owner(dice))).collect();
        let vehicles = (0..1 + dice.below(3)).map(|place| (format!("LSVAU2180N2{place:06}"), owner(dice))).collect();
        let funds = accounts.iter().map(|_| *dice.pick(&[0, 400, 3_000, 20_000, 90_000]).unwrap_or(&0)).collect();
        let capacity = dice.chance(200).then_some(2);
        Self { capacity, operators, stations, piles, tariffs, accounts, cards, vehicles, funds }
    }

    /// The units of work that bring it into the books.
    pub(crate) fn register(&self, business: &mut Business<'_>) -> Result<(), BusinessError> {
        let created_at = business.now;
        for operator in &self.operators {
            let name = operator.to_string();
            business.put_operator(Operator { id: operator.clone(), name, tcec_id: None, created_at })?;
        }
        for (tariff, operator) in &self.tariffs {
            let operator = Some(self.operators[*operator].clone());
            business.put_tariff(PutTariff { id: tariff.clone(), operator, draft: draft(1, None) })?;
        }
        for (station, operator) in &self.stations {
            business.put_station(Station {
                id: station.clone(),
                operator: Some(self.operators[*operator].clone()),
                name: station.to_string(),
                address: None,
                tariff: Some(self.tariffs[*operator].0.clone()),
                capacity: self.capacity,
                created_at,
            })?;
        }
        for (code, connector_count, station) in &self.piles {
            let station = Some(self.stations[*station].0.clone());
            business.put_pile(Pile {
                code: *code,
                operator: None,
                station,
                name: None,
                model: None,
                serial: None,
                profile: None,
                connector_count: *connector_count,
                tariff: None,
                enabled: true,
                power_limit: None,
                created_at,
            })?;
        }
        self.register_customers(business)
    }

    fn register_customers(&self, business: &mut Business<'_>) -> Result<(), BusinessError> {
        let created_at = business.now;
        for (account, operator, number) in &self.accounts {
            business.put_account(Account {
                id: account.clone(),
                operator: Some(self.operators[*operator].clone()),
                name: account.to_string(),
                number: Some(number.clone()),
                password_md5: Some(PASSWORD.to_owned()),
                balance: Balance::ZERO,
                reserved: Balance::ZERO,
                status: AccountStatus::Active,
                allowed_stations: None,
                created_at,
            })?;
        }
        for (place, (card, account)) in self.cards.iter().enumerate() {
            business.put_card(Card {
                physical_number: card.clone(),
                logical_number: format!("8800{place:04}"),
                account: self.accounts[*account].0.clone(),
                operator: None,
                status: CardStatus::Active,
                offline: place % 2 == 0,
                created_at,
            })?;
        }
        for (vin, account) in &self.vehicles {
            let account = self.accounts[*account].0.clone();
            business.put_vehicle(Vehicle {
                vin: vin.clone(),
                account,
                operator: None,
                name: None,
                enabled: true,
                created_at,
            })?;
        }
        Ok(())
    }

    /// The top-ups that accounts begin with.
    pub(crate) fn top_ups(&self) -> Vec<(AccountId, Balance, EntryKind)> {
        let funded = self.accounts.iter().zip(&self.funds).filter(|(_, fen)| **fen > 0);
        funded.map(|((account, ..), fen)| (account.clone(), Balance::from_steps(*fen), EntryKind::TopUp)).collect()
    }
}

/// A tariff with four tiers; each step makes it dearer. Every third day has one price for all.
pub(crate) fn draft(step: usize, effective_from: Option<Timestamp>) -> TariffDraft {
    let price = |base: usize| {
        let electricity = if step.is_multiple_of(3) { 60_000 } else { base + step * 1117 };
        json!({"electricity": format!("0.{:05}", electricity % 100_000), "service": "0.40000"})
    };
    let slots: Vec<&str> = (0..48).map(|slot| ["valley", "flat", "peak", "sharp"][slot / 3 % 4]).collect();
    let draft = json!({
        "number": Value::Null,
        "name": format!("prices {step}"),
        "prices": {"sharp": price(90_000), "peak": price(70_000), "flat": price(50_000), "valley": price(20_000)},
        "slots": slots,
        "loss_ratio": if step % 4 == 3 { 5 } else { 0 },
        "effective_from": effective_from,
    });
    serde_json::from_value(draft).unwrap_or_else(|error| panic!("{error}"))
}

fn id<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap_or_else(|error| panic!("{text}: {error:?}"))
}
