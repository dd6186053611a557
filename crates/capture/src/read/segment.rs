//! From a packet to its segment of TCP, through whatever stands around it.

use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

use etherparse::{EtherType, LaxNetSlice, LaxSlicedPacket, TcpSlice, TransportSlice};

/// BSD loopback: four bytes of address family, then IP.
const LINK_NULL: u16 = 0;
/// Ethernet.
const LINK_ETHERNET: u16 = 1;
/// IP without anything before it, as different systems number it.
const LINK_RAW: [u16; 3] = [101, 12, 14];
/// Like [`LINK_NULL`], with the family's bytes in network order.
const LINK_LOOP: u16 = 108;
/// Linux "cooked": 16 bytes, the last two say what follows.
const LINK_SLL: u16 = 113;
/// IPv4 or IPv6 without anything before it.
const LINK_IP: [u16; 2] = [228, 229];
/// Linux "cooked", second version: 20 bytes, the first two say what follows.
const LINK_SLL2: u16 = 276;

/// A segment of TCP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment<'a> {
    /// Who sent it.
    pub source: SocketAddr,
    /// To whom.
    pub destination: SocketAddr,
    /// Number of its first byte.
    pub sequence: u32,
    /// The number that the sender expects next, where it says so.
    pub acknowledged: Option<u32>,
    /// Begins a connection.
    pub syn: bool,
    /// Ends a side.
    pub fin: bool,
    /// Breaks a connection off.
    pub reset: bool,
    /// What it carries, as far as it was captured.
    pub payload: &'a [u8],
    /// Bytes behind the payload that were sent but not captured.
    pub cut: usize,
    /// Where its parts stand in the packet.
    pub places: Places,
}

/// Where the parts of a segment stand in their packet, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The header of IP, extensions excluded.
    pub ip: Range<usize>,
    /// The header of TCP, options included.
    pub tcp: Range<usize>,
    /// What the segment carries.
    pub payload: Range<usize>,
}

/// Why a packet carries no segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Skipped {
    /// It is of another protocol than TCP.
    #[error("not TCP")]
    NotTcp,
    /// It is a fragment; fragments are not put together.
    #[error("a fragment of an IP packet")]
    Fragment,
    /// It was captured with too few bytes for its headers.
    #[error("cut before the end of its headers")]
    Cut,
    /// Its headers contradict themselves.
    #[error("headers that do not hold")]
    Malformed,
    /// It was captured on a kind of line that is not known: a number of the LINKTYPE registry.
    #[error("link type {0}, which is not known")]
    Link(u16),
}

/// The segment in a packet.
///
/// # Errors
/// [`Skipped`] when there is none.
pub fn segment(link: u16, data: &[u8]) -> Result<Segment<'_>, Skipped> {
    let packet = slice(link, data)?;
    let Some(net) = &packet.net else {
        return Err(if packet.stop_err.is_some() { Skipped::Cut } else { Skipped::NotTcp });
    };
    if net.ip_payload_ref().is_some_and(|payload| payload.fragmented) {
        return Err(Skipped::Fragment);
    }
    match &packet.transport {
        Some(TransportSlice::Tcp(tcp)) => of_tcp(data, net, tcp).ok_or(Skipped::Malformed),
        Some(_) => Err(Skipped::NotTcp),
        None if packet.stop_err.is_some() => Err(Skipped::Cut),
        None => Err(Skipped::NotTcp),
    }
}

fn slice(link: u16, data: &[u8]) -> Result<LaxSlicedPacket<'_>, Skipped> {
    let behind = |bytes: usize| data.get(bytes..).ok_or(Skipped::Cut);
    let ip = |data| LaxSlicedPacket::from_ip(data).map_err(|_| Skipped::Malformed);
    let typed = |at: usize, header: usize| {
        let ether_type = data.get(at..).and_then(<[u8]>::first_chunk::<2>).ok_or(Skipped::Cut)?;
        let ether_type = EtherType(u16::from_be_bytes(*ether_type));
        Ok(LaxSlicedPacket::from_ether_type(ether_type, behind(header)?))
    };
    match link {
        LINK_ETHERNET => LaxSlicedPacket::from_ethernet(data).map_err(|_| Skipped::Cut),
        LINK_NULL | LINK_LOOP => ip(behind(4)?),
        LINK_SLL => typed(14, 16),
        LINK_SLL2 => typed(0, 20),
        raw if LINK_RAW.contains(&raw) || LINK_IP.contains(&raw) => ip(data),
        other => Err(Skipped::Link(other)),
    }
}

fn of_tcp<'a>(data: &[u8], net: &LaxNetSlice<'_>, tcp: &TcpSlice<'a>) -> Option<Segment<'a>> {
    let (ip, source, destination, declared) = match net {
        LaxNetSlice::Ipv4(ip) => {
            let header = ip.header();
            let place = place(data, header.slice());
            let ends = (IpAddr::V4(header.source_addr()), IpAddr::V4(header.destination_addr()));
            (place, ends.0, ends.1, usize::from(header.total_len()))
        }
        LaxNetSlice::Ipv6(ip) => {
            let header = ip.header();
            let place = place(data, header.slice());
            let ends = (IpAddr::V6(header.source_addr()), IpAddr::V6(header.destination_addr()));
            let declared = place.len() + usize::from(header.payload_length());
            (place, ends.0, ends.1, declared)
        }
        LaxNetSlice::Arp(_) => return None,
    };
    let places = Places { tcp: place(data, tcp.header_slice()), payload: place(data, tcp.payload()), ip };
    let captured = places.payload.end.checked_sub(places.ip.start)?;
    Some(Segment {
        source: SocketAddr::new(source, tcp.source_port()),
        destination: SocketAddr::new(destination, tcp.destination_port()),
        sequence: tcp.sequence_number(),
        acknowledged: tcp.ack().then(|| tcp.acknowledgment_number()),
        syn: tcp.syn(),
        fin: tcp.fin(),
        reset: tcp.rst(),
        payload: tcp.payload(),
        cut: declared.saturating_sub(captured),
        places,
    })
}

/// Where a part of a packet stands in it.
fn place(data: &[u8], part: &[u8]) -> Range<usize> {
    let begin = part.as_ptr().addr().saturating_sub(data.as_ptr().addr()).min(data.len());
    begin..(begin + part.len()).min(data.len())
}
