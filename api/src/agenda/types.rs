use std::sync::Arc;

use async_graphql::{Context, Description, Enum, Object, SimpleObject};
use entity::agenda_item::Model;
use entity::presenter;

use super::{invited, rules, store};
use crate::announcement::Announcement;
use crate::auth::Action;
use crate::belonging::Belonging;
use crate::db::Window;
use crate::document::Document;
use crate::error::Result;
use crate::follow_up::FollowUp;
use crate::graphql::{
    DateTime, Direct, Front, Id, Json, Reads, Relation, Sensitivity, Shown, Visibility, Word, Written,
};
use crate::id::Kind;
use crate::meeting::Meeting;
use crate::organisation::Organisation;
use crate::person::Person;
use crate::recommendation::Recommendation;
use crate::review::Review;

/// What kind of point it is.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::AgendaItemKind")]
pub enum AgendaItemKind {
    /// Opening, greetings, adoption of the agenda.
    Opening,
    /// Adoption of earlier minutes.
    MinutesAdoption,
    /// Looking back at recommendations and action points (suivi des recommandations). A meeting with such an item
    /// closes when every open one has been looked at.
    FollowUpReview,
    /// Somebody presents something.
    Presentation,
    /// Every partner in turn (tour de table).
    PartnerUpdates,
    /// The situation in the country.
    SituationUpdate,
    /// A discussion.
    Discussion,
    /// Any other business (divers).
    AnyOtherBusiness,
}

/// What a point is for.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::AgendaItemPurpose")]
pub enum AgendaItemPurpose {
    /// The meeting is to decide.
    Decision,
    /// The meeting is to discuss.
    Discussion,
    /// The meeting is told.
    Information,
}

/// What became of a point.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::AgendaItemStatus")]
pub enum AgendaItemStatus {
    /// It is on the agenda.
    Planned,
    /// It was dealt with.
    Covered,
    /// It was dealt with in part.
    PartlyCovered,
    /// It was put off (reporté), perhaps to a known meeting.
    Deferred,
    /// It goes on outside meetings.
    MovedOffline,
    /// It is for another forum.
    Referred,
    /// There was no time for it.
    NotCovered,
    /// It was taken off.
    Withdrawn,
    /// The record of a meeting of the past does not say.
    NotRecorded,
}

/// Where something goes on outside meetings.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::OfflineChannel")]
pub enum OfflineChannel {
    /// By e-mail.
    Email,
    /// By telephone.
    Phone,
    /// By chat.
    Chat,
    /// Another way.
    Other,
}

/// A point of the agenda as it went out with the invitation.
#[derive(SimpleObject, Clone, Debug)]
pub struct InvitedAgendaItem {
    /// Its position then, from 1.
    position: i32,
    /// The number printed before it, as written.
    printed_number: Option<String>,
    /// Its title then.
    title: String,
    /// Its kind then.
    kind: AgendaItemKind,
}

/// From what a meeting keeps.
pub(crate) fn invited_items(kept: &str) -> Vec<InvitedAgendaItem> {
    let shown = |i: invited::Invited| InvitedAgendaItem {
        position: i.position,
        printed_number: i.printed_number,
        title: i.title,
        kind: i.kind.into(),
    };
    invited::read(kept).into_iter().map(shown).collect()
}

/// Who presents a point, as written and as understood.
#[derive(Clone, Debug, Description)]
pub struct PresenterFields {
    row: Arc<presenter::Model>,
    /// Whether the viewer may read names. Nobody, until the item says so: it knows the group.
    is_named: bool,
}

/// See [`PresenterFields`].
pub type Presenter = Written<PresenterFields>;

impl Direct for PresenterFields {}

impl Shown for PresenterFields {
    type Row = presenter::Model;

    fn of(row: Arc<presenter::Model>) -> Self {
        Self { row, is_named: false }
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Person>("person", "person_id"),
            Relation::one::<Organisation>("organisation", "organisation_id"),
        ]
    }
}

#[Object(name = "Presenter", use_type_description)]
impl PresenterFields {
    /// The name as written. For members of the group.
    fn display_name(&self) -> Option<&str> {
        self.is_named.then_some(self.row.display_name.as_str())
    }

    /// The function as written. For members of the group.
    fn function_text(&self) -> Option<&str> {
        self.row.function_text.as_deref().filter(|_| self.is_named)
    }

    /// The organisation as written.
    fn organisation_text(&self) -> Option<&str> {
        self.row.organisation_text.as_deref()
    }

    /// The person that is meant, if known. For members of the group.
    fn person(&self, ctx: &Context<'_>) -> Option<Person> {
        Front::of(ctx).one(self.row.person_id.filter(|_| self.is_named))
    }

