//! What piles and platforms said, as it is to be said again.

use std::collections::{BTreeMap, HashMap};

use voltapile_capture::read::Format;
use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::scan::Piece;
use voltapile_protocol::inspect::{Item, Options, Report, inspect_each, read_input};
use voltapile_protocol::layout::Direction;

use super::translation::meant;
use crate::traffic::log::{Heading, heading};
use crate::traffic::{Happening, Talk, watch};

/// One conversation.
#[derive(Debug)]
pub(super) struct Conversation {
    /// Its number in the capture, from 1.
    pub(super) number: usize,
    /// What is spoken.
    pub(super) protocol: Protocol,
    /// What was said, in order.
    pub(super) entries: Vec<Entry>,
}

/// Something that was said.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// When, in microseconds since 1970 or since any other moment that all entries share.
    pub(super) at: u64,
    pub(super) direction: Direction,
    pub(super) said: Said,
}

/// What was said.
#[derive(Debug, Clone)]
pub(super) enum Said {
    /// A frame, sound or not.
    Frame(Box<Report>),
    /// Bytes of no frame.
    Bytes(Vec<u8>),
}

/// The conversations of a capture or log.
///
/// # Errors
/// Why a log has none.
pub(super) fn read(file: &[u8], options: Options) -> Result<Vec<Conversation>, String> {
    let mut conversations =
        if Format::recognise(file).is_some() { from_capture(file, options) } else { from_log(file, options)? };
    let speaks = |entry: &Entry| entry.direction == Direction::Up && matches!(entry.said, Said::Frame(_));
    conversations.retain(|conversation| conversation.entries.iter().any(speaks));
    Ok(conversations)
}

fn from_capture(file: &[u8], options: Options) -> Vec<Conversation> {
    let mut found: BTreeMap<usize, Conversation> = BTreeMap::new();
    watch(file, options, &mut |happening| {
        let Happening::Said(said) = happening else { return };
        let Talk { number, has_frames, protocol, .. } = said.talk;
        let what = match said.piece {
            Piece::Found(frame) => Said::Frame(Box::new(Report::new(&frame, options))),
            Piece::Skipped { bytes, .. } => Said::Bytes(bytes.to_vec()),
        };
        if let Some(protocol) = protocol.filter(|_| has_frames) {
            let entry = Entry { at: said.at.0, direction: said.direction, said: what };
            let new = || Conversation { number, protocol, entries: Vec::new() };
            found.entry(number).or_insert_with(new).entries.push(entry);
        }
    });
    found.into_values().collect()
}

/// The frames of a log: each pile's are a conversation. A frame that names no pile belongs to the one before.
fn from_log(file: &[u8], options: Options) -> Result<Vec<Conversation>, String> {
    let chunks = read_input(file).map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(file);
    let headings: Vec<Heading> = text.lines().map(heading).collect();
    let mut conversations: Vec<Conversation> = Vec::new();
    let mut piles: HashMap<(Protocol, Vec<u8>), usize> = HashMap::new();
    let (mut last, mut at) = (0, 0);
    inspect_each(&chunks, options, |item| {
        let Item::Frame(report) = item else { return };
        let heading = report.line.and_then(|line| headings.get(line - 1)).copied().unwrap_or_default();
        let Some(direction) = heading.direction.or(report.direction) else { return };
        at = heading.at.and_then(|ms| u64::try_from(ms).ok()).map_or(at, |ms| ms * 1000);
        if let Some(pile) = field(&report, "pile_code") {
            let protocol = report.protocol;
            last = *piles.entry((protocol, meant(protocol, pile).to_vec())).or_insert_with(|| {
                conversations.push(Conversation { number: conversations.len() + 1, protocol, entries: Vec::new() });
                conversations.len() - 1
            });
        }
        if let Some(conversation) = conversations.get_mut(last) {
            conversation.entries.push(Entry { at, direction, said: Said::Frame(Box::new(report)) });
        }
    });
    Ok(conversations)
}

/// The bytes of a field by name.
pub(super) fn field<'r>(report: &'r Report, name: &str) -> Option<&'r [u8]> {
    report.fields.iter().find(|field| field.name == name).map(|field| field.raw.as_slice())
}

/// Conversations with those of one pile together, in their order.
pub(super) fn by_pile(conversations: Vec<Conversation>) -> Vec<Vec<Conversation>> {
    let mut groups: Vec<(Option<Vec<u8>>, Vec<Conversation>)> = Vec::new();
    for conversation in conversations {
        let pile = conversation.entries.iter().find_map(|entry| match &entry.said {
            Said::Frame(report) => field(report, "pile_code").map(|raw| meant(report.protocol, raw).to_vec()),
            Said::Bytes(_) => None,
        });
        match groups.iter_mut().find(|(of, _)| of.is_some() && *of == pile) {
            Some((_, group)) => group.push(conversation),
            None => groups.push((pile, vec![conversation])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}
