//! Steps of a follow-up's life.

use chrono::NaiveDate;
use entity::enums::{DatePrecision, DueQualifier, FollowUpStatus};
use entity::follow_up::Model;
use uuid::Uuid;

use super::super::rules::{self, Step};
use super::{changed, stepped};
use crate::auth::{Action, Permit};
use crate::db::{Change, Seen, Tx};
use crate::error::Result;

/// What a step brings along.
#[derive(Clone, Debug, Default)]
pub struct Stepping {
    /// Why, or what is in the way.
    pub reason: Option<String>,
    /// What was done.
    pub action_taken: Option<String>,
    /// The organisation that is in the way.
    pub blocked_by: Option<Uuid>,
    /// The day on which it happened.
    pub on: Option<NaiveDate>,
}

/// Takes a step. `action` is the right that the step needs.
pub async fn step(
    tx: &Tx,
    permit: &Permit,
    action: Action,
    seen: &Seen<Model>,
    step: Step,
    with: Stepping,
) -> Result<Change> {
    permit.covers(action, Some(seen.group_id))?;
    let (name, to) = rules::step(step, seen.status)?;
    let on = with.on.unwrap_or_else(|| tx.today(seen.operation_id));
    let row = Model { status: to, ..moved(seen, to, with.action_taken, with.reason.clone(), on) };
    let row = Model { blocked_by_id: with.blocked_by.or(row.blocked_by_id), ..row };
    tx.save(seen, row).await?;
    Ok(stepped(name, seen, to).because(with.reason))
}

/// The row in its new state: what belongs to the state is set, what belonged to the old one goes.
fn moved(
    seen: &Seen<Model>,
    to: FollowUpStatus,
    action_taken: Option<String>,
    reason: Option<String>,
    on: NaiveDate,
) -> Model {
    let row = Model::clone(seen);
    let blocked = to == FollowUpStatus::Blocked;
    Model {
        status: to,
        blocked_reason: if blocked { reason.clone() } else { None },
        blocked_by_id: if blocked { row.blocked_by_id } else { None },
        action_taken: if to == FollowUpStatus::Done { action_taken } else { row.action_taken },
        closed_on: if rules::is_open(to) { None } else { Some(on) },
        status_reason: reason,
        ..row
    }
}

/// A review at a meeting moves a follow-up, whatever `follow_up.complete` says. `to`: where to; none:
/// it stays, and only what was done is noted.
///
/// # Errors
/// `CONFLICT` if a race was lost, or `Internal`, logged.
pub async fn reviewed(
    tx: &Tx,
    permit: &Permit,
    seen: &Seen<Model>,
    to: Option<FollowUpStatus>,
    action_taken: Option<String>,
    reason: Option<String>,
    on: NaiveDate,
) -> Result<()> {
    permit.covers(Action::ReviewWrite, Some(seen.group_id))?;
    let row = match to {
        Some(to) if to != seen.status => moved(seen, to, action_taken, reason, on),
        _ => return Ok(()),
    };
    tx.save(seen, row).await
}

/// When it is due: a day, the text as written, or both.
#[derive(Clone, Debug, Default)]
pub struct Due {
    /// The day, if one can be told.
    pub on: Option<NaiveDate>,
    /// As written.
    pub text: Option<String>,
    /// How the day is meant.
    pub qualifier: Option<DueQualifier>,
    /// How exact it is.
    pub precision: Option<DatePrecision>,
    /// Whether a part of the day (the year, say) was inferred.
    pub is_inferred: bool,
}

/// Changes when it is due; counted.
pub async fn change_due(
    tx: &Tx,
    permit: &Permit,
    seen: &Seen<Model>,
    due: Due,
    reason: String,
) -> Result<Change> {
    permit.covers(Action::FollowUpWrite, Some(seen.group_id))?;
    rules::still_open(seen.status)?;
    let detail = serde_json::json!({ "from": seen.due_on, "to": due.on });
    let row = Model {
        due_on: due.on,
        due_text: due.text,
        due_qualifier: due.qualifier,
        due_precision: due.precision,
        due_is_inferred: due.is_inferred,
        due_change_count: seen.due_change_count + 1,
        ..Model::clone(seen)
    };
    tx.save(seen, row).await?;
    Ok(changed("followUpChangeDue", seen).because(reason).detail(detail))
}
