//! Money in accounts: set aside at a start, paid from the record, freed, topped up.
//!
//! `balance` is all of an account's money and `reserved` what of it is set aside for open orders. Every change is an
//! [`Entry`], so at all times: top-ups and adjustments less what orders were charged make the balance, and what open
//! orders have set aside makes what is reserved.

use serde_json::json;

use super::drive::OPEN_ORDERS_MAX;
use super::{Business, BusinessError, Refusal};
use crate::account::{Account, Entry, EntryKind};
use crate::book::{BooksError, Kind};
use crate::command::CommandAction;
use crate::event::{Event, EventType};
use crate::identity::{AccountId, EntryId, OrderId};
use crate::order::number::wire_card;
use crate::order::{Order, OrderState};
use crate::unit::Balance;

/// What an account can spend.
#[must_use]
pub(super) fn available(account: &Account) -> Balance {
    minus(account.balance, account.reserved)
}

/// A sum that stays within range: no money on earth gets there.
fn plus(a: Balance, b: Balance) -> Balance {
    Balance::from_steps(a.steps().saturating_add(b.steps()))
}

fn minus(a: Balance, b: Balance) -> Balance {
    Balance::from_steps(a.steps().saturating_sub(b.steps()))
}

impl Business<'_> {
    /// Tops an account up, or sets its balance right. What is topped up during a charge is set aside for it, up to what
    /// the order may cost at most, and its pile is told (0x42); a pile that is away is not, so for it nothing more is
    /// set aside.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] without the account; [`Refusal::Invalid`] when a top-up is not positive, an adjustment is
    /// nothing, the balance would be beyond its range or `kind` is none of the two.
    pub fn change_balance(
        &mut self,
        account: &AccountId,
        amount: Balance,
        kind: EntryKind,
        note: Option<String>,
        by: &str,
    ) -> Result<Entry, BusinessError> {
        let invalid = |field, detail: &str| Err(Refusal::Invalid { field, detail: detail.to_owned() }.into());
        let known: Option<Account> = self.books.get(account)?;
        let mut account = known.ok_or_else(|| Refusal::NotFound { what: "account", key: account.to_string() })?;
        match kind {
            EntryKind::TopUp if amount <= Balance::ZERO => return invalid("amount", "a top-up is more than nothing"),
            EntryKind::Adjustment if amount == Balance::ZERO => {
                return invalid("amount", "an adjustment of nothing changes nothing");
            }
            EntryKind::TopUp | EntryKind::Adjustment => {}
            EntryKind::Reserve | EntryKind::Release | EntryKind::Charge => {
                return invalid("kind", "only orders make such entries: take top_up or adjustment");
            }
        }
        if account.balance.checked_add(amount).is_none() {
            return invalid("amount", "the balance would be beyond its range");
        }
        account.balance = plus(account.balance, amount);
        let entry = self.book_entry(&account, kind, None, amount, note, Some(by))?;
        self.raise_limits(account)?;
        Ok(entry)
    }

    /// Sets money aside for an order: as much as the account can spend, at most `most`. The order's limit follows.
    pub(super) fn reserve(&mut self, order: &mut Order, most: Balance) -> Result<(), BooksError> {
        let Some(mut account) = self.payer_of(order)? else { return Ok(()) };
        let amount = available(&account).min(most);
        if amount <= Balance::ZERO {
            return Ok(());
        }
        account.reserved = plus(account.reserved, amount);
        order.reserved = plus(order.reserved, amount);
        order.limit = Some(order.reserved);
        self.book_entry(&account, EntryKind::Reserve, Some(order.id), amount, None, None)?;
        Ok(())
    }

    /// Frees what is set aside for an order.
    pub(super) fn release(&mut self, order: &mut Order) -> Result<(), BooksError> {
        let freed = std::mem::take(&mut order.reserved);
        let Some(mut account) = self.payer_of(order)?.filter(|_| freed != Balance::ZERO) else { return Ok(()) };
        account.reserved = minus(account.reserved, freed);
        let amount = minus(Balance::ZERO, freed);
        self.book_entry(&account, EntryKind::Release, Some(order.id), amount, None, None)?;
        Ok(())
    }

    /// Takes what is due for an order from its account, however much that is, and frees what was set aside. What is due
    /// is negative when money goes back.
    pub(super) fn pay(&mut self, order: &mut Order, due: Balance) -> Result<(), BooksError> {
        self.release(order)?;
        let Some(mut account) = self.payer_of(order)?.filter(|_| due != Balance::ZERO) else { return Ok(()) };
        account.balance = minus(account.balance, due);
        let amount = minus(Balance::ZERO, due);
        self.book_entry(&account, EntryKind::Charge, Some(order.id), amount, None, None)?;
        Ok(())
    }

    fn payer_of(&mut self, order: &Order) -> Result<Option<Account>, BooksError> {
        order.account.as_ref().map_or(Ok(None), |account| self.books.get(account))
    }

    /// Writes an account as it is after a change, the change itself, and the event that tells of both.
    fn book_entry(
        &mut self,
        account: &Account,
        kind: EntryKind,
        order: Option<OrderId>,
        amount: Balance,
        note: Option<String>,
        by: Option<&str>,
    ) -> Result<Entry, BooksError> {
        self.books.put(account)?;
        let entry = Entry {
            id: EntryId(self.books.next_number(Kind::Entry)?),
            account: account.id.clone(),
            operator: account.operator.clone(),
            kind,
            order,
            amount,
            balance: account.balance,
            reserved: account.reserved,
            note,
            at: self.now,
        };
        self.books.put(&entry)?;
        // Not the account itself: it holds a password.
        let data = json!({
            "account": account.id,
            "balance": account.balance,
            "reserved": account.reserved,
            "entry": entry,
            "by": by,
        });
        let event = Event::new(EventType::AccountChanged, self.now, format!("accounts/{}", account.id), &data);
        self.books.append(&event.of_operator(account.operator.clone()))?;
        Ok(entry)
    }

    /// Gives an account's running charges what it can spend now, oldest first.
    fn raise_limits(&mut self, account: Account) -> Result<(), BusinessError> {
        let orders: Vec<Order> = self.books.find("open_account", &account.id, OPEN_ORDERS_MAX)?;
        for mut order in orders {
            let charges = order.state == OrderState::Charging || order.state == OrderState::Starting && order.confirmed;
            let most = order.cap.map_or(Balance::ZERO, |cap| minus(cap, order.reserved));
            if !charges || most <= Balance::ZERO || !self.presence.is_online(order.pile) {
                continue;
            }
            let before = order.clone();
            self.reserve(&mut order, most)?;
            if let Some(balance) = order.limit.filter(|_| order.limit != before.limit) {
                self.keep_order(Some(&before), &order)?;
                let (connector, physical_card) = (order.connector, wire_card(&order));
                self.ask_quietly(&order, CommandAction::UpdateBalance { connector, physical_card, balance })?;
            }
        }
        Ok(())
    }
}
