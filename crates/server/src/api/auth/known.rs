//! Tokens that were made here, looked up by their hash and remembered while they count.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use voltapile_platform::book::Kind;
use voltapile_platform::user::Token;

use super::{Identity, hash_of, hex};
use crate::api::documents;
use crate::core::Core;
use crate::store::{Comparison, DocumentQuery, PageRequest, StoreError, Test, TokenHash};

/// Tokens that are remembered; when more are in use, all are looked up again.
const REMEMBERED_MAX: usize = 10_000;

/// How long nobody looks whether a token has run out that does so later.
const LONG: Duration = Duration::from_secs(60 * 60);

/// Tokens by their hash. What is remembered is forgotten as soon as any token or user changes, so that a revoked token
/// counts no moment longer.
#[derive(Debug, Default)]
pub(in crate::api) struct KnownTokens(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    /// The number of changes that the store had seen when these were read.
    as_of: u64,
    tokens: HashMap<TokenHash, Arc<Identity>>,
}

impl KnownTokens {
    /// Whose a token is; `None` when it does not count.
    pub(in crate::api) async fn look_up(&self, core: &Core, text: &str) -> Result<Option<Arc<Identity>>, StoreError> {
        let hash = hash_of(text);
        let now = core.clock.now();
        // Before the store is read: what changes meanwhile must not be remembered as it was.
        let as_of = *core.token_changes().borrow();
        let remembered = self.current(as_of).tokens.get(&hash).cloned();
        let found = match remembered {
            Some(identity) => Some(identity),
            None => {
                let token = read(core, &hash).await?;
                token.map(|token| self.remember(as_of, hash, token))
            }
        };
        Ok(found.filter(|identity| identity.expires_at.is_none_or(|end| end > now)))
    }

    fn remember(&self, as_of: u64, hash: TokenHash, token: Token) -> Arc<Identity> {
        let identity = Arc::new(Identity::of(token));
        let mut remembered = self.current(as_of);
        if remembered.tokens.len() >= REMEMBERED_MAX {
            remembered.tokens.clear();
        }
        if remembered.as_of == as_of {
            remembered.tokens.insert(hash, Arc::clone(&identity));
        }
        identity
    }

    /// What is remembered, emptied when it was read before a change.
    fn current(&self, as_of: u64) -> MutexGuard<'_, Remembered> {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.as_of < as_of {
            *remembered = Remembered { as_of, tokens: HashMap::new() };
        }
        remembered
    }
}

/// Waits until the token that somebody came with counts no longer; the admin token always does.
pub(in crate::api) async fn token_ends(core: Arc<Core>, identity: Arc<Identity>) {
    let Some(id) = identity.token else { return std::future::pending().await };
    let mut changes = core.token_changes();
    loop {
        // Before the store is read: what changes meanwhile is looked at again.
        changes.mark_unchanged();
        let counts = match documents::find::<Token>(&core, &id).await {
            Ok(token) => token.is_some(),
            Err(error) => {
                tracing::warn!(%error, "a stream ends: its reader's token can't be looked up");
                false
            }
        };
        let left = identity.expires_at.map(|end| end.unix_ms().saturating_sub(core.clock.now().unix_ms()));
        if !counts || left.is_some_and(|left| left <= 0) {
            return;
        }
        let left = left.and_then(|left| u64::try_from(left).ok()).map_or(LONG, Duration::from_millis).min(LONG);
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(left) => {}
        }
    }
}

async fn read(core: &Core, hash: &TokenHash) -> Result<Option<Token>, StoreError> {
    let test = Test { field: "hash", comparison: Comparison::Is(hex(hash).into()) };
    let query = DocumentQuery { tests: vec![test], ..DocumentQuery::default() };
    let page = core.store.documents(Kind::Token, query, PageRequest::new(1, None)).await?;
    page.items.first().map(|body| documents::parse(body)).transpose()
}
