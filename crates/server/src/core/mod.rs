//! Runs the platform: what is known of piles in memory, the decisions, and what they leave in the store.
//!
//! Adapters of protocols call it in neutral words; it knows no protocol.

mod backlog;
mod connector;
mod judge;
mod live;
mod mirror;
mod reaction;
mod registry;
mod series;
mod tariffs;
mod timers;
mod uplink;
mod waiters;
mod waiting;
mod watchdog;
mod work;

use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use voltapile_platform::book::{Document, from_json};
use voltapile_platform::business::{Business, Rules};

use voltapile_platform::enrolment::{EnrolmentPolicy, LoginDecision, decide_login};
use voltapile_platform::identity::{PileCode, StationId};
use voltapile_platform::pile::{Pile, WaitingPile};
use voltapile_platform::station::Station;
use voltapile_platform::tariff::{TariffId, TariffVersion};
use voltapile_platform::timestamp::Timestamp;

use crate::capture::{CaptureSettings, Captures};
use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::store::{PAGE_LIMIT_MAX, PageRequest, Rejected, SessionChange, SessionFilter, SessionId, Store, StoreError};

pub use series::SeriesSettings;
pub use work::CoreError;

pub use backlog::Backlog;
pub use connector::ConnectorLive;
pub use live::{Attachment, Declared, LatestMessage, Link, Live, PileLive, TappedFrame};
pub use registry::Registry;

/// Piles in one unit of work when the business is told of those that a crash cut off.
const LOST_AT_ONCE: usize = 200;

/// What the whole server shares.
pub struct Core {
    /// What is known of piles in memory.
    pub registry: Registry,
    /// What is kept.
    pub store: Arc<dyn Store>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// The only clock.
    pub clock: Clock,
    /// Silence after which a pile is shown as offline.
    pub offline_after: Duration,
    /// What the business goes by.
    pub rules: Rules,
    /// What is written down of what passes on lines.
    pub captures: Captures,
    policy: EnrolmentPolicy,
    strangers: Arc<waiting::Strangers>,
    /// Every version of every tariff.
    tariffs: RwLock<HashMap<TariffId, Arc<[TariffVersion]>>>,
    /// To spawn from the store's thread, which belongs to no runtime.
    runtime: Handle,
    timers: timers::Timers,
    waiters: waiters::Waiters,
    series: series::Series,
    inbox: judge::Inbox,
    /// Counts the commits that appended events.
    events_appended: watch::Sender<u64>,
    /// Counts the commits that changed tokens or users.
    tokens_changed: watch::Sender<u64>,
}

/// What a core goes by.
#[derive(Debug, Clone)]
pub struct CoreSettings {
    /// How strangers are met.
    pub policy: EnrolmentPolicy,
    /// Silence after which a pile is shown as offline.
    pub offline_after: Duration,
    /// The business's rules.
    pub rules: Rules,
    /// What is kept of telemetry and events.
    pub series: SeriesSettings,
    /// What is captured.
    pub captures: CaptureSettings,
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").field("policy", &self.policy).finish_non_exhaustive()
    }
}

/// A pile that wants to log in.
#[derive(Debug)]
pub struct Knock {
    /// The code it gives.
    pub code: PileCode,
    /// How many connectors it says it has.
    pub connector_count: u8,
    /// Where it comes from.
    pub peer: std::net::SocketAddr,
    /// What it says of itself.
    pub declared: Declared,
}

impl Core {
    /// Loads piles and tariffs.
    ///
    /// # Errors
    /// What the store says.
    pub async fn load(
        store: Arc<dyn Store>,
        metrics: Arc<Metrics>,
        clock: Clock,
        settings: CoreSettings,
    ) -> Result<Self, StoreError> {
        let mut tariffs: HashMap<TariffId, Vec<TariffVersion>> = HashMap::new();
        for version in all::<TariffVersion>(&store).await? {
            tariffs.entry(version.tariff.clone()).or_default().push(version);
        }
        let stations = all::<Station>(&store).await?.into_iter().map(|station| (station.id, station.tariff));
        let stations: HashMap<StationId, Option<TariffId>> = stations.collect();
        let registry = Registry::default();
        for pile in all::<Pile>(&store).await? {
            let of_station = |station: &StationId| Ok::<_, StoreError>(stations.get(station).cloned().flatten());
            let tariff = pile.charges_by(of_station)?;
            registry.put(&pile, tariff);
        }
        let captures = Captures::new(settings.captures, clock, Arc::clone(&metrics));
        Ok(Self {
            registry,
            store,
            metrics,
            clock,
            offline_after: settings.offline_after,
            rules: settings.rules,
            captures,
            policy: settings.policy,
            strangers: Arc::default(),
            tariffs: RwLock::new(tariffs.into_iter().map(|(id, versions)| (id, versions.into())).collect()),
            runtime: Handle::current(),
            timers: timers::Timers::default(),
            waiters: waiters::Waiters::default(),
            series: series::Series::new(settings.series),
            inbox: judge::Inbox::default(),
            events_appended: watch::Sender::new(0),
            tokens_changed: watch::Sender::new(0),
        })
    }

