//! A bare echo: the least that a server can do with a byte. What a platform reaches is told as a share of it.

use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 4096;
/// Bytes taken at once.
const BUFFER_LENGTH: usize = 16 * 1024;
/// Pause when the process has no file descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

thread_local! {
    /// Shared by all connections of a thread; never held across an await.
    static BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; BUFFER_LENGTH].into());
}

/// Listens on an address; port 0 chooses one.
///
/// # Errors
/// When the address cannot be had.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Sends back whatever comes, until `shutdown` is done.
pub async fn serve(listener: TcpListener, shutdown: impl Future<Output = ()>) {
    tokio::select! {
        () = accept(listener) => {}
        () = shutdown => {}
    }
}

async fn accept(listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => _ = tokio::spawn(echo(stream)),
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

async fn echo(stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    loop {
        stream.readable().await?;
        match pass(&stream)? {
            Passed::All => {}
            Passed::Part(rest) => _ = super::exchange::send(&stream, &rest).await?,
            Passed::End => return Ok(()),
        }
    }
}

enum Passed {
    All,
    /// The socket did not take these.
    Part(Vec<u8>),
    End,
}

/// One read and one write.
fn pass(stream: &TcpStream) -> io::Result<Passed> {
    BUFFER.with_borrow_mut(|buffer| {
        let length = match stream.try_read(buffer) {
            Ok(0) => return Ok(Passed::End),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Passed::All),
            Err(error) => return Err(error),
        };
        let bytes = buffer.get(..length).unwrap_or_default();
        let written = match stream.try_write(bytes) {
            Ok(written) => written,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            Err(error) => return Err(error),
        };
        let rest = bytes.get(written..).unwrap_or_default();
        Ok(if rest.is_empty() { Passed::All } else { Passed::Part(rest.to_vec()) })
    })
}
