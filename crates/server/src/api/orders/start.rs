//! Starting a charge through the API.

use std::num::NonZeroU8;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voltapile_platform::account::Account;
use voltapile_platform::business::StartOrder;
use voltapile_platform::command::{Command, StartOptions};
use voltapile_platform::identity::{AccountId, ConnectorNumber, OrderId, PileCode};
use voltapile_platform::order::{Order, OrderView};
use voltapile_platform::pile::Pile;
use voltapile_platform::unit::Balance;

use crate::api::answer::Made;
use crate::api::auth::{Caller, Operate};
use crate::api::change::Change;
use crate::api::extract::{Body, Key, Query, Wait};
use crate::api::problem::{Kind, Problem};
use crate::store::{Comparison, DocumentQuery, PageRequest, Test};

/// Commands of one order that are waited for: its start, sent again or not.
const COMMANDS_MAX: usize = 4;

/// A charge that is asked for.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StartForm {
    /// The pile.
    pile: PileCode,
    /// The connector; of a parallel charge the main one.
    #[schema(value_type = u8, minimum = 1)]
    connector: NonZeroU8,
    /// The other connector of a parallel charge (双枪并充).
    #[schema(value_type = Option<u8>, minimum = 1)]
    parallel_with: Option<NonZeroU8>,
    /// Who pays; left out when whoever asks takes the money elsewhere.
    account: Option<AccountId>,
    /// The most that it may cost, in yuan; more than 0.
    limit: Option<Balance>,
    /// What else is asked for. What the pile's protocol has no word for fails the start.
    #[serde(default, skip_serializing_if = "StartOptions::is_none")]
    options: StartOptions,
}

/// Nothing of it: it may hold a password.
impl std::fmt::Debug for StartForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StartForm(…)")
    }
}

/// Starts a charge.
pub(super) async fn start(
    caller: Caller<Operate>,
    Query(Wait(wait)): Query<Wait>,
    key: Key,
    Body(form): Body<StartForm>,
) -> Result<Made<OrderView>, Problem> {
    if form.limit.is_some_and(|limit| limit <= Balance::ZERO) {
        let detail = "a charge costs something: more than 0";
        return Err(Problem::new(Kind::Unprocessable, detail).at_pointer("/limit", detail));
    }
    let shown = StartForm { options: form.options.redacted(), ..form.clone() };
    let change = Change::new("order.start", "orders").saying(&shown);
    let outcome = caller.change_once(change, key, move |guard| {
        let StartForm { pile, connector, parallel_with, account, limit, options } = form;
        guard.refers::<Pile>("pile", &pile)?;
        if let Some(account) = &account {
            guard.refers::<Account>("account", account)?;
        }
        let orders = guard.business.start_order(StartOrder {
            pile,
            connector: ConnectorNumber(connector.get()),
            parallel_with: parallel_with.map(|number| ConnectorNumber(number.get())),
            account,
            limit,
            options,
            by: guard.by().to_owned(),
        })?;
        let made: Vec<u64> = orders.iter().map(|order| order.id.0).collect();
        if let Some(main) = orders.first() {
            guard.about(format_args!("orders/{}", main.id));
            guard.owned_by(main.operator.clone());
        }
        Ok(made)
    });
    let outcome = outcome.await?;
    if let Some(wait) = wait {
        wait_for(&caller, &outcome.made, wait).await?;
    }
    let order: Order = caller.find(&OrderId(outcome.first()?)).await?;
    Ok(Made::at(&format!("orders/{}", order.id), order.into()).repeated(outcome.repeated))
}

/// Waits until the piles have answered the starts of some orders.
async fn wait_for(caller: &Caller<Operate>, orders: &[u64], wait: Duration) -> Result<(), Problem> {
    let until = Instant::now() + wait;
    for order in orders {
        let of_order = Test { field: "order", comparison: Comparison::Is((*order).into()) };
        let query = DocumentQuery { tests: vec![of_order], ..DocumentQuery::default() };
        let commands = caller.list::<Command>(query, PageRequest::new(COMMANDS_MAX, None)).await?;
        for command in commands.items {
            caller.core.wait_command(command.id, until.saturating_duration_since(Instant::now())).await?;
        }
    }
    Ok(())
}
