//! Signing in with a password, for a token that counts for a while; and signing out.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voltapile_platform::business::registry::{Deed, NewToken};
use voltapile_platform::identity::{OperatorId, UserName};
use voltapile_platform::timestamp::Timestamp;
use voltapile_platform::user::{Scope, User};

use super::answer::Gone;
use super::auth::{Anyone, Caller, hash_of, hex, make_token, unauthorized};
use super::change::Change;
use super::describe::{Draft, Input, Output, Routes};
use super::extract::{Body, Query};
use super::problem::{Kind, Problem};
use super::{Api, documents};
use crate::core::Core;

/// Seconds that a token counts that somebody signed in for: a working day.
const COUNTS_SECONDS: i64 = 12 * 3600;

/// The routes that take no token.
pub(super) fn open_routes() -> Routes {
    Routes::of("login", "Signing in and out.").post(
        "/login",
        login,
        "Signs a user in: the answer's token counts for 12 hours. Wrong passwords cost ever more time.",
    )
}

/// The routes that take one.
pub(super) fn routes() -> Routes {
    Routes::of("login", "Signing in and out.").post("/logout", logout, "Puts an end to the token that asks.")
}

/// Where an HTTP request comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

/// The address of whoever asks; none in tests without a socket.
#[derive(Debug)]
struct Address(Option<IpAddr>);

impl<S: Send + Sync> FromRequestParts<S> for Address {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.extensions.get::<Peer>().map(|peer| peer.0.ip())))
    }
}

impl Input for Address {
    fn describe(_draft: &mut Draft) {}
}

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LoginForm {
    user: UserName,
    #[schema(format = Password, max_length = 1024)]
    password: String,
}

/// What somebody signed in for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SignedIn {
    /// The token: send it as `Authorization: Bearer …`.
    token: String,
    /// Until when it counts.
    expires_at: Timestamp,
    user: UserName,
    /// The operator whose things are seen; `null` sees all.
    operator: Option<OperatorId>,
    /// What may be done.
    scopes: Vec<Scope>,
}

/// A token, or why not.
struct Login(SignedIn);

impl axum::response::IntoResponse for Login {
    fn into_response(self) -> axum::response::Response {
        ([(axum::http::header::CACHE_CONTROL, "no-store")], Json(self.0)).into_response()
    }
}

impl Output for Login {
    fn describe(draft: &mut Draft) {
        let schema = draft.refer::<SignedIn>();
        draft.answers(200, "The user is signed in.", "application/json", schema);
        draft.may_fail(&[401, 429]);
    }
}

async fn login(
    State(api): State<Api>,
    Address(address): Address,
    Query(()): Query<()>,
    Body(form): Body<LoginForm>,
) -> Result<Login, Problem> {
    let LoginForm { user: name, password } = form;
    if let Err(wait) = api.throttle.attempt(name.as_str(), address, Instant::now()) {
        let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
        let detail = format!("too many wrong passwords: try again in {seconds} s");
        return Err(Problem::new(Kind::TooManyAttempts, detail).retry_after(seconds));
    }
    let user = documents::find::<User>(&api.core, &name).await?.filter(|user| user.enabled);
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let right = api.passwords.matches(password, hash).await?;
    let Some(user) = user.filter(|_| right) else {
        tracing::warn!(user = %name, ?address, "a login failed");
        return Err(no_such_user());
    };
    api.throttle.succeeded(name.as_str(), address);
    sign_in(&api.core, user).await.map(Login)
}

fn no_such_user() -> Problem {
    unauthorized("there is no such user, or the password is wrong", "Bearer realm=\"voltapile\"")
}

/// Makes a token for a user whose password was right, if the user is still who it was then.
pub(super) async fn sign_in(core: &Arc<Core>, user: User) -> Result<SignedIn, Problem> {
    let token = make_token()?;
    let expires_at = core.clock.now().plus_seconds(COUNTS_SECONDS);
    let new = NewToken {
        name: "login".to_owned(),
        hash: hex(&hash_of(&token)),
        operator: user.operator.clone(),
        scopes: user.role.scopes().to_vec(),
        user: Some(user.name.clone()),
        expires_at: Some(expires_at),
    };
    let (by, as_read) = (user.name.clone(), user.clone());
    let made = core.business(move |business| {
        // Comparing passwords takes time, in which a user may be changed or removed.
        if business.books.get(&by)? != Some(as_read) {
            return Ok(None);
        }
        let made = business.make_token(new)?;
        business.audit(Deed {
            actor: format!("user:{by}"),
            action: "user.login".to_owned(),
            resource: format!("tokens/{}", made.id),
            operator: made.operator.clone(),
            detail: serde_json::Value::Null,
            key: None,
            digest: None,
            made: Vec::new(),
        })?;
        Ok(Some(made))
    });
    let made = made.await?.ok_or_else(no_such_user)?;
    Ok(SignedIn { token, expires_at, user: user.name, operator: user.operator, scopes: made.scopes })
}

async fn logout(caller: Caller<Anyone>, Query(()): Query<()>) -> Result<Gone, Problem> {
    let Some(id) = caller.identity.token else {
        return Err(Problem::new(Kind::Conflict("admin_token"), "the admin token can't sign out: it is configured"));
    };
    let change = Change::new("user.logout", format_args!("tokens/{id}"));
    caller.change(change, move |guard| guard.business.revoke_token(id)).await?;
    Ok(Gone)
}
