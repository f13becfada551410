use std::sync::Arc;

use async_graphql::{Context, Description, Object};
use entity::meeting::Model;
use entity::{enums, meeting_group, meeting_join_link};
use uuid::Uuid;

use super::enums::{AgendaStatus, AttendanceRecord, MeetingKind, MeetingStatus, Modality};
use super::joint::JointGroup;
use super::series::MeetingSeries;
use crate::agenda::{self, AgendaItem, InvitedAgendaItem};
use crate::announcement::Announcement;
use crate::attendance::Attendance;
use crate::auth::Action;
use crate::db::{Direction, Order, SortColumn, SortKind, Window};
use crate::document::Document;
use crate::error::Result;
use crate::external::{self, ExternalReference};
use crate::follow_up::FollowUp;
use crate::graphql::{
    Date, DateTime, Direct, Front, Id, Json, Noun, Reads, Relation, Sensitivity, Shown, Visibility, Word,
    Written,
};
use crate::group::Group;
use crate::id::Kind;
use crate::meeting::{rules, store};
use crate::minutes::Minutes;
use crate::operation::Operation;
use crate::organisation::Organisation;
use crate::place::Place;
use crate::recommendation::Recommendation;
use crate::review::Review;

/// One meeting of one group, possibly joint with others.
///
/// Drafts: officers and operation managers. Later: whoever has a seat in one of its groups sees all of it;
/// PUBLIC and LOW meetings of PUBLIC groups (for accounts of the operation also OPERATION and MODERATE ones) are
/// in the calendar that everybody sees: title, day and hour, place, no more. Administrators without a seat see
/// group, date and status.
#[derive(Clone, Debug, Description)]
pub struct MeetingFields(Arc<Model>);

/// See [`MeetingFields`].
pub type Meeting = Written<MeetingFields>;

/// How much of a meeting a viewer reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sight {
    /// Group, date and status.
    Register,
    /// What the calendar shows.
    Calendar,
    /// All of it.
    Inside,
}

impl MeetingFields {
    /// With the seats that the viewer has in these groups.
    fn sight(&self, front: &Front<'_>, groups: &[Uuid]) -> Sight {
        let (row, scope) = (&self.0, front.scope());
        if groups
            .iter()
            .any(|g| scope.may_read(Action::MeetingRead, *g, Some(row.operation_id), Some(row.id)))
        {
            return Sight::Inside;
        }
        let public =
            row.visibility == enums::Visibility::Public && row.sensitivity == enums::Sensitivity::Low;
        let in_operation = scope.operations().contains(&row.operation_id)
            && row.visibility <= enums::Visibility::Operation
            && row.sensitivity <= enums::Sensitivity::Moderate;
        // all that others see of it without a seat is the calendar: an administrator sees no more than they
        if scope.actor().is_admin && !public && !in_operation { Sight::Register } else { Sight::Calendar }
    }

    /// Whether the calendar's fields are shown.
    fn in_calendar(&self, ctx: &Context<'_>) -> bool {
        let front = Front::of(ctx);
        // only administrators see meetings of which they see less
        !front.actor().is_admin || self.sight(&front, &[self.0.group_id]) >= Sight::Calendar
    }

    /// Whether the fields that stay inside are shown. They need `otherGroups`, see the relations.
    fn inside(&self, ctx: &Context<'_>) -> bool {
        let front = Front::of(ctx);
        let others = front.rows::<meeting_group::Model>(&*self.0, "otherGroups").unwrap_or_default();
        let groups: Vec<Uuid> = others.iter().map(|r| r.group_id).chain([self.0.group_id]).collect();
        self.sight(&front, &groups) == Sight::Inside
    }
}

fn by_number(column: &'static str, direction: Direction) -> Window {
    let order = Order(vec![(SortColumn { name: column, kind: SortKind::Number }, direction)]);
    Window { order, ..Window::default() }
}

fn by_position() -> Window {
    Window::ascending("position", SortKind::Number)
}

impl Shown for MeetingFields {
    type Row = Model;

