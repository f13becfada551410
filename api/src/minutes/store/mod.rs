//! The only SQL for minutes and their contributors.

mod outcome;
mod record;

use entity::enums::{ContributorRole, MinutesStatus};
use entity::minutes::{Column, Entity, Model};
use entity::{meeting, meeting_group, minutes_contributor};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

pub use outcome::{Outcome, outcome_of, publish};
pub use record::record;

use super::rules::{self, Sitting, Step};
use super::snapshot::{self, Sealed};
use crate::auth::{Action, Permit, Scope, Target};
use crate::db::visible::{col, inside, published, seated, when_related};
use crate::db::{Change, Direction, Order, Seen, SortColumn, SortKind, Tx, table};
use crate::error::{At, Error, Result, Why};
use crate::id::{self, Kind};

table!(minutes, visible, versioned);

/// Each state opens to an audience of its own; what was published, as its public twin, to others.
fn visible(scope: &Scope, alias: &str) -> Condition {
    let adopted = scope.reach(Action::MinutesReadAdopted);
    let twin = Condition::any().add(inside(scope, &adopted, alias)).add(published(scope, &adopted, alias));
    let drafts = inside(scope, &scope.reach(Action::MinutesReadDraft), alias);
    let circulated = inside(scope, &scope.reach(Action::MinutesReadCirculated), alias);
    Condition::any()
        .add(in_state(alias, &[MinutesStatus::Draft, MinutesStatus::UnderReview], drafts))
        .add(in_state(alias, &[MinutesStatus::Circulated], circulated))
        .add(in_state(alias, &[MinutesStatus::Adopted, MinutesStatus::Superseded], twin))
}

fn in_state(alias: &str, states: &[MinutesStatus], audience: Condition) -> Condition {
    let state: Expr = col(alias, "status").is_in(states.iter().map(|s| s.word()));
    Condition::all().add(state).add(audience)
}

/// Contributors, reached through their minutes: names, for whoever sees all of the minutes.
pub mod contributors {
    crate::db::table!(minutes_contributor, super::visible_contributor);
}

fn visible_contributor(scope: &Scope, alias: &str) -> Condition {
    let seat = seated(scope, Action::MinutesReadAdopted, "cm");
    Condition::all().add(when_related("minutes", "cm", "id", alias, "minutes_id", seat))
}

/// By their place in the list.
pub fn by_position() -> Order {
    Order(vec![(SortColumn { name: "position", kind: SortKind::Number }, Direction::Ascending)])
}

/// What a write about minutes is about.
#[must_use]
pub fn target(row: &Model) -> Target {
    Target::of(row.group_id, Some(row.operation_id), Some(row.meeting_id))
}

/// Writes the first revision of the minutes of a meeting.
pub async fn add(tx: &Tx, permit: &Permit, row: Model) -> Result<Change> {
    permit.covers(Action::MinutesWrite, Some(row.group_id))?;
    if latest(tx, row.meeting_id).await?.is_some() {
        return Err(Error::refused(Why::Duplicate).at("meeting"));
    }
    let change = Change::new("minutesWrite", Kind::Minutes, row.id)
        .in_group(row.group_id, row.operation_id)
        .step(None, row.status.word());
    tx.insert(row).await.at("id")?;
    Ok(change)
}

/// Changes the text of minutes.
pub async fn update(tx: &Tx, permit: &Permit, seen: &Seen<Model>, row: Model) -> Result<Change> {
    permit.covers(Action::MinutesWrite, Some(seen.group_id))?;
    rules::still_written(seen.status)?;
    tx.save(seen, row).await?;
    Ok(Change::new("minutesUpdate", Kind::Minutes, seen.id).in_group(seen.group_id, seen.operation_id))
}

/// Takes a step of the life of minutes. `row`: what else changes; `action`: the right that the step
/// needs.
pub async fn step(
    tx: &Tx,
    permit: &Permit,
    action: Action,
    seen: &Seen<Model>,
    step: Step,
    row: Model,
) -> Result<Change> {
    permit.covers(action, Some(seen.group_id))?;
    let (name, to) = rules::step(step, seen.status)?;
    tx.save(seen, Model { status: to, ..row }).await?;
    Ok(Change::new(name, Kind::Minutes, seen.id)
        .in_group(seen.group_id, seen.operation_id)
        .step(seen.status.word(), to.word()))
}

