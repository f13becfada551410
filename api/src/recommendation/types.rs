use std::sync::Arc;

use async_graphql::{Context, Description, Enum, Object};
use entity::addressee;
use entity::recommendation::Model;

use super::{rules, store};
use crate::agenda::AgendaItem;
use crate::auth::Action;
use crate::db::Window;
use crate::error::Result;
use crate::external::{self, ExternalReference};
use crate::follow_up::FollowUp;
use crate::graphql::{
    DateTime, Direct, Front, Id, Json, Reads, Relation, SEAT, Sensitivity, Shown, Visibility, Word, Written,
};
use crate::group::Group;
use crate::id::Kind;
use crate::meeting::Meeting;
use crate::organisation::Organisation;
use crate::person::Person;
use crate::referral::Referral;
use crate::review::Review;

/// What kind of conclusion a meeting came to.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::RecommendationKind")]
pub enum RecommendationKind {
    /// What somebody should do.
    Recommendation,
    /// What the meeting decided.
    Decision,
    /// What somebody put forward; not agreed.
    Proposal,
}

/// What became of a recommendation.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::RecommendationStatus")]
pub enum RecommendationStatus {
    /// Nobody has taken it up yet.
    Open,
    /// Somebody is at work on it.
    InProgress,
    /// A part was done.
    PartlyImplemented,
    /// Done.
    Implemented,
    /// Not done, and no longer expected.
    NotImplemented,
    /// Events made it pointless.
    OvertakenByEvents,
    /// Taken back by the group that made it.
    Withdrawn,
}

/// What a meeting agreed: a recommendation, decision or proposal. Members of the group see all of
/// it; others see what is published: the public text, organisations and groups, no people, no free
/// texts.
#[derive(Clone, Debug, Description)]
pub struct RecommendationFields(Arc<Model>);

/// See [`RecommendationFields`].
pub type Recommendation = Written<RecommendationFields>;

fn as_entered() -> Window {
    Window { order: store::as_entered(), ..Window::default() }
}

impl Shown for RecommendationFields {
    type Row = Model;

    fn of(row: Arc<Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Group>("group", "group_id"),
            Relation::one::<Meeting>("meeting", "meeting_id"),
            Relation::one::<AgendaItem>("agendaItem", "agenda_item_id"),
            Relation::one::<Self>("derivedFrom", "derived_from_id"),
            Relation::one::<Group>("establishes", "establishes_group_id"),
            Relation::many::<Addressee>("addressees", "recommendation_id", |_| Window {
                order: store::by_position(),
                ..Window::default()
            }),
            Relation::many::<Self>("derived", "derived_from_id", |_| as_entered()),
            Relation::many::<FollowUp>("followUps", "recommendation_id", |_| as_entered()),
            Relation::many::<Review>("reviews", "recommendation_id", |_| as_entered()),
            Relation::many::<Referral>("referrals", "recommendation_id", |_| as_entered()),
            external::relation("recommendation_id"),
        ]
    }

    fn reads() -> Option<Reads> {
        Some(&[
            ("id", &[]),
            ("group", &[]),
            ("meeting", &[]),
            ("agendaItem", &[]),
            ("kind", &[]),
            ("position", &[]),
            ("text", &["public_text", SEAT]),
            ("language", &[]),
            ("status", &[]),
            ("followUps", &[]),
            ("createdAt", &[]),
            ("updatedAt", &[]),
        ])
    }
}

/// Whether the viewer sees all of it, not only what is published.
fn sees_all_of(front: &Front<'_>, row: &Model) -> bool {
    front.scope().may_read(Action::RecommendationRead, row.group_id, Some(row.operation_id), row.meeting_id)
}

impl Direct for RecommendationFields {
    fn direct(&self, name: &str, field: &Context<'_>, json: &mut Vec<u8>) -> bool {
        match name {
            "id" => Id(Kind::Recommendation, self.0.id).write(field, json),
            "group" => self.group(field).write(field, json),
            "meeting" => self.meeting(field).write(field, json),
            "agendaItem" => self.agenda_item(field).write(field, json),
            "kind" => Word(self.kind(field)).write(field, json),
            "position" => self.position(field).write(field, json),
            "text" => self.text(field).write(field, json),
            "publicText" => self.public_text(field).write(field, json),
            "language" => self.language(field).write(field, json),
            "status" => Word(self.status(field)).write(field, json),
            "statusReason" => self.status_reason(field).write(field, json),
            "availableTransitions" => self.available_transitions(field).write(field, json),
            "note" => self.note(field).write(field, json),
            "derivedFrom" => self.derived_from(field).write(field, json),
            "derived" => self.derived(field).write(field, json),
            "establishes" => self.establishes(field).write(field, json),
            "followUps" => self.follow_ups(field).write(field, json),
            "visibility" => Word(self.visibility(field)).write(field, json),
            "sensitivity" => Word(self.sensitivity(field)).write(field, json),
            "publishedAt" => self.published_at(field).write(field, json),
            "createdAt" => self.created_at(field).write(field, json),
            "updatedAt" => self.updated_at(field).write(field, json),
            "viewerPermissions" => self.viewer_permissions(field).write(field, json),
            "version" => self.version(field).write(field, json),
            _ => false,
        }
    }
}

