//! The task of one pile.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};
use tracing::debug;
use voltapile_protocol::layout::Direction;
use voltapile_protocol::ykc::field::PileCode;

use super::deeds::Charges;
use super::dial::Backoff;
use super::firmware::Errands;
use super::handle::{Reins, Wish};
use super::trouble::Trouble;
use super::{Clock, Deed, Ends, Observer};
use crate::frames::Exchange;
use crate::model::{Action, Link, Moment, TransactionNumber, VirtualPile};

/// A server that does not take the connection or what the pile has to say for so long is left.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// How often a pile with nothing to do looks at its clock.
const LOOK_AT_CLOCK: Duration = Duration::from_secs(60);
/// Bytes read at once; on the stack, so that an idle pile costs none.
const READ_LENGTH: usize = 2048;

/// One pile, its clock and where it dials.
pub(super) struct PileTask {
    pub(super) pile_code: PileCode,
    pub(super) pile: VirtualPile,
    pub(super) server: SocketAddr,
    pub(super) clock: Clock,
    backoff: Backoff,
    /// What passes, read along.
    pub(super) exchange: Exchange,
    pub(super) out: Vec<u8>,
    /// What goes wrong with it.
    pub(super) trouble: Trouble,
    /// Who watches, if anybody does.
    pub(super) observer: Option<Arc<dyn Observer>>,
    /// Charges that whoever watches knows of.
    pub(super) charges: Charges,
    /// The charges of records that have a number at the pile.
    pub(super) records: BTreeMap<i32, TransactionNumber>,
    /// Who steers the pile, if anybody does.
    reins: Option<Reins>,
    errands: Errands,
    /// Whether it dials when it has no connection.
    dials: bool,
    /// Whether it dials at once the next time.
    pub(super) dials_at_once: bool,
}

impl PileTask {
    pub(super) fn new(pile: VirtualPile, server: SocketAddr, clock: Clock, seed: u64, trouble: Trouble) -> Self {
        let pile_code = pile.pile_code();
        let exchange = Exchange::of(pile.protocol());
        Self {
            pile_code,
            pile,
            server,
            clock,
            backoff: Backoff::new(seed),
            exchange,
            out: Vec::new(),
            trouble,
            observer: None,
            charges: Charges::new(),
            records: BTreeMap::new(),
            reins: None,
            errands: Errands::default(),
            dials: true,
            dials_at_once: false,
        }
    }

    /// Lets somebody steer the pile.
    pub(super) fn with_reins(self, reins: Reins) -> Self {
        Self { reins: Some(reins), ..self }
    }

    /// Lets somebody watch what passes.
    pub(super) fn watched_by(self, observer: Option<Arc<dyn Observer>>) -> Self {
        Self { observer, ..self }
    }

    /// Dials and lives for ever.
    pub(super) async fn run(mut self) {
        loop {
            if let Err(error) = self.connect_and_live().await {
                debug!(pile = %self.pile_code, %error, "connection lost");
                self.observe(|observer, pile, now| observer.disconnected(pile, now, &error.to_string()));
                self.end_troubles();
            }
            self.pile.disconnected();
            self.show();
            self.live_offline().await;
        }
    }

    /// One connection from the dial to its end.
    async fn connect_and_live(&mut self) -> io::Result<()> {
        let mut stream = timeout(PATIENCE, TcpStream::connect(self.server)).await??;
        stream.set_nodelay(true)?;
        let ends = Ends { pile: stream.local_addr()?, platform: stream.peer_addr()? };
        self.observe(|observer, pile, now| observer.connected(pile, now, ends));
        self.exchange = Exchange::of(self.pile.protocol());
        self.out.clear();
        self.begin_troubles();
        self.pile.connect(self.clock.now(), &mut self.out);
        self.remember_login();
        let mut link = Link::Keep;
        loop {
            self.say(&mut stream).await?;
            if link == Link::Close {
                debug!(pile = %self.pile_code, "closing the connection");
                self.say_what_waits(&mut stream).await?;
                self.leave(stream);
                return Ok(());
            }
            self.show();
            self.errands.begin(self.pile.take_errand());
            let deadline = self.deadline();
            link = tokio::select! {
                readable = stream.readable() => { readable?; self.receive(&stream)? }
                () = sleep_until(deadline) => self.pile.handle_deadline(self.clock.now(), &mut self.out),
                wish = next_wish(&mut self.reins) => self.obey(wish),
                fetched = self.errands.done() => self.pile.errand_done(self.clock.now(), fetched, &mut self.out),
            };
            if link == Link::Keep {
                link = self.play_faults(&mut stream).await?;
            }
            if self.pile.is_logged_in() {
                self.backoff.succeeded();
            }
        }
    }

