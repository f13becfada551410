//! The only SQL for this table.

use chrono::NaiveDate;
use entity::enums::FollowUpStatus;
use entity::follow_up::Model;
use sea_orm::Condition;

use crate::auth::{Action, Permit, Scope};
use crate::db::visible::nothing;
use crate::db::{Direction, Order, Seen, SortColumn, SortKind, Tx, table};
use crate::error::Result;

table!(follow_up, visible, versioned);

fn visible(_: &Scope, _: &str) -> Condition {
    nothing()
}

/// When it was entered.
pub const CREATED: SortColumn = SortColumn { name: "created_at", kind: SortKind::Instant };

/// As entered.
pub fn as_entered() -> Order {
    Order(vec![(CREATED, Direction::Ascending)])
}

/// A review at a meeting moves it; whoever records the review leaves the change record. `reason`:
/// why it is blocked or cancelled. `on`: the day of the meeting.
pub(crate) async fn reviewed(
    tx: &Tx,
    permit: &Permit,
    seen: &Seen<Model>,
    to: Option<FollowUpStatus>,
    action_taken: Option<String>,
    reason: Option<String>,
    on: NaiveDate,
) -> Result<()> {
    permit.covers(Action::ReviewWrite, Some(seen.group_id))?;
    let Some(to) = to else { return Ok(()) };
    let mut row = Model { status: to, closed_on: None, blocked_reason: None, ..Model::clone(seen) };
    match to {
        FollowUpStatus::Done => {
            row.action_taken = action_taken.or(row.action_taken);
            row.closed_on = Some(on);
        }
        FollowUpStatus::Cancelled => {
            row.status_reason = reason;
            row.closed_on = Some(on);
        }
        FollowUpStatus::Blocked => row.blocked_reason = reason,
        FollowUpStatus::Open | FollowUpStatus::InProgress => {}
    }
    if to != FollowUpStatus::Blocked {
        row.blocked_by_id = None;
    }
    tx.save(seen, row).await
}
