//! Passwords, as argon2id hashes. Hashing is slow on purpose and takes 19 MiB: at most two at once, so that a flood of
//! logins costs two cores and no more.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::api::problem::Problem;

/// Hashes that are computed at once.
const AT_ONCE: usize = 2;

/// Computes and compares hashes.
#[derive(Debug, Clone)]
pub(in crate::api) struct Passwords(Arc<Semaphore>);

impl Default for Passwords {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Passwords {
    /// The hash of a password, to be stored.
    pub(in crate::api) async fn hash(&self, password: String) -> Result<String, Problem> {
        self.run(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()))
            .await?
            .map_err(|error| Problem::internal(&error))
    }

    /// Whether a password is the one of a hash. Without a hash it is not, and that takes as long to say.
    pub(in crate::api) async fn matches(&self, password: String, hash: Option<String>) -> Result<bool, Problem> {
        self.run(move || match hash.as_deref().map(PasswordHash::new) {
            Some(Ok(hash)) => Argon2::default().verify_password(password.as_bytes(), &hash).is_ok(),
            _ => Argon2::default().hash_password(password.as_bytes()).is_err_and(|_| false),
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let place = Arc::clone(&self.0).acquire_owned().await.map_err(|error| Problem::internal(&error))?;
        // The place is given back when the work is done, also when whoever asked has hung up meanwhile.
        let work = move || {
            let _place = place;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn who_hangs_up_makes_no_room_before_the_hash_is_computed() {
        let passwords = Passwords::default();
        let (go_on, waits) = mpsc::channel::<()>();
        let (has_begun, begun) = tokio::sync::oneshot::channel();
        let work = move || {
            let _ = has_begun.send(());
            waits.recv()
        };
        let others = passwords.clone();
        let asked = tokio::spawn(async move { others.run(work).await });
        begun.await.unwrap();
        asked.abort();
        assert!(asked.await.unwrap_err().is_cancelled());
        assert_eq!(passwords.0.available_permits(), AT_ONCE - 1);
        go_on.send(()).unwrap();
        drop(passwords.0.acquire_many(AT_ONCE as u32).await.unwrap());
    }
}