    /// The organisation that is meant, if known.
    fn organisation(&self, ctx: &Context<'_>) -> Option<Organisation> {
        Front::of(ctx).one(self.row.organisation_id)
    }
}

/// A point on the agenda (ordre du jour) of a meeting. Visible as its meeting is, or to fewer; items of a draft to
/// officers and operation managers.
#[derive(Clone, Debug, Description)]
pub struct AgendaItemFields(Arc<Model>);

/// See [`AgendaItemFields`].
pub type AgendaItem = Written<AgendaItemFields>;

impl AgendaItemFields {
    /// Whether the viewer has a seat, or sees it as one who has.
    fn inside(&self, ctx: &Context<'_>) -> bool {
        let (row, front) = (&self.0, Front::of(ctx));
        row.published_at.is_none()
            || front.scope().may_read(
                Action::MeetingRead,
                row.group_id,
                Some(row.operation_id),
                Some(row.meeting_id),
            )
    }
}

fn by_position() -> Window {
    Window { order: store::by_position(), ..Window::default() }
}

impl Shown for AgendaItemFields {
    type Row = Model;

    fn of(row: Arc<Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![
            // which steps are possible depends on the state of the meeting too
            Relation::one::<Meeting>("meeting", "meeting_id").also(&["availableTransitions"]),
            Relation::one::<Meeting>("deferredTo", "deferred_to_id"),
            Relation::one::<Self>("continues", "continues_id"),
            Relation::many::<Self>("continuedBy", "continues_id", |_| Window {
                order: store::as_entered(),
                ..Window::default()
            }),
            Relation::many::<Presenter>("presenters", "agenda_item_id", |_| by_position()),
            Relation::many::<Recommendation>("recommendations", "agenda_item_id", |_| by_position()),
            Relation::many::<FollowUp>("followUps", "agenda_item_id", |_| by_position()),
            Relation::many::<Review>("reviews", "agenda_item_id", |_| by_position()),
            Relation::many::<Announcement>("announcements", "agenda_item_id", |_| by_position()),
            Relation::many::<Document>("documents", "agenda_item_id", |_| by_position()),
        ]
    }

    fn reads() -> Option<Reads> {
        Some(&[
            ("id", &[]),
            ("meeting", &[]),
            ("position", &[]),
            ("printedNumber", &[]),
            ("kind", &[]),
            ("title", &[]),
            ("status", &[]),
            ("recommendations", &[]),
            ("followUps", &[]),
        ])
    }
}

impl Direct for AgendaItemFields {
    fn direct(&self, name: &str, field: &Context<'_>, json: &mut Vec<u8>) -> bool {
        match name {
            "id" => Id(Kind::AgendaItem, self.0.id).write(field, json),
            "meeting" => self.meeting(field).write(field, json),
            "position" => self.position(field).write(field, json),
            "printedNumber" => self.printed_number(field).write(field, json),
            "kind" => Word(self.kind(field)).write(field, json),
            "purpose" => self.purpose(field).map(Word).write(field, json),
            "title" => self.title(field).write(field, json),
            "plannedMinutes" => self.planned_minutes(field).write(field, json),
            "status" => Word(self.status(field)).write(field, json),
            "statusNote" => self.status_note(field).write(field, json),
            "availableTransitions" => self.available_transitions(field).write(field, json),
            "offlineChannel" => self.offline_channel(field).map(Word).write(field, json),
            "deferredTo" => self.deferred_to(field).write(field, json),
            "continues" => self.continues(field).write(field, json),
            "continuedBy" => self.continued_by(field).write(field, json),
            "discussion" => self.discussion(field).write(field, json),
            "language" => self.language(field).write(field, json),
            "visibility" => Word(self.visibility(field)).write(field, json),
            "sensitivity" => Word(self.sensitivity(field)).write(field, json),
            "recommendations" => self.recommendations(field).write(field, json),
            "followUps" => self.follow_ups(field).write(field, json),
            "createdAt" => self.created_at(field).write(field, json),
            "updatedAt" => self.updated_at(field).write(field, json),
            "version" => self.version(field).write(field, json),
            _ => false,
        }
    }
}

