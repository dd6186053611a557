//! What can happen between a knock and the login.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use voltapile_platform::command::Command;
use voltapile_platform::event::EventType;

use super::*;
use crate::config::Settings;
use crate::store::SessionFilter;
use crate::store::sqlite::SqliteStore;

/// A connection that counts how often it was to let a pile go.
#[derive(Debug, Default)]
struct CountingLink(AtomicU32, Backlog);

impl Link for CountingLink {
    fn lose(&self, _pile: PileCode, _session: SessionId) {
        self.0.fetch_add(1, SeqCst);
    }

    fn command(&self, _command: Command) {}

    fn backlog(&self) -> &Backlog {
        &self.1
    }

    fn wake(&self) {}

    fn forbid_work(&self) {}
}

fn pile(enabled: bool) -> Pile {
    let code = PileCode::new("32010600000001").unwrap();
    Pile { connector_count: 1, enabled, ..Pile::new(code, Timestamp::from_unix_ms(0)) }
}

pub(super) async fn core(directory: &tempfile::TempDir) -> Arc<Core> {
    let store = Arc::new(SqliteStore::open(&directory.path().join("voltapile.db"), None).unwrap());
    let core = Core::load(store, Arc::default(), Clock::new(8), Settings::default().core()).await.unwrap();
    Arc::new(core)
}

fn attach(core: &Arc<Core>, live: &PileLive, link: &Arc<CountingLink>) -> SessionId {
    let link = Arc::clone(link) as Arc<dyn Link>;
    core.attach(live, link, "203.0.113.7:40123".parse().unwrap(), Declared::default())
}

#[tokio::test]
async fn a_pile_switched_off_while_it_logs_in_loses_its_connection() {
    let directory = tempfile::tempdir().unwrap();
    let core = core(&directory).await;
    let live = core.registry.put(&pile(true), None);
    // The decision to let it in has been made; then somebody switches it off.
    core.registry.put(&pile(false), None);
    let link = Arc::<CountingLink>::default();
    let session = attach(&core, &live, &link);
    assert_eq!(link.0.load(SeqCst), 1);
    assert!(core.detach(&live, &(link as Arc<dyn Link>), session, "disabled"));
    assert!(!core.is_online(&live));
}

#[tokio::test]
async fn takeovers_on_many_threads_leave_one_session_open() {
    let directory = tempfile::tempdir().unwrap();
    let core = core(&directory).await;
    let live = core.registry.put(&pile(true), None);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                (0..200).for_each(|_| {
                    attach(&core, &live, &Arc::default());
                })
            });
        }
    });
    core.business(|business| business.put_pile(pile(true))).await.unwrap();
    let filter = SessionFilter { open: Some(true), ..SessionFilter::default() };
    let open = core.store.sessions(filter, crate::store::PageRequest::new(10, None)).await.unwrap();
    assert_eq!(open.items.len(), 1, "{open:?}");
}

#[tokio::test]
async fn a_flood_of_strangers_is_noted_in_few_writes() {
    let directory = tempfile::tempdir().unwrap();
    let metrics = Arc::new(Metrics::default());
    let observer = Arc::clone(&metrics) as Arc<dyn crate::store::sqlite::CommitObserver>;
    let store = Arc::new(SqliteStore::open(&directory.path().join("voltapile.db"), Some(observer)).unwrap());
    let core = Arc::new(Core::load(store, metrics, Clock::new(8), Settings::default().core()).await.unwrap());
    let link = Arc::<CountingLink>::default() as Arc<dyn Link>;
    let jobs = core.metrics.commit_group.sum();
    for number in 0..10_000 {
        let code = PileCode::new(&format!("{:014}", number % 200)).unwrap();
        let peer = "203.0.113.7:40123".parse().unwrap();
        core.knock(&link, &Knock { code, connector_count: 1, peer, declared: Declared::default() });
    }
    // The first write has a turn of its own and is followed by one with all the rest.
    let mut waiting = Vec::new();
    while waiting.iter().map(|pile: &WaitingPile| pile.attempts).sum::<u32>() < 10_000 {
        waiting = core.store.waiting_piles(crate::store::PageRequest::new(500, None)).await.unwrap().items;
    }
    assert_eq!(waiting.len(), 200);
    assert!(core.metrics.commit_group.sum() - jobs <= 2, "{:?}", core.metrics.commit_group);
}

#[tokio::test]
async fn the_end_of_a_connection_that_a_newer_login_overtook_ends_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let core = core(&directory).await;
    core.business(|business| business.put_pile(pile(true))).await.unwrap();
    let live = core.registry.get(pile(true).code).unwrap();
    let (old, new) = (Arc::<CountingLink>::default(), Arc::<CountingLink>::default());
    let session = attach(&core, &live, &old);
    // Its end is known at once, but the word of it waits for room in the store.
    live.detach(session);
    attach(&core, &live, &new);
    core.pile_offline(&(old as Arc<dyn Link>), live.code, "closed_by_pile");
    core.business(|_| Ok(())).await.unwrap();
    let events = core.store.events(crate::store::EventQuery::default(), 100).await.unwrap();
    assert!(events.iter().all(|event| event.event_type != EventType::PileOffline), "{events:?}");
}
