//! Where to dial from: one loopback address has too few ports for a large fleet.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::net::{TcpSocket, TcpStream};

/// Connections from one address; the usual range has 28,232 ports, of which those in use slow down the search.
const PORTS_PER_ADDRESS: usize = 8_000;

/// The addresses of one run.
#[derive(Debug)]
pub(super) struct Sources {
    server: SocketAddr,
    /// Second and third number of the addresses; `None` when the server is not on this machine.
    network: Option<[u8; 2]>,
}

impl Sources {
    pub(super) fn new(server: SocketAddr, network: [u8; 2]) -> Self {
        let is_local = matches!(server.ip(), IpAddr::V4(address) if address.is_loopback());
        Self { server, network: is_local.then_some(network) }
    }

    /// The address of the `index`th connection.
    fn address(&self, index: usize) -> Option<Ipv4Addr> {
        let [a, b] = self.network?;
        let c = 1 + index / PORTS_PER_ADDRESS % 254;
        Some(Ipv4Addr::new(127, a, b, c as u8))
    }

    /// Dials. Closing later sends a reset, so that ten thousands of ports do not wait for a minute each.
    pub(super) async fn dial(&self, index: usize) -> std::io::Result<TcpStream> {
        let socket = if self.server.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        if let Some(address) = self.address(index) {
            socket.bind(SocketAddr::new(address.into(), 0))?;
        }
        socket.set_zero_linger()?;
        socket.set_nodelay(true)?;
        socket.connect(self.server).await
    }
}

/// A network that the last run probably did not use.
pub(super) fn fresh() -> [u8; 2] {
    let millis = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let mixed = (millis / 10) as u32 ^ std::process::id().rotate_left(7);
    [1 + (mixed % 254) as u8, (mixed / 254 % 256) as u8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreads_a_large_fleet_over_addresses() {
        let sources = Sources::new("127.0.0.1:8768".parse().unwrap(), [3, 4]);
        assert_eq!(sources.address(7_999), Some(Ipv4Addr::new(127, 3, 4, 1)));
        assert_eq!(sources.address(18_999), Some(Ipv4Addr::new(127, 3, 4, 3)));
        let sources = Sources::new("192.0.2.1:8768".parse().unwrap(), [3, 4]);
        assert_eq!(sources.address(0), None);
    }
}
