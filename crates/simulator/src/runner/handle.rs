//! Reins of one pile, for tests: what happens at it, and how it is.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use voltapile_protocol::ykc::field::{HardwareFaults, PhysicalCardNumber, PileCode};

use super::{Clock, Observer, pile_task};
use crate::fault::{Fault, FaultPlan};
use crate::model::{Action, Behaviour, CarWish, Credential, ModelOptions, PileSetup, PileSnapshot, VinCharacters};

/// Orders that may wait; whoever gives more waits.
const ORDERS_WAITING: usize = 16;
/// How long [`PileHandle::until`] waits at most: longer than anything takes that a test has patience for.
const WAIT_MOST: Duration = Duration::from_secs(30);

/// Why a pile did not become what was waited for.
#[derive(Debug, thiserror::Error)]
pub enum WaitError {
    /// It did not within 30 s.
    #[error("not within {WAIT_MOST:?}; the pile is {0:#?}")]
    TimedOut(Box<PileSnapshot>),
    /// Its task is gone.
    #[error("the pile's task has ended")]
    Gone,
}

/// What a test wants of a pile.
#[derive(Debug)]
pub(super) enum Wish {
    /// Something happens at it.
    Act(Action),
    /// It loses its connection and does not dial again.
    Disconnect,
    /// It dials now, on a new connection.
    Reconnect,
    /// A fault of the menu happens.
    Inject(Fault),
    /// Other faults happen from now on.
    Plan(FaultPlan),
}

/// A wish, and whom to tell once it is fulfilled.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) wish: Wish,
    pub(super) done: oneshot::Sender<()>,
}

/// The pile's end of the reins.
#[derive(Debug)]
pub(super) struct Reins {
    orders: mpsc::Receiver<Order>,
    snapshots: watch::Sender<PileSnapshot>,
    /// Who waits for the next snapshot.
    waiting: Vec<oneshot::Sender<()>>,
}

impl Reins {
    /// The next order; never one when nobody holds the reins any more.
    pub(super) async fn next(&mut self) -> Wish {
        match self.orders.recv().await {
            Some(Order { wish, done }) => {
                self.waiting.push(done);
                wish
            }
            None => std::future::pending().await,
        }
    }

    /// Shows how the pile is, and then that orders are carried out.
    pub(super) fn show(&mut self, snapshot: PileSnapshot) {
        self.snapshots.send_if_modified(|shown| {
            let is_news = *shown != snapshot;
            *shown = snapshot;
            is_news
        });
        for done in self.waiting.drain(..) {
            // Whoever does not wait for it any more does not need it.
            let _ = done.send(());
        }
    }
}

/// A pile that plays in a task of its own, until this is dropped.
///
/// Each order returns once the pile has carried it out, said what it had to say, and shown how it is now. Orders about a
/// connector that the pile does not have change nothing.
#[derive(Debug)]
pub struct PileHandle {
    pile_code: PileCode,
    orders: mpsc::Sender<Order>,
    snapshots: watch::Receiver<PileSnapshot>,
    task: JoinHandle<()>,
}

/// One pile that is to play against a server.
pub struct PileRun {
    /// The pile.
    pub setup: PileSetup,
    /// How it is played.
    pub options: ModelOptions,
    /// The server.
    pub server: SocketAddr,
    /// Who watches, if anybody does.
    pub observer: Option<Arc<dyn Observer>>,
    /// What goes wrong.
    pub faults: FaultPlan,
}

impl PileRun {
    /// A pile that nobody watches and with which nothing goes wrong by itself.
    #[must_use]
    pub fn new(setup: PileSetup, options: ModelOptions, server: SocketAddr) -> Self {
        Self { setup, options, server, observer: None, faults: FaultPlan::default() }
    }

    /// Lets it play, with the reins in hand.
    #[must_use]
    pub fn spawn(self) -> PileHandle {
        let Self { setup, options, server, observer, faults } = self;
        let pile_code = setup.config.pile_code;
        let task = pile_task(setup, options, server, Clock::start(), &faults);
        let (orders, taken) = mpsc::channel(ORDERS_WAITING);
        let (shown, snapshots) = watch::channel(task.pile.snapshot());
        let reins = Reins { orders: taken, snapshots: shown, waiting: Vec::new() };
        let task = task.with_reins(reins).watched_by(observer);
        PileHandle { pile_code, orders, snapshots, task: tokio::spawn(task.run()) }
    }
}

