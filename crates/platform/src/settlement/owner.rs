//! Whose bill a record is that names no charge.
//!
//! Piles from before charges had numbers (AA F5 until V2.5) send such records, and so does a pile that lost the number. A
//! connector serves one charge at a time: a record that lies where one of its charges lay is that charge's, unless
//! something else that both tell speaks against it. Where more than one order, or none for sure, can be meant, nobody is
//! charged by a guess: a person decides.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::heard::energies_heard;
use crate::order::Order;
use crate::order::number::{NO_CARD, wire_card};
use crate::record::TransactionRecord;
use crate::timestamp::Timestamp;
use crate::unit::Energy;

/// Seconds that a pile's clock may be off for its times to tell one charge from the next. The platform sets it at each
/// login and once a day. One that is off by more speaks against an order, unless that is the only one which waits there,
/// lasted as long, and has the record's card or vehicle.
const CLOCK_OFF_S: i64 = 180;
/// What the energies of two records of one charge may differ by: some tell it in steps of 0.01 kWh only.
const ONE_STEP: Energy = Energy::from_steps(100);

/// What a record and an order can be compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Witness {
    /// When the charge began and ended.
    Time,
    /// The energy that was heard of.
    Energy,
    /// The card, or what stands for the account.
    Card,
    /// The vehicle.
    Vehicle,
}

impl Witness {
    const fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Energy => "energy",
            Self::Card => "card",
            Self::Vehicle => "vehicle",
        }
    }
}

/// Whose bill a record is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner<'a> {
    /// This order's, by what these say. None says otherwise.
    One(&'a Order, Vec<Witness>),
    /// No order's that is known: a charge that the platform was not asked about.
    Nobody,
    /// It can be one of these, or is none of them; for people, an order each, with what speaks for and against it.
    Unclear(Vec<String>),
}

/// What one witness says of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Agrees,
    /// One of the two does not tell.
    Silent,
    Disagrees,
}

impl Word {
    fn of(agrees: bool) -> Self {
        if agrees { Self::Agrees } else { Self::Disagrees }
    }
}

/// When a record's charge began and ended, as far as the pile's clock can be believed.
pub(crate) type Span = Option<(Timestamp, Timestamp)>;

/// Finds the one order that a record without a number bills: on its connector, begun, without a record, at the same
/// time, with an energy that can be, and with the same card and vehicle where both know one. A clock that tells nothing
/// is made good by the card or the vehicle, and the number that stands for the order itself makes good any clock.
pub(crate) fn owner<'a>(
    record: &TransactionRecord,
    span: Span,
    orders: impl IntoIterator<Item = &'a Order>,
    tolerance: Energy,
) -> Owner<'a> {
    let waits = |order: &&Order| is_there(record, order) && order.record.is_none();
    let waiting: Vec<&Order> = orders.into_iter().filter(waits).collect();
    let is_alone = waiting.len() == 1;
    let heard = |order: &'a Order| (order, words(record, span, order, tolerance, is_alone));
    // What neither time nor payer speaks for was another charge.
    let near = |(_, words): &(&Order, Words)| {
        words.iter().any(|(witness, word)| *witness != Witness::Energy && *word == Word::Agrees)
    };
    let near: Vec<(&Order, Words)> = waiting.into_iter().map(heard).filter(near).collect();
    let mut fitting = near.iter().filter(|(_, words)| fits(words));
    match (fitting.next(), fitting.next()) {
        (Some((order, words)), None) => Owner::One(order, said(words, Word::Agrees)),
        (None, _) if near.is_empty() => Owner::Nobody,
        _ => unclear(&near),
    }
}

/// Whether a record without a number that no order waits for is of a charge that was dealt with before: sent again in
/// another form, or late, when a person had settled the order without it. Its order is only found where a person had, and
/// everything speaks for it; whatever else has been billed may be this, and nobody pays for it again by a guess.
pub(crate) fn owner_before<'a>(
    record: &TransactionRecord,
    span: Span,
    orders: impl IntoIterator<Item = &'a Order>,
    tolerance: Energy,
) -> Owner<'a> {
    let heard = |order: &'a Order| (order, words(record, span, order, tolerance, false));
    let may_be = |(order, words): &(&Order, Words)| {
        let agrees = |witness| words.iter().any(|(which, word)| *which == witness && *word == Word::Agrees);
        let (time, payer) = (agrees(Witness::Time), agrees(Witness::Card) || agrees(Witness::Vehicle));
        // A bill is the same in both; without one the energy is known roughly.
        if order.settlement.is_some() {
            agrees(Witness::Energy) && (time || payer)
        } else {
            time || payer && agrees(Witness::Energy)
        }
    };
    let orders = orders.into_iter().filter(|order| is_there(record, order));
    let before: Vec<(&Order, Words)> = orders.map(heard).filter(may_be).collect();
    match &before[..] {
        [] => Owner::Nobody,
        [(order, words)] if order.record.is_none() && fits(words) => Owner::One(order, said(words, Word::Agrees)),
        _ => unclear(&before),
    }
}

/// Whether an order's charge was begun on a record's connector.
fn is_there(record: &TransactionRecord, order: &Order) -> bool {
    order.connector == record.connector && order.started_at.is_some()
}

fn fits(words: &Words) -> bool {
    words.iter().all(|(_, word)| *word != Word::Disagrees)
}