#[Object(name = "AgendaItem", use_type_description)]
impl AgendaItemFields {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::AgendaItem, self.0.id)
    }

    /// The meeting.
    fn meeting(&self, ctx: &Context<'_>) -> Option<Meeting> {
        Front::of(ctx).one(self.0.meeting_id)
    }

    /// Its position on the agenda, from 1, each once.
    fn position(&self) -> i32 {
        self.0.position
    }

    /// The number printed before it, as written: minutes print the same number twice, or none.
    fn printed_number(&self) -> Option<&str> {
        self.0.printed_number.as_deref()
    }

    /// What kind of point it is.
    fn kind(&self) -> AgendaItemKind {
        self.0.kind.into()
    }

    /// What it is for; null if nobody said.
    fn purpose(&self) -> Option<AgendaItemPurpose> {
        self.0.purpose.map(Into::into)
    }

    /// Its title.
    fn title(&self) -> &str {
        &self.0.title
    }

    /// How long it is planned to take, in minutes.
    fn planned_minutes(&self) -> Option<i32> {
        self.0.planned_minutes
    }

    /// Who presents it. Names are for members of the group; others see organisations.
    fn presenters(&self, ctx: &Context<'_>) -> Result<Vec<Presenter>> {
        let front = Front::of(ctx);
        let (row, names) = (&self.0, Action::AttendanceReadNames);
        let is_named =
            front.scope().may_read(names, row.group_id, Some(row.operation_id), Some(row.meeting_id));
        let rows = front.rows::<presenter::Model>(&*self.0, "presenters")?;
        Ok(rows.into_iter().map(|row| Written(PresenterFields { row, is_named })).collect())
    }

    /// What became of it.
    fn status(&self) -> AgendaItemStatus {
        self.0.status.into()
    }

    /// A word on what became of it. Not for public viewers.
    fn status_note(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.status_note.as_deref().filter(|_| self.inside(ctx))
    }

    /// The steps (mutations) that its state and that of its meeting allow now and that you may take.
    fn available_transitions(&self, ctx: &Context<'_>) -> Vec<&str> {
        let front = Front::of(ctx);
        let meeting = front.reader().row::<entity::meeting::Model>(self.0.meeting_id);
        meeting.map_or_else(Vec::new, |meeting| {
            let target = Belonging::of_meeting(&meeting).target();
            front.actor().steps(rules::allowed(self.0.status, meeting.status), &target)
        })
    }

    /// Where it goes on, if it was moved out of meetings.
    fn offline_channel(&self) -> Option<OfflineChannel> {
        self.0.offline_channel.map(Into::into)
    }

    /// The meeting to which it was put off; null if it was not, or to no particular one.
    fn deferred_to(&self, ctx: &Context<'_>) -> Option<Meeting> {
        Front::of(ctx).one(self.0.deferred_to_id)
    }

    /// The item of an earlier meeting that it takes up again.
    fn continues(&self, ctx: &Context<'_>) -> Option<AgendaItem> {
        Front::of(ctx).one(self.0.continues_id)
    }

    /// The items of other meetings that take it up again.
    fn continued_by(&self, ctx: &Context<'_>) -> Result<Vec<AgendaItem>> {
        Front::of(ctx).many(&*self.0, "continuedBy")
    }

    /// What was said; comments and questions stay here, they are no recommendations. Not for public viewers.
    fn discussion(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.discussion.as_deref().filter(|_| self.inside(ctx))
    }

    /// The language of its texts (BCP 47).
    fn language(&self) -> &str {
        &self.0.language
    }

    /// Who may see it.
    fn visibility(&self) -> Visibility {
        self.0.visibility.into()
    }

    /// How bad disclosure would be.
    fn sensitivity(&self) -> Sensitivity {
        self.0.sensitivity.into()
    }

    /// What was recommended, decided or proposed under it, in order.
    fn recommendations(&self, ctx: &Context<'_>) -> Result<Vec<Recommendation>> {
        Front::of(ctx).many(&*self.0, "recommendations")
    }

    /// The action points (points d'action) given out under it, in order.
    fn follow_ups(&self, ctx: &Context<'_>) -> Result<Vec<FollowUp>> {
        Front::of(ctx).many(&*self.0, "followUps")
    }

    /// What was looked back at under it, in order.
    fn reviews(&self, ctx: &Context<'_>) -> Result<Vec<Review>> {
        Front::of(ctx).many(&*self.0, "reviews")
    }

    /// Missions, assessments and events told under it, in order.
    fn announcements(&self, ctx: &Context<'_>) -> Result<Vec<Announcement>> {
        Front::of(ctx).many(&*self.0, "announcements")
    }

    /// Its papers, in order.
    fn documents(&self, ctx: &Context<'_>) -> Result<Vec<Document>> {
        Front::of(ctx).many(&*self.0, "documents")
    }

    /// When it was entered, UTC.
    fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was last changed, UTC.
    fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }

    /// Counts its changes; give it as `expectedVersion`.
    fn version(&self) -> i32 {
        self.0.version
    }
}
