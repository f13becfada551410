use std::sync::Arc;

use async_graphql::{Context, Description, Object};
use entity::{assignment, assignment_response, follow_up_update};

use super::{AssignmentPart, AssignmentState, FollowUpStatus};
use crate::db::{SortKind, Window};
use crate::error::Result;
use crate::graphql::{Date, DateTime, Direct, Front, Id, Json, Reads, Relation, Shown, Word, Written};
use crate::group::Group;
use crate::id::Kind;
use crate::meeting::Meeting;
use crate::membership::MembershipRole;
use crate::organisation::Organisation;
use crate::person::Person;

/// One assignee of a follow-up: a person, an organisation, every member of a group, a role in a group,
/// or the text as written.
#[derive(Clone, Debug, Description)]
pub struct AssignmentFields {
    pub(super) row: Arc<assignment::Model>,
    pub(super) is_whole: bool,
}

/// See [`AssignmentFields`].
pub type Assignment = Written<AssignmentFields>;

impl Shown for AssignmentFields {
    type Row = assignment::Model;

    fn of(row: Arc<assignment::Model>) -> Self {
        Self { row, is_whole: false }
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Person>("person", "person_id"),
            Relation::one::<Organisation>("organisation", "organisation_id"),
            Relation::one::<Group>("group", "group_id"),
            Relation::many::<AssignmentResponse>("responses", "assignment_id", |_| {
                Window::ascending("responded_on", SortKind::Date)
            }),
        ]
    }

    fn reads() -> Option<Reads> {
        Some(&[
            ("id", &[]),
            ("part", &[]),
            ("isInferred", &[]),
            ("person", &[]),
            ("organisation", &[]),
            ("group", &[]),
            ("role", &[]),
            ("state", &[]),
            ("respondedOn", &[]),
        ])
    }
}

impl Direct for AssignmentFields {
    fn direct(&self, name: &str, field: &Context<'_>, json: &mut Vec<u8>) -> bool {
        match name {
            "id" => Id(Kind::Assignment, self.row.id).write(field, json),
            "part" => Word(self.part(field)).write(field, json),
            "writtenAs" => self.written_as(field).write(field, json),
            "isInferred" => self.is_inferred(field).write(field, json),
            "person" => self.person(field).write(field, json),
            "organisation" => self.organisation(field).write(field, json),
            "group" => self.group(field).write(field, json),
            "role" => self.role(field).map(Word).write(field, json),
            "state" => Word(self.state(field)).write(field, json),
            "response" => self.response(field).write(field, json),
            "respondedOn" => self.responded_on(field).write(field, json),
            _ => false,
        }
    }
}

#[Object(name = "Assignment", use_type_description)]
impl AssignmentFields {
    /// Its id, for `followUpReport`.
    async fn id(&self) -> Id {
        Id(Kind::Assignment, self.row.id)
    }

    /// What is asked of them.
    fn part(&self) -> AssignmentPart {
        self.row.part.into()
    }

    /// As written in the minutes. Only inside the group: it may name people.
    fn written_as(&self) -> Option<&str> {
        self.row.written_as.as_deref().filter(|_| self.is_whole)
    }

    /// Whether who is meant was inferred from the text, and not written.
    fn is_inferred(&self) -> bool {
        self.row.is_inferred
    }

    /// The person; null if another kind of assignee, or hidden from you.
    fn person(&self, ctx: &Context<'_>) -> Option<Person> {
        Front::of(ctx).one(self.row.person_id)
    }

    /// The organisation.
    fn organisation(&self, ctx: &Context<'_>) -> Option<Organisation> {
        Front::of(ctx).one(self.row.organisation_id)
    }

    /// The group: all its members, or whoever holds `role` there.
    fn group(&self, ctx: &Context<'_>) -> Option<Group> {
        Front::of(ctx).one(self.row.group_id)
    }

    /// The role in the group; null: all its members.
    fn role(&self) -> Option<MembershipRole> {
        self.row.role.map(Into::into)
    }

    /// How far they are with their own part; of a whole group see `responses`.
    fn state(&self) -> AssignmentState {
        self.row.state.into()
    }

    /// What they answered. Only inside the group.
    fn response(&self) -> Option<&str> {
        self.row.response.as_deref().filter(|_| self.is_whole)
    }

