//! The audit log: who changed what.

use serde_json::Value;
use utoipa::ToSchema;
use voltapile_platform::audit::AuditEntry;
use voltapile_platform::identity::{AuditId, OperatorId};
use voltapile_platform::timestamp::Timestamp;

use super::answer::Listing;
use super::auth::{Admin, Caller};
use super::describe::Routes;
use super::extract::Query;
use super::filter::{Filter, ListQuery, Listed};
use super::problem::Problem;

/// The routes.
pub(super) fn routes() -> Routes {
    Routes::of("audit", "Who changed what. Written in the same commit as the change, and never changed.").get(
        "/audit",
        list,
        "Changes, newest first.",
    )
}

impl Listed for AuditEntry {
    const FILTERS: &'static [Filter] = &[
        Filter::is::<OperatorId>("operator", "The operator whose thing was changed.", "the id of an operator"),
        Filter::is::<String>("actor", "Who: `admin`, `user:wang`, `token:7`.", "a text like user:wang"),
        Filter::is::<String>("action", "What was done: `pile.put`.", "a text like pile.put"),
        Filter::is::<String>("resource", "To what: `piles/55031412782305`.", "a text like piles/55031412782305"),
        Filter::from("from", "at", "Since this moment."),
        Filter::before("to", "at", "Before this moment."),
    ];
    const SORTS: &'static [&'static str] = &["at"];
}

/// An entry as it is shown.
#[derive(Debug, serde::Serialize, ToSchema)]
#[schema(as = AuditEntry)]
struct AuditView {
    /// Its number.
    id: AuditId,
    at: Timestamp,
    /// Who: `admin`, `user:wang`, `token:7`.
    actor: String,
    /// The operator whose thing was changed.
    operator: Option<OperatorId>,
    /// What was done: `pile.put`.
    action: String,
    /// To what, as a path below `/api/v1`.
    resource: String,
    /// What was asked for; secrets left out. `null` where nothing was said.
    detail: Value,
}

impl From<AuditEntry> for AuditView {
    fn from(entry: AuditEntry) -> Self {
        let AuditEntry { id, at, actor, operator, action, resource, detail, .. } = entry;
        Self { id, at, actor, operator, action, resource, detail }
    }
}

async fn list(
    caller: Caller<Admin>,
    Query(query): Query<ListQuery<AuditEntry>>,
) -> Result<Listing<AuditView>, Problem> {
    let (query, page) = query.parts();
    Ok(Listing::of(caller.list::<AuditEntry>(query, page).await?, AuditView::from))
}
