//! Starting a charge through the API, and what piles answer to starts.

use super::command::NewCommand;
use super::facts::{Identified, Opening};
use super::{Business, BusinessError, Refusal};
use crate::account::Account;
use crate::authorization::{Password, Payer, StartFacts, StartMethod, StartRefusal, decide_start};
use crate::command::{ChargeLimit, CommandAction, CommandResult, StartOptions};
use crate::identity::{AccountId, ConnectorNumber, OrderId, PileCode, TransactionNumber};
use crate::order::machine::Input;
use crate::order::number::{wall_clock, wire_card};
use crate::order::{Order, OrderState, Origin, ParallelRole};
use crate::pile::Pile;
use crate::unit::Balance;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartOrder {
    /// The pile.
    pub pile: PileCode,
    /// The connector; of a parallel charge the main one.
    pub connector: ConnectorNumber,
    /// The auxiliary connector of a parallel charge.
    pub parallel_with: Option<ConnectorNumber>,
    /// Who pays; `None` when whoever asks takes the money elsewhere.
    pub account: Option<AccountId>,
    /// The most it may cost, both connectors together; the settings' cap where that is less or none is given.
    pub limit: Option<Balance>,
    /// What else is asked for.
    pub options: StartOptions,
    /// Who asks.
    pub by: String,
}

/// Seconds ahead that a charge may be asked for: a week. Money is set aside all that time.
const AHEAD_MAX_S: i64 = 7 * 24 * 3600;

