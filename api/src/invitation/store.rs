//! The only SQL for invitations.

use entity::coordination_group;
use entity::enums::InvitationStatus;
use entity::invitation::{Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::rules;
use crate::auth::token::digest;
use crate::auth::{Action, Permit, Scope, Target};
use crate::db::visible::in_charge_or_own;
use crate::db::{Change, Direction, Order, Seen, SortColumn, SortKind, Tx, Where, table};
use crate::error::{At, Error, Result, Why};
use crate::id::Kind;
use crate::text::fold;

table!(invitation, visible, versioned);

/// Whoever may invite: those of their groups and operations; focal points those of their organisations.
fn visible(scope: &Scope, alias: &str) -> Condition {
    in_charge_or_own(scope, Action::InvitationCreate, alias).unwrap_or_else(Condition::all)
}

/// What a write about an invitation is about.
#[must_use]
pub fn target(row: &Model) -> Target {
    Target {
        organisations: row.organisation_id.into_iter().collect(),
        ..Target::of(row.group_id, Some(row.operation_id), None)
    }
}

/// When it was made.
pub const CREATED: SortColumn = SortColumn { name: "created_at", kind: SortKind::Instant };
/// When it was last changed.
pub const UPDATED: SortColumn = SortColumn { name: "updated_at", kind: SortKind::Instant };
/// Until when its link is good.
pub const EXPIRES: SortColumn = SortColumn { name: "expires_at", kind: SortKind::Instant };

/// The latest first.
pub fn latest_first() -> Order {
    Order(vec![(CREATED, Direction::Descending)])
}

/// Those for an address, for whoever sees addresses.
pub fn to_address(email: &str) -> Where {
    Where::eq("email_folded", fold(email))
}

/// Invites.
pub async fn create(tx: &Tx, permit: &Permit, row: Model) -> Result<Change> {
    permit.covers(Action::InvitationCreate, Some(row.group_id))?;
    let row = Model { email_folded: fold(&row.email), ..row };
    let waiting = Entity::find()
        .filter(Column::GroupId.eq(row.group_id))
        .filter(Column::Role.eq(row.role))
        .filter(Column::EmailFolded.eq(&row.email_folded))
        .filter(Column::Status.eq(InvitationStatus::Open));
    if waiting.one(tx.conn()).await?.is_some() {
        return Err(Error::refused(Why::Duplicate).at("email"));
    }
    let change = Change::new("invitationCreate", Kind::Invitation, row.id)
        .in_group(row.group_id, row.operation_id)
        .step(None, row.status.word())
        .detail(serde_json::json!({ "role": row.role.word() }));
    tx.insert(row).await.at("id")?;
    Ok(change)
}

/// Invites anew: another link, and whoever renews it answers for it.
pub async fn renew(tx: &Tx, permit: &Permit, seen: &Seen<Model>, token: &str) -> Result<Change> {
    permit.covers(Action::InvitationCreate, Some(seen.group_id))?;
    rules::open(seen.status)?;
    let row = Model {
        digest: digest(token),
        expires_at: tx.now() + rules::LIFE,
        invited_by_id: tx.actor().account_id,
        ..Model::clone(seen)
    };
    tx.save(seen, row).await?;
    Ok(Change::new("invitationRenew", Kind::Invitation, seen.id).in_group(seen.group_id, seen.operation_id))
}

/// Withdraws an invitation.
pub async fn withdraw(
    tx: &Tx,
    permit: &Permit,
    seen: &Seen<Model>,
    reason: Option<String>,
) -> Result<Change> {
    permit.covers(Action::InvitationCreate, Some(seen.group_id))?;
    rules::open(seen.status)?;
    tx.save(seen, Model { status: InvitationStatus::Withdrawn, ..Model::clone(seen) }).await?;
    Ok(Change::new("invitationWithdraw", Kind::Invitation, seen.id)
        .in_group(seen.group_id, seen.operation_id)
        .step(seen.status.word(), InvitationStatus::Withdrawn.word())
        .because(reason))
}

/// The invitation of a link. Whoever has the link may read it: nobody else does.
pub async fn by_token(tx: &Tx, token: &str) -> Result<Model> {
    let found = Entity::find().filter(Column::Digest.eq(digest(token))).one(tx.conn()).await?;
    found.ok_or_else(|| Error::not_found(Kind::Invitation))
}

/// An invitation that waits for an account, whose address it has been compared with.
pub async fn by_id(tx: &Tx, id: Uuid) -> Result<Model> {
    let found = Entity::find_by_id(id).one(tx.conn()).await?;
    found.ok_or_else(|| Error::not_found(Kind::Invitation))
}

/// The group of an invitation: whoever is invited need not see it yet.
pub async fn group_of(tx: &Tx, row: &Model) -> Result<coordination_group::Model> {
    let group = coordination_group::Entity::find_by_id(row.group_id).one(tx.conn()).await?;
    group.ok_or(Error::Internal)
}

/// Marks an invitation as accepted before anything else is written: of two at once, one goes on.
pub async fn take(tx: &Tx, row: &Model) -> Result<()> {
    let taken = Entity::update_many()
        .col_expr(Column::Status, Expr::value(InvitationStatus::Accepted.word()))
        .col_expr(Column::AcceptedAt, Expr::value(tx.now()))
        .col_expr(Column::UpdatedAt, Expr::value(tx.now()))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.eq(row.id))
        .filter(Column::Version.eq(row.version))
        .filter(Column::Status.eq(InvitationStatus::Open))
        .exec(tx.conn())
        .await?;
    match taken.rows_affected {
        1 => Ok(()),
        _ => rules::open(InvitationStatus::Accepted),
    }
}

/// Says which seat came of it.
pub async fn seated(tx: &Tx, row: &Model, membership: Uuid, account: Uuid) -> Result<Change> {
    Entity::update_many()
        .col_expr(Column::MembershipId, Expr::value(membership))
        .filter(Column::Id.eq(row.id))
        .exec(tx.conn())
        .await?;
    Ok(Change::new("invitationAccept", Kind::Invitation, row.id)
        .in_group(row.group_id, row.operation_id)
        .step(row.status.word(), InvitationStatus::Accepted.word())
        .detail(serde_json::json!({
            "membership": Kind::Membership.id(membership),
            "role": row.role.word(),
        }))
        .by(account))
}
