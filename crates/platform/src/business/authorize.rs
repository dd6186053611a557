//! A start that somebody asks for at the pile (0x31, 0xA1): who is it, may he, and the order that begins.

use serde_json::json;

use super::facts::{Identified, Opening};
use super::registry::physical_number;
use super::{Business, BusinessError};
use crate::account::Account;
use crate::authorization::{
    Password, Payer, StartMethod, StartRefusal, decide_start, password_matches, vin_candidates,
};
use crate::book::BooksError;
use crate::card::{Card, CardStatus};
use crate::command::StartOptions;
use crate::event::EventType;
use crate::identity::{ConnectorNumber, OperatorId, OrderId, PileCode, TransactionNumber};
use crate::order::machine::{Input, PARALLEL_FAILED};
use crate::order::{Order, OrderState, Origin, ParallelRole};
use crate::pile::Pile;
use crate::unit::Balance;
use crate::vehicle::Vehicle;

/// Cards of different operators with one printed number that are looked at.
const SAME_NUMBER_MAX: usize = 100;

/// What a pile asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartRequest {
    /// The pile.
    pub pile: PileCode,
    /// The connector.
    pub connector: ConnectorNumber,
    /// How the user asks.
    pub method: StartMethod,
    /// The card's number or the account's number; in YKC 16 hex digits, padded with zeros on the left.
    pub identity: String,
    /// Which of a card's numbers that is.
    pub reading: CardReading,
    /// The 16 hex digits in the middle of the password's MD5, where one was typed in.
    pub password_md5: Option<String>,
    /// The vehicle's number as sent: 17 characters, in either order.
    pub vin: Option<String>,
    /// Its part in a parallel charge.
    pub parallel: Option<ParallelRequest>,
}

/// Which number of a card a pile tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CardReading {
    /// The chip's. The printed one must not do in its place: anybody can read it off a card and write it into another's chip.
    #[default]
    Chip,
    /// What the card's maker stored in it: the chip's or the printed one.
    Stored,
}

/// A connector's part in a parallel charge that a pile asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParallelRequest {
    /// Joins the connectors: yyMMddHHmmss.
    pub session: String,
    /// Which of the two.
    pub role: ParallelRole,
}

/// What the pile is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartDecision {
    /// Why not; `None` when it may start.
    pub refusal: Option<StartRefusal>,
    /// The order's number; zero when refused.
    pub transaction_number: TransactionNumber,
    /// The number printed on the card, or the account's: up to 16 digits, empty where there is none.
    pub logical_card: String,
    /// The most it may cost.
    pub balance: Balance,
    /// The order that was made.
    pub order: Option<OrderId>,
}

impl StartDecision {
    const fn refused(refusal: StartRefusal) -> Self {
        Self {
            refusal: Some(refusal),
            transaction_number: TransactionNumber::ZERO,
            logical_card: String::new(),
            balance: Balance::ZERO,
            order: None,
        }
    }

    fn accepted(order: &Order, logical_card: String) -> Self {
        Self {
            refusal: None,
            transaction_number: order.transaction_number,
            logical_card,
            balance: order.limit.unwrap_or_default(),
            order: Some(order.id),
        }
    }
}

