use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use entity::meeting::Model;
use entity::{coordination_group, enums, operation, organisation, place};
use uuid::Uuid;

use super::draft::{MeetingDraft, add, joint, other_groups, series_of};
use super::open;
use crate::auth::Action;
use crate::belonging::Belonging;
use crate::db::{Change, Seen, Tx, expect_version};
use crate::error::{At, Error, Result, Rule};
use crate::external::{self, ExternalReferenceInput, Owner};
use crate::graphql::{
    Date, DateTime, Front, Id, Sensitivity, Visibility, answer, change_day, change_reference, change_text,
    payloads,
};
use crate::id::Kind;
use crate::meeting::types::{AgendaStatus, AttendanceRecord, Meeting, MeetingKind, Modality};
use crate::meeting::{rules, store};
use crate::operation::time_zone;
use crate::text;

/// A meeting in preparation.
#[derive(InputObject)]
pub struct MeetingCreateInput {
    /// The group that meets.
    pub group: Id,
    /// What it is.
    #[graphql(flatten)]
    pub draft: MeetingDraft,
}

/// What changes; what is left out stays, null clears. Times of the invitation change by `meetingSchedule` and
/// `meetingPostpone`.
#[derive(InputObject)]
pub struct MeetingUpdateInput {
    /// The meeting.
    pub id: Id,
    /// The version that you read.
    pub expected_version: i32,
    /// What kind of meeting it is.
    pub kind: Option<MeetingKind>,
    /// Its title.
    pub title: MaybeUndefined<String>,
    /// The series it belongs to, of the same group.
    pub series: MaybeUndefined<Id>,
    /// The other groups of a joint meeting, the whole list. The meeting becomes as tight as the tightest of them.
    pub other_groups: Option<Vec<Id>>,
    /// The day on which it was held; null falls back to the day of `actualStart`.
    pub held_on: MaybeUndefined<Date>,
    /// The date as written.
    pub date_text: MaybeUndefined<String>,
    /// The hours as written.
    pub times_text: MaybeUndefined<String>,
    /// When it began.
    pub actual_start: MaybeUndefined<DateTime>,
    /// When it ended.
    pub actual_end: MaybeUndefined<DateTime>,
    /// The time zone (IANA) in which its day and hours are meant.
    pub time_zone: Option<String>,
    /// Notes that belong to no point of the agenda.
    pub notes: MaybeUndefined<String>,
    /// How people take part.
    pub modality: Option<Modality>,
    /// The room or address, as written.
    pub venue_text: MaybeUndefined<String>,
    /// The organisation that hosts it.
    pub host_organisation: MaybeUndefined<Id>,
    /// The administrative area where it is.
    pub place: MaybeUndefined<Id>,
    /// The link into the call.
    pub join_url: MaybeUndefined<String>,
    /// What the meeting made of its agenda.
    pub agenda_status: Option<AgendaStatus>,
    /// What the record says about attendance.
    pub attendance_record: Option<AttendanceRecord>,
    /// How many people were there.
    pub headcount: MaybeUndefined<i32>,
    /// The language of its texts (BCP 47).
    pub language: Option<String>,
    /// Who may see it. Tighter: what belongs to it becomes as tight. Wider, but no wider than its groups' default:
    /// coordinators; what belongs to it stays as it is.
    pub visibility: Option<Visibility>,
    /// How bad disclosure would be. Worse: what belongs to it follows. Milder, but no milder than its groups'
    /// default: coordinators; what belongs to it stays as it is.
    pub sensitivity: Option<Sensitivity>,
    /// Its codes in other systems, the whole list.
    pub external_references: Option<Vec<ExternalReferenceInput>>,
}

payloads! {
    /// The meeting that was entered.
    MeetingCreatePayload => meeting ("meeting"): Meeting;
    /// The meeting as it is now.
    MeetingUpdatePayload => meeting ("meeting"): Meeting;
}

/// Changes to what a meeting is.
#[derive(Default)]
pub struct MeetingEditMutation;

#[Object]
impl MeetingEditMutation {
    /// Enters a meeting, in preparation: nobody but officers and operation managers sees it yet. Officers and
    /// operation managers. `OUT_OF_RANGE` for what only a meeting of the past has (`heldOn`, `actualStart`, `actualEnd`).
    async fn meeting_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is.")] input: MeetingCreateInput,
    ) -> Result<MeetingCreatePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let group: Seen<coordination_group::Model> =
                tx.seen(Kind::Group, input.group.of(Kind::Group).at("group")?).await.at("group")?;
            let permit = tx.permit(Action::MeetingWrite, &Belonging::of_group(&group).target())?;
            let operation: Seen<operation::Model> = tx.seen(Kind::Operation, group.operation_id).await?;
            let draft = input.draft;
            for (is_given, field) in [
                (draft.held_on.is_some(), "heldOn"),
                (draft.actual_start.is_some(), "actualStart"),
                (draft.actual_end.is_some(), "actualEnd"),
            ] {
                if is_given {
                    return Err(Error::rule(Rule::OutOfRange).at(field));
                }
            }
            let status = enums::MeetingStatus::Draft;
            let row = add(&tx, &permit, &group, &operation, (status, None), draft).await?;
            let change = Change::new("meetingCreate", Kind::Meeting, row.id)
                .in_group(row.group_id, row.operation_id)
                .step(None, status.word());
            tx.commit(change).await
        })
        .await
    }

    /// Changes a meeting. Officers and operation managers. `STATE` if it is closed, except for visibility,
    /// sensitivity and external references. `PERMISSION_DENIED` at `visibility` or `sensitivity` for who may not widen.
    async fn meeting_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: MeetingUpdateInput,
    ) -> Result<MeetingUpdatePayload> {
        answer(ctx, async {
            let (tx, seen) = open(ctx, input.id).await?;
            let permit = tx.permit(Action::MeetingWrite, &store::target(&seen))?;
            expect_version(Some(input.expected_version), seen.version)?;
            let row = changed(&tx, &seen, &input).await?;
            let (row, others) = placed(&tx, &seen, row, &input).await?;
            let kept =
                Model { visibility: seen.visibility, sensitivity: seen.sensitivity, ..row.clone() } == *seen;
            if !kept || others.is_some() || !input.join_url.is_undefined() {
                rules::open_to_change(seen.status)?;
            }
            let change = store::update(&tx, &permit, &seen, row).await?;
            if let Some(others) = others {
                store::set_other_groups(&tx, seen.id, &others).await?;
            }
            if !input.join_url.is_undefined() {
                let url = input.join_url.value().map(|u| text::url(u)).transpose().at("joinUrl")?;
                store::set_join_url(&tx, seen.id, url).await?;
            }
            if let Some(references) = &input.external_references {
                let pairs = ExternalReferenceInput::pairs(references);
                external::replace(&tx, Owner(Kind::Meeting, seen.id), &pairs).await?;
            }
            tx.commit(change).await
        })
        .await
    }
}

