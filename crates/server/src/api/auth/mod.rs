//! Who may use `/api/v1`: whoever has the admin's bearer token.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use axum::middleware::Next;
use axum::response::Response;
use sha2::{Digest, Sha256};

use super::ApiState;
use super::problem::{Kind, Problem};
use crate::store::{StoreError, TokenHash, TokenStore};

/// Random bytes in a token that is made here.
const RANDOM_BYTES: usize = 32;
/// What a token that is made here begins with, so that a leaked one is recognised for what it is.
const PREFIX: &str = "vp_";

/// The admin's token, known by its hash only.
#[derive(Clone)]
pub struct AdminToken(TokenHash);

impl std::fmt::Debug for AdminToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AdminToken(…)")
    }
}

impl AdminToken {
    /// The token in force: the one that is configured, else the one that is stored, else one made now, which is given
    /// back as text to be shown once. A configured token counts for as long as it is configured and puts an end to the
    /// one that was made before: whoever takes it out again gets a new one.
    ///
    /// # Errors
    /// What the store says, or that the system gives no random numbers.
    pub async fn establish(
        store: &(impl TokenStore + ?Sized),
        configured: Option<&str>,
    ) -> Result<(Self, Option<String>), StoreError> {
        let stored = store.admin_token_hash().await?;
        if let Some(text) = configured.filter(|text| !text.is_empty()) {
            if stored.is_some() {
                store.set_admin_token_hash(None).await?;
            }
            return Ok((Self(hash_of(text)), None));
        }
        if let Some(hash) = stored {
            return Ok((Self(hash), None));
        }
        let text = make()?;
        let hash = hash_of(&text);
        store.set_admin_token_hash(Some(hash)).await?;
        Ok((Self(hash), Some(text)))
    }

    /// Whether a text is the token. Takes as long for a wrong one, wherever it differs.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let given = hash_of(text);
        let different = self.0.iter().zip(&given).fold(0, |different, (ours, theirs)| different | (ours ^ theirs));
        std::hint::black_box(different) == 0
    }
}

fn hash_of(text: &str) -> TokenHash {
    Sha256::digest(text.as_bytes()).into()
}

fn make() -> Result<String, StoreError> {
    let mut random = [0_u8; RANDOM_BYTES];
    getrandom::fill(&mut random).map_err(|error| {
        let error = std::io::Error::other(format!("the system gives no random numbers: {error}"));
        StoreError::Backend(std::sync::Arc::new(error))
    })?;
    let digits: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("{PREFIX}{digits}"))
}

/// Lets a request pass that carries the token.
pub(super) async fn require(State(api): State<ApiState>, request: Request, next: Next) -> Result<Response, Problem> {
    let token = bearer(request.headers())?;
    if !api.admin.matches(token) {
        let detail = "the bearer token is wrong; after losing it, set VOLTAPILE_ADMIN_TOKEN and restart the server";
        return Err(unauthorized(detail, "Bearer realm=\"voltapile\", error=\"invalid_token\""));
    }
    Ok(next.run(request).await)
}

/// The token of `Authorization: Bearer …`.
fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let malformed = || {
        let detail = "the Authorization header is malformed: send it once, as `Authorization: Bearer <admin token>`";
        unauthorized(detail, "Bearer realm=\"voltapile\", error=\"invalid_request\"")
    };
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        let detail = "the Authorization header is missing: send `Authorization: Bearer <admin token>`";
        return Err(unauthorized(detail, "Bearer realm=\"voltapile\""));
    };
    let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(malformed)?;
    let token = token.trim();
    let well_formed = scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && !token.contains(' ');
    if well_formed && values.next().is_none() { Ok(token) } else { Err(malformed()) }
}

fn unauthorized(detail: &str, challenge: &'static str) -> Problem {
    Problem::new(Kind::Unauthorized, detail).with_header(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}
