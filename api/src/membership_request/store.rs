//! The only SQL for membership requests.

use entity::coordination_group;
use entity::enums::RequestStatus;
use entity::membership_request::{Column, Entity, Model};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::rules;
use crate::auth::{Action, Permit, Scope, Target};
use crate::db::visible::{col, in_charge_or_own};
use crate::db::{Change, Direction, Order, Seen, SortColumn, SortKind, Tx, table};
use crate::error::{At, Error, Result, Why};
use crate::id::Kind;

table!(membership_request, visible, versioned);

/// Who asks, and who may decide: focal points about those of their organisations.
fn visible(scope: &Scope, alias: &str) -> Condition {
    let Some(any) = in_charge_or_own(scope, Action::MembershipGrantMember, alias) else {
        return Condition::all();
    };
    match scope.actor().person_id {
        Some(me) => any.add(col(alias, "person_id").eq(me)),
        None => any,
    }
}

/// What a decision is about.
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

/// The one that waits longest first.
pub fn oldest_first() -> Order {
    Order(vec![(CREATED, Direction::Ascending)])
}

/// Asks for a seat.
pub async fn create(tx: &Tx, permit: &Permit, row: Model) -> Result<Change> {
    permit.covers(Action::MembershipRequest, Some(row.group_id))?;
    let pending = Entity::find()
        .filter(Column::GroupId.eq(row.group_id))
        .filter(Column::PersonId.eq(row.person_id))
        .filter(Column::Status.eq(RequestStatus::Pending));
    if pending.one(tx.conn()).await?.is_some() {
        return Err(Error::refused(Why::Duplicate).at("group"));
    }
    let change = Change::new("membershipRequest", Kind::MembershipRequest, row.id)
        .in_group(row.group_id, row.operation_id)
        .step(None, row.status.word())
        .detail(serde_json::json!({ "role": row.role.word() }));
    tx.insert(row).await.at("id")?;
    Ok(change)
}

/// The group of a request, whether or not whoever asked still sees it.
pub async fn group_of(tx: &Tx, row: &Model) -> Result<coordination_group::Model> {
    let group = coordination_group::Entity::find_by_id(row.group_id).one(tx.conn()).await?;
    group.ok_or(Error::Internal)
}

/// What is decided.
pub struct Decision {
    /// The mutation.
    pub name: &'static str,
    /// Where it leads.
    pub to: RequestStatus,
    /// Why, for whoever asks.
    pub note: Option<String>,
    /// The seat that was given.
    pub membership: Option<Uuid>,
}

/// Decides. `action` is the right that the step needs.
pub async fn decide(
    tx: &Tx,
    permit: &Permit,
    action: Action,
    seen: &Seen<Model>,
    decision: Decision,
) -> Result<Change> {
    permit.covers(action, Some(seen.group_id))?;
    rules::pending(seen.status)?;
    let Decision { name, to, note, membership } = decision;
    let row = Model {
        status: to,
        decision_note: note,
        decided_by_id: tx.actor().account_id,
        decided_at: Some(tx.now()),
        membership_id: membership,
        ..Model::clone(seen)
    };
    tx.save(seen, row).await?;
    let change = Change::new(name, Kind::MembershipRequest, seen.id)
        .in_group(seen.group_id, seen.operation_id)
        .step(seen.status.word(), to.word());
    Ok(match membership {
        Some(seat) => change
            .detail(serde_json::json!({ "membership": Kind::Membership.id(seat), "role": seen.role.word() })),
        None => change,
    })
}
