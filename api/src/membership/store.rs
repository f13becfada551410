//! The only SQL for memberships.

mod many;

use chrono::NaiveDate;
use entity::coordination_group;
use entity::enums::{HandoverState, MembershipRole};
use entity::membership::{Column, Entity, Model};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

pub use many::{Batch, of_person, write};

use super::rules;
use crate::auth::policy::Right;
use crate::auth::{Action, Permit, Scope};
use crate::db::visible::{active, among, among_those, col, nothing};
use crate::db::{Change, Direction, MAIN, Order, Row, Seen, SortColumn, SortKind, Tx, Where, table};
use crate::error::{At, Error, Result, Rule, Why};
use crate::group;
use crate::id::{self, Kind};
use crate::text::fold;

table!(membership, visible, versioned);

/// Who leads, of every group one may see; one's own seats; the rest by [`inside`].
fn visible(scope: &Scope, alias: &str) -> Condition {
    if scope.reach(Action::MembershipRead).everywhere {
        return Condition::all();
    }
    let of_group = Condition::all().add((coordination_group::Model::table().visible)(scope, "lg"));
    let leads = active(scope, alias)
        .add(
            col(alias, "role")
                .is_in([MembershipRole::Lead, MembershipRole::CoLead].map(MembershipRole::word)),
        )
        .add(col(alias, "organisation_id").is_not_null())
        .add(among_those(alias, "group_id", "coordination_group", "lg", "id", of_group));
    inside(scope, alias).add(leads)
}

/// The rows of which the viewer sees more than that they lead: one's own; those with an organisation
/// of the groups that one observes; all of the groups and operations that one belongs to.
fn inside(scope: &Scope, alias: &str) -> Condition {
    let reach = scope.reach(Action::MembershipRead);
    if reach.everywhere {
        return Condition::all();
    }
    let seats = [reach.officer_of, reach.member_of, reach.observer_of].concat();
    let observed = scope.groups_with(Action::MembershipRead, Right::Orgs);
    let mut any = Condition::any()
        .add(nothing())
        .add(among(scope, alias, "group_id", &seats))
        .add(among(scope, alias, "group_id", &observed).add(col(alias, "organisation_id").is_not_null()));
    if !reach.manager_of.is_empty() {
        let managed = among(scope, "mg", "operation_id", &reach.manager_of);
        any = any.add(among_those(alias, "group_id", "coordination_group", "mg", "id", managed));
    }
    match scope.actor().person_id {
        Some(me) => any.add(col(alias, "person_id").eq(me)),
        None => any,
    }
}

/// The same for a row in memory: decides about its handover. `operation`: the group's, if it is seen.
#[must_use]
pub fn is_inside(scope: &Scope, row: &Model, operation: Option<Uuid>) -> bool {
    sees_notes(scope, row, operation)
        || scope.groups_with(Action::MembershipRead, Right::Orgs).contains(&row.group_id)
}

/// Whether the viewer reads free text about the seat, which may name people: not observers.
#[must_use]
pub fn sees_notes(scope: &Scope, row: &Model, operation: Option<Uuid>) -> bool {
    let mine = scope.actor().person_id.is_some_and(|me| row.person_id == Some(me));
    mine || scope.may_read(Action::MembershipRead, row.group_id, operation, None)
}

/// Columns that lists may be ordered by.
pub const ROLE: SortColumn = SortColumn { name: "role", kind: SortKind::Text };
/// Since when it holds.
pub const SINCE: SortColumn = SortColumn { name: "since", kind: SortKind::Date };
/// The first day on which it holds no more.
pub const UNTIL: SortColumn = SortColumn { name: "until", kind: SortKind::Date };
/// When it was entered.
pub const CREATED: SortColumn = SortColumn { name: "created_at", kind: SortKind::Instant };
/// When it was last changed.
pub const UPDATED: SortColumn = SortColumn { name: "updated_at", kind: SortKind::Instant };

/// By the word of the role, then the longest holding first.
pub fn by_role() -> Order {
    Order(vec![(ROLE, Direction::Ascending), (SINCE, Direction::Ascending)])
}

/// LEAD before CO_LEAD, then the longest holding first.
pub fn lead_first() -> Order {
    Order(vec![(ROLE, Direction::Descending), (SINCE, Direction::Ascending)])
}

