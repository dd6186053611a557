//! Accepts connections and bounds them before anything is allocated for them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use tokio::net::{TcpListener, TcpStream};
use voltapile_protocol::Protocol as Spoken;

use super::Gateway;
use super::connection;

/// Connections that may wait to be accepted: a storm of reconnects must not overflow it.
const BACKLOG: i32 = 4096;
/// Rest after an accept failed for want of resources.
const BACK_OFF: Duration = Duration::from_millis(100);
/// Kernel buffers of a pile's socket: what a stuck peer can pin.
const SOCKET_BUFFER: usize = 16 * 1024;
/// Half-open connections are noticed by the kernel after this idle time.
const KEEPALIVE_AFTER: Duration = Duration::from_secs(60);
const KEEPALIVE_EVERY: Duration = Duration::from_secs(15);
/// Time that written bytes may stay unacknowledged.
const USER_TIMEOUT: Duration = Duration::from_secs(60);

/// Binds an address.
pub(super) fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    // Buffers are inherited by accepted sockets; set before listening they cost no call per connection.
    socket.set_recv_buffer_size(SOCKET_BUFFER)?;
    socket.set_send_buffer_size(SOCKET_BUFFER)?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Accepts until the server stops, piles of one protocol or of all.
pub(super) async fn accept_piles(listener: TcpListener, pinned: Option<Spoken>, gateway: Arc<Gateway>) {
    let mut stopping = gateway.stopping.clone();
    // Said once, not ten times a second for as long as it lasts.
    let mut is_failing = false;
    loop {
        let accepted = tokio::select! {
            biased;
            _ = stopping.wait_for(|stopping| *stopping) => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                if std::mem::take(&mut is_failing) {
                    tracing::info!("connections are accepted again");
                }
                admit(&gateway, pinned, stream, peer);
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                if !std::mem::replace(&mut is_failing, true) {
                    tracing::error!(%error, "cannot accept connections; is the limit of open files too low?");
                }
                gateway.core.metrics.connections_refused.count("accept_failed");
                tokio::time::sleep(BACK_OFF).await;
            }
        }
    }
}

/// Whether an accept failed because the peer was gone already.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}

fn admit(gateway: &Arc<Gateway>, pinned: Option<Spoken>, stream: TcpStream, peer: SocketAddr) {
    let address = peer.ip().to_canonical();
    if let Err(refused) = gateway.limits.take(address) {
        gateway.core.metrics.connections_refused.count(refused.name());
        tracing::debug!(%peer, reason = refused.name(), "refused a connection");
        return;
    }
    if let Err(error) = prepare(&stream) {
        tracing::debug!(%peer, %error, "a connection ended before it began");
        gateway.limits.release(address);
        return;
    }
    gateway.core.metrics.connection_opened();
    connection::spawn(Arc::clone(gateway), pinned, stream, SocketAddr::new(address, peer.port()));
}

fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE_AFTER).with_interval(KEEPALIVE_EVERY))?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(USER_TIMEOUT))?;
    Ok(())
}
