//! The table of a run: faults × promises.

use std::collections::BTreeSet;
use std::fmt::Write;

use voltapile_protocol::ykc::field::PileCode;
use voltapile_simulator::fault::MENU;

use super::evidence::Evidence;
use super::{PROMISES, Violation};

/// How often each fault was played, at how many piles, and whether each promise held at those; a violation that is at no
/// pile counts for all.
pub(super) fn table(evidence: &Evidence, found: &[Vec<Violation>; 5]) -> String {
    let mut table = format!("| {:<24} | {:>8} | {:>5} |", "fault", "played", "piles");
    PROMISES.iter().for_each(|promise| _ = write!(table, " {:<14} |", promise.name));
    table += &format!("\n|{:-<26}|{:->10}|{:->7}|", "", ":", ":");
    PROMISES.iter().for_each(|_| table += &format!("{:-<16}|", ""));
    let times = evidence.ledger.faults();
    for entry in &MENU {
        let piles = evidence.ledger.piles.iter().filter(|(_, book)| book.faults.contains_key(&entry.fault));
        let piles = piles.map(|(pile, _)| *pile).collect();
        row(&mut table, entry.name, times.get(&entry.fault).copied(), &piles, found);
    }
    row(&mut table, "(healthy piles)", None, &evidence.healthy, found);
    let charges = evidence.ledger.charges().count();
    let (explained, orders) = (&evidence.explained, evidence.orders.len());
    table
        + &format!(
            "\n{} piles, {} s, seed {}: {charges} charges, {orders} orders, {} records stored, {} frames of {} bytes \
             explained, {} to {} MiB of memory",
            evidence.size.piles,
            evidence.size.lasts.as_secs(),
            evidence.size.seed,
            evidence.stored.len(),
            explained.frames,
            explained.bytes,
            evidence.memory.0 >> 20,
            evidence.memory.1 >> 20,
        )
}

fn row(table: &mut String, name: &str, times: Option<u64>, piles: &BTreeSet<PileCode>, found: &[Vec<Violation>; 5]) {
    let times = times.map_or_else(|| "-".to_owned(), |times| times.to_string());
    let _ = write!(table, "\n| {name:<24} | {times:>8} | {:>5} |", piles.len());
    for violations in found {
        let here = |violation: &&Violation| violation.pile.is_none_or(|pile| piles.contains(&pile));
        let verdict = match violations.iter().filter(here).count() {
            0 if piles.is_empty() => "not played".to_owned(),
            0 => "held".to_owned(),
            violated => format!("{violated} violated"),
        };
        let _ = write!(table, " {verdict:<14} |");
    }
}
