//! Erasing a person: what the registry says, and what follows from it.

use chrono::{DateTime, Utc};
use entity::enums::{GroupStatus, InvitationStatus, MembershipRole, RequestStatus};
use entity::person::{Column, Entity, Model};
use entity::{account, coordination_group, erasure, invitation, membership, membership_request};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::subject::leads_to;
use crate::auth::{Action, Permit};
use crate::db::{Change, Seen, Tx};
use crate::error::{At, Result};
use crate::id::{self, Kind};
use crate::person::registry::{self, OnErasure, Part};
use crate::person::rules;
use crate::{merge, minutes};

/// Erases a person, and whoever was merged into them. Answers the change and the groups that have no
/// coordinator any more.
pub async fn erase(
    tx: &Tx,
    permit: &Permit,
    seen: &Seen<Model>,
    reason: String,
) -> Result<(Change, Vec<Uuid>)> {
    permit.covers(Action::PersonErase, None)?;
    merge::standing(seen.merged_into_id).at("id")?;
    rules::not_erased(seen.erased_at.is_some()).at("id")?;
    let alone = forget(tx, seen.id, tx.now()).await?;
    let change = Change::new("personErase", Kind::Person, seen.id);
    Ok((change.step(None, "ERASED".to_owned()).because(reason), alone))
}

/// What became of a line of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replayed {
    /// The person had come back with the backup, and was erased again.
    Erased,
    /// Nothing was left to do.
    Already,
    /// The database does not know the person; the ledger here does now.
    Unknown,
}

/// Erases again, in a transaction of its own, somebody whom an older backup brought back. For the
/// command line: whoever holds the database may.
pub async fn replay(tx: Tx, person: Uuid, at: DateTime<Utc>) -> Result<Replayed> {
    match Entity::find_by_id(person).one(tx.conn()).await? {
        Some(row) if row.erased_at.is_none() => {
            forget(&tx, person, at).await?;
            let change = Change::new("personErase", Kind::Person, person).step(None, "ERASED".to_owned());
            tx.commit(change.detail(serde_json::json!({ "replayed": true }))).await?;
            Ok(Replayed::Erased)
        }
        known => {
            enter(&tx, person, at).await?;
            tx.commit_unrecorded().await?;
            Ok(if known.is_some() { Replayed::Already } else { Replayed::Unknown })
        }
    }
}

/// Everybody who was erased, the earliest first.
pub async fn ledger(tx: &Tx) -> Result<Vec<(Uuid, DateTime<Utc>)>> {
    let all = erasure::Entity::find()
        .order_by_asc(erasure::Column::ErasedAt)
        .order_by_asc(erasure::Column::PersonId)
        .all(tx.conn())
        .await?;
    Ok(all.into_iter().map(|row| (row.person_id, row.erased_at)).collect())
}

async fn forget(tx: &Tx, person: Uuid, at: DateTime<Utc>) -> Result<Vec<Uuid>> {
    let people = same(tx, person).await?;
    let alone = end_memberships(tx, &people).await?;
    withdraw(tx, &people).await?;
    for person in &people {
        merge::store::touch(tx, merge::TO_PEOPLE, *person).await?;
        minutes::forget(tx, *person).await?;
        // from the last table to the first: what leads to a person is read before it is changed
        for part in registry::parts()?.iter().rev() {
            pseudonymise(tx, part, *person).await?;
        }
        for part in registry::parts()?.iter().rev().filter(|p| p.goes()) {
            let delete = Query::delete()
                .from_table(Alias::new(&part.table))
                .cond_where(leads_to(tx.dialect(), part, &[*person]))
                .take();
            tx.conn().execute_raw(tx.conn().get_database_backend().build(&delete)).await?;
        }
        enter(tx, *person, at).await?;
    }
    account::Entity::update_many()
        .col_expr(account::Column::IsActive, Expr::value(false))
        .filter(account::Column::PersonId.is_in(people.clone()))
        .exec(tx.conn())
        .await?;
    Entity::update_many()
        .col_expr(Column::ErasedAt, Expr::value(at))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(tx.now()))
        .filter(Column::Id.is_in(people))
        .exec(tx.conn())
        .await?;
    Ok(alone)
}

