//! The only SQL for API tokens.

use chrono::TimeDelta;
use entity::api_token::{Column, Entity, Model};
use entity::{account, api_token_limit, service_account};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use crate::auth::{Action, Permit, Scope};
use crate::db::visible::{among_those, col, nothing};
use crate::db::{Change, Db, Direction, Order, Row, Seen, SortColumn, SortKind, Tx, table};
use crate::error::{Error, Result, Why};
use crate::id::{self, Kind};
use crate::text::fold;

table!(api_token, visible, versioned);

/// Where tokens hold, reached through their token.
pub mod limit {
    crate::db::table!(api_token_limit, crate::db::visible::with_parent);
}

/// One's own, and those of the services that one manages. A program sees the one that it sent.
fn visible(scope: &Scope, alias: &str) -> Condition {
    let Some(me) = scope.actor().account_id else { return nothing() };
    if let Some(token) = &scope.actor().token {
        return Condition::all().add(col(alias, "id").eq(token.id));
    }
    let services = (service_account::Model::table().visible)(scope, "ts");
    Condition::any().add(col(alias, "account_id").eq(me)).add(among_those(
        alias,
        "account_id",
        "service_account",
        "ts",
        "id",
        Condition::all().add(services),
    ))
}

/// When it was made.
pub const CREATED: SortColumn = SortColumn { name: "created_at", kind: SortKind::Instant };

/// The latest first.
pub fn latest_first() -> Order {
    Order(vec![(CREATED, Direction::Descending)])
}

/// Where a token is to hold.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// Groups.
    pub groups: Vec<Uuid>,
    /// Operations.
    pub operations: Vec<Uuid>,
}

/// How many tokens of an account hold.
pub async fn alive(tx: &Tx, account: Uuid) -> Result<usize> {
    let alive = Entity::find()
        .filter(Column::AccountId.eq(account))
        .filter(Column::RevokedAt.is_null())
        .filter(Column::ExpiresAt.gt(tx.now()));
    Ok(usize::try_from(alive.count(tx.conn()).await?).unwrap_or(usize::MAX))
}

/// Enters a token. `action`: the right that it needs; `service`: whose it is, unless one's own.
pub async fn create(
    tx: &Tx,
    permit: &Permit,
    action: Action,
    service: Option<&service_account::Model>,
    row: Model,
    limits: &Limits,
) -> Result<Change> {
    permit.covers(action, service.and_then(|s| s.group_id))?;
    enter(tx, service, row, limits).await
}

/// The same for the command line: whoever holds the database may.
pub async fn enter(
    tx: &Tx,
    service: Option<&service_account::Model>,
    row: Model,
    limits: &Limits,
) -> Result<Change> {
    let (id, detail) = (row.id, json!({ "scopes": row.scopes, "expiresAt": row.expires_at }));
    tx.insert(row).await?;
    let limit = |group_id, operation_id| api_token_limit::Model {
        id: id::new(),
        api_token_id: id,
        group_id,
        operation_id,
    };
    let groups = limits.groups.iter().map(|g| limit(Some(*g), None));
    tx.insert_all(groups.chain(limits.operations.iter().map(|o| limit(None, Some(*o)))).collect()).await?;
    Ok(change("apiTokenCreate", id, service).detail(detail))
}

/// Revokes a token.
pub async fn revoke(
    tx: &Tx,
    permit: &Permit,
    action: Action,
    service: Option<&service_account::Model>,
    seen: &Seen<Model>,
) -> Result<Change> {
    permit.covers(action, service.and_then(|s| s.group_id))?;
    if seen.revoked_at.is_some() {
        return Err(Error::refused(Why::State { from: "REVOKED".to_owned(), allowed: Vec::new() }));
    }
    tx.save(seen, Model { revoked_at: Some(tx.now()), ..Model::clone(seen) }).await?;
    Ok(change("apiTokenRevoke", seen.id, service))
}

fn change(name: &'static str, token: Uuid, service: Option<&service_account::Model>) -> Change {
    let change = Change::new(name, Kind::ApiToken, token);
    match service.map(|s| (s.group_id, s.operation_id)) {
        Some((Some(group), operation)) => change.in_group(group, operation),
        Some((None, operation)) => change.in_operation(operation),
        None => change,
    }
}

/// The last use of a token is exact to this much.
pub const NOTED_FOR: TimeDelta = TimeDelta::minutes(1);

/// Writes down that a token is in use, unless that was done just now.
pub async fn note_use(db: &Db, scope: Scope, token: Uuid) -> Result<()> {
    let tx = db.begin(scope, None).await?;
    let unnoted =
        Condition::any().add(Column::LastUsedAt.is_null()).add(Column::LastUsedAt.lte(tx.now() - NOTED_FOR));
    Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(tx.now()))
        .filter(Column::Id.eq(token))
        .filter(unnoted)
        .exec(tx.conn())
        .await?;
    tx.commit_unrecorded().await
}

/// The account that the command line names, by id or address, and its service if it is one's.
pub async fn named(tx: &Tx, name: &str) -> Result<(Uuid, Option<service_account::Model>)> {
    let by = match Kind::parse(name) {
        Some((Kind::Account | Kind::ServiceAccount, id)) => account::Column::Id.eq(id),
        _ => account::Column::EmailFolded.eq(fold(name)),
    };
    let found = account::Entity::find().filter(by).one(tx.conn()).await?;
    let account = found.ok_or_else(|| Error::not_found(Kind::Account))?.id;
    Ok((account, service_account::Entity::find_by_id(account).one(tx.conn()).await?))
}
