//! How many connections there may be, in all and from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use crate::config::Limits;

/// Counts of open connections.
#[derive(Debug)]
pub(super) struct ConnectionLimits {
    most: u32,
    most_per_address: u32,
    open: AtomicU32,
    by_address: Mutex<HashMap<IpAddr, u32>>,
    ended: Notify,
}

/// Why one more connection is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// Too many in all.
    Total,
    /// Too many from this address.
    Address,
}

impl Refused {
    /// A stable name for logs and metrics.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Total => "too_many_connections",
            Self::Address => "too_many_from_address",
        }
    }
}

impl ConnectionLimits {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            most: limits.connections,
            most_per_address: limits.connections_per_address,
            open: AtomicU32::new(0),
            by_address: Mutex::default(),
            ended: Notify::new(),
        }
    }

    /// Counts one more connection, unless there are too many.
    pub(super) fn take(&self, address: IpAddr) -> Result<(), Refused> {
        if self.open.load(Ordering::Relaxed) >= self.most {
            return Err(Refused::Total);
        }
        self.take_address(address)?;
        self.open.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Counts a connection under the address that a proxy tells instead of the proxy's own.
    pub(super) fn move_to(&self, from: IpAddr, to: IpAddr) -> Result<(), Refused> {
        self.take_address(to)?;
        self.release_address(from);
        Ok(())
    }

    /// Counts one less.
    pub(super) fn release(&self, address: IpAddr) {
        self.release_address(address);
        self.open.fetch_sub(1, Ordering::Relaxed);
        self.ended.notify_waiters();
    }

    /// How many there are.
    pub(super) fn open(&self) -> u32 {
        self.open.load(Ordering::Relaxed)
    }

    /// Waits until one has ended, or a moment has passed.
    pub(super) async fn one_ended(&self) {
        const MOMENT: std::time::Duration = std::time::Duration::from_millis(50);
        let _ = tokio::time::timeout(MOMENT, self.ended.notified()).await;
    }

    fn take_address(&self, address: IpAddr) -> Result<(), Refused> {
        let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        let count = by_address.entry(address).or_default();
        if *count >= self.most_per_address {
            return Err(Refused::Address);
        }
        *count += 1;
        Ok(())
    }

    fn release_address(&self, address: IpAddr) {
        let mut by_address = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = by_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                by_address.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn both_bounds_hold_and_are_given_back() {
        let limits = ConnectionLimits::new(&Limits { connections: 3, connections_per_address: 2, ..Limits::default() });
        let (one, other) = (IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V4(Ipv4Addr::BROADCAST));
        limits.take(one).unwrap();
        limits.take(one).unwrap();
        assert_eq!(limits.take(one), Err(Refused::Address));
        limits.take(other).unwrap();
        assert_eq!(limits.take(other), Err(Refused::Total));
        limits.release(one);
        limits.take(other).unwrap();
        assert_eq!(limits.move_to(one, other), Err(Refused::Address));
    }
}
