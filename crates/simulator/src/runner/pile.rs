//! The task of one pile.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};
use tracing::debug;
use voltapile_protocol::ykc::Framer;
use voltapile_protocol::ykc::field::PileCode;
use voltapile_protocol::ykc::framer::Piece;

use super::Clock;
use super::dial::Backoff;
use crate::model::{Link, VirtualPile};

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
}

impl PileTask {
    pub(super) fn new(pile_code: PileCode, pile: VirtualPile, server: SocketAddr, clock: Clock, seed: u64) -> Self {
        let code = pile_code.0.iter().fold(seed, |code, byte| code.rotate_left(8) ^ u64::from(*byte));
        Self { pile_code, pile, server, clock, backoff: Backoff::new(code), framer: Framer::new(), out: Vec::new() }
    }

    /// Dials and lives for ever.
    pub(super) async fn run(mut self) {
        loop {
            if let Err(error) = self.connect_and_live().await {
                debug!(pile = %self.pile_code, %error, "connection lost");
            }
            self.pile.disconnected();
            let dial_at = Instant::now() + self.backoff.next_pause();
            self.live_offline(dial_at).await;
        }
    }

    /// One connection from the dial to its end.
    async fn connect_and_live(&mut self) -> io::Result<()> {
        let mut stream = timeout(PATIENCE, TcpStream::connect(self.server)).await??;
        stream.set_nodelay(true)?;
        self.framer = Framer::new();
        self.out.clear();
        self.pile.connect(self.clock.now(), &mut self.out);
        let mut link = Link::Keep;
        loop {
            if !self.out.is_empty() {
                timeout(PATIENCE, stream.write_all(&self.out)).await??;
                self.out.clear();
            }
            if link == Link::Close {
                debug!(pile = %self.pile_code, "closing the connection to dial again");
                return Ok(());
            }
            link = tokio::select! {
                readable = stream.readable() => { readable?; self.receive(&stream)? }
                () = sleep_until(self.deadline()) => self.pile.handle_deadline(self.clock.now(), &mut self.out),
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
        let (now, mut link) = (self.clock.now(), Link::Keep);
        let Self { framer, pile, out, .. } = self;
        framer.push(buffer.get(..length).unwrap_or_default(), |piece| {
            if let Piece::Frame(frame) = piece
                && pile.handle_frame(now, &frame, out) == Link::Close
            {
                link = Link::Close;
            }
        });
        Ok(link)
    }

    /// Goes on charging without a connection until it is time to dial.
    async fn live_offline(&mut self, dial_at: Instant) {
        while Instant::now() < dial_at {
            sleep_until(self.deadline().min(dial_at)).await;
            self.out.clear();
            let _offline_already = self.pile.handle_deadline(self.clock.now(), &mut self.out);
        }
    }

    fn deadline(&self) -> Instant {
        let latest = Instant::now() + LOOK_AT_CLOCK;
        self.pile.next_deadline().map_or(latest, |tick| self.clock.instant(tick).min(latest))
    }
}
