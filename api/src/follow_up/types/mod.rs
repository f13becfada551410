mod assignment;
mod direct;
mod words;

use std::sync::Arc;

use async_graphql::{Context, Description, Object};
use chrono::NaiveDate;
use entity::follow_up::Model;

pub use assignment::{Assignment, FollowUpUpdate};
pub use words::{AssignmentPart, AssignmentState, DueQualifier, FollowUpStatus, Priority, StatusCategory};

use assignment::AssignmentFields;

use super::{rules, store};
use crate::agenda::AgendaItem;
use crate::auth::{Action, Scope, Seat, Target};
use crate::db::{SortKind, Window};
use crate::document::Document;
use crate::error::Result;
use crate::external::{self, ExternalReference};
use crate::graphql::{
    Date, DatePrecision, DateTime, Front, Id, Reads, Relation, SEAT, Sensitivity, Shown, Visibility, Written,
};
use crate::group::Group;
use crate::id::Kind;
use crate::meeting::Meeting;
use crate::organisation::Organisation;
use crate::recommendation::Recommendation;
use crate::referral::Referral;
use crate::review::Review;

/// Tracked work: an action point ("point d'action") of a group. Seen from outside the group only once
/// published, and then without people and without texts that were not confirmed.
#[derive(Clone, Debug, Description)]
pub struct FollowUpFields {
    row: Arc<Model>,
    as_of: Option<NaiveDate>,
}

/// See [`FollowUpFields`].
pub type FollowUp = Written<FollowUpFields>;

impl FollowUp {
    /// The same, with "overdue" meant for this day.
    #[must_use]
    pub fn on_day(mut self, day: Option<NaiveDate>) -> Self {
        self.0.as_of = day;
        self
    }
}

impl FollowUpFields {
    /// Whether the viewer sees all of it, and not only the public twin.
    fn is_whole(&self, front: &Front<'_>) -> bool {
        let row = &self.row;
        front.scope().may_read(Action::FollowUpRead, row.group_id, Some(row.operation_id), row.meeting_id)
            || row.published_at.is_none()
            || self.is_mine(front)
    }

    /// Whether the viewer is assigned: what one is assigned, one sees, published or not.
    fn is_mine(&self, front: &Front<'_>) -> bool {
        let scope = front.scope();
        if !may_be_assigned(scope) || !scope.holds_in(self.row.group_id, self.row.operation_id) {
            return false;
        }
        let me = scope.actor().person_id;
        let assignments = front.many::<Assignment>(&*self.row, "assignments").unwrap_or_default();
        assignments.iter().any(|a| a.row.person_id == me)
    }

    /// What a write about it is about: whose part it is, a part of a whole group being that of each who
    /// has a seat there.
    fn target(&self, front: &Front<'_>) -> Result<Target> {
        let mut target = store::target(&self.row);
        let actor = front.actor();
        for assignment in front.many::<Assignment>(&*self.row, "assignments")? {
            let row = &assignment.row;
            target.people.extend(row.person_id);
            target.organisations.extend(row.organisation_id);
            let sits = |s: &Seat| {
                !s.is_inherited && Some(s.group_id) == row.group_id && row.role.is_none_or(|r| r == s.role)
            };
            if actor.seats.iter().any(sits) {
                target.people.extend(actor.person_id);
            }
        }
        Ok(target)
    }
}

/// Whether there may be something that is the viewer's own: they are somebody.
fn may_be_assigned(scope: &Scope) -> bool {
    scope.actor().person_id.is_some()
}

impl Shown for FollowUpFields {
    type Row = Model;

    fn of(row: Arc<Model>) -> Self {
        Self { row, as_of: None }
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Group>("group", "group_id"),
            Relation::one::<Meeting>("meeting", "meeting_id"),
            Relation::one::<AgendaItem>("agendaItem", "agenda_item_id"),
            Relation::one::<Recommendation>("recommendation", "recommendation_id"),
            Relation::one::<Self>("dependsOn", "depends_on_id"),
            Relation::one::<Organisation>("blockedBy", "blocked_by_id"),
            Relation::many::<Assignment>("assignments", "follow_up_id", |_| {
                Window::ascending("position", SortKind::Number)
            })
            // whose part it is decides who may report
            .also(&["availableTransitions", "viewerPermissions"])
            // and who sees more than the public twin
            .also_for(
                &["text", "responsibleText", "blockedReason", "actionTaken", "statusReason", "note"],
                may_be_assigned,
                &["person_id"],
            ),
            Relation::many::<FollowUpUpdate>("updates", "follow_up_id", |_| {
                Window::ascending("created_at", SortKind::Instant)
            }),
            Relation::many::<Review>("reviews", "follow_up_id", |_| {
                Window::ascending("created_at", SortKind::Instant)
            }),
            Relation::many::<Referral>("referrals", "follow_up_id", |_| {
                Window::ascending("created_at", SortKind::Instant)
            }),
            Relation::many::<Document>("deliverables", "promised_by_id", |_| {
                Window::ascending("created_at", SortKind::Instant)
            }),
            external::relation("follow_up_id"),
        ]
    }

    fn reads() -> Option<Reads> {
        Some(&[
            ("id", &[]),
            ("group", &[]),
            ("meeting", &[]),
            ("agendaItem", &[]),
            ("recommendation", &[]),
            ("position", &[]),
            ("language", &[]),
            ("status", &[]),
            ("statusCategory", &["status"]),
            ("text", &["public_text", "published_at", SEAT]),
            ("assignments", &["published_at", SEAT]),
            ("priority", &[]),
            ("raisedOn", &[]),
            ("dueOn", &[]),
            ("dueText", &[]),
            ("isDueInferred", &["due_is_inferred"]),
            ("isOverdue", &["status", "due_on", "due_qualifier", "operation_id"]),
            ("ageInDays", &["raised_on", "operation_id"]),
            ("createdAt", &[]),
            ("updatedAt", &[]),
        ])
    }
}

