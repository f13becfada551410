use async_graphql::InputObject;
use entity::meeting::Model;
use entity::{coordination_group, enums, meeting_series, operation, organisation, place};
use uuid::Uuid;

use crate::auth::Permit;
use crate::belonging::Belonging;
use crate::db::{Seen, Tx};
use crate::error::{At, Error, Result, Rule, Why};
use crate::external::{self, ExternalReferenceInput, Owner};
use crate::graphql::{Date, DateTime, Id, Sensitivity, Visibility, new_id, referenced};
use crate::id::Kind;
use crate::meeting::types::{AgendaStatus, AttendanceRecord, MeetingKind, Modality};
use crate::meeting::{rules, store};
use crate::operation::time_zone;
use crate::text;

/// What a meeting is, wherever it is entered. What is not known is left out.
#[derive(InputObject, Clone, Debug)]
pub struct MeetingDraft {
    /// An id of your own (`mtg_` and the hex of a UUID); left out, one is made, but `meetingRecord` needs one: sent
    /// again, it then knows the meeting.
    pub id: Option<Id>,
    /// What kind of meeting it is.
    pub kind: MeetingKind,
    /// Its title.
    pub title: Option<String>,
    /// The series it belongs to, of the same group.
    pub series: Option<Id>,
    /// The other groups of a joint meeting, of the same operation.
    pub other_groups: Option<Vec<Id>>,
    /// The day on which it was held; only of a meeting of the past.
    pub held_on: Option<Date>,
    /// The date as written.
    pub date_text: Option<String>,
    /// The hours as written.
    pub times_text: Option<String>,
    /// When it is to begin.
    pub scheduled_start: Option<DateTime>,
    /// When it is to end.
    pub scheduled_end: Option<DateTime>,
    /// When it began; only of a meeting of the past.
    pub actual_start: Option<DateTime>,
    /// When it ended; only of a meeting of the past.
    pub actual_end: Option<DateTime>,
    /// The time zone of its day and hours (IANA); that of the series, else of the operation, if left out.
    pub time_zone: Option<String>,
    /// Notes that belong to no point of the agenda.
    pub notes: Option<String>,
    /// How people take part; NOT_RECORDED if left out.
    pub modality: Option<Modality>,
    /// The room or address, as written.
    pub venue_text: Option<String>,
    /// The organisation that hosts it.
    pub host_organisation: Option<Id>,
    /// The administrative area where it is.
    pub place: Option<Id>,
    /// The link into the call.
    pub join_url: Option<String>,
    /// What the meeting made of its agenda; NOT_RECORDED if left out.
    pub agenda_status: Option<AgendaStatus>,
    /// What the record says about attendance; NOT_RECORDED if left out.
    pub attendance_record: Option<AttendanceRecord>,
    /// How many people were there.
    pub headcount: Option<i32>,
    /// The language of its texts (BCP 47); the operation's if left out.
    pub language: Option<String>,
    /// Who may see it, if fewer than its groups' default.
    pub visibility: Option<Visibility>,
    /// How bad disclosure would be, if worse than its groups' default.
    pub sensitivity: Option<Sensitivity>,
    /// Its codes in other systems.
    pub external_references: Option<Vec<ExternalReferenceInput>>,
}

