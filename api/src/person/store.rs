//! The only SQL for people, their contact points and with whom these are shared.

mod directory;

mod erase;
mod export;
mod subject;
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::enums::ContactKind;
use entity::person::Model;
use entity::{contact_point, contact_share, coordination_group, membership};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;

pub use directory::{Sought, enter, sought, with_addresses};

pub use self::erase::{Replayed, erase, ledger, replay};
pub use self::export::{Rows, everything, names};
use super::rules::{self, Point};
use crate::auth::policy::Right;
use crate::auth::{Action, Permit, Scope, Target};
use crate::db::visible::{active, among, among_those, col, nothing, when_related};
use crate::db::{Change, Direction, MAIN, Order, Row, Seen, SortColumn, SortKind, Tx, Where, table};
use crate::error::{At, Error, Result, Rule, Why};
use crate::id::{self, Kind};
use crate::merge::{self, Holder};
use crate::text::fold;

table!(person, visible, versioned, merged: merged_into_id);

/// Contact points have a visibility of their own.
pub mod contact {
    crate::db::table!(contact_point, super::contact_visible);
}

/// With which groups a contact point is shared.
pub mod share {
    crate::db::table!(contact_share, super::share_visible);
}

/// Everybody for officers of any group, operation managers and administrators; for the others
/// themselves, and whoever has a seat today in a group in which they have one.
fn visible(scope: &Scope, alias: &str) -> Condition {
    let reach = scope.reach(Action::PersonReadName);
    if reach.everywhere || !reach.manager_of.is_empty() || !reach.officer_of.is_empty() {
        return Condition::all();
    }
    let mut any = Condition::any().add(nothing());
    if let Some(myself) = scope.actor().person_id {
        any = any.add(col(alias, "id").eq(myself));
    }
    let groups = scope.groups_with(Action::PersonReadName, Right::Shared);
    if !groups.is_empty() {
        let shared = active(scope, "pm").add(among(scope, "pm", "group_id", &groups));
        any = any.add(when_related("membership", "pm", "person_id", alias, "id", shared));
    }
    // who asks for a seat, to the focal points who may give it
    let asked = scope.groups_with(Action::MembershipGrantMember, Right::Own);
    if !asked.is_empty() {
        let ours: Vec<Uuid> = scope.actor().organisations().into_iter().collect();
        let pending = among(scope, "pr", "group_id", &asked)
            .add(among(scope, "pr", "organisation_id", &ours))
            .add(col("pr", "status").eq(entity::enums::RequestStatus::Pending.word()));
        any = any.add(when_related("membership_request", "pr", "person_id", alias, "id", pending));
    }
    any
}

/// A person's own; those of the people of one's groups, for officers; those that the person shares with
/// a group, for its members. Administrators see none of them.
fn contact_visible(scope: &Scope, alias: &str) -> Condition {
    let mut any = Condition::any().add(nothing());
    let covered = scope.actor().covers(Action::PersonReadContact);
    if let Some(myself) = scope.actor().person_id.filter(|_| covered) {
        any = any.add(col(alias, "person_id").eq(myself));
    }
    let officer_of = scope.reach(Action::PersonReadContact).officer_of;
    if !officer_of.is_empty() {
        let seated = active(scope, "cm").add(among(scope, "cm", "group_id", &officer_of));
        any = any.add(when_related("membership", "cm", "person_id", alias, "person_id", seated));
    }
    let opted = scope.groups_with(Action::PersonReadContact, Right::Opted);
    if !opted.is_empty() {
        let shared = among(scope, "cs", "group_id", &opted);
        any = any.add(when_related("contact_share", "cs", "contact_point_id", alias, "id", shared));
    }
    any
}

/// With whom a person shares is the person's own business, and that of the groups that it is shared
/// with.
fn share_visible(scope: &Scope, alias: &str) -> Condition {
    let groups: BTreeSet<Uuid> = scope.actor().seats.iter().map(|s| s.group_id).collect();
    let mut any =
        Condition::any().add(among(scope, alias, "group_id", &groups.into_iter().collect::<Vec<_>>()));
    if let Some(myself) = scope.actor().person_id {
        let own = Condition::all().add(col("sc", "person_id").eq(myself));
        any = any.add(when_related("contact_point", "sc", "id", alias, "contact_point_id", own));
    }
    any
}