impl Business<'_> {
    /// Starts a charge: makes an order per connector, the main one first, sets money aside and tells the pile. A
    /// parallel charge shares its limit between its connectors, and all of it starts or none.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] without the pile or account; [`Refusal::Invalid`] when a connector or the limit can't be;
    /// [`Refusal::Conflict`] when it may not start: `pile_offline`, `pile_out_of_service`, `no_tariff`,
    /// `connector_busy`, `account_frozen`, `account_unsettled`, `not_allowed_here`, `balance_too_low`,
    /// `station_capacity`.
    pub fn start_order(&mut self, start: StartOrder) -> Result<Vec<Order>, BusinessError> {
        let pile = self.pile_to_start(&start)?;
        let payer = match &start.account {
            Some(account) => Some(self.remote_payer(account)?),
            None => None,
        };
        let connectors: Vec<ConnectorNumber> =
            [Some(start.connector), start.parallel_with].into_iter().flatten().collect();
        for connector in &connectors {
            let facts = self.remote_facts(&pile, *connector, payer.as_ref(), connectors.len())?;
            decide_start(&facts).map_err(|refusal| told(refusal, &facts, *connector))?;
        }
        let tariff = self.tariff_of_start(&pile)?.map(|version| version.reference());
        let cap = [start.limit, start.options.amount()].into_iter().flatten().fold(self.rules.order_cap, Balance::min);
        let spend = payer.as_ref().map_or(cap, |payer| cap.min(super::money::available(&payer.account)));
        let session = wall_clock(self.now, self.rules.zone_hours);
        let mut group = start.parallel_with.map(|_| format!("{}/{session}/", pile.code));
        let mut orders = Vec::new();
        for (index, connector) in connectors.iter().enumerate() {
            let role = if index == 0 { ParallelRole::Main } else { ParallelRole::Auxiliary };
            let opening = Opening {
                pile: &pile,
                connector: *connector,
                origin: Origin::Remote,
                payer: payer.as_ref(),
                tariff: tariff.clone(),
                cap: share(cap, index, connectors.len()),
                reserve: share(spend, index, connectors.len()),
                group: group.clone().map(|group| (group, role)),
                options: &start.options,
                card_word: None,
                by: Some(start.by.clone()),
            };
            let order = self.open_order(opening)?;
            group.clone_from(&order.group);
            orders.push(order);
        }
        for order in &orders {
            self.send_start(order, &start.options, &session, &start.by)?;
        }
        Ok(orders)
    }

    /// Takes a pile's answer to a start (0x33, 0xA3), also the second one of a pile that waited for the plug. `result`
    /// is why not, in a stable word: `not_plugged`, `already_charging`, … An answer without a number is for the order
    /// that holds the connector; one for no order changes nothing.
    ///
    /// # Errors
    /// When the books fail.
    pub fn start_answered(
        &mut self,
        pile: PileCode,
        connector: ConnectorNumber,
        transaction_number: TransactionNumber,
        result: Result<(), String>,
    ) -> Result<(), BusinessError> {
        let order = if transaction_number.is_zero() {
            self.holder(pile, connector)?.filter(|order| order.state == OrderState::Starting)
        } else {
            self.order_numbered(pile, transaction_number)?
        };
        let Some(order) = order else { return Ok(()) };
        let input = match result {
            Ok(()) => Input::StartConfirmed,
            Err(reason) => Input::StartRefused { reason },
        };
        self.drive(order, &input)?;
        Ok(())
    }

    /// Takes that an order's start command ended without the pile's answer: silence, a connection that ended, a protocol
    /// that has no such command, or a command taken back before it was sent.
    ///
    /// # Errors
    /// When the books fail.
    pub fn start_unanswered(&mut self, order: OrderId, result: &CommandResult) -> Result<(), BusinessError> {
        let (told, detail) = match result {
            CommandResult::Succeeded(_) | CommandResult::Refused(..) => return Ok(()),
            CommandResult::TimedOut => (true, "the pile did not answer the start".to_owned()),
            // It may have been sent just before the connection ended: rule 1's time decides.
            CommandResult::PileAway => (true, "the pile went away before it answered the start".to_owned()),
            CommandResult::Impossible(reason) => (false, format!("the start was given up: {reason}")),
        };
        let Some(order) = self.books.get::<Order>(&order)? else { return Ok(()) };
        self.drive(order, &Input::StartUnanswered { told, detail })?;
        Ok(())
    }

    fn pile_to_start(&mut self, start: &StartOrder) -> Result<Pile, BusinessError> {
        let invalid = |field, detail: String| Err(Refusal::Invalid { field, detail }.into());
        let pile: Option<Pile> = self.books.get(&start.pile)?;
        let pile = pile.ok_or_else(|| Refusal::NotFound { what: "pile", key: start.pile.to_string() })?;
        let is_there = |connector: ConnectorNumber| {
            connector.0 > 0 && (pile.connector_count == 0 || connector.0 <= pile.connector_count)
        };
        if !is_there(start.connector) {
            return invalid("connector", format!("the pile has no connector {}", start.connector));
        }
        if start.parallel_with.is_some_and(|connector| !is_there(connector) || connector == start.connector) {
            return invalid("parallel_with", "names another connector of the same pile".to_owned());
        }
        if start.limit.is_some_and(|limit| limit <= Balance::ZERO) {
            return invalid("limit", "the most a charge may cost is more than nothing".to_owned());
        }
        self.check_options(start)?;
        if !self.presence.is_online(pile.code) {
            let detail = "the pile is not connected: try again when it is".to_owned();
            return Err(Refusal::Conflict { reason: "pile_offline", detail }.into());
        }
        Ok(pile)
    }

    fn check_options(&self, start: &StartOrder) -> Result<(), Refusal> {
        let options = &start.options;
        options.check().map_err(|wrong| Refusal::Invalid { field: option_field(wrong.field), detail: wrong.detail })?;
        if start.parallel_with.is_some() && !options.is_none() {
            let detail = "a parallel charge takes no options: start its connectors one by one".to_owned();
            return Err(Refusal::Invalid { field: "options", detail });
        }
        let ahead = self.now..=self.now.plus_seconds(AHEAD_MAX_S);
        if options.start_at.is_some_and(|start_at| !ahead.contains(&start_at)) {
            let detail = "start_at lies between now and a week from now".to_owned();
            return Err(Refusal::Invalid { field: option_field("start_at"), detail });
        }
        Ok(())
    }

    fn remote_payer(&mut self, account: &AccountId) -> Result<Identified, BusinessError> {
        let known: Option<Account> = self.books.get(account)?;
        let account = known.ok_or_else(|| Refusal::NotFound { what: "account", key: account.to_string() })?;
        let password = Password::NotNeeded;
        Ok(Identified { account, locked: false, password, card: None, vin: None, logical_card: String::new() })
    }

    fn remote_facts(
        &mut self,
        pile: &Pile,
        connector: ConnectorNumber,
        payer: Option<&Identified>,
        charges: usize,
    ) -> Result<StartFacts, BusinessError> {
        let payer = match payer {
            Some(payer) => Payer::Account(self.account_facts(StartMethod::Remote, pile, payer, None)?),
            None => Payer::Elsewhere,
        };
        self.start_facts(StartMethod::Remote, pile, connector, payer, charges)
    }

    fn send_start(
        &mut self,
        order: &Order,
        options: &StartOptions,
        session: &str,
        by: &str,
    ) -> Result<(), BusinessError> {
        let (connector, transaction_number) = (order.connector, order.transaction_number);
        let (card, balance) = (wire_card(order), order.limit.unwrap_or_default());
        let (logical_card, physical_card) = (card.clone(), card);
        let request = if order.group.is_some() {
            let session = session.to_owned();
            CommandAction::StartParallel {
                connector,
                transaction_number,
                logical_card,
                physical_card,
                balance,
                session,
            }
        } else {
            // The order does not keep the password.
            let mut options = options.clone();
            if let (Some(ChargeLimit::Amount(amount)), Some(cap)) = (&mut options.limit, order.cap) {
                *amount = cap.min(*amount);
            }
            CommandAction::StartCharge { connector, transaction_number, logical_card, physical_card, balance, options }
        };
        let new = NewCommand {
            order: Some(order.id),
            by: Some(by.to_owned()),
            ..NewCommand::of_platform(order.pile, request)
        };
        self.queue_command(new)?;
        Ok(())
    }
}

