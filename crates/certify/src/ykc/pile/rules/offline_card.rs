//! Offline cards: 0x44, 0x46, 0x48.

use voltapile_protocol::ykc::code::{CardPresence, Outcome};
use voltapile_protocol::ykc::field::PhysicalCardNumber;
use voltapile_protocol::ykc::message::Message;

use super::answer::answered;
use super::{Rule, rule};
use crate::case::{Case, both};
use crate::ykc::pile::view::{Seen, View};

pub(super) static RULES: &[Rule] = &[
    rule(
        "pile.cards.sync_answered",
        "对 0x44 应答 0x43",
        "0x44 is answered with 0x43",
        "V1.6 §8.11",
        |view, case| answered(view, 0x44, case),
    ),
    rule(
        "pile.cards.clear_answered",
        "对 0x46 应答 0x45",
        "0x46 is answered with 0x45",
        "V1.6 §8.13",
        |view, case| answered(view, 0x46, case),
    ),
    rule(
        "pile.cards.query_answered",
        "对 0x48 应答 0x47",
        "0x48 is answered with 0x47",
        "V1.6 §8.15",
        |view, case| answered(view, 0x48, case),
    ),
    rule(
        "pile.cards.kept",
        "0x47 的结果与下发和清除的离线卡一致",
        "0x47 finds the cards that were stored, and not those that were cleared",
        "V1.6 §8.16",
        kept,
    ),
];

/// What the pile said about each card last: whether it has it.
fn kept(view: &View<'_>, case: &mut Case) {
    let mut known: Vec<(PhysicalCardNumber, bool)> = Vec::new();
    for request in view.down() {
        let Some(answer) = view.answer(request) else { continue };
        match (&request.message, &answer.message) {
            (Some(Message::OfflineCardSyncRequest(sync)), Some(Message::OfflineCardSyncResponse(stored)))
                if stored.save_result == Outcome::Succeeded =>
            {
                sync.cards.iter().for_each(|card| note(&mut known, card.physical_card_number, true));
            }
            (Some(Message::OfflineCardClearRequest(clear)), _) => {
                clear.cards.iter().for_each(|card| note(&mut known, card.physical_card_number, false));
            }
            (_, Some(Message::OfflineCardQueryResponse(found))) => {
                for card in &found.cards {
                    let number = card.physical_card_number;
                    let Some((_, is_stored)) = known.iter().find(|(known, _)| *known == number) else { continue };
                    let is_found = card.query_result == CardPresence::Present;
                    judge(is_found == *is_stored, request, answer, case);
                }
            }
            _ => {}
        }
    }
}

fn judge(is_right: bool, request: &Seen<'_>, answer: &Seen<'_>, case: &mut Case) {
    case.holds(is_right, &[request.id, answer.id], || {
        both!("查询结果与已下发或清除的卡不符", "it finds what was cleared, or misses what was stored")
    });
}

fn note(known: &mut Vec<(PhysicalCardNumber, bool)>, card: PhysicalCardNumber, is_stored: bool) {
    match known.iter_mut().find(|(number, _)| *number == card) {
        Some((_, place)) => *place = is_stored,
        None => known.push((card, is_stored)),
    }
}
