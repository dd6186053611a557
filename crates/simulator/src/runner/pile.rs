//! The task of one pile.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};
use tracing::debug;
use voltapile_protocol::layout::Direction;
use voltapile_protocol::ykc::Framer;
use voltapile_protocol::ykc::field::PileCode;
use voltapile_protocol::ykc::framer::Piece;

use super::dial::Backoff;
use super::handle::{Reins, Wish};
use super::{Clock, Ends, Observer};
use crate::model::{Link, Moment, VirtualPile};

/// A server that does not take the connection or what the pile has to say for so long is left.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a pile with nothing to do looks at its clock.
const LOOK_AT_CLOCK: Duration = Duration::from_secs(60);
/// Bytes read at once; on the stack, so that an idle pile costs none.
const READ_LENGTH: usize = 2048;

/// One pile, its clock and where it dials.
pub(super) struct PileTask {
    pile_code: PileCode,
    pile: VirtualPile,
    server: SocketAddr,
    clock: Clock,
    backoff: Backoff,
    framer: Framer,
    out: Vec<u8>,
    /// Who watches, if anybody does.
    observer: Option<Arc<dyn Observer>>,
    /// Who steers the pile, if anybody does.
    reins: Option<Reins>,
    /// Whether it dials when it has no connection.
    dials: bool,
    /// Whether it dials at once the next time.
    dials_at_once: bool,
}

impl PileTask {
    pub(super) fn new(pile_code: PileCode, pile: VirtualPile, server: SocketAddr, clock: Clock, seed: u64) -> Self {
        let code = pile_code.0.iter().fold(seed, |code, byte| code.rotate_left(8) ^ u64::from(*byte));
        let (backoff, framer) = (Backoff::new(code), Framer::new());
        let (out, observer, reins, dials, dials_at_once) = (Vec::new(), None, None, true, false);
        Self { pile_code, pile, server, clock, backoff, framer, out, observer, reins, dials, dials_at_once }
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
        self.framer = Framer::new();
        self.out.clear();
        self.pile.connect(self.clock.now(), &mut self.out);
        let mut link = Link::Keep;
        loop {
            if !self.out.is_empty() {
                timeout(PATIENCE, stream.write_all(&self.out)).await??;
                self.observe(|observer, pile, now| observer.passed(pile, now, Direction::Up, &self.out));
                self.out.clear();
            }
            if link == Link::Close {
                debug!(pile = %self.pile_code, "closing the connection");
                self.observe(|observer, pile, now| observer.disconnected(pile, now, "closed by the pile"));
                return Ok(());
            }
            self.show();
            let deadline = self.deadline();
            link = tokio::select! {
                readable = stream.readable() => { readable?; self.receive(&stream)? }
                () = sleep_until(deadline) => self.pile.handle_deadline(self.clock.now(), &mut self.out),
                wish = next_wish(&mut self.reins) => self.obey(wish),
            };
            if self.pile.session().is_logged_in() {
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
        let Self { framer, pile, out, .. } = self;
        framer.push(read, |piece| {
            if let Piece::Frame(frame) = piece
                && pile.handle_frame(now, &frame, out) == Link::Close
            {
                link = Link::Close;
            }
        });
        Ok(link)
    }

    /// Goes on charging without a connection until it is time to dial.
    async fn live_offline(&mut self) {
        let dial_at = Instant::now() + self.backoff.next_pause();
        while !self.dials || (!self.dials_at_once && Instant::now() < dial_at) {
            let deadline = if self.dials { self.deadline().min(dial_at) } else { self.deadline() };
            let _offline_already = tokio::select! {
                () = sleep_until(deadline) => self.pile.handle_deadline(self.clock.now(), &mut self.out),
                wish = next_wish(&mut self.reins) => self.obey(wish),
            };
            self.out.clear();
            self.show();
        }
        self.dials_at_once = false;
    }

    /// Does what whoever steers the pile wants.
    fn obey(&mut self, wish: Wish) -> Link {
        match wish {
            Wish::Act(action) => {
                return self.pile.act(self.clock.now(), action, &mut self.out);
            }
            Wish::Disconnect => (self.dials, self.dials_at_once) = (false, false),
            Wish::Reconnect => (self.dials, self.dials_at_once) = (true, true),
        }
        Link::Close
    }

    /// Tells whoever watches.
    fn observe(&self, tell: impl FnOnce(&dyn Observer, PileCode, Moment)) {
        if let Some(observer) = &self.observer {
            tell(observer.as_ref(), self.pile_code, self.clock.now());
        }
    }

    /// Shows how the pile is to whoever steers it.
    fn show(&mut self) {
        if let Some(reins) = &mut self.reins {
            reins.show(self.pile.snapshot());
        }
    }

    fn deadline(&self) -> Instant {
        let latest = Instant::now() + LOOK_AT_CLOCK;
        self.pile.next_deadline().map_or(latest, |tick| self.clock.instant(tick).min(latest))
    }
}

/// What whoever steers the pile wants next; never anything when nobody does.
async fn next_wish(reins: &mut Option<Reins>) -> Wish {
    match reins {
        Some(reins) => reins.next().await,
        None => std::future::pending().await,
    }
}
