//! Money adds up to the fen: the ledger is kept a second time, from its entries alone.

use std::collections::BTreeMap;

use voltapile_platform::account::EntryKind;
use voltapile_platform::identity::{AccountId, OrderId};
use voltapile_platform::order::Order;
use voltapile_platform::unit::Balance;

use super::Seen;
use crate::platform::Platform;

/// An account by its entries.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Purse {
    balance: i64,
    reserved: i64,
    /// Top-ups and adjustments.
    came_in: i64,
    charged: i64,
}

/// An order by the ledger's entries, and by its own word.
#[derive(Debug, Default, Clone)]
struct Bill {
    account: Option<AccountId>,
    charged: i64,
    reserved: i64,
    says_reserved: i64,
    says_charged: i64,
}

/// The second ledger.
#[derive(Debug, Default)]
pub(crate) struct Money {
    purses: BTreeMap<AccountId, Purse>,
    bills: BTreeMap<OrderId, Bill>,
    /// What people paid in, by their own word.
    paid_in: BTreeMap<AccountId, i64>,
}

impl Money {
    /// Somebody topped an account up or set it right.
    pub(crate) fn paid_in(&mut self, account: &AccountId, amount: Balance) {
        *self.paid_in.entry(account.clone()).or_default() += amount.steps();
    }

    pub(super) fn check(&mut self, seen: &Seen<'_>, found: &mut Vec<String>) {
        self.take_orders(seen);
        self.take_entries(seen, found);
        for account in &seen.accounts {
            let purse = self.purses.entry(account.after.id.clone()).or_default();
            let says = (account.after.balance.steps(), account.after.reserved.steps());
            if says != (purse.balance, purse.reserved) {
                let id = &account.after.id;
                found.push(format!("account {id} says {says:?} (balance, reserved), its ledger {purse:?}"));
            }
            if purse.reserved < 0 {
                found.push(format!("account {} has less than nothing reserved: {purse:?}", account.after.id));
            }
        }
        for entry in &seen.entries {
            let touched = &seen.accounts;
            if !touched.iter().any(|account| account.after.id == entry.after.account) {
                found.push(format!("entry {} changes no account", entry.after.id));
            }
        }
        for order in &seen.orders {
            self.check_order(&order.after, found);
        }
        for order in seen.entries.iter().filter_map(|entry| entry.after.order) {
            if let Some(order) = seen.platform.books.look::<Order>(&order) {
                self.check_order(&order, found);
            } else {
                found.push(format!("an entry names order {order}, which there is not"));
            }
        }
    }

    fn take_orders(&mut self, seen: &Seen<'_>) {
        for order in &seen.orders {
            let bill = self.bills.entry(order.after.id).or_default();
            bill.account.clone_from(&order.after.account);
            bill.says_reserved = order.after.reserved.steps();
            bill.says_charged = order.after.charged.map_or(0, Balance::steps);
        }
    }

    fn take_entries(&mut self, seen: &Seen<'_>, found: &mut Vec<String>) {
        for entry in &seen.entries {
            if entry.before.is_some() {
                found.push(format!("entry {} was changed: a ledger is only added to", entry.after.id));
                continue;
            }
            let entry = &entry.after;
            let amount = entry.amount.steps();
            let purse = self.purses.entry(entry.account.clone()).or_default();
            match entry.kind {
                EntryKind::TopUp | EntryKind::Adjustment => {
                    purse.balance += amount;
                    purse.came_in += amount;
                }
                EntryKind::Charge => {
                    purse.balance += amount;
                    purse.charged -= amount;
                }
                EntryKind::Reserve | EntryKind::Release => purse.reserved += amount,
            }
            if (entry.balance.steps(), entry.reserved.steps()) != (purse.balance, purse.reserved) {
                found.push(format!(
                    "entry {} does not follow from the one before it: {entry:?}, ledger {purse:?}",
                    entry.id
                ));
            }
            if entry.kind == EntryKind::Reserve && purse.reserved > purse.balance {
                found.push(format!("entry {} sets aside more than there is: {purse:?}", entry.id));
            }
            if let Some(order) = entry.order {
                let bill = self.bills.entry(order).or_default();
                match entry.kind {
                    EntryKind::Charge => bill.charged -= amount,
                    _ => bill.reserved += amount,
                }
                if bill.account.as_ref() != Some(&entry.account) {
                    found.push(format!(
                        "entry {} takes order {order} from another account: {:?}",
                        entry.id, bill.account
                    ));
                }
            } else if !matches!(entry.kind, EntryKind::TopUp | EntryKind::Adjustment) {
                found.push(format!("entry {} of kind {:?} names no order", entry.id, entry.kind));
            }
        }
    }

    /// What an order says is reserved and charged is what the ledger says, once.
    fn check_order(&self, order: &Order, found: &mut Vec<String>) {
        let Some(bill) = self.bills.get(&order.id).filter(|_| order.account.is_some()) else { return };
        if (bill.says_charged, bill.says_reserved) != (bill.charged, bill.reserved) {
            found.push(format!(
                "order {} ({:?}) says {} fen charged and {} reserved, the ledger {} and {}",
                order.id, order.state, bill.says_charged, bill.says_reserved, bill.charged, bill.reserved
            ));
        }
        if order.state.is_end() && bill.reserved != 0 {
            found.push(format!(
                "order {} has ended as {:?} and {} fen are still reserved",
                order.id, order.state, bill.reserved
            ));
        }
        if order.state == voltapile_platform::order::OrderState::Failed && bill.charged != 0 {
            found.push(format!("order {} failed and {} fen are charged", order.id, bill.charged));
        }
    }

    /// Everything once more, at the end.
    pub(super) fn at_end(&self, platform: &Platform, found: &mut Vec<String>) {
        let accounts = platform.books.all::<voltapile_platform::account::Account>();
        for account in accounts {
            let purse = self.purses.get(&account.id).copied().unwrap_or_default();
            let bills = || self.bills.values().filter(|bill| bill.account.as_ref() == Some(&account.id));
            let charged: i64 = bills().map(|bill| bill.says_charged).sum();
            let reserved: i64 = bills().map(|bill| bill.says_reserved).sum();
            let paid_in = self.paid_in.get(&account.id).copied().unwrap_or(0);
            let (balance, set_aside) = (account.balance.steps(), account.reserved.steps());
            if (balance, set_aside) != (paid_in - charged, reserved) {
                found.push(format!(
                    "account {}: paid in {paid_in} less charged {charged} is not its balance {balance}, or reserved \
                     {reserved} not {set_aside}",
                    account.id
                ));
            }
            if purse.came_in != paid_in || purse.charged != charged {
                found.push(format!("account {}: people paid in {paid_in}, its ledger is {purse:?}", account.id));
            }
        }
    }

    /// All that was charged.
    pub(crate) fn charged(&self) -> i64 {
        self.purses.values().map(|purse| purse.charged).sum()
    }
}
