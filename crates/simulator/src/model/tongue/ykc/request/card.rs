//! Offline cards: 0x44, 0x46, 0x48.

use voltapile_protocol::ykc::message::{
    ClearedCard, ClearedCardShort, OfflineCardClearRequest, OfflineCardClearResponse, OfflineCardClearResponseShort,
    OfflineCardQueryRequest, OfflineCardQueryResponse, OfflineCardSyncRequest, OfflineCardSyncResponse,
};

use super::outcome;
use crate::model::pile::VirtualPile;

impl VirtualPile {
    pub(super) fn store_cards(&mut self, request: &OfflineCardSyncRequest, out: &mut Vec<u8>) {
        let stored = self.state.cards.store(request);
        let answer = OfflineCardSyncResponse {
            pile_code: request.pile_code,
            save_result: outcome(stored.is_ok()),
            fail_reason: stored.err().unwrap_or_default(),
            ..Default::default()
        };
        self.tell(&answer.into(), out);
    }

    pub(super) fn clear_cards(&mut self, request: &OfflineCardClearRequest, out: &mut Vec<u8>) {
        let cards = self.state.cards.clear(request);
        if self.tongue.ykc().is_some_and(|tongue| tongue.answers_clearing_shortly()) {
            let (pile_code, cards) = (request.pile_code, cards.into_iter().map(without_reason).collect());
            self.tell(&OfflineCardClearResponseShort { pile_code, cards, ..Default::default() }.into(), out);
            return;
        }
        self.tell(&OfflineCardClearResponse { pile_code: request.pile_code, cards, ..Default::default() }.into(), out);
    }

    pub(super) fn query_cards(&mut self, request: &OfflineCardQueryRequest, out: &mut Vec<u8>) {
        let cards = self.state.cards.find(request);
        self.tell(&OfflineCardQueryResponse { pile_code: request.pile_code, cards, ..Default::default() }.into(), out);
    }
}

fn without_reason(card: ClearedCard) -> ClearedCardShort {
    ClearedCardShort { physical_card_number: card.physical_card_number, clear_result: card.clear_result }
}
