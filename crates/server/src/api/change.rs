//! Changes: each is one unit of work of the business, limited to what the caller owns, and written into the audit log
//! in the same commit. A change goes on to its end when the caller hangs up. Asked again under the same
//! `Idempotency-Key` it is not made again.

use std::fmt::Display;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use voltapile_platform::audit::AuditEntry;
use voltapile_platform::business::registry::Deed;
use voltapile_platform::business::{Business, BusinessError, Refusal};
use voltapile_platform::command::is_secret_name;
use voltapile_platform::identity::OperatorId;

use super::access::Owned;
use super::auth::{Caller, Identity, hex};
use super::extract::Key;
use super::problem::Problem;

/// A change that is asked for.
#[derive(Debug, Clone)]
pub(super) struct Change {
    action: &'static str,
    resource: String,
    detail: Value,
    digest: String,
}

impl Change {
    /// What is to be done to what: an action like `pile.put`, a resource like `piles/55031412782305`.
    pub(super) fn new(action: &'static str, resource: impl Display) -> Self {
        let resource = resource.to_string();
        let digest = digest(action, &resource, &Value::Null);
        Self { action, resource, detail: Value::Null, digest }
    }

    /// What was asked for. Secrets among it are left out of the log.
    #[must_use]
    pub(super) fn saying(mut self, asked: &impl Serialize) -> Self {
        let asked = serde_json::to_value(asked).unwrap_or_default();
        self.digest = digest(self.action, &self.resource, &asked);
        self.detail = without_secrets(asked);
        self
    }
}

/// What a change under a key came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    /// Numbers of what was made or acted on.
    pub(super) made: Vec<u64>,
    /// Whether it was done before, and nothing now.
    pub(super) repeated: bool,
}

impl Outcome {
    /// The number of the only, or the leading, thing that was made.
    pub(super) fn first(&self) -> Result<u64, Problem> {
        self.made.first().copied().ok_or_else(|| Problem::internal(&"a change under a key made nothing"))
    }
}

/// The business as a caller may use it.
pub(super) struct Guard<'a, 'b> {
    /// The business. What is changed must have passed one of the guard's checks before.
    pub(super) business: &'a mut Business<'b>,
    identity: &'a Identity,
    resource: String,
    owner: Option<OperatorId>,
}

impl Guard<'_, '_> {
    /// Who acts, as the audit log names them.
    pub(super) fn by(&self) -> &str {
        &self.identity.actor
    }

    /// A document that is there and that the caller may change.
    pub(super) fn own<T: Owned>(&mut self, id: &T::Id) -> Result<T, BusinessError> {
        let found = self.own_or_new::<T>(id)?;
        found.ok_or_else(|| Refusal::NotFound { what: T::WHAT, key: id.to_string() }.into())
    }

    /// A document that the caller may change, if it is there.
    pub(super) fn own_or_new<T: Owned>(&mut self, id: &T::Id) -> Result<Option<T>, BusinessError> {
        let Some(document) = self.business.books.get::<T>(id)? else { return Ok(None) };
        if !self.identity.owns(document.owner()) {
            return Err(Refusal::NotFound { what: T::WHAT, key: id.to_string() }.into());
        }
        self.owner = document.owner().cloned();
        Ok(Some(document))
    }

    /// A document that a field of the body names: it must be there, and one that the caller may look at.
    pub(super) fn refers<T: Owned>(&mut self, field: &'static str, id: &T::Id) -> Result<T, BusinessError> {
        let found = self.business.books.get::<T>(id)?.filter(|document| self.identity.sees(document));
        let detail = || format!("there is no {} {id}: make it first", T::WHAT);
        found.ok_or_else(|| Refusal::Invalid { field, detail: detail() }.into())
    }

