use std::sync::Arc;

use async_graphql::{Context, Description, Enum, Object};
use entity::announcement::Model;

use super::{rules, store};
use crate::agenda::AgendaItem;
use crate::error::Result;
use crate::external::{self, ExternalReference};
use crate::graphql::{
    Date, DatePrecision, DateTime, Direct, Front, Id, Relation, Sensitivity, Shown, Visibility, Written,
};
use crate::group::Group;
use crate::id::Kind;
use crate::meeting::Meeting;
use crate::organisation::Organisation;
use crate::place::Place;

/// What is announced.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::AnnouncementKind")]
pub enum AnnouncementKind {
    /// A mission to a place.
    Mission,
    /// An assessment of needs.
    Assessment,
    /// A workshop, training or other event.
    Event,
    /// Something else.
    Other,
}

/// What became of it.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::AnnouncementStatus")]
pub enum AnnouncementStatus {
    /// It is to take place.
    Planned,
    /// It took place.
    Done,
    /// It does not take place.
    Cancelled,
}

/// A mission, assessment or event that was told to the group.
///
/// Visible by visibility and sensitivity. A row that names where people shelter is of HIGH or SEVERE
/// sensitivity, and its text, place and place text are hidden with it.
#[derive(Clone, Debug, Description)]
pub struct AnnouncementFields(Arc<Model>);

/// See [`AnnouncementFields`].
pub type Announcement = Written<AnnouncementFields>;

impl Direct for AnnouncementFields {}

impl Shown for AnnouncementFields {
    type Row = Model;

    fn of(row: Arc<Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Group>("group", "group_id"),
            Relation::one::<Meeting>("meeting", "meeting_id"),
            Relation::one::<AgendaItem>("agendaItem", "agenda_item_id"),
            Relation::one::<Organisation>("organisation", "organisation_id"),
            Relation::one::<Place>("place", "place_id"),
            external::relation("announcement_id"),
        ]
    }
}

#[Object(name = "Announcement", use_type_description)]
impl AnnouncementFields {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Announcement, self.0.id)
    }

    /// The group that was told.
    fn group(&self, ctx: &Context<'_>) -> Option<Group> {
        Front::of(ctx).one(self.0.group_id)
    }

    /// The meeting at which it was told.
    fn meeting(&self, ctx: &Context<'_>) -> Option<Meeting> {
        Front::of(ctx).one(self.0.meeting_id)
    }

    /// The point of the agenda under which it was told.
    fn agenda_item(&self, ctx: &Context<'_>) -> Option<AgendaItem> {
        Front::of(ctx).one(self.0.agenda_item_id)
    }

    /// What is announced.
    fn kind(&self) -> AnnouncementKind {
        self.0.kind.into()
    }

    /// The announcement as it was told.
    fn text(&self) -> &str {
        &self.0.text
    }

    /// The language of the text (BCP 47).
    fn language(&self) -> &str {
        &self.0.language
    }

    /// The organisation whose mission, assessment or event it is.
    fn organisation(&self, ctx: &Context<'_>) -> Option<Organisation> {
        Front::of(ctx).one(self.0.organisation_id)
    }

    /// The area in which it takes place.
    fn place(&self, ctx: &Context<'_>) -> Option<Place> {
        Front::of(ctx).one(self.0.place_id)
    }

    /// Where it takes place, as written.
    fn place_text(&self) -> Option<&str> {
        self.0.place_text.as_deref()
    }

    /// Its first day, as exact as `startsPrecision` says.
    fn starts_on(&self) -> Option<Date> {
        self.0.starts_on.map(Date)
    }

    /// How exact `startsOn` is meant; null if nobody said.
    fn starts_precision(&self) -> Option<DatePrecision> {
        self.0.starts_precision.map(Into::into)
    }

    /// Its last day, as exact as `endsPrecision` says; null: open, or not recorded.
    fn ends_on(&self) -> Option<Date> {
        self.0.ends_on.map(Date)
    }

    /// How exact `endsOn` is meant; null if nobody said.
    fn ends_precision(&self) -> Option<DatePrecision> {
        self.0.ends_precision.map(Into::into)
    }

    /// When it takes place, as written, e.g. `à partir du 08 Juillet`.
    fn dates_text(&self) -> Option<&str> {
        self.0.dates_text.as_deref()
    }

    /// What became of it.
    fn status(&self) -> AnnouncementStatus {
        self.0.status.into()
    }

    /// The steps (mutations) that its state allows now and that you may take.
    fn available_transitions(&self, ctx: &Context<'_>) -> Vec<&str> {
        Front::of(ctx).actor().steps(rules::allowed(self.0.status), &store::target(&self.0))
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
        Front::of(ctx).actor().permissions(Kind::Announcement, &store::target(&self.0))
    }

    /// Counts its changes; give it as `expectedVersion`.
    fn version(&self) -> i32 {
        self.0.version
    }
}
