//! Who may use `/api/v1`: whoever has the admin token, or a token that was made here and still counts.

mod admin;
mod caller;
mod known;
mod password;
mod throttle;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use axum::middleware::Next;
use axum::response::Response;
use sha2::{Digest, Sha256};

use super::Api;
use super::problem::{Kind, Problem};
use crate::store::{StoreError, TokenHash};

pub use admin::AdminToken;
pub(super) use caller::{Admin, Anyone, Bill, Caller, Identity, Operate, Read};
pub(super) use known::{KnownTokens, token_ends};
pub(super) use password::Passwords;
pub(super) use throttle::Throttle;

/// Random bytes in a token that is made here.
const RANDOM_BYTES: usize = 32;
/// What a token that is made here begins with, so that a leaked one is recognised for what it is.
const PREFIX: &str = "vp_";

/// SHA-256 of a token.
pub(super) fn hash_of(text: &str) -> TokenHash {
    Sha256::digest(text.as_bytes()).into()
}

/// Bytes as lower-case hex digits: how hashes stand in documents.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A new token.
pub(super) fn make_token() -> Result<String, StoreError> {
    let mut random = [0_u8; RANDOM_BYTES];
    getrandom::fill(&mut random).map_err(|error| {
        let error = std::io::Error::other(format!("the system gives no random numbers: {error}"));
        StoreError::Backend(std::sync::Arc::new(error))
    })?;
    Ok(format!("{PREFIX}{}", hex(&random)))
}

/// Whether a text has the form of a token that is made here. Nothing else is looked up.
fn has_form(text: &str) -> bool {
    let digits = text.strip_prefix(PREFIX).unwrap_or_default();
    digits.len() == 2 * RANDOM_BYTES && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Lets a request pass that carries a token that counts, and notes whose it is.
pub(super) async fn require(State(api): State<Api>, mut request: Request, next: Next) -> Result<Response, Problem> {
    let token = bearer(request.headers())?;
    let identity = if api.admin.matches(token) {
        Identity::admin()
    } else {
        let known = if has_form(token) { api.tokens.look_up(&api.core, token).await? } else { None };
        known.ok_or_else(|| {
            let detail = "the bearer token is wrong or no longer counts: sign in again or ask for a new one; after losing \
                          the admin token, set VOLTAPILE_ADMIN_TOKEN and restart the server";
            unauthorized(detail, "Bearer realm=\"voltapile\", error=\"invalid_token\"")
        })?
    };
    request.extensions_mut().insert(identity);
    Ok(next.run(request).await)
}

/// The token of `Authorization: Bearer …`.
fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let malformed = || {
        let detail = "the Authorization header is malformed: send it once, as `Authorization: Bearer <token>`";
        unauthorized(detail, "Bearer realm=\"voltapile\", error=\"invalid_request\"")
    };
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        let detail = "the Authorization header is missing: send `Authorization: Bearer <token>`";
        return Err(unauthorized(detail, "Bearer realm=\"voltapile\""));
    };
    let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(malformed)?;
    let token = token.trim();
    let well_formed = scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && !token.contains(' ');
    if well_formed && values.next().is_none() { Ok(token) } else { Err(malformed()) }
}

/// A refusal that says how to ask.
pub(super) fn unauthorized(detail: &str, challenge: &'static str) -> Problem {
    Problem::new(Kind::Unauthorized, detail).with_header(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}