/// Enters a meeting of a group in an open transaction. `status`: DRAFT, or HELD or CLOSED for one of
/// the past; `record_digest`: what `meetingRecord` recognises a repeat by.
///
/// # Errors
/// `NOT_FOUND`, `OTHER_GROUP`, `END_BEFORE_START`, and those of texts, at the field of the draft.
pub(crate) async fn add(
    tx: &Tx,
    permit: &Permit,
    group: &coordination_group::Model,
    operation: &operation::Model,
    (status, record_digest): (enums::MeetingStatus, Option<String>),
    draft: MeetingDraft,
) -> Result<Model> {
    let others = other_groups(tx, group, &draft.other_groups.unwrap_or_default()).await?;
    let at = joint(Belonging::of_group(group), others.iter().map(|g| &**g))
        .tightened(draft.visibility.map(Into::into), draft.sensitivity.map(Into::into));
    let series = series_of(tx, group.id, draft.series).await?;
    let zone = draft.time_zone.as_deref().map(time_zone).transpose().at("timeZone")?;
    let zone = zone.or(series.as_ref().map(|s| s.time_zone.clone()));
    let language = draft.language.as_deref().map(text::language).transpose().at("language")?;
    if draft.headcount.is_some_and(|n| n < 0) {
        return Err(Error::rule(Rule::OutOfRange).at("headcount"));
    }
    let instant = |at: Option<DateTime>| at.map(|i| i.0);
    let (scheduled_start, scheduled_end) = (instant(draft.scheduled_start), instant(draft.scheduled_end));
    let (actual_start, actual_end) = (instant(draft.actual_start), instant(draft.actual_end));
    rules::in_order(scheduled_start, scheduled_end).at("scheduledEnd")?;
    rules::in_order(actual_start, actual_end).at("actualEnd")?;
    let long = |text: &Option<String>, field: &str| text::optional(text.as_deref(), text::LONGEST).at(field);
    let short =
        |text: &Option<String>, field: &str| text::optional(text.as_deref(), text::LONGEST_NAME).at(field);
    let now = tx.now();
    let row = Model {
        id: new_id(draft.id, Kind::Meeting)?,
        group_id: at.group_id,
        operation_id: at.operation_id,
        visibility: at.visibility,
        sensitivity: at.sensitivity,
        published_at: None,
        series_id: series.map(|s| s.id),
        title: short(&draft.title, "title")?,
        title_folded: None,
        kind: draft.kind.into(),
        status,
        held_on: draft.held_on.map(|d| d.0),
        occurs_on: None,
        date_text: short(&draft.date_text, "dateText")?,
        times_text: short(&draft.times_text, "timesText")?,
        scheduled_start,
        scheduled_end,
        actual_start,
        actual_end,
        time_zone: zone.unwrap_or_else(|| operation.time_zone.clone()),
        notes: long(&draft.notes, "notes")?,
        modality: draft.modality.map_or(enums::Modality::NotRecorded, Into::into),
        venue_text: long(&draft.venue_text, "venueText")?,
        host_organisation_id: referenced::<organisation::Model>(
            tx,
            Kind::Organisation,
            draft.host_organisation,
            "hostOrganisation",
        )
        .await?,
        place_id: referenced::<place::Model>(tx, Kind::Place, draft.place, "place").await?,
        agenda_status: draft.agenda_status.map_or(enums::AgendaStatus::NotRecorded, Into::into),
        agenda_as_invited: None,
        attendance_record: draft.attendance_record.map_or(enums::AttendanceRecord::NotRecorded, Into::into),
        headcount: draft.headcount,
        language: language.unwrap_or_else(|| operation.default_language.clone()),
        status_reason: None,
        record_digest,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let join_url = draft.join_url.as_deref().map(text::url).transpose().at("joinUrl")?;
    let others: Vec<Uuid> = others.iter().map(|g| g.id).collect();
    let row = store::create(tx, permit, row, &others, join_url).await?;
    let references = ExternalReferenceInput::pairs(&draft.external_references.unwrap_or_default());
    external::replace(tx, Owner(Kind::Meeting, row.id), &references).await?;
    Ok(row)
}

/// The other groups of a joint meeting: of the same operation, each once.
pub(super) async fn other_groups(
    tx: &Tx,
    group: &coordination_group::Model,
    ids: &[Id],
) -> Result<Vec<Seen<coordination_group::Model>>> {
    let mut others: Vec<Seen<coordination_group::Model>> = Vec::new();
    for (number, id) in ids.iter().enumerate() {
        let path = format!("otherGroups.{number}");
        let other: Seen<coordination_group::Model> =
            tx.seen(Kind::Group, id.of(Kind::Group).at(&path)?).await.at(&path)?;
        if other.operation_id != group.operation_id {
            return Err(Error::rule(Rule::OtherGroup).at(&path));
        }
        if other.id == group.id || others.iter().any(|o| o.id == other.id) {
            return Err(Error::refused(Why::Duplicate).at(&path));
        }
        others.push(other);
    }
    Ok(others)
}

/// A joint meeting takes the tighter of its groups' defaults.
pub(super) fn joint<'a>(
    at: Belonging,
    others: impl Iterator<Item = &'a coordination_group::Model>,
) -> Belonging {
    others.fold(at, |at, other| at.tightened(Some(other.visibility), Some(other.sensitivity)))
}

/// A series of the group.
pub(super) async fn series_of(
    tx: &Tx,
    group: Uuid,
    id: Option<Id>,
) -> Result<Option<Seen<meeting_series::Model>>> {
    let id = id.map(|id| id.of(Kind::MeetingSeries)).transpose().at("series")?;
    let series: Option<Seen<meeting_series::Model>> =
        tx.seen_if(Kind::MeetingSeries, id).await.at("series")?;
    if series.as_ref().is_some_and(|s| s.group_id != group) {
        return Err(Error::rule(Rule::OtherGroup).at("series"));
    }
    Ok(series)
}
