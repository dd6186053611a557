//! Records of charges: 202, 222, and 402 and 422, which are the same once more.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use voltapile_platform::identity::{ConnectorNumber, PileCode, TransactionNumber};
use voltapile_platform::record::{
    HalfHourUsage, RecordReading, Sold, StartSource, StartedBy, StopReason, TierUsage, TransactionRecord,
};
use voltapile_platform::settlement::cost_half_away_from_zero;
use voltapile_platform::tariff::{HALF_HOURS_PER_DAY, PerTier, TariffTerms};
use voltapile_platform::unit::{Amount, Energy, Price};
use voltapile_protocol::Protocol;
use voltapile_protocol::aaf5::code::{self, AmountsValid};
use voltapile_protocol::aaf5::field;
use voltapile_protocol::aaf5::message::Message;
use voltapile_protocol::aaf5::session::platform::{Event, RecordBody, ReplyTo, Session};
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::{BcdTime, Code, Quantity, Yuan, digits};

use super::desk::Desk;
use super::tariff::{self, Form, Sale, Slots};
use super::translate::{self, amount};
use crate::clock::Clock;
use crate::core::PileLive;
use crate::gateway::link::Kept;
use crate::store::NewRecord;

/// Steps of [`Energy`] in 0.01 kWh.
const COARSE: u64 = 100;
/// Steps of [`Energy`] in 0.001 kWh.
const FINE: u64 = 10;
/// What 内部索引号 is when a pile has no such record.
pub(super) const NOT_FOUND: i32 = -1;

/// A record as the store takes it. It says itself under which `number` its charge was, and zero where it names none;
/// `terms` are those that the pile was to sell by when the charge began.
pub(super) fn record(
    clock: &Clock,
    pile_code: PileCode,
    command: u16,
    number: TransactionNumber,
    body: &RecordBody,
    raw: &[u8],
    terms: Option<&TariffTerms>,
) -> NewRecord {
    let reading = read(clock, pile_code, number, body, terms);
    let connector = match &reading {
        RecordReading::Parsed(record) => record.connector,
        RecordReading::Unreadable { .. } => ConnectorNumber(0),
    };
    NewRecord {
        received_at: clock.now(),
        pile_code,
        connector,
        transaction_number: if number.is_zero() { number_made(body, &reading) } else { number },
        protocol: Protocol::Aaf5.name(),
        frame_type: command,
        raw: raw.to_owned(),
        reading,
    }
}

/// Whether a pile says that it has no such record.
pub(super) fn is_not_found(body: &RecordBody) -> bool {
    let RecordBody::Read(message) = body else { return false };
    match &**message {
        Message::StoredRecordResponse(record) => record.record_index == NOT_FOUND,
        Message::StoredFineRecordResponse(record) => record.record_index == NOT_FOUND,
        _ => false,
    }
}

/// The four messages have the same fields, in other units of energy.
macro_rules! neutral_record {
    ($clock:ident, $pile:ident, $number:ident, $record:ident, $terms:ident, $unit:expr, $digit:expr) => {{
        let energy = |value: u64| Energy::from_steps(value * $unit);
        let total = Energy::from_steps($record.total_energy.raw() * $unit + $digit);
        let energies = $record.slots.0.map(|slot| energy(slot.raw()));
        let (start, end) = ($record.start_time, $record.end_time);
        let service = $record.service_amount.map(amount);
        let (sold, other_form) = sold(energies, (start, end), amount($record.total_amount), service, $terms);
        TransactionRecord {
            transaction_number: $number,
            pile_code: $pile,
            connector: ConnectorNumber($record.connector_number.number()),
            started_at: translate::timestamp($clock, start),
            ended_at: translate::timestamp($clock, end),
            // The pile tells no third moment: it makes the record when the charge ends.
            transacted_at: translate::timestamp($clock, end),
            sold,
            other_form,
            meter_start: energy($record.meter_start.raw()),
            meter_stop: energy($record.meter_stop.raw()),
            energy: total,
            energy_with_loss: total,
            amount: amount($record.total_amount),
            vin: $record.vin.natural(),
            start_source: start_source($record.start_source),
            stop_reason: stop_reason($record.stop_reason),
            physical_card: $record.card_number.text(),
            soc_start: u8::try_from($record.soc_start.raw()).ok(),
            soc_end: u8::try_from($record.soc_end.raw()).ok(),
        }
    }};
}

