//! A whole past meeting in one call.

use async_graphql::{Context, InputObject, Name, Object, Value};
use entity::{coordination_group, enums, meeting, operation};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::draft::{self, MeetingDraft};
use crate::agenda::{self, AgendaItemDraft};
use crate::announcement::{self, AnnouncementDraft};
use crate::attendance::{self, AttendanceDraft};
use crate::auth::{Action, Permit, Target};
use crate::belonging::Belonging;
use crate::db::{Change, Seen, Tx};
use crate::document::{self, DocumentDraft};
use crate::error::{At, Error, Result, Why};
use crate::follow_up::{self, FollowUpDraft};
use crate::graphql::{Front, Id, answer, payloads};
use crate::id::Kind;
use crate::meeting::Meeting;
use crate::minutes::{self, RecordedMinutes};
use crate::recommendation::{self, RecommendationDraft};
use crate::referral::{self, ReferralDraft};
use crate::review::{self, ReviewDraft};

/// How many rows of a kind a meeting has at most.
const MOST: usize = 500;

/// Where a recorded meeting stands.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordedMeetingStatus {
    /// It took place; things may still be added to its record.
    Held,
    /// Its record is complete.
    Closed,
}

/// A whole past meeting. Within an agenda item things are written in the order of the fields here, so that what
/// comes later may refer to the id of what comes earlier.
#[derive(InputObject)]
pub struct MeetingRecordInput {
    /// Its group.
    pub group: Id,
    /// Where it stands; HELD if left out.
    pub status: Option<RecordedMeetingStatus>,
    /// The meeting itself. Its `id` must be given: sent again unchanged, the call answers with the same meeting.
    #[graphql(flatten)]
    pub draft: MeetingDraft,
    /// The agenda, in order; at most 500 items.
    pub agenda_items: Option<Vec<AgendaItemRecord>>,
    /// The attendance list, in order; at most 500 lines.
    pub attendance: Option<Vec<AttendanceDraft>>,
    /// The minutes.
    pub minutes: Option<RecordedMinutes>,
}

/// A point of the agenda with what came of it.
#[derive(InputObject)]
pub struct AgendaItemRecord {
    /// The item itself.
    #[graphql(flatten)]
    pub draft: AgendaItemDraft,
    /// Recommendations, decisions and proposals.
    pub recommendations: Option<Vec<RecommendationRecord>>,
    /// Follow-ups that carry out no recommendation.
    pub follow_ups: Option<Vec<FollowUpDraft>>,
    /// Documents shown or promised.
    pub documents: Option<Vec<DocumentDraft>>,
    /// Missions, assessments and events told.
    pub announcements: Option<Vec<AnnouncementDraft>>,
    /// Earlier recommendations and follow-ups that were looked at.
    pub reviews: Option<Vec<ReviewDraft>>,
    /// Questions to other forums about the item.
    pub referrals: Option<Vec<ReferralDraft>>,
}

/// A recommendation with what carries it out.
#[derive(InputObject)]
pub struct RecommendationRecord {
    /// The recommendation itself.
    #[graphql(flatten)]
    pub draft: RecommendationDraft,
    /// Follow-ups that carry it out.
    pub follow_ups: Option<Vec<FollowUpDraft>>,
    /// Questions to other forums about it.
    pub referrals: Option<Vec<ReferralDraft>>,
}

payloads! {
    /// The meeting as it is recorded.
    MeetingRecordPayload => meeting ("meeting"): Meeting;
}

/// Recording past meetings.
#[derive(Default)]
pub struct RecordMutation;

#[Object]
impl RecordMutation {
    /// Records a whole past meeting in one call: agenda, attendance, what was agreed, reviews, minutes. All or nothing.
    /// The meeting's id must be given: sent again unchanged, the call answers with the same meeting and changes
    /// nothing; with another content it is refused (DUPLICATE). Officers.
    async fn meeting_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The whole meeting.")] input: MeetingRecordInput,
    ) -> Result<MeetingRecordPayload> {
        answer(ctx, record(ctx, input)).await
    }
}

