//! The only SQL for services and their seats; `token` for API tokens.

pub mod token;

use entity::account;
use entity::enums::{AccountKind, MembershipRole};
use entity::service_account::Model;
use entity::service_seat::{self, Column as SeatColumn, Entity as Seats};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;

use super::rules;
use crate::account::new_row;
use crate::auth::{Action, Permit, Scope, Target};
use crate::db::visible::{col, in_charge, nothing};
use crate::db::{Change, Direction, Order, Seen, SortColumn, SortKind, Tx, Where, table};
use crate::error::{At, Error, Result};
use crate::id::{self, Kind};

table!(service_account, visible, versioned);

/// Seats, reached through their service.
pub mod seat {
    crate::db::table!(service_seat, crate::db::visible::with_parent);
}

/// Whoever may manage it, and the service itself.
pub fn visible(scope: &Scope, alias: &str) -> Condition {
    let Some(any) = in_charge(scope, Action::ServiceAccountManage, alias) else { return Condition::all() };
    match scope.actor().account_id {
        Some(me) => any.add(col(alias, "id").eq(me)),
        None => nothing(),
    }
}

/// What a write about a service is about.
#[must_use]
pub fn target(row: &Model) -> Target {
    Target {
        groups: row.group_id.into_iter().collect(),
        operation: Some(row.operation_id),
        ..Target::default()
    }
}

/// When it was entered.
pub const CREATED: SortColumn = SortColumn { name: "created_at", kind: SortKind::Instant };
/// When it was last changed.
pub const UPDATED: SortColumn = SortColumn { name: "updated_at", kind: SortKind::Instant };

/// The latest first.
pub fn latest_first() -> Order {
    Order(vec![(CREATED, Direction::Descending)])
}

/// Active ones, or the others.
pub fn is_active(active: bool) -> Where {
    let condition = Condition::all().add(col("x", "is_active").eq(active));
    Where::exists("account", "id", "id", condition)
}

/// With a seat in this group.
pub fn seated_in(group: Uuid) -> Where {
    let condition = Condition::all().add(col("x", "group_id").eq(group));
    Where::exists("service_seat", "account_id", "id", condition)
}

fn change(name: &'static str, row: &Model) -> Change {
    let change = Change::new(name, Kind::ServiceAccount, row.id);
    match row.group_id {
        Some(group) => change.in_group(group, row.operation_id),
        None => change.in_operation(row.operation_id),
    }
}

/// Enters a service with its account, which nobody can sign in to.
pub async fn create(tx: &Tx, permit: &Permit, row: Model, name: String) -> Result<Change> {
    permit.covers(Action::ServiceAccountManage, row.group_id)?;
    let email = format!("{}@service.invalid", row.id.simple());
    let account = account::Model {
        kind: AccountKind::Service,
        email_is_proven: false,
        ..new_row(tx, row.id, email, name)
    };
    tx.insert(account).await.at("id")?;
    let change = change("serviceAccountCreate", &row);
    tx.insert(row).await.at("id")?;
    Ok(change)
}

/// Changes a service.
pub async fn update(
    tx: &Tx,
    permit: &Permit,
    seen: &Seen<Model>,
    row: Model,
    name: Option<String>,
) -> Result<Change> {
    permit.covers(Action::ServiceAccountManage, seen.group_id)?;
    tx.save(seen, row).await?;
    if let Some(name) = name {
        set(tx, seen.id, account::Column::DisplayName, Expr::value(name)).await?;
    }
    Ok(change("serviceAccountUpdate", seen))
}

/// Makes a service active, or not. With the next request its tokens hold again, or no more.
pub async fn switch(tx: &Tx, permit: &Permit, seen: &Seen<Model>, active: bool) -> Result<Change> {
    permit.covers(Action::ServiceAccountManage, seen.group_id)?;
    let account = account::Entity::find_by_id(seen.id).one(tx.conn()).await?;
    let was = account.is_some_and(|a| a.is_active);
    let name = rules::step(was, active)?;
    set(tx, seen.id, account::Column::IsActive, Expr::value(active)).await?;
    tx.save(seen, Model::clone(seen)).await?;
    Ok(change(name, seen).step(rules::state(was).to_owned(), rules::state(active).to_owned()))
}

async fn set(tx: &Tx, account: Uuid, column: account::Column, value: Expr) -> Result<()> {
    account::Entity::update_many()
        .col_expr(column, value)
        .col_expr(account::Column::UpdatedAt, Expr::value(tx.now()))
        .col_expr(account::Column::Version, Expr::col(account::Column::Version).add(1))
        .filter(account::Column::Id.eq(account))
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// The seats of a service: group and role.
pub async fn seats(tx: &Tx, account: Uuid) -> Result<Vec<(Uuid, MembershipRole)>> {
    let seats = Seats::find().filter(SeatColumn::AccountId.eq(account)).order_by_asc(SeatColumn::Id);
    Ok(seats.all(tx.conn()).await?.into_iter().map(|s| (s.group_id, s.role)).collect())
}

/// Adds seats and takes others away; what changed, for the record.
pub async fn change_seats(
    tx: &Tx,
    permit: &Permit,
    service: &Model,
    added: &[(Uuid, MembershipRole)],
    removed: &[(Uuid, MembershipRole)],
) -> Result<serde_json::Value> {
    permit.covers(Action::ServiceAccountManage, service.group_id)?;
    for (group, role) in removed {
        Seats::delete_many()
            .filter(SeatColumn::AccountId.eq(service.id))
            .filter(SeatColumn::GroupId.eq(*group))
            .filter(SeatColumn::Role.eq(*role))
            .exec(tx.conn())
            .await?;
    }
    let row = |(group_id, role): &(Uuid, MembershipRole)| service_seat::Model {
        id: id::new(),
        account_id: service.id,
        group_id: *group_id,
        role: *role,
        created_by_id: tx.actor().account_id,
        created_at: tx.now(),
    };
    tx.insert_all(added.iter().map(row).collect()).await?;
    let words = |seats: &[(Uuid, MembershipRole)]| {
        let word = |(group, role): &(Uuid, MembershipRole)| json!({ "group": Kind::Group.id(*group), "role": role.word() });
        seats.iter().map(word).collect::<Vec<_>>()
    };
    Ok(json!({ "seatsAdded": words(added), "seatsRemoved": words(removed) }))
}

/// The service of an account; none if it is a person's.
pub async fn of_account(tx: &Tx, account: Uuid) -> Result<Option<Seen<Model>>> {
    match tx.seen(Kind::ServiceAccount, account).await {
        Ok(seen) => Ok(Some(seen)),
        Err(Error::Refused(_)) => Ok(None),
        Err(other) => Err(other),
    }
}