#[Object(name = "FollowUp", use_type_description)]
impl FollowUpFields {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::FollowUp, self.row.id)
    }

    /// The group that follows it up.
    fn group(&self, ctx: &Context<'_>) -> Option<Group> {
        Front::of(ctx).one(self.row.group_id)
    }

    /// The meeting that agreed it; null if it comes from none, or from one that is not recorded.
    fn meeting(&self, ctx: &Context<'_>) -> Option<Meeting> {
        Front::of(ctx).one(self.row.meeting_id)
    }

    /// The point of the agenda under which it was agreed.
    fn agenda_item(&self, ctx: &Context<'_>) -> Option<AgendaItem> {
        Front::of(ctx).one(self.row.agenda_item_id)
    }

    /// The recommendation that it carries out.
    fn recommendation(&self, ctx: &Context<'_>) -> Option<Recommendation> {
        Front::of(ctx).one(self.row.recommendation_id)
    }

    /// What must be done first.
    fn depends_on(&self, ctx: &Context<'_>) -> Option<FollowUp> {
        Front::of(ctx).one(self.row.depends_on_id)
    }

    /// Its place among the follow-ups of its meeting.
    fn position(&self) -> i32 {
        self.row.position
    }

    /// What is to be done. Outside the group: the text that was confirmed for publication.
    fn text(&self, ctx: &Context<'_>) -> &str {
        let whole = self.is_whole(&Front::of(ctx));
        self.row.public_text.as_deref().filter(|_| !whole).unwrap_or(&self.row.text)
    }

    /// The language of the text (BCP 47).
    fn language(&self) -> &str {
        &self.row.language
    }

    /// Where it is in its life.
    fn status(&self) -> FollowUpStatus {
        self.row.status.into()
    }

    /// What the status comes down to.
    fn status_category(&self) -> StatusCategory {
        match FollowUpStatus::from(self.row.status) {
            FollowUpStatus::Open => StatusCategory::Unstarted,
            FollowUpStatus::InProgress | FollowUpStatus::Blocked => StatusCategory::Started,
            FollowUpStatus::Done => StatusCategory::Completed,
            FollowUpStatus::Cancelled => StatusCategory::Cancelled,
        }
    }

    /// The steps (mutations) that its state allows now and that you may take.
    fn available_transitions(&self, ctx: &Context<'_>) -> Result<Vec<&str>> {
        let front = Front::of(ctx);
        Ok(front.actor().steps(rules::allowed(self.row.status), &self.target(&front)?))
    }

    /// How urgent it is.
    fn priority(&self) -> Priority {
        self.row.priority.into()
    }

    /// Who is to do it: people, organisations, whole groups, roles, or the text as written.
    fn assignments(&self, ctx: &Context<'_>) -> Result<Vec<Assignment>> {
        let front = Front::of(ctx);
        let whole = self.is_whole(&front);
        let all = front.many::<Assignment>(&*self.row, "assignments")?;
        Ok(all.into_iter().map(|a| Written(AssignmentFields { is_whole: whole, ..a.0 })).collect())
    }

    /// The column "responsable" of the minutes as printed, where it cannot be told apart. Only inside the group.
    fn responsible_text(&self, ctx: &Context<'_>) -> Option<&str> {
        self.row.responsible_text.as_deref().filter(|_| self.is_whole(&Front::of(ctx)))
    }

    /// The day it was agreed: the meeting's, or that of its entry; null if not recorded.
    fn raised_on(&self) -> Option<Date> {
        self.row.raised_on.map(Date)
    }

    /// The day by which it is due; null if there is none or it cannot be told ("avant l'hivernage").
    fn due_on(&self) -> Option<Date> {
        self.row.due_on.map(Date)
    }

    /// When it is due, as written.
    fn due_text(&self) -> Option<&str> {
        self.row.due_text.as_deref()
    }

    /// How the due day is meant.
    fn due_qualifier(&self) -> Option<DueQualifier> {
        self.row.due_qualifier.map(Into::into)
    }

    /// How exact the due day is.
    fn due_precision(&self) -> Option<DatePrecision> {
        self.row.due_precision.map(Into::into)
    }

    /// Whether a part of the due day (its year, say) was inferred and not written.
    fn is_due_inferred(&self) -> bool {
        self.row.due_is_inferred
    }

    /// Whether it is overdue: computed, never stored. Done, cancelled, or without a day: never.
    fn is_overdue(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "On this day; left out: the day given to the list, or today in the operation's time zone."
        )]
        as_of: Option<Date>,
    ) -> bool {
        let asked = as_of.map(|d| d.0).or(self.as_of);
        let day = asked.unwrap_or_else(|| Front::of(ctx).today(self.row.operation_id));
        rules::is_overdue(self.row.status, self.row.due_on, self.row.due_qualifier, day)
    }

    /// How many days ago it was agreed; null if that is not recorded.
    fn age_in_days(&self, ctx: &Context<'_>) -> Option<i64> {
        let day = self.as_of.unwrap_or_else(|| Front::of(ctx).today(self.row.operation_id));
        self.row.raised_on.map(|raised| (day - raised).num_days())
    }

    /// What is in the way. Only inside the group.
    fn blocked_reason(&self, ctx: &Context<'_>) -> Option<&str> {
        self.row.blocked_reason.as_deref().filter(|_| self.is_whole(&Front::of(ctx)))
    }

    /// The organisation that is in the way.
    fn blocked_by(&self, ctx: &Context<'_>) -> Option<Organisation> {
        Front::of(ctx).one(self.row.blocked_by_id)
    }

    /// What was done. Only inside the group.
    fn action_taken(&self, ctx: &Context<'_>) -> Option<&str> {
        self.row.action_taken.as_deref().filter(|_| self.is_whole(&Front::of(ctx)))
    }

    /// The day it was done or cancelled.
    fn closed_on(&self) -> Option<Date> {
        self.row.closed_on.map(Date)
    }

    /// Why the last step was taken. Only inside the group.
    fn status_reason(&self, ctx: &Context<'_>) -> Option<&str> {
        self.row.status_reason.as_deref().filter(|_| self.is_whole(&Front::of(ctx)))
    }

    /// How often the due day was changed.
    fn due_change_count(&self) -> i32 {
        self.row.due_change_count
    }

    /// How often it was assigned anew.
    fn reassignment_count(&self) -> i32 {
        self.row.reassignment_count
    }

    /// A remark of the secretary, on doubts of reading for instance. Only inside the group.
    fn note(&self, ctx: &Context<'_>) -> Option<&str> {
        self.row.note.as_deref().filter(|_| self.is_whole(&Front::of(ctx)))
    }

    /// Dated notes on what was done ("actions prises"), the oldest first. Only inside the group, and for assignees.
    fn updates(&self, ctx: &Context<'_>) -> Result<Vec<FollowUpUpdate>> {
        Front::of(ctx).many(&*self.row, "updates")
    }

    /// Each time a later meeting looked at it.
    fn reviews(&self, ctx: &Context<'_>) -> Result<Vec<Review>> {
        Front::of(ctx).many(&*self.row, "reviews")
    }

    /// Questions to other forums about it.
    fn referrals(&self, ctx: &Context<'_>) -> Result<Vec<Referral>> {
        Front::of(ctx).many(&*self.row, "referrals")
    }

    /// Documents that it promises or delivered.
    fn deliverables(&self, ctx: &Context<'_>) -> Result<Vec<Document>> {
        Front::of(ctx).many(&*self.row, "deliverables")
    }

    /// Who may see it: the effective value.
    fn visibility(&self) -> Visibility {
        self.row.visibility.into()
    }

    /// How bad disclosure would be: the effective value.
    fn sensitivity(&self) -> Sensitivity {
        self.row.sensitivity.into()
    }

    /// When it was published, UTC; null if it was not.
    fn published_at(&self) -> Option<DateTime> {
        self.row.published_at.map(DateTime)
    }

    /// Its codes in other systems.
    fn external_references(&self, ctx: &Context<'_>) -> Result<Vec<ExternalReference>> {
        external::shown(&Front::of(ctx), &*self.row)
    }

    /// When it was entered, UTC.
    fn created_at(&self) -> DateTime {
        DateTime(self.row.created_at)
    }

    /// When it was last changed, UTC.
    fn updated_at(&self) -> DateTime {
        DateTime(self.row.updated_at)
    }

    /// What you may do with it, by the names of the permission table (`docs/permissions.csv`); the same table
    /// decides when the mutation comes. Empty for anonymous viewers.
    fn viewer_permissions(&self, ctx: &Context<'_>) -> Result<Vec<&str>> {
        let front = Front::of(ctx);
        Ok(front.actor().permissions(Kind::FollowUp, &self.target(&front)?))
    }

    /// Counts its changes; give it as `expectedVersion`.
    fn version(&self) -> i32 {
        self.row.version
    }
}
