//! Where piles dial in, and by which protocol.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use voltapile_protocol::Protocol;

/// What stands between a protocol's name and the address.
const BEHIND_PROTOCOL: &str = "://";

/// An address where piles dial in. It reads the same in a file, in a variable and on the command line: `0.0.0.0:8768` for
/// whatever a pile speaks, `aaf5://0.0.0.0:8769` for one protocol alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listen {
    /// The address.
    pub address: SocketAddr,
    /// The only protocol that is spoken there; `None` when a pile's first frame decides.
    pub protocol: Option<Protocol>,
}

/// A text that is no such address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "takes an IP address and a port, for example 0.0.0.0:8768 or [::]:8768, with ykc:// or aaf5:// before it where only \
     one protocol is to be spoken"
)]
pub struct NoListen;

impl From<SocketAddr> for Listen {
    fn from(address: SocketAddr) -> Self {
        Self { address, protocol: None }
    }
}

impl FromStr for Listen {
    type Err = NoListen;

    fn from_str(text: &str) -> Result<Self, NoListen> {
        let (protocol, address) = match text.split_once(BEHIND_PROTOCOL) {
            Some((name, address)) => (Some(Protocol::named(name).ok_or(NoListen)?), address),
            None => (None, text),
        };
        Ok(Self { address: address.parse().map_err(|_| NoListen)?, protocol })
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(protocol) = self.protocol {
            write!(f, "{}{BEHIND_PROTOCOL}", protocol.name())?;
        }
        self.address.fmt(f)
    }
}

impl Serialize for Listen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Listen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_for_all_protocols_or_for_one() {
        for (text, protocol) in [
            ("0.0.0.0:8768", None),
            ("[::]:8768", None),
            ("ykc://127.0.0.1:0", Some(Protocol::Ykc)),
            ("aaf5://[::1]:8769", Some(Protocol::Aaf5)),
        ] {
            let listen: Listen = text.parse().unwrap();
            assert_eq!((listen.protocol, listen.to_string().as_str()), (protocol, text));
        }
        for bad in ["8768", "tcp://0.0.0.0:8768", "aaf5:0.0.0.0:8768", "aaf5://", "localhost:8768"] {
            assert_eq!(bad.parse::<Listen>(), Err(NoListen), "{bad}");
        }
    }
}
