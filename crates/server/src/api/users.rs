//! Users: people who sign in with a password.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voltapile_platform::identity::{OperatorId, UserName};
use voltapile_platform::timestamp::Timestamp;
use voltapile_platform::user::{Role, User};

use super::Api;
use super::answer::{Gone, Listing, Put};
use super::auth::{Admin, Caller};
use super::change::Change;
use super::describe::Routes;
use super::extract::{Body, FromPath, Query};
use super::filter::{Filter, ListQuery, Listed};
use super::problem::{Kind, Problem};
use super::secret::Password;

/// The routes.
pub(super) fn routes() -> Routes {
    Routes::of("users", "People who sign in with a password.")
        .get("/users", list, "Users by name.")
        .get("/users/{name}", show, "One user.")
        .put("/users/{name}", put, "Makes a user or replaces one. A change ends what the user is signed in for.")
        .delete("/users/{name}", remove, "Removes a user with everything that was signed in for.")
}

impl Listed for User {
    const FILTERS: &'static [Filter] = &[
        Filter::is::<OperatorId>("operator", "The operator whose things are seen.", "the id of an operator"),
        Filter::one_of::<Role>("role", "What the user is there for.", "viewer, operator, accountant or admin"),
    ];
    const SORTS: &'static [&'static str] = &["created_at"];
}

/// A user as it is shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
struct UserView {
    /// The name to sign in with.
    name: UserName,
    /// The operator whose things are seen; `null` sees all.
    operator: Option<OperatorId>,
    /// What the user is there for.
    role: Role,
    /// Whether the user may sign in.
    enabled: bool,
    created_at: Timestamp,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        let User { name, operator, role, enabled, created_at, .. } = user;
        Self { name, operator, role, enabled, created_at }
    }
}

/// A user as a caller describes one; the name stands in the path.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UserForm {
    /// The operator whose things are seen; an operator's token leaves it out.
    operator: Option<OperatorId>,
    role: Role,
    /// Left out, the password stays; a new user needs one.
    password: Option<Password>,
    #[serde(default = "yes")]
    enabled: bool,
}

const fn yes() -> bool {
    true
}

async fn list(caller: Caller<Admin>, Query(query): Query<ListQuery<User>>) -> Result<Listing<UserView>, Problem> {
    let (query, page) = query.parts();
    Ok(Listing::of(caller.list::<User>(query, page).await?, UserView::from))
}

async fn show(
    caller: Caller<Admin>,
    FromPath(name): FromPath<UserName>,
    Query(()): Query<()>,
) -> Result<Json<UserView>, Problem> {
    Ok(Json(caller.find::<User>(&name).await?.into()))
}

async fn put(
    State(api): State<Api>,
    caller: Caller<Admin>,
    FromPath(name): FromPath<UserName>,
    Query(()): Query<()>,
    Body(form): Body<UserForm>,
) -> Result<Put<UserView>, Problem> {
    if let Some(scope) = form.role.scopes().iter().find(|scope| !caller.identity.scopes.contains(scope)) {
        let detail = format!("a user of this role may do what this token may not: {scope:?}");
        return Err(Problem::new(Kind::Unprocessable, &detail).at_pointer("/role", detail));
    }
    let change = Change::new("user.put", format_args!("users/{name}")).saying(&form);
    let before = caller.own_or_new::<User>(&name).await?;
    let password_hash = match (form.password, before) {
        (Some(password), _) => api.passwords.hash(password.into()).await?,
        (None, Some(before)) => before.password_hash,
        (None, None) => {
            let detail = "a new user needs a password";
            return Err(Problem::new(Kind::Unprocessable, detail).at_pointer("/password", detail));
        }
    };
    let UserForm { operator, role, enabled, .. } = form;
    let saved = caller.change(change, move |guard| {
        guard.own_or_new::<User>(&name)?;
        let operator = guard.operator_for(operator)?;
        guard.business.put_user(User { name, operator, role, password_hash, enabled, created_at: Timestamp::MIN })
    });
    Ok(Put::of(saved.await?, UserView::from))
}

async fn remove(
    caller: Caller<Admin>,
    FromPath(name): FromPath<UserName>,
    Query(()): Query<()>,
) -> Result<Gone, Problem> {
    let change = Change::new("user.remove", format_args!("users/{name}"));
    let removed = caller.change(change, move |guard| {
        guard.own::<User>(&name)?;
        guard.business.remove_user(&name)
    });
    removed.await?;
    Ok(Gone)
}
