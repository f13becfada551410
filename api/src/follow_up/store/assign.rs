//! Who is to do it, and what they report.

use std::collections::BTreeSet;

use entity::enums::{AssignmentPart, AssignmentState, FollowUpStatus, MembershipRole};
use entity::follow_up::Model;
use entity::{assignment, assignment_response, follow_up_update, membership};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::super::rules;
use super::{changed, stepped};
use crate::auth::{Action, Permit, Target};
use crate::db::{Change, Seen, Tx};
use crate::error::{Error, Result};
use crate::id::{self, Kind};

/// One assignee: exactly one of person, organisation, group, role in a group, or the text.
#[derive(Clone, Debug)]
pub struct Assignee {
    /// Responsible, or in support.
    pub part: AssignmentPart,
    /// As written.
    pub written_as: Option<String>,
    /// Whether who is meant was inferred.
    pub is_inferred: bool,
    /// A person.
    pub person: Option<Uuid>,
    /// An organisation.
    pub organisation: Option<Uuid>,
    /// Every member of a group; with `role`, whoever holds it there.
    pub group: Option<Uuid>,
    /// A role in the group.
    pub role: Option<MembershipRole>,
}

/// Writes the assignments of a new follow-up.
pub async fn set_assignments(tx: &Tx, follow_up: Uuid, assignees: &[Assignee]) -> Result<()> {
    let mut rows = Vec::new();
    for (position, assignee) in (1..).zip(assignees) {
        rows.push(assignment::Model {
            id: id::new(),
            follow_up_id: follow_up,
            position,
            part: assignee.part,
            written_as: assignee.written_as.clone(),
            is_inferred: assignee.is_inferred,
            person_id: assignee.person,
            organisation_id: assignee.organisation,
            group_id: assignee.group,
            role: assignee.role,
            state: AssignmentState::Pending,
            response: None,
            responded_on: None,
        });
    }
    tx.insert_all(rows).await
}

/// Assigns anew; counted. Who stays keeps state and response, collective answers included.
pub async fn reassign(
    tx: &Tx,
    permit: &Permit,
    seen: &Seen<Model>,
    assignees: &[Assignee],
    reason: Option<String>,
) -> Result<Change> {
    permit.covers(Action::FollowUpWrite, Some(seen.group_id))?;
    rules::still_open(seen.status)?;
    let old = of(tx, seen.id).await?;
    // positions are unique: the old ones step aside first, far below every new one
    assignment::Entity::update_many()
        .col_expr(assignment::Column::Position, Expr::col(assignment::Column::Position).sub(1_000_000))
        .filter(assignment::Column::FollowUpId.eq(seen.id))
        .exec(tx.conn())
        .await?;
    let mut kept = BTreeSet::new();
    for (position, new) in (1..).zip(assignees) {
        let same = old.iter().find(|o| {
            !kept.contains(&o.id)
                && (o.person_id, o.organisation_id, o.group_id, o.role)
                    == (new.person, new.organisation, new.group, new.role)
                && (o.person_id.or(o.organisation_id).or(o.group_id).is_some()
                    || o.written_as == new.written_as)
        });
        if let Some(old) = same {
            kept.insert(old.id);
            assignment::Entity::update_many()
                .col_expr(assignment::Column::Position, Expr::value(position))
                .col_expr(assignment::Column::Part, Expr::value(new.part.word()))
                .col_expr(assignment::Column::WrittenAs, Expr::value(new.written_as.clone()))
                .col_expr(assignment::Column::IsInferred, Expr::value(new.is_inferred))
                .filter(assignment::Column::Id.eq(old.id))
                .exec(tx.conn())
                .await?;
        } else {
            tx.insert(assignment::Model {
                id: id::new(),
                follow_up_id: seen.id,
                position,
                part: new.part,
                written_as: new.written_as.clone(),
                is_inferred: new.is_inferred,
                person_id: new.person,
                organisation_id: new.organisation,
                group_id: new.group,
                role: new.role,
                state: AssignmentState::Pending,
                response: None,
                responded_on: None,
            })
            .await?;
        }
    }
    for gone in old.iter().filter(|o| !kept.contains(&o.id)) {
        tx.clear::<assignment_response::Entity>(assignment_response::Column::AssignmentId, gone.id).await?;
        tx.clear::<assignment::Entity>(assignment::Column::Id, gone.id).await?;
    }
    let row = Model { reassignment_count: seen.reassignment_count + 1, ..Model::clone(seen) };
    tx.save(seen, row).await?;
    let detail = serde_json::json!({ "assignees": assignees.len(), "kept": kept.len() });
    Ok(changed("followUpReassign", seen).because(reason).detail(detail))
}

