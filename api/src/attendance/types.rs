use std::sync::Arc;

use async_graphql::{Context, Description, Enum, Object};
use entity::attendance::Model;

use crate::auth::Action;
use crate::graphql::{DateTime, Direct, Front, Id, Relation, Sensitivity, Shown, Visibility, Written};
use crate::id::Kind;
use crate::meeting::Meeting;
use crate::organisation::Organisation;
use crate::person::Person;

/// Whether somebody was there.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::AttendanceStatus")]
pub enum AttendanceStatus {
    /// Invited; whether they came is not known.
    Invited,
    /// In the room.
    Present,
    /// By telephone or video.
    Remote,
    /// Somebody else came instead.
    Represented,
    /// Excused.
    Excused,
    /// Neither there nor excused.
    Absent,
}

/// As what somebody took part.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::AttendanceCapacity")]
pub enum AttendanceCapacity {
    /// As a member of the group.
    Member,
    /// As an observer.
    Observer,
    /// As a guest of this meeting.
    Invitee,
    /// As part of the secretariat.
    Secretariat,
}

/// A part in one meeting. It is no role in the group: an information manager may chair a meeting.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeetingRole {
    /// Chairs the meeting.
    Chair,
    /// Takes the minutes.
    MinuteTaker,
    /// Presents something.
    Presenter,
}

/// A line of an attendance list: somebody, or an organisation, as written and as understood.
///
/// Visible with organisations to observers and operation managers, with names to members and officers of the group;
/// to nobody else. Members of another group of a joint meeting see organisations.
#[derive(Clone, Debug, Description)]
pub struct AttendanceFields(Arc<Model>);

/// See [`AttendanceFields`].
pub type Attendance = Written<AttendanceFields>;

impl Direct for AttendanceFields {}

impl AttendanceFields {
    /// Whether the viewer may read names: with a right in the group, or it is themselves.
    fn is_named(&self, ctx: &Context<'_>) -> bool {
        let (row, scope) = (&self.0, Front::of(ctx).scope());
        let is_oneself = row.person_id.is_some() && row.person_id == scope.actor().person_id;
        is_oneself
            || scope.may_read(
                Action::AttendanceReadNames,
                row.group_id,
                Some(row.operation_id),
                Some(row.meeting_id),
            )
    }
}

impl Shown for AttendanceFields {
    type Row = Model;

    fn of(row: Arc<Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Meeting>("meeting", "meeting_id"),
            Relation::one::<Person>("person", "person_id"),
            Relation::one::<Organisation>("organisation", "organisation_id"),
        ]
    }
}

#[Object(name = "Attendance", use_type_description)]
impl AttendanceFields {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Attendance, self.0.id)
    }

    /// The meeting.
    fn meeting(&self, ctx: &Context<'_>) -> Option<Meeting> {
        Front::of(ctx).one(self.0.meeting_id)
    }

    /// Its position on the list, from 1, each once.
    fn position(&self) -> i32 {
        self.0.position
    }

    /// The name as written. For members and officers of the group, and oneself.
    fn display_name(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.display_name.as_deref().filter(|_| self.is_named(ctx))
    }

    /// The organisation as written.
    fn organisation_text(&self) -> Option<&str> {
        self.0.organisation_text.as_deref()
    }

    /// The function as written. For members and officers of the group, and oneself.
    fn function_text(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.function_text.as_deref().filter(|_| self.is_named(ctx))
    }

    /// The person that is meant; null while nobody has found out. For members and officers of the group, and oneself.
    fn person(&self, ctx: &Context<'_>) -> Option<Person> {
        Front::of(ctx).one(self.0.person_id.filter(|_| self.is_named(ctx)))
    }

    /// The organisation that is meant; null while nobody has found out.
    fn organisation(&self, ctx: &Context<'_>) -> Option<Organisation> {
        Front::of(ctx).one(self.0.organisation_id)
    }

    /// Whether they were there.
    fn status(&self) -> AttendanceStatus {
        self.0.status.into()
    }

    /// As what they took part; null if nobody said.
    fn capacity(&self) -> Option<AttendanceCapacity> {
        self.0.capacity.map(Into::into)
    }

    /// Their parts in this meeting.
    fn meeting_roles(&self) -> Vec<MeetingRole> {
        let row = &self.0;
        [
            row.is_chair.then_some(MeetingRole::Chair),
            row.is_minute_taker.then_some(MeetingRole::MinuteTaker),
            row.is_presenter.then_some(MeetingRole::Presenter),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// A note. For members and officers of the group, and oneself.
    fn note(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.note.as_deref().filter(|_| self.is_named(ctx))
    }

    /// Who may see it.
    fn visibility(&self) -> Visibility {
        self.0.visibility.into()
    }

    /// How bad disclosure would be.
    fn sensitivity(&self) -> Sensitivity {
        self.0.sensitivity.into()
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
