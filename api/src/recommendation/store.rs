//! The only SQL for recommendations and their addressees.

use entity::addressee;
use entity::enums::RecommendationStatus;
use entity::recommendation::{Column, Entity, Model};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::rules::{self, Step};
use crate::auth::{Action, Permit, Scope, Target};
use crate::db::visible::{col, inside, one_of, published, seated, when_related};
use crate::db::{Change, Dialect, Direction, MAIN, Order, Seen, SortColumn, SortKind, Tx, Where, table};
use crate::error::{At, Error, Result, Rule};
use crate::group;
use crate::id::{self, Kind};
use crate::text::fold;

table!(recommendation, visible, versioned);

/// What the viewer's seats open, and what was published with the text that goes out.
fn visible(scope: &Scope, alias: &str) -> Condition {
    let reach = scope.reach(Action::RecommendationRead);
    if reach.everywhere {
        return Condition::all();
    }
    let twin =
        Condition::all().add(published(scope, &reach, alias)).add(col(alias, "public_text").is_not_null());
    Condition::any().add(inside(scope, &reach, alias)).add(twin)
}

/// Addressees, reached through their recommendation.
pub mod addressees {
    crate::db::table!(addressee, super::visible_addressee);
}

/// Free text and people are hidden from whoever sees only the public twin: rows that say nothing
/// else are left out.
fn visible_addressee(scope: &Scope, alias: &str) -> Condition {
    let seat = seated(scope, Action::RecommendationRead, "rr");
    Condition::any()
        .add(col(alias, "organisation_id").is_not_null())
        .add(col(alias, "group_id").is_not_null())
        .add(when_related("recommendation", "rr", "id", alias, "recommendation_id", seat))
}

/// When it was entered.
pub const CREATED: SortColumn = SortColumn { name: "created_at", kind: SortKind::Instant };
/// When it was last changed.
pub const UPDATED: SortColumn = SortColumn { name: "updated_at", kind: SortKind::Instant };

/// As entered.
pub fn as_entered() -> Order {
    Order(vec![(CREATED, Direction::Ascending)])
}

/// By their place in the list.
pub fn by_position() -> Order {
    Order(vec![(SortColumn { name: "position", kind: SortKind::Number }, Direction::Ascending)])
}

/// Rows of which the viewer reads the very text that is searched: a search must not betray a text
/// whose public twin says something else.
pub fn readable_text(scope: &Scope) -> Where {
    let same = col(MAIN, "public_text").eq(col(MAIN, "text"));
    Condition::any().add(seated(scope, Action::RecommendationRead, MAIN)).add(same).into()
}

/// Rows that are addressed to one of these organisations.
pub fn addressed_to(dialect: Dialect, organisations: &[Uuid]) -> Where {
    let among = Condition::all().add(one_of(dialect, col("x", "organisation_id"), organisations));
    Where::exists("addressee", "recommendation_id", "id", among)
}

/// Rows of these groups and of the groups below them.
pub fn of_groups_and_below(scope: &Scope, groups: &[Uuid]) -> Where {
    group::family(scope, MAIN, "group_id", &Where::ids(scope.dialect(), "id", groups)).into()
}

/// The next free place: among those of the meeting, or of the group's without a meeting.
pub(crate) async fn next_position(tx: &Tx, group: Uuid, meeting: Option<Uuid>) -> Result<i32> {
    let of = match meeting {
        Some(meeting) => Condition::all().add(Column::MeetingId.eq(meeting)),
        None => Condition::all().add(Column::GroupId.eq(group)).add(Column::MeetingId.is_null()),
    };
    let last: Option<i32> = Entity::find()
        .select_only()
        .column(Column::Position)
        .filter(of)
        .order_by_desc(Column::Position)
        .limit(1)
        .into_tuple()
        .one(tx.conn())
        .await?;
    Ok(last.unwrap_or(0) + 1)
}

