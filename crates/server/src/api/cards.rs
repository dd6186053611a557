//! Charging cards.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voltapile_platform::account::Account;
use voltapile_platform::card::{Card, CardOnPile, CardStatus};
use voltapile_platform::identity::{AccountId, OperatorId};
use voltapile_platform::timestamp::Timestamp;

use super::answer::{Gone, Listing, Put};
use super::auth::{Bill, Caller, Read};
use super::change::Change;
use super::describe::Routes;
use super::extract::{Body, CardNumber, FromPath, Query};
use super::filter::{Filter, ListQuery, Listed};
use super::problem::Problem;

/// The routes.
pub(super) fn routes() -> Routes {
    Routes::of("cards", "Charging cards. A card belongs to the operator of its account.")
        .get("/cards", list, "Cards by physical number.")
        .get("/cards/{number}", show, "One card.")
        .put("/cards/{number}", put, "Makes a card or replaces it.")
        .delete("/cards/{number}", remove, "Removes a card that no pile has in its memory.")
        .get("/cards/{number}/piles", on_piles, "In which piles' memory it is.")
}

impl Listed for Card {
    const FILTERS: &'static [Filter] = &[
        Filter::is::<OperatorId>("operator", "Whose account's operator.", "the id of an operator"),
        Filter::is::<AccountId>("account", "Whose account pays.", "the id of an account"),
        Filter::is::<String>("logical_number", "The number printed on it.", "up to 16 digits"),
        Filter::one_of::<CardStatus>("status", "Whether it may be used.", "active or frozen"),
    ];
    const SORTS: &'static [&'static str] = &["logical_number", "created_at"];
}

/// Which pile has which card needs no filter of its own.
impl Listed for CardOnPile {
    const FILTERS: &'static [Filter] = &[Filter::one_of::<voltapile_platform::card::CardOnPileState>(
        "state",
        "What is known.",
        "adding, present, refused, clearing or absent",
    )];
    const SORTS: &'static [&'static str] = &[];
}

/// A card as a caller describes it; its physical number stands in the path.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CardForm {
    /// The number printed on it.
    #[schema(pattern = "^[0-9]{1,16}$")]
    logical_number: String,
    /// Whose account pays.
    account: AccountId,
    #[serde(default = "active")]
    status: CardStatus,
    /// Whether it may be stored in piles, to charge while they are offline.
    #[serde(default)]
    offline: bool,
}

const fn active() -> CardStatus {
    CardStatus::Active
}

async fn list(caller: Caller<Read>, Query(query): Query<ListQuery<Card>>) -> Result<Listing<Card>, Problem> {
    let (query, page) = query.parts();
    Ok(Listing::of(caller.list(query, page).await?, std::convert::identity))
}

async fn show(
    caller: Caller<Read>,
    FromPath(CardNumber(number)): FromPath<CardNumber>,
    Query(()): Query<()>,
) -> Result<Json<Card>, Problem> {
    caller.find(&number).await.map(Json)
}

async fn put(
    caller: Caller<Bill>,
    FromPath(CardNumber(number)): FromPath<CardNumber>,
    Query(()): Query<()>,
    Body(form): Body<CardForm>,
) -> Result<Put<Card>, Problem> {
    let change = Change::new("card.put", format_args!("cards/{number}")).saying(&form);
    let saved = caller.change(change, move |guard| {
        guard.own_or_new::<Card>(&number)?;
        let CardForm { logical_number, account, status, offline } = form;
        let operator = guard.refers::<Account>("account", &account)?.operator;
        guard.owned_by(operator.clone());
        let card = Card {
            physical_number: number,
            logical_number,
            account,
            operator,
            status,
            offline,
            created_at: Timestamp::MIN,
        };
        guard.business.put_card(card)
    });
    Ok(Put::of(saved.await?, std::convert::identity))
}

async fn remove(
    caller: Caller<Bill>,
    FromPath(CardNumber(number)): FromPath<CardNumber>,
    Query(()): Query<()>,
) -> Result<Gone, Problem> {
    let change = Change::new("card.remove", format_args!("cards/{number}"));
    let removed = caller.change(change, move |guard| {
        guard.own::<Card>(&number)?;
        guard.business.remove_card(&number)
    });
    removed.await?;
    Ok(Gone)
}

async fn on_piles(
    caller: Caller<Read>,
    FromPath(CardNumber(number)): FromPath<CardNumber>,
    Query(query): Query<ListQuery<CardOnPile>>,
) -> Result<Listing<CardOnPile>, Problem> {
    caller.find::<Card>(&number).await?;
    let (query, page) = query.with("card", number).parts();
    Ok(Listing::of(caller.list(query, page).await?, std::convert::identity))
}