    /// Whose something that is put will be: the caller's operator, or the one that is asked for.
    pub(super) fn operator_for(&mut self, asked: Option<OperatorId>) -> Result<Option<OperatorId>, BusinessError> {
        let operator = match (&self.identity.operator, asked) {
            (None, asked) => asked,
            (Some(own), None) => Some(own.clone()),
            (Some(own), Some(asked)) if *own == asked => Some(asked),
            (Some(_), Some(asked)) => {
                let detail = format!("there is no operator {asked} for this token: leave it out");
                return Err(Refusal::Invalid { field: "operator", detail }.into());
            }
        };
        self.owner.clone_from(&operator);
        Ok(operator)
    }

    /// Whose the thing is, where that is known only now: who of an operator looks at the audit log sees the entry.
    pub(super) fn owned_by(&mut self, operator: Option<OperatorId>) {
        self.owner = operator;
    }

    /// Whether the caller belongs to an operator.
    pub(super) fn is_of_operator(&self) -> bool {
        self.identity.operator.is_some()
    }

    /// What the change is about, where that is known only now.
    pub(super) fn about(&mut self, resource: impl Display) {
        self.resource = resource.to_string();
    }
}

impl<S> Caller<S> {
    /// Makes a change.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        change: Change,
        work: impl FnOnce(&mut Guard<'_, '_>) -> Result<T, BusinessError> + Send + 'static,
    ) -> Result<T, Problem> {
        let identity = Arc::clone(&self.identity);
        let work = self.core.business(move |business| {
            let (done, deed) = guarded(business, &identity, change, work)?;
            business.audit(deed)?;
            Ok(done)
        });
        // In a task of its own: the change comes to its end when the caller has gone.
        let done = tokio::spawn(work).await.map_err(|error| Problem::internal(&error))?;
        Ok(done?)
    }

    /// Makes a change that gives the numbers of what it made; under a key, once.
    pub(super) async fn change_once(
        &self,
        change: Change,
        Key(key): Key,
        work: impl FnOnce(&mut Guard<'_, '_>) -> Result<Vec<u64>, BusinessError> + Send + 'static,
    ) -> Result<Outcome, Problem> {
        let identity = Arc::clone(&self.identity);
        let work = self.core.business(move |business| {
            // Keys of different callers never meet.
            let key = key.map(|key| format!("{} {key}", identity.actor));
            let digest = change.digest.clone();
            if let Some(before) = key.as_deref().map(|key| business.done_before(key, &digest)).transpose()?.flatten() {
                return Ok(Outcome { made: before.made, repeated: true });
            }
            let (made, mut deed) = guarded(business, &identity, change, work)?;
            if key.is_some() {
                deed = Deed { key, digest: Some(digest), made: made.clone(), ..deed };
            }
            let _entry: AuditEntry = business.audit(deed)?;
            Ok(Outcome { made, repeated: false })
        });
        let done = tokio::spawn(work).await.map_err(|error| Problem::internal(&error))?;
        Ok(done?)
    }
}

/// Does the work behind a guard; gives what the audit log is to say.
fn guarded<T>(
    business: &mut Business<'_>,
    identity: &Identity,
    change: Change,
    work: impl FnOnce(&mut Guard<'_, '_>) -> Result<T, BusinessError>,
) -> Result<(T, Deed), BusinessError> {
    let Change { action, resource, detail, .. } = change;
    let mut guard = Guard { business, identity, resource, owner: identity.operator.clone() };
    let done = work(&mut guard)?;
    let Guard { resource, owner, .. } = guard;
    let (actor, action) = (identity.actor.clone(), action.to_owned());
    let deed = Deed { actor, action, resource, operator: owner, detail, key: None, digest: None, made: Vec::new() };
    Ok((done, deed))
}

/// Tells one request from another under the same key.
fn digest(action: &str, resource: &str, asked: &Value) -> String {
    let mut hash = Sha256::new();
    for part in [action, resource, &asked.to_string()] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hex(&hash.finalize())
}

/// The same without passwords and keys, at whatever depth.
fn without_secrets(mut asked: Value) -> Value {
    hide(&mut asked);
    asked
}

fn hide(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if is_secret_name(name) && !member.is_null() {
                    *member = Value::from("…");
                } else {
                    hide(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide),
        _ => {}
    }
}