async fn of(tx: &Tx, follow_up: Uuid) -> Result<Vec<assignment::Model>> {
    Ok(assignment::Entity::find()
        .filter(assignment::Column::FollowUpId.eq(follow_up))
        .order_by_asc(assignment::Column::Position)
        .all(tx.conn())
        .await?)
}

/// The memberships of a group that hold today.
async fn members(tx: &Tx, group: Uuid) -> Result<Vec<membership::Model>> {
    let today = tx.actor().today;
    let active = Condition::all()
        .add(
            Condition::any()
                .add(membership::Column::Since.is_null())
                .add(membership::Column::Since.lte(today)),
        )
        .add(
            Condition::any()
                .add(membership::Column::Until.is_null())
                .add(membership::Column::Until.gt(today)),
        );
    let rows = membership::Entity::find().filter(membership::Column::GroupId.eq(group)).filter(active);
    Ok(rows.all(tx.conn()).await?)
}

/// The part that a report is about.
#[derive(Debug)]
pub struct ReportOn {
    /// The assignment.
    pub assignment: assignment::Model,
    /// Whether it is a whole group's or a role's: the answer is one member's.
    pub is_collective: bool,
}

/// The part of a follow-up that the viewer reports on: the one named, or the first that is theirs;
/// and what the report is about, for the permit.
///
/// # Errors
/// `NOT_FOUND` if there is no such part.
pub async fn mine_to_report(tx: &Tx, seen: &Seen<Model>, named: Option<Uuid>) -> Result<(ReportOn, Target)> {
    let actor = tx.actor();
    let ours = actor.organisations();
    let mut target = super::target(seen);
    let mut found = None;
    for row in of(tx, seen.id).await? {
        if named.is_some_and(|n| n != row.id) {
            continue;
        }
        let (mut people, mut organisations): (Vec<Uuid>, Vec<Uuid>) =
            (row.person_id.into_iter().collect(), row.organisation_id.into_iter().collect());
        if let Some(group) = row.group_id {
            let holders = members(tx, group).await?;
            let holders = holders.iter().filter(|m| row.role.is_none_or(|r| r == m.role));
            for holder in holders {
                people.extend(holder.person_id);
                organisations.extend(holder.organisation_id.filter(|_| row.role.is_none()));
            }
        }
        let to_me = actor.person_id.is_some_and(|me| people.contains(&me));
        let to_us = organisations.iter().any(|o| ours.contains(o));
        // what is asked of oneself goes before what is asked of one's organisation
        if named.is_some() || to_me || (to_us && found.is_none()) {
            target.people = people;
            target.organisations = organisations;
            let is_collective = row.group_id.is_some();
            found = Some(ReportOn { assignment: row, is_collective });
            if named.is_some() || to_me {
                break;
            }
        }
    }
    found.map(|f| (f, target)).ok_or_else(|| Error::not_found(Kind::Assignment))
}