#[Object(name = "Recommendation", use_type_description)]
impl RecommendationFields {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Recommendation, self.0.id)
    }

    /// The group that made it.
    fn group(&self, ctx: &Context<'_>) -> Option<Group> {
        Front::of(ctx).one(self.0.group_id)
    }

    /// The meeting that made it; null if that meeting is not recorded, or you may not see it.
    fn meeting(&self, ctx: &Context<'_>) -> Option<Meeting> {
        Front::of(ctx).one(self.0.meeting_id)
    }

    /// The point of the agenda under which it was made; null if not recorded.
    fn agenda_item(&self, ctx: &Context<'_>) -> Option<AgendaItem> {
        Front::of(ctx).one(self.0.agenda_item_id)
    }

    /// Whether it is a recommendation, a decision or a proposal.
    fn kind(&self) -> RecommendationKind {
        self.0.kind.into()
    }

    /// Its place among those of its meeting, from 1.
    fn position(&self) -> i32 {
        self.0.position
    }

    /// What was agreed. Whoever sees it only because it is published gets the public text.
    fn text(&self, ctx: &Context<'_>) -> &str {
        if sees_all_of(&Front::of(ctx), &self.0) {
            &self.0.text
        } else {
            // rows without a public text are hidden from whoever has no seat: see `visible`
            self.0.public_text.as_deref().unwrap_or_default()
        }
    }

    /// The text that goes out; null as long as it is not published.
    fn public_text(&self) -> Option<&str> {
        self.0.public_text.as_deref()
    }

    /// The language of the text (BCP 47).
    fn language(&self) -> &str {
        &self.0.language
    }

    /// To whom it is addressed, in the order written. Without a seat in the group you see
    /// organisations and groups only.
    fn addressees(&self, ctx: &Context<'_>) -> Result<Vec<Addressee>> {
        Front::of(ctx).many(&*self.0, "addressees")
    }

    /// What became of it.
    fn status(&self) -> RecommendationStatus {
        self.0.status.into()
    }

    /// Why it is in this state, in the words of whoever took the last step. For the group.
    fn status_reason(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.status_reason.as_deref().filter(|_| sees_all_of(&Front::of(ctx), &self.0))
    }

    /// The steps (mutations) that its state allows now and that you may take.
    fn available_transitions(&self, ctx: &Context<'_>) -> Vec<&str> {
        Front::of(ctx).actor().steps(rules::allowed(self.0.status), &store::target(&self.0))
    }

    /// Remarks of the officers. For the group.
    fn note(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.note.as_deref().filter(|_| sees_all_of(&Front::of(ctx), &self.0))
    }

    /// The recommendation from which it grew, e.g. in a review.
    fn derived_from(&self, ctx: &Context<'_>) -> Option<Recommendation> {
        Front::of(ctx).one(self.0.derived_from_id)
    }

    /// The recommendations that grew from it, as entered.
    fn derived(&self, ctx: &Context<'_>) -> Result<Vec<Recommendation>> {
        Front::of(ctx).many(&*self.0, "derived")
    }

    /// The group that it sets up, e.g. a task team.
    fn establishes(&self, ctx: &Context<'_>) -> Option<Group> {
        Front::of(ctx).one(self.0.establishes_group_id)
    }

    /// The action points that carry it out, as entered.
    fn follow_ups(&self, ctx: &Context<'_>) -> Result<Vec<FollowUp>> {
        Front::of(ctx).many(&*self.0, "followUps")
    }

    /// What meetings said when they looked at it again, as entered.
    fn reviews(&self, ctx: &Context<'_>) -> Result<Vec<Review>> {
        Front::of(ctx).many(&*self.0, "reviews")
    }

    /// The questions to other forums that it led to, as entered. An answer shows there.
    fn referrals(&self, ctx: &Context<'_>) -> Result<Vec<Referral>> {
        Front::of(ctx).many(&*self.0, "referrals")
    }

    /// Who may see it.
    fn visibility(&self) -> Visibility {
        self.0.visibility.into()
    }

    /// How bad disclosure would be.
    fn sensitivity(&self) -> Sensitivity {
        self.0.sensitivity.into()
    }

    /// When it was published, UTC; null: not yet.
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
        Front::of(ctx).actor().permissions(Kind::Recommendation, &store::target(&self.0))
    }

    /// Counts its changes; give it as `expectedVersion`.
    fn version(&self) -> i32 {
        self.0.version
    }
}

/// To whom a recommendation is addressed: as written, and who that is if it was understood.
#[derive(Clone, Debug, Description)]
pub struct AddresseeFields(Arc<addressee::Model>);

/// See [`AddresseeFields`].
pub type Addressee = Written<AddresseeFields>;

impl Direct for AddresseeFields {}

impl Shown for AddresseeFields {
    type Row = addressee::Model;

    fn of(row: Arc<addressee::Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Person>("person", "person_id"),
            Relation::one::<Organisation>("organisation", "organisation_id"),
            Relation::one::<Group>("group", "group_id"),
        ]
    }
}

impl AddresseeFields {
    /// Whether the viewer sees all of the recommendation, which was read before its addressees.
    fn is_seen_whole(&self, front: &Front<'_>) -> bool {
        let parent = front.reader().row::<Model>(self.0.recommendation_id);
        parent.is_some_and(|row| sees_all_of(front, &row))
    }
}

#[Object(name = "Addressee", use_type_description)]
impl AddresseeFields {
    /// As written, e.g. "CH, Ministère de tutelle, etc.". For the group.
    fn written_as(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.written_as.as_deref().filter(|_| self.is_seen_whole(&Front::of(ctx)))
    }

    /// The person, if it is one. For the group.
    fn person(&self, ctx: &Context<'_>) -> Option<Person> {
        let front = Front::of(ctx);
        front.one(self.0.person_id.filter(|_| self.is_seen_whole(&front)))
    }

    /// The organisation, if it is one.
    fn organisation(&self, ctx: &Context<'_>) -> Option<Organisation> {
        Front::of(ctx).one(self.0.organisation_id)
    }

    /// The group (every member of it), if it is one.
    fn group(&self, ctx: &Context<'_>) -> Option<Group> {
        Front::of(ctx).one(self.0.group_id)
    }
}
