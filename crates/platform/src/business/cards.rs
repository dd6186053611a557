//! Offline cards: which pile has which card in its memory.

use serde_json::Value;

use super::command::NewCommand;
use super::registry::physical_number;
use super::{Business, BusinessError, Refusal};
use crate::book::BooksError;
use crate::card::{Card, CardOnPile, CardOnPileState, CardStatus};
use crate::command::{Command, CommandAction, CommandResult, OfflineCard};
use crate::identity::PileCode;
use crate::pile::Pile;
use crate::timestamp::Timestamp;

/// Cards of one pile that are looked at for those that stay; piles have room for some hundreds.
const CARDS_OF_PILE_MAX: usize = 10_000;

impl Business<'_> {
    /// Stores cards in a pile, by physical number, so that they charge while it is offline; in as many commands as the
    /// frames need.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] without the pile or a card, [`Refusal::Conflict`] for a card that is frozen
    /// (`card_frozen`) or not for offline use (`card_not_offline`), [`Refusal::Invalid`] without any card; else as
    /// [`queue_command`](Self::queue_command).
    pub fn sync_cards(
        &mut self,
        pile: PileCode,
        cards: Vec<String>,
        keep_until: Option<Timestamp>,
        by: Option<String>,
    ) -> Result<Vec<Command>, BusinessError> {
        let place = self.pile_of_cards(pile)?;
        let mut known = Vec::new();
        for number in distinct(&cards)? {
            let card: Option<Card> = self.books.get(&number)?;
            let card = card.filter(|card| card.operator.is_none() || card.operator == place.operator);
            let card = card.ok_or(Refusal::NotFound { what: "card", key: number })?;
            known.push(storable(card)?);
        }
        let mut commands = Vec::new();
        for batch in known.chunks(CommandAction::CARDS_MAX) {
            let request = CommandAction::SyncOfflineCards { cards: batch.to_vec() };
            commands.push(self.queue_cards(pile, request, keep_until, by.clone())?);
            for card in batch {
                self.note_card(&place, &card.physical_number, CardOnPileState::Adding, None)?;
            }
        }
        Ok(commands)
    }

    /// Clears cards from a pile's memory, by physical number; also such that are not registered.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] without the pile, [`Refusal::Invalid`] without any card or for a number that is none; else
    /// as [`queue_command`](Self::queue_command).
    pub fn clear_cards(
        &mut self,
        pile: PileCode,
        cards: Vec<String>,
        keep_until: Option<Timestamp>,
        by: Option<String>,
    ) -> Result<Vec<Command>, BusinessError> {
        let place = self.pile_of_cards(pile)?;
        let cleared = distinct(&cards)?;
        let remaining = self.cards_besides(pile, &cleared)?;
        let mut commands = Vec::new();
        for batch in cleared.chunks(CommandAction::CARDS_MAX) {
            let request = CommandAction::ClearOfflineCards { cards: batch.to_vec(), remaining: remaining.clone() };
            commands.push(self.queue_cards(pile, request, keep_until, by.clone())?);
            for card in batch {
                self.note_card(&place, card, CardOnPileState::Clearing, None)?;
            }
        }
        Ok(commands)
    }

    /// Asks a pile which of some cards it has, by physical number.
    ///
    /// # Errors
    /// As [`clear_cards`](Self::clear_cards).
    pub fn query_cards(
        &mut self,
        pile: PileCode,
        cards: Vec<String>,
        keep_until: Option<Timestamp>,
        by: Option<String>,
    ) -> Result<Vec<Command>, BusinessError> {
        self.pile_of_cards(pile)?;
        let mut commands = Vec::new();
        for batch in distinct(&cards)?.chunks(CommandAction::CARDS_MAX) {
            let request = CommandAction::QueryOfflineCards { cards: batch.to_vec() };
            commands.push(self.queue_cards(pile, request, keep_until, by.clone())?);
        }
        Ok(commands)
    }

    /// Takes what became of a command about cards. The answer to a clearing is
    /// `{"cards": [{"physical_number": "…", "cleared": true}]}`, to a query the same with `present`.
    pub(super) fn cards_answered(&mut self, command: &Command, result: &CommandResult) -> Result<(), BusinessError> {
        let Some(place) = self.books.get::<Pile>(&command.pile)? else { return Ok(()) };
        let failure = match result {
            CommandResult::Succeeded(_) => None,
            _ => Some(command.reason.as_deref().unwrap_or("failed")),
        };
        match &command.request {
            CommandAction::SyncOfflineCards { cards } => {
                let state = match failure {
                    None => CardOnPileState::Present,
                    // The pile was told and went silent: it may have the card. A query tells.
                    Some("no_answer" | "pile_offline" | "server_restarted") if command.attempts > 0 => {
                        CardOnPileState::Adding
                    }
                    Some(_) => CardOnPileState::Refused,
                };
                for card in cards {
                    self.note_card(&place, &card.physical_number, state, failure)?;
                }
            }
            CommandAction::ClearOfflineCards { cards, .. } => {
                for card in cards {
                    // A card that was not cleared for sure may still charge: it counts as there.
                    let (state, reason) = match (failure, told_of(&command.answer, card, "cleared")) {
                        (None, Some(true)) => (CardOnPileState::Absent, None),
                        (None, _) => (CardOnPileState::Present, Some("not_cleared")),
                        (Some(failure), _) => (CardOnPileState::Present, Some(failure)),
                    };
                    self.note_card(&place, card, state, reason)?;
                }
            }
            CommandAction::QueryOfflineCards { cards } if failure.is_none() => {
                for card in cards {
                    let Some(is_there) = told_of(&command.answer, card, "present") else { continue };
                    let state = if is_there { CardOnPileState::Present } else { CardOnPileState::Absent };
                    self.note_card(&place, card, state, None)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The cards in a pile's memory, or on their way there, without some.
    fn cards_besides(&mut self, pile: PileCode, cleared: &[String]) -> Result<Vec<OfflineCard>, BooksError> {
        let mut remaining = Vec::new();
        for on_pile in self.books.find::<CardOnPile>("pile", pile, CARDS_OF_PILE_MAX)? {
            let stays = matches!(on_pile.state, CardOnPileState::Present | CardOnPileState::Adding);
            if !stays || cleared.contains(&on_pile.card) {
                continue;
            }
            let card: Option<Card> = self.books.get(&on_pile.card)?;
            let logical_number = card.map_or_else(|| on_pile.card.clone(), |card| card.logical_number);
            remaining.push(OfflineCard { logical_number, physical_number: on_pile.card });
        }
        Ok(remaining)
    }

    fn pile_of_cards(&mut self, pile: PileCode) -> Result<Pile, BusinessError> {
        let found: Option<Pile> = self.books.get(&pile)?;
        Ok(found.ok_or_else(|| Refusal::NotFound { what: "pile", key: pile.to_string() })?)
    }

    fn queue_cards(
        &mut self,
        pile: PileCode,
        request: CommandAction,
        keep_until: Option<Timestamp>,
        by: Option<String>,
    ) -> Result<Command, BusinessError> {
        self.queue_command(NewCommand { pile, request, order: None, keep_until, key: None, by })
    }

    fn note_card(
        &mut self,
        place: &Pile,
        card: &str,
        state: CardOnPileState,
        reason: Option<&str>,
    ) -> Result<(), BusinessError> {
        let (pile, operator) = (place.code, place.operator.clone());
        let reason = reason.map(str::to_owned);
        let note = CardOnPile { pile, card: card.to_owned(), operator, state, reason, updated_at: self.now };
        Ok(self.books.put(&note)?)
    }
}

/// The numbers of a list as they are kept, each once, in their order.
fn distinct(cards: &[String]) -> Result<Vec<String>, Refusal> {
    if cards.is_empty() {
        return Err(Refusal::Invalid { field: "cards", detail: "name at least one card".to_owned() });
    }
    let mut seen = std::collections::HashSet::new();
    let mut numbers = Vec::new();
    for card in cards {
        let detail = || format!("{card:?} is no card's number: it takes 1 to 32 letters and digits");
        let number = physical_number(card).ok_or_else(|| Refusal::Invalid { field: "cards", detail: detail() })?;
        if seen.insert(number.clone()) {
            numbers.push(number);
        }
    }
    Ok(numbers)
}

/// A card as a pile stores it.
fn storable(card: Card) -> Result<OfflineCard, Refusal> {
    let number = &card.physical_number;
    let (reason, detail) = match (card.status, card.offline) {
        (CardStatus::Active, true) => {
            return Ok(OfflineCard { logical_number: card.logical_number, physical_number: card.physical_number });
        }
        (CardStatus::Frozen, _) => ("card_frozen", format!("the card {number} is frozen")),
        (CardStatus::Active, false) => ("card_not_offline", format!("the card {number} is not for offline use")),
    };
    Err(Refusal::Conflict { reason, detail })
}

/// What an answer says of a card, if it does.
fn told_of(answer: &Value, card: &str, what: &str) -> Option<bool> {
    let cards = answer.get("cards")?.as_array()?;
    let told = cards.iter().find(|told| {
        let number = told.get("physical_number").and_then(Value::as_str);
        number.is_some_and(|number| number.eq_ignore_ascii_case(card))
    })?;
    told.get(what)?.as_bool()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::business::command::tests::{bench, pile_code};
    use crate::business::testing::Bench;
    use crate::identity::CommandId;
    use serde_json::json;

    fn number(card: u32) -> String {
        format!("{card:016x}")
    }

    /// A bench with so many cards, from 1.
    fn with_cards(count: u32) -> (Bench, Vec<String>) {
        let mut bench = bench();
        for card in 1..=count {
            let card = Card {
                physical_number: number(card),
                logical_number: format!("1{card:015}"),
                account: "li-wei".parse().unwrap(),
                operator: Some("east".parse().unwrap()),
                status: CardStatus::Active,
                offline: true,
                created_at: bench.now,
            };
            bench.put(&card).unwrap();
        }
        (bench, (1..=count).map(number).collect())
    }

    fn sync(bench: &mut Bench, cards: &[String]) -> Result<Vec<Command>, BusinessError> {
        bench.work(|business| business.sync_cards(pile_code(), cards.to_vec(), None, Some("user:wang".into())))
    }

    fn end(bench: &mut Bench, id: u64, result: CommandResult) {
        bench.work(|business| business.command_ended(CommandId(id), result)).unwrap();
    }

    fn on_pile(bench: &Bench) -> Vec<(CardOnPileState, Option<String>)> {
        let cards: Vec<CardOnPile> = bench.books.all().unwrap();
        cards.into_iter().map(|card| (card.state, card.reason)).collect()
    }

    #[test]
    fn cards_travel_in_batches_and_each_batch_is_known() {
        let (mut bench, mut cards) = with_cards(13);
        cards.push(number(13).to_ascii_uppercase());
        let commands = sync(&mut bench, &cards).unwrap();
        assert_eq!(commands.len(), 2);
        assert_eq!(bench.reaction.dispatch.len(), 1);
        assert!(on_pile(&bench).iter().all(|(state, _)| *state == CardOnPileState::Adding));
        end(&mut bench, 1, CommandResult::Succeeded(Value::Null));
        end(&mut bench, 2, CommandResult::Refused("storage_full".into(), Value::Null));
        let states = on_pile(&bench);
        assert!(states[..10].iter().all(|(state, _)| *state == CardOnPileState::Present));
        assert!(states[10..].iter().all(|one| *one == (CardOnPileState::Refused, Some("storage_full".into()))));
    }

    #[test]
    fn silence_leaves_open_whether_a_card_is_there() {
        let (mut bench, cards) = with_cards(1);
        sync(&mut bench, &cards).unwrap();
        end(&mut bench, 1, CommandResult::TimedOut);
        end(&mut bench, 1, CommandResult::TimedOut);
        assert_eq!(on_pile(&bench), [(CardOnPileState::Adding, Some("no_answer".into()))]);
        let query = bench.work(|business| business.query_cards(pile_code(), cards, None, None)).unwrap();
        let told = json!({"cards": [{"physical_number": number(1).to_ascii_uppercase(), "present": true}]});
        end(&mut bench, query[0].id.0, CommandResult::Succeeded(told));
        assert_eq!(on_pile(&bench), [(CardOnPileState::Present, None)]);
    }

    #[test]
    fn what_was_not_cleared_for_sure_is_still_there() {
        let (mut bench, cards) = with_cards(3);
        bench.work(|business| business.clear_cards(pile_code(), cards, None, None)).unwrap();
        assert_eq!(on_pile(&bench), vec![(CardOnPileState::Clearing, None); 3]);
        let told = json!({"cards": [
            {"physical_number": number(1), "cleared": true}, {"physical_number": number(2), "cleared": false},
        ]});
        end(&mut bench, 1, CommandResult::Succeeded(told));
        let kept = (CardOnPileState::Present, Some("not_cleared".to_owned()));
        assert_eq!(on_pile(&bench), [(CardOnPileState::Absent, None), kept.clone(), kept]);
    }

    #[test]
    fn cards_that_may_not_go_there_are_refused_before_anything_is_sent() {
        let (mut bench, cards) = with_cards(3);
        let card: Card = bench.get(&cards[0]).unwrap().unwrap();
        bench.put(&Card { status: CardStatus::Frozen, ..card.clone() }).unwrap();
        bench.put(&Card { physical_number: number(2), offline: false, ..card.clone() }).unwrap();
        bench.put(&Card { physical_number: number(3), operator: Some("west".parse().unwrap()), ..card }).unwrap();
        let refusal = |bench: &mut Bench, cards: &[String]| match sync(bench, cards) {
            Err(BusinessError::Refused(refusal)) => refusal,
            other => panic!("{other:?}"),
        };
        assert!(matches!(refusal(&mut bench, &cards[..1]), Refusal::Conflict { reason: "card_frozen", .. }));
        assert!(matches!(refusal(&mut bench, &cards[1..2]), Refusal::Conflict { reason: "card_not_offline", .. }));
        assert!(matches!(refusal(&mut bench, &cards[2..]), Refusal::NotFound { what: "card", .. }));
        assert!(matches!(refusal(&mut bench, &[]), Refusal::Invalid { field: "cards", .. }));
        assert_eq!((bench.reaction.dispatch.len(), on_pile(&bench).len()), (0, 0));
    }
}
