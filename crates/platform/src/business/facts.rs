//! What is known of a start: the facts that [`decide_start`](crate::authorization::decide_start) decides over, and the
//! order that is made when it agrees.

use super::drive::OPEN_ORDERS_MAX;
use super::money::available;
use super::{Business, BusinessError};
use crate::account::{Account, AccountStatus};
use crate::authorization::{AccountFacts, Password, Payer, StartFacts, StartMethod};
use crate::book::{BooksError, Kind};
use crate::command::StartOptions;
use crate::event::EventType;
use crate::identity::{ConnectorNumber, OrderId, PileCode};
use crate::order::machine::Input;
use crate::order::number::transaction_number;
use crate::order::{Order, OrderState, Origin, ParallelRole, Place};
use crate::pile::{Pile, PileState};
use crate::station::Station;
use crate::tariff::{TariffRef, TariffVersion};
use crate::unit::Balance;

/// Piles of a station that are looked at for its capacity.
const PILES_MAX: usize = 10_000;

/// Who wants to charge, as far as books tell.
#[derive(Debug, Clone)]
pub(super) struct Identified {
    /// Who pays.
    pub(super) account: Account,
    /// Whether the card or vehicle itself is locked.
    pub(super) locked: bool,
    /// What became of the password.
    pub(super) password: Password,
    /// The card's physical number, where a card names the account.
    pub(super) card: Option<String>,
    /// The vehicle, where it names the account.
    pub(super) vin: Option<String>,
    /// What is shown at the pile: the printed number of the card, or the account's.
    pub(super) logical_card: String,
}

/// An order to be made.
#[derive(Debug, Clone)]
pub(super) struct Opening<'a> {
    pub(super) pile: &'a Pile,
    pub(super) connector: ConnectorNumber,
    pub(super) origin: Origin,
    pub(super) payer: Option<&'a Identified>,
    pub(super) tariff: Option<TariffRef>,
    /// The most it may cost.
    pub(super) cap: Balance,
    /// The most to set aside now.
    pub(super) reserve: Balance,
    pub(super) group: Option<(String, ParallelRole)>,
    /// What was asked for beyond the start.
    pub(super) options: &'a StartOptions,
    /// What the pile calls the card.
    pub(super) card_word: Option<String>,
    pub(super) by: Option<String>,
}

