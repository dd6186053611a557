//! Accounts (账户): who pays, and their ledger.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voltapile_platform::account::{Account, AccountStatus, Entry, EntryKind};
use voltapile_platform::identity::{AccountId, EntryId, OperatorId, StationId};
use voltapile_platform::timestamp::Timestamp;
use voltapile_platform::unit::Balance;

use super::answer::{Gone, Listing, Made, Put};
use super::auth::{Bill, Caller, Read};
use super::change::Change;
use super::describe::Routes;
use super::extract::{Body, FromPath, Key, Label, Note, Query};
use super::filter::{Filter, ListQuery, Listed};
use super::problem::{Kind, Problem};

/// Stations that an account may be limited to: each is looked up where all others wait.
const STATIONS_MAX: usize = 1000;

/// The routes.
pub(super) fn routes() -> Routes {
    Routes::of("accounts", "账户: who pays. What may be spent is `balance` less `reserved`.")
        .get("/accounts", list, "Accounts by id.")
        .get("/accounts/{id}", show, "One account.")
        .put("/accounts/{id}", put, "Makes an account or replaces it, all but its money.")
        .delete("/accounts/{id}", remove, "Removes an account without money, cards and vehicles.")
        .get("/accounts/{id}/entries", entries, "Its ledger, newest first.")
        .post("/accounts/{id}/top-ups", top_up, "Adds money. A running charge of the account is told of it.")
        .post("/accounts/{id}/adjustments", adjust, "Sets the balance right, up or down.")
}

impl Listed for Account {
    const FILTERS: &'static [Filter] = &[
        Filter::is::<OperatorId>("operator", "Whose customer.", "the id of an operator"),
        Filter::is::<String>("number", "The number to type in at a pile.", "up to 16 digits"),
        Filter::one_of::<AccountStatus>("status", "Whether it may charge.", "active or frozen"),
        Filter::begins("q", "name", "What the name begins with."),
    ];
    const SORTS: &'static [&'static str] = &["name", "balance", "created_at"];
}

impl Listed for Entry {
    const FILTERS: &'static [Filter] = &[
        Filter::one_of::<EntryKind>("kind", "What happened.", "top_up, adjustment, reserve, release or charge"),
        Filter::from("from", "at", "Since this moment."),
        Filter::before("to", "at", "Before this moment."),
    ];
    const SORTS: &'static [&'static str] = &["at"];
}

/// An account as it is shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
struct AccountView {
    id: AccountId,
    /// Whose customer.
    operator: Option<OperatorId>,
    name: String,
    /// The number to type in at a pile.
    number: Option<String>,
    /// Whether it has a password to type in at a pile.
    has_password: bool,
    /// All its money; negative when it owes.
    balance: Balance,
    /// What of it is set aside for running charges.
    reserved: Balance,
    status: AccountStatus,
    /// Stations where it may charge; `null` for all of its operator.
    allowed_stations: Option<Vec<StationId>>,
    created_at: Timestamp,
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            operator: account.operator,
            name: account.name,
            number: account.number,
            has_password: account.password_md5.is_some(),
            balance: account.balance,
            reserved: account.reserved,
            status: account.status,
            allowed_stations: account.allowed_stations,
            created_at: account.created_at,
        }
    }
}

/// An account as a caller describes it; its id stands in the path.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccountForm {
    /// Whose customer; an operator's token leaves it out.
    operator: Option<OperatorId>,
    name: Label,
    /// The number to type in at a pile.
    #[schema(pattern = "^[0-9]{1,16}$")]
    number: Option<String>,
    /// The 16 hex digits in the middle of the MD5 of the password to type in at a pile; what piles send. Left out, it
    /// stays; an empty text takes it away.
    #[schema(pattern = "^([0-9A-Fa-f]{16})?$")]
    password_md5: Option<String>,
    #[serde(default = "active")]
    status: AccountStatus,
    /// Stations where it may charge; left out, all of its operator.
    #[schema(max_items = 1000)]
    allowed_stations: Option<Vec<StationId>>,
}

const fn active() -> AccountStatus {
    AccountStatus::Active
}

/// Money that comes in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TopUpForm {
    /// How much, in yuan; more than 0.
    amount: Balance,
    note: Option<Note>,
}

/// Money that is set right.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AdjustmentForm {
    /// What is added, in yuan; negative takes away.
    amount: Balance,
    /// Why.
    note: Note,
}

async fn list(caller: Caller<Read>, Query(query): Query<ListQuery<Account>>) -> Result<Listing<AccountView>, Problem> {
    let (query, page) = query.parts();
    Ok(Listing::of(caller.list::<Account>(query, page).await?, AccountView::from))
}

