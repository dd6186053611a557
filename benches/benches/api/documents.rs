//! The documents around the orders.

use serde_json::json;
use sha2::{Digest, Sha256};
use voltapile_platform::account::{Account, AccountStatus, Entry, EntryKind};
use voltapile_platform::alarm::{Alarm, Severity};
use voltapile_platform::audit::AuditEntry;
use voltapile_platform::card::{Card, CardStatus};
use voltapile_platform::command::{Command, CommandAction, CommandState};
use voltapile_platform::identity::{AlarmId, AuditId, CommandId, ConnectorNumber, EntryId, TokenId};
use voltapile_platform::operator::Operator;
use voltapile_platform::order::OrderState;
use voltapile_platform::pile::{ConnectorState, ConnectorStatus, Pile, PileState};
use voltapile_platform::record::{
    RecordReading, Sold, StartSource, StartedBy, StopReason, TierUsage, TransactionRecord,
};
use voltapile_platform::station::Station;
use voltapile_platform::tariff::{Tariff, TariffVersion};
use voltapile_platform::unit::{Amount, Balance, Current, Energy, Power, Price, Voltage};
use voltapile_platform::user::{Role, Token};
use voltapile_platform::vehicle::Vehicle;
use voltapile_server::store::{NewRecord, Sample};

use crate::Failure;
use crate::world::{
    ACCOUNTS, Dice, STATIONS, TARIFFS_EACH, World, account_id, card_number, model_of, operator_id, operator_of,
    pile_code, station_id, station_name, tariff_id, vin,
};

/// One record of so many can't be read.
const UNREADABLE_EVERY: u64 = 1000;
/// Samples of an order.
const SAMPLES: u64 = 45;

/// The token of an operator.
pub(crate) fn token_text(operator: u64) -> String {
    format!("vp_{operator:064x}")
}

impl World {
    pub(crate) fn operator(&self, operator: u64) -> Result<Operator, Failure> {
        let (id, name) = (operator_id(operator)?, format!("浙江充电运营 {operator:02}"));
        Ok(Operator { id, name, tcec_id: Some(format!("MA{operator:07}")), created_at: self.days_ago(800) })
    }

    pub(crate) fn token(&self, number: u64) -> Result<Token, Failure> {
        let operator = number - 1;
        let digest = Sha256::digest(token_text(operator).as_bytes());
        Ok(Token {
            id: TokenId(number),
            name: "console".to_owned(),
            hash: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
            operator: Some(operator_id(operator)?),
            scopes: Role::Admin.scopes().to_vec(),
            user: None,
            expires_at: None,
            created_at: self.days_ago(700),
        })
    }

    pub(crate) fn station(&self, station: u64) -> Result<Station, Failure> {
        let operator = operator_of(station);
        Ok(Station {
            id: station_id(station)?,
            operator: Some(operator_id(operator)?),
            name: station_name(station),
            address: Some(format!("文三路{station}号")),
            tariff: Some(tariff_id(operator * TARIFFS_EACH + station % TARIFFS_EACH)?),
            capacity: None,
            created_at: self.days_ago(790),
        })
    }

    pub(crate) fn tariff(&self, tariff: u64) -> Result<Tariff, Failure> {
        Ok(Tariff {
            id: tariff_id(tariff)?,
            operator: Some(operator_id(tariff / TARIFFS_EACH)?),
            name: self.terms(tariff)?.name().to_owned(),
            latest_version: 1,
            created_at: self.days_ago(790),
            updated_at: self.days_ago(790),
        })
    }

    pub(crate) fn tariff_version(&self, tariff: u64) -> Result<TariffVersion, Failure> {
        let terms = self.terms(tariff)?;
        Ok(TariffVersion {
            tariff: tariff_id(tariff)?,
            operator: Some(operator_id(tariff / TARIFFS_EACH)?),
            version: 1,
            number: terms.number(),
            terms: terms.clone(),
            effective_from: self.days_ago(790),
            upcoming: false,
            used_at: Some(self.days_ago(780)),
            created_at: self.days_ago(790),
        })
    }