impl Business<'_> {
    /// What is known of a start on one connector, of `charges` that are to start together.
    pub(super) fn start_facts(
        &mut self,
        method: StartMethod,
        pile: &Pile,
        connector: ConnectorNumber,
        payer: Payer,
        charges: usize,
    ) -> Result<StartFacts, BusinessError> {
        let state: Option<PileState> = self.books.get(&pile.code)?;
        let may_work = state.is_none_or(|state| state.may_work());
        Ok(StartFacts {
            method,
            pile_in_service: pile.enabled && may_work,
            has_tariff: self.tariff_of_start(pile)?.is_some(),
            connector_unsettled: self.is_unsettled(method, pile.code, connector)?,
            station_full: self.is_station_full(pile, charges)?,
            payer,
        })
    }

    /// What is known of the account that is to pay. `group` is the parallel charge that the start belongs to: the other
    /// order of it is not in its way.
    pub(super) fn account_facts(
        &mut self,
        method: StartMethod,
        pile: &Pile,
        payer: &Identified,
        group: Option<&str>,
    ) -> Result<AccountFacts, BusinessError> {
        let account = &payer.account;
        let open: Vec<Order> = self.books.find("open_account", &account.id, OPEN_ORDERS_MAX)?;
        // One charge at a time per card, per vehicle, and per account typed in at a pile; as many as the money allows
        // through the API. An abnormal order is for a person to settle first, however it began.
        let same = |order: &Order| match method {
            StartMethod::Card => order.card.is_some() && order.card == payer.card,
            StartMethod::Vin => order.vin.is_some() && order.vin == payer.vin,
            StartMethod::Account => order.origin == Origin::Account,
            StartMethod::Remote | StartMethod::Other(_) => false,
        };
        let of_group = |order: &Order| group.is_some() && order.group.as_deref() == group;
        let unsettled = open.iter().any(|order| order.state == OrderState::Abnormal || same(order) && !of_group(order));
        let half_open = open.iter().any(of_group);
        let at_home = account.operator.is_none() || pile.operator.is_none() || account.operator == pile.operator;
        let stations = account.allowed_stations.as_ref();
        let at_station =
            stations.is_none_or(|list| pile.station.as_ref().is_some_and(|station| list.contains(station)));
        Ok(AccountFacts {
            frozen: payer.locked || account.status == AccountStatus::Frozen,
            allowed_here: at_home && at_station,
            password: payer.password,
            unsettled,
            available: available(account),
            // The other half of a parallel charge has its share already.
            minimum: if half_open { Balance::from_steps(1) } else { self.rules.minimum_balance },
        })
    }

    /// The tariff version that a charge begins under: the one that the pile runs, for those are the prices that its user
    /// is shown; the one in force where it runs none that is known. `None` where it should have none.
    pub(super) fn tariff_of_start(&mut self, pile: &Pile) -> Result<Option<TariffVersion>, BooksError> {
        let Some(in_force) = self.tariff_in_force(pile, self.now)? else { return Ok(None) };
        let state: Option<PileState> = self.books.get(&pile.code)?;
        let Some(running) = state.and_then(|state| state.running_tariff) else { return Ok(Some(in_force)) };
        if running == in_force.number {
            return Ok(Some(in_force));
        }
        Ok(Some(self.tariff_by_number(pile, running)?.unwrap_or(in_force)))
    }

    /// Whether a connector is not free for a start. At a pile that is also while the record of the charge before is
    /// due: 30 s at most, for an overdue record is a person's work and must not take the connector out of service.
    fn is_unsettled(
        &mut self,
        method: StartMethod,
        pile: PileCode,
        connector: ConnectorNumber,
    ) -> Result<bool, BooksError> {
        if self.holder(pile, connector)?.is_some() {
            return Ok(true);
        }
        let awaits = |order: &Order| order.connector == connector && order.state == OrderState::AwaitingRecord;
        Ok(method != StartMethod::Remote && self.open_orders_of(pile)?.iter().any(awaits))
    }

    /// Whether a station carries no more than runs there, or not so many more.
    fn is_station_full(&mut self, pile: &Pile, more: usize) -> Result<bool, BooksError> {
        let Some(id) = &pile.station else { return Ok(false) };
        let station: Option<Station> = self.books.get(id)?;
        let Some(capacity) = station.and_then(|station| station.capacity) else { return Ok(false) };
        let capacity = usize::try_from(capacity).unwrap_or(usize::MAX);
        let mut running = 0;
        for pile in self.books.find::<Pile>("station", id, PILES_MAX)? {
            running += self.open_orders_of(pile.code)?.iter().filter(|order| order.open_on.is_some()).count();
        }
        Ok(running + more > capacity)
    }

    /// Makes an order, sets money aside for it and tells the world.
    pub(super) fn open_order(&mut self, opening: Opening<'_>) -> Result<Order, BusinessError> {
        let Opening { pile, connector, .. } = opening;
        let id = OrderId(self.books.next_number(Kind::Order)?);
        let number = transaction_number(pile.code, connector, self.now, self.rules.zone_hours, id);
        let place =
            Place { operator: pile.operator.clone(), station: pile.station.clone(), pile: pile.code, connector };
        let mut order = Order::new(id, place, number, opening.origin, self.now);
        order.tariff = opening.tariff;
        order.pace = self.state_of_pile(pile.code)?.map(|state| state.pace).unwrap_or_default();
        order.created_by = opening.by;
        order.options = opening.options.redacted();
        order.cap = Some(opening.cap);
        order.limit = Some(opening.cap);
        if let Some((group, role)) = opening.group {
            // The first order's number makes the group one of its kind, whatever the pile's clock says.
            order.group = Some(if group.ends_with('/') { format!("{group}{id}") } else { group });
            order.parallel = Some(role);
        }
        if let Some(payer) = opening.payer {
            order.account = Some(payer.account.id.clone());
            order.open_account.clone_from(&order.account);
            order.card.clone_from(&payer.card);
            order.card_word = opening.card_word.filter(|word| payer.card.as_ref().is_some_and(|card| card != word));
            order.vin.clone_from(&payer.vin);
            self.reserve(&mut order, opening.reserve)?;
            order.limit = Some(order.reserved);
        }
        if let Some(tariff) = &order.tariff {
            self.tariff_used(tariff)?;
        }
        self.keep_order(None, &order)?;
        self.tell_order(EventType::OrderCreated, &order)?;
        self.drive(order, &Input::StartSent)
    }
}
