//! Cards: put and removed.

use super::{Saved, in_use};
use crate::book::Kind;
use crate::business::{Business, BusinessError, Refusal};
use crate::card::{Card, CardOnPile, CardOnPileState, is_card_number};

/// Hex digits of a physical number that readers give as bytes.
const PHYSICAL_DIGITS: usize = 16;

/// A physical number as it is kept: in lower case, and up to 16 hex digits filled up with zeros in front, as where they
/// are bytes on the wire. `None` where a text is none.
#[must_use]
pub fn physical_number(text: &str) -> Option<String> {
    if !is_card_number(text) {
        return None;
    }
    let is_bytes = text.len() <= PHYSICAL_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let text = text.to_ascii_lowercase();
    Some(if is_bytes { format!("{text:0>PHYSICAL_DIGITS$}") } else { text })
}

impl Business<'_> {
    /// Makes a card or replaces it. Whose it is follows from its account.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] when a number is none or its account does not exist; [`Refusal::Conflict`] when another of
    /// the operator's cards has the logical number.
    pub fn put_card(&mut self, mut card: Card) -> Result<Saved<Card>, BusinessError> {
        let Some(physical) = physical_number(&card.physical_number) else {
            let detail = "a physical number has 1 to 32 letters and digits".to_owned();
            return Err(Refusal::Invalid { field: "physical_number", detail }.into());
        };
        card.physical_number = physical;
        let logical = &card.logical_number;
        if !is_card_number(logical) {
            let detail = "a logical number has 1 to 32 letters and digits".to_owned();
            return Err(Refusal::Invalid { field: "logical_number", detail }.into());
        }
        card.operator = self.account_must_exist(&card.account)?.operator;
        let same: Vec<Card> = self.followers("logical_number", logical)?;
        let taken = |other: &&Card| other.physical_number != card.physical_number && other.operator == card.operator;
        if let Some(other) = same.iter().find(taken) {
            let detail = format!("the card {} has the logical number {logical} already", other.physical_number);
            return Err(Refusal::Conflict { reason: "logical_number_taken", detail }.into());
        }
        let before: Option<Card> = self.books.get(&card.physical_number)?;
        card.created_at = before.as_ref().map_or(self.now, |before| before.created_at);
        self.books.put(&card)?;
        Ok(Saved::of(before.is_none(), card))
    }

    /// Removes a card that no pile has in its memory: it could still charge there while the pile is offline.
    ///
    /// # Errors
    /// [`Refusal::Conflict`] when a pile has it, or may have.
    pub fn remove_card(&mut self, physical: &str) -> Result<Card, BusinessError> {
        let card: Card = self.known("card", &physical.to_owned())?;
        let places: Vec<CardOnPile> = self.followers("card", physical)?;
        let gone = |place: &CardOnPile| matches!(place.state, CardOnPileState::Absent | CardOnPileState::Refused);
        if let Some(place) = places.iter().find(|place| !gone(place)) {
            let detail =
                format!("the card {physical} is in the memory of the pile {}: clear it there first", place.pile);
            return Err(in_use(detail));
        }
        for place in &places {
            self.books.remove(Kind::CardOnPile, &crate::book::Document::id(place))?;
        }
        self.books.remove(Kind::Card, physical)?;
        Ok(card)
    }
}