fn read(
    clock: &Clock,
    pile: PileCode,
    number: TransactionNumber,
    body: &RecordBody,
    terms: Option<&TariffTerms>,
) -> RecordReading {
    let message = match body {
        RecordBody::Read(message) => &**message,
        RecordBody::Unreadable(error) => {
            let reason = error.as_ref().map_or_else(|| "no record of this protocol".to_owned(), ToString::to_string);
            return RecordReading::Unreadable { reason };
        }
    };
    // In 202 the third decimal stands apart; in 222 it stands a second time, and is not to be added.
    macro_rules! digit {
        ($record:ident) => {
            $record.energy_digit.map_or(0, |digit| digit.raw().min(9)) * FINE
        };
    }
    let record = match message {
        Message::ChargeRecord(record) => neutral_record!(clock, pile, number, record, terms, COARSE, digit!(record)),
        Message::StoredRecordResponse(record) => {
            neutral_record!(clock, pile, number, record, terms, COARSE, digit!(record))
        }
        Message::FineChargeRecord(record) => neutral_record!(clock, pile, number, record, terms, FINE, 0),
        Message::StoredFineRecordResponse(record) => neutral_record!(clock, pile, number, record, terms, FINE, 0),
        _ => return RecordReading::Unreadable { reason: "no record of this protocol".to_owned() },
    };
    RecordReading::Parsed(Box::new(record))
}

/// What was sold when: by half hour, or by the tariff's periods, which become its tiers. And whether that is another form
/// than the tariff lays down.
fn sold(
    energies: [Energy; HALF_HOURS_PER_DAY],
    (start, end): (BcdTime, BcdTime),
    total: Amount,
    service: Option<Amount>,
    terms: Option<&TariffTerms>,
) -> (Sold, bool) {
    let told = terms.and_then(|terms| Some((terms, Form::of(terms).ok()?)));
    let read = told.as_ref().map(|(terms, form)| {
        let sale = Sale { terms, touched: touched(start, end), amount: total };
        tariff::slots_are(form, &energies, &sale)
    });
    let other_form = matches!(read, Some((_, false)));
    match (read, told) {
        (Some((Slots::Periods, _)), Some((terms, form))) => {
            (Sold::Tiers(tiers(terms, &tariff::by_tier(form.periods(), &energies))), other_form)
        }
        _ => {
            let electricity = service.and_then(|service| total.checked_sub(service));
            (Sold::half_hours(HalfHourUsage { energies, electricity, service }), other_form)
        }
    }
}

/// Energies by tier with the prices that the pile was told. It does not tell the money by period: what each comes to by
/// those prices stands there, and the sum that the pile asks for stays what is compared.
fn tiers(terms: &TariffTerms, energies: &PerTier<Energy>) -> PerTier<TierUsage> {
    PerTier::from_fn(|tier| {
        let (energy, price) = (*energies.get(tier), terms.prices().get(tier));
        let unit_price = price.total().unwrap_or(Price::ZERO);
        let parts = [price.electricity, price.service].map(|price| cost_half_away_from_zero(energy, price));
        let amount = Amount::from_steps(parts.iter().fold(0_i64, |sum, part| sum.saturating_add(part.steps())));
        TierUsage { unit_price, energy, energy_with_loss: energy, amount }
    })
}

/// The half hours of the pile's day that a charge touches; `None` where its times make no sense.
fn touched(start: BcdTime, end: BcdTime) -> Option<[bool; HALF_HOURS_PER_DAY]> {
    let (start, end) = (start.civil()?, end.civil()?);
    let seconds = end.unix_ms_in_china().checked_sub(start.unix_ms_in_china())? / 1000;
    let from = u32::from(start.hour) * 60 + u32::from(start.minute);
    Some(tariff::touched(from, u32::try_from(seconds.div_ceil(60)).ok()?))
}

fn start_source(source: code::StartSource) -> StartSource {
    let by = match source {
        code::StartSource::Card => StartedBy::Card,
        code::StartSource::Platform => StartedBy::App,
        code::StartSource::Administrator => StartedBy::Admin,
        code::StartSource::RemoteVin => StartedBy::Vin,
        code::StartSource::RemotePassword => StartedBy::Password,
        code::StartSource::LocalVin => StartedBy::OfflineVin,
        code::StartSource::Screen => StartedBy::Screen,
        code::StartSource::Unknown(_) => StartedBy::Unknown,
    };
    StartSource::new(by, source.number().into())
}

fn stop_reason(reason: code::StopReason) -> StopReason {
    StopReason::new(reason.number(), reason.entry().map(|entry| entry.name))
}

/// What the answer to a record needs.
pub(in crate::gateway) struct Confirm {
    /// What to send once it is durable: 201 or 221. Records that were asked for get none.
    answer: Option<(ReplyTo, Message)>,
    /// Who asked for it.
    asked_by: Option<u64>,
}