/// What a write about a recommendation is about.
#[must_use]
pub fn target(row: &Model) -> Target {
    Target::of(row.group_id, Some(row.operation_id), row.meeting_id)
}

/// Enters a recommendation.
pub async fn add(tx: &Tx, permit: &Permit, row: Model) -> Result<Change> {
    permit.covers(Action::RecommendationWrite, Some(row.group_id))?;
    let change = Change::new("recommendationAdd", Kind::Recommendation, row.id)
        .in_group(row.group_id, row.operation_id)
        .step(None, row.status.word());
    tx.insert(Model { text_folded: fold(&row.text), ..row }).await.at("id")?;
    Ok(change)
}

/// Changes a recommendation.
pub async fn update(tx: &Tx, permit: &Permit, seen: &Seen<Model>, row: Model) -> Result<Change> {
    permit.covers(Action::RecommendationWrite, Some(seen.group_id))?;
    derivation_is_sound(tx, seen.id, row.derived_from_id).await.at("derivedFrom")?;
    tx.save(seen, Model { text_folded: fold(&row.text), ..row }).await?;
    Ok(Change::new("recommendationUpdate", Kind::Recommendation, seen.id)
        .in_group(seen.group_id, seen.operation_id))
}

/// Takes a step of its life.
pub async fn step(
    tx: &Tx,
    permit: &Permit,
    seen: &Seen<Model>,
    step: Step,
    wanted: Option<RecommendationStatus>,
    reason: Option<String>,
) -> Result<Change> {
    permit.covers(Action::RecommendationWrite, Some(seen.group_id))?;
    let (name, to) = rules::step(step, seen.status, wanted)?;
    tx.save(seen, Model { status: to, status_reason: reason.clone(), ..Model::clone(seen) }).await?;
    Ok(Change::new(name, Kind::Recommendation, seen.id)
        .in_group(seen.group_id, seen.operation_id)
        .step(seen.status.word(), to.word())
        .because(reason))
}

/// A review at a meeting moves it; whoever records the review leaves the change record.
pub(crate) async fn reviewed(
    tx: &Tx,
    permit: &Permit,
    seen: &Seen<Model>,
    to: Option<RecommendationStatus>,
    reason: Option<String>,
) -> Result<()> {
    permit.covers(Action::ReviewWrite, Some(seen.group_id))?;
    let Some(to) = to else { return Ok(()) };
    tx.save(seen, Model { status: to, status_reason: reason, ..Model::clone(seen) }).await
}

/// To whom it is addressed, as an input says.
#[derive(Debug, Default)]
pub struct NewAddressee {
    pub written_as: Option<String>,
    pub person_id: Option<Uuid>,
    pub organisation_id: Option<Uuid>,
    pub group_id: Option<Uuid>,
}

/// Writes the addressees of a recommendation anew.
pub async fn set_addressees(tx: &Tx, recommendation: Uuid, addressees: Vec<NewAddressee>) -> Result<()> {
    tx.clear::<addressee::Entity>(addressee::Column::RecommendationId, recommendation).await?;
    let rows = (1..).zip(addressees).map(|(position, new)| addressee::Model {
        id: id::new(),
        recommendation_id: recommendation,
        position,
        written_as: new.written_as,
        person_id: new.person_id,
        organisation_id: new.organisation_id,
        group_id: new.group_id,
    });
    tx.insert_all(rows.collect()).await
}

/// Refuses an origin that is the recommendation itself or derived from it.
async fn derivation_is_sound(tx: &Tx, recommendation: Uuid, origin: Option<Uuid>) -> Result<()> {
    let mut origin = origin;
    for _ in 0..64 {
        match origin {
            None => return Ok(()),
            Some(id) if id == recommendation => break,
            Some(id) => {
                origin = Entity::find_by_id(id).one(tx.conn()).await?.and_then(|r| r.derived_from_id);
            }
        }
    }
    Err(Error::rule(Rule::Circular))
}