/// Those that hold on a day.
pub fn active_on(day: NaiveDate) -> Where {
    Where::all([
        Where::any([Where::is_null("since", true), Where::lte("since", day)]),
        Where::any([Where::is_null("until", true), Where::gt("until", day)]),
    ])
}

/// Those of which the viewer sees more than that they lead.
pub fn seen_inside(scope: &Scope) -> Where {
    inside(scope, MAIN).into()
}

/// Those in groups that meet a condition, which is about the table of groups, or in their sub-groups, at whatever
/// depth.
pub fn in_family(scope: &Scope, groups: &Where) -> Where {
    group::family(scope, MAIN, "group_id", groups).into()
}

/// Those in groups that meet a condition, which is about the table of groups.
pub fn in_groups(scope: &Scope, groups: &Where) -> Where {
    let seen = (coordination_group::Model::table().visible)(scope, MAIN);
    // the inner alias hides the outer one of the same name: the condition is about the inner one
    let chosen = Condition::all().add(groups.condition()).add(seen);
    Condition::all().add(among_those(MAIN, "group_id", "coordination_group", MAIN, "id", chosen)).into()
}

/// A seat of which no more is known than who holds it.
pub fn blank(
    tx: &Tx,
    group: Uuid,
    role: MembershipRole,
    person: Option<Uuid>,
    organisation: Option<Uuid>,
) -> Model {
    Model {
        id: id::new(),
        group_id: group,
        organisation_id: organisation,
        person_id: person,
        role,
        role_title: None,
        since: None,
        until: None,
        funded_by_id: None,
        is_dedicated: None,
        topic: None,
        topic_folded: None,
        represents: None,
        verified_on: None,
        note: None,
        handover_state: HandoverState::None,
        handover_successor_id: None,
        handover_supporter_id: None,
        handover_meeting_id: None,
        handover_note: None,
        created_at: tx.now(),
        updated_at: tx.now(),
        version: 1,
    }
}

/// Gives a seat. `action` is the right that the role needs, `operation` the group's.
pub async fn create(tx: &Tx, permit: &Permit, action: Action, row: Model, operation: Uuid) -> Result<Change> {
    permit.covers(action, Some(row.group_id))?;
    one_open_seat(tx, &row).await?;
    let (id, group, role) = (row.id, row.group_id, row.role);
    tx.insert(folded(row)).await.at("id")?;
    Ok(Change::new("membershipCreate", Kind::Membership, id)
        .in_group(group, operation)
        .detail(serde_json::json!({ "role": role.word() })))
}

/// Changes a seat. `action` is the right that the role as it was needs.
pub async fn update(
    tx: &Tx,
    permit: &Permit,
    action: Action,
    seen: &Seen<Model>,
    row: Model,
    group: &coordination_group::Model,
) -> Result<Change> {
    permit.covers(action, Some(seen.group_id))?;
    one_open_seat(tx, &row).await?;
    keeps_coordinator(tx, seen, &row, group).await?;
    let role = (row.role != seen.role).then(|| row.role.word());
    tx.save(seen, folded(row)).await?;
    let change = Change::new("membershipUpdate", Kind::Membership, seen.id);
    let change = change.in_group(seen.group_id, group.operation_id);
    Ok(match role {
        Some(role) => change.detail(serde_json::json!({ "role": role, "roleBefore": seen.role.word() })),
        None => change,
    })
}

/// Ends a seat on a day.
pub async fn end(
    tx: &Tx,
    permit: &Permit,
    seen: &Seen<Model>,
    on: NaiveDate,
    group: &coordination_group::Model,
    reason: Option<String>,
) -> Result<Change> {
    permit.covers(Action::MembershipEnd, Some(seen.group_id))?;
    let row = Model { until: Some(on), ..Model::clone(seen) };
    keeps_coordinator(tx, seen, &row, group).await?;
    tx.save(seen, row).await?;
    Ok(Change::new("membershipEnd", Kind::Membership, seen.id)
        .in_group(seen.group_id, group.operation_id)
        .because(reason)
        .detail(serde_json::json!({ "role": seen.role.word(), "until": on })))
}

