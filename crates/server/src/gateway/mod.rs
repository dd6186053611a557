//! Where piles dial in: sockets, bounds and deadlines, and one adapter per protocol.
//!
//! A connection is one task that is polled by hand: it reads into a buffer shared by its thread, hands the bytes to its
//! protocol's adapter and writes the answers back, all within one poll. An idle pile costs a task and its state, no
//! buffers. Everything from outside (a commit that finished, a newer login) comes through its link.

pub mod aaf5;
mod adapter;
mod connection;
mod deadlines;
mod desk;
mod dialogue;
mod limits;
mod link;
mod listener;
mod opening;
mod protocol;
mod proxy_protocol;
mod records;
mod starts;
mod told;
pub mod ykc;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::{Listen, Settings};
use crate::core::Core;
use aaf5::AesKeys;
use deadlines::Deadlines;
use limits::ConnectionLimits;
use voltapile_protocol::session::Settings as SessionSettings;

/// What all connections share.
#[derive(Debug)]
pub struct Gateway {
    core: Arc<Core>,
    limits: ConnectionLimits,
    deadlines: Deadlines,
    write_queue_bytes: usize,
    proxy_protocol: bool,
    /// Times and bounds of sessions, the same in every protocol.
    session: Arc<SessionSettings>,
    /// Keys of YKC piles that encrypt.
    ykc_keys: ykc::Keys,
    /// Keys of AA F5 piles that are to encrypt.
    aes_keys: AesKeys,
    stopping: watch::Receiver<bool>,
}

/// Listeners that accept piles.
#[derive(Debug)]
pub struct Running {
    /// Bound addresses, in the order of the settings.
    pub addresses: Vec<SocketAddr>,
    gateway: Arc<Gateway>,
    tasks: Vec<JoinHandle<()>>,
}

/// How long connections may take to end when the server stops.
const STOP_WITHIN: Duration = Duration::from_secs(5);

impl Gateway {
    /// Binds every address and begins to accept. Stops when `stopping` turns true.
    ///
    /// # Errors
    /// [`GatewayError`] with the address or key that cannot be used.
    pub fn start(
        settings: &Settings,
        core: Arc<Core>,
        stopping: watch::Receiver<bool>,
    ) -> Result<Running, GatewayError> {
        let gateway = Arc::new(Self {
            core,
            limits: ConnectionLimits::new(&settings.limits),
            deadlines: Deadlines::default(),
            write_queue_bytes: settings.limits.write_queue_bytes as usize,
            proxy_protocol: settings.proxy_protocol,
            session: settings.session(),
            ykc_keys: ykc::Keys::new(&settings.encryption)?,
            aes_keys: AesKeys::new(&settings.encryption.aes_keys)?,
            stopping,
        });
        let mut addresses = Vec::new();
        let mut listeners = Vec::new();
        for Listen { address, protocol } in settings.listen.iter().copied() {
            let bound = listener::bind(address).map_err(|error| GatewayError::Bind { address, error })?;
            addresses.push(bound.local_addr().map_err(|error| GatewayError::Bind { address, error })?);
            listeners.push((bound, protocol));
        }
        let mut tasks: Vec<_> = listeners
            .into_iter()
            .map(|(listener, pinned)| tokio::spawn(listener::accept_piles(listener, pinned, Arc::clone(&gateway))))
            .collect();
        tasks.push(tokio::spawn(deadlines::watch(Arc::clone(&gateway))));
        Ok(Running { addresses, gateway, tasks })
    }
}

#[cfg(test)]
impl Gateway {
    /// To try connections on that no listener accepted.
    async fn without_listeners(directory: &tempfile::TempDir) -> Arc<Self> {
        use crate::store::sqlite::SqliteStore;

        let settings = Settings::default();
        let store = Arc::new(SqliteStore::open(&directory.path().join("voltapile.db"), None).unwrap());
        let clock = crate::clock::Clock::new(8);
        let core = Core::load(store, Arc::default(), clock, settings.core()).await.unwrap();
        Arc::new(Self {
            core: Arc::new(core),
            limits: ConnectionLimits::new(&settings.limits),
            deadlines: Deadlines::default(),
            write_queue_bytes: 1024,
            proxy_protocol: false,
            session: settings.session(),
            ykc_keys: ykc::Keys::default(),
            aes_keys: AesKeys::default(),
            stopping: watch::channel(false).1,
        })
    }
}

impl Running {
    /// Waits until every connection has ended; those that take too long are cut off.
    pub async fn stopped(self) {
        self.gateway.deadlines.wake_all();
        let all_ended = async {
            while self.gateway.limits.open() > 0 {
                self.gateway.limits.one_ended().await;
            }
        };
        if tokio::time::timeout(STOP_WITHIN, all_ended).await.is_err() {
            tracing::warn!(connections = self.gateway.limits.open(), "connections did not end in time");
        }
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Why piles cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// An address that cannot be bound.
    #[error("cannot listen on {address}: {error}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        error: std::io::Error,
    },
    /// Keys that cannot be used.
    #[error(transparent)]
    Keys(#[from] ykc::KeysError),
    /// AES keys that cannot be used.
    #[error(transparent)]
    AesKeys(#[from] aaf5::AesKeysError),
}