    fn of(row: Arc<Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Group>("group", "group_id"),
            Relation::one::<Operation>("operation", "operation_id"),
            Relation::one::<MeetingSeries>("series", "series_id"),
            Relation::one::<Organisation>("hostOrganisation", "host_organisation_id"),
            Relation::one::<Place>("place", "place_id"),
            // what stays inside depends on the seats in the other groups too
            Relation::many::<JointGroup>("otherGroups", "meeting_id", |_| Window::default()).also(&[
                "dateText",
                "timesText",
                "actualStart",
                "actualEnd",
                "notes",
                "agendaStatus",
                "agendaAsInvited",
                "attendanceRecord",
                "headcount",
                "statusReason",
            ]),
            Relation::rows(
                "joinUrl",
                "meeting_id",
                || Noun::leaf(&store::join_link::TABLE),
                |_| Window::default(),
            ),
            Relation::many::<AgendaItem>("agendaItems", "meeting_id", |_| by_position()),
            Relation::many::<Attendance>("attendance", "meeting_id", |_| by_position()),
            Relation::many::<Minutes>("minutesRevisions", "meeting_id", |_| {
                by_number("revision", Direction::Descending)
            })
            .also(&["minutes"]),
            Relation::many::<Recommendation>("recommendations", "meeting_id", |_| by_position()),
            Relation::many::<FollowUp>("followUps", "meeting_id", |_| by_position()),
            Relation::many::<Review>("reviews", "meeting_id", |_| by_position()),
            Relation::many::<Announcement>("announcements", "meeting_id", |_| by_position()),
            Relation::many::<Document>("documents", "meeting_id", |_| by_position()),
            external::relation("meeting_id"),
        ]
    }

    fn reads() -> Option<Reads> {
        Some(&[
            ("id", &[]),
            ("group", &[]),
            ("title", &[]),
            ("kind", &[]),
            ("status", &[]),
            ("heldOn", &[]),
            ("occursOn", &[]),
            ("language", &[]),
            ("agendaItems", &[]),
            ("recommendations", &[]),
            ("followUps", &[]),
            ("createdAt", &[]),
            ("updatedAt", &[]),
        ])
    }
}

impl Direct for MeetingFields {
    fn direct(&self, name: &str, field: &Context<'_>, json: &mut Vec<u8>) -> bool {
        match name {
            "id" => Id(Kind::Meeting, self.0.id).write(field, json),
            "group" => self.group(field).write(field, json),
            "operation" => self.operation(field).write(field, json),
            "title" => self.title(field).write(field, json),
            "kind" => Word(self.kind(field)).write(field, json),
            "status" => Word(self.status(field)).write(field, json),
            "statusReason" => self.status_reason(field).write(field, json),
            "availableTransitions" => self.available_transitions(field).write(field, json),
            "heldOn" => self.held_on(field).write(field, json),
            "occursOn" => self.occurs_on(field).write(field, json),
            "dateText" => self.date_text(field).write(field, json),
            "timesText" => self.times_text(field).write(field, json),
            "scheduledStart" => self.scheduled_start(field).write(field, json),
            "scheduledEnd" => self.scheduled_end(field).write(field, json),
            "actualStart" => self.actual_start(field).write(field, json),
            "actualEnd" => self.actual_end(field).write(field, json),
            "timeZone" => self.time_zone(field).write(field, json),
            "notes" => self.notes(field).write(field, json),
            "modality" => self.modality(field).map(Word).write(field, json),
            "venueText" => self.venue_text(field).write(field, json),
            "hostOrganisation" => self.host_organisation(field).write(field, json),
            "joinUrl" => self.join_url(field).write(field, json),
            "agendaStatus" => self.agenda_status(field).map(Word).write(field, json),
            "attendanceRecord" => self.attendance_record(field).map(Word).write(field, json),
            "headcount" => self.headcount(field).write(field, json),
            "language" => self.language(field).write(field, json),
            "visibility" => Word(self.visibility(field)).write(field, json),
            "sensitivity" => Word(self.sensitivity(field)).write(field, json),
            "agendaItems" => self.agenda_items(field).write(field, json),
            "recommendations" => self.recommendations(field).write(field, json),
            "followUps" => self.follow_ups(field).write(field, json),
            "createdAt" => self.created_at(field).write(field, json),
            "updatedAt" => self.updated_at(field).write(field, json),
            "viewerPermissions" => self.viewer_permissions(field).write(field, json),
            "version" => self.version(field).write(field, json),
            _ => false,
        }
    }
}