/// What a write about a person is about: no group, only the person and their organisation.
#[must_use]
pub fn target(person: &Model) -> Target {
    Target {
        people: vec![person.id],
        organisations: person.organisation_id.into_iter().collect(),
        ..Target::default()
    }
}

/// By name, without case and accents.
pub const NAME: SortColumn = SortColumn { name: "name_folded", kind: SortKind::Text };
/// When they were entered.
pub const CREATED: SortColumn = SortColumn { name: "created_at", kind: SortKind::Instant };
/// When they were last changed.
pub const UPDATED: SortColumn = SortColumn { name: "updated_at", kind: SortKind::Instant };
/// The order in which contact points were given.
pub const POSITION: SortColumn = SortColumn { name: "position", kind: SortKind::Number };
/// Since when a seat is held.
pub const SINCE: SortColumn = SortColumn { name: "since", kind: SortKind::Date };

/// By name.
pub fn by_name() -> Order {
    Order(vec![(NAME, Direction::Ascending)])
}

/// The person with this id, or the one into whom they were merged.
pub fn with_id(person: Uuid) -> Where {
    Where::standing_for("person", Condition::all().add(col("x", "id").eq(person)))
}

/// Whoever has this e-mail address among the contact points that the viewer may see.
pub fn with_email(scope: &Scope, email: &str) -> Where {
    let known = Condition::all()
        .add(col("c", "kind").eq(ContactKind::Email.word()))
        .add(col("c", "value").eq(rules::address(email)))
        .add(contact_visible(scope, "c"));
    Condition::all().add(among_those(MAIN, "id", "contact_point", "c", "person_id", known)).into()
}

/// Whoever has a seat in this group today, of those that the viewer may see.
pub fn seated_in(scope: &Scope, group: Uuid) -> Where {
    let seated = active(scope, "ps")
        .add(col("ps", "group_id").eq(group))
        .add((membership::Model::table().visible)(scope, "ps"));
    Condition::all().add(among_those(MAIN, "id", "membership", "ps", "person_id", seated)).into()
}

/// The organisation of a person, seen or not: decides who may give them a seat, and is not shown.
pub async fn organisation_of(tx: &Tx, person: Uuid) -> Result<Option<Uuid>> {
    let row = entity::person::Entity::find_by_id(person).one(tx.conn()).await?;
    Ok(row.and_then(|p| p.organisation_id))
}

