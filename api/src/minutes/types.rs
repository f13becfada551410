use std::sync::Arc;

use async_graphql::{Context, Description, Enum, Object};
use entity::minutes::Model;
use entity::minutes_contributor;

use super::{rules, snapshot, store};
use crate::auth::Action;
use crate::db::Window;
use crate::error::Result;
use crate::graphql::{Date, DateTime, Direct, Front, Id, Relation, Sensitivity, Shown, Visibility, Written};
use crate::id::Kind;
use crate::meeting::Meeting;
use crate::organisation::Organisation;
use crate::person::Person;

/// Where minutes are in their life.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::MinutesStatus")]
pub enum MinutesStatus {
    /// Being written. Officers see it.
    Draft,
    /// With the reviewer. Officers see it.
    UnderReview,
    /// With the members, for comments.
    Circulated,
    /// Adopted at a later meeting: fixed for good.
    Adopted,
    /// Adopted once; a later revision was adopted in its place.
    Superseded,
}

/// What somebody did for minutes.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::ContributorRole")]
pub enum ContributorRole {
    /// Wrote them.
    Author,
    /// Reviewed them.
    Reviewer,
}

/// One revision of the minutes (compte rendu) of a meeting. Officers see all of them; members those
/// that were circulated; others what is published of adopted ones: title, public text, dates, state.
#[derive(Clone, Debug, Description)]
pub struct MinutesFields(Arc<Model>);

/// See [`MinutesFields`].
pub type Minutes = Written<MinutesFields>;

impl Direct for MinutesFields {}

impl Shown for MinutesFields {
    type Row = Model;

    fn of(row: Arc<Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Meeting>("meeting", "meeting_id"),
            Relation::one::<Meeting>("adoptedAt", "adopted_at_id"),
            Relation::one::<Self>("supersedes", "supersedes_id"),
            Relation::many::<MinutesContributor>("contributors", "minutes_id", |_| Window {
                order: store::by_position(),
                ..Window::default()
            }),
        ]
    }
}

impl MinutesFields {
    fn may_read(&self, ctx: &Context<'_>, action: Action) -> bool {
        Front::of(ctx).scope().may_read(
            action,
            self.0.group_id,
            Some(self.0.operation_id),
            Some(self.0.meeting_id),
        )
    }

    /// Whether the viewer sees all of them, not only what is published.
    fn is_seen_whole(&self, ctx: &Context<'_>) -> bool {
        self.may_read(ctx, Action::MinutesReadAdopted)
    }
}