impl Business<'_> {
    /// Decides a start that a pile asks for, and makes the order. A pile that asks again because it missed the answer is
    /// given the same one. When one half of a parallel charge is refused, the other one is stopped.
    ///
    /// # Errors
    /// When the books fail; a refusal is a decision, not an error.
    pub fn start_requested(&mut self, request: StartRequest) -> Result<StartDecision, BusinessError> {
        let Some(pile) = self.books.get::<Pile>(&request.pile)? else {
            return Ok(StartDecision::refused(StartRefusal::PileOutOfService));
        };
        let payer = self.identify(&request)?;
        let other_half = self.other_half(&request)?;
        if let Some(payer) = &payer
            && let Some(order) = self.asked_before(&request, payer)?
        {
            return Ok(StartDecision::accepted(&order, payer.logical_card.clone()));
        }
        match self.decide(&request, &pile, payer.as_ref(), other_half.as_ref())? {
            Ok(payer) => self.accept(&request, &pile, payer, other_half.as_ref()),
            Err(refusal) => {
                self.tell_refusal(&request, &pile, refusal)?;
                if let Some(other) = other_half {
                    self.drive(other, &Input::StopAsked { reason: PARALLEL_FAILED })?;
                }
                Ok(StartDecision::refused(refusal))
            }
        }
    }

    fn decide<'b>(
        &mut self,
        request: &StartRequest,
        pile: &Pile,
        payer: Option<&'b Identified>,
        other_half: Option<&Order>,
    ) -> Result<Result<&'b Identified, StartRefusal>, BusinessError> {
        let group = other_half.and_then(|order| order.group.as_deref());
        let known = match payer {
            Some(payer) => Payer::Account(self.account_facts(request.method, pile, payer, group)?),
            None => Payer::Unknown,
        };
        let facts = self.start_facts(request.method, pile, request.connector, known, 1)?;
        let unknown = StartRefusal::AccountUnknown;
        Ok(decide_start(&facts).and_then(|()| payer.ok_or(unknown)))
    }

    fn accept(
        &mut self,
        request: &StartRequest,
        pile: &Pile,
        payer: &Identified,
        other_half: Option<&Order>,
    ) -> Result<StartDecision, BusinessError> {
        let cap = self.rules.order_cap;
        // Of a parallel charge the first half leaves as much for the second one, which takes no more than that.
        let half = |whole: Balance| Balance::from_steps(whole.steps() - whole.steps() / 2);
        let (cap, reserve) = match (&request.parallel, other_half) {
            (None, _) => (cap, cap),
            (Some(_), None) => (half(cap), half(cap.min(super::money::available(&payer.account)))),
            (Some(_), Some(first)) => (half(cap), first.reserved),
        };
        let group = request.parallel.as_ref().map(|parallel| {
            let group = other_half.and_then(|order| order.group.clone());
            (group.unwrap_or_else(|| group_prefix(request.pile, parallel)), parallel.role)
        });
        let opening = Opening {
            pile,
            connector: request.connector,
            origin: origin_of(request.method),
            payer: Some(payer),
            tariff: self.tariff_of_start(pile)?.map(|version| version.reference()),
            cap,
            reserve,
            group,
            options: &StartOptions::default(),
            card_word: (request.method == StartMethod::Card).then(|| request.identity.clone()),
            by: None,
        };
        let order = self.open_order(opening)?;
        // The pile asked for it itself: there is no further word before it charges.
        let order = self.drive(order, &Input::StartConfirmed)?;
        Ok(StartDecision::accepted(&order, payer.logical_card.clone()))
    }

    /// Who asks, as far as books tell.
    fn identify(&mut self, request: &StartRequest) -> Result<Option<Identified>, BooksError> {
        match request.method {
            StartMethod::Card => self.holder_of_card(request),
            StartMethod::Account => self.account_typed_in(request),
            StartMethod::Vin => self.owner_of_vehicle(request),
            StartMethod::Remote | StartMethod::Other(_) => Ok(None),
        }
    }

    /// A card may come with a password, which counts where its account has one.
    fn holder_of_card(&mut self, request: &StartRequest) -> Result<Option<Identified>, BooksError> {
        let operator = self.books.get::<Pile>(&request.pile)?.and_then(|pile| pile.operator);
        let Some(card) = self.card_called(&request.identity, request.reading, operator.as_ref())? else {
            return Ok(None);
        };
        let Some(account) = self.books.get::<Account>(&card.account)? else { return Ok(None) };
        let typed = request.password_md5.as_deref();
        let password = match (&account.password_md5, typed) {
            (_, None) | (None, _) => Password::NotNeeded,
            (Some(kept), _) if password_matches(Some(kept), typed) => Password::Right,
            _ => Password::Wrong,
        };
        Ok(Some(Identified {
            account,
            locked: card.status == CardStatus::Frozen,
            password,
            card: Some(card.physical_number),
            vin: None,
            logical_card: card.logical_number,
        }))
    }

    /// The card that a pile of an operator calls so: by its chip's number, else where piles tell what is stored in cards by
    /// the one printed on it, which is an operator's own.
    pub(super) fn card_called(
        &mut self,
        word: &str,
        reading: CardReading,
        operator: Option<&OperatorId>,
    ) -> Result<Option<Card>, BooksError> {
        let Some(physical) = physical_number(word) else { return Ok(None) };
        if let Some(card) = self.books.get::<Card>(&physical)? {
            return Ok(Some(card));
        }
        if reading == CardReading::Chip {
            return Ok(None);
        }
        let printed: Vec<Card> = self.books.find("logical_number", word, SAME_NUMBER_MAX)?;
        let at_home = |card: &Card| operator.is_none() || card.operator.is_none() || card.operator.as_ref() == operator;
        // Of two operators' cards with one number a pile of nobody's means neither.
        let mut cards = printed.into_iter().filter(at_home);
        Ok(cards.next().filter(|_| cards.next().is_none()))
    }

    /// An account that is typed in always needs a password, and the settings must take passwords at piles at all.
    fn account_typed_in(&mut self, request: &StartRequest) -> Result<Option<Identified>, BooksError> {
        let Some(account) = self.account_numbered(&request.identity)? else { return Ok(None) };
        let right = self.rules.allow_pile_passwords
            && password_matches(account.password_md5.as_deref(), request.password_md5.as_deref());
        let password = if right { Password::Right } else { Password::Wrong };
        let logical_card = account.number.clone().unwrap_or_default();
        Ok(Some(Identified { account, locked: false, password, card: None, vin: None, logical_card }))
    }

    /// The zeros in front may be the wire's or the number's own.
    fn account_numbered(&mut self, identity: &str) -> Result<Option<Account>, BooksError> {
        let short = identity.trim_start_matches('0');
        for zeros in 0..=identity.len() - short.len() {
            let number = format!("{}{short}", "0".repeat(zeros));
            if let Some(account) = self.books.first::<Account>("number", number)? {
                return Ok(Some(account));
            }
        }
        Ok(None)
    }

    fn owner_of_vehicle(&mut self, request: &StartRequest) -> Result<Option<Identified>, BooksError> {
        for vin in vin_candidates(request.vin.as_deref().unwrap_or_default()) {
            let Some(vehicle) = self.books.get::<Vehicle>(&vin)? else { continue };
            let Some(account) = self.books.get::<Account>(&vehicle.account)? else { return Ok(None) };
            let logical_card = account.number.clone().unwrap_or_default();
            let (locked, password) = (!vehicle.enabled, Password::NotNeeded);
            return Ok(Some(Identified { account, locked, password, card: None, vin: Some(vin), logical_card }));
        }
        Ok(None)
    }

    /// The order that the same request made already, while its start is under way.
    fn asked_before(&mut self, request: &StartRequest, payer: &Identified) -> Result<Option<Order>, BooksError> {
        let Some(order) = self.holder(request.pile, request.connector)? else { return Ok(None) };
        let same = order.state == OrderState::Starting
            && order.origin == origin_of(request.method)
            && order.account.as_ref() == Some(&payer.account.id)
            && (&order.card, &order.vin) == (&payer.card, &payer.vin)
            && payer.password != Password::Wrong
            && order.group.is_some() == request.parallel.is_some();
        Ok(Some(order).filter(|_| same))
    }

    /// The order of the other connector of the same parallel charge.
    fn other_half(&mut self, request: &StartRequest) -> Result<Option<Order>, BooksError> {
        let Some(parallel) = &request.parallel else { return Ok(None) };
        let prefix = group_prefix(request.pile, parallel);
        let open = self.open_orders_of(request.pile)?;
        Ok(open.into_iter().find(|order| {
            order.connector != request.connector
                && order.state.holds_connector()
                && order.group.as_ref().is_some_and(|group| group.starts_with(&prefix))
        }))
    }

    fn tell_refusal(&mut self, request: &StartRequest, pile: &Pile, refusal: StartRefusal) -> Result<(), BooksError> {
        let data = json!({
            "pile": request.pile,
            "connector": request.connector,
            "method": request.method,
            "identity": request.identity,
            "vin": request.vin,
            "reason": refusal,
        });
        let subject = format!("piles/{}/connectors/{}", request.pile, request.connector);
        self.tell(EventType::StartRefused, request.pile, subject, &data, pile.operator.clone())
    }
}

fn group_prefix(pile: PileCode, parallel: &ParallelRequest) -> String {
    format!("{pile}/{}/", parallel.session)
}

const fn origin_of(method: StartMethod) -> Origin {
    match method {
        StartMethod::Card => Origin::Card,
        StartMethod::Account => Origin::Account,
        StartMethod::Vin => Origin::Vin,
        StartMethod::Remote | StartMethod::Other(_) => Origin::Remote,
    }
}