    /// Takes up what was under way when the server stopped, ends the sessions that a crash left open, and begins to look
    /// after deadlines, records and series. The tasks end when they are aborted.
    ///
    /// # Errors
    /// What the business or the store says.
    pub async fn begin(self: &Arc<Self>) -> Result<Vec<JoinHandle<()>>, CoreError> {
        self.business(|business| business.resume()).await?;
        self.end_lost_sessions().await?;
        Ok(vec![
            tokio::spawn(timers::run(Arc::clone(self))),
            tokio::spawn(judge::run(Arc::clone(self))),
            tokio::spawn(series::run(Arc::clone(self))),
            tokio::spawn(watchdog::run(Arc::clone(self))),
        ])
    }

    /// After a crash: tells the business of the piles that were connected, then ends their sessions. In this order,
    /// another crash in between loses nothing.
    async fn end_lost_sessions(self: &Arc<Self>) -> Result<(), CoreError> {
        for some in connected(&self.store).await?.chunks(LOST_AT_ONCE) {
            let some = some.to_vec();
            let tell = move |business: &mut Business<'_>| {
                some.iter().try_for_each(|pile| business.pile_offline(*pile, "server_stopped"))
            };
            self.business(tell).await?;
        }
        let ended = self.store.close_all_sessions(self.clock.now(), "server_stopped".to_owned()).await?;
        if ended > 0 {
            tracing::info!(sessions = ended, "ended sessions that were open when the server stopped");
        }
        Ok(())
    }

    /// Writes what is still only in memory and closes the store.
    ///
    /// # Errors
    /// What the store says when it cannot be closed.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.write_series().await;
        self.store.close().await
    }

    /// Becomes another number whenever events were appended.
    #[must_use]
    pub fn new_events(&self) -> watch::Receiver<u64> {
        self.events_appended.subscribe()
    }

    /// Becomes another number whenever tokens or users were changed.
    #[must_use]
    pub fn token_changes(&self) -> watch::Receiver<u64> {
        self.tokens_changed.subscribe()
    }

    /// Decides a login. An enrolled pile is in memory at once and in the store soon after; a refused stranger is noted
    /// as waiting.
    pub fn knock(self: &Arc<Self>, link: &Arc<dyn Link>, knock: &Knock) -> (LoginDecision, Option<Arc<PileLive>>) {
        let known = self.registry.get(knock.code);
        let decision = decide_login(self.policy, PileLive::registration(known.as_deref()));
        match decision {
            LoginDecision::Accept => {
                self.metrics.logins.count("accepted");
                (decision, known)
            }
            LoginDecision::Enrol => {
                self.metrics.logins.count("enrolled");
                (decision, Some(self.enrol(link, knock)))
            }
            LoginDecision::Refuse(reason) => {
                self.metrics.logins.count(reason.name());
                if known.is_none() {
                    self.note_waiting(knock);
                }
                (decision, None)
            }
        }
    }

    fn enrol(self: &Arc<Self>, link: &Arc<dyn Link>, knock: &Knock) -> Arc<PileLive> {
        let pile = Pile { connector_count: knock.connector_count, ..Pile::new(knock.code, self.clock.now()) };
        let live = self.registry.put(&pile, None);
        let enrol = move |business: &mut Business<'_>| business.enrol_pile(pile).map(drop);
        let (work, on_durable) = self.prepare(enrol, |stored| {
            if let Err(error) = stored {
                tracing::error!(%error, "an enrolled pile could not be stored; it must log in again after a restart");
            }
        });
        self.queue(link, work, on_durable);
        live
    }

    fn note_waiting(&self, knock: &Knock) {
        let now = self.clock.now();
        let waiting = WaitingPile {
            code: knock.code,
            first_seen: now,
            last_seen: now,
            attempts: 1,
            peer: knock.peer.to_string(),
            declared: serde_json::to_value(&knock.declared).unwrap_or_default(),
        };
        self.strangers.note(&self.store, waiting);
    }

    /// Joins a pile to the connection it logged in on. The newest login wins: gives back the connection that it left.
    pub fn attach(
        self: &Arc<Self>,
        pile: &PileLive,
        link: Arc<dyn Link>,
        peer: std::net::SocketAddr,
        declared: Declared,
    ) -> SessionId {
        let now = self.clock.now();
        let session = self.store.next_session_id();
        let opened = SessionChange::Opened { id: session, pile_code: pile.code, peer: peer.to_string(), at: now };
        // Before anybody can take the pile over: an end that the store met first would be lost.
        self.keep(vec![opened]);
        let login = uplink::login_of(&declared);
        let attachment = Attachment { link: Arc::clone(&link), session, peer, since: now };
        let before = pile.attach(attachment, declared, self.clock.tick());
        if let Some(before) = before {
            self.keep(vec![closed(before.session, now, "taken_over")]);
            if !std::ptr::addr_eq(Arc::as_ptr(&before.link), Arc::as_ptr(&link)) {
                tracing::warn!(pile = %pile.code, old = %before.peer, new = %peer, "a newer login took a pile over");
                before.link.lose(pile.code, before.session);
            }
        }
        self.pile_online(&link, pile.code, login);
        // Switched off since it knocked, when there was no connection yet to take from it.
        if !pile.state().enabled {
            link.lose(pile.code, session);
        }
        session
    }

    /// Parts a pile from a connection, unless a newer login has done so; whether it was still joined.
    pub fn detach(
        self: &Arc<Self>,
        pile: &PileLive,
        link: &Arc<dyn Link>,
        session: SessionId,
        reason: &'static str,
    ) -> bool {
        let joined = pile.detach(session);
        if joined {
            self.keep(vec![closed(session, self.clock.now(), reason)]);
            self.pile_offline(link, pile.code, reason);
        }
        joined
    }

    /// Queues changes of sessions; when the queue is full they wait in a task of their own.
    fn keep(&self, changes: Vec<SessionChange>) {
        if let Err(Rejected { item, error }) = self.store.submit_sessions(changes) {
            if matches!(error, StoreError::Closed) {
                return;
            }
            let stored = self.store.store_sessions(item);
            tokio::spawn(async move {
                if let Err(error) = stored.await {
                    tracing::warn!(%error, "a session's change could not be stored");
                }
            });
        }
    }

    /// When a pile was last heard since the server started.
    #[must_use]
    pub fn last_seen(&self, pile: &PileLive) -> Option<Timestamp> {
        let ago = self.clock.tick().since(pile.last_heard()?);
        let ago_ms = i64::try_from(ago.as_millis()).unwrap_or(i64::MAX);
        Some(Timestamp::from_unix_ms(self.clock.now().unix_ms().saturating_sub(ago_ms)))
    }

    /// Whether a pile is connected and not silent.
    #[must_use]
    pub fn is_online(&self, pile: &PileLive) -> bool {
        let heard = pile.last_heard().is_some_and(|heard| self.clock.tick().since(heard) < self.offline_after);
        heard && pile.state().attachment.is_some()
    }
}

fn closed(id: SessionId, at: Timestamp, reason: &str) -> SessionChange {
    SessionChange::Closed { id, at, reason: reason.to_owned() }
}

/// The piles of the sessions that are still open: after a crash, at start.
async fn connected(store: &Arc<dyn Store>) -> Result<Vec<PileCode>, StoreError> {
    let (mut piles, mut cursor) = (Vec::new(), None);
    loop {
        let filter = SessionFilter { open: Some(true), ..SessionFilter::default() };
        let page = store.sessions(filter, PageRequest::new(PAGE_LIMIT_MAX, cursor)).await?;
        piles.extend(page.items.into_iter().map(|session| session.pile_code));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(piles);
        }
    }
}

/// Every document of a kind.
async fn all<T: Document + DeserializeOwned>(store: &Arc<dyn Store>) -> Result<Vec<T>, StoreError> {
    let bodies = store.all_documents(T::KIND, None).await?;
    let read = |body: &String| from_json(T::KIND, "", body).map_err(StoreError::from);
    bodies.iter().map(read).collect()
}

#[cfg(test)]
mod tests;
