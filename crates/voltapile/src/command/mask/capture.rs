//! Masks a capture in place: each byte of each conversation is changed where it stands in the file, in repeated packets
//! too, and nothing that is not understood is left.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use voltapile_capture::Side;
use voltapile_capture::read::{
    Assembler, Content, Event, Flight, Limits, Packet, Record, Records, Repeated, options as options_of, segment,
};
use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::Options;

use super::address::{Addresses, link_addresses};
use super::{Masking, stream};
use crate::traffic::spoken;

/// Options that say nothing about anybody, and how long their values are: of an interface, units of its times, the length
/// of its check sums and the offset of its times.
const INTERFACE_OPTIONS: [(u16, usize); 3] = [(9, 1), (13, 1), (14, 8)];
/// Of a packet: its flags and how many were lost before it.
const PACKET_OPTIONS: [(u16, usize); 2] = [(2, 4), (4, 8)];
/// What other options are overwritten with.
const BLANK_TEXT: u8 = b'-';
/// Where a segment's check sum stands in its header.
const TCP_CHECKSUM_AT: usize = 16;

/// What one side said without a gap, and where in the file it stands.
#[derive(Default)]
struct Run {
    begin: u64,
    bytes: Vec<u8>,
    /// Where in the file: first byte of the run, first byte of the file, how many.
    origins: Vec<(usize, usize, usize)>,
}

/// A segment in the file.
struct Place {
    tcp: Range<usize>,
    ip: Range<usize>,
    payload: Range<usize>,
}

/// The capture, masked.
pub(super) fn mask(file: &[u8], masking: &mut Masking) -> Vec<u8> {
    // By conversation; what the client says first, as it says whose order a number is.
    let mut sides: BTreeMap<(usize, bool), Vec<Run>> = BTreeMap::new();
    let mut repeats: Vec<(usize, bool, Option<u64>, Range<usize>)> = Vec::new();
    let mut assembler = Assembler::new(Limits::default());
    let (mut places, mut kept) = (Vec::new(), Vec::new());
    let mut out = file.to_vec();
    let mut addresses = masking.addresses.then(Addresses::default);
    let mut on_event = |event: Event<'_>| match event {
        Event::Flight(flight) => {
            add(sides.entry((flight.conversation, flight.side == Side::Server)).or_default(), &flight);
        }
        Event::Repeated(Repeated { conversation, side, position, offset, bytes }) => {
            repeats.push((conversation, side == Side::Server, position, offset..offset + bytes.len()));
        }
        _ => {}
    };
    for record in Records::new(file) {
        let Ok(record) = record else {
            masking.tally.dropped_records += 1;
            continue;
        };
        match record.content {
            Content::Other => {
                masking.tally.dropped_records += 1;
                continue;
            }
            Content::Packet(packet) => {
                assembler.packet(&packet, &mut on_event);
                match blank_packet(&packet, &mut out, addresses.is_some()) {
                    Some(place) => places.push(place),
                    None => masking.tally.blanked_packets += 1,
                }
            }
            Content::Header | Content::Interface => {}
        }
        blank_options(file, &record, &mut out);
        kept.push(record.range);
    }
    assembler.finish(&mut on_event);
    let spoken = protocols(&sides, masking.options);
    for ((conversation, _), runs) in &sides {
        for run in runs {
            fill(run, spoken.get(conversation).copied(), masking, &mut out);
        }
    }
    for (conversation, server, position, range) in repeats {
        repeat(sides.get(&(conversation, server)), position, range, file, &mut out);
    }
    for place in &places {
        mend_checksums(file, place, addresses.as_mut(), masking, &mut out);
    }
    kept.into_iter().flat_map(|range| out.get(range).unwrap_or_default().to_vec()).collect()
}

/// Which protocol is spoken in each conversation, where it can be told.
fn protocols(sides: &BTreeMap<(usize, bool), Vec<Run>>, options: Options) -> HashMap<usize, Protocol> {
    let mut found = HashMap::new();
    for ((conversation, _), runs) in sides {
        if !found.contains_key(conversation)
            && let Some(protocol) = runs.iter().find_map(|run| spoken(&run.bytes, options))
        {
            found.insert(*conversation, protocol);
        }
    }
    found
}

fn add(runs: &mut Vec<Run>, flight: &Flight<'_>) {
    if runs.is_empty() || flight.gap > 0 {
        runs.push(Run { begin: flight.position, ..Run::default() });
    }
    if let Some(run) = runs.last_mut() {
        run.origins.push((run.bytes.len(), flight.offset, flight.bytes.len()));
        run.bytes.extend_from_slice(flight.bytes);
    }
}

