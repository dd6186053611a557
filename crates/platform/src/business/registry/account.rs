//! Accounts: put and removed. Their money is changed elsewhere.

use super::{Saved, in_use};
use crate::account::Account;
use crate::book::Kind;
use crate::business::{Business, BusinessError, Refusal};
use crate::card::Card;
use crate::identity::AccountId;
use crate::unit::Balance;
use crate::vehicle::Vehicle;

/// Digits of the longest account number that a pile takes.
const NUMBER_MAX: usize = 16;
/// Hex digits of a password's MD5 that piles send.
const PASSWORD_DIGITS: usize = 16;

impl Business<'_> {
    /// Makes an account or replaces it, all but its money. Its cards and vehicles follow it to another operator.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] when its operator or a station does not exist, or its number or password is none;
    /// [`Refusal::Conflict`] when another has the number, or money is set aside while it would move.
    pub fn put_account(&mut self, mut account: Account) -> Result<Saved<Account>, BusinessError> {
        self.operator_must_exist(account.operator.as_ref())?;
        self.stations_must_be_of(account.allowed_stations.as_deref(), account.operator.as_ref())?;
        self.number_must_be_free(&account)?;
        let digits = |text: &str| text.len() == PASSWORD_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if account.password_md5.as_deref().is_some_and(|text| !digits(text)) {
            let detail = format!("takes the {PASSWORD_DIGITS} hex digits in the middle of the password's MD5");
            return Err(Refusal::Invalid { field: "password_md5", detail }.into());
        }
        account.password_md5 = account.password_md5.map(|text| text.to_ascii_lowercase());
        let before: Option<Account> = self.books.get(&account.id)?;
        (account.created_at, account.balance, account.reserved) =
            before.as_ref().map_or((self.now, Balance::ZERO, Balance::ZERO), |before| {
                (before.created_at, before.balance, before.reserved)
            });
        if before.as_ref().is_some_and(|before| before.operator != account.operator) {
            if account.reserved != Balance::ZERO {
                return Err(in_use(format!(
                    "the account {} pays for a charge now: move it when it is over",
                    account.id
                )));
            }
            self.account_takes_along(&account)?;
        }
        self.books.put(&account)?;
        Ok(Saved::of(before.is_none(), account))
    }

    /// Removes an account without money, open orders, cards and vehicles. Its ledger stays.
    ///
    /// # Errors
    /// [`Refusal::Conflict`] when it has some.
    pub fn remove_account(&mut self, id: &AccountId) -> Result<Account, BusinessError> {
        let account: Account = self.known("account", id)?;
        if (account.balance, account.reserved) != (Balance::ZERO, Balance::ZERO) {
            return Err(in_use(format!(
                "the account {id} holds {} yuan: pay it out or balance it first",
                account.balance
            )));
        }
        if self.any_with(Kind::Order, "open_account", id.as_str())? {
            return Err(in_use(format!("an order of the account {id} is open: settle it first")));
        }
        for kind in [Kind::Card, Kind::Vehicle] {
            if self.any_with(kind, "account", id.as_str())? {
                return Err(in_use(format!("the account {id} has {}: remove or move them first", kind.table())));
            }
        }
        self.books.remove(Kind::Account, id.as_str())?;
        Ok(account)
    }

    fn number_must_be_free(&mut self, account: &Account) -> Result<(), BusinessError> {
        let Some(number) = &account.number else { return Ok(()) };
        if !(1..=NUMBER_MAX).contains(&number.len()) || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            let detail = format!("a number to type in at a pile has 1 to {NUMBER_MAX} digits");
            return Err(Refusal::Invalid { field: "number", detail }.into());
        }
        let others: Vec<Account> = self.books.find("number", number, 2)?;
        if others.iter().any(|other| other.id != account.id) {
            // Not whose: it may be another operator's.
            let detail = format!("the number {number} is taken: two accounts can't be told apart by it");
            return Err(Refusal::Conflict { reason: "number_taken", detail }.into());
        }
        Ok(())
    }

    fn account_takes_along(&mut self, account: &Account) -> Result<(), BusinessError> {
        for mut card in self.followers::<Card>("account", account.id.as_str())? {
            card.operator.clone_from(&account.operator);
            self.books.put(&card)?;
        }
        for mut vehicle in self.followers::<Vehicle>("account", account.id.as_str())? {
            vehicle.operator.clone_from(&account.operator);
            self.books.put(&vehicle)?;
        }
        Ok(())
    }
}
