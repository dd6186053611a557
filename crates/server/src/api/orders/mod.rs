//! Orders (充电订单): listed, started, stopped, resolved.

mod export;
mod start;

use std::str::FromStr;

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use voltapile_platform::command::{Command, CommandView};
use voltapile_platform::identity::{
    AccountId, CommandId, OperatorId, OrderId, PileCode, StationId, TRANSACTION_NUMBER_MAX, TransactionNumber,
};
use voltapile_platform::order::{AbnormalReason, Order, OrderState, OrderView, Origin, Resolution};

use super::answer::{Acted, Listing};
use super::auth::{Bill, Caller, Operate, Read};
use super::change::Change;
use super::csv::{self, Export, Format};
use super::describe::{Routes, schema};
use super::extract::{
    AcceptsCsv, Body, FromPath, FromQuery, Key, Note, Parameter, Parameters, PathParameter, Query, Wait,
};
use super::filter::{Filter, ListQuery, Listed};
use super::problem::Problem;
use super::records::NUMBER_TAKES;
use crate::store::{BmsMessage, Comparison, DocumentQuery, PageRequest, Sample, Test};

/// The routes.
pub(super) fn routes() -> Routes {
    Routes::of("orders", "充电订单: one charge from the authorization to the settled record.")
        .get("/orders", list, "Orders, newest first; also as CSV.")
        .post("/orders", start::start, "Starts a charge, of one connector or of two in parallel.")
        .get("/orders/{id}", show, "One order, by its number or its transaction number.")
        .post("/orders/{id}/stop", stop, "Stops a charge; answers the command.")
        .post("/orders/{id}/resolve", resolve, "Decides about an abnormal order; `actions` says what can be done.")
        .get("/orders/{id}/series", series, "What was measured while it charged, oldest first.")
        .get("/orders/{id}/bms", bms, "The latest of each message of the vehicle's battery.")
}

impl Listed for Order {
    const FILTERS: &'static [Filter] = &[
        Filter::is::<OperatorId>("operator", "Whose pile.", "the id of an operator"),
        Filter::is::<StationId>("station", "The station of its pile.", "the id of a station"),
        Filter::is::<PileCode>("pile", "Its pile.", "the code of a pile"),
        Filter::number("connector", "Its connector."),
        Filter::is::<TransactionNumber>("transaction_number", "Its number on the wire.", NUMBER_TAKES),
        Filter::one_of::<OrderState>(
            "state",
            "Where it stands.",
            "created, starting, charging, stopping, awaiting_record, settled, failed or abnormal",
        ),
        Filter::one_of::<Origin>("origin", "How it came about.", "remote, card, account, vin, offline_card or record"),
        Filter::one_of::<AbnormalReason>("abnormal_reason", "Why it needs a person.", "a word like bill_differs"),
        Filter::is::<AccountId>("account", "Who pays.", "the id of an account"),
        Filter::is::<String>("card", "The card's physical number.", "1 to 32 letters and digits"),
        Filter::is::<String>("vin", "The vehicle.", "17 letters and digits"),
        Filter::is::<String>("group", "Joins the orders of one parallel charge.", "the group of an order"),
        Filter::set("open", "open_pile", "Whether it is not at its end."),
        Filter::from("created_from", "created_at", "Made since this moment."),
        Filter::before("created_to", "created_at", "Made before this moment."),
        Filter::from("ended_from", "ended_at", "Ended since this moment."),
        Filter::before("ended_to", "ended_at", "Ended before this moment."),
        Filter::from("settled_from", "settled_at", "Settled since this moment."),
        Filter::before("settled_to", "settled_at", "Settled before this moment."),
    ];
    const SORTS: &'static [&'static str] = &["created_at", "ended_at", "settled_at", "charged"];
}

/// How a path names an order.
#[derive(Debug, Clone, Copy)]
enum OrderName {
    Id(OrderId),
    Transaction(TransactionNumber),
}

impl FromStr for OrderName {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        // A pile may number its charges as the platform does; but the platform's own transaction numbers are long.
        let id = text.parse().ok().filter(|_| text.len() < TRANSACTION_NUMBER_MAX);
        id.map(Self::Id).or_else(|| text.parse().ok().map(Self::Transaction)).ok_or(())
    }
}

impl PathParameter for OrderName {
    const NAME: &'static str = "id";
    const TAKES: &'static str = "an order's number, or a transaction number";

    fn schema() -> RefOr<Schema> {
        schema::pattern("^[0-9A-Za-z_-]{1,32}$")
    }
}

impl<S> Caller<S> {
    /// An order as it is shown: what the pile says of a running charge stands in memory before it stands in the books.
    fn view(&self, mut order: Order) -> OrderView {
        if let Some(progress) = self.core.registry.get(order.pile).and_then(|pile| pile.progress_of(&order)) {
            order.progress = progress;
        }
        order.into()
    }