/// Adopts minutes under a seal; the revision before is superseded.
pub async fn adopt(
    tx: &Tx,
    permit: &Permit,
    seen: &Seen<Model>,
    row: Model,
    before: Option<&Seen<Model>>,
    sealed: Sealed,
) -> Result<Change> {
    let detail = serde_json::json!({
        "revision": row.revision,
        "snapshotHash": sealed.hash,
        "supersedes": before.map(|b| Kind::Minutes.id(b.id)),
    });
    let row = Model { snapshot: Some(sealed.text), snapshot_hash: Some(sealed.hash), ..row };
    let change = step(tx, permit, Action::MinutesAdopt, seen, Step::Adopt, row).await?;
    if let Some(before) = before {
        tx.save(before, Model { status: MinutesStatus::Superseded, ..Model::clone(before) }).await?;
    }
    Ok(change.detail(detail))
}

/// Begins the next revision of adopted minutes, with the same text and authors.
pub async fn revise(tx: &Tx, permit: &Permit, seen: &Seen<Model>, reason: String) -> Result<Change> {
    permit.covers(Action::MinutesRevise, Some(seen.group_id))?;
    let (name, to) = rules::step(Step::Revise, seen.status)?;
    if latest(tx, seen.meeting_id).await?.is_some_and(|last| last.id != seen.id) {
        return Err(Error::refused(Why::Duplicate).at("id"));
    }
    let now = tx.now();
    let row = Model {
        id: id::new(),
        revision: seen.revision + 1,
        status: to,
        supersedes_id: Some(seen.id),
        status_reason: Some(reason.clone()),
        published_at: None,
        public_text: None,
        reviewed_on: None,
        circulated_on: None,
        comments_due_on: None,
        adopted_on: None,
        adopted_at_id: None,
        corrections: None,
        snapshot: None,
        snapshot_hash: None,
        previous_hash: None,
        created_at: now,
        updated_at: now,
        version: 1,
        ..Model::clone(seen)
    };
    let new = row.id;
    tx.insert(row).await?;
    let mut authors = contributors(tx, seen.id).await?;
    authors.retain(|c| c.role == ContributorRole::Author);
    set_contributors(tx, new, authors).await?;
    Ok(Change::new(name, Kind::Minutes, new)
        .in_group(seen.group_id, seen.operation_id)
        .step(None, to.word())
        .because(reason)
        .detail(serde_json::json!({ "supersedes": Kind::Minutes.id(seen.id) })))
}

/// The last revision of the minutes of a meeting.
async fn latest(tx: &Tx, meeting: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::MeetingId.eq(meeting))
        .order_by_desc(Column::Revision)
        .limit(1)
        .one(tx.conn())
        .await?)
}

/// Who wrote and reviewed minutes, in order.
pub async fn contributors(tx: &Tx, minutes: Uuid) -> Result<Vec<minutes_contributor::Model>> {
    Ok(minutes_contributor::Entity::find()
        .filter(minutes_contributor::Column::MinutesId.eq(minutes))
        .order_by_asc(minutes_contributor::Column::Position)
        .all(tx.conn())
        .await?)
}

/// Writes the contributors of minutes anew.
pub async fn set_contributors(
    tx: &Tx,
    minutes: Uuid,
    contributors: Vec<minutes_contributor::Model>,
) -> Result<()> {
    tx.clear::<minutes_contributor::Entity>(minutes_contributor::Column::MinutesId, minutes).await?;
    let rows = (1..).zip(contributors).map(|(position, row)| minutes_contributor::Model {
        id: id::new(),
        minutes_id: minutes,
        position,
        ..row
    });
    tx.insert_all(rows.collect()).await
}

/// What adoption needs to know of a meeting that was seen.
pub async fn sitting(tx: &Tx, meeting: &meeting::Model) -> Result<Sitting> {
    let joint = meeting_group::Entity::find().filter(meeting_group::Column::MeetingId.eq(meeting.id));
    let mut groups = vec![meeting.group_id];
    groups.extend(joint.all(tx.conn()).await?.iter().map(|g| g.group_id));
    Ok(Sitting {
        id: meeting.id,
        groups,
        status: meeting.status,
        day: meeting.held_on.or(meeting.occurs_on),
        start: meeting.actual_start.or(meeting.scheduled_start),
    })
}

/// Takes the personal values of a person, and their salts, out of the snapshots; the seals still hold.
pub async fn forget(tx: &Tx, person: Uuid) -> Result<()> {
    let id = Kind::Person.id(person);
    let named = Entity::find().filter(Column::Snapshot.contains(person.simple().to_string()));
    for row in named.all(tx.conn()).await? {
        let Some(text) = row.snapshot.as_deref().and_then(|text| snapshot::without(text, &id)) else {
            continue;
        };
        Entity::update_many()
            .col_expr(Column::Snapshot, Expr::value(text))
            .col_expr(Column::Version, Expr::value(row.version + 1))
            .col_expr(Column::UpdatedAt, Expr::value(tx.now()))
            .filter(Column::Id.eq(row.id))
            .exec(tx.conn())
            .await?;
    }
    Ok(())
}
