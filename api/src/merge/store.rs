//! The only SQL that reaches into other rooms' tables: a merge moves references wherever they are.

use std::collections::BTreeMap;

use entity::enums::RequestStatus;
use entity::{account, assignment_response, coordination_group, membership, membership_request};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::rules::{self, Holder, Pointer};
use crate::db::Tx;
use crate::error::Result;

/// Of two pending requests for the same group, the one of whoever is merged away is taken back.
pub async fn withdraw_doubled_requests(tx: &Tx, from: Uuid, into: Uuid) -> Result<()> {
    use membership_request::{Column, Entity};
    let pending = || Entity::find().filter(Column::Status.eq(RequestStatus::Pending));
    for theirs in pending().filter(Column::PersonId.eq(from)).all(tx.conn()).await? {
        let ours = pending().filter(Column::PersonId.eq(into)).filter(Column::GroupId.eq(theirs.group_id));
        if ours.one(tx.conn()).await?.is_none() {
            continue;
        }
        Entity::update_many()
            .col_expr(Column::Status, Expr::value(RequestStatus::Withdrawn.word()))
            .col_expr(Column::DecidedAt, Expr::value(tx.now()))
            .filter(Column::Id.eq(theirs.id))
            .exec(tx.conn())
            .await?;
    }
    Ok(())
}

/// Points everything that pointed to `from` at `into`: how many rows, by table. The rows that change
/// count as changed, so that whoever pulls by `updatedAt` gets them.
pub async fn repoint(
    tx: &Tx,
    pointers: &'static [Pointer],
    from: Uuid,
    into: Uuid,
) -> Result<BTreeMap<&'static str, u64>> {
    let mut moved = BTreeMap::new();
    for pointer in pointers {
        if let Some(way @ [.., (_, owner)]) = pointer.stamps {
            stamp(tx, pointer, way, owner, from).await?;
        }
        let mut update = Query::update();
        update
            .table(Alias::new(pointer.table))
            .value(Alias::new(pointer.column), into)
            .and_where(Expr::col(Alias::new(pointer.column)).eq(from));
        if pointer.stamps.is_some_and(<[_]>::is_empty) {
            update
                .value(Alias::new("version"), Expr::col(Alias::new("version")).add(1))
                .value(Alias::new("updated_at"), tx.now());
        }
        let statement = tx.conn().get_database_backend().build(&update);
        let rows = tx.conn().execute_raw(statement).await?.rows_affected();
        if rows > 0 {
            *moved.entry(pointer.table).or_insert(0) += rows;
        }
    }
    Ok(moved)
}

/// Counts a change of everything that points to `id`, and of what it belongs to.
pub async fn touch(tx: &Tx, pointers: &'static [Pointer], id: Uuid) -> Result<()> {
    for pointer in pointers {
        match pointer.stamps {
            Some(way @ [.., (_, owner)]) => stamp(tx, pointer, way, owner, id).await?,
            Some([]) => {
                let update = Query::update()
                    .table(Alias::new(pointer.table))
                    .value(Alias::new("version"), Expr::col(Alias::new("version")).add(1))
                    .value(Alias::new("updated_at"), tx.now())
                    .and_where(Expr::col(Alias::new(pointer.column)).eq(id))
                    .take();
                tx.conn().execute_raw(tx.conn().get_database_backend().build(&update)).await?;
            }
            None => {}
        }
    }
    Ok(())
}

/// Counts a change of the rows to which the rows that point to `from` belong.
async fn stamp(tx: &Tx, pointer: &Pointer, way: &[(&str, &str)], owner: &str, from: Uuid) -> Result<()> {
    let mut inner = Query::select()
        .column(Alias::new(way[0].0))
        .from(Alias::new(pointer.table))
        .and_where(Expr::col(Alias::new(pointer.column)).eq(from))
        .take();
    for step in way.windows(2) {
        inner = Query::select()
            .column(Alias::new(step[1].0))
            .from(Alias::new(step[0].1))
            .and_where(Expr::col(Alias::new("id")).in_subquery(inner))
            .take();
    }
    let mut update = Query::update();
    update
        .table(Alias::new(owner))
        .value(Alias::new("version"), Expr::col(Alias::new("version")).add(1))
        .value(Alias::new("updated_at"), tx.now())
        .and_where(Expr::col(Alias::new("id")).in_subquery(inner));
    tx.conn().execute_raw(tx.conn().get_database_backend().build(&update)).await?;
    Ok(())
}

/// Ends today the open seats of `from` that `into` holds too; how many.
pub async fn end_doubled_seats(tx: &Tx, holder: Holder, from: Uuid, into: Uuid) -> Result<usize> {
    let column = match holder {
        Holder::Organisation => membership::Column::OrganisationId,
        Holder::Person => membership::Column::PersonId,
    };
    let open = |id: Uuid| {
        membership::Entity::find().filter(column.eq(id)).filter(membership::Column::Until.is_null())
    };
    let (theirs, ours) = (open(from).all(tx.conn()).await?, open(into).all(tx.conn()).await?);
    let doubled = rules::doubled_seats(holder, &theirs, &ours);
    for seat in &doubled {
        let group = coordination_group::Entity::find_by_id(seat.group_id).one(tx.conn()).await?;
        let today = group.map_or_else(|| tx.now().date_naive(), |g| tx.today(g.operation_id));
        let until = seat.since.filter(|since| *since > today).unwrap_or(today);
        membership::Entity::update_many()
            .col_expr(membership::Column::Until, Expr::value(until))
            .col_expr(membership::Column::Version, Expr::value(seat.version + 1))
            .col_expr(membership::Column::UpdatedAt, Expr::value(tx.now()))
            .filter(membership::Column::Id.eq(seat.id))
            .exec(tx.conn())
            .await?;
    }
    Ok(doubled.len())
}

/// Where both answered the same assignment, leaves the later answer; how many went.
pub async fn drop_doubled_answers(tx: &Tx, holder: Holder, from: Uuid, into: Uuid) -> Result<usize> {
    use assignment_response::Column;
    let of = |id: Uuid| match holder {
        Holder::Organisation => Condition::all().add(Column::OrganisationId.eq(id)),
        // a person who answers for an organisation is not counted as a person
        Holder::Person => Condition::all().add(Column::PersonId.eq(id)).add(Column::OrganisationId.is_null()),
    };
    let answers = |id: Uuid| assignment_response::Entity::find().filter(of(id));
    let (theirs, ours) = (answers(from).all(tx.conn()).await?, answers(into).all(tx.conn()).await?);
    let doubled = rules::doubled_answers(&theirs, &ours);
    for id in &doubled {
        assignment_response::Entity::delete_by_id(*id).exec(tx.conn()).await?;
    }
    Ok(doubled.len())
}

/// Whether both people sign in.
pub async fn both_have_accounts(tx: &Tx, one: Uuid, other: Uuid) -> Result<bool> {
    let accounts = account::Entity::find().filter(account::Column::PersonId.is_in([one, other]));
    Ok(accounts.count(tx.conn()).await? > 1)
}
