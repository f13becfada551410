//! The only SQL for announcements.

use entity::announcement::{Column, Entity, Model};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};

use super::rules::{self, Step};
use crate::auth::{Action, Permit, Scope, Target};
use crate::belonging::Belonging;
use crate::db::visible::content;
use crate::db::{Change, Direction, Order, Seen, SortColumn, SortKind, Tx, table};
use crate::error::{At, Result};
use crate::id::Kind;

table!(announcement, visible, versioned);

/// The permission table has no row for reading announcements: they are read like documents. Both are
/// what partners tell the group, seen by visibility and sensitivity; a shelter's address stands in a
/// row of higher sensitivity and is hidden with it.
fn visible(scope: &Scope, alias: &str) -> Condition {
    content(scope, Action::DocumentRead, alias)
}

/// Columns that lists may be ordered by.
pub const STARTS: SortColumn = SortColumn { name: "starts_on", kind: SortKind::Date };

/// When it was entered.
pub const CREATED: SortColumn = SortColumn { name: "created_at", kind: SortKind::Instant };
/// When it was last changed.
pub const UPDATED: SortColumn = SortColumn { name: "updated_at", kind: SortKind::Instant };

/// The latest first.
pub fn latest_first() -> Order {
    Order(vec![(STARTS, Direction::Descending)])
}

/// Where a row belongs, with the values that it has.
pub const fn belonging(row: &Model) -> Belonging {
    Belonging {
        group_id: row.group_id,
        operation_id: row.operation_id,
        meeting_id: row.meeting_id,
        agenda_item_id: row.agenda_item_id,
        visibility: row.visibility,
        sensitivity: row.sensitivity,
    }
}

/// What a write about an announcement is about: its group, and the organisation that announces.
pub fn target(row: &Model) -> Target {
    Target { organisations: row.organisation_id.into_iter().collect(), ..belonging(row).target() }
}

/// The next free place at the meeting; for what belongs to none, in the group.
pub async fn next_position(tx: &Tx, at: &Belonging) -> Result<i32> {
    let siblings = match at.meeting_id {
        Some(meeting) => Column::MeetingId.eq(meeting),
        None => Column::GroupId.eq(at.group_id).and(Column::MeetingId.is_null()),
    };
    let last = Entity::find().filter(siblings).order_by_desc(Column::Position).one(tx.conn()).await?;
    Ok(last.map_or(1, |row| row.position.saturating_add(1)))
}

/// Enters an announcement.
pub async fn create(tx: &Tx, permit: &Permit, row: Model) -> Result<Change> {
    permit.covers(Action::AnnouncementWrite, Some(row.group_id))?;
    let (id, group, operation, status) = (row.id, row.group_id, row.operation_id, row.status.word());
    tx.insert(row).await.at("id")?;
    Ok(Change::new("announcementAdd", Kind::Announcement, id).in_group(group, operation).step(None, status))
}

/// Changes an announcement. What goes out was confirmed word by word: other words go in again first.
pub async fn update(tx: &Tx, permit: &Permit, seen: &Seen<Model>, row: Model) -> Result<Change> {
    permit.covers(Action::AnnouncementWrite, Some(seen.group_id))?;
    let says_the_same = row.text == seen.text
        && row.place_id == seen.place_id
        && row.place_text == seen.place_text
        && row.dates_text == seen.dates_text;
    let published_at = row.published_at.filter(|_| says_the_same);
    tx.save(seen, Model { published_at, ..row }).await?;
    Ok(Change::new("announcementUpdate", Kind::Announcement, seen.id)
        .in_group(seen.group_id, seen.operation_id))
}

/// Takes a step of the announcement's life.
pub async fn step(
    tx: &Tx,
    permit: &Permit,
    seen: &Seen<Model>,
    step: Step,
    reason: Option<String>,
) -> Result<Change> {
    permit.covers(Action::AnnouncementWrite, Some(seen.group_id))?;
    let (name, to) = rules::step(step, seen.status)?;
    tx.save(seen, Model { status: to, ..Model::clone(seen) }).await?;
    Ok(Change::new(name, Kind::Announcement, seen.id)
        .in_group(seen.group_id, seen.operation_id)
        .step(seen.status.word(), to.word())
        .because(reason))
}
