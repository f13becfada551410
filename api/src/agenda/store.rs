//! The only SQL for agenda items and their presenters.

use entity::agenda_item::{Column, Entity, Model};
use entity::enums::{AgendaItemKind, AgendaItemStatus};
use entity::{meeting, presenter};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::invited;
use super::rules::{self, Step};
use crate::auth::{Action, Permit, Scope};
use crate::db::visible::{beside_no_draft, content, joint, not_of_a_draft};
use crate::db::{Change, Direction, Order, Seen, SortColumn, SortKind, Tx, table};
use crate::error::{At, Error, Result, Rule};
use crate::id::Kind;

table!(agenda_item, visible, versioned, beside(meeting_id): visible_beside);

/// Presenters, reached through their item.
pub mod presenters {
    crate::db::table!(presenter, crate::db::visible::with_parent);
}

/// As its meeting: whoever has a seat, also in another group of a joint meeting; what was published.
/// Items of a draft: who may see drafts.
fn visible(scope: &Scope, alias: &str) -> Condition {
    open(scope, alias).add(not_of_a_draft(scope, alias))
}

/// The same beside the meeting.
fn visible_beside(scope: &Scope, alias: &str, meeting: &str) -> Condition {
    open(scope, alias).add(beside_no_draft(scope, alias, meeting))
}

fn open(scope: &Scope, alias: &str) -> Condition {
    let joint = joint(scope, &scope.reach(Action::MeetingRead), alias, "meeting_id");
    Condition::all().add(Condition::any().add(content(scope, Action::MeetingRead, alias)).add(joint))
}

/// In the order of the agenda.
pub fn by_position() -> Order {
    Order(vec![(SortColumn { name: "position", kind: SortKind::Number }, Direction::Ascending)])
}

/// In the order in which they were entered.
pub fn as_entered() -> Order {
    Order(vec![(SortColumn { name: "created_at", kind: SortKind::Instant }, Direction::Ascending)])
}

/// The meeting of an item. Unseen and unlocked: the meeting is locked before its items, always, or two
/// writers wait for each other.
pub async fn meeting_of(tx: &Tx, item: Uuid) -> Result<Option<Uuid>> {
    let select = Entity::find_by_id(item).select_only().column(Column::MeetingId);
    Ok(select.into_tuple().one(tx.conn()).await?)
}

/// Kinds and states of a meeting's items, whatever the viewer sees of them.
pub async fn outline(tx: &Tx, meeting: Uuid) -> Result<Vec<(AgendaItemKind, AgendaItemStatus)>> {
    let items = Entity::find().filter(Column::MeetingId.eq(meeting)).all(tx.conn()).await?;
    Ok(items.into_iter().map(|i| (i.kind, i.status)).collect())
}

