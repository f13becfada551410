use async_graphql::{Context, InputObject, Object};
use chrono::Utc;
use entity::meeting::Model;
use uuid::Uuid;

use super::open;
use crate::agenda;
use crate::auth::Action;
use crate::db::{Seen, Tx, expect_version};
use crate::error::{At, Error, Result, Why};
use crate::graphql::{DateTime, Id, answer, own_inputs, payloads};
use crate::meeting::rules::{self, Step};
use crate::meeting::store;
use crate::meeting::types::Meeting;
use crate::operation::time_zone;
use crate::text;

/// The invitation goes out.
#[derive(InputObject)]
pub struct MeetingScheduleInput {
    /// The meeting.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// When it is to begin; required if the draft does not say.
    pub scheduled_start: Option<DateTime>,
    /// When it is to end; what the draft says if left out.
    pub scheduled_end: Option<DateTime>,
    /// The time zone of its day and hours (IANA); what the draft says if left out.
    pub time_zone: Option<String>,
}

/// Another time.
#[derive(InputObject)]
pub struct MeetingPostponeInput {
    /// The meeting.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// When it is to begin now.
    pub scheduled_start: DateTime,
    /// When it is to end now; left out: not known.
    pub scheduled_end: Option<DateTime>,
    /// The time zone of its day and hours (IANA); the same if left out.
    pub time_zone: Option<String>,
    /// Why, for the record.
    pub reason: String,
}

/// It begins.
#[derive(InputObject)]
pub struct MeetingStartInput {
    /// The meeting.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// When it began; now if left out. Its day, in the meeting's time zone, becomes `heldOn`.
    pub started_at: Option<DateTime>,
}

/// It ends.
#[derive(InputObject)]
pub struct MeetingEndInput {
    /// The meeting.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// When it ended; now if left out.
    pub ended_at: Option<DateTime>,
}

/// Its record is complete.
#[derive(InputObject)]
pub struct MeetingCloseInput {
    /// The meeting.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// Why it is closed although something is unfinished, for the record.
    pub override_reason: Option<String>,
}

/// A step that needs a reason.
#[derive(InputObject)]
pub struct MeetingReasonInput {
    /// The meeting.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// Why, for the record.
    pub reason: String,
}

own_inputs! {
    /// Which meeting is cancelled, and why.
    MeetingCancelInput(MeetingReasonInput);
    /// Which meeting did not take place, and why.
    MeetingRecordNotHeldInput(MeetingReasonInput);
    /// Which meeting is reopened, and why.
    MeetingReopenInput(MeetingReasonInput);
}

payloads! {
    /// The meeting, now scheduled.
    MeetingSchedulePayload => meeting ("meeting"): Meeting;
    /// The meeting, now at another time.
    MeetingPostponePayload => meeting ("meeting"): Meeting;
    /// The meeting, now in progress.
    MeetingStartPayload => meeting ("meeting"): Meeting;
    /// The meeting, now held.
    MeetingEndPayload => meeting ("meeting"): Meeting;
    /// The meeting, now closed.
    MeetingClosePayload => meeting ("meeting"): Meeting;
    /// The meeting, open to changes again.
    MeetingReopenPayload => meeting ("meeting"): Meeting;
    /// The meeting, now cancelled.
    MeetingCancelPayload => meeting ("meeting"): Meeting;
    /// The meeting, recorded as not held.
    MeetingRecordNotHeldPayload => meeting ("meeting"): Meeting;
}

/// The steps of a meeting's life.
#[derive(Default)]
pub struct MeetingStepMutation;