fn unclear<'a>(orders: &[(&Order, Words)]) -> Owner<'a> {
    Owner::Unclear(orders.iter().map(|(order, words)| told(order, words)).collect())
}

type Words = [(Witness, Word); 4];

fn words(record: &TransactionRecord, span: Span, order: &Order, tolerance: Energy, is_alone: bool) -> Words {
    let (card, vehicle) = (card(record, order), vehicle(record, order));
    let is_its = is_alone && [card, vehicle].contains(&Word::Agrees);
    let time = match time(span, order) {
        // What names the order itself needs no clock.
        Word::Disagrees if is_stand_in(&record.physical_card, order) => Word::Silent,
        Word::Disagrees if is_its && is_as_long(span, order) => Word::Silent,
        word => word,
    };
    [
        (Witness::Time, time),
        (Witness::Energy, energy(record, order, tolerance)),
        (Witness::Card, card),
        (Witness::Vehicle, vehicle),
    ]
}

/// Whether the charge began between the order and its first sign of life, and ended between its last one and its end.
fn time(span: Span, order: &Order) -> Word {
    let (Some((from, to)), Some(started_at)) = (span, order.started_at) else { return Word::Silent };
    let within = |time: Timestamp, earliest: Timestamp, latest: Timestamp| {
        time >= earliest.plus_seconds(-CLOCK_OFF_S) && time <= latest.plus_seconds(CLOCK_OFF_S)
    };
    let alive = order.progress.at.unwrap_or(started_at);
    let is_end = match order.ended_at {
        Some(ended_at) => within(to, alive, ended_at),
        // What has reported since is another charge.
        None => to >= alive.plus_seconds(-i64::from(order.pace.report_period_s)),
    };
    Word::of(within(from, begin(order, started_at), started_at) && is_end)
}

/// The earliest that an order's charge can have begun: one that was made from its record is younger than that.
fn begin(order: &Order, started_at: Timestamp) -> Timestamp {
    order.created_at.min(started_at)
}

/// Whether a charge took as long as an order's, whatever the clock said.
fn is_as_long(span: Span, order: &Order) -> bool {
    let (Some((from, to)), Some(started_at)) = (span, order.started_at) else { return false };
    let seconds = |from: Timestamp, to: Timestamp| to.unix_ms().saturating_sub(from.unix_ms()) / 1000;
    let (took, alive) = (seconds(from, to), order.progress.at.unwrap_or(started_at));
    let most = order.ended_at.map(|ended_at| seconds(begin(order, started_at), ended_at));
    took >= seconds(started_at, alive) - CLOCK_OFF_S && most.is_none_or(|most| took <= most + CLOCK_OFF_S)
}

fn energy(record: &TransactionRecord, order: &Order, tolerance: Energy) -> Word {
    if let Some(billed) = order.settlement.as_ref().map(|bill| bill.pile_energy) {
        return Word::of(record.energy_with_loss.steps().abs_diff(billed.steps()) <= tolerance.max(ONE_STEP).steps());
    }
    let Some((least, most)) = energies_heard(order, record.ended_at) else { return Word::Silent };
    let (energy, off) = (record.energy.steps(), tolerance.steps());
    Word::of(energy >= least.steps().saturating_sub(off) && energy <= most.steps().saturating_add(off))
}

/// A card without the zeros in front, which may be the wire's.
fn significant(card: &str) -> String {
    card.trim_start_matches('0').to_ascii_lowercase()
}

/// Whether a card is the number that a pile was given for an order without a card: there is one for each order.
fn is_stand_in(card: &str, order: &Order) -> bool {
    let told = wire_card(order);
    order.card.is_none() && told != NO_CARD && significant(card) == significant(&told)
}

/// The card as the pile was told it or told it itself.
fn card(record: &TransactionRecord, order: &Order) -> Word {
    let theirs = significant(&record.physical_card);
    let told = wire_card(order);
    let ours = [Some(&told), order.card.as_ref(), order.card_word.as_ref()];
    let mut ours = ours.into_iter().flatten().filter(|card| *card != NO_CARD).map(|card| significant(card)).peekable();
    if theirs.is_empty() || ours.peek().is_none() { Word::Silent } else { Word::of(ours.any(|ours| ours == theirs)) }
}

fn vehicle(record: &TransactionRecord, order: &Order) -> Word {
    match (&record.vin, &order.vin) {
        (Some(theirs), Some(ours)) => Word::of(is_vehicle(theirs, ours)),
        _ => Word::Silent,
    }
}

/// Whether a pile means a vehicle by what it says; some say it backwards.
pub(super) fn is_vehicle(told: &str, vin: &str) -> bool {
    told.eq_ignore_ascii_case(vin) || told.chars().rev().collect::<String>().eq_ignore_ascii_case(vin)
}

fn said(words: &Words, said: Word) -> Vec<Witness> {
    words.iter().filter(|(_, word)| *word == said).map(|(witness, _)| *witness).collect()
}

/// Witnesses by name, for people.
pub(crate) fn names(witnesses: &[Witness]) -> String {
    witnesses.iter().map(|witness| witness.name()).collect::<Vec<_>>().join(", ")
}

fn told(order: &Order, words: &Words) -> String {
    let (agree, disagree) = (said(words, Word::Agrees), said(words, Word::Disagrees));
    let against = if disagree.is_empty() { "nothing".to_owned() } else { names(&disagree) };
    format!("order {}: for it {}, against it {against}", order.id, names(&agree))
}

#[cfg(test)]
mod tests;
