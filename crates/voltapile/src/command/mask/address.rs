//! Other IP addresses in place of the real ones.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::capture::{adjust, sum};
use super::pseudonym::Pseudonyms;

/// Where the check sum of an IPv4 header stands.
const IPV4_CHECKSUM_AT: usize = 10;
/// Where the addresses of an IPv4 header stand: source, destination.
const IPV4_ADDRESSES: [Range<usize>; 2] = [12..16, 16..20];
/// The same for IPv6.
const IPV6_ADDRESSES: [Range<usize>; 2] = [8..24, 24..40];

/// Addresses of network cards before a packet, by link type.
pub(super) fn link_addresses(link: u16) -> Option<Range<usize>> {
    match link {
        1 => Some(0..12),
        113 => Some(6..14),
        276 => Some(12..20),
        _ => None,
    }
}

/// All addresses given so far.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    given: HashMap<Vec<u8>, Vec<u8>>,
    taken: HashSet<Vec<u8>>,
}

impl Addresses {
    /// The address in place of another: of 10.0.0.0/8, or of fd00::/8. Two never become one.
    pub(super) fn of(&mut self, address: &[u8], pseudonyms: &Pseudonyms) -> Vec<u8> {
        if let Some(known) = self.given.get(address) {
            return known.clone();
        }
        let first = if address.len() == 4 { 10 } else { 0xFD };
        let mut bytes = pseudonyms.bytes(address);
        let made = loop {
            let made: Vec<u8> = std::iter::once(first).chain(bytes.by_ref().take(address.len() - 1)).collect();
            if !self.taken.contains(&made) {
                break made;
            }
        };
        self.taken.insert(made.clone());
        self.given.insert(address.to_vec(), made.clone());
        made
    }

    /// Masks the addresses of a header; gives back what they add up to before and after.
    pub(super) fn mask_header(
        &mut self,
        file: &[u8],
        header: Range<usize>,
        pseudonyms: &Pseudonyms,
        out: &mut [u8],
    ) -> (u64, u64) {
        let (mut before, mut after) = (0, 0);
        let is_v4 = header.len() < 40 || file.get(header.start).is_some_and(|byte| byte >> 4 == 4);
        for place in if is_v4 { IPV4_ADDRESSES } else { IPV6_ADDRESSES } {
            let range = header.start + place.start..header.start + place.end;
            let Some(address) = file.get(range.clone()) else { continue };
            let masked = self.of(address, pseudonyms);
            before += sum(address);
            after += sum(&masked);
            if let Some(to) = out.get_mut(range) {
                to.copy_from_slice(&masked);
            }
        }
        if is_v4 {
            adjust(out, header.start + IPV4_CHECKSUM_AT, before, after);
        }
        (before, after)
    }
}