#[Object(name = "Meeting", use_type_description)]
impl MeetingFields {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Meeting, self.0.id)
    }

    /// The group that meets.
    fn group(&self, ctx: &Context<'_>) -> Option<Group> {
        Front::of(ctx).one(self.0.group_id)
    }

    /// The other groups of a joint meeting; empty if it is not joint. Their members see it too.
    fn other_groups(&self, ctx: &Context<'_>) -> Result<Vec<JointGroup>> {
        Front::of(ctx).many(&*self.0, "otherGroups")
    }

    /// The operation.
    fn operation(&self, ctx: &Context<'_>) -> Option<Operation> {
        Front::of(ctx).one(self.0.operation_id)
    }

    /// The series it belongs to; null if none, or if you may not see it.
    fn series(&self, ctx: &Context<'_>) -> Option<MeetingSeries> {
        Front::of(ctx).one(self.0.series_id)
    }

    /// Its title. In the calendar.
    fn title(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.title.as_deref().filter(|_| self.in_calendar(ctx))
    }

    /// What kind of meeting it is.
    fn kind(&self) -> MeetingKind {
        self.0.kind.into()
    }

    /// Where it is in its life.
    fn status(&self) -> MeetingStatus {
        self.0.status.into()
    }

    /// Why its last step was taken, if a reason was given. For whoever has a seat.
    fn status_reason(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.status_reason.as_deref().filter(|_| self.inside(ctx))
    }

    /// The steps (mutations) that its state allows now and that you may take.
    fn available_transitions(&self, ctx: &Context<'_>) -> Vec<&str> {
        Front::of(ctx).actor().steps(rules::allowed(self.0.status), &store::target(&self.0))
    }

    /// The day on which it was held, where it was held; null if it was not yet, or if the record does not say.
    fn held_on(&self) -> Option<Date> {
        self.0.held_on.map(Date)
    }

    /// The day under which it is filed: `heldOn`, else the day of `scheduledStart` in its time zone.
    fn occurs_on(&self) -> Option<Date> {
        self.0.occurs_on.map(Date)
    }

    /// The date as written. For whoever has a seat.
    fn date_text(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.date_text.as_deref().filter(|_| self.inside(ctx))
    }

    /// The hours as written, e.g. `de 9 h à 11 h`. For whoever has a seat.
    fn times_text(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.times_text.as_deref().filter(|_| self.inside(ctx))
    }

    /// When it is to begin, UTC. In the calendar.
    fn scheduled_start(&self) -> Option<DateTime> {
        self.0.scheduled_start.map(DateTime)
    }

    /// When it is to end, UTC. In the calendar.
    fn scheduled_end(&self) -> Option<DateTime> {
        self.0.scheduled_end.map(DateTime)
    }

    /// When it began, UTC; null if not recorded. For whoever has a seat.
    fn actual_start(&self, ctx: &Context<'_>) -> Option<DateTime> {
        self.0.actual_start.filter(|_| self.inside(ctx)).map(DateTime)
    }

    /// When it ended, UTC; null if not recorded. For whoever has a seat.
    fn actual_end(&self, ctx: &Context<'_>) -> Option<DateTime> {
        self.0.actual_end.filter(|_| self.inside(ctx)).map(DateTime)
    }

    /// The time zone (IANA) in which its day and hours are meant.
    fn time_zone(&self) -> &str {
        &self.0.time_zone
    }

    /// Notes that belong to no point of the agenda. For whoever has a seat.
    fn notes(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.notes.as_deref().filter(|_| self.inside(ctx))
    }

    /// How people take part. In the calendar; null for administrators without a seat.
    fn modality(&self, ctx: &Context<'_>) -> Option<Modality> {
        self.in_calendar(ctx).then(|| self.0.modality.into())
    }

    /// The room or address as written. In the calendar.
    fn venue_text(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.venue_text.as_deref().filter(|_| self.in_calendar(ctx))
    }

    /// The organisation that hosts it. In the calendar.
    fn host_organisation(&self, ctx: &Context<'_>) -> Option<Organisation> {
        Front::of(ctx).one(self.0.host_organisation_id.filter(|_| self.in_calendar(ctx)))
    }

    /// The administrative area where it is. In the calendar.
    fn place(&self, ctx: &Context<'_>) -> Option<Place> {
        Front::of(ctx).one(self.0.place_id.filter(|_| self.in_calendar(ctx)))
    }

    /// The link into the call: it lets strangers in. For whoever has a seat; not for operation managers.
    fn join_url(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let rows = Front::of(ctx).rows::<meeting_join_link::Model>(&*self.0, "joinUrl")?;
        Ok(rows.first().map(|r| r.url.clone()))
    }

    /// What the meeting made of its agenda. For whoever has a seat.
    fn agenda_status(&self, ctx: &Context<'_>) -> Option<AgendaStatus> {
        self.inside(ctx).then(|| self.0.agenda_status.into())
    }

    /// The agenda as it went out with the invitation, whatever became of it; null if no invitation went out. Points
    /// kept for a narrower circle than the meeting are not part of it. For whoever has a seat.
    fn agenda_as_invited(&self, ctx: &Context<'_>) -> Option<Vec<InvitedAgendaItem>> {
        self.0.agenda_as_invited.as_deref().filter(|_| self.inside(ctx)).map(agenda::invited_items)
    }

    /// What the record says about attendance. For whoever has a seat.
    fn attendance_record(&self, ctx: &Context<'_>) -> Option<AttendanceRecord> {
        self.inside(ctx).then(|| self.0.attendance_record.into())
    }

    /// How many people were there; null if nobody counted. For whoever has a seat.
    fn headcount(&self, ctx: &Context<'_>) -> Option<i32> {
        self.0.headcount.filter(|_| self.inside(ctx))
    }

    /// The language of its texts (BCP 47).
    fn language(&self) -> &str {
        &self.0.language
    }

    /// Who may see it; what belongs to it is no wider.
    fn visibility(&self) -> Visibility {
        self.0.visibility.into()
    }

    /// How bad disclosure would be; what belongs to it is no milder.
    fn sensitivity(&self) -> Sensitivity {
        self.0.sensitivity.into()
    }

    /// The points of its agenda (ordre du jour) that you may see, in order.
    fn agenda_items(&self, ctx: &Context<'_>) -> Result<Vec<AgendaItem>> {
        Front::of(ctx).many(&*self.0, "agendaItems")
    }

    /// Its attendance list, in order: names for members, organisations for observers and operation managers, nothing
    /// for others.
    fn attendance(&self, ctx: &Context<'_>) -> Result<Vec<Attendance>> {
        Front::of(ctx).many(&*self.0, "attendance")
    }

    /// The latest revision of its minutes (compte rendu) that you may see.
    fn minutes(&self, ctx: &Context<'_>) -> Option<Result<Minutes>> {
        let revisions = Front::of(ctx).many(&*self.0, "minutesRevisions");
        revisions.map(|list: Vec<Minutes>| list.into_iter().next()).transpose()
    }

    /// The revisions of its minutes that you may see, the latest first.
    fn minutes_revisions(&self, ctx: &Context<'_>) -> Result<Vec<Minutes>> {
        Front::of(ctx).many(&*self.0, "minutesRevisions")
    }

    /// What it recommended, decided or proposed, in order.
    fn recommendations(&self, ctx: &Context<'_>) -> Result<Vec<Recommendation>> {
        Front::of(ctx).many(&*self.0, "recommendations")
    }

    /// The action points (points d'action) that it gave out, in order.
    fn follow_ups(&self, ctx: &Context<'_>) -> Result<Vec<FollowUp>> {
        Front::of(ctx).many(&*self.0, "followUps")
    }

    /// What it looked back at (suivi des recommandations), in order.
    fn reviews(&self, ctx: &Context<'_>) -> Result<Vec<Review>> {
        Front::of(ctx).many(&*self.0, "reviews")
    }

    /// Missions, assessments and events told to it, in order.
    fn announcements(&self, ctx: &Context<'_>) -> Result<Vec<Announcement>> {
        Front::of(ctx).many(&*self.0, "announcements")
    }

    /// Its papers, in order.
    fn documents(&self, ctx: &Context<'_>) -> Result<Vec<Document>> {
        Front::of(ctx).many(&*self.0, "documents")
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
        Front::of(ctx).actor().permissions(Kind::Meeting, &store::target(&self.0))
    }

    /// Counts its changes; give it as `expectedVersion`.
    fn version(&self) -> i32 {
        self.0.version
    }
}
