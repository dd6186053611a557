//! What a pile has told of itself: read, and made where it has said nothing yet.

use super::Business;
use crate::book::BooksError;
use crate::identity::{ConnectorNumber, PileCode};
use crate::pile::{ConnectorState, ConnectorStatus, Pile, PileState};
use crate::timestamp::Timestamp;

impl Business<'_> {
    /// What is known of a pile; `None` when it is not registered.
    pub(super) fn state_of_pile(&mut self, pile: PileCode) -> Result<Option<PileState>, BooksError> {
        if let Some(state) = self.books.get::<PileState>(&pile)? {
            return Ok(Some(state));
        }
        Ok(self.books.get::<Pile>(&pile)?.map(|pile| PileState::new(pile.code, pile.operator)))
    }
}

/// A connector's place in what is known of its pile; a new one counts as cut off until it tells of itself.
pub(super) fn connector_of(
    state: &mut PileState,
    number: ConnectorNumber,
    now: Timestamp,
) -> Option<&mut ConnectorStatus> {
    if let Err(place) = state.connectors.binary_search_by_key(&number, |connector| connector.number) {
        let fresh = ConnectorStatus { number, state: ConnectorState::Offline, since: now, parking_lock: None };
        state.connectors.insert(place, fresh);
    }
    state.connectors.iter_mut().find(|connector| connector.number == number)
}