impl Desk {
    /// Stores a record; its answer waits for that.
    pub(super) fn record(&mut self, now: Tick, event: Event<'_>) {
        let Event::Record { reply_to, command, pile, transaction, body, raw, answers, .. } = event else { return };
        if is_not_found(&body) {
            return match answers {
                Some(token) => self.errand_failed(token, "not_found".to_owned()),
                None => self.reject("record_not_found"),
            };
        }
        let Some(live) = pile.map_or_else(|| self.live(()).cloned(), |pile| self.pile_of_record(&pile)) else {
            return self.reject("record_of_unknown_pile");
        };
        live.heard_from(now);
        let number = translate::transaction_number(transaction.as_ref());
        let core = &self.gateway.core;
        let clock = &core.clock;
        // Its periods are those of when it was charged by: a record that comes late may be older than the tariff.
        let begun = begin_of(&body).and_then(|(start, _)| translate::timestamp(clock, start));
        let begun = begun.filter(|begun| *begun <= clock.now()).and_then(|begun| core.tariff_at(&live, begun));
        let terms = begun.or_else(|| core.tariff_of(&live)).map(|version| version.terms);
        let record = record(clock, live.code, command, number, &body, raw, terms.as_ref());
        let answer = Session::record_confirm(command, raw).map(|confirm| (reply_to, without_amounts(confirm)));
        let asked_by = answers.filter(|token| self.is_asked_for(*token, number));
        self.keep_record(record, Confirm { answer, asked_by });
        if let Some(token) = answers.filter(|_| asked_by.is_none()) {
            // Some know records by their place alone. It is kept all the same.
            self.errand_failed(token, "other_record".to_owned());
        }
    }

    /// The pile that a record names: the connection's, or another that is known. One that names nobody is kept as the
    /// connection's, with the bytes that say otherwise.
    fn pile_of_record(&self, named: &field::PileCode) -> Option<Arc<PileLive>> {
        let own = self.live(());
        if own.is_some() && self.own.wire_code.says(named) {
            return own.cloned();
        }
        let known = translate::pile_code(named).and_then(|code| self.gateway.core.registry.get(code));
        known.or_else(|| {
            let pile = own?;
            tracing::warn!(pile = %pile.code, ?named, "a record names an unknown pile; it is kept as the connection's");
            Some(Arc::clone(pile))
        })
    }

    /// A record's fate is known: it is answered once it is durable, and whoever asked for it is told.
    pub(super) fn record_kept(&mut self, now: Tick, session: &mut Session, token: u64, kept: Kept, out: &mut Vec<u8>) {
        let Some(Confirm { answer, asked_by }) = self.settled(token) else { return };
        if let Some((reply_to, confirm)) = answer.filter(|_| kept != Kept::No) {
            // A body of 66 bytes always fits.
            let _ = session.reply(reply_to, &confirm, out);
        }
        if let Some(errand) = asked_by {
            self.record_fetched(now, session, errand, kept, out);
        }
    }
}

/// What stands for the number of a record that names no charge, as those of piles before V2.6 and of charges that a pile
/// began by itself: start time and the pile's own number of the record, which are the same however often it is sent. Where
/// the clock was never set what it bills stands for the time; not its bytes, for they also say where it stands among the
/// stored ones. Energies are taken to 0.01 kWh, which all forms of a record tell.
fn number_made(body: &RecordBody, reading: &RecordReading) -> TransactionNumber {
    let (Some((start, index)), RecordReading::Parsed(record)) = (begin_of(body), reading) else {
        return TransactionNumber::ZERO;
    };
    let [time @ .., _] = start.0;
    let when = if start.civil().is_some() {
        digits(&time)
    } else {
        let energies = [record.energy, record.meter_start, record.meter_stop].map(|energy| energy.steps() / COARSE);
        let bill = format!("{index} {} {energies:?} {}", record.physical_card, record.amount);
        let hash: [u8; 32] = Sha256::digest(bill).into();
        digits(hash.first_chunk::<10>().unwrap_or(&[0; 10]))
    };
    TransactionNumber::new(&format!("{when}-{}", index.unsigned_abs())).unwrap_or_default()
}

/// When a record's charge began, and the pile's own number of the record.
fn begin_of(body: &RecordBody) -> Option<(BcdTime, i32)> {
    let RecordBody::Read(message) = body else { return None };
    match &**message {
        Message::ChargeRecord(record) => Some((record.start_time, record.record_index)),
        Message::FineChargeRecord(record) => Some((record.start_time, record.record_index)),
        Message::StoredRecordResponse(record) => Some((record.start_time, record.record_index)),
        Message::StoredFineRecordResponse(record) => Some((record.start_time, record.record_index)),
        _ => None,
    }
}

/// The whole answer, which says that no amounts stand in it: a bill is judged after it is acknowledged.
fn without_amounts(confirm: Message) -> Message {
    macro_rules! filled {
        ($confirm:ident) => {{
            let none = Some(Yuan::default());
            $confirm.amounts_valid = Some(AmountsValid::Invalid);
            ($confirm.full_amount, $confirm.discount, $confirm.charged_amount) = (none, none, none);
            ($confirm.account_balance, $confirm.electricity_amount, $confirm.service_amount) = (none, none, none);
            $confirm.into()
        }};
    }
    match confirm {
        Message::RecordConfirm(mut confirm) => filled!(confirm),
        Message::FineRecordConfirm(mut confirm) => filled!(confirm),
        other => other,
    }
}
