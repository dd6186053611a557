//! One connection: a task polled by hand.

use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use voltapile_capture::{Ends, Side};
use voltapile_protocol::Protocol as Spoken;
use voltapile_protocol::time::Tick;

use super::Gateway;
use super::adapter::Adapter;
use super::link::PileLink;
use super::protocol::{Flow, Protocol};
use super::proxy_protocol::{self, Header};
use crate::capture::Line;

/// Bytes read at once, into a buffer shared by all connections of a thread.
const READ_BYTES: usize = 16 * 1024;
/// Reads in one poll before others get their turn.
const READS_PER_POLL: usize = 8;

/// Buffers of a thread; never held across a wait.
struct Scratch {
    read: Box<[u8]>,
    out: Vec<u8>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> =
        RefCell::new(Scratch { read: vec![0; READ_BYTES].into(), out: Vec::with_capacity(READ_BYTES) });
}

/// A connection of a pile.
struct Connection {
    gateway: Arc<Gateway>,
    stream: TcpStream,
    peer: SocketAddr,
    link: Arc<PileLink>,
    number: u64,
    protocol: Adapter,
    /// Bytes that the socket did not take yet.
    unwritten: Vec<u8>,
    /// The begin of a PROXY header, while one is expected.
    proxy_header: Option<Vec<u8>>,
    closing: Option<Closing>,
    waker: Option<Waker>,
    /// Why it ended, once it has.
    end: Option<&'static str>,
    /// What captures know of it, while something is captured.
    line: Option<Box<Line>>,
}

const _: () = assert!(size_of::<Connection>() <= 256, "an idle pile has a budget of 3 KiB in all");

/// An end that waits for the last bytes to be written.
#[derive(Clone, Copy)]
struct Closing {
    reason: &'static str,
    /// Whether to hear the peer out.
    hears_out: bool,
    /// When to end all the same.
    by: Tick,
}

/// Time that a peer has to read what it was told before the end.
const LAST_BYTES_WITHIN: Duration = Duration::from_secs(5);

/// Time for which a refused peer is heard out.
const HEARD_OUT_WITHIN: Duration = Duration::from_secs(1);

/// Serves a connection in a task of its own.
pub(super) fn spawn(gateway: Arc<Gateway>, pinned: Option<Spoken>, stream: TcpStream, peer: SocketAddr) {
    tokio::spawn(Connection::new(gateway, pinned, stream, peer));
}

