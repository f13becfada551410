//! The only SQL for attendance.

use std::collections::HashSet;

use entity::attendance::{Column, Entity, Model};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::rules;
use crate::auth::{Action, Permit, Scope};
use crate::db::visible::{beside_no_draft, inside, joint, not_of_a_draft};
use crate::db::{Change, Seen, Tx, table};
use crate::error::{At, Error, Result};
use crate::id::Kind;

table!(attendance, visible, versioned, beside(meeting_id): visible_beside);

/// Whoever may read organisations or names in the group; which of the two is for types.rs.
fn visible(scope: &Scope, alias: &str) -> Condition {
    open(scope, alias).add(not_of_a_draft(scope, alias))
}

/// The same beside the meeting.
fn visible_beside(scope: &Scope, alias: &str, meeting: &str) -> Condition {
    open(scope, alias).add(beside_no_draft(scope, alias, meeting))
}

fn open(scope: &Scope, alias: &str) -> Condition {
    let (organisations, names) =
        (scope.reach(Action::AttendanceReadOrganisations), scope.reach(Action::AttendanceReadNames));
    let open = Condition::any()
        .add(inside(scope, &organisations, alias))
        .add(inside(scope, &names, alias))
        .add(joint(scope, &organisations, alias, "meeting_id"));
    Condition::all().add(open)
}

/// The meeting of a line. Unseen and unlocked: the meeting is locked first, always.
pub async fn meeting_of(tx: &Tx, line: Uuid) -> Result<Option<Uuid>> {
    let select = Entity::find_by_id(line).select_only().column(Column::MeetingId);
    Ok(select.into_tuple().one(tx.conn()).await?)
}

/// Which of these ids are lines already.
pub async fn known(tx: &Tx, ids: Vec<Uuid>) -> Result<HashSet<Uuid>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let select = Entity::find().select_only().column(Column::Id).filter(Column::Id.is_in(ids));
    let found: Vec<Uuid> = select.into_tuple().all(tx.conn()).await?;
    Ok(found.into_iter().collect())
}

/// The position after the last one.
pub async fn next_position(tx: &Tx, meeting: Uuid) -> Result<i32> {
    let last: Option<Option<i32>> = Entity::find()
        .select_only()
        .column_as(Column::Position.max(), "last")
        .filter(Column::MeetingId.eq(meeting))
        .into_tuple()
        .one(tx.conn())
        .await?;
    Ok(last.flatten().unwrap_or(0) + 1)
}

/// Enters lines of one group.
pub async fn create(tx: &Tx, permit: &Permit, group: Uuid, rows: Vec<Model>) -> Result<()> {
    permit.covers(Action::AttendanceWrite, Some(group))?;
    if rows.iter().any(|r| r.group_id != group) {
        return Err(Error::Internal);
    }
    for row in &rows {
        rules::says_who(row)?;
    }
    tx.insert_all(rows).await
}

/// Writes a line anew.
pub async fn update(tx: &Tx, permit: &Permit, seen: &Seen<Model>, row: Model) -> Result<()> {
    permit.covers(Action::AttendanceWrite, Some(seen.group_id))?;
    rules::says_who(&row)?;
    tx.save(seen, row).await
}

/// What a line's change record says.
pub fn changed(mutation: &'static str, line: &Model) -> Change {
    Change::new(mutation, Kind::Attendance, line.id).in_group(line.group_id, line.operation_id)
}

/// Takes a line off the list.
pub async fn remove(tx: &Tx, permit: &Permit, seen: &Seen<Model>, reason: String) -> Result<Change> {
    permit.covers(Action::AttendanceWrite, Some(seen.group_id))?;
    Entity::delete_by_id(seen.id).exec(tx.conn()).await.map_err(Error::from).at("id")?;
    Ok(changed("attendanceRemove", seen).step(seen.status.word(), None).because(reason))
}
