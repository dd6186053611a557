//! Tokens: what programs and signed-in people carry.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voltapile_platform::business::registry::NewToken;
use voltapile_platform::identity::{OperatorId, TokenId, UserName};
use voltapile_platform::timestamp::Timestamp;
use voltapile_platform::user::{Scope, Token};

use super::answer::{Gone, Listing, Made};
use super::auth::{Admin, Anyone, Caller, hash_of, hex, make_token};
use super::change::Change;
use super::describe::Routes;
use super::extract::{Body, FromPath, Label, Query};
use super::filter::{Filter, ListQuery, Listed};
use super::problem::{Kind, Problem};

/// The routes.
pub(super) fn routes() -> Routes {
    Routes::of("tokens", "What programs and signed-in people carry. A token is shown once, when it is made.")
        .get("/tokens", list, "Tokens, newest first; never the tokens themselves.")
        .post("/tokens", make, "Makes a token. The answer is the only place where it stands.")
        .get("/tokens/{id}", show, "One token; not the token itself.")
        .delete("/tokens/{id}", revoke, "Puts an end to a token, at once.")
        .get("/me", me, "What the token that asks may do.")
}

impl Listed for Token {
    const FILTERS: &'static [Filter] = &[
        Filter::is::<OperatorId>("operator", "The operator whose things are seen.", "the id of an operator"),
        Filter::is::<UserName>("user", "Who signed in for it.", "the name of a user"),
    ];
    const SORTS: &'static [&'static str] = &["created_at"];
}

/// A token as it is shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Token)]
struct TokenView {
    /// Its number; not the token itself.
    id: TokenId,
    /// What it is for.
    name: String,
    /// The operator whose things are seen; `null` sees all.
    operator: Option<OperatorId>,
    /// What its bearer may do.
    scopes: Vec<Scope>,
    /// The user who signed in for it, if one did.
    user: Option<UserName>,
    /// Until when it counts; `null` until revoked.
    expires_at: Option<Timestamp>,
    created_at: Timestamp,
}

impl From<Token> for TokenView {
    fn from(token: Token) -> Self {
        let Token { id, name, operator, scopes, user, expires_at, created_at, .. } = token;
        Self { id, name, operator, scopes, user, expires_at, created_at }
    }
}

/// A token to be made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TokenForm {
    /// What it is for.
    name: Label,
    /// The operator whose things are to be seen; an operator's token leaves it out.
    operator: Option<OperatorId>,
    /// What its bearer may do: nothing that the token that asks may not.
    #[schema(min_items = 1)]
    scopes: Vec<Scope>,
    /// Until when it counts; left out, until it is revoked.
    expires_at: Option<Timestamp>,
}

/// A token that was made just now.
#[derive(Debug, Serialize, ToSchema)]
struct NewTokenView {
    #[serde(flatten)]
    view: TokenView,
    /// The token itself: keep it, it is not shown again.
    token: String,
}

/// What a token may do.
#[derive(Debug, Serialize, ToSchema)]
struct Me {
    /// As the audit log names who acts: `admin`, `user:wang`, `token:7`.
    actor: String,
    /// The user who signed in, if one did.
    user: Option<UserName>,
    /// The operator whose things are seen; `null` sees all.
    operator: Option<OperatorId>,
    /// What may be done.
    scopes: Vec<Scope>,
    /// The token's number; `null` for the admin token.
    token: Option<TokenId>,
    /// Until when it counts.
    expires_at: Option<Timestamp>,
}

async fn list(caller: Caller<Admin>, Query(query): Query<ListQuery<Token>>) -> Result<Listing<TokenView>, Problem> {
    let (query, page) = query.parts();
    Ok(Listing::of(caller.list::<Token>(query, page).await?, TokenView::from))
}

async fn show(
    caller: Caller<Admin>,
    FromPath(id): FromPath<TokenId>,
    Query(()): Query<()>,
) -> Result<Json<TokenView>, Problem> {
    Ok(Json(caller.find::<Token>(&id).await?.into()))
}

async fn make(
    caller: Caller<Admin>,
    Query(()): Query<()>,
    Body(form): Body<TokenForm>,
) -> Result<Made<NewTokenView>, Problem> {
    if let Some(scope) = form.scopes.iter().find(|scope| !caller.identity.scopes.contains(scope)) {
        let detail = format!("this token can't give what it has not: {scope:?}");
        return Err(Problem::new(Kind::Unprocessable, &detail).at_pointer("/scopes", detail));
    }
    let token = make_token()?;
    let hash = hex(&hash_of(&token));
    let change = Change::new("token.make", "tokens").saying(&form);
    let made = caller.change(change, move |guard| {
        let operator = guard.operator_for(form.operator)?;
        let TokenForm { name, scopes, expires_at, .. } = form;
        let new = NewToken { name: name.into(), hash, operator, scopes, user: None, expires_at };
        let made = guard.business.make_token(new)?;
        guard.about(format_args!("tokens/{}", made.id));
        Ok(made)
    });
    let view = TokenView::from(made.await?);
    Ok(Made::at(&format!("tokens/{}", view.id), NewTokenView { view, token }))
}

async fn revoke(caller: Caller<Admin>, FromPath(id): FromPath<TokenId>, Query(()): Query<()>) -> Result<Gone, Problem> {
    let change = Change::new("token.revoke", format_args!("tokens/{id}"));
    let revoked = caller.change(change, move |guard| {
        guard.own::<Token>(&id)?;
        guard.business.revoke_token(id)
    });
    revoked.await?;
    Ok(Gone)
}

async fn me(caller: Caller<Anyone>, Query(()): Query<()>) -> Result<Json<Me>, Problem> {
    let identity = &caller.identity;
    Ok(Json(Me {
        actor: identity.actor.clone(),
        user: identity.user.clone(),
        operator: identity.operator.clone(),
        scopes: identity.scopes.clone(),
        token: identity.token,
        expires_at: identity.expires_at,
    }))
}