/// The digest of the call's argument: what a repeat is recognised by.
fn digest(ctx: &Context<'_>) -> Result<String> {
    let arguments = ctx.field().arguments().map_err(|_| Error::Internal)?;
    let (_, input) =
        arguments.into_iter().find(|(name, _)| name.as_str() == "input").ok_or(Error::Internal)?;
    Ok(hex::encode(Sha256::digest(sorted(input).to_string())))
}

/// The same value with the fields of objects in order, so that their order does not matter.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<(Name, Value)> = fields.into_iter().map(|(n, v)| (n, sorted(v))).collect();
            fields.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(fields.into_iter().collect())
        }
        Value::List(values) => Value::List(values.into_iter().map(sorted).collect()),
        other => other,
    }
}

/// What all the parts of a recorded meeting have in common.
struct Recording<'a> {
    tx: &'a Tx,
    language: String,
    target: Target,
}

impl Recording<'_> {
    fn permit(&self, action: Action) -> Result<Permit> {
        self.tx.permit(action, &self.target)
    }
}

/// How far the positions within the meeting have come.
#[derive(Default)]
struct Positions {
    recommendation: i32,
    follow_up: i32,
    document: i32,
    announcement: i32,
    review: i32,
}

const fn next(position: &mut i32) -> i32 {
    *position += 1;
    *position
}

/// Records a meeting. All or nothing.
async fn record(ctx: &Context<'_>, input: MeetingRecordInput) -> Result<Uuid> {
    let tx = Front::of(ctx).begin().await?;
    let digest = digest(ctx)?;
    let id =
        input.draft.id.ok_or_else(|| Error::refused(Why::Required).at("id"))?.of(Kind::Meeting).at("id")?;
    if let Ok(known) = tx.seen::<meeting::Model>(Kind::Meeting, id).await {
        return if known.record_digest.as_deref() == Some(digest.as_str()) {
            tx.nothing_to_do(id).await
        } else {
            Err(Error::refused(Why::Duplicate).at("id"))
        };
    }
    let group = input.group.of(Kind::Group).at("group")?;
    let group: Seen<coordination_group::Model> = tx.seen(Kind::Group, group).await.at("group")?;
    let operation: Seen<operation::Model> = tx.seen(Kind::Operation, group.operation_id).await?;
    let status = match input.status {
        Some(RecordedMeetingStatus::Closed) => enums::MeetingStatus::Closed,
        _ => enums::MeetingStatus::Held,
    };
    let target = Belonging::of_group(&group).target();
    let permit = tx.permit(Action::MeetingWrite, &target)?;
    let row = draft::add(&tx, &permit, &group, &operation, (status, Some(digest)), input.draft).await?;
    let recording = Recording { tx: &tx, language: row.language.clone(), target };
    let at = Belonging::of_meeting(&row);
    let items = bounded(input.agenda_items, "agendaItems")?;
    let lines = bounded(input.attendance, "attendance")?;
    let counts = serde_json::json!({ "agendaItems": items.len(), "attendance": lines.len() });
    let mut positions = Positions::default();
    for (number, item) in items.into_iter().enumerate() {
        agenda_item(&recording, &at, number, item, &mut positions)
            .await
            .at(&format!("agendaItems.{number}"))?;
    }
    if !lines.is_empty() {
        let permit = recording.permit(Action::AttendanceWrite)?;
        for (position, line) in (1..).zip(lines) {
            let path = format!("attendance.{}", position - 1);
            attendance::add(&tx, &permit, &at, position, line).await.at(&path)?;
        }
    }
    if let Some(minutes) = input.minutes {
        let permit = recording.permit(Action::MinutesWrite)?;
        minutes::add(&tx, &permit, &at, &recording.language, minutes).await.at("minutes")?;
    }
    let change = Change::new("meetingRecord", Kind::Meeting, id).in_group(group.id, group.operation_id);
    tx.commit(change.step(None, status.word()).detail(counts)).await
}

