//! The only SQL for break-glass.

use entity::break_glass::{Column, Entity, Model};
use entity::coordination_group;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::rules;
use crate::auth::{Action, Permit, Scope};
use crate::db::visible::{col, in_charge};
use crate::db::{Change, Direction, Order, Seen, SortColumn, SortKind, Tx, Where, table};
use crate::error::{Error, Result, Why};
use crate::id::{self, Kind};

table!(break_glass, visible);

/// Whoever audits the group, that is its coordinators, the managers of its operation, administrators; and
/// whoever opened it.
fn visible(scope: &Scope, alias: &str) -> Condition {
    let Some(any) = in_charge(scope, Action::AuditRead, alias) else { return Condition::all() };
    match scope.actor().account_id.filter(|_| scope.actor().token.is_none()) {
        Some(me) => any.add(col(alias, "account_id").eq(me)),
        None => any,
    }
}

/// When it was opened.
pub const CREATED: SortColumn = SortColumn { name: "created_at", kind: SortKind::Instant };

/// The latest first.
pub fn latest_first() -> Order {
    Order(vec![(CREATED, Direction::Descending)])
}

/// Those that are open, or the others.
pub fn is_open(open: bool, now: chrono::DateTime<chrono::Utc>) -> Where {
    let alive = Where::all([Where::is_null("ended_at", true), Where::gt("expires_at", now)]);
    if open { alive } else { Where::except(alive) }
}

/// Opens a group. It was seen in this transaction, hence locked: nobody opens it twice at once.
pub async fn open(
    tx: &Tx,
    permit: &Permit,
    account: Uuid,
    group: &Seen<coordination_group::Model>,
    reason: String,
) -> Result<Change> {
    permit.covers(Action::AccessBreakGlass, Some(group.id))?;
    let alive = Entity::find()
        .filter(Column::AccountId.eq(account))
        .filter(Column::GroupId.eq(group.id))
        .filter(Column::EndedAt.is_null())
        .filter(Column::ExpiresAt.gt(tx.now()));
    if alive.one(tx.conn()).await?.is_some() {
        return Err(Error::refused(Why::Duplicate).at("group"));
    }
    let row = Model {
        id: id::new(),
        account_id: account,
        group_id: group.id,
        operation_id: group.operation_id,
        reason: reason.clone(),
        created_at: tx.now(),
        expires_at: tx.now() + rules::LIFE,
        ended_at: None,
    };
    let id = row.id;
    tx.insert(row).await?;
    Ok(Change::new("breakGlassOpen", Kind::BreakGlass, id)
        .in_group(group.id, group.operation_id)
        .step(None, "OPEN".to_owned())
        .because(reason))
}

/// Closes a group again.
pub async fn close(tx: &Tx, permit: &Permit, seen: &Seen<Model>) -> Result<Change> {
    permit.covers(Action::AccessBreakGlass, Some(seen.group_id))?;
    let closed = Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(tx.now()))
        .filter(Column::Id.eq(seen.id))
        .filter(Column::EndedAt.is_null())
        .filter(Column::ExpiresAt.gt(tx.now()))
        .exec(tx.conn())
        .await?;
    if closed.rows_affected == 0 {
        return Err(rules::closed());
    }
    Ok(Change::new("breakGlassClose", Kind::BreakGlass, seen.id)
        .in_group(seen.group_id, seen.operation_id)
        .step("OPEN".to_owned(), "CLOSED".to_owned()))
}