    pub(crate) fn pile(&self, pile: u64) -> Result<Pile, Failure> {
        let station = self.station_of(pile);
        let (model, power, connector_count) = model_of(pile);
        let mut made = Pile::new(pile_code(pile)?, self.days_ago(i64::try_from(730 - pile * 700 / self.piles)?));
        made.operator = Some(operator_id(operator_of(station))?);
        made.station = Some(station_id(station)?);
        made.name = Some(format!("{}{:03}号桩", station_name(station), pile - self.piles_of(station).start + 1));
        made.model = Some(model.to_owned());
        made.serial = Some(format!("SN{pile:010}"));
        made.connector_count = connector_count;
        if pile % 20 == 7 {
            made.tariff = Some(tariff_id(operator_of(station) * TARIFFS_EACH)?);
        }
        made.enabled = pile % 50 != 3;
        made.power_limit = Some(Power::from_steps(power * 10));
        Ok(made)
    }

    /// What a pile said last: one of 30 charges, some are out of order, most are free.
    pub(crate) fn pile_state(&self, pile: u64) -> Result<PileState, Failure> {
        let mut dice = Dice::of(10, pile);
        let station = self.station_of(pile);
        let mut state = PileState::new(pile_code(pile)?, Some(operator_id(operator_of(station))?));
        let charges = self.runs_at(pile);
        for number in 1..=model_of(pile).2 {
            let said = match dice.roll(100) {
                _ if charges && number == 1 => ConnectorState::Charging,
                0 => ConnectorState::Fault,
                1..6 => ConnectorState::IdlePlugged,
                6..16 => ConnectorState::Offline,
                _ => ConnectorState::IdleUnplugged,
            };
            let since = self.now.plus_seconds(-i64::try_from(dice.roll(86_400))?);
            let number = ConnectorNumber(number);
            state.connectors.push(ConnectorStatus { number, state: said, since, parking_lock: None });
        }
        let tariff = operator_of(station) * TARIFFS_EACH + station % TARIFFS_EACH;
        state.running_tariff = Some(self.terms(tariff)?.number());
        state.running_tariff_at = Some(self.days_ago(30));
        state.iccid = Some(format!("8986{pile:016}"));
        state.firmware_version = Some(format!("V{}.{}", 1 + pile % 4, pile % 10));
        state.work_allowed = Some(true);
        state.power_percent = Some(100);
        Ok(state)
    }

    pub(crate) fn account(&self, account: u64) -> Result<Account, Failure> {
        let mut dice = Dice::of(11, account);
        let surname = dice.pick(&["李", "王", "张", "刘", "陈", "杨"]).unwrap_or_default();
        Ok(Account {
            id: account_id(account)?,
            operator: Some(operator_id(operator_of(account * STATIONS / ACCOUNTS))?),
            name: format!("{surname}先生{account:05}"),
            number: (account.is_multiple_of(10)).then(|| format!("{:010}", 1_000_000 + account)),
            password_md5: None,
            balance: Balance::from_steps(i64::try_from(dice.roll(100_000))?),
            reserved: Balance::ZERO,
            status: if dice.roll(100) == 0 { AccountStatus::Frozen } else { AccountStatus::Active },
            allowed_stations: None,
            created_at: self.days_ago(i64::try_from(dice.roll(730))?),
        })
    }

    pub(crate) fn card(&self, account: u64) -> Result<Card, Failure> {
        Ok(Card {
            physical_number: card_number(account),
            logical_number: format!("{:016}", 8_800_000_000 + account),
            account: account_id(account)?,
            operator: Some(operator_id(operator_of(account * STATIONS / ACCOUNTS))?),
            status: if account.is_multiple_of(70) { CardStatus::Frozen } else { CardStatus::Active },
            offline: account.is_multiple_of(10),
            created_at: self.days_ago(i64::try_from(account % 730)?),
        })
    }