/// A new person of this name and organisation.
#[must_use]
pub(crate) fn new_row(
    now: DateTime<Utc>,
    id: Uuid,
    display_name: String,
    organisation_id: Option<Uuid>,
) -> Model {
    Model {
        id,
        name_folded: fold(&display_name),
        display_name,
        organisation_id,
        job_title: None,
        merged_into_id: None,
        erased_at: None,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

/// Enters somebody who accepted an invitation.
pub async fn join(tx: &Tx, display_name: &str, organisation: Option<Uuid>) -> Result<Uuid> {
    let id = id::new();
    tx.insert(new_row(tx.now(), id, display_name.to_owned(), organisation)).await?;
    Ok(id)
}

/// Enters a person.
pub async fn create(tx: &Tx, permit: &Permit, row: Model) -> Result<Change> {
    permit.covers(Action::PersonCreate, None)?;
    let id = row.id;
    tx.insert(row).await.at("id")?;
    Ok(Change::new("personCreate", Kind::Person, id))
}

/// Changes a person.
pub async fn update(tx: &Tx, permit: &Permit, seen: &Seen<Model>, row: Model) -> Result<Change> {
    permit.covers(Action::PersonUpdate, None)?;
    merge::standing(seen.merged_into_id).at("id")?;
    rules::not_erased(seen.erased_at.is_some()).at("id")?;
    tx.save(seen, Model { name_folded: fold(&row.display_name), ..row }).await?;
    Ok(Change::new("personUpdate", Kind::Person, seen.id))
}

/// Writes the contact points of a person anew, as far as the viewer sees them: what is hidden from the
/// viewer stays as it is. Nobody but the person shares them with more groups.
pub async fn set_contact_points(tx: &Tx, person: Uuid, points: &[Point]) -> Result<()> {
    use contact_point::{Column, Entity};
    rules::sound(points)?;
    let of_person = || Entity::find().filter(Column::PersonId.eq(person));
    let all = of_person().all(tx.conn()).await?;
    let seen = of_person().filter(contact_visible(tx.scope(), "contact_point")).all(tx.conn()).await?;
    let same = |row: &contact_point::Model, point: &Point| row.kind == point.kind && row.value == point.value;
    let is_own = tx.actor().person_id == Some(person);
    for row in seen.iter().filter(|row| !points.iter().any(|p| same(row, p))) {
        remove_contact_point(tx, row.id).await?;
    }
    for (position, point) in (1..).zip(points) {
        let wanted = point.groups.as_deref();
        let path = format!("contactPoints.{}", position - 1);
        if let Some(row) = seen.iter().find(|row| same(row, point)) {
            Entity::update_many()
                .col_expr(Column::Label, Expr::value(point.label.clone()))
                .col_expr(Column::Position, Expr::value(position))
                .filter(Column::Id.eq(row.id))
                .exec(tx.conn())
                .await?;
            set_shares(tx, row.id, is_own, wanted).await.at("sharedWith").at(&path)?;
        } else if !all.iter().any(|row| same(row, point)) {
            let id = id::new();
            let (kind, value, label) = (point.kind, point.value.clone(), point.label.clone());
            tx.insert(contact_point::Model { id, person_id: person, kind, value, label, position }).await?;
            set_shares(tx, id, is_own, wanted).await.at("sharedWith").at(&path)?;
        }
    }
    Ok(())
}

/// What a person shares with a group from now on: these contact points, and none of their others.
pub async fn share(
    tx: &Tx,
    permit: &Permit,
    seen: &Seen<Model>,
    group: &coordination_group::Model,
    keys: &[(ContactKind, String)],
) -> Result<Change> {
    permit.covers(Action::PersonUpdate, None)?;
    merge::standing(seen.merged_into_id)?;
    rules::not_erased(seen.erased_at.is_some())?;
    let points = contact_point::Entity::find().filter(contact_point::Column::PersonId.eq(seen.id));
    let points = points.all(tx.conn()).await?;
    for (number, (kind, value)) in keys.iter().enumerate() {
        if !points.iter().any(|p| p.kind == *kind && p.value == *value) {
            return Err(Error::rule(Rule::UnknownContactPoint).at(&format!("contactPoints.{number}")));
        }
    }
    for point in &points {
        use contact_share::{Column, Entity, Model};
        let of_point = Entity::find().filter(Column::ContactPointId.eq(point.id));
        let shared = of_point.filter(Column::GroupId.eq(group.id)).one(tx.conn()).await?;
        let wanted = keys.iter().any(|(kind, value)| point.kind == *kind && point.value == *value);
        match shared {
            None if wanted => {
                tx.insert(Model { id: id::new(), contact_point_id: point.id, group_id: group.id }).await?;
            }
            Some(share) if !wanted => tx.clear::<Entity>(Column::Id, share.id).await?,
            _ => {}
        }
    }
    tx.save(seen, Model::clone(seen)).await?;
    Ok(Change::new("contactSharingSet", Kind::Person, seen.id).in_group(group.id, group.operation_id))
}

/// Shares a contact point with these groups, and no longer with others that the viewer sees.
async fn set_shares(tx: &Tx, point: Uuid, is_own: bool, wanted: Option<&[Uuid]>) -> Result<()> {
    use contact_share::{Column, Entity, Model};
    let Some(groups) = wanted else { return Ok(()) };
    let of_point = || Entity::find().filter(Column::ContactPointId.eq(point));
    let seen = of_point().filter(share_visible(tx.scope(), "contact_share")).all(tx.conn()).await?;
    let gone: Vec<Uuid> = seen.iter().filter(|s| !groups.contains(&s.group_id)).map(|s| s.id).collect();
    Entity::delete_many().filter(Column::Id.is_in(gone)).exec(tx.conn()).await?;
    let shared: BTreeSet<Uuid> = of_point().all(tx.conn()).await?.iter().map(|s| s.group_id).collect();
    rules::own_choice(is_own, &shared.iter().copied().collect::<Vec<_>>(), groups)?;
    let wanted: BTreeSet<Uuid> = groups.iter().copied().collect();
    let new = wanted.difference(&shared);
    tx.insert_all(new.map(|g| Model { id: id::new(), contact_point_id: point, group_id: *g }).collect()).await
}

async fn remove_contact_point(tx: &Tx, point: Uuid) -> Result<()> {
    tx.clear::<contact_share::Entity>(contact_share::Column::ContactPointId, point).await?;
    tx.clear::<contact_point::Entity>(contact_point::Column::Id, point).await
}

/// Merges one person into another. The merged row stays, without contacts: its id leads on.
pub async fn merge_into(
    tx: &Tx,
    permit: &Permit,
    from: &Seen<Model>,
    into: &Seen<Model>,
    reason: Option<String>,
) -> Result<Change> {
    permit.covers(Action::PersonMerge, None)?;
    if from.id == into.id || into.merged_into_id == Some(from.id) {
        return Err(Error::rule(Rule::Circular).at("into"));
    }
    rules::not_oneself(tx.actor().person_id, from.id, into.id)?;
    for (person, field) in [(from, "from"), (into, "into")] {
        merge::standing(person.merged_into_id).at(field)?;
        rules::not_erased(person.erased_at.is_some()).at(field)?;
    }
    if merge::store::both_have_accounts(tx, from.id, into.id).await? {
        return Err(Error::refused(Why::Duplicate).at("from"));
    }
    let ended = merge::store::end_doubled_seats(tx, Holder::Person, from.id, into.id).await?;
    let dropped = merge::store::drop_doubled_answers(tx, Holder::Person, from.id, into.id).await?;
    merge::store::withdraw_doubled_requests(tx, from.id, into.id).await?;
    let contacts = take_contact_points(tx, from.id, into.id).await?;
    let moved = merge::store::repoint(tx, merge::TO_PEOPLE, from.id, into.id).await?;
    tx.save(into, Model::clone(into)).await?;
    tx.save(from, Model { merged_into_id: Some(into.id), ..Model::clone(from) }).await?;
    let detail = json!({
        "into": Kind::Person.id(into.id),
        "moved": moved,
        "contactPointsTaken": contacts,
        "membershipsEnded": ended,
        "responsesDropped": dropped,
    });
    Ok(Change::new("personMerge", Kind::Person, from.id)
        .step(None, "MERGED".to_owned())
        .because(reason)
        .detail(detail))
}

/// The contact points of the one become those of the other; how many. What both have is shared with the
/// groups of both.
async fn take_contact_points(tx: &Tx, from: Uuid, into: Uuid) -> Result<usize> {
    use contact_point::{Column, Entity};
    let of = |person: Uuid| Entity::find().filter(Column::PersonId.eq(person)).order_by_asc(Column::Position);
    let (theirs, ours) = (of(from).all(tx.conn()).await?, of(into).all(tx.conn()).await?);
    let last = ours.iter().map(|p| p.position).max().unwrap_or_default();
    let mut taken = 0;
    for (position, point) in (last + 1..).zip(theirs) {
        if let Some(ours) = ours.iter().find(|p| p.kind == point.kind && p.value == point.value) {
            take_shares(tx, point.id, ours.id).await?;
            remove_contact_point(tx, point.id).await?;
            continue;
        }
        Entity::update_many()
            .col_expr(Column::PersonId, Expr::value(into))
            .col_expr(Column::Position, Expr::value(position))
            .filter(Column::Id.eq(point.id))
            .exec(tx.conn())
            .await?;
        taken += 1;
    }
    Ok(taken)
}

async fn take_shares(tx: &Tx, from: Uuid, into: Uuid) -> Result<()> {
    use contact_share::{Column, Entity, Model};
    let of = |point: Uuid| Entity::find().filter(Column::ContactPointId.eq(point));
    for share in of(from).all(tx.conn()).await? {
        if of(into).filter(Column::GroupId.eq(share.group_id)).count(tx.conn()).await? == 0 {
            tx.insert(Model { id: id::new(), contact_point_id: into, group_id: share.group_id }).await?;
        }
    }
    Ok(())
}