/// Blanks what a packet carries, to be filled again with what is understood. A packet without a segment is blanked
/// behind the head of its line.
fn blank_packet(packet: &Packet<'_>, out: &mut [u8], with_addresses: bool) -> Option<Place> {
    let data = packet.offset..packet.offset + packet.data.len();
    if let Some(range) = link_addresses(packet.link).filter(|_| with_addresses) {
        let range = (data.start + range.start).min(data.end)..(data.start + range.end).min(data.end);
        out.get_mut(range)?.fill(0);
    }
    let Ok(segment) = segment(packet.link, packet.data) else {
        out.get_mut(data)?.fill(0);
        return None;
    };
    let shifted = |range: Range<usize>| data.start + range.start..data.start + range.end;
    let place = Place {
        ip: shifted(segment.places.ip),
        tcp: shifted(segment.places.tcp),
        payload: shifted(segment.places.payload),
    };
    // Padding behind the segment may hold what was in somebody's memory.
    out.get_mut(place.payload.start..data.end)?.fill(0);
    Some(place)
}

fn blank_options(file: &[u8], record: &Record<'_>, out: &mut [u8]) {
    let harmless: &[(u16, usize)] = match record.content {
        Content::Interface => &INTERFACE_OPTIONS,
        Content::Packet(_) => &PACKET_OPTIONS,
        _ => &[],
    };
    if let Content::Packet(packet) = record.content
        && let Some(padding) = out.get_mut(packet.offset + packet.data.len()..record.options.start)
    {
        padding.fill(0);
    }
    let mut end = record.options.start;
    for option in options_of(file, record.options.clone(), record.order) {
        let next = option.value.end.next_multiple_of(4).min(record.options.end);
        if let Some(padding) = out.get_mut(option.value.end..next) {
            padding.fill(0);
        }
        end = next;
        let is_harmless = harmless.contains(&(option.code, option.value.len()));
        if let Some(value) = out.get_mut(option.value).filter(|_| !is_harmless) {
            value.fill(BLANK_TEXT);
        }
    }
    // Whatever stands behind the last option that holds together: with zeros it is the end of the options.
    if let Some(rest) = out.get_mut(end..record.options.end) {
        rest.fill(0);
    }
}

/// Masks a run and puts its bytes where they stand in the file.
fn fill(run: &Run, protocol: Option<Protocol>, masking: &mut Masking, out: &mut [u8]) {
    let masked = stream::mask_spoken(&run.bytes, protocol, masking);
    for (begin, offset, length) in &run.origins {
        let (from, to) = (masked.get(*begin..begin + length), out.get_mut(*offset..offset + length));
        if let (Some(from), Some(to)) = (from, to) {
            to.copy_from_slice(from);
        }
    }
}

/// Fills bytes that came once more with what they became the first time. Where they differ from the first, or came
/// before or after everything, they stay blank.
fn repeat(runs: Option<&Vec<Run>>, position: Option<u64>, range: Range<usize>, file: &[u8], out: &mut [u8]) {
    let (Some(runs), Some(position)) = (runs, position) else { return };
    for (at, offset) in (position..).zip(range) {
        let behind = runs.partition_point(|run| run.begin <= at);
        let Some(run) = behind.checked_sub(1).and_then(|index| runs.get(index)) else { continue };
        let Ok(index) = usize::try_from(at - run.begin) else { continue };
        let origin = run.origins.partition_point(|(begin, ..)| *begin <= index).checked_sub(1);
        let Some((begin, first, length)) = origin.and_then(|origin| run.origins.get(origin)) else { continue };
        let source = first + (index - begin);
        if index - begin < *length && file.get(source) == file.get(offset) {
            let byte = out.get(source).copied().unwrap_or_default();
            if let Some(place) = out.get_mut(offset) {
                *place = byte;
            }
        }
    }
}

/// Lets check sums follow what was changed below them. One that was wrong, or left to the network card, stays so.
fn mend_checksums(file: &[u8], place: &Place, addresses: Option<&mut Addresses>, masking: &Masking, out: &mut [u8]) {
    let mut before = sum(file.get(place.tcp.start..place.payload.end).unwrap_or_default());
    let mut after = sum(out.get(place.tcp.start..place.payload.end).unwrap_or_default());
    if let Some(addresses) = addresses {
        let (old, new) = addresses.mask_header(file, place.ip.clone(), &masking.pseudonyms, out);
        before += old;
        after += new;
    }
    adjust(out, place.tcp.start + TCP_CHECKSUM_AT, before, after);
}

/// The sum of 16-bit words, a last odd byte with a zero behind it.
pub(super) fn sum(bytes: &[u8]) -> u64 {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let words: u64 = pairs.iter().map(|pair| u64::from(u16::from_be_bytes(*pair))).sum();
    words + rest.first().map_or(0, |byte| u64::from(*byte) << 8)
}

/// Changes a check sum by the difference of what it sums up (RFC 1624).
pub(super) fn adjust(out: &mut [u8], at: usize, before: u64, after: u64) {
    let Some(place) = out.get_mut(at..at + 2).filter(|_| before != after) else { return };
    let Some(old) = place.first_chunk::<2>().map(|bytes| u16::from_be_bytes(*bytes)) else { return };
    let mut sum = u64::from(!old) + u64::from(!folded(before)) + u64::from(folded(after));
    sum = u64::from(folded(sum));
    place.copy_from_slice(&(!folded(sum)).to_be_bytes());
}

fn folded(mut sum: u64) -> u16 {
    while sum > u64::from(u16::MAX) {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    u16::try_from(sum).unwrap_or(u16::MAX)
}
