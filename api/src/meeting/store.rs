//! The only SQL for meetings, their other groups, their join links and their series.

use entity::enums::{AttendanceRecord, FollowUpStatus, MeetingStatus, Visibility};
use entity::meeting::Model;
use entity::{coordination_group, follow_up, meeting_group, meeting_join_link, review};
use sea_orm::sea_query::{Alias, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::rules::{self, Step};
use crate::auth::{Action, Permit, Scope, Target};
use crate::belonging::Belonging;
use crate::db::visible::{
    among, announced, col, inside_by, joint, points_to_seen, when_related, with_parent,
};
use crate::db::{Change, Direction, MAIN, Order, Row, Seen, SortColumn, SortKind, Tx, Where, table};
use crate::error::{At, Error, Result, Rule};
use crate::group;
use crate::id::{self, Kind};
use crate::text::fold;

table!(meeting, visible, versioned);

/// The other groups of a joint meeting.
pub mod other_group {
    crate::db::table!(meeting_group, super::with_parent);
}

/// Join links: they let strangers into a call, so they have a visibility of their own.
pub mod join_link {
    use sea_orm::Condition;

    use crate::auth::{Action, Scope};
    use crate::db::visible::{inside_by, joint, when_related};

    crate::db::table!(meeting_join_link, visible);

    fn visible(scope: &Scope, alias: &str) -> Condition {
        let reach = scope.reach(Action::MeetingReadJoinUrl);
        let open =
            Condition::any().add(inside_by(scope, &reach, "m", "id")).add(joint(scope, &reach, "m", "id"));
        Condition::all().add(when_related("meeting", "m", "id", alias, "meeting_id", open))
    }
}

/// Meeting series.
pub mod series;

/// Drafts: officers and operation managers. Others: whoever has a seat, also in another group of a
/// joint meeting; the calendar; administrators (which columns they read is for types.rs).
fn visible(scope: &Scope, alias: &str) -> Condition {
    let draft = || col(alias, "status").eq(MeetingStatus::Draft.word());
    let drafts = inside_by(scope, &scope.reach(Action::MeetingReadDraft), alias, "id");
    let others = Condition::all().add(draft().not());
    let others = if scope.actor().is_admin { others } else { others.add(read_in_full(scope, alias)) };
    Condition::any().add(Condition::all().add(draft()).add(drafts)).add(others)
}

/// Meetings of which the viewer sees more than group, date and status.
fn read_in_full(scope: &Scope, alias: &str) -> Condition {
    let reach = scope.reach(Action::MeetingRead);
    // A group that nobody outside may see leaves no trace in the calendar either.
    let is = |visibility: Visibility| col("cg", "visibility").eq(visibility.word());
    let operations: Vec<Uuid> = scope.operations().into_iter().collect();
    let in_operation = among(scope, alias, "operation_id", &operations).add(is(Visibility::Operation));
    // asked once: a statement pays for each question, whether it is put or not
    let open = Condition::any().add(is(Visibility::Public)).add(in_operation);
    let of_open = when_related("coordination_group", "cg", "id", alias, "group_id", open);
    let calendar = Condition::all().add(announced(scope, alias)).add(of_open);
    Condition::any()
        .add(inside_by(scope, &reach, alias, "id"))
        .add(joint(scope, &reach, alias, "id"))
        .add(calendar)
}

/// For filters by what an administrator without a seat does not see.
pub fn readable(scope: &Scope) -> Where {
    let full = Condition::any().add(read_in_full(scope, MAIN)).add(inside_by(
        scope,
        &scope.reach(Action::MeetingReadDraft),
        MAIN,
        "id",
    ));
    full.into()
}

/// Joint meetings that have one of these among their other groups, as far as the viewer sees them.
pub fn joint_with(scope: &Scope, groups: &[Uuid]) -> Where {
    let seen = points_to_seen(scope, coordination_group::Model::table(), "x", "group_id");
    let other = among(scope, "x", "group_id", groups).add(seen);
    Where::exists("meeting_group", "meeting_id", "id", other)
}

/// Meetings of a group or one of its sub-groups, at any depth; joint ones too.
pub fn within(scope: &Scope, group: Uuid) -> Where {
    let other = group::family(scope, "x", "group_id", &Where::eq("id", group));
    Where::any([
        group::within(scope, "group_id", group),
        Where::exists("meeting_group", "meeting_id", "id", other),
    ])
}

/// What a write about a meeting is about.
#[must_use]
pub fn target(meeting: &Model) -> Target {
    Belonging::of_meeting(meeting).target()
}

/// The day under which it is filed.
pub const OCCURS: SortColumn = SortColumn { name: "occurs_on", kind: SortKind::Date };
/// When it was entered.
pub const CREATED: SortColumn = SortColumn { name: "created_at", kind: SortKind::Instant };
/// When it was last changed.
pub const UPDATED: SortColumn = SortColumn { name: "updated_at", kind: SortKind::Instant };

/// The latest first.
pub fn latest_first() -> Order {
    Order(vec![(OCCURS, Direction::Descending)])
}

/// What follows from the other columns.
fn settled(row: Model) -> Model {
    let held_on = row.held_on.or_else(|| row.actual_start.map(|start| rules::day(start, &row.time_zone)));
    Model {
        held_on,
        occurs_on: rules::occurs_on(held_on, row.scheduled_start, &row.time_zone),
        title_folded: row.title.as_deref().map(fold),
        ..row
    }
}

/// Enters a meeting with its other groups and its join link.
pub async fn create(
    tx: &Tx,
    permit: &Permit,
    row: Model,
    others: &[Uuid],
    join_url: Option<String>,
) -> Result<Model> {
    permit.covers(Action::MeetingWrite, Some(row.group_id))?;
    let row = settled(row);
    tx.insert(row.clone()).await.at("id")?;
    set_other_groups(tx, row.id, others).await?;
    set_join_url(tx, row.id, join_url).await?;
    Ok(row)
}

/// Changes a meeting. What belongs to it follows where the meeting has become tighter.
pub async fn update(tx: &Tx, permit: &Permit, seen: &Seen<Model>, row: Model) -> Result<Change> {
    permit.covers(Action::MeetingWrite, Some(seen.group_id))?;
    let (visibility, sensitivity) = (row.visibility, row.sensitivity);
    tx.save(seen, settled(row)).await?;
    if visibility > seen.visibility || sensitivity > seen.sensitivity {
        for table in BELONGING {
            tx.tighten(table, "meeting_id", seen.id, visibility, sensitivity).await?;
        }
    }
    Ok(Change::new("meetingUpdate", Kind::Meeting, seen.id).in_group(seen.group_id, seen.operation_id))
}

/// The tables whose rows belong to a meeting and carry the effective values.
const BELONGING: [&str; 8] = [
    "agenda_item",
    "attendance",
    "minutes",
    "recommendation",
    "follow_up",
    "review",
    "announcement",
    "document",
];

/// Takes a step of the meeting's life. `row`: the meeting with what the step changes besides its
/// status; `action`: the right that the step needs.
pub async fn step(
    tx: &Tx,
    permit: &Permit,
    action: Action,
    seen: &Seen<Model>,
    step: Step,
    row: Model,
    reason: Option<String>,
) -> Result<Change> {
    permit.covers(action, Some(seen.group_id))?;
    let (name, to) = rules::step(step, seen.status)?;
    tx.save(seen, settled(Model { status: to, status_reason: reason.clone(), ..row })).await?;
    Ok(Change::new(name, Kind::Meeting, seen.id)
        .in_group(seen.group_id, seen.operation_id)
        .step(seen.status.word(), to.word())
        .because(reason))
}

/// Writes the other groups of a joint meeting anew.
pub async fn set_other_groups(tx: &Tx, meeting: Uuid, groups: &[Uuid]) -> Result<()> {
    tx.clear::<meeting_group::Entity>(meeting_group::Column::MeetingId, meeting).await?;
    let row = |group: &Uuid| meeting_group::Model { id: id::new(), meeting_id: meeting, group_id: *group };
    tx.insert_all(groups.iter().map(row).collect()).await
}

/// The other groups of a joint meeting, whatever the viewer sees of them: their defaults hold.
pub async fn other_groups(tx: &Tx, meeting: Uuid) -> Result<Vec<coordination_group::Model>> {
    let others = Query::select()
        .column(meeting_group::Column::GroupId)
        .from(meeting_group::Entity)
        .and_where(meeting_group::Column::MeetingId.eq(meeting))
        .take();
    let groups = coordination_group::Entity::find();
    Ok(groups.filter(coordination_group::Column::Id.in_subquery(others)).all(tx.conn()).await?)
}

/// Writes the join link anew.
pub async fn set_join_url(tx: &Tx, meeting: Uuid, url: Option<String>) -> Result<()> {
    tx.clear::<meeting_join_link::Entity>(meeting_join_link::Column::MeetingId, meeting).await?;
    match url {
        Some(url) => tx.insert(meeting_join_link::Model { id: id::new(), meeting_id: meeting, url }).await,
        None => Ok(()),
    }
}

/// The open follow-ups of the group, from an earlier meeting or from none, that this meeting has not
/// looked at. Whatever the viewer sees of them: they are the group's.
pub async fn unreviewed(tx: &Tx, meeting: &Model) -> Result<u64> {
    let mut earlier = Query::select()
        .expr(col("m", "id"))
        .from_as(Alias::new("meeting"), Alias::new("m"))
        .and_where(col("m", "group_id").eq(meeting.group_id))
        .and_where(col("m", "id").ne(meeting.id))
        .take();
    if let Some(day) = meeting.occurs_on {
        earlier.and_where(col("m", "occurs_on").is_null().or(col("m", "occurs_on").lte(day)));
    }
    let looked_at = Query::select()
        .column(review::Column::FollowUpId)
        .from(review::Entity)
        .and_where(review::Column::MeetingId.eq(meeting.id))
        .and_where(review::Column::FollowUpId.is_not_null())
        .take();
    let open = [FollowUpStatus::Open, FollowUpStatus::InProgress, FollowUpStatus::Blocked];
    let count = follow_up::Entity::find()
        .filter(follow_up::Column::GroupId.eq(meeting.group_id))
        .filter(follow_up::Column::Status.is_in(open))
        .filter(
            Condition::any()
                .add(follow_up::Column::MeetingId.is_null())
                .add(follow_up::Column::MeetingId.in_subquery(earlier)),
        )
        .filter(follow_up::Column::Id.not_in_subquery(looked_at))
        .count(tx.conn())
        .await?;
    Ok(count)
}

/// Keeps how attendance was recorded; for the attendance room.
pub async fn keep_attendance(
    tx: &Tx,
    permit: &Permit,
    seen: &Seen<Model>,
    record: Option<AttendanceRecord>,
    headcount: Option<i32>,
) -> Result<()> {
    permit.covers(Action::AttendanceWrite, Some(seen.group_id))?;
    if headcount.is_some_and(|n| n < 0) {
        return Err(Error::rule(Rule::OutOfRange).at("headcount"));
    }
    let row = Model {
        attendance_record: record.unwrap_or(seen.attendance_record),
        headcount: headcount.or(seen.headcount),
        ..Model::clone(seen)
    };
    tx.save(seen, row).await
}

/// Keeps the agenda as it went out, for the agenda room: a point was withdrawn from wider circles.
pub async fn keep_agenda_as_invited(
    tx: &Tx,
    permit: &Permit,
    seen: &Seen<Model>,
    agenda: String,
) -> Result<()> {
    permit.covers(Action::AgendaWrite, Some(seen.group_id))?;
    tx.save(seen, Model { agenda_as_invited: Some(agenda), ..Model::clone(seen) }).await
}