/// Plays one pile against a server, with the reins in hand.
#[must_use]
pub fn spawn(setup: PileSetup, options: ModelOptions, server: SocketAddr) -> PileHandle {
    PileRun::new(setup, options, server).spawn()
}

/// Like [`spawn`], watched by somebody.
#[must_use]
pub fn spawn_observed(
    setup: PileSetup,
    options: ModelOptions,
    server: SocketAddr,
    observer: Option<Arc<dyn Observer>>,
) -> PileHandle {
    PileRun { observer, ..PileRun::new(setup, options, server) }.spawn()
}

impl PileHandle {
    /// Number of the pile.
    #[must_use]
    pub const fn pile_code(&self) -> PileCode {
        self.pile_code
    }

    /// Something happens at the pile.
    pub async fn act(&self, action: Action) {
        self.order(Wish::Act(action)).await;
    }

    /// A car is plugged in, and stays until it is unplugged.
    pub async fn plug(&self, connector: u8) {
        self.act(Action::Plug { connector, car: CarWish::default() }).await;
    }

    /// A car with this VIN is plugged in and asks to charge by it.
    pub async fn plug_and_charge(&self, connector: u8, vin: VinCharacters) {
        self.act(Action::Plug { connector, car: CarWish::of(vin) }).await;
        self.act(Action::Ask { connector, credential: Credential::Vin }).await;
    }

    /// The plug is pulled, whatever goes on.
    pub async fn unplug(&self, connector: u8) {
        self.act(Action::Unplug { connector }).await;
    }

    /// Somebody swipes a card.
    pub async fn swipe(&self, connector: u8, card: PhysicalCardNumber) {
        self.act(Action::Ask { connector, credential: Credential::Card(card, None) }).await;
    }

    /// Somebody presses the stop button.
    pub async fn stop(&self, connector: u8) {
        self.act(Action::Stop { connector, password: None }).await;
    }

    /// Exactly these faults hold from now on.
    pub async fn set_faults(&self, connector: u8, faults: HardwareFaults) {
        self.act(Action::SetFaults { connector, faults }).await;
    }

    /// The pile behaves differently from now on.
    pub async fn behave(&self, behaviour: Behaviour) {
        self.act(Action::Behave(Box::new(behaviour))).await;
    }

    /// The pile loses its connection and stays offline until it is told to [reconnect](Self::reconnect).
    pub async fn disconnect(&self) {
        self.order(Wish::Disconnect).await;
    }

    /// The pile dials now, on a new connection. Whether it gets through is to be waited for.
    pub async fn reconnect(&self) {
        self.order(Wish::Reconnect).await;
    }

    /// A fault happens now: one of the line to the next frame, one of the link to the connection, or to the next one while
    /// there is none; one of a charge to the charges under way, or to the next one.
    pub async fn inject(&self, fault: Fault) {
        self.order(Wish::Inject(fault)).await;
    }

    /// Exactly these faults happen from now on, whatever was planned before; what goes on ends.
    pub async fn plan(&self, faults: FaultPlan) {
        self.order(Wish::Plan(faults)).await;
    }

    /// How the pile is.
    #[must_use]
    pub fn snapshot(&self) -> PileSnapshot {
        self.snapshots.borrow().clone()
    }

    /// Waits until the pile is as wanted, and gives back how it is then.
    ///
    /// # Errors
    /// [`WaitError`] when it is not within 30 s, with how it is instead.
    pub async fn until(&self, wanted: impl FnMut(&PileSnapshot) -> bool) -> Result<PileSnapshot, WaitError> {
        let mut snapshots = self.snapshots.clone();
        match timeout(WAIT_MOST, snapshots.wait_for(wanted)).await {
            Ok(Ok(snapshot)) => Ok(snapshot.clone()),
            Ok(Err(_)) => Err(WaitError::Gone),
            Err(_) => Err(WaitError::TimedOut(Box::new(self.snapshot()))),
        }
    }

    /// Waits until the pile is logged in and its tariff is settled.
    ///
    /// # Errors
    /// As [`until`](Self::until).
    pub async fn until_working(&self) -> Result<PileSnapshot, WaitError> {
        self.until(|pile| pile.is_working).await
    }

    /// Gives an order and waits until it is carried out. A pile whose task is gone obeys nobody; whoever waits for it
    /// then learns so.
    async fn order(&self, wish: Wish) {
        let (done, carried_out) = oneshot::channel();
        if self.orders.send(Order { wish, done }).await.is_ok() {
            let _ = carried_out.await;
        }
    }
}

impl Drop for PileHandle {
    fn drop(&mut self) {
        self.task.abort();
    }
}