    pub(crate) fn vehicle(&self, account: u64) -> Result<Vehicle, Failure> {
        Ok(Vehicle {
            vin: vin(account),
            account: account_id(account)?,
            operator: Some(operator_id(operator_of(account * STATIONS / ACCOUNTS))?),
            name: Some(format!("浙A{account:05}")),
            enabled: true,
            created_at: self.days_ago(i64::try_from(account % 730)?),
        })
    }

    /// What an order did to its account, as an entry of a number.
    pub(crate) fn entry(&self, number: u64, order: u64) -> Result<Entry, Failure> {
        let order = self.order(order)?;
        let charged = order.charged.unwrap_or_default();
        Ok(Entry {
            id: EntryId(number),
            account: order.account.ok_or("an order that nobody pays")?,
            operator: order.operator,
            kind: EntryKind::Charge,
            order: Some(order.id),
            amount: Balance::from_steps(-charged.steps()),
            balance: Balance::from_steps(20_000 - charged.steps()),
            reserved: Balance::ZERO,
            note: None,
            at: order.ended_at.unwrap_or(order.created_at),
        })
    }

    /// A command of `all`; of each 200 one waits for its pile, which is away.
    pub(crate) fn command(&self, number: u64, all: u64) -> Result<Command, Failure> {
        let mut dice = Dice::of(12, number);
        let pile = dice.roll(self.piles);
        let created_at = self.now.plus_seconds(-i64::try_from((all - number) * 60)?);
        let (action, request) = match dice.roll(3) {
            0 => ("sync_clock", CommandAction::SyncClock),
            1 => ("read_sim_number", CommandAction::ReadSimNumber),
            _ => ("set_work_parameters", CommandAction::SetWorkParameters { enabled: true, power_percent: 80 }),
        };
        let state = match number % 200 {
            0 => CommandState::Queued,
            1..10 => CommandState::TimedOut,
            10..20 => CommandState::Refused,
            _ => CommandState::Succeeded,
        };
        let (code, ended) = (pile_code(pile)?, state.is_end());
        Ok(Command {
            id: CommandId(number),
            operator: Some(operator_id(operator_of(self.station_of(pile)))?),
            pile: code,
            action: action.to_owned(),
            request,
            state,
            open_pile: (!ended).then_some(code),
            keep_until: (!ended).then_some(self.now.plus_seconds(10 * 365 * 86_400)),
            attempts: u8::from(ended),
            order: None,
            key: None,
            reason: (state == CommandState::Refused).then(|| "pile_refused".to_owned()),
            answer: serde_json::Value::Null,
            created_by: Some("user:wang".to_owned()),
            created_at,
            sent_at: ended.then_some(created_at),
            ended_at: ended.then_some(created_at.plus_seconds(2)),
        })
    }

    /// An alarm of `all`; one of each 100 is open.
    pub(crate) fn alarm(&self, number: u64, all: u64) -> Result<Alarm, Failure> {
        let mut dice = Dice::of(13, number);
        let pile = dice.roll(self.piles);
        let codes = [
            ("hardware.emergency_stop", Severity::Critical),
            ("hardware.meter_fault", Severity::Warning),
            ("bms.over_temperature", Severity::Critical),
            ("pile.taken_over", Severity::Notice),
        ];
        let (code, severity) = dice.pick(&codes).ok_or("no codes")?;
        let (pile_code, connector, open) = (pile_code(pile)?, ConnectorNumber(1), number.is_multiple_of(100));
        let opened_at = self.now.plus_seconds(-i64::try_from((all - number) * 2000)?);
        Ok(Alarm {
            id: AlarmId(number),
            operator: Some(operator_id(operator_of(self.station_of(pile)))?),
            pile: pile_code,
            connector,
            code: code.to_owned(),
            severity,
            order: None,
            detail: None,
            // Two that are open may be of one pile.
            open_key: open.then(|| format!("{pile_code}/{connector}/{code}/{number}")),
            open_pile: open.then_some(pile_code),
            opened_at,
            closed_at: (!open).then_some(opened_at.plus_seconds(600)),
            acknowledged_by: None,
        })
    }

