//! The platform keeps offline cards in the pile.

use voltapile_protocol::ykc::field::LogicalCardNumber;

use super::*;

fn number(last: u8) -> Bytes<8> {
    Bytes([0, 0, 0, 0, 0, 0, 0, last])
}

fn cards(numbers: impl IntoIterator<Item = u8>) -> OfflineCardSyncRequest {
    let card = |last| OfflineCard {
        logical_card_number: LogicalCardNumber([0, 0, 0, 0, 0, 0, 0x10, 0x01]),
        physical_card_number: number(last),
    };
    let cards: Vec<OfflineCard> = numbers.into_iter().map(card).collect();
    OfflineCardSyncRequest { pile_code: PILE, card_count: cards.len() as u8, cards, ..Default::default() }
}

fn store(world: &mut World, request: OfflineCardSyncRequest) -> (Outcome, CardSyncFailure) {
    let answers = world.ask(request);
    let [Message::OfflineCardSyncResponse(answer)] = answers.as_slice() else { panic!("{answers:?}") };
    (answer.save_result, answer.fail_reason)
}

fn query(world: &mut World, numbers: &[u8]) -> Vec<CardPresence> {
    let cards = numbers.iter().map(|last| CardNumber { physical_card_number: number(*last) }).collect();
    let card_count = numbers.len() as u8;
    let answers = world.ask(OfflineCardQueryRequest { pile_code: PILE, card_count, cards, ..Default::default() });
    let [Message::OfflineCardQueryResponse(answer)] = answers.as_slice() else { panic!("{answers:?}") };
    answer.cards.iter().map(|card| card.query_result).collect()
}

fn clear(world: &mut World, numbers: &[u8]) -> Vec<(Outcome, CardClearFailure)> {
    let cards = numbers.iter().map(|last| CardNumber { physical_card_number: number(*last) }).collect();
    let card_count = numbers.len() as u8;
    let answers = world.ask(OfflineCardClearRequest { pile_code: PILE, card_count, cards, ..Default::default() });
    let [Message::OfflineCardClearResponse(answer)] = answers.as_slice() else { panic!("{answers:?}") };
    answer.cards.iter().map(|card| (card.clear_result, card.fail_reason)).collect()
}

#[test]
fn stores_finds_and_clears_offline_cards() {
    let mut world = World::working(without_walk_ins(1), ModelOptions::default());
    assert_eq!(store(&mut world, cards(1..=15)), (Outcome::Succeeded, CardSyncFailure::None));
    assert_eq!(store(&mut world, cards(10..=20)), (Outcome::Succeeded, CardSyncFailure::None));
    assert_eq!(world.pile.snapshot().offline_cards.len(), 20);
    assert_eq!(query(&mut world, &[1, 99, 20]), [CardPresence::Present, CardPresence::Absent, CardPresence::Present]);
    let cleared = (Outcome::Succeeded, CardClearFailure::None);
    let no_card = (Outcome::Failed, CardClearFailure::BadCardNumber);
    assert_eq!(clear(&mut world, &[1, 99, 0]), [cleared, cleared, no_card]);
    assert_eq!(query(&mut world, &[1, 2]), [CardPresence::Absent, CardPresence::Present]);
    world.connect();
    assert_eq!(world.pile.snapshot().offline_cards.len(), 19, "they are in flash");
}

#[test]
fn stores_all_cards_of_a_frame_or_none() {
    let setup = PileSetup { offline_card_room: 3, ..without_walk_ins(1) };
    let mut world = World::working(setup, ModelOptions::default());
    let full = (Outcome::Failed, CardSyncFailure::StorageFull);
    let bad = (Outcome::Failed, CardSyncFailure::BadCardNumber);
    assert_eq!(store(&mut world, cards(1..=4)), full);
    assert_eq!(store(&mut world, cards([1, 0])), bad, "zeros");
    let mut letters = cards([1]);
    letters.cards[0].logical_card_number.0[7] = 0x0A;
    assert_eq!(store(&mut world, letters), bad);
    let cut = OfflineCardSyncRequest { card_count: 3, ..cards(1..=2) };
    assert_eq!(store(&mut world, cut), bad, "a card is missing");
    assert!(world.pile.snapshot().offline_cards.is_empty());
    assert_eq!(store(&mut world, cards(1..=3)).0, Outcome::Succeeded);
    assert_eq!(store(&mut world, cards(1..=3)).0, Outcome::Succeeded, "they have their room already");
    assert_eq!(store(&mut world, cards([4])), full);
}