/// The agenda as it goes out with the invitation: without what was withdrawn, and without points kept
/// for a narrower circle than the meeting.
pub async fn as_invited(tx: &Tx, meeting: &meeting::Model) -> Result<String> {
    let items = Entity::find()
        .filter(Column::MeetingId.eq(meeting.id))
        .filter(Column::Status.ne(AgendaItemStatus::Withdrawn))
        .order_by_asc(Column::Position)
        .all(tx.conn())
        .await?;
    let sent = |i: &&Model| i.visibility <= meeting.visibility && i.sensitivity <= meeting.sensitivity;
    Ok(invited::written(items.iter().filter(sent)))
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

/// Enters an item with its presenters. `action`: AGENDA_WRITE, or AGENDA_PROPOSE.
pub async fn create(
    tx: &Tx,
    permit: &Permit,
    action: Action,
    row: Model,
    presenters: Vec<presenter::Model>,
) -> Result<()> {
    permit.covers(action, Some(row.group_id))?;
    tx.insert(row).await.at("id")?;
    tx.insert_all(presenters).await
}

/// Writes the presenters of an item anew.
pub async fn set_presenters(tx: &Tx, item: Uuid, presenters: Vec<presenter::Model>) -> Result<()> {
    tx.clear::<presenter::Entity>(presenter::Column::AgendaItemId, item).await?;
    tx.insert_all(presenters).await
}

/// The tables whose rows may belong to an item and carry the effective values.
const BELONGING: [&str; 5] = ["recommendation", "follow_up", "review", "announcement", "document"];

/// Changes an item. What belongs to it follows where the item has become tighter.
pub async fn update(tx: &Tx, permit: &Permit, seen: &Seen<Model>, row: Model) -> Result<Change> {
    permit.covers(Action::AgendaWrite, Some(seen.group_id))?;
    if row.continues_id != seen.continues_id {
        goes_back(tx, seen.id, row.continues_id).await.at("continues")?;
    }
    let (visibility, sensitivity) = (row.visibility, row.sensitivity);
    tx.save(seen, row).await?;
    if visibility > seen.visibility || sensitivity > seen.sensitivity {
        for table in BELONGING {
            tx.tighten(table, "agenda_item_id", seen.id, visibility, sensitivity).await?;
        }
    }
    Ok(changed("agendaItemUpdate", seen))
}

fn changed(mutation: &'static str, item: &Model) -> Change {
    Change::new(mutation, Kind::AgendaItem, item.id).in_group(item.group_id, item.operation_id)
}

/// Takes a step. `row`: the item with what the step changes besides its status.
pub async fn step(
    tx: &Tx,
    permit: &Permit,
    (seen, meeting): (&Seen<Model>, &meeting::Model),
    step: Step,
    row: Model,
) -> Result<Change> {
    permit.covers(Action::AgendaWrite, Some(seen.group_id))?;
    let (name, to) = rules::step(step, seen.status, meeting.status)?;
    // what belongs to another outcome goes with it
    let deferred_to_id = row.deferred_to_id.filter(|_| to == AgendaItemStatus::Deferred);
    let offline_channel = row.offline_channel.filter(|_| to == AgendaItemStatus::MovedOffline);
    let note = row.status_note.clone();
    tx.save(seen, Model { status: to, deferred_to_id, offline_channel, ..row }).await?;
    Ok(changed(name, seen).step(seen.status.word(), to.word()).because(note))
}

/// The item of a meeting that continues this one, if there is one.
pub async fn continuation(tx: &Tx, item: Uuid, meeting: Uuid) -> Result<Option<Uuid>> {
    let found = Entity::find()
        .filter(Column::ContinuesId.eq(item))
        .filter(Column::MeetingId.eq(meeting))
        .one(tx.conn())
        .await?;
    Ok(found.map(|i| i.id))
}

/// While items move, those in between stand beyond every real position: no two share one at any moment.
const AWAY: i32 = 1_000_000;

/// Moves an item to another position; those in between close up.
pub async fn move_to(tx: &Tx, permit: &Permit, seen: &Seen<Model>, to: i32) -> Result<Change> {
    permit.covers(Action::AgendaWrite, Some(seen.group_id))?;
    let from = seen.position;
    if to < 1 || to >= next_position(tx, seen.meeting_id).await? {
        return Err(Error::rule(Rule::OutOfRange).at("position"));
    }
    let between = if from < to { (from, to) } else { (to, from) };
    shift(tx, seen.meeting_id, between, AWAY).await?;
    shift(tx, seen.meeting_id, (from + AWAY, from + AWAY), to - from - AWAY).await?;
    let step = if to < from { 1 } else { -1 };
    shift(tx, seen.meeting_id, (AWAY, i32::MAX), step - AWAY).await?;
    stamp(tx, seen.meeting_id, between).await?;
    Ok(changed("agendaItemMove", seen))
}

/// Makes room for a new item at a position.
pub async fn make_room(tx: &Tx, meeting: Uuid, at: i32) -> Result<()> {
    let next = next_position(tx, meeting).await?;
    if at < 1 || at > next {
        return Err(Error::rule(Rule::OutOfRange).at("position"));
    }
    if at < next {
        shift(tx, meeting, (at, next), AWAY).await?;
        shift(tx, meeting, (AWAY, i32::MAX), 1 - AWAY).await?;
        stamp(tx, meeting, (at + 1, next)).await?;
    }
    Ok(())
}

async fn shift(tx: &Tx, meeting: Uuid, (first, last): (i32, i32), by: i32) -> Result<()> {
    let update = Query::update()
        .table(Entity)
        .value(Column::Position, Expr::col(Column::Position).add(by))
        .and_where(Column::MeetingId.eq(meeting))
        .and_where(Column::Position.between(first, last))
        .take();
    tx.conn().execute_raw(tx.conn().get_database_backend().build(&update)).await?;
    Ok(())
}

/// The items at these positions have changed.
async fn stamp(tx: &Tx, meeting: Uuid, (first, last): (i32, i32)) -> Result<()> {
    let update = Query::update()
        .table(Entity)
        .value(Column::Version, Expr::col(Column::Version).add(1))
        .value(Alias::new("updated_at"), tx.now())
        .and_where(Column::MeetingId.eq(meeting))
        .and_where(Column::Position.between(first, last))
        .take();
    tx.conn().execute_raw(tx.conn().get_database_backend().build(&update)).await?;
    Ok(())
}

/// Refuses that an item continues itself, directly or by way of others.
async fn goes_back(tx: &Tx, item: Uuid, continues: Option<Uuid>) -> Result<()> {
    let mut earlier = continues;
    for _ in 0..256 {
        match earlier {
            None => return Ok(()),
            Some(id) if id == item => break,
            Some(id) => earlier = Entity::find_by_id(id).one(tx.conn()).await?.and_then(|i| i.continues_id),
        }
    }
    Err(Error::rule(Rule::Circular))
}