    async fn order(&self, name: OrderName) -> Result<Order, Problem> {
        match name {
            OrderName::Id(id) => self.find(&id).await,
            OrderName::Transaction(number) => {
                let test = Test { field: "transaction_number", comparison: Comparison::Is(number.to_string().into()) };
                let query = DocumentQuery { tests: vec![test], ..DocumentQuery::default() };
                let found = self.list::<Order>(query, PageRequest::new(1, None)).await?.items.pop();
                found.ok_or_else(|| Problem::not_found("order with the transaction number", number))
            }
        }
    }
}

/// Which orders, and in which form.
#[derive(Debug)]
struct OrdersQuery {
    list: ListQuery<Order>,
    format: Format,
}

impl FromQuery for OrdersQuery {
    fn parameters() -> Vec<Parameter> {
        let mut parameters = ListQuery::<Order>::parameters();
        parameters.extend(Format::parameters());
        parameters
    }

    fn read(parameters: &Parameters) -> Result<Self, Problem> {
        Ok(Self { list: ListQuery::read(parameters)?, format: Format::read(parameters)? })
    }
}

async fn list(
    caller: Caller<Read>,
    AcceptsCsv(accepts_csv): AcceptsCsv,
    Query(OrdersQuery { list, format }): Query<OrdersQuery>,
) -> Result<Export<OrderView>, Problem> {
    if !format.is_csv(accepts_csv) {
        let (query, page) = list.parts();
        let orders = caller.list::<Order>(query, page).await?;
        return Ok(Export::Page(Listing::of(orders, |order| caller.view(order))));
    }
    let (query, from) = (list.query, list.paging.cursor);
    let caller = std::sync::Arc::new(caller);
    let fetch = move |page: PageRequest| {
        let (caller, query) = (std::sync::Arc::clone(&caller), query.clone());
        async move { caller.list::<Order>(query, page).await }
    };
    csv::whole("orders", from, fetch).await.map(Export::Csv)
}

async fn show(
    caller: Caller<Read>,
    FromPath(name): FromPath<OrderName>,
    Query(()): Query<()>,
) -> Result<Json<OrderView>, Problem> {
    let order = caller.order(name).await?;
    Ok(Json(caller.view(order)))
}

async fn stop(
    caller: Caller<Operate>,
    FromPath(name): FromPath<OrderName>,
    Query(Wait(wait)): Query<Wait>,
    key: Key,
) -> Result<Acted<CommandView>, Problem> {
    let id = caller.order(name).await?.id;
    let change = Change::new("order.stop", format_args!("orders/{id}"));
    let outcome = caller.change_once(change, key, move |guard| {
        guard.own::<Order>(&id)?;
        let by = guard.by().to_owned();
        Ok(vec![guard.business.stop_order(id, &by)?.id.0])
    });
    let outcome = outcome.await?;
    let command = CommandId(outcome.first()?);
    if let Some(wait) = wait {
        caller.core.wait_command(command, wait).await?;
    }
    let command: Command = caller.find(&command).await?;
    Ok(Acted { repeated: outcome.repeated, body: command.into() })
}

/// What is decided about an abnormal order.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResolutionForm {
    /// One of the order's `actions`.
    action: Resolution,
    /// Why.
    note: Option<Note>,
}

async fn resolve(
    caller: Caller<Bill>,
    FromPath(name): FromPath<OrderName>,
    Query(()): Query<()>,
    key: Key,
    Body(form): Body<ResolutionForm>,
) -> Result<Acted<OrderView>, Problem> {
    let id = caller.order(name).await?.id;
    let change = Change::new("order.resolve", format_args!("orders/{id}")).saying(&form);
    let outcome = caller.change_once(change, key, move |guard| {
        guard.own::<Order>(&id)?;
        let by = guard.by().to_owned();
        let ResolutionForm { action, note } = form;
        Ok(vec![guard.business.resolve_order(id, action, &by, note.map(String::from))?.id.0])
    });
    let outcome = outcome.await?;
    let order: Order = caller.find(&OrderId(outcome.first()?)).await?;
    Ok(Acted { repeated: outcome.repeated, body: order.into() })
}

async fn series(
    caller: Caller<Read>,
    FromPath(name): FromPath<OrderName>,
    Query(()): Query<()>,
) -> Result<Listing<Sample>, Problem> {
    let id = caller.order(name).await?.id;
    Ok(Listing::whole(caller.core.store.samples(id).await?))
}

async fn bms(
    caller: Caller<Read>,
    FromPath(name): FromPath<OrderName>,
    Query(()): Query<()>,
) -> Result<Listing<BmsMessage>, Problem> {
    let id = caller.order(name).await?.id;
    Ok(Listing::whole(caller.core.store.bms_messages(id).await?))
}