/// Takes a report on one part; one that is done says what was done (`text`). When the last responsible part is done, so is the follow-up.
/// `answering_for`: the member organisation for which a collective part is answered.
pub async fn report(
    tx: &Tx,
    permit: &Permit,
    seen: &Seen<Model>,
    on: &ReportOn,
    state: AssignmentState,
    text: Option<String>,
    answering_for: Option<Uuid>,
) -> Result<Change> {
    permit.covers(Action::FollowUpReport, Some(seen.group_id))?;
    rules::still_open(seen.status)?;
    let today = tx.today(seen.operation_id);
    let organisation = answering_for.or_else(|| tx.actor().organisations().into_iter().next());
    if on.is_collective {
        respond(tx, on.assignment.id, organisation, state, text.clone()).await?;
    } else {
        assignment::Entity::update_many()
            .col_expr(assignment::Column::State, Expr::value(state.word()))
            .col_expr(assignment::Column::Response, Expr::value(text.clone()))
            .col_expr(assignment::Column::RespondedOn, Expr::value(today))
            .filter(assignment::Column::Id.eq(on.assignment.id))
            .exec(tx.conn())
            .await?;
    }
    if let Some(text) = &text {
        tx.insert(follow_up_update::Model {
            id: id::new(),
            follow_up_id: seen.id,
            meeting_id: None,
            organisation_id: organisation,
            person_id: tx.actor().person_id,
            text: text.clone(),
            language: seen.language.clone(),
            occurred_on: Some(today),
            occurred_text: None,
            occurred_is_inferred: false,
            status_after: None,
            created_at: tx.now(),
        })
        .await?;
    }
    let mut row = Model::clone(seen);
    let all_done = state == AssignmentState::Done && is_everything_done(tx, seen.id).await?;
    if all_done {
        row.status = FollowUpStatus::Done;
        row.closed_on = Some(today);
        row.blocked_reason = None;
        row.blocked_by_id = None;
        row.action_taken = text;
    } else if row.status == FollowUpStatus::Open && state != AssignmentState::Declined {
        row.status = FollowUpStatus::InProgress;
    }
    let to = row.status;
    tx.save(seen, row).await?;
    let detail = serde_json::json!({ "part": Kind::Assignment.id(on.assignment.id), "state": state });
    Ok(stepped("followUpReport", seen, to).detail(detail))
}

/// One member's answer to a collective part: written, or written over.
async fn respond(
    tx: &Tx,
    assignment: Uuid,
    organisation: Option<Uuid>,
    state: AssignmentState,
    text: Option<String>,
) -> Result<()> {
    use assignment_response::{Column, Entity, Model};
    let person = tx.actor().person_id;
    let same = match organisation {
        Some(organisation) => Column::OrganisationId.eq(organisation),
        None => Column::PersonId.eq(person).and(Column::OrganisationId.is_null()),
    };
    Entity::delete_many().filter(Column::AssignmentId.eq(assignment)).filter(same).exec(tx.conn()).await?;
    tx.insert(Model {
        id: id::new(),
        assignment_id: assignment,
        organisation_id: organisation,
        person_id: person,
        state,
        response: text,
        responded_on: tx.actor().today,
    })
    .await
}

/// Whether every responsible part is done: each named assignee, and each member organisation of a
/// group that is assigned as a whole. Unresolved texts are nobody's part: an officer completes those.
async fn is_everything_done(tx: &Tx, follow_up: Uuid) -> Result<bool> {
    for part in of(tx, follow_up).await?.into_iter().filter(|a| a.part == AssignmentPart::Responsible) {
        let done = match (part.group_id, part.role) {
            (Some(group), role) => {
                let answers = assignment_response::Entity::find()
                    .filter(assignment_response::Column::AssignmentId.eq(part.id))
                    .filter(assignment_response::Column::State.eq(AssignmentState::Done))
                    .all(tx.conn())
                    .await?;
                if role.is_some() {
                    !answers.is_empty()
                } else {
                    let answered: BTreeSet<Uuid> = answers.iter().filter_map(|a| a.organisation_id).collect();
                    let members: BTreeSet<Uuid> =
                        members(tx, group).await?.iter().filter_map(|m| m.organisation_id).collect();
                    !members.is_empty() && members.is_subset(&answered)
                }
            }
            _ => part.state == AssignmentState::Done,
        };
        if !done {
            return Ok(false);
        }
    }
    Ok(true)
}
