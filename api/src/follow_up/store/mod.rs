//! The only SQL for follow-ups, their assignments, responses and notes.

mod assign;
mod count;
mod find;
mod step;

use entity::enums::FollowUpStatus;
use entity::follow_up::Model;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{Condition, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};

pub use assign::{Assignee, mine_to_report, reassign, report, set_assignments};
pub use count::{Counts, Dimensions, count};
pub use find::{assigned_to, blocked, for_organisation, left_by, mine, open, overdue, whole, without_owner};
pub use step::{Due, Stepping, change_due, reviewed, step};

use crate::auth::{Action, Permit, Scope, Target};
use crate::belonging::Belonging;
use crate::db::visible::{col, content, inside, when_related, with_parent, within};
use crate::db::{Change, Direction, Order, Seen, SortColumn, SortKind, Tx, table};
use crate::error::{At, Error, Result, Rule};
use crate::id::{self, Kind};
use crate::text::fold;

table!(follow_up, visible, versioned);

/// Assignments, reached through their follow-up.
pub mod assignment {
    crate::db::table!(assignment, super::assignment_visible, beside(follow_up_id): super::assignment_visible_beside);
}

/// Responses to collective assignments, reached through the assignment.
pub mod response {
    crate::db::table!(assignment_response, super::with_parent);
}

/// Dated notes, reached through their follow-up.
pub mod note {
    crate::db::table!(follow_up_update, super::note_visible, beside(follow_up_id): super::note_visible_beside);
}

/// What follow_up.read opens, and what one is assigned oneself.
fn visible(scope: &Scope, alias: &str) -> Condition {
    let opened = content(scope, Action::FollowUpRead, alias);
    let Some(me) = scope.actor().person_id else { return opened };
    let to_me = Condition::all().add(col("mine", "person_id").eq(me));
    let mine = Condition::all().add(within(scope, alias)).add(when_related(
        "assignment",
        "mine",
        "follow_up_id",
        alias,
        "id",
        to_me,
    ));
    Condition::any().add(opened).add(mine)
}

/// The follow-up (under `alias.follow_up_id`) is seen from inside its group, not as a public twin.
fn seen_from_inside(scope: &Scope, alias: &str) -> Condition {
    let from_inside = is_inside(scope, "whole");
    Condition::all().add(when_related("follow_up", "whole", "id", alias, "follow_up_id", from_inside))
}

/// The same of a follow-up that stands there.
fn is_inside(scope: &Scope, follow_up: &str) -> Condition {
    inside(scope, &scope.reach(Action::FollowUpRead), follow_up)
}

/// Public answers carry organisations: people and texts as written are left out.
fn assignment_visible(scope: &Scope, alias: &str) -> Condition {
    open_assignment(scope, alias, seen_from_inside(scope, alias))
}

/// The same beside the follow-up.
fn assignment_visible_beside(scope: &Scope, alias: &str, follow_up: &str) -> Condition {
    open_assignment(scope, alias, is_inside(scope, follow_up))
}

fn open_assignment(scope: &Scope, alias: &str, from_inside: Condition) -> Condition {
    let mut any = Condition::any()
        .add(col(alias, "organisation_id").is_not_null())
        .add(col(alias, "group_id").is_not_null())
        .add(from_inside);
    if let Some(me) = scope.actor().person_id {
        any = any.add(col(alias, "person_id").eq(me));
    }
    any
}

/// Notes are for the inside, and for whoever is assigned.
fn note_visible(scope: &Scope, alias: &str) -> Condition {
    open_note(scope, alias, seen_from_inside(scope, alias))
}

/// The same beside the follow-up.
fn note_visible_beside(scope: &Scope, alias: &str, follow_up: &str) -> Condition {
    open_note(scope, alias, is_inside(scope, follow_up))
}

fn open_note(scope: &Scope, alias: &str, from_inside: Condition) -> Condition {
    let any = Condition::any().add(from_inside);
    let Some(me) = scope.actor().person_id else { return any };
    let to_me = Condition::all().add(col("mine", "person_id").eq(me));
    any.add(when_related("assignment", "mine", "follow_up_id", alias, "follow_up_id", to_me))
}

/// Columns that lists may be ordered by: the due day.
pub const DUE: SortColumn = SortColumn { name: "due_on", kind: SortKind::Date };
/// The day it was agreed.
pub const RAISED: SortColumn = SortColumn { name: "raised_on", kind: SortKind::Date };
/// When it was entered.
pub const CREATED: SortColumn = SortColumn { name: "created_at", kind: SortKind::Instant };
/// When it was last changed.
pub const UPDATED: SortColumn = SortColumn { name: "updated_at", kind: SortKind::Instant };

