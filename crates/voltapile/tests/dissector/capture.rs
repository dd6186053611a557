//! Captures as the tests want them: each piece of bytes is one packet.

use std::net::{Ipv4Addr, SocketAddr};

use voltapile_capture::write::{Stream, Writer};
use voltapile_capture::{Ends, Side, Timestamp};

/// Where platforms listen.
pub(crate) const PORT: u16 = 8768;
/// Between two packets, in microseconds.
const STEP: u64 = 250_000;

/// A capture in the making. Connections begin in their middle, so that every packet carries bytes.
pub(crate) struct Capture {
    writer: Writer<Vec<u8>>,
    now: u64,
    next_client: u16,
}

/// A connection of a capture.
pub(crate) struct Connection(Stream);

impl Capture {
    pub(crate) fn new() -> Self {
        Self { writer: Writer::new(Vec::new()).unwrap(), now: 1_767_225_600_000_000, next_client: 40_000 }
    }

    /// Another connection to a port of the platform.
    pub(crate) fn connection(&mut self, port: u16) -> Connection {
        self.next_client += 1;
        let client = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1), self.next_client));
        let server = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 2), port));
        Connection(Stream::new(Ends { client, server }))
    }

    /// A packet of a side.
    pub(crate) fn says(&mut self, connection: &mut Connection, side: Side, bytes: &[u8]) {
        self.now += STEP;
        self.writer.bytes(&mut connection.0, side, Timestamp(self.now), bytes).unwrap();
    }

    /// Packets of the pile on one new connection to the usual port.
    pub(crate) fn up<'a>(&mut self, packets: impl IntoIterator<Item = &'a [u8]>) {
        let mut connection = self.connection(PORT);
        for packet in packets {
            self.says(&mut connection, Side::Client, packet);
        }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.writer.into_inner()
    }
}

/// A capture of packets of one pile.
pub(crate) fn of<'a>(packets: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut capture = Capture::new();
    capture.up(packets);
    capture.into_bytes()
}