fn bounded<T>(list: Option<Vec<T>>, field: &str) -> Result<Vec<T>> {
    let list = list.unwrap_or_default();
    if list.len() > MOST {
        return Err(Error::refused(Why::TooMany { limit: MOST }).at(field));
    }
    Ok(list)
}

async fn agenda_item(
    recording: &Recording<'_>,
    at: &Belonging,
    number: usize,
    item: AgendaItemRecord,
    positions: &mut Positions,
) -> Result<()> {
    let (tx, language) = (recording.tx, &recording.language);
    let permit = recording.permit(Action::AgendaWrite)?;
    let position = i32::try_from(number).unwrap_or(i32::MAX - 1) + 1;
    let row = agenda::add(tx, &permit, at, language, position, item.draft).await?;
    let at = Belonging::of_item(&row);
    for (number, one) in bounded(item.recommendations, "recommendations")?.into_iter().enumerate() {
        recommended(recording, &at, one, positions).await.at(&format!("recommendations.{number}"))?;
    }
    for (number, one) in bounded(item.follow_ups, "followUps")?.into_iter().enumerate() {
        followed_up(recording, &at, None, one, positions).await.at(&format!("followUps.{number}"))?;
    }
    for (number, one) in bounded(item.documents, "documents")?.into_iter().enumerate() {
        let permit = recording.permit(Action::DocumentWrite)?;
        let position = next(&mut positions.document);
        document::add(tx, &permit, &at, position, one).await.at(&format!("documents.{number}"))?;
    }
    for (number, one) in bounded(item.announcements, "announcements")?.into_iter().enumerate() {
        let permit = recording.permit(Action::AnnouncementWrite)?;
        let position = next(&mut positions.announcement);
        let added = announcement::add(tx, &permit, &at, language, position, one).await;
        added.at(&format!("announcements.{number}"))?;
    }
    for (number, one) in bounded(item.reviews, "reviews")?.into_iter().enumerate() {
        let permit = recording.permit(Action::ReviewWrite)?;
        let position = next(&mut positions.review);
        review::add(tx, &permit, &at, position, one).await.at(&format!("reviews.{number}"))?;
    }
    for (number, one) in bounded(item.referrals, "referrals")?.into_iter().enumerate() {
        let permit = recording.permit(Action::ReferralSend)?;
        referral::add(tx, &permit, &at, language, one, None, None, Some(row.id))
            .await
            .at(&format!("referrals.{number}"))?;
    }
    Ok(())
}

async fn recommended(
    recording: &Recording<'_>,
    at: &Belonging,
    one: RecommendationRecord,
    positions: &mut Positions,
) -> Result<()> {
    let (tx, language) = (recording.tx, &recording.language);
    let at =
        at.clone().tightened(one.draft.visibility.map(Into::into), one.draft.sensitivity.map(Into::into));
    let permit = recording.permit(Action::RecommendationWrite)?;
    let position = next(&mut positions.recommendation);
    let id = recommendation::add(tx, &permit, &at, language, position, one.draft).await?.entity();
    for (number, follow_up) in bounded(one.follow_ups, "followUps")?.into_iter().enumerate() {
        followed_up(recording, &at, Some(id), follow_up, positions)
            .await
            .at(&format!("followUps.{number}"))?;
    }
    for (number, one) in bounded(one.referrals, "referrals")?.into_iter().enumerate() {
        let permit = recording.permit(Action::ReferralSend)?;
        referral::add(tx, &permit, &at, language, one, Some(id), None, None)
            .await
            .at(&format!("referrals.{number}"))?;
    }
    Ok(())
}

async fn followed_up(
    recording: &Recording<'_>,
    at: &Belonging,
    recommendation: Option<Uuid>,
    one: FollowUpDraft,
    positions: &mut Positions,
) -> Result<()> {
    let permit = recording.permit(Action::FollowUpWrite)?;
    let position = next(&mut positions.follow_up);
    let language = &recording.language;
    follow_up::add(recording.tx, &permit, at, language, position, recommendation, one).await.map(|_| ())
}
