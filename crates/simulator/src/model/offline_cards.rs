//! Cards that may charge while the pile is offline, in its flash: 0x44, 0x46, 0x48.

use voltapile_protocol::wire::is_decimal;
use voltapile_protocol::ykc::code::{CardClearFailure, CardPresence, CardSyncFailure, Outcome};
use voltapile_protocol::ykc::field::PhysicalCardNumber;
use voltapile_protocol::ykc::message::{
    ClearedCard, FoundCard, OfflineCard, OfflineCardClearRequest, OfflineCardQueryRequest, OfflineCardSyncRequest,
};

/// The offline cards of a pile, in the order in which they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OfflineCards {
    cards: Vec<OfflineCard>,
    room: usize,
}

impl OfflineCards {
    pub(super) const fn new(room: usize) -> Self {
        Self { cards: Vec::new(), room }
    }

    pub(super) fn all(&self) -> &[OfflineCard] {
        &self.cards
    }

    pub(super) fn knows(&self, number: PhysicalCardNumber) -> bool {
        self.cards.iter().any(|card| card.physical_card_number == number)
    }

    /// Stores all cards of a frame or none.
    pub(super) fn store(&mut self, request: &OfflineCardSyncRequest) -> Result<(), CardSyncFailure> {
        let is_whole = request.cards.len() == usize::from(request.card_count);
        if !is_whole || !request.cards.iter().all(is_well_formed) {
            return Err(CardSyncFailure::BadCardNumber);
        }
        let mut cards = self.cards.clone();
        for card in &request.cards {
            match cards.iter_mut().find(|known| known.physical_card_number == card.physical_card_number) {
                Some(known) => known.clone_from(card),
                None => cards.push(card.clone()),
            }
        }
        if cards.len() > self.room {
            return Err(CardSyncFailure::StorageFull);
        }
        self.cards = cards;
        Ok(())
    }

    /// Removes cards; one that was not there is gone as well.
    pub(super) fn clear(&mut self, request: &OfflineCardClearRequest) -> Vec<ClearedCard> {
        let outcomes = request.cards.iter().map(|card| {
            let physical_card_number = card.physical_card_number;
            if physical_card_number == PhysicalCardNumber::default() {
                let fail_reason = CardClearFailure::BadCardNumber;
                return ClearedCard { physical_card_number, clear_result: Outcome::Failed, fail_reason };
            }
            self.cards.retain(|known| known.physical_card_number != physical_card_number);
            let fail_reason = CardClearFailure::None;
            ClearedCard { physical_card_number, clear_result: Outcome::Succeeded, fail_reason }
        });
        outcomes.collect()
    }

    /// Which cards are there.
    pub(super) fn find(&self, request: &OfflineCardQueryRequest) -> Vec<FoundCard> {
        let found = request.cards.iter().map(|card| {
            let is_known = self.knows(card.physical_card_number);
            let query_result = if is_known { CardPresence::Present } else { CardPresence::Absent };
            FoundCard { physical_card_number: card.physical_card_number, query_result }
        });
        found.collect()
    }
}

/// Zeros are no card, and the printed number has digits only.
fn is_well_formed(card: &OfflineCard) -> bool {
    card.physical_card_number != PhysicalCardNumber::default() && is_decimal(&card.logical_card_number.0)
}
