//! The HTTP side: health, metrics and `/api/v1`.
//!
//! One file per resource. What a caller did wrong is answered as `problem` with the field it is about and what to do;
//! what a handler takes comes through `extract`, so that nothing is read past a check. A change of state runs to its
//! end even when the caller hangs up (`change`).

pub mod auth;
mod change;
mod decoded;
mod extract;
mod frames;
mod health;
mod metrics;
mod paging;
mod piles;
mod problem;
mod records;
mod router;
mod serve;
mod sessions;
mod tariffs;
mod waiting;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::sync::watch;

use crate::core::Core;
pub use auth::AdminToken;
pub use router::router;
pub(crate) use serve::CONNECTIONS_MAX;
pub use serve::serve;

/// What the handlers share.
#[derive(Debug, Clone)]
pub struct ApiState {
    /// The platform.
    pub core: Arc<Core>,
    /// Who may use `/api/v1`.
    pub admin: AdminToken,
    /// Whether piles are served: what `/readyz` tells.
    pub ready: Arc<AtomicBool>,
    /// Becomes `true` when the server stops: live streams then end.
    pub shutdown: watch::Receiver<bool>,
}

#[cfg(test)]
mod tests;
