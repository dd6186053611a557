//! Offline cards: which of them a pile has in its memory, and what it is to have.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voltapile_platform::business::{Business, BusinessError};
use voltapile_platform::card::{Card, CardOnPile};
use voltapile_platform::command::Command;
use voltapile_platform::identity::{CommandId, PileCode};
use voltapile_platform::pile::Pile;
use voltapile_platform::timestamp::Timestamp;

use crate::api::answer::{Acted, Listing};
use crate::api::auth::{Caller, Operate, Read};
use crate::api::change::Change;
use crate::api::commands::{Commands, Patience};
use crate::api::extract::{Body, CardNumber, FromPath, Key, Query};
use crate::api::filter::ListQuery;
use crate::api::problem::{Kind, Problem};

/// Cards that one call may name: each is looked up where all others wait.
const CARDS_MAX: usize = 200;

/// Some cards.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CardsForm {
    /// Their physical numbers.
    #[schema(min_items = 1, max_items = 200)]
    cards: Vec<Number>,
}

/// A physical number in a body.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String")]
struct Number(String);

impl TryFrom<String> for Number {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let number = text.parse().map(|CardNumber(number)| Self(number));
        number.map_err(|()| "takes a card's physical number, 1 to 32 letters and digits")
    }
}

impl utoipa::PartialSchema for Number {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        crate::api::describe::schema::pattern("^[0-9A-Fa-f]{1,16}$")
    }
}

impl utoipa::ToSchema for Number {
    fn name() -> std::borrow::Cow<'static, str> {
        "CardNumber".into()
    }
}

/// Lists the cards that a pile has, or is to have.
pub(super) async fn list(
    caller: Caller<Read>,
    FromPath(code): FromPath<PileCode>,
    Query(query): Query<ListQuery<CardOnPile>>,
) -> Result<Listing<CardOnPile>, Problem> {
    caller.must_see_pile(code).await?;
    let (query, page) = query.with("pile", code.as_str()).parts();
    Ok(Listing::of(caller.list(query, page).await?, std::convert::identity))
}

/// What the business does with cards and a pile.
type Work = fn(
    &mut Business<'_>,
    PileCode,
    Vec<String>,
    Option<Timestamp>,
    Option<String>,
) -> Result<Vec<Command>, BusinessError>;

/// Stores cards in a pile.
pub(super) async fn store(
    caller: Caller<Operate>,
    FromPath(code): FromPath<PileCode>,
    Query(patience): Query<Patience>,
    key: Key,
    Body(form): Body<CardsForm>,
) -> Result<Acted<Commands>, Problem> {
    let change = Change::new("cards.store", format_args!("piles/{code}")).saying(&form);
    act(&caller, (change, key), code, form, patience, |business, pile, cards, keep, by| {
        business.sync_cards(pile, cards, keep, by)
    })
    .await
}

/// Clears cards from a pile.
pub(super) async fn clear(
    caller: Caller<Operate>,
    FromPath(code): FromPath<PileCode>,
    Query(patience): Query<Patience>,
    key: Key,
    Body(form): Body<CardsForm>,
) -> Result<Acted<Commands>, Problem> {
    let change = Change::new("cards.clear", format_args!("piles/{code}")).saying(&form);
    act(&caller, (change, key), code, form, patience, |business, pile, cards, keep, by| {
        business.clear_cards(pile, cards, keep, by)
    })
    .await
}

/// Asks a pile which of some cards it has.
pub(super) async fn query(
    caller: Caller<Operate>,
    FromPath(code): FromPath<PileCode>,
    Query(patience): Query<Patience>,
    key: Key,
    Body(form): Body<CardsForm>,
) -> Result<Acted<Commands>, Problem> {
    let change = Change::new("cards.query", format_args!("piles/{code}")).saying(&form);
    act(&caller, (change, key), code, form, patience, |business, pile, cards, keep, by| {
        business.query_cards(pile, cards, keep, by)
    })
    .await
}

async fn act(
    caller: &Caller<Operate>,
    (change, key): (Change, Key),
    code: PileCode,
    form: CardsForm,
    Patience { wait, keep }: Patience,
    work: Work,
) -> Result<Acted<Commands>, Problem> {
    if form.cards.len() > CARDS_MAX {
        let detail = format!("cards takes at most {CARDS_MAX}, not {}: send the others after them", form.cards.len());
        return Err(Problem::new(Kind::InvalidBody, &detail).at_pointer("/cards", detail));
    }
    let outcome = caller.change_once(change, key, move |guard| {
        guard.own::<Pile>(&code)?;
        let cards: Vec<String> = form.cards.into_iter().map(|number| number.0).collect();
        for card in &cards {
            // Another operator's card is no card for this caller; one that nobody registered may be in a pile.
            guard.own_or_new::<Card>(card)?;
        }
        let by = Some(guard.by().to_owned());
        let keep_until = keep.until(guard.business.now);
        let commands = work(guard.business, code, cards, keep_until, by)?;
        Ok(commands.iter().map(|command| command.id.0).collect())
    });
    let outcome = outcome.await?;
    if let (Some(wait), Some(last)) = (wait, outcome.made.last()) {
        // A pile's commands of one kind go one after the other.
        caller.core.wait_command(CommandId(*last), wait).await?;
    }
    let mut commands = Vec::with_capacity(outcome.made.len());
    for id in &outcome.made {
        commands.push(caller.find::<Command>(&CommandId(*id)).await?.into());
    }
    Ok(Acted { repeated: outcome.repeated, body: Commands { commands } })
}