    /// When they answered.
    fn responded_on(&self) -> Option<Date> {
        self.row.responded_on.map(Date)
    }

    /// Who has answered, when a whole group or a role is assigned.
    fn responses(&self, ctx: &Context<'_>) -> Result<Vec<AssignmentResponse>> {
        let all = Front::of(ctx).many::<AssignmentResponse>(&*self.row, "responses")?;
        Ok(all
            .into_iter()
            .map(|r| Written(AssignmentResponseFields { is_whole: self.is_whole, ..r.0 }))
            .collect())
    }
}

/// One member's answer to a collective assignment.
#[derive(Clone, Debug, Description)]
pub struct AssignmentResponseFields {
    row: Arc<assignment_response::Model>,
    is_whole: bool,
}

/// See [`AssignmentResponseFields`].
pub type AssignmentResponse = Written<AssignmentResponseFields>;

impl Direct for AssignmentResponseFields {}

impl Shown for AssignmentResponseFields {
    type Row = assignment_response::Model;

    fn of(row: Arc<assignment_response::Model>) -> Self {
        Self { row, is_whole: false }
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Person>("person", "person_id"),
            Relation::one::<Organisation>("organisation", "organisation_id"),
        ]
    }
}

#[Object(name = "AssignmentResponse", use_type_description)]
impl AssignmentResponseFields {
    /// The member organisation.
    fn organisation(&self, ctx: &Context<'_>) -> Option<Organisation> {
        Front::of(ctx).one(self.row.organisation_id)
    }

    /// Who answered for it; null if hidden from you.
    fn person(&self, ctx: &Context<'_>) -> Option<Person> {
        Front::of(ctx).one(self.row.person_id)
    }

    /// How far they are.
    fn state(&self) -> AssignmentState {
        self.row.state.into()
    }

    /// What they answered. Only inside the group.
    fn response(&self) -> Option<&str> {
        self.row.response.as_deref().filter(|_| self.is_whole)
    }

    /// When they answered.
    fn responded_on(&self) -> Date {
        Date(self.row.responded_on)
    }
}

/// A dated note on a follow-up: what was done ("actions prises"). Only inside the group, and for assignees.
#[derive(Clone, Debug, Description)]
pub struct FollowUpUpdateFields(Arc<follow_up_update::Model>);

/// See [`FollowUpUpdateFields`].
pub type FollowUpUpdate = Written<FollowUpUpdateFields>;

impl Direct for FollowUpUpdateFields {}

impl Shown for FollowUpUpdateFields {
    type Row = follow_up_update::Model;

    fn of(row: Arc<follow_up_update::Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Meeting>("meeting", "meeting_id"),
            Relation::one::<Organisation>("organisation", "organisation_id"),
            Relation::one::<Person>("person", "person_id"),
        ]
    }
}

#[Object(name = "FollowUpUpdate", use_type_description)]
impl FollowUpUpdateFields {
    /// What was done.
    fn text(&self) -> &str {
        &self.0.text
    }

    /// The language of the text (BCP 47).
    fn language(&self) -> &str {
        &self.0.language
    }

    /// The day it happened; null if not recorded.
    fn occurred_on(&self) -> Option<Date> {
        self.0.occurred_on.map(Date)
    }

    /// When it happened, as written.
    fn occurred_text(&self) -> Option<&str> {
        self.0.occurred_text.as_deref()
    }

    /// Whether a part of the day (its year, say) was inferred.
    fn is_occurred_inferred(&self) -> bool {
        self.0.occurred_is_inferred
    }

    /// The meeting that was told of it.
    fn meeting(&self, ctx: &Context<'_>) -> Option<Meeting> {
        Front::of(ctx).one(self.0.meeting_id)
    }

    /// The organisation that did it or reports it.
    fn organisation(&self, ctx: &Context<'_>) -> Option<Organisation> {
        Front::of(ctx).one(self.0.organisation_id)
    }

    /// Who reports it; null if not recorded or hidden from you.
    fn person(&self, ctx: &Context<'_>) -> Option<Person> {
        Front::of(ctx).one(self.0.person_id)
    }

    /// The status after it, if it changed the status.
    fn status_after(&self) -> Option<FollowUpStatus> {
        self.0.status_after.map(Into::into)
    }

    /// When it was entered, UTC.
    fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
}