    pub(crate) fn audit(&self, number: u64, all: u64) -> Result<AuditEntry, Failure> {
        let pile = Dice::of(14, number).roll(self.piles);
        Ok(AuditEntry {
            id: AuditId(number),
            at: self.now.plus_seconds(-i64::try_from((all - number) * 1800)?),
            actor: format!("user:{}", if number.is_multiple_of(3) { "wang" } else { "li" }),
            operator: Some(operator_id(operator_of(self.station_of(pile)))?),
            action: "pile.put".to_owned(),
            resource: format!("piles/{}", pile_code(pile)?),
            detail: json!({"name": format!("{}号桩", pile % 200), "enabled": true}),
            key: None,
            digest: None,
            made: Vec::new(),
        })
    }

    /// The bill that a pile sent for an order; `None` for an order that was never charged.
    pub(crate) fn record(&self, number: u64) -> Result<Option<NewRecord>, Failure> {
        let order = self.order(number)?;
        let (Some(settlement), OrderState::Settled | OrderState::Abnormal) = (order.settlement, order.state) else {
            return Ok(None);
        };
        let ended_at = order.ended_at.unwrap_or(order.created_at);
        let bill = settlement.ours.ok_or("a bill without ours")?;
        let usage = bill.tiers.map(|tier| TierUsage {
            unit_price: Price::from_steps(100_000),
            energy: tier.energy,
            energy_with_loss: tier.energy,
            amount: tier.total,
        });
        let meter_start = Energy::from_steps(10_000 * number);
        let parsed = TransactionRecord {
            transaction_number: order.transaction_number,
            pile_code: order.pile,
            connector: order.connector,
            started_at: order.started_at,
            ended_at: Some(ended_at),
            transacted_at: Some(ended_at),
            sold: Sold::Tiers(usage),
            other_form: false,
            meter_start,
            meter_stop: meter_start.checked_add(order.progress.energy).ok_or("a meter ran over")?,
            energy: order.progress.energy,
            energy_with_loss: order.progress.energy_with_loss,
            amount: settlement.pile_amount,
            vin: order.vin,
            start_source: match order.card {
                Some(_) => StartSource::new(StartedBy::Card, 2),
                None => StartSource::new(StartedBy::App, 1),
            },
            stop_reason: StopReason::new(order.stop_code.unwrap_or_default(), None),
            physical_card: order.card.unwrap_or_else(|| "0000000000000000".to_owned()),
            soc_start: None,
            soc_end: None,
        };
        let unreadable = number.is_multiple_of(UNREADABLE_EVERY);
        let reason = || "the body ends before the meter's reading".to_owned();
        let mut dice = Dice::of(15, number);
        Ok(Some(NewRecord {
            received_at: ended_at.plus_seconds(2),
            pile_code: order.pile,
            connector: order.connector,
            transaction_number: order.transaction_number,
            protocol: "ykc",
            frame_type: 0x3B,
            raw: (0..162).map(|_| u8::try_from(dice.roll(256)).unwrap_or(0)).collect(),
            reading: match unreadable {
                true => RecordReading::Unreadable { reason: reason() },
                false => RecordReading::Parsed(Box::new(parsed)),
            },
        }))
    }

    /// What was measured during an order.
    pub(crate) fn samples(&self, number: u64) -> Result<Vec<Sample>, Failure> {
        let order = self.order(number)?;
        let sample = |minute: u64| -> Result<Sample, Failure> {
            let share = |steps: u64| steps * (minute + 1) / SAMPLES;
            Ok(Sample {
                order: order.id,
                at: order.created_at.plus_seconds(i64::try_from(60 * minute)?),
                voltage: Voltage::from_steps(6000),
                current: Current::from_steps(1000),
                power_w: 60_000,
                soc: u8::try_from(30 + minute)?,
                temperature: Some(31),
                energy: Energy::from_steps(share(order.progress.energy.steps())),
                amount: Amount::from_steps(i64::try_from(share(u64::try_from(order.progress.amount.steps())?))?),
            })
        };
        (0..SAMPLES).map(sample).collect()
    }
}