/// Takes a step of a handover. `row` is the seat after it, `successor` the new seat of the last step.
pub async fn hand_over(
    tx: &Tx,
    permit: &Permit,
    action: Action,
    seen: &Seen<Model>,
    row: Model,
    successor: Option<Model>,
    change: Change,
) -> Result<Change> {
    permit.covers(action, Some(seen.group_id))?;
    let change = change.step(seen.handover_state.word(), row.handover_state.word());
    tx.save(seen, row).await?;
    let Some(successor) = successor else { return Ok(change) };
    one_open_seat(tx, &successor).await.at("successor")?;
    // one record for the step: it names the other seat that came with it
    let change = change.detail(serde_json::json!({ "successor": Kind::Membership.id(successor.id) }));
    tx.insert(folded(successor)).await?;
    Ok(change)
}

/// A seat of a person in a group, of this role if one is given, that holds or will hold.
pub async fn held(tx: &Tx, group: Uuid, role: Option<MembershipRole>, person: Uuid) -> Result<Option<Uuid>> {
    let mut seats = not_ended(tx).filter(Column::GroupId.eq(group)).filter(Column::PersonId.eq(person));
    if let Some(role) = role {
        seats = seats.filter(Column::Role.eq(role));
    }
    Ok(seats.one(tx.conn()).await?.map(|seat| seat.id))
}

/// The group of a seat that was seen: who sees a seat may act on it as its group allows.
pub async fn group_of(tx: &Tx, seat: &Seen<Model>) -> Result<coordination_group::Model> {
    let group = coordination_group::Entity::find_by_id(seat.group_id).lock_exclusive().one(tx.conn()).await?;
    group.ok_or(Error::Internal)
}

/// The seats of a person that hold or will hold, with their groups. Unseen: for what is decided about
/// somebody, not for what is shown.
pub async fn seats_of(tx: &Tx, person: Uuid) -> Result<Vec<(Model, coordination_group::Model)>> {
    let mut seats = Vec::new();
    for seat in not_ended(tx).filter(Column::PersonId.eq(person)).all(tx.conn()).await? {
        let group = coordination_group::Entity::find_by_id(seat.group_id).one(tx.conn()).await?;
        seats.extend(group.map(|group| (seat, group)));
    }
    Ok(seats)
}

fn not_ended(tx: &Tx) -> sea_orm::Select<Entity> {
    let today = tx.now().date_naive();
    Entity::find().filter(Condition::any().add(Column::Until.is_null()).add(Column::Until.gt(today)))
}

fn folded(row: Model) -> Model {
    Model { topic_folded: row.topic.as_deref().map(fold), ..row }
}

/// Refuses a second open seat of the same holder in the same role, for the same topic. The unique
/// indexes say the same; this says it before a client-made id is blamed.
async fn one_open_seat(tx: &Tx, row: &Model) -> Result<()> {
    if row.until.is_some() {
        return Ok(());
    }
    let is = |column: Column, id: Option<Uuid>| id.map_or_else(|| column.is_null(), |id| column.eq(id));
    let same = Entity::find()
        .filter(Column::GroupId.eq(row.group_id))
        .filter(Column::Role.eq(row.role))
        .filter(is(Column::PersonId, row.person_id))
        .filter(is(Column::OrganisationId, row.organisation_id))
        .filter(Column::Until.is_null())
        .filter(Column::Id.ne(row.id))
        .all(tx.conn())
        .await?;
    if same.iter().any(|other| other.topic == row.topic) {
        Err(Error::refused(Why::Duplicate))
    } else {
        Ok(())
    }
}

/// Refuses what leaves a working group without a coordinator. The group was seen in this
/// transaction, hence locked: of two coordinators who leave at once, one stays.
async fn keeps_coordinator(
    tx: &Tx,
    before: &Model,
    after: &Model,
    group: &coordination_group::Model,
) -> Result<()> {
    if group.status == entity::enums::GroupStatus::Deactivated {
        return Ok(());
    }
    let Some(gone) = rules::stops_coordinating(before, after, tx.now().date_naive()) else { return Ok(()) };
    let others = Entity::find()
        .filter(Column::GroupId.eq(before.group_id))
        .filter(Column::Id.ne(before.id))
        .filter(Column::Role.is_in([MembershipRole::Coordinator, MembershipRole::CoCoordinator]))
        .all(tx.conn())
        .await?;
    if others.iter().any(|other| rules::coordinates_on(other, gone)) {
        return Ok(());
    }
    Err(Error::rule(Rule::LastCoordinator).at("id"))
}