/// The person, and whoever was merged into them: their rows still hold the name.
pub(super) async fn same(tx: &Tx, person: Uuid) -> Result<Vec<Uuid>> {
    let merged = Entity::find().filter(Column::MergedIntoId.eq(person)).all(tx.conn()).await?;
    Ok(std::iter::once(person).chain(merged.into_iter().map(|p| p.id)).collect())
}

/// Ends every seat today; answers the groups that have no coordinator any more.
async fn end_memberships(tx: &Tx, people: &[Uuid]) -> Result<Vec<Uuid>> {
    use membership::Column as C;
    const COORDINATORS: [MembershipRole; 2] = [MembershipRole::Coordinator, MembershipRole::CoCoordinator];
    let today = tx.now().date_naive();
    let holds = |row: &membership::Model| {
        row.since.is_none_or(|day| day <= today) && row.until.is_none_or(|day| day > today)
    };
    let seats = membership::Entity::find().filter(C::PersonId.is_in(people.iter().copied()));
    let mut left = Vec::new();
    for seat in seats.all(tx.conn()).await? {
        if seat.until.is_some_and(|until| until <= today) {
            continue;
        }
        let until = seat.since.filter(|since| *since > today).unwrap_or(today);
        membership::Entity::update_many()
            .col_expr(C::Until, Expr::value(until))
            .filter(C::Id.eq(seat.id))
            .exec(tx.conn())
            .await?;
        if COORDINATORS.contains(&seat.role) && holds(&seat) && !left.contains(&seat.group_id) {
            left.push(seat.group_id);
        }
    }
    let mut alone = Vec::new();
    for group in left {
        let others = membership::Entity::find()
            .filter(C::GroupId.eq(group))
            .filter(C::Role.is_in(COORDINATORS))
            .all(tx.conn())
            .await?;
        let row = coordination_group::Entity::find_by_id(group).one(tx.conn()).await?;
        let works = row.is_some_and(|g| g.status != GroupStatus::Deactivated);
        if works && !others.iter().any(holds) {
            alone.push(group);
        }
    }
    Ok(alone)
}

/// Withdraws what still waits for the person.
async fn withdraw(tx: &Tx, people: &[Uuid]) -> Result<()> {
    for part in registry::parts()?.iter().filter(|p| p.table == "invitation") {
        invitation::Entity::update_many()
            .col_expr(invitation::Column::Status, Expr::value(InvitationStatus::Withdrawn.word()))
            .filter(invitation::Column::Status.eq(InvitationStatus::Open))
            // not what the person sent to others
            .filter(invitation_to(tx, part, people))
            .exec(tx.conn())
            .await?;
    }
    membership_request::Entity::update_many()
        .col_expr(membership_request::Column::Status, Expr::value(RequestStatus::Withdrawn.word()))
        .filter(membership_request::Column::Status.eq(RequestStatus::Pending))
        .filter(membership_request::Column::PersonId.is_in(people.iter().copied()))
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// The invitations of a part, if it is the one that holds the address.
fn invitation_to(tx: &Tx, part: &Part, people: &[Uuid]) -> sea_orm::Condition {
    if part.columns.iter().any(|c| c.name == "email") {
        leads_to(tx.dialect(), part, people)
    } else {
        crate::db::visible::nothing()
    }
}

/// Empties and replaces what the registry says, in the rows of a part that lead to the person.
async fn pseudonymise(tx: &Tx, part: &Part, person: Uuid) -> Result<()> {
    let mut update = Query::update();
    update.table(Alias::new(&part.table)).cond_where(leads_to(tx.dialect(), part, &[person]));
    let mut changes = false;
    for column in &part.columns {
        let value = match column.on_erasure {
            OnErasure::Clear => Expr::cust("NULL"),
            OnErasure::Pseudonym => Expr::val(rules::pseudonym(&column.name, column.class, person)),
            OnErasure::Keep | OnErasure::DeleteRow => continue,
        };
        update.value(Alias::new(&column.name), value);
        changes = true;
    }
    if changes {
        tx.conn().execute_raw(tx.conn().get_database_backend().build(&update)).await?;
    }
    Ok(())
}

/// Enters an erasure into the ledger, once.
async fn enter(tx: &Tx, person: Uuid, at: DateTime<Utc>) -> Result<()> {
    let known = erasure::Entity::find().filter(erasure::Column::PersonId.eq(person)).one(tx.conn()).await?;
    if known.is_none() {
        tx.insert(erasure::Model { id: id::new(), person_id: person, erased_at: at }).await?;
    }
    Ok(())
}
