//! Promise 1: acknowledged means durable.

use voltapile_simulator::fault::Fault;
use voltapile_simulator::fault::ledger::{Books, Record};

use super::Violation;
use super::evidence::{Evidence, Stored};

/// How long a record may wait for its answer on a busy machine, in milliseconds.
const ANSWER_MS: u64 = 3_000;

pub(super) fn look(evidence: &Evidence) -> Vec<Violation> {
    let mut found = Vec::new();
    for (ledger, stored) in &evidence.at_the_kills {
        find_lost(ledger, stored, "at the kill", &mut found);
    }
    find_lost(&evidence.ledger, &evidence.stored, "at the end", &mut found);
    find_invented(evidence, &mut found);
    find_unanswered(evidence, &mut found);
    if evidence.ledger.charges().filter(|(_, _, charge)| charge.record.is_some()).count() < evidence.size.piles / 2 {
        found.push(Violation::of_all("too few records to say anything"));
    }
    found
}

/// Every record that was acknowledged is stored once, as it was sent.
pub(super) fn find_lost(ledger: &Books, stored: &Stored, when: &str, found: &mut Vec<Violation>) {
    for (pile, number, charge) in ledger.charges() {
        let Some(record) = charge.record.as_ref().filter(|record| record.acknowledged > 0) else { continue };
        let bodies = stored.get(&(pile.to_string(), number)).map_or(&[][..], Vec::as_slice);
        match bodies {
            [body] if record.bodies.contains(body) => {}
            [] => found.push(Violation::at(pile, format!("{number} was acknowledged and is lost {when}"))),
            [_] => found.push(Violation::at(pile, format!("{number} is stored otherwise than it was sent {when}"))),
            _ => found.push(Violation::at(pile, format!("{number} is stored {} times {when}", bodies.len()))),
        }
    }
}

/// Nothing is stored that no pile sent.
fn find_invented(evidence: &Evidence, found: &mut Vec<Violation>) {
    for (pile, number) in evidence.stored.keys() {
        let code = pile.parse().unwrap();
        let book = evidence.ledger.piles.get(&code);
        let charge = book.and_then(|book| book.charges.get(number));
        if charge.is_none_or(|charge| charge.record.is_none()) {
            found.push(Violation::at(code, format!("{number} is stored, and nobody sent it")));
        }
    }
}

/// What piles with a good line sent twice was acknowledged twice; and nobody was refused.
fn find_unanswered(evidence: &Evidence, found: &mut Vec<Violation>) {
    for (pile, number, charge) in evidence.ledger.charges() {
        if charge.record.as_ref().is_some_and(|record| record.refused > 0 || record.acknowledged > record.sent) {
            found.push(Violation::at(pile, format!("{number} was answered wrongly: {:?}", charge.record)));
        }
    }
    // Who is made to dial again afterwards may lose an answer.
    let Some((_, before_the_calm)) = evidence.calm.last() else { return };
    for (pile, number, charge) in before_the_calm.charges() {
        let Some(Record { sent, acknowledged, .. }) = charge.record else { continue };
        let is_over = |ended: u64| ended + ANSWER_MS < evidence.calmed_at;
        let is_alone = charge.begun_at > evidence.killed_at && charge.ended_at.is_some_and(is_over);
        let faults = &before_the_calm.piles[&pile].faults;
        if is_alone && faults.keys().all(|fault| *fault == Fault::DuplicateRecord) && acknowledged != sent {
            found.push(Violation::at(pile, format!("{number} was sent {sent} times and acknowledged {acknowledged}")));
        }
    }
}
