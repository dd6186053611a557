//! Users: put and removed, with the tokens they signed in for.

use super::Saved;
use crate::book::Kind;
use crate::business::{Business, BusinessError};
use crate::identity::UserName;
use crate::user::User;

impl Business<'_> {
    /// Makes a user or replaces one. What the user signed in for ends when more than the name to sign in with stays.
    ///
    /// # Errors
    /// [`Refusal::Invalid`](super::Refusal::Invalid) when the operator does not exist.
    pub fn put_user(&mut self, mut user: User) -> Result<Saved<User>, BusinessError> {
        self.operator_must_exist(user.operator.as_ref())?;
        let before: Option<User> = self.books.get(&user.name)?;
        user.created_at = before.as_ref().map_or(self.now, |before| before.created_at);
        if before.as_ref().is_some_and(|before| *before != user) {
            self.end_tokens_of(&user.name)?;
        }
        self.books.put(&user)?;
        Ok(Saved::of(before.is_none(), user))
    }

    /// Removes a user, with every token that was signed in for.
    ///
    /// # Errors
    /// When there is no such user.
    pub fn remove_user(&mut self, name: &UserName) -> Result<User, BusinessError> {
        let user: User = self.known("user", name)?;
        self.end_tokens_of(name)?;
        self.books.remove(Kind::User, name.as_str())?;
        Ok(user)
    }
}
