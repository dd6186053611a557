//! Tokens: made, revoked, and forgotten when they no longer count.

use crate::book::Kind;
use crate::business::{Business, BusinessError, Refusal};
use crate::identity::{OperatorId, TokenId, UserName};
use crate::timestamp::Timestamp;
use crate::user::{Scope, Token};

/// Tokens that a user may be signed in with; the oldest ends when another is made.
const TOKENS_PER_USER: usize = 20;

/// A token to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// SHA-256 of the token in hex.
    pub hash: String,
    /// The operator whose things are seen; `None` sees all.
    pub operator: Option<OperatorId>,
    /// What its bearer may do.
    pub scopes: Vec<Scope>,
    /// The user who signs in for it, if one does.
    pub user: Option<UserName>,
    /// Until when it counts; `None` until revoked.
    pub expires_at: Option<Timestamp>,
}

impl Business<'_> {
    /// Makes a token. Of a user's tokens those that no longer count go, and the oldest when there are too many.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] when the operator does not exist, no scope is given, or it would count no moment.
    pub fn make_token(&mut self, new: NewToken) -> Result<Token, BusinessError> {
        let NewToken { name, hash, operator, mut scopes, user, expires_at } = new;
        self.operator_must_exist(operator.as_ref())?;
        scopes.sort_unstable();
        scopes.dedup();
        if scopes.is_empty() {
            return Err(Refusal::Invalid { field: "scopes", detail: "a token needs a scope".to_owned() }.into());
        }
        if expires_at.is_some_and(|end| end <= self.now) {
            let detail = "this moment has passed: name a later one, or leave it out".to_owned();
            return Err(Refusal::Invalid { field: "expires_at", detail }.into());
        }
        if let Some(user) = &user {
            self.make_room_for(user)?;
        }
        let id = TokenId(self.books.next_number(Kind::Token)?);
        let token = Token { id, name, hash, operator, scopes, user, expires_at, created_at: self.now };
        self.books.put(&token)?;
        Ok(token)
    }

    /// Puts an end to a token.
    ///
    /// # Errors
    /// When there is no such token.
    pub fn revoke_token(&mut self, id: TokenId) -> Result<Token, BusinessError> {
        let token: Token = self.known("token", &id)?;
        self.books.remove(Kind::Token, &id.to_string())?;
        Ok(token)
    }

    /// Puts an end to every token that a user signed in for.
    pub(super) fn end_tokens_of(&mut self, user: &UserName) -> Result<(), BusinessError> {
        for token in self.followers::<Token>("user", user.as_str())? {
            self.books.remove(Kind::Token, &token.id.to_string())?;
        }
        Ok(())
    }

    fn make_room_for(&mut self, user: &UserName) -> Result<(), BusinessError> {
        let now = self.now;
        let tokens: Vec<Token> = self.followers("user", user.as_str())?;
        let (counting, over): (Vec<_>, Vec<_>) =
            tokens.into_iter().partition(|token| token.expires_at.is_none_or(|end| end > now));
        let too_many = (counting.len() + 1).saturating_sub(TOKENS_PER_USER);
        for token in over.iter().chain(counting.iter().take(too_many)) {
            self.books.remove(Kind::Token, &token.id.to_string())?;
        }
        Ok(())
    }
}
