//! The only SQL for reviews.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::enums::MeetingStatus;
use entity::review::{Column, Entity, Model};
use entity::{follow_up, meeting, meeting_group, recommendation};
use sea_orm::sea_query::{ExprTrait, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::auth::{Action, Permit, Scope, Target};
use crate::db::visible::{col, content, when_related};
use crate::db::{Change, Row, Seen, Tx, table};
use crate::error::{At, Error, Result};
use crate::id::Kind;

table!(review, visible, versioned);

/// Whoever sees what the meeting made, as far as they see what was reviewed.
fn visible(scope: &Scope, alias: &str) -> Condition {
    let seen = |table: &'static crate::db::Table, inner: &str, column: &str| {
        Condition::any().add(col(alias, column).is_null()).add(when_related(
            table.name,
            inner,
            "id",
            alias,
            column,
            (table.visible)(scope, inner),
        ))
    };
    Condition::all()
        .add(content(scope, Action::RecommendationRead, alias))
        .add(seen(recommendation::Model::table(), "vr", "recommendation_id"))
        .add(seen(follow_up::Model::table(), "vf", "follow_up_id"))
}

/// What a review looks at.
#[derive(Clone, Debug)]
pub enum Thing {
    /// A recommendation.
    Recommendation(Seen<recommendation::Model>),
    /// A follow-up.
    FollowUp(Seen<follow_up::Model>),
}

impl Thing {
    /// Its group.
    pub fn group(&self) -> Uuid {
        match self {
            Self::Recommendation(row) => row.group_id,
            Self::FollowUp(row) => row.group_id,
        }
    }

    /// The meeting that made it.
    pub fn meeting(&self) -> Option<Uuid> {
        match self {
            Self::Recommendation(row) => row.meeting_id,
            Self::FollowUp(row) => row.meeting_id,
        }
    }

    /// Its id as shown, and its state.
    pub fn named(&self) -> (String, String) {
        match self {
            Self::Recommendation(row) => (Kind::Recommendation.id(row.id), row.status.word()),
            Self::FollowUp(row) => (Kind::FollowUp.id(row.id), row.status.word()),
        }
    }

    fn reviews(&self) -> SimpleExpr {
        match self {
            Self::Recommendation(row) => Column::RecommendationId.eq(row.id),
            Self::FollowUp(row) => Column::FollowUpId.eq(row.id),
        }
    }
}

/// What a review needs to know of its meeting.
#[derive(Clone, Debug)]
pub struct Sitting {
    /// Its id.
    pub id: Uuid,
    /// The group that holds it.
    pub group_id: Uuid,
    /// Its operation.
    pub operation_id: Uuid,
    /// Its day, if known.
    pub day: Option<NaiveDate>,
    /// Its state.
    pub status: MeetingStatus,
    /// Its groups: the one that holds it, and the others of a joint meeting.
    pub groups: Vec<Uuid>,
}

fn day(meeting: &meeting::Model) -> Option<NaiveDate> {
    meeting.held_on.or(meeting.occurs_on)
}

/// The meeting of a review.
pub async fn sitting(tx: &Tx, id: Uuid) -> Result<Sitting> {
    let meeting = meeting::Entity::find_by_id(id).one(tx.conn()).await?;
    let meeting = meeting.ok_or_else(|| Error::not_found(Kind::Meeting).at("meeting"))?;
    let joint = meeting_group::Entity::find().filter(meeting_group::Column::MeetingId.eq(id));
    let mut groups = vec![meeting.group_id];
    groups.extend(joint.all(tx.conn()).await?.iter().map(|g| g.group_id));
    Ok(Sitting {
        id,
        group_id: meeting.group_id,
        operation_id: meeting.operation_id,
        day: day(&meeting),
        status: meeting.status,
        groups,
    })
}

/// The day of a meeting, if known.
pub async fn day_of(tx: &Tx, id: Option<Uuid>) -> Result<Option<NaiveDate>> {
    let Some(id) = id else { return Ok(None) };
    Ok(meeting::Entity::find_by_id(id).one(tx.conn()).await?.as_ref().and_then(day))
}

/// The other reviews of a thing: their meetings, and the days of those.
pub async fn others(tx: &Tx, thing: &Thing, own: Uuid) -> Result<HashMap<Uuid, Option<NaiveDate>>> {
    let reviews = Entity::find().filter(thing.reviews()).filter(Column::Id.ne(own)).all(tx.conn()).await?;
    let meetings = meeting::Entity::find()
        .filter(meeting::Column::Id.is_in(reviews.iter().map(|r| r.meeting_id)))
        .all(tx.conn())
        .await?;
    Ok(meetings.iter().map(|m| (m.id, day(m))).collect())
}

/// What a write of a review is about. `thing`: the group of what is reviewed.
#[must_use]
pub fn target(sitting: &Sitting, thing: Uuid) -> Target {
    let groups = if thing == sitting.group_id { vec![thing] } else { vec![sitting.group_id, thing] };
    Target { groups, operation: Some(sitting.operation_id), ..Target::default() }
}

/// The next free place among the reviews of a meeting.
pub(crate) async fn next_position(tx: &Tx, meeting: Uuid) -> Result<i32> {
    let last: Option<i32> = Entity::find()
        .select_only()
        .column(Column::Position)
        .filter(Column::MeetingId.eq(meeting))
        .order_by_desc(Column::Position)
        .limit(1)
        .into_tuple()
        .one(tx.conn())
        .await?;
    Ok(last.unwrap_or(0) + 1)
}

/// Records a review.
pub async fn add(tx: &Tx, permit: &Permit, row: Model) -> Result<Change> {
    permit.covers(Action::ReviewWrite, Some(row.group_id))?;
    let change = Change::new("reviewRecord", Kind::Review, row.id)
        .in_group(row.group_id, row.operation_id)
        .step(None, row.outcome.word());
    tx.insert(row).await.at("id")?;
    Ok(change)
}

/// Changes a review.
pub async fn update(tx: &Tx, permit: &Permit, seen: &Seen<Model>, row: Model) -> Result<Change> {
    permit.covers(Action::ReviewWrite, Some(seen.group_id))?;
    let change = Change::new("reviewUpdate", Kind::Review, seen.id)
        .in_group(seen.group_id, seen.operation_id)
        .step(seen.outcome.word(), row.outcome.word());
    tx.save(seen, row).await?;
    Ok(change)
}
