//! The white list: cards that may charge while the platform cannot be reached (1301, 1302).
//!
//! A list has a version, and a pile tells only that: not which cards it has. It can add up to ten cards at once and clear
//! all of them, so that taking one away is clearing and adding those that stay. VINs could be listed, too; the platform
//! has no offline vehicles.

use serde_json::{Map, Value, json};
use voltapile_platform::command::OfflineCard;
use voltapile_protocol::aaf5::code::{ListAction, ListKind};
use voltapile_protocol::aaf5::message::{ListEntry, Message, WhiteListRequest, WhiteListResponse};

use super::desk::{Desk, Own};
use super::downlink::Plan;
use super::errand::Step;
use super::translate::text;

/// Cards that a pile's list has at most.
const CARDS_MAX: usize = 100;
/// Cards that one message adds at most.
const BATCH_MAX: usize = 10;

impl Desk {
    /// Remembers the version that a pile tells.
    pub(super) fn note_white_list(&mut self, answer: &Message) {
        if let Message::WhiteListResponse(WhiteListResponse { version, .. }) = answer {
            self.own.white_list_version = *version;
        }
    }
}

/// Adds cards.
pub(super) fn add(own: &Own, cards: &[OfflineCard]) -> Result<Plan, String> {
    Ok(additions(own, cards, next_version(own))?.into())
}

/// Clears cards: all of them, and adds those that stay.
pub(super) fn clear(own: &Own, cards: &[String], remaining: &[OfflineCard]) -> Result<Plan, String> {
    if remaining.len() > CARDS_MAX {
        return Err(format!("{} cards are to stay; a pile's white list has room for {CARDS_MAX}", remaining.len()));
    }
    let clear = WhiteListRequest { version: 0, ..request(own, ListAction::Clear) };
    let mut steps = vec![Step::new(clear)];
    steps.extend(additions(own, remaining, next_version(own))?);
    let cleared: Vec<Value> = cards.iter().map(|card| json!({"physical_number": card, "cleared": true})).collect();
    Ok(Plan { steps, done: Map::from_iter([("cards".to_owned(), cleared.into())]) })
}

fn additions(own: &Own, cards: &[OfflineCard], version: u32) -> Result<Vec<Step>, String> {
    let entry = |card: &OfflineCard| Ok(ListEntry { card_number: text("card", &card.physical_number)? });
    cards
        .chunks(BATCH_MAX)
        .map(|batch| {
            let entries: Vec<ListEntry> = batch.iter().map(entry).collect::<Result<_, String>>()?;
            let entry_count = u32::try_from(entries.len()).ok();
            let add = WhiteListRequest { version, entry_count, entries, ..request(own, ListAction::Add) };
            Ok(Step::new(add))
        })
        .collect()
}

fn request(own: &Own, action: ListAction) -> WhiteListRequest {
    WhiteListRequest { pile_code: own.wire_code, list_kind: ListKind::Cards, action, ..Default::default() }
}

/// 0 says that a list is empty.
fn next_version(own: &Own) -> u32 {
    own.white_list_version.wrapping_add(1).max(1)
}
