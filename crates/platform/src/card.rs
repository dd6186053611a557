//! Charging cards, and which pile knows which of them for when it is offline.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::book::{Document, Kind};
use crate::identity::{AccountId, OperatorId, PileCode};
use crate::timestamp::Timestamp;

/// A card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Card {
    /// The number that a reader gives: 1 to 32 letters and digits, lower case; 16 hex digits in YKC.
    pub physical_number: String,
    /// The number printed on it: 1 to 32 letters and digits.
    pub logical_number: String,
    /// Whose account pays.
    pub account: AccountId,
    /// Whose account's operator.
    pub operator: Option<OperatorId>,
    /// Whether it may be used.
    pub status: CardStatus,
    /// Whether it may be stored in piles, to charge while they are offline.
    pub offline: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Characters of the longest number of a card.
const CARD_NUMBER_MAX: usize = 32;

/// Whether a text can be a card's number: 1 to 32 ASCII letters and digits. What of that a pile can take, its protocol
/// says.
#[must_use]
pub fn is_card_number(text: &str) -> bool {
    (1..=CARD_NUMBER_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether a card may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CardStatus {
    /// It may.
    Active,
    /// Its owner lost it or it was locked.
    Frozen,
}

impl Document for Card {
    const KIND: Kind = Kind::Card;
    type Id = String;
    fn id(&self) -> String {
        self.physical_number.clone()
    }
}

/// What is known of one card in one pile's memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CardOnPile {
    /// The pile.
    pub pile: PileCode,
    /// The card's physical number.
    pub card: String,
    /// Whose pile.
    pub operator: Option<OperatorId>,
    /// What is known.
    pub state: CardOnPileState,
    /// Why the pile did not do what was asked, in a stable word.
    pub reason: Option<String>,
    /// Since when.
    pub updated_at: Timestamp,
}

/// Whether a pile has a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CardOnPileState {
    /// It is on its way there.
    Adding,
    /// The pile has it.
    Present,
    /// The pile could not store it.
    Refused,
    /// It is to be cleared there.
    Clearing,
    /// The pile does not have it.
    Absent,
}

impl Document for CardOnPile {
    const KIND: Kind = Kind::CardOnPile;
    type Id = String;
    fn id(&self) -> String {
        format!("{}/{}", self.pile, self.card)
    }
}
