//! The header that a load balancer puts before a connection's bytes: PROXY protocol, version 2.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
/// Signature, version and command, family, length (2).
const FIXED: usize = 16;
/// Longest header that is waited for: addresses and a few extensions.
const MAX: usize = 536;

/// What the first bytes of a connection are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header {
    /// More bytes are needed.
    Incomplete,
    /// No header of this version: the peer is no proxy that was asked to send one.
    Invalid,
    /// The header takes this many bytes; the address is that of the pile, where the proxy tells one.
    Complete { length: usize, peer: Option<SocketAddr> },
}

/// Reads the header at the begin of a connection's bytes.
pub(super) fn read(bytes: &[u8]) -> Header {
    let begin = bytes.get(..bytes.len().min(SIGNATURE.len())).unwrap_or_default();
    if !SIGNATURE.starts_with(begin) {
        return Header::Invalid;
    }
    let Some((fixed, rest)) = bytes.split_first_chunk::<FIXED>() else { return Header::Incomplete };
    let [.., version_command, family, high, low] = *fixed;
    let length = usize::from(u16::from_be_bytes([high, low]));
    if version_command >> 4 != 2 || FIXED + length > MAX {
        return Header::Invalid;
    }
    let Some(addresses) = rest.get(..length) else { return Header::Incomplete };
    const PROXIED: u8 = 1;
    let peer = if version_command & 0x0F == PROXIED { source(family, addresses) } else { None };
    Header::Complete { length: FIXED + length, peer }
}

/// The source address of TCP over IPv4 or IPv6.
fn source(family: u8, addresses: &[u8]) -> Option<SocketAddr> {
    let (address, ports): (IpAddr, &[u8]) = match family {
        0x11 => {
            let (source, rest) = addresses.split_first_chunk::<4>()?;
            (Ipv4Addr::from(*source).into(), rest.get(4..)?)
        }
        0x21 => {
            let (source, rest) = addresses.split_first_chunk::<16>()?;
            (Ipv6Addr::from(*source).into(), rest.get(16..)?)
        }
        _ => return None,
    };
    Some(SocketAddr::new(address, u16::from_be_bytes(*ports.first_chunk()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(command: u8, family: u8, addresses: &[u8]) -> Vec<u8> {
        let length = u16::try_from(addresses.len()).unwrap().to_be_bytes();
        [&SIGNATURE[..], &[0x20 | command, family], &length, addresses].concat()
    }

    #[test]
    fn the_piles_address_is_read() {
        let bytes = header(1, 0x11, &[10, 1, 2, 3, 10, 0, 0, 1, 0x12, 0x34, 0x22, 0x40]);
        let peer = "10.1.2.3:4660".parse().unwrap();
        assert_eq!(read(&bytes), Header::Complete { length: 28, peer: Some(peer) });
        for end in 0..bytes.len() {
            assert_eq!(read(&bytes[..end]), Header::Incomplete, "{end} bytes");
        }
    }

    #[test]
    fn a_proxys_own_check_has_no_address() {
        assert_eq!(read(&header(0, 0, &[])), Header::Complete { length: 16, peer: None });
    }

    #[test]
    fn anything_else_is_refused() {
        assert_eq!(read(&[0x68, 0x22]), Header::Invalid);
        assert_eq!(read(b"PROXY TCP4 1.2.3.4 1.2.3.5 1 2\r\n"), Header::Invalid);
        assert_eq!(read(&header(1, 0x11, &[0; 600])), Header::Invalid);
    }
}