async fn show(
    caller: Caller<Read>,
    FromPath(id): FromPath<AccountId>,
    Query(()): Query<()>,
) -> Result<Json<AccountView>, Problem> {
    Ok(Json(caller.find::<Account>(&id).await?.into()))
}

async fn put(
    caller: Caller<Bill>,
    FromPath(id): FromPath<AccountId>,
    Query(()): Query<()>,
    Body(form): Body<AccountForm>,
) -> Result<Put<AccountView>, Problem> {
    let stations = form.allowed_stations.as_ref().map_or(0, Vec::len);
    if stations > STATIONS_MAX {
        let detail = format!("allowed_stations takes at most {STATIONS_MAX}, not {stations}");
        return Err(Problem::new(Kind::InvalidBody, &detail).at_pointer("/allowed_stations", detail));
    }
    let change = Change::new("account.put", format_args!("accounts/{id}")).saying(&form);
    let saved = caller.change(change, move |guard| {
        let before = guard.own_or_new::<Account>(&id)?;
        let operator = guard.operator_for(form.operator)?;
        let password_md5 = match form.password_md5 {
            None => before.and_then(|before| before.password_md5),
            given => given.filter(|text| !text.is_empty()),
        };
        guard.business.put_account(Account {
            id,
            operator,
            name: form.name.into(),
            number: form.number,
            password_md5,
            balance: Balance::ZERO,
            reserved: Balance::ZERO,
            status: form.status,
            allowed_stations: form.allowed_stations,
            created_at: Timestamp::MIN,
        })
    });
    Ok(Put::of(saved.await?, AccountView::from))
}

async fn remove(
    caller: Caller<Bill>,
    FromPath(id): FromPath<AccountId>,
    Query(()): Query<()>,
) -> Result<Gone, Problem> {
    let change = Change::new("account.remove", format_args!("accounts/{id}"));
    let removed = caller.change(change, move |guard| {
        guard.own::<Account>(&id)?;
        guard.business.remove_account(&id)
    });
    removed.await?;
    Ok(Gone)
}

async fn entries(
    caller: Caller<Read>,
    FromPath(id): FromPath<AccountId>,
    Query(query): Query<ListQuery<Entry>>,
) -> Result<Listing<Entry>, Problem> {
    caller.find::<Account>(&id).await?;
    let (query, page) = query.with("account", id.as_str()).parts();
    Ok(Listing::of(caller.list(query, page).await?, std::convert::identity))
}

async fn top_up(
    caller: Caller<Bill>,
    FromPath(id): FromPath<AccountId>,
    Query(()): Query<()>,
    key: Key,
    Body(form): Body<TopUpForm>,
) -> Result<Made<Entry>, Problem> {
    if form.amount <= Balance::ZERO {
        let detail = "a top-up adds money: more than 0";
        return Err(Problem::new(Kind::Unprocessable, detail).at_pointer("/amount", detail));
    }
    let change = Change::new("account.top_up", format_args!("accounts/{id}")).saying(&form);
    let TopUpForm { amount, note } = form;
    change_money(&caller, change, key, id, (amount, EntryKind::TopUp, note)).await
}

async fn adjust(
    caller: Caller<Bill>,
    FromPath(id): FromPath<AccountId>,
    Query(()): Query<()>,
    key: Key,
    Body(form): Body<AdjustmentForm>,
) -> Result<Made<Entry>, Problem> {
    if form.amount == Balance::ZERO {
        let detail = "an adjustment changes something: not 0";
        return Err(Problem::new(Kind::Unprocessable, detail).at_pointer("/amount", detail));
    }
    let change = Change::new("account.adjust", format_args!("accounts/{id}")).saying(&form);
    let AdjustmentForm { amount, note } = form;
    change_money(&caller, change, key, id, (amount, EntryKind::Adjustment, Some(note))).await
}

async fn change_money(
    caller: &Caller<Bill>,
    change: Change,
    key: Key,
    id: AccountId,
    (amount, kind, note): (Balance, EntryKind, Option<Note>),
) -> Result<Made<Entry>, Problem> {
    let location = format!("accounts/{id}/entries");
    let outcome = caller.change_once(change, key, move |guard| {
        guard.own::<Account>(&id)?;
        let by = guard.by().to_owned();
        let entry = guard.business.change_balance(&id, amount, kind, note.map(String::from), &by)?;
        Ok(vec![entry.id.0])
    });
    let outcome = outcome.await?;
    let entry: Entry = caller.find(&EntryId(outcome.first()?)).await?;
    Ok(Made::at(&location, entry).repeated(outcome.repeated))
}
