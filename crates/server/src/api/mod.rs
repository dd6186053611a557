//! The HTTP side: health, metrics and `/api/v1`.
//!
//! One file per resource. What a caller did wrong is answered as `problem` with the field it is about and what to do;
//! what a handler takes comes through `extract`, so that nothing is read past a check. What a caller may see and change
//! is decided in `access` and `change`, by whom in `auth`; a handler has no other way to documents than its `Caller`.
//! The OpenAPI document comes out of the handlers' types (`describe`).

mod access;
mod accounts;
mod alarms;
mod answer;
mod audit;
pub mod auth;
mod captures;
mod cards;
mod change;
mod commands;
mod csv;
mod decoded;
mod describe;
mod docs;
mod documents;
mod events;
mod extract;
mod filter;
mod frames;
mod health;
mod login;
mod metrics;
mod operators;
mod orders;
mod paging;
mod piles;
mod problem;
mod records;
mod router;
mod secret;
mod serve;
mod sessions;
mod stall;
mod stations;
mod stream;
mod tariffs;
mod tokens;
mod users;
mod vins;
mod waiting;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::sync::watch;

use crate::core::Core;
pub use auth::AdminToken;
use auth::{KnownTokens, Passwords, Throttle};
pub use router::router;
pub(crate) use serve::CONNECTIONS_MAX;
pub use serve::serve;

/// What the API is made of.
#[derive(Debug, Clone)]
pub struct ApiState {
    /// The platform.
    pub core: Arc<Core>,
    /// The token that may do everything.
    pub admin: AdminToken,
    /// Whether piles are served: what `/readyz` tells.
    pub ready: Arc<AtomicBool>,
    /// Becomes `true` when the server stops: live streams then end.
    pub shutdown: watch::Receiver<bool>,
}

/// What the handlers share.
#[derive(Debug, Clone)]
struct Api {
    core: Arc<Core>,
    admin: AdminToken,
    ready: Arc<AtomicBool>,
    shutdown: watch::Receiver<bool>,
    tokens: Arc<KnownTokens>,
    throttle: Arc<Throttle>,
    passwords: Passwords,
    streams: stream::Streams,
    /// The OpenAPI document and the list of addresses.
    about: Arc<docs::About>,
}

impl Api {
    fn new(state: ApiState, about: docs::About) -> Self {
        let ApiState { core, admin, ready, shutdown } = state;
        let (tokens, throttle, passwords, streams) = Default::default();
        Self { core, admin, ready, shutdown, tokens, throttle, passwords, streams, about: Arc::new(about) }
    }
}

#[cfg(test)]
mod tests;