/// The row after an update, but for where it belongs.
async fn changed(tx: &Tx, seen: &Seen<Model>, input: &MeetingUpdateInput) -> Result<Model> {
    let mut row = Model::clone(seen);
    if let Some(kind) = input.kind {
        row.kind = kind.into();
    }
    if !input.series.is_undefined() {
        let series = series_of(tx, seen.group_id, input.series.value().copied()).await?;
        row.series_id = series.map(|s| s.id);
    }
    change_text(&mut row.title, &input.title, text::LONGEST_NAME, "title")?;
    change_text(&mut row.date_text, &input.date_text, text::LONGEST_NAME, "dateText")?;
    change_text(&mut row.times_text, &input.times_text, text::LONGEST_NAME, "timesText")?;
    change_text(&mut row.notes, &input.notes, text::LONGEST, "notes")?;
    change_text(&mut row.venue_text, &input.venue_text, text::LONGEST, "venueText")?;
    change_day(&mut row.held_on, &input.held_on);
    if !input.actual_start.is_undefined() {
        row.actual_start = input.actual_start.value().map(|i| i.0);
    }
    if !input.actual_end.is_undefined() {
        row.actual_end = input.actual_end.value().map(|i| i.0);
    }
    rules::in_order(row.actual_start, row.actual_end).at("actualEnd")?;
    for (is_changed, field) in [
        (row.held_on != seen.held_on, "heldOn"),
        (row.actual_start != seen.actual_start, "actualStart"),
        (row.actual_end != seen.actual_end, "actualEnd"),
    ] {
        if is_changed {
            rules::begun(seen.status).at(field)?;
        }
    }
    if let Some(zone) = &input.time_zone {
        row.time_zone = time_zone(zone).at("timeZone")?;
    }
    if let Some(modality) = input.modality {
        row.modality = modality.into();
    }
    change_reference::<organisation::Model>(
        tx,
        Kind::Organisation,
        &mut row.host_organisation_id,
        &input.host_organisation,
        "hostOrganisation",
    )
    .await?;
    change_reference::<place::Model>(tx, Kind::Place, &mut row.place_id, &input.place, "place").await?;
    if let Some(status) = input.agenda_status {
        row.agenda_status = status.into();
    }
    if let Some(record) = input.attendance_record {
        row.attendance_record = record.into();
    }
    if !input.headcount.is_undefined() {
        row.headcount = input.headcount.value().copied();
        if row.headcount.is_some_and(|n| n < 0) {
            return Err(Error::rule(Rule::OutOfRange).at("headcount"));
        }
    }
    if let Some(language) = &input.language {
        row.language = text::language(language).at("language")?;
    }
    Ok(row)
}

/// The same with where it belongs: its effective visibility and sensitivity, and its other groups if
/// they change.
async fn placed(
    tx: &Tx,
    seen: &Seen<Model>,
    row: Model,
    input: &MeetingUpdateInput,
) -> Result<(Model, Option<Vec<Uuid>>)> {
    let asked = (input.visibility.map(Into::into), input.sensitivity.map(Into::into));
    if asked == (None, None) && input.other_groups.is_none() {
        return Ok((row, None));
    }
    let group: Seen<coordination_group::Model> = tx.seen(Kind::Group, seen.group_id).await?;
    let Some(ids) = &input.other_groups else {
        let others = store::other_groups(tx, seen.id).await?;
        let at = joint(Belonging::of_group(&group), others.iter());
        let (visibility, sensitivity) = at.revised(tx.actor(), (seen.visibility, seen.sensitivity), asked)?;
        return Ok((Model { visibility, sensitivity, ..row }, None));
    };
    let others = other_groups(tx, &group, ids).await?;
    let at = joint(Belonging::of_group(&group), others.iter().map(|g| &**g));
    // the tighter default of another group is no choice of the viewer's
    let now = at.clone().tightened(Some(seen.visibility), Some(seen.sensitivity));
    let (visibility, sensitivity) = at.revised(tx.actor(), (now.visibility, now.sensitivity), asked)?;
    Ok((Model { visibility, sensitivity, ..row }, Some(others.iter().map(|g| g.id).collect())))
}
