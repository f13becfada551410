//! The only SQL for documents.

use entity::assignment;
use entity::document::{Column, Entity, Model};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::auth::{Action, Permit, Scope, Target};
use crate::belonging::Belonging;
use crate::db::visible::content;
use crate::db::{Change, Direction, Order, Seen, SortColumn, SortKind, Tx, table};
use crate::error::{At, Error, Result, Rule};
use crate::id::Kind;
use crate::text::fold;

table!(document, visible, versioned);

fn visible(scope: &Scope, alias: &str) -> Condition {
    content(scope, Action::DocumentRead, alias)
}

/// Columns that lists may be ordered by.
pub const TITLE: SortColumn = SortColumn { name: "title_folded", kind: SortKind::Text };

/// When it was entered.
pub const CREATED: SortColumn = SortColumn { name: "created_at", kind: SortKind::Instant };
/// When it was last changed.
pub const UPDATED: SortColumn = SortColumn { name: "updated_at", kind: SortKind::Instant };

/// By title.
pub fn by_title() -> Order {
    Order(vec![(TITLE, Direction::Ascending)])
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

/// What a write about a document is about. A document names no organisation: "own" is what oneself or
/// one's organisation was assigned to deliver, by the follow-up that promised it.
pub async fn target(tx: &Tx, at: &Belonging, promised_by: Option<Uuid>) -> Result<Target> {
    let Some(follow_up) = promised_by else { return Ok(at.target()) };
    let assignments = assignment::Entity::find()
        .filter(assignment::Column::FollowUpId.eq(follow_up))
        .all(tx.conn())
        .await?;
    Ok(Target {
        people: assignments.iter().filter_map(|a| a.person_id).collect(),
        organisations: assignments.iter().filter_map(|a| a.organisation_id).collect(),
        ..at.target()
    })
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

/// Enters a document.
pub async fn create(tx: &Tx, permit: &Permit, row: Model) -> Result<Change> {
    permit.covers(Action::DocumentWrite, Some(row.group_id))?;
    let (id, group, operation, status) = (row.id, row.group_id, row.operation_id, row.status.word());
    tx.insert(Model { title_folded: fold(&row.title), ..row }).await.at("id")?;
    Ok(Change::new("documentAdd", Kind::Document, id).in_group(group, operation).step(None, status))
}

/// Changes a document. What goes out was confirmed: another title or address goes in again first.
pub async fn update(tx: &Tx, permit: &Permit, seen: &Seen<Model>, row: Model) -> Result<Change> {
    permit.covers(Action::DocumentWrite, Some(seen.group_id))?;
    source_is_sound(tx, seen.id, row.derived_from_id).await.at("derivedFrom")?;
    let says_the_same = row.title == seen.title && row.url == seen.url;
    let published_at = row.published_at.filter(|_| says_the_same);
    let to = row.status;
    tx.save(seen, Model { published_at, title_folded: fold(&row.title), ..row }).await?;
    let change = Change::new("documentUpdate", Kind::Document, seen.id);
    let change = change.in_group(seen.group_id, seen.operation_id);
    Ok(if to == seen.status { change } else { change.step(seen.status.word(), to.word()) })
}

/// Refuses a source that is the document itself or was made from it.
async fn source_is_sound(tx: &Tx, document: Uuid, source: Option<Uuid>) -> Result<()> {
    let mut above = source;
    for _ in 0..32 {
        match above {
            None => return Ok(()),
            Some(id) if id == document => break,
            Some(id) => above = Entity::find_by_id(id).one(tx.conn()).await?.and_then(|d| d.derived_from_id),
        }
    }
    Err(Error::rule(Rule::Circular))
}
