//! How often somebody may try a password.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failures in a row that are free for a user.
const FREE_USER: u32 = 5;
/// The same for an address, which many people may share.
const FREE_ADDRESS: u32 = 50;
/// What each further failure costs; doubles up to [`WAIT_MAX`].
const WAIT: Duration = Duration::from_secs(2);
/// The longest wait: somebody who guesses gets no further, and keeps nobody out for long.
const WAIT_MAX: Duration = Duration::from_secs(60);
/// Time without a failure after which all is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(60 * 60);
/// Users and addresses that are watched; beyond, those that failed the longest ago are forgotten.
const WATCHED_MAX: usize = 10_000;

/// Who failed to sign in, and how often in a row.
#[derive(Debug, Default)]
pub(in crate::api) struct Throttle(Mutex<HashMap<Who, Failures>>);

/// Who tries.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Who {
    User(String),
    Address(IpAddr),
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    latest: Instant,
}

impl Who {
    const fn free(&self) -> u32 {
        match self {
            Self::User(_) => FREE_USER,
            Self::Address(_) => FREE_ADDRESS,
        }
    }
}

impl Failures {
    /// When the next attempt may be made, after so many that are free.
    fn free_at(self, free: u32) -> Instant {
        let doublings = self.count.saturating_sub(free + 1).min(16);
        let wait = if self.count <= free { Duration::ZERO } else { WAIT.saturating_mul(1 << doublings).min(WAIT_MAX) };
        self.latest + wait
    }
}

impl Throttle {
    /// Lets a user at an address try, or says how long they must wait yet. The attempt counts as failed until it has
    /// [`succeeded`](Self::succeeded): many at once are no way around the wait.
    pub(in crate::api) fn attempt(&self, user: &str, address: Option<IpAddr>, now: Instant) -> Result<(), Duration> {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = who(user, address).filter_map(|who| watched.get(&who).map(|failures| failures.free_at(who.free())));
        let waits = waits.filter_map(|free_at| free_at.checked_duration_since(now)).filter(|wait| !wait.is_zero());
        if let Some(wait) = waits.max() {
            return Err(wait);
        }
        for who in who(user, address) {
            if watched.len() >= WATCHED_MAX && !watched.contains_key(&who) {
                forget_oldest_half(&mut watched);
            }
            let failures = watched.entry(who).or_insert(Failures { count: 0, latest: now });
            let rested = now.duration_since(failures.latest) > FORGOTTEN_AFTER;
            failures.count = if rested { 1 } else { failures.count.saturating_add(1) };
            failures.latest = now;
        }
        Ok(())
    }

    /// Notes that the password of an attempt was right. What else the address tried stays noted.
    pub(in crate::api) fn succeeded(&self, user: &str, address: Option<IpAddr>) {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for who in who(user, address) {
            match who {
                Who::User(_) => drop(watched.remove(&who)),
                Who::Address(_) => {
                    watched.entry(who).and_modify(|failures| failures.count = failures.count.saturating_sub(1));
                }
            }
        }
    }
}

/// Who is watched. Behind a reverse proxy on this machine everybody has the loopback address: it says nothing of anyone.
fn who(user: &str, address: Option<IpAddr>) -> impl Iterator<Item = Who> {
    let address = address.map(|address| address.to_canonical()).filter(|address| !address.is_loopback());
    [Some(Who::User(user.to_owned())), address.map(Who::Address)].into_iter().flatten()
}

fn forget_oldest_half(watched: &mut HashMap<Who, Failures>) {
    let mut moments: Vec<Instant> = watched.values().map(|failures| failures.latest).collect();
    moments.sort_unstable();
    if let Some(middle) = moments.get(moments.len() / 2).copied() {
        watched.retain(|_, failures| failures.latest > middle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_passwords_cost_ever_more_time() {
        let throttle = Throttle::default();
        let (address, mut now) = (Some(IpAddr::from([203, 0, 113, 7])), Instant::now());
        for _ in 0..=FREE_USER {
            assert_eq!(throttle.attempt("wang", address, now), Ok(()), "those at once count as well");
        }
        assert_eq!(throttle.attempt("wang", None, now), Err(WAIT));
        assert_eq!(throttle.attempt("li", address, now), Ok(()), "others behind the address go on");
        for _ in 0..FREE_ADDRESS {
            now += WAIT_MAX;
            assert_eq!(throttle.attempt("wang", address, now), Ok(()));
        }
        assert_eq!(throttle.attempt("wang", None, now), Err(WAIT_MAX));
        throttle.succeeded("wang", None);
        assert_eq!(throttle.attempt("wang", None, now), Ok(()));
        assert!(throttle.attempt("li", address, now).is_err(), "an address that tries one name after the other waits");
    }

    #[test]
    fn right_passwords_cost_an_address_nothing() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        let address = Some(IpAddr::from([203, 0, 113, 7]));
        for _ in 0..=FREE_ADDRESS + 1 {
            assert_eq!(throttle.attempt("wang", address, now), Ok(()));
            throttle.succeeded("wang", address);
        }
    }

    #[test]
    fn a_proxy_on_this_machine_keeps_nobody_out() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        for (number, address) in ["127.0.0.1", "::1", "::ffff:127.0.0.1"].into_iter().cycle().take(300).enumerate() {
            assert_eq!(throttle.attempt(&number.to_string(), address.parse().ok(), now), Ok(()));
        }
    }

    #[test]
    fn invented_names_take_bounded_memory() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        for number in 0..WATCHED_MAX + 1000 {
            let now = now + Duration::from_millis(number as u64);
            assert_eq!(throttle.attempt(&number.to_string(), None, now), Ok(()));
        }
        let watched = throttle.0.lock().unwrap();
        assert!(watched.len() <= WATCHED_MAX && watched.contains_key(&Who::User((WATCHED_MAX + 999).to_string())));
    }
}
