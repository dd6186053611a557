//! One TCP packet over IP.

use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use etherparse::{PacketBuilder, TcpHeader};

use crate::{Ends, Side};

/// Hops that a packet may take, as systems begin with.
const HOPS: u8 = 64;
/// The window that each packet announces.
const WINDOW: u16 = u16::MAX;

/// What a packet says besides its bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flags {
    pub(super) syn: bool,
    pub(super) ack: bool,
    pub(super) fin: bool,
    pub(super) rst: bool,
    pub(super) psh: bool,
}

impl Flags {
    const NONE: Self = Self { syn: false, ack: false, fin: false, rst: false, psh: false };
    pub(super) const SYN: Self = Self { syn: true, ..Self::NONE };
    pub(super) const SYN_ACK: Self = Self { syn: true, ack: true, ..Self::NONE };
    pub(super) const ACK: Self = Self { ack: true, ..Self::NONE };
    pub(super) const PSH_ACK: Self = Self { psh: true, ack: true, ..Self::NONE };
    pub(super) const FIN_ACK: Self = Self { fin: true, ack: true, ..Self::NONE };
    pub(super) const RST_ACK: Self = Self { rst: true, ack: true, ..Self::NONE };
}

/// A packet to be written.
#[derive(Debug)]
pub(super) struct Segment<'a> {
    pub(super) ends: Ends,
    pub(super) side: Side,
    pub(super) sequence: u32,
    pub(super) acknowledged: u32,
    pub(super) flags: Flags,
    pub(super) payload: &'a [u8],
}

impl Segment<'_> {
    /// Appends the packet, from its IP header on.
    pub(super) fn write(&self, out: &mut Vec<u8>) -> io::Result<()> {
        let (from, to) = match self.side {
            Side::Client => (self.ends.client, self.ends.server),
            Side::Server => (self.ends.server, self.ends.client),
        };
        let tcp = self.tcp(from, to);
        let written = match (from.ip().to_canonical(), to.ip().to_canonical()) {
            (IpAddr::V4(from), IpAddr::V4(to)) => {
                PacketBuilder::ipv4(from.octets(), to.octets(), HOPS).tcp_header(tcp).write_to_vec(out, self.payload)
            }
            // Behind a load balancer the families may differ.
            (from, to) => PacketBuilder::ipv6(wide(from).octets(), wide(to).octets(), HOPS)
                .tcp_header(tcp)
                .write_to_vec(out, self.payload),
        };
        written.map_err(io::Error::other)
    }

    fn tcp(&self, from: SocketAddr, to: SocketAddr) -> TcpHeader {
        let Flags { syn, ack, fin, rst, psh } = self.flags;
        let header = TcpHeader::new(from.port(), to.port(), self.sequence, WINDOW);
        TcpHeader { acknowledgment_number: self.acknowledged, syn, ack, fin, rst, psh, ..header }
    }
}

fn wide(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}
