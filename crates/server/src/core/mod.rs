//! Runs the platform: what is known of piles in memory, the decisions, and what they leave in the store.
//!
//! Adapters of protocols call it in neutral words; it knows no protocol.

mod live;
mod registry;
mod waiting;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use voltapile_platform::enrolment::{EnrolmentPolicy, LoginDecision, decide_login};
use voltapile_platform::identity::PileCode;
use voltapile_platform::pile::{Pile, WaitingPile};
use voltapile_platform::tariff::{Tariff, TariffCheck, TariffId, TariffNumber, check_tariff};
use voltapile_platform::timestamp::Timestamp;

use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::store::{Rejected, SessionChange, SessionId, Store, StoreError};

pub use live::{Attachment, ConnectorLive, Declared, LatestMessage, Link, Live, PileLive, TappedFrame};
pub use registry::Registry;

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
    policy: EnrolmentPolicy,
    strangers: Arc<waiting::Strangers>,
    tariffs: RwLock<std::collections::HashMap<TariffId, Arc<Tariff>>>,
    /// Held over a change of store and memory: two changes of one pile reach both in the same order.
    changes: tokio::sync::Mutex<()>,
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
    /// Loads piles and tariffs, and ends the sessions that a crash left open.
    ///
    /// # Errors
    /// What the store says.
    pub async fn load(
        store: Arc<dyn Store>,
        metrics: Arc<Metrics>,
        clock: Clock,
        policy: EnrolmentPolicy,
        offline_after: Duration,
    ) -> Result<Self, StoreError> {
        let left_open = store.close_all_sessions(clock.now(), "server_stopped".to_owned()).await?;
        if left_open > 0 {
            tracing::info!(sessions = left_open, "ended sessions that were open when the server stopped");
        }
        let tariffs = store.all_tariffs().await?.into_iter().map(|tariff| (tariff.id.clone(), Arc::new(tariff)));
        let tariffs = RwLock::new(tariffs.collect());
        let registry = Registry::default();
        for pile in store.all_piles().await? {
            registry.put(&pile);
        }
        Ok(Self {
            registry,
            store,
            metrics,
            clock,
            offline_after,
            policy,
            strangers: Arc::default(),
            tariffs,
            changes: tokio::sync::Mutex::default(),
        })
    }

    /// Decides a login. An enrolled pile is in memory at once and in the store soon after; a refused stranger is noted
    /// as waiting.
    pub fn knock(&self, knock: &Knock) -> (LoginDecision, Option<Arc<PileLive>>) {
        let known = self.registry.get(knock.code);
        let decision = decide_login(self.policy, PileLive::registration(known.as_deref()));
        match decision {
            LoginDecision::Accept => {
                self.metrics.logins.count("accepted");
                (decision, known)
            }
            LoginDecision::Enrol => {
                self.metrics.logins.count("enrolled");
                (decision, Some(self.enrol(knock)))
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

    fn enrol(&self, knock: &Knock) -> Arc<PileLive> {
        let pile = Pile {
            code: knock.code,
            name: None,
            model: None,
            connector_count: knock.connector_count,
            tariff: None,
            enabled: true,
            created_at: self.clock.now(),
        };
        let live = self.registry.put(&pile);
        let stored = self.store.enrol_pile(pile);
        tokio::spawn(async move {
            if let Err(error) = stored.await {
                tracing::error!(%error, "an enrolled pile could not be stored; it must log in again after a restart");
            }
        });
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

    /// Puts a pile into store and memory.
    ///
    /// # Errors
    /// What the store says; memory is then unchanged.
    pub async fn put_pile(&self, pile: Pile) -> Result<crate::store::Put<Pile>, StoreError> {
        let _change = self.changes.lock().await;
        let put = self.store.put_pile(pile).await?;
        let (crate::store::Put::Created(stored) | crate::store::Put::Replaced(stored)) = &put;
        self.registry.put(stored);
        Ok(put)
    }

    /// Registers a waiting pile.
    ///
    /// # Errors
    /// What the store says; memory is then unchanged.
    pub async fn approve_pile(&self, pile: Pile) -> Result<Pile, StoreError> {
        let _change = self.changes.lock().await;
        let stored = self.store.approve_pile(pile).await?;
        self.registry.put(&stored);
        Ok(stored)
    }

    /// Assigns a tariff to a pile. The pile learns of it when it next checks its tariff.
    ///
    /// # Errors
    /// What the store says; memory is then unchanged.
    pub async fn assign_tariff(&self, code: PileCode, tariff: Option<TariffId>) -> Result<Pile, StoreError> {
        let _change = self.changes.lock().await;
        let stored = self.store.assign_tariff(code, tariff).await?;
        self.registry.put(&stored);
        Ok(stored)
    }

    /// Assigns a tariff to several piles, to all of them or to none. They learn of it when they next check theirs.
    ///
    /// # Errors
    /// What the store says; memory is then unchanged.
    pub async fn assign_tariff_to_all(&self, codes: Vec<PileCode>, tariff: TariffId) -> Result<Vec<Pile>, StoreError> {
        let _change = self.changes.lock().await;
        let stored = self.store.assign_tariff_to_all(codes, tariff).await?;
        for pile in &stored {
            self.registry.put(pile);
        }
        Ok(stored)
    }

    /// Puts a tariff into store and memory.
    ///
    /// # Errors
    /// What the store says; memory is then unchanged.
    pub async fn put_tariff(
        &self,
        id: TariffId,
        terms: voltapile_platform::tariff::TariffTerms,
    ) -> Result<crate::store::Put<Tariff>, StoreError> {
        let _change = self.changes.lock().await;
        let put = self.store.put_tariff(id, terms, self.clock.now()).await?;
        let (crate::store::Put::Created(stored) | crate::store::Put::Replaced(stored)) = &put;
        let mut tariffs = self.tariffs.write().unwrap_or_else(PoisonError::into_inner);
        tariffs.insert(stored.id.clone(), Arc::new(stored.clone()));
        drop(tariffs);
        Ok(put)
    }

    /// The tariff assigned to a pile.
    #[must_use]
    pub fn tariff_of(&self, pile: &PileLive) -> Option<Arc<Tariff>> {
        let id = pile.state().tariff.clone()?;
        self.tariffs.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Compares the tariff that a pile reports with the one assigned to it.
    #[must_use]
    pub fn check_tariff(&self, pile: &PileLive, reported: TariffNumber) -> TariffCheck {
        check_tariff(self.tariff_of(pile).map(|tariff| tariff.terms.number()), reported)
    }

    /// Joins a pile to the connection it logged in on. The newest login wins: gives back the connection that it left.
    pub fn attach(
        &self,
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
        let attachment = Attachment { link: Arc::clone(&link), session, peer, since: now };
        let before = pile.attach(attachment, declared, self.clock.tick());
        if let Some(before) = before {
            self.keep(vec![closed(before.session, now, "taken_over")]);
            if !std::ptr::addr_eq(Arc::as_ptr(&before.link), Arc::as_ptr(&link)) {
                tracing::warn!(pile = %pile.code, old = %before.peer, new = %peer, "a newer login took a pile over");
                before.link.lose(pile.code, before.session);
            }
        }
        // Switched off since it knocked, when there was no connection yet to take from it.
        if !pile.state().enabled {
            link.lose(pile.code, session);
        }
        session
    }

    /// Parts a pile from a connection, unless a newer login has done so; whether it was still joined.
    pub fn detach(&self, pile: &PileLive, session: SessionId, reason: &'static str) -> bool {
        let joined = pile.detach(session);
        if joined {
            self.keep(vec![closed(session, self.clock.now(), reason)]);
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

#[cfg(test)]
mod tests;
