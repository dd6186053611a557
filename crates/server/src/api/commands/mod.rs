//! Commands (下行命令): asked of a pile, followed to their outcome.

mod form;
mod keep;

use axum::Json;
use utoipa::ToSchema;
use voltapile_platform::business::NewCommand;
use voltapile_platform::command::{Command, CommandState, CommandView};
use voltapile_platform::identity::{CommandId, OperatorId, OrderId, PileCode};
use voltapile_platform::pile::Pile;

use super::answer::{Acted, Listing, Made};
use super::auth::{Caller, Operate, Read};
use super::change::Change;
use super::describe::Routes;
use super::extract::{Body, FromPath, Key, Query, Wait};
use super::filter::{Filter, ListQuery, Listed};
use super::problem::Problem;
use form::CommandForm;
pub(super) use keep::Patience;

/// The routes.
pub(super) fn routes() -> Routes {
    Routes::of("commands", "下行命令: what the platform asks of a pile, with a deadline and an outcome.")
        .get("/commands", list, "Commands, newest first.")
        .get("/commands/{id}", show, "One command; may wait for its end.")
        .post("/commands/{id}/cancel", cancel, "Takes back a command that waits.")
        .get("/piles/{code}/commands", of_pile, "A pile's commands, newest first.")
        .post(
            "/piles/{code}/commands",
            ask,
            "Asks something of a pile. A pile that is away is a 409 at once, unless the command is to be kept.",
        )
}

impl Listed for Command {
    const FILTERS: &'static [Filter] = &[
        Filter::is::<OperatorId>("operator", "Whose pile.", "the id of an operator"),
        Filter::is::<PileCode>("pile", "The pile.", "the code of a pile"),
        Filter::is::<String>("action", "What is asked, by name.", "a word like reboot"),
        Filter::one_of::<CommandState>(
            "state",
            "Where it stands.",
            "queued, sent, succeeded, refused, timed_out or cancelled",
        ),
        Filter::number("order", "The order it belongs to."),
        Filter::set("open", "open_pile", "Whether it has not ended."),
        Filter::from("from", "created_at", "Made since this moment."),
        Filter::before("to", "created_at", "Made before this moment."),
    ];
    const SORTS: &'static [&'static str] = &["created_at"];
}

/// Some commands.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct Commands {
    /// One for each batch that a frame holds.
    pub(super) commands: Vec<CommandView>,
}

async fn list(caller: Caller<Read>, Query(query): Query<ListQuery<Command>>) -> Result<Listing<CommandView>, Problem> {
    let (query, page) = query.parts();
    Ok(Listing::of(caller.list::<Command>(query, page).await?, CommandView::from))
}

async fn of_pile(
    caller: Caller<Read>,
    FromPath(code): FromPath<PileCode>,
    Query(query): Query<ListQuery<Command>>,
) -> Result<Listing<CommandView>, Problem> {
    caller.must_see_pile(code).await?;
    let (query, page) = query.with("pile", code.as_str()).parts();
    Ok(Listing::of(caller.list::<Command>(query, page).await?, CommandView::from))
}

async fn show(
    caller: Caller<Read>,
    FromPath(id): FromPath<CommandId>,
    Query(Wait(wait)): Query<Wait>,
) -> Result<Json<CommandView>, Problem> {
    let mut command: Command = caller.find(&id).await?;
    if let Some(wait) = wait.filter(|_| !command.state.is_end()) {
        command = caller.core.wait_command(id, wait).await?.unwrap_or(command);
    }
    Ok(Json(command.into()))
}

async fn cancel(
    caller: Caller<Operate>,
    FromPath(id): FromPath<CommandId>,
    Query(()): Query<()>,
    key: Key,
) -> Result<Acted<CommandView>, Problem> {
    let change = Change::new("command.cancel", format_args!("commands/{id}"));
    let outcome = caller.change_once(change, key, move |guard| {
        guard.own::<Command>(&id)?;
        let by = guard.by().to_owned();
        Ok(vec![guard.business.cancel_command(id, &by)?.id.0])
    });
    let outcome = outcome.await?;
    let command: Command = caller.find(&id).await?;
    Ok(Acted { repeated: outcome.repeated, body: command.into() })
}

async fn ask(
    caller: Caller<Operate>,
    FromPath(pile): FromPath<PileCode>,
    Query(Patience { wait, keep }): Query<Patience>,
    key: Key,
    Body(form): Body<CommandForm>,
) -> Result<Made<CommandView>, Problem> {
    let change = Change::new("command.ask", format_args!("piles/{pile}")).saying(&form);
    let outcome = caller.change_once(change, key.clone(), move |guard| {
        guard.own::<Pile>(&pile)?;
        let by = Some(guard.by().to_owned());
        let keep_until = keep.until(guard.business.now);
        let new = NewCommand { pile, request: form.into(), order: None::<OrderId>, keep_until, key: key.0, by };
        let command = guard.business.queue_command(new)?;
        guard.about(format_args!("commands/{}", command.id));
        Ok(vec![command.id.0])
    });
    let outcome = outcome.await?;
    let id = CommandId(outcome.first()?);
    if let Some(wait) = wait {
        caller.core.wait_command(id, wait).await?;
    }
    let command: Command = caller.find(&id).await?;
    Ok(Made::at(&format!("commands/{id}"), command.into()).repeated(outcome.repeated))
}