#[Object]
impl MeetingStepMutation {
    /// The invitation goes out: the meeting shows, and its agenda is kept as invited. Officers and operation managers.
    /// `REQUIRED` without a start, `END_BEFORE_START`, `STATE` unless it is a draft.
    async fn meeting_schedule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "When it is to be.")] input: MeetingScheduleInput,
    ) -> Result<MeetingSchedulePayload> {
        answer(ctx, async {
            let (tx, seen) = open(ctx, input.id).await?;
            let permit = tx.permit(Action::MeetingWrite, &store::target(&seen))?;
            expect_version(input.expected_version, seen.version)?;
            rules::step(Step::Schedule, seen.status)?;
            let mut row = Model::clone(&seen);
            row.scheduled_start = input.scheduled_start.map(|i| i.0).or(row.scheduled_start);
            row.scheduled_end = input.scheduled_end.map(|i| i.0).or(row.scheduled_end);
            if row.scheduled_start.is_none() {
                return Err(Error::refused(Why::Required).at("scheduledStart"));
            }
            rules::in_order(row.scheduled_start, row.scheduled_end).at("scheduledEnd")?;
            in_zone(&mut row, input.time_zone.as_deref())?;
            // once: what was sent out stays readable whatever comes after
            if row.agenda_as_invited.is_none() {
                row.agenda_as_invited = Some(agenda::as_invited(&tx, &seen).await?);
            }
            let change =
                store::step(&tx, &permit, Action::MeetingWrite, &seen, Step::Schedule, row, None).await?;
            tx.commit(change).await
        })
        .await
    }

    /// A scheduled meeting gets another time; it stays the same meeting. Officers and operation managers.
    async fn meeting_postpone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "When it is to be now, and why.")] input: MeetingPostponeInput,
    ) -> Result<MeetingPostponePayload> {
        answer(ctx, async {
            let (tx, seen) = open(ctx, input.id).await?;
            let permit = tx.permit(Action::MeetingWrite, &store::target(&seen))?;
            expect_version(input.expected_version, seen.version)?;
            let reason = Some(text::required(&input.reason, text::LONGEST).at("reason")?);
            let mut row = Model::clone(&seen);
            row.scheduled_start = Some(input.scheduled_start.0);
            row.scheduled_end = input.scheduled_end.map(|i| i.0);
            rules::in_order(row.scheduled_start, row.scheduled_end).at("scheduledEnd")?;
            in_zone(&mut row, input.time_zone.as_deref())?;
            let change =
                store::step(&tx, &permit, Action::MeetingWrite, &seen, Step::Postpone, row, reason).await?;
            tx.commit(change).await
        })
        .await
    }

    /// A scheduled meeting begins. Officers and operation managers.
    async fn meeting_start(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which meeting, and when.")] input: MeetingStartInput,
    ) -> Result<MeetingStartPayload> {
        answer(ctx, async {
            let (tx, seen) = open(ctx, input.id).await?;
            let permit = tx.permit(Action::MeetingWrite, &store::target(&seen))?;
            expect_version(input.expected_version, seen.version)?;
            let started = instant(&tx, input.started_at);
            let row = Model {
                actual_start: Some(started),
                held_on: Some(rules::day(started, &seen.time_zone)),
                ..Model::clone(&seen)
            };
            let change =
                store::step(&tx, &permit, Action::MeetingWrite, &seen, Step::Start, row, None).await?;
            tx.commit(change).await
        })
        .await
    }

    /// A meeting ends. Officers and operation managers. `END_BEFORE_START` if it ends before it began.
    async fn meeting_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which meeting, and when.")] input: MeetingEndInput,
    ) -> Result<MeetingEndPayload> {
        answer(ctx, async {
            let (tx, seen) = open(ctx, input.id).await?;
            let permit = tx.permit(Action::MeetingWrite, &store::target(&seen))?;
            expect_version(input.expected_version, seen.version)?;
            rules::step(Step::End, seen.status)?;
            let ended = instant(&tx, input.ended_at);
            rules::in_order(seen.actual_start, Some(ended)).at("endedAt")?;
            let row = Model { actual_end: Some(ended), ..Model::clone(&seen) };
            let change = store::step(&tx, &permit, Action::MeetingWrite, &seen, Step::End, row, None).await?;
            tx.commit(change).await
        })
        .await
    }

    /// The record of a held meeting is complete. Officers and operation managers. `UNFINISHED` while an agenda item is
    /// still planned or, under an item FOLLOW_UP_REVIEW, an open follow-up of the group from an earlier meeting or from
    /// none has no review at this one, unless a reason is given.
    async fn meeting_close(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which meeting.")] input: MeetingCloseInput,
    ) -> Result<MeetingClosePayload> {
        answer(ctx, async {
            let (tx, seen) = open(ctx, input.id).await?;
            let permit = tx.permit(Action::MeetingClose, &store::target(&seen))?;
            expect_version(input.expected_version, seen.version)?;
            rules::step(Step::Close, seen.status)?;
            let reason =
                text::optional(input.override_reason.as_deref(), text::LONGEST).at("overrideReason")?;
            let agenda = agenda::outline(&tx, seen.id).await?;
            let unreviewed =
                if rules::reviews_follow_ups(&agenda) { store::unreviewed(&tx, &seen).await? } else { 0 };
            rules::complete(&agenda, unreviewed, reason.is_some()).at("id")?;
            let row = Model::clone(&seen);
            let change =
                store::step(&tx, &permit, Action::MeetingClose, &seen, Step::Close, row, reason).await?;
            tx.commit(change).await
        })
        .await
    }

    /// The record of a closed meeting is taken up again; adopted minutes stay as they are. Information managers,
    /// coordinators and operation managers.
    async fn meeting_reopen(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which meeting, and why.")] input: MeetingReopenInput,
    ) -> Result<MeetingReopenPayload> {
        answer(ctx, with_reason(ctx, input.step, Step::Reopen, Action::MeetingReopen)).await
    }

    /// A meeting is called off before it began. Officers and operation managers.
    async fn meeting_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which meeting, and why.")] input: MeetingCancelInput,
    ) -> Result<MeetingCancelPayload> {
        answer(ctx, with_reason(ctx, input.step, Step::Cancel, Action::MeetingWrite)).await
    }

    /// A scheduled meeting did not take place, and nobody had called it off. Officers and operation managers.
    async fn meeting_record_not_held(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which meeting, and why.")] input: MeetingRecordNotHeldInput,
    ) -> Result<MeetingRecordNotHeldPayload> {
        answer(ctx, with_reason(ctx, input.step, Step::RecordNotHeld, Action::MeetingWrite)).await
    }
}

async fn with_reason(
    ctx: &Context<'_>,
    input: MeetingReasonInput,
    step: Step,
    action: Action,
) -> Result<Uuid> {
    let (tx, seen): (Tx, Seen<Model>) = open(ctx, input.id).await?;
    let permit = tx.permit(action, &store::target(&seen))?;
    expect_version(input.expected_version, seen.version)?;
    let reason = text::required(&input.reason, text::LONGEST).at("reason")?;
    let row = Model::clone(&seen);
    let change = store::step(&tx, &permit, action, &seen, step, row, Some(reason)).await?;
    tx.commit(change).await
}

fn in_zone(row: &mut Model, zone: Option<&str>) -> Result<()> {
    if let Some(zone) = zone {
        row.time_zone = time_zone(zone).at("timeZone")?;
    }
    Ok(())
}

/// What was given, else now.
fn instant(tx: &Tx, given: Option<DateTime>) -> chrono::DateTime<Utc> {
    given.map_or_else(|| tx.now(), |i| i.0)
}
