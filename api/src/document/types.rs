use std::sync::Arc;

use async_graphql::{Context, Description, Enum, Object};
use entity::document::Model;

use super::store;
use crate::agenda::AgendaItem;
use crate::auth::Action;
use crate::error::Result;
use crate::external::{self, ExternalReference};
use crate::follow_up::FollowUp;
use crate::graphql::{DateTime, Direct, Front, Id, Relation, Sensitivity, Shown, Visibility, Written};
use crate::group::Group;
use crate::id::Kind;
use crate::meeting::Meeting;

/// What kind of paper it is.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::DocumentKind")]
pub enum DocumentKind {
    /// Minutes of a meeting, also of another forum (compte rendu).
    Minutes,
    /// An agenda (ordre du jour).
    Agenda,
    /// A list of who was there (liste de présence).
    AttendanceList,
    /// Slides.
    Presentation,
    /// A report of another kind than those below.
    Report,
    /// A report of a mission.
    MissionReport,
    /// A report of an assessment.
    AssessmentReport,
    /// A concept note (note conceptuelle).
    ConceptNote,
    /// A strategy.
    Strategy,
    /// A contingency plan.
    ContingencyPlan,
    /// A dashboard.
    Dashboard,
    /// A matrix that partners fill in, e.g. 5W (matrice).
    DataTemplate,
    /// A tutorial.
    Tutorial,
    /// A press release (communiqué).
    PressRelease,
    /// Terms of reference (TdR).
    TermsOfReference,
    /// Something else.
    Other,
}

/// Whether a document can be had.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::DocumentStatus")]
pub enum DocumentStatus {
    /// Somebody spoke of it; nobody said where it is.
    Promised,
    /// There is a draft.
    Draft,
    /// It can be had at its address.
    Available,
}

/// A paper, promised or real, as a link. Visible by visibility and sensitivity.
#[derive(Clone, Debug, Description)]
pub struct DocumentFields(Arc<Model>);

/// See [`DocumentFields`].
pub type Document = Written<DocumentFields>;

impl Direct for DocumentFields {}

impl Shown for DocumentFields {
    type Row = Model;

    fn of(row: Arc<Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Group>("group", "group_id"),
            Relation::one::<Meeting>("meeting", "meeting_id"),
            Relation::one::<AgendaItem>("agendaItem", "agenda_item_id"),
            Relation::one::<FollowUp>("promisedBy", "promised_by_id"),
            Relation::one::<Self>("derivedFrom", "derived_from_id"),
            external::relation("document_id"),
        ]
    }
}

#[Object(name = "Document", use_type_description)]
impl DocumentFields {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Document, self.0.id)
    }

    /// The group to which it belongs.
    fn group(&self, ctx: &Context<'_>) -> Option<Group> {
        Front::of(ctx).one(self.0.group_id)
    }

    /// The meeting at which it was named or shown.
    fn meeting(&self, ctx: &Context<'_>) -> Option<Meeting> {
        Front::of(ctx).one(self.0.meeting_id)
    }

    /// The point of the agenda under which it was named or shown.
    fn agenda_item(&self, ctx: &Context<'_>) -> Option<AgendaItem> {
        Front::of(ctx).one(self.0.agenda_item_id)
    }

    /// The action point (follow-up) that is to deliver it.
    fn promised_by(&self, ctx: &Context<'_>) -> Option<FollowUp> {
        Front::of(ctx).one(self.0.promised_by_id)
    }

    /// The document from which it was made, e.g. the matrix of another cluster.
    fn derived_from(&self, ctx: &Context<'_>) -> Option<Document> {
        Front::of(ctx).one(self.0.derived_from_id)
    }

    /// What kind of paper it is.
    fn kind(&self) -> DocumentKind {
        self.0.kind.into()
    }

    /// Its title.
    fn title(&self) -> &str {
        &self.0.title
    }

    /// The language of the document (BCP 47); null if not recorded.
    fn language(&self) -> Option<&str> {
        self.0.language.as_deref()
    }

    /// Whether it can be had.
    fn status(&self) -> DocumentStatus {
        self.0.status.into()
    }

    /// Its address on the web.
    fn url(&self) -> Option<&str> {
        self.0.url.as_deref()
    }

    /// The checksum of its file, with the name of the algorithm in front, e.g. `sha256:…`.
    fn checksum(&self) -> Option<&str> {
        self.0.checksum.as_deref()
    }

    /// A note. May name people: shown to the group and operation managers, not to the public.
    fn note(&self, ctx: &Context<'_>) -> Option<&str> {
        let scope = Front::of(ctx).scope();
        let is_inside = scope.may_read(
            Action::DocumentRead,
            self.0.group_id,
            Some(self.0.operation_id),
            self.0.meeting_id,
        );
        self.0.note.as_deref().filter(|_| is_inside)
    }

    /// Who may see it.
    fn visibility(&self) -> Visibility {
        self.0.visibility.into()
    }

    /// How bad disclosure would be.
    fn sensitivity(&self) -> Sensitivity {
        self.0.sensitivity.into()
    }

    /// Since when it is published, UTC; null if it is not.
    fn published_at(&self) -> Option<DateTime> {
        self.0.published_at.map(DateTime)
    }

    /// Its codes in other systems.
    fn external_references(&self, ctx: &Context<'_>) -> Result<Vec<ExternalReference>> {
        external::shown(&Front::of(ctx), &*self.0)
    }

    /// When it was entered, UTC.
    fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was last changed, UTC.
    fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }

    /// What you may do with it, by the names of the permission table (`docs/permissions.csv`); the same table
    /// decides when the mutation comes. Empty for anonymous viewers.
    fn viewer_permissions(&self, ctx: &Context<'_>) -> Vec<&str> {
        Front::of(ctx).actor().permissions(Kind::Document, &store::belonging(&self.0).target())
    }

    /// Counts its changes; give it as `expectedVersion`.
    fn version(&self) -> i32 {
        self.0.version
    }
}