#[Object(name = "Minutes", use_type_description)]
impl MinutesFields {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Minutes, self.0.id)
    }

    /// The meeting.
    fn meeting(&self, ctx: &Context<'_>) -> Option<Meeting> {
        Front::of(ctx).one(self.0.meeting_id)
    }

    /// Counts the revisions of the minutes of this meeting, from 1.
    fn revision(&self) -> i32 {
        self.0.revision
    }

    /// Where they are in their life.
    fn status(&self) -> MinutesStatus {
        self.0.status.into()
    }

    /// The steps (mutations) that their state allow now and that you may take.
    fn available_transitions(&self, ctx: &Context<'_>) -> Vec<&str> {
        Front::of(ctx).actor().steps(rules::allowed(self.0.status), &store::target(&self.0))
    }

    /// The title as printed.
    fn title(&self) -> Option<&str> {
        self.0.title.as_deref()
    }

    /// The text, where it is kept as one; the outcome of the meeting is kept as data too. For the
    /// group.
    fn body(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.body.as_deref().filter(|_| self.is_seen_whole(ctx))
    }

    /// The text that goes out; null as long as none is published.
    fn public_text(&self) -> Option<&str> {
        self.0.public_text.as_deref()
    }

    /// The language of the text (BCP 47).
    fn language(&self) -> &str {
        &self.0.language
    }

    /// Who wrote and who reviewed them, in the order printed. For the group.
    fn contributors(&self, ctx: &Context<'_>) -> Result<Vec<MinutesContributor>> {
        Front::of(ctx).many(&*self.0, "contributors")
    }

    /// When they were reviewed; null if not, or if no day is recorded.
    fn reviewed_on(&self) -> Option<Date> {
        self.0.reviewed_on.map(Date)
    }

    /// When they went to the members.
    fn circulated_on(&self) -> Option<Date> {
        self.0.circulated_on.map(Date)
    }

    /// The last day for comments.
    fn comments_due_on(&self) -> Option<Date> {
        self.0.comments_due_on.map(Date)
    }

    /// The day on which they were adopted.
    fn adopted_on(&self) -> Option<Date> {
        self.0.adopted_on.map(Date)
    }

    /// The later meeting that adopted them.
    fn adopted_at(&self, ctx: &Context<'_>) -> Option<Meeting> {
        Front::of(ctx).one(self.0.adopted_at_id)
    }

    /// The corrections with which they were adopted. For the group.
    fn corrections(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.corrections.as_deref().filter(|_| self.is_seen_whole(ctx))
    }

    /// Why they were returned or revised. For the group.
    fn status_reason(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.status_reason.as_deref().filter(|_| self.is_seen_whole(ctx))
    }

    /// The revision in whose place this one is or will be adopted.
    fn supersedes(&self, ctx: &Context<'_>) -> Option<Minutes> {
        Front::of(ctx).one(self.0.supersedes_id)
    }

    /// The meeting as it stood when the minutes were adopted: canonical JSON (sorted keys, UTF-8,
    /// no floats) with `record` and, for its `personal` values, salts and digests. For officers: it
    /// holds every name and everything that only they see.
    fn snapshot(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.snapshot.as_deref().filter(|_| self.may_read(ctx, Action::MinutesReadDraft))
    }

    /// SHA-256 of the snapshot's `record` in canonical JSON, each personal value replaced by
    /// `{"sha256": digest of salt and value}`; hexadecimal. Null before adoption.
    fn snapshot_hash(&self) -> Option<&str> {
        self.0.snapshot_hash.as_deref()
    }

    /// Whether the snapshot still is what was sealed, but for personal values that were erased; null
    /// before adoption. For the group.
    fn is_seal_intact(&self, ctx: &Context<'_>) -> Option<bool> {
        let (text, hash) = self.0.snapshot.as_deref().zip(self.0.snapshot_hash.as_deref())?;
        self.is_seen_whole(ctx).then(|| snapshot::verify(text, hash))
    }

    /// The hash of the adopted revision before; it is part of the record.
    fn previous_hash(&self) -> Option<&str> {
        self.0.previous_hash.as_deref()
    }

    /// Who may see them.
    fn visibility(&self) -> Visibility {
        self.0.visibility.into()
    }

    /// How bad disclosure would be.
    fn sensitivity(&self) -> Sensitivity {
        self.0.sensitivity.into()
    }

    /// When they were published, UTC; null: not yet.
    fn published_at(&self) -> Option<DateTime> {
        self.0.published_at.map(DateTime)
    }

    /// When they were entered, UTC.
    fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When they were last changed, UTC.
    fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }

    /// What you may do with them, by the names of the permission table (`docs/permissions.csv`); the same table
    /// decides when the mutation comes. Empty for anonymous viewers.
    fn viewer_permissions(&self, ctx: &Context<'_>) -> Vec<&str> {
        Front::of(ctx).actor().permissions(Kind::Minutes, &store::target(&self.0))
    }

    /// Counts their changes; give it as `expectedVersion`.
    fn version(&self) -> i32 {
        self.0.version
    }
}

/// Somebody who wrote or reviewed minutes, as printed. For the group.
#[derive(Clone, Debug, Description)]
pub struct MinutesContributorFields(Arc<minutes_contributor::Model>);

/// See [`MinutesContributorFields`].
pub type MinutesContributor = Written<MinutesContributorFields>;

impl Direct for MinutesContributorFields {}

impl Shown for MinutesContributorFields {
    type Row = minutes_contributor::Model;

    fn of(row: Arc<minutes_contributor::Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Person>("person", "person_id"),
            Relation::one::<Organisation>("organisation", "organisation_id"),
        ]
    }
}

#[Object(name = "MinutesContributor", use_type_description)]
impl MinutesContributorFields {
    /// What they did.
    fn role(&self) -> ContributorRole {
        self.0.role.into()
    }

    /// The name as printed.
    fn display_name(&self) -> &str {
        &self.0.display_name
    }

    /// The function as printed, e.g. "Coordinateur".
    fn function_text(&self) -> Option<&str> {
        self.0.function_text.as_deref()
    }

    /// The organisation as printed.
    fn organisation_text(&self) -> Option<&str> {
        self.0.organisation_text.as_deref()
    }

    /// The person, if it is understood who that is.
    fn person(&self, ctx: &Context<'_>) -> Option<Person> {
        Front::of(ctx).one(self.0.person_id)
    }

    /// The organisation, if it is understood which that is.
    fn organisation(&self, ctx: &Context<'_>) -> Option<Organisation> {
        Front::of(ctx).one(self.0.organisation_id)
    }
}