/// The most urgent first; what has no day comes last.
pub fn by_due() -> Order {
    Order(vec![(DUE, Direction::Ascending)])
}

/// What a write about a follow-up is about.
#[must_use]
pub fn target(row: &Model) -> Target {
    Target::of(row.group_id, Some(row.operation_id), row.meeting_id)
}

/// Enters a follow-up.
pub async fn create(tx: &Tx, permit: &Permit, at: &Belonging, row: Model) -> Result<Change> {
    permit.covers(Action::FollowUpWrite, Some(at.group_id))?;
    let id = row.id;
    let status = row.status.word();
    tx.insert(Model { text_folded: fold(&row.text), ..row }).await.at("id")?;
    Ok(Change::new("followUpCreate", Kind::FollowUp, id)
        .in_group(at.group_id, at.operation_id)
        .step(None, status))
}

/// Changes what a follow-up says.
pub async fn update(tx: &Tx, permit: &Permit, seen: &Seen<Model>, row: Model) -> Result<Change> {
    permit.covers(Action::FollowUpWrite, Some(seen.group_id))?;
    tx.save(seen, Model { text_folded: fold(&row.text), ..row }).await?;
    Ok(changed("followUpUpdate", seen))
}

/// The next free position among the follow-ups of a meeting.
pub async fn next_position(tx: &Tx, meeting: Option<uuid::Uuid>) -> Result<i32> {
    use entity::follow_up::{Column, Entity};
    use sea_orm::ColumnTrait;
    let Some(meeting) = meeting else { return Ok(1) };
    let count = Entity::find()
        .filter(Column::MeetingId.eq(meeting))
        .select_only()
        .column(Column::Id)
        .count(tx.conn());
    Ok(i32::try_from(count.await?).unwrap_or(i32::MAX - 1) + 1)
}

/// A change of this follow-up.
fn changed(kind: &'static str, seen: &Seen<Model>) -> Change {
    Change::new(kind, Kind::FollowUp, seen.id).in_group(seen.group_id, seen.operation_id)
}

/// A step of this follow-up.
fn stepped(kind: &'static str, seen: &Seen<Model>, to: FollowUpStatus) -> Change {
    changed(kind, seen).step(seen.status.word(), to.word())
}

/// The day on which something of this meeting was agreed; of no meeting: today.
pub async fn raised_on(tx: &Tx, at: &Belonging) -> Result<Option<chrono::NaiveDate>> {
    let Some(meeting) = at.meeting_id else { return Ok(Some(tx.today(at.operation_id))) };
    let meeting = entity::meeting::Entity::find_by_id(meeting).one(tx.conn()).await?;
    Ok(meeting.and_then(|m| m.occurs_on))
}

/// Refuses a follow-up that would wait for itself, directly or in a circle.
pub async fn depends_soundly(tx: &Tx, follow_up: uuid::Uuid, on: Option<uuid::Uuid>) -> Result<()> {
    let mut next = on;
    for _ in 0..100 {
        match next {
            None => return Ok(()),
            Some(id) if id == follow_up => break,
            Some(id) => {
                let row = entity::follow_up::Entity::find_by_id(id).one(tx.conn()).await?;
                next = row.and_then(|r| r.depends_on_id);
            }
        }
    }
    Err(Error::rule(Rule::Circular))
}

/// A dated note on what was done.
#[derive(Clone, Debug)]
pub struct Note {
    /// What was done.
    pub text: String,
    /// The language of the text.
    pub language: String,
    /// The day, if it can be told.
    pub occurred_on: Option<chrono::NaiveDate>,
    /// When, as written.
    pub occurred_text: Option<String>,
    /// Whether a part of the day was inferred.
    pub occurred_is_inferred: bool,
    /// The organisation that did it.
    pub organisation: Option<uuid::Uuid>,
}

/// Adds a note. `number` keeps notes that are entered together in their order.
pub async fn add_note(
    tx: &Tx,
    follow_up: uuid::Uuid,
    meeting: Option<uuid::Uuid>,
    number: usize,
    note: Note,
) -> Result<()> {
    let after = chrono::TimeDelta::microseconds(i64::try_from(number).unwrap_or(0));
    tx.insert(entity::follow_up_update::Model {
        id: id::new(),
        follow_up_id: follow_up,
        meeting_id: meeting,
        organisation_id: note.organisation,
        person_id: None,
        text: note.text,
        language: note.language,
        occurred_on: note.occurred_on,
        occurred_text: note.occurred_text,
        occurred_is_inferred: note.occurred_is_inferred,
        status_after: None,
        created_at: tx.now() + after,
    })
    .await
}