    /// Reads what is there and lets the pile take each frame.
    fn receive(&mut self, stream: &TcpStream) -> io::Result<Link> {
        let mut buffer = [0; READ_LENGTH];
        let length = match stream.try_read(&mut buffer) {
            Ok(0) => return Err(io::ErrorKind::ConnectionReset.into()),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Link::Keep),
            Err(error) => return Err(error),
        };
        let read = buffer.get(..length).unwrap_or_default();
        self.observe(|observer, pile, now| observer.passed(pile, now, Direction::Down, read));
        let (now, mut link) = (self.clock.now(), Link::Keep);
        let mut exchange = self.take_exchange();
        exchange.push(Direction::Down, read, &mut |frame| {
            self.tell_what_is_heard(&frame);
            if self.pile.handle_frame(now, frame.raw, &mut self.out) == Link::Close {
                link = Link::Close;
            }
        });
        self.exchange = exchange;
        if let Some(flaw) = self.pile.take_key_flaw() {
            debug!(pile = %self.pile_code, ?flaw, "the answer to the sign-in has not the pile's key");
            self.tell(Deed::KeyRefused(flaw));
        }
        Ok(link)
    }

    /// What passes, to read along while the pile acts; it is put back afterwards.
    pub(super) fn take_exchange(&mut self) -> Exchange {
        std::mem::replace(&mut self.exchange, Exchange::of(self.pile.protocol()))
    }

    /// Goes on charging without a connection until it is time to dial.
    async fn live_offline(&mut self) {
        let dial_at = Instant::now() + self.backoff.next_pause();
        loop {
            let may_dial = self.dials && self.pile.dials_at().is_none();
            if may_dial && (self.dials_at_once || (Instant::now() >= dial_at && !self.trouble.is_away())) {
                break;
            }
            self.errands.begin(self.pile.take_errand());
            let waits = may_dial && !self.trouble.is_away();
            let deadline = if waits { self.deadline().min(dial_at) } else { self.deadline() };
            let _offline_already = tokio::select! {
                () = sleep_until(deadline) => self.pile.handle_deadline(self.clock.now(), &mut self.out),
                wish = next_wish(&mut self.reins) => self.obey(wish),
                fetched = self.errands.done() => self.pile.errand_done(self.clock.now(), fetched, &mut self.out),
                () = self.trouble.one_ends() => Link::Keep,
            };
            self.out.clear();
            self.show();
        }
        self.dials_at_once = false;
    }

    /// Does what whoever steers the pile wants.
    fn obey(&mut self, wish: Wish) -> Link {
        match wish {
            Wish::Act(action) => return self.act(action),
            Wish::Inject(fault) => {
                self.trouble.inject(fault);
                return Link::Keep;
            }
            Wish::Plan(plan) => {
                self.trouble.replan(&plan, self.clock.now().tick);
                return Link::Keep;
            }
            Wish::Disconnect => (self.dials, self.dials_at_once) = (false, false),
            Wish::Reconnect => (self.dials, self.dials_at_once) = (true, true),
        }
        Link::Close
    }

    /// Lets something happen at the pile; what goes wrong with it stays wrong.
    pub(super) fn act(&mut self, action: Action) -> Link {
        let action = match action {
            Action::Behave(behaviour) => Action::Behave(Box::new(self.trouble.behave(*behaviour))),
            other => other,
        };
        self.pile.act(self.clock.now(), action, &mut self.out)
    }

    /// Tells whoever watches.
    pub(super) fn observe(&self, tell: impl FnOnce(&dyn Observer, PileCode, Moment)) {
        if let Some(observer) = &self.observer {
            tell(observer.as_ref(), self.pile_code, self.clock.now());
        }
    }

    /// Shows how the pile is to whoever steers or watches it.
    fn show(&mut self) {
        self.follow_troubles();
        if self.reins.is_none() && self.observer.is_none() {
            return;
        }
        let snapshot = self.pile.snapshot();
        self.tell_of_charges(&snapshot);
        if let Some(reins) = &mut self.reins {
            reins.show(snapshot);
        }
    }

    fn deadline(&self) -> Instant {
        let latest = Instant::now() + LOOK_AT_CLOCK;
        let next = [self.pile.next_deadline(), self.next_trouble()].into_iter().flatten().min();
        next.map_or(latest, |tick| self.clock.instant(tick).min(latest))
    }
}

/// What whoever steers the pile wants next; never anything when nobody does.
async fn next_wish(reins: &mut Option<Reins>) -> Wish {
    match reins {
        Some(reins) => reins.next().await,
        None => std::future::pending().await,
    }
}