/// Where an option stands in what was asked for.
fn option_field(option: &'static str) -> &'static str {
    match option {
        "limit" => "options/limit",
        "start_at" => "options/start_at",
        "hold_minutes" => "options/hold_minutes",
        "stop_password" => "options/stop_password",
        _ => "options",
    }
}

/// One of so many equal parts; what can't be split is the first one's.
fn share(whole: Balance, index: usize, parts: usize) -> Balance {
    let parts = i64::try_from(parts).unwrap_or(1).max(1);
    let (each, rest) = (whole.steps() / parts, whole.steps() % parts);
    Balance::from_steps(if index == 0 { each + rest } else { each })
}

/// A refusal as the API tells it.
fn told(refusal: StartRefusal, facts: &StartFacts, connector: ConnectorNumber) -> Refusal {
    let (reason, detail) = match refusal {
        StartRefusal::PileOutOfService if facts.pile_in_service => {
            ("no_tariff", "the pile has no tariff to bill by: assign one to it or to its station".to_owned())
        }
        StartRefusal::PileOutOfService => {
            ("pile_out_of_service", "the pile is disabled or was told not to work: enable it".to_owned())
        }
        StartRefusal::PileUnsettled => {
            ("connector_busy", format!("an order holds connector {connector}: stop it or wait for its end"))
        }
        StartRefusal::CardUnsettled => {
            ("account_unsettled", "the account has an abnormal order: settle it first".to_owned())
        }
        StartRefusal::BalanceTooLow => {
            ("balance_too_low", "the account can't spend the least that a charge takes: top it up".to_owned())
        }
        StartRefusal::StationCapacity => {
            ("station_capacity", "as many charges run at the station as its connection carries".to_owned())
        }
        StartRefusal::AccountFrozen => ("account_frozen", "the account is frozen".to_owned()),
        StartRefusal::NotAllowedHere => {
            ("not_allowed_here", "the account is another operator's or not for this station".to_owned())
        }
        StartRefusal::AccountUnknown
        | StartRefusal::VinUnknown
        | StartRefusal::WrongPassword
        | StartRefusal::CardsNotSupported => (refusal.name(), "it may not start".to_owned()),
    };
    Refusal::Conflict { reason, detail }
}