impl Future for Connection {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if !this.waker.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
            this.link.set_waker(context.waker());
            this.waker = Some(context.waker().clone());
        }
        let reason = SCRATCH.with_borrow_mut(|scratch| {
            // What a dead connection did not take must never reach this one.
            scratch.out.clear();
            ready_reason(this, context, scratch)
        });
        match reason {
            Poll::Ready(reason) => {
                this.end = Some(reason);
                Poll::Ready(())
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

/// Drives the connection as far as it goes; ready with the reason of its end.
fn ready_reason(this: &mut Connection, context: &mut Context<'_>, scratch: &mut Scratch) -> Poll<&'static str> {
    let mut now = Instant::now();
    this.handle_outside(now, &mut scratch.out);
    if let Err(reason) = this.write(context, &mut scratch.out) {
        return Poll::Ready(reason);
    }
    for _ in 0..READS_PER_POLL {
        if let Some(closing) = this.closing {
            return this.finish(context, closing);
        }
        if this.protocol.is_paused() {
            this.set_deadline();
            return Poll::Pending;
        }
        let mut buffer = ReadBuf::new(&mut scratch.read);
        match Pin::new(&mut this.stream).poll_read(context, &mut buffer) {
            Poll::Pending => {
                this.set_deadline();
                return Poll::Pending;
            }
            Poll::Ready(Ok(())) if buffer.filled().is_empty() => return Poll::Ready("closed_by_pile"),
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(error)) => return Poll::Ready(reason_of(&error)),
        }
        now = Instant::now();
        this.handle_bytes(now, buffer.filled(), &mut scratch.out);
        let answers = !scratch.out.is_empty();
        if let Err(reason) = this.write(context, &mut scratch.out) {
            return Poll::Ready(reason);
        }
        if answers {
            this.protocol.answered(now);
        }
    }
    context.waker().wake_by_ref();
    Poll::Pending
}

impl Connection {
    fn new(gateway: Arc<Gateway>, pinned: Option<Spoken>, stream: TcpStream, peer: SocketAddr) -> Self {
        let link = Arc::new(PileLink::default());
        let now = gateway.core.clock.tick();
        let protocol = Adapter::new(&gateway, Arc::clone(&link), peer, pinned, now);
        let number = gateway.deadlines.add(Arc::clone(&link));
        let proxy_header = gateway.proxy_protocol.then(Vec::new);
        let mut connection = Self {
            gateway,
            stream,
            peer,
            link,
            number,
            protocol,
            unwritten: Vec::new(),
            proxy_header,
            closing: None,
            waker: None,
            end: None,
            line: None,
        };
        if connection.proxy_header.is_none() {
            connection.line_begins();
        }
        connection
    }

    /// Letters, deadlines, and the server's own end.
    fn handle_outside(&mut self, moment: Instant, out: &mut Vec<u8>) {
        let now = self.gateway.core.clock.tick_at(moment);
        while self.closing.is_none() {
            let Some(letter) = self.link.take() else { break };
            let flow = self.protocol.handle_letter(now, letter, out);
            self.follow(now, flow);
        }
        if self.closing.is_none() && self.link.deadline() <= now {
            let flow = self.protocol.handle_deadlines(now, out);
            self.follow(now, flow);
            self.link.set_deadline(self.protocol.next_deadline());
        }
        if *self.gateway.stopping.borrow() {
            self.follow(now, Flow::Close("server_stopping"));
        }
    }

    fn handle_bytes(&mut self, moment: Instant, bytes: &[u8], out: &mut Vec<u8>) {
        let now = self.gateway.core.clock.tick_at(moment);
        let flow = match self.proxy_header.take() {
            None => self.handle_pile(now, bytes, out),
            Some(mut header) => {
                header.extend_from_slice(bytes);
                self.handle_proxy_header(now, header, out)
            }
        };
        self.follow(now, flow);
        // Login and requests bring deadlines that are earlier than the last one said.
        if self.protocol.next_deadline() <= now && self.closing.is_none() {
            let flow = self.protocol.handle_deadlines(now, out);
            self.follow(now, flow);
        }
    }

    fn handle_proxy_header(&mut self, now: Tick, header: Vec<u8>, out: &mut Vec<u8>) -> Flow {
        match proxy_protocol::read(&header) {
            Header::Incomplete => {
                self.proxy_header = Some(header);
                Flow::Continue
            }
            Header::Invalid => {
                tracing::warn!(peer = %self.peer, "expected a PROXY protocol v2 header; is this peer the load balancer?");
                Flow::Close("no_proxy_header")
            }
            Header::Complete { length, peer } => {
                if let Some(peer) = peer {
                    let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
                    if let Err(refused) = self.gateway.limits.move_to(self.peer.ip(), peer.ip()) {
                        self.gateway.core.metrics.connections_refused.count(refused.name());
                        return Flow::Close(refused.name());
                    }
                    self.peer = peer;
                    self.protocol.set_peer(peer);
                }
                self.line_begins();
                self.handle_pile(now, header.get(length..).unwrap_or_default(), out)
            }
        }
    }

    /// Bytes of the pile itself. Shown to captures afterwards, when it is known who has logged in with them.
    fn handle_pile(&mut self, now: Tick, bytes: &[u8], out: &mut Vec<u8>) -> Flow {
        let flow = self.protocol.handle_bytes(now, bytes, out);
        self.passed(Side::Client, bytes);
        flow
    }

    /// The line's ends are known.
    fn line_begins(&mut self) {
        let captures = &self.gateway.core.captures;
        if captures.is_on() {
            self.line = self.ends().map(|ends| Box::new(captures.line_begins(ends)));
        }
    }

    /// Shows what passed to captures. Where nothing is captured, this is a look at a flag.
    fn passed(&mut self, side: Side, bytes: &[u8]) {
        if self.gateway.core.captures.is_on() {
            self.capture(side, bytes);
        }
    }

    #[cold]
    fn capture(&mut self, side: Side, bytes: &[u8]) {
        if self.line.is_none() {
            self.line = self.ends().map(|ends| Box::new(self.gateway.core.captures.line_found(ends)));
        }
        if let Some(line) = self.line.as_mut().filter(|_| !bytes.is_empty()) {
            line.passed(&self.gateway.core.captures, self.protocol.aboard(), side, bytes);
        }
    }

    fn ends(&self) -> Option<Ends> {
        self.stream.local_addr().ok().map(|server| Ends { client: self.peer, server })
    }

    fn follow(&mut self, now: Tick, flow: Flow) {
        if self.closing.is_none() {
            self.closing = match flow {
                Flow::Continue => None,
                Flow::Close(reason) => Some(Closing { reason, hears_out: false, by: now + LAST_BYTES_WITHIN }),
                Flow::Refuse(reason) => Some(Closing { reason, hears_out: true, by: now + HEARD_OUT_WITHIN }),
            };
        }
    }

    /// Makes sure that the connection is woken in time. A deadline that moved later is said when the old one passes.
    fn set_deadline(&self) {
        let next = self.protocol.next_deadline();
        if next < self.link.deadline() {
            self.link.set_deadline(next);
        }
    }

    /// Writes what waits and what is new; what the socket does not take waits, within bounds.
    fn write(&mut self, context: &mut Context<'_>, out: &mut Vec<u8>) -> Result<(), &'static str> {
        self.protocol.sees_written(out);
        if self.unwritten.is_empty() {
            let written = self.write_some(context, out)?;
            self.unwritten.extend_from_slice(out.get(written..).unwrap_or_default());
        } else {
            self.unwritten.extend_from_slice(out);
            let mut waiting = std::mem::take(&mut self.unwritten);
            let written = self.write_some(context, &waiting)?;
            waiting.drain(..written);
            if !waiting.is_empty() {
                self.unwritten = waiting;
            }
        }
        out.clear();
        if self.unwritten.len() > self.gateway.write_queue_bytes { Err("slow_reader") } else { Ok(()) }
    }

    fn write_some(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Result<usize, &'static str> {
        let mut written = 0;
        while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
            match Pin::new(&mut self.stream).poll_write(context, rest) {
                Poll::Ready(Ok(count)) => written += count,
                Poll::Ready(Err(error)) => return Err(reason_of(&error)),
                Poll::Pending => break,
            }
        }
        self.passed(Side::Server, bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    /// Ends once everything is written and the pile has been told.
    fn finish(&mut self, context: &mut Context<'_>, closing: Closing) -> Poll<&'static str> {
        let is_told = self.unwritten.is_empty();
        if is_told {
            let _ = ready!(Pin::new(&mut self.stream).poll_shutdown(context));
        }
        let waits = !is_told || (closing.hears_out && self.hear_out(context).is_pending());
        if waits && self.gateway.core.clock.tick() < closing.by {
            self.link.set_deadline(closing.by);
            return Poll::Pending;
        }
        Poll::Ready(closing.reason)
    }

    /// Reads and forgets until the peer has ended its side, too.
    fn hear_out(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut bytes = [0; 256];
        for _ in 0..READS_PER_POLL {
            let mut buffer = ReadBuf::new(&mut bytes);
            match ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => self.passed(Side::Client, buffer.filled()),
                _ => return Poll::Ready(()),
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Gives back all that a connection holds elsewhere, even when a bug ended it in the middle of a poll.
impl Drop for Connection {
    fn drop(&mut self) {
        let reason = self.end.unwrap_or(if std::thread::panicking() { "panicked" } else { "server_stopping" });
        let name = self.protocol.name();
        self.protocol.closed(reason);
        if let Some(line) = self.line.take() {
            line.closed(&self.gateway.core.captures, reason);
        }
        self.gateway.deadlines.remove(self.number);
        self.gateway.core.metrics.connection_closed(reason);
        self.gateway.limits.release(self.peer.ip());
        match name {
            Some(pile) => tracing::info!(%pile, peer = %self.peer, reason, "a pile's connection ended"),
            None => tracing::debug!(peer = %self.peer, reason, "a connection ended without login"),
        }
    }
}

/// A stable name for what the system says.
fn reason_of(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => "reset_by_pile",
        io::ErrorKind::TimedOut => "timed_out",
        _ => "io_error",
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::sync::atomic::Ordering::Relaxed;

    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_connection_that_is_dropped_unfinished_is_counted_no_longer() {
        let directory = tempfile::tempdir().unwrap();
        let gateway = Gateway::without_listeners(&directory).await;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let _pile = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, peer) = listener.accept().await.unwrap();
        gateway.limits.take(peer.ip()).unwrap();
        gateway.core.metrics.connection_opened();
        drop(Connection::new(Arc::clone(&gateway), None, stream, peer));
        assert_eq!((gateway.limits.open(), gateway.core.metrics.connections.load(Relaxed)), (0, 0));
    }
}
