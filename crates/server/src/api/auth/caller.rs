//! Who calls, and what they may do. A handler that takes `Caller<Bill>` is reached with the scope `bill` only; what it
//! sees and changes goes through the caller, and stays within what the caller's operator owns (`access`, `change`).

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use voltapile_platform::identity::{OperatorId, TokenId, UserName};
use voltapile_platform::timestamp::Timestamp;
use voltapile_platform::user::{Role, Scope, Token};

use crate::api::Api;
use crate::api::describe::{Draft, Input};
use crate::api::problem::{Kind, Problem};
use crate::core::Core;

/// Whose a token is.
#[derive(Debug)]
pub(in crate::api) struct Identity {
    /// As the audit log names who acts: `admin`, `user:wang`, `token:7`.
    pub(in crate::api) actor: String,
    /// The operator whose things are seen; `None` sees all.
    pub(in crate::api) operator: Option<OperatorId>,
    /// What may be done.
    pub(in crate::api) scopes: Vec<Scope>,
    /// The user who signed in for it.
    pub(in crate::api) user: Option<UserName>,
    /// The token's number; the admin token has none.
    pub(in crate::api) token: Option<TokenId>,
    /// Until when it counts.
    pub(in crate::api) expires_at: Option<Timestamp>,
}

impl Identity {
    /// Whoever has the admin token.
    pub(in crate::api) fn admin() -> Arc<Self> {
        let scopes = Role::Admin.scopes().to_vec();
        let actor = "admin".to_owned();
        Arc::new(Self { actor, operator: None, scopes, user: None, token: None, expires_at: None })
    }

    /// Whoever has a token that was made here.
    pub(in crate::api) fn of(token: Token) -> Self {
        let actor = match &token.user {
            Some(user) => format!("user:{user}"),
            None => format!("token:{}", token.id),
        };
        let Token { id, operator, scopes, user, expires_at, .. } = token;
        Self { actor, operator, scopes, user, token: Some(id), expires_at }
    }
}

/// Names a scope in a type.
pub(in crate::api) trait Scoped: Send + Sync + 'static {
    /// The scope; `None` where any token will do.
    const SCOPE: Option<Scope>;
}

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident = $scope:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(in crate::api) enum $name {}

        impl Scoped for $name {
            const SCOPE: Option<Scope> = $scope;
        }
    )*};
}

scopes! {
    /// Any token.
    Anyone = None;
    /// [`Scope::Read`].
    Read = Some(Scope::Read);
    /// [`Scope::Operate`].
    Operate = Some(Scope::Operate);
    /// [`Scope::Bill`].
    Bill = Some(Scope::Bill);
    /// [`Scope::Admin`].
    Admin = Some(Scope::Admin);
}

/// The scope's name in JSON.
pub(in crate::api) const fn name(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "read",
        Scope::Operate => "operate",
        Scope::Bill => "bill",
        Scope::Admin => "admin",
    }
}

/// Who calls, and may do what `S` names.
pub(in crate::api) struct Caller<S> {
    pub(in crate::api) core: Arc<Core>,
    pub(in crate::api) identity: Arc<Identity>,
    scope: PhantomData<S>,
}

impl<S> Caller<S> {
    /// Refuses a caller that belongs to an operator: the thing is the platform's.
    pub(in crate::api) fn must_be_of_platform(&self) -> Result<(), Problem> {
        match &self.identity.operator {
            None => Ok(()),
            Some(operator) => {
                let detail = format!("the token belongs to the operator {operator}: this takes one of the platform");
                Err(Problem::new(Kind::PlatformOnly, detail))
            }
        }
    }
}

impl<S: Scoped> FromRequestParts<Api> for Caller<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let identity = parts.extensions.get::<Arc<Identity>>().cloned();
        let identity = identity.ok_or_else(|| Problem::internal(&"a route below /api/v1 is not guarded"))?;
        if let Some(scope) = S::SCOPE.filter(|scope| !identity.scopes.contains(scope)) {
            let has: Vec<&str> = identity.scopes.iter().map(|scope| name(*scope)).collect();
            let detail = format!("this takes a token with the scope {}; this one has {}", name(scope), has.join(", "));
            return Err(Problem::new(Kind::InsufficientScope, detail));
        }
        Ok(Self { core: Arc::clone(&api.core), identity, scope: PhantomData })
    }
}

impl<S: Scoped> Input for Caller<S> {
    fn describe(draft: &mut Draft) {
        draft.needs(S::SCOPE.map(name));
    }
}
