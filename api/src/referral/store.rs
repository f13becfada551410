//! The only SQL for referrals.

use entity::referral::Model;
use sea_orm::Condition;
use uuid::Uuid;

use super::rules::{self, Step};
use crate::auth::{Action, Permit, Scope, Target};
use crate::db::visible::{among, nothing};
use crate::db::{Change, Direction, Order, Seen, SortColumn, SortKind, Tx, table};
use crate::error::{At, Result};
use crate::id::Kind;

table!(referral, visible, versioned);

/// Members of either group, and who manages the operation. The other side sees what was sent and no
/// more: what it is about is another row, under that row's own visibility.
fn visible(scope: &Scope, alias: &str) -> Condition {
    let reach = scope.reach(Action::ReferralRead);
    let groups = [reach.officer_of, reach.member_of, reach.observer_of].concat();
    Condition::any()
        .add(nothing())
        .add(among(scope, alias, "from_group_id", &groups))
        .add(among(scope, alias, "to_group_id", &groups))
        .add(among(scope, alias, "operation_id", &reach.manager_of))
}

/// Columns that lists may be ordered by.
pub const SENT: SortColumn = SortColumn { name: "sent_on", kind: SortKind::Date };
/// When it was entered.
pub const CREATED: SortColumn = SortColumn { name: "created_at", kind: SortKind::Instant };
/// When it was last changed.
pub const UPDATED: SortColumn = SortColumn { name: "updated_at", kind: SortKind::Instant };

/// The latest first.
pub fn latest_first() -> Order {
    Order(vec![(CREATED, Direction::Descending)])
}

/// What a step of the group that was asked is about.
pub fn asked(row: &Model) -> Target {
    Target::of(row.to_group_id, Some(row.operation_id), None)
}

/// Sends a referral.
pub async fn create(tx: &Tx, permit: &Permit, row: Model) -> Result<Change> {
    permit.covers(Action::ReferralSend, Some(row.from_group_id))?;
    let (id, from, to) = (row.id, row.from_group_id, row.to_group_id);
    let (operation, status) = (row.operation_id, row.status.word());
    tx.insert(row).await.at("id")?;
    Ok(Change::new("referralSend", Kind::Referral, id)
        .in_group(from, operation)
        .step(None, status)
        .detail(serde_json::json!({ "to": Kind::Group.id(to) })))
}

/// Takes a step of the group that was asked. `said`: meeting, answer and its day, as far as the step
/// has them.
pub async fn step(tx: &Tx, permit: &Permit, seen: &Seen<Model>, step: Step, said: Said) -> Result<Change> {
    permit.covers(Action::ReferralAnswer, Some(seen.to_group_id))?;
    let (name, to) = rules::step(step, seen.status)?;
    let reason = said.answer.clone().filter(|_| step == Step::Return);
    let row = Model {
        status: to,
        meeting_id: said.meeting.or(seen.meeting_id),
        answer: said.answer,
        answered_on: said.on,
        ..Model::clone(seen)
    };
    tx.save(seen, row).await?;
    Ok(Change::new(name, Kind::Referral, seen.id)
        .in_group(seen.to_group_id, seen.operation_id)
        .step(seen.status.word(), to.word())
        .because(reason)
        .detail(serde_json::json!({ "from": Kind::Group.id(seen.from_group_id) })))
}

/// What the group that was asked says.
#[derive(Debug, Default)]
pub struct Said {
    /// The meeting on whose agenda it is.
    pub meeting: Option<Uuid>,
    /// The answer, or why it is returned.
    pub answer: Option<String>,
    /// On which day.
    pub on: Option<chrono::NaiveDate>,
}
