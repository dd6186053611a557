//! Starts and stops everything in the right order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::api::auth::AdminToken;
use crate::api::{self, ApiState};
use crate::clock::Clock;
use crate::config::Settings;
use crate::core::{Core, CoreError};
use crate::gateway::{Gateway, GatewayError, Running};
use crate::metrics::Metrics;
use crate::store::sqlite::{CommitObserver, SqliteStore};
use crate::store::{Store, StoreError};

/// Name of the database in the data directory.
const DATABASE: &str = "voltapile.db";
/// Time that HTTP requests have to end when the server stops.
const HTTP_STOP_WITHIN: Duration = Duration::from_secs(5);

/// File descriptors that are not for piles: HTTP connections, the database, listeners, the log.
pub const FILES_RESERVED: u32 = 512;

const _: () = assert!(api::CONNECTIONS_MAX + 64 <= FILES_RESERVED as usize);

/// A running server.
#[derive(Debug)]
pub struct Server {
    /// What everything shares.
    pub core: Arc<Core>,
    /// Where HTTP is served.
    pub http: SocketAddr,
    /// The admin token, if it was made just now: to be shown once.
    pub new_admin_token: Option<String>,
    gateway: Running,
    http_task: JoinHandle<()>,
    tasks: Tasks,
    ready: Arc<AtomicBool>,
    stop: watch::Sender<bool>,
}

/// Tasks that end with the server, also with one that could not start.
#[derive(Debug)]
struct Tasks(Vec<JoinHandle<()>>);

impl Drop for Tasks {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be used.
    #[error("cannot use the database in {directory}: {error}")]
    Store {
        /// The data directory.
        directory: String,
        /// What the store says.
        error: StoreError,
    },
    /// What was under way when the server stopped cannot be taken up.
    #[error("cannot take up what was under way: {0}")]
    Resume(#[from] CoreError),
    /// Piles cannot be served.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The HTTP address cannot be bound.
    #[error("cannot serve HTTP on {address}: {error}")]
    Http {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        error: std::io::Error,
    },
}

impl Server {
    /// Opens the database, binds the addresses and begins to serve.
    ///
    /// # Errors
    /// [`StartError`] that names what cannot be used and why.
    pub async fn start(settings: &Settings) -> Result<Self, StartError> {
        let on_store = |error| StartError::Store { directory: settings.data_dir.display().to_string(), error };
        let metrics = Arc::new(Metrics::default());
        let path = settings.data_dir.join(DATABASE);
        let observer = Arc::clone(&metrics) as Arc<dyn CommitObserver>;
        let store = SqliteStore::open(&path, Some(observer)).map_err(on_store)?;
        let store: Arc<dyn Store> = Arc::new(store);
        let clock = Clock::new(settings.zone_hours);
        let core = Core::load(store, metrics, clock, settings.core()).await.map_err(on_store)?;
        let core = Arc::new(core);
        let begun = core.begin().await.map_err(|error| match error {
            CoreError::Store(error) => on_store(error),
            refused @ CoreError::Refused(_) => StartError::Resume(refused),
        });
        let tasks = Tasks(begun?);
        core.captures.begin();
        let (stop, stopping) = watch::channel(false);
        let ready = Arc::new(AtomicBool::new(false));
        let on_http = |error| StartError::Http { address: settings.http, error };
        let listener = TcpListener::bind(settings.http).await.map_err(on_http)?;
        let http = listener.local_addr().map_err(on_http)?;
        let gateway = Gateway::start(settings, Arc::clone(&core), stopping.clone())?;
        // After all that can fail: a token that was made and never shown would lock its owner out.
        let configured = Some(settings.admin_token.as_str()).filter(|token| !token.is_empty());
        let established = AdminToken::establish(core.store.as_ref(), configured).await;
        let (admin, new_admin_token) = established.map_err(on_store)?;
        let state = ApiState { core: Arc::clone(&core), admin, ready: Arc::clone(&ready), shutdown: stopping.clone() };
        let http_task = tokio::spawn(api::serve(listener, api::router(state), stopping));
        ready.store(true, Ordering::Release);
        Ok(Self { core, http, new_admin_token, gateway, http_task, tasks, ready, stop })
    }

    /// Where piles are served.
    #[must_use]
    pub fn pile_addresses(&self) -> &[SocketAddr] {
        &self.gateway.addresses
    }

    /// Stops accepting, ends the connections, finishes the commits and closes the database.
    ///
    /// # Errors
    /// What the store says when it cannot be closed.
    pub async fn stop(self) -> Result<(), StoreError> {
        self.ready.store(false, Ordering::Release);
        let _ = self.stop.send(true);
        self.gateway.stopped().await;
        let abort = self.http_task.abort_handle();
        if tokio::time::timeout(HTTP_STOP_WITHIN, self.http_task).await.is_err() {
            abort.abort();
        }
        drop(self.tasks);
        self.core.captures.close().await;
        self.core.close().await
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_start_that_fails_does_not_use_up_the_admin_token() {
        let directory = tempfile::tempdir().unwrap();
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let settings = |listen: SocketAddr| Settings {
            listen: vec![listen.into()],
            http: free,
            data_dir: directory.path().to_owned(),
            ..Settings::default()
        };
        let taken = std::net::TcpListener::bind(free).unwrap();
        let failed = Server::start(&settings(taken.local_addr().unwrap())).await;
        assert!(matches!(failed, Err(StartError::Gateway(_))), "{failed:?}");
        let server = loop {
            // The lock of the first start goes when its last task has gone.
            match Server::start(&settings(free)).await {
                Err(StartError::Store { error: StoreError::InUse { .. }, .. }) => tokio::task::yield_now().await,
                started => break started.unwrap(),
            }
        };
        assert!(server.new_admin_token.is_some());
        server.stop().await.unwrap();
    }
}
