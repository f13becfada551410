use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use entity::enums::MeetingStatus;
use entity::review::Model;
use entity::{agenda_item, follow_up, meeting, recommendation};
use serde_json::json;

use super::rules;
use super::store::{self, Sitting, Thing};
use super::types::{Review, ReviewOutcome};
use crate::auth::{Action, Permit};
use crate::belonging::Belonging;
use crate::db::{Change, Seen, Tx, expect_version};
use crate::error::{At, Error, Result, Rule, Why};
use crate::graphql::{Front, Id, answer, change_reference, change_text, new_id, payloads};
use crate::id::Kind;
use crate::text;

/// What a meeting found about one recommendation or one follow-up.
#[derive(InputObject)]
pub struct ReviewDraft {
    /// An id of your own (`rev_` and the hex of a UUID); left out, one is made.
    pub id: Option<Id>,
    /// The recommendation that was reviewed; exactly one of this and `followUp`.
    pub recommendation: Option<Id>,
    /// The follow-up that was reviewed; exactly one of this and `recommendation`.
    pub follow_up: Option<Id>,
    /// What the meeting found.
    pub outcome: ReviewOutcome,
    /// What was done since (actions prises). A follow-up is done only if it is said what was done.
    pub action_taken: Option<String>,
    /// What the meeting decided to do next. A follow-up is blocked only if this or `actionTaken`
    /// says by what.
    pub next_step: Option<String>,
}

/// A review, and the meeting that looked.
#[derive(InputObject)]
pub struct ReviewRecordInput {
    /// The meeting that looked.
    pub meeting: Id,
    /// The point of its agenda under which it looked.
    pub agenda_item: Option<Id>,
    /// What it found.
    #[graphql(flatten)]
    pub draft: ReviewDraft,
}

/// What changes; what is left out stays, null clears.
#[derive(InputObject)]
pub struct ReviewUpdateInput {
    /// The review.
    pub id: Id,
    /// The version that you read.
    pub expected_version: i32,
    /// The point of the agenda, of the same meeting.
    pub agenda_item: MaybeUndefined<Id>,
    /// What the meeting found. Another outcome takes back what this review did to the thing
    /// reviewed and moves it anew, unless a later meeting has looked at it too.
    pub outcome: Option<ReviewOutcome>,
    /// What was done since.
    pub action_taken: MaybeUndefined<String>,
    /// What the meeting decided to do next.
    pub next_step: MaybeUndefined<String>,
}

payloads! {
    /// The review; its recommendation or follow-up is where the outcome moved it.
    ReviewRecordPayload => review ("review"): Review;
    /// The review as it is now.
    ReviewUpdatePayload => review ("review"): Review;
}

/// Changes to reviews.
#[derive(Default)]
pub struct ReviewMutation;

#[Object]
impl ReviewMutation {
    /// Records what a meeting found about a recommendation or follow-up of its group (of one of its
    /// groups, if it is a joint one), once per meeting. The outcome moves what was reviewed, even
    /// where completing it needs another right. Officers of the group.
    async fn review_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which meeting, what it looked at, and what it found.")] input: ReviewRecordInput,
    ) -> Result<ReviewRecordPayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let id = input.meeting.of(Kind::Meeting).at("meeting")?;
            let meeting: Seen<meeting::Model> = tx.seen(Kind::Meeting, id).await.at("meeting")?;
            let mut at = Belonging::of_meeting(&meeting);
            if let Some(item) = input.agenda_item {
                let id = item.of(Kind::AgendaItem).at("agendaItem")?;
                let item: Seen<agenda_item::Model> = tx.seen(Kind::AgendaItem, id).await.at("agendaItem")?;
                if item.meeting_id != meeting.id {
                    return Err(Error::rule(Rule::OtherGroup).at("agendaItem"));
                }
                at = Belonging::of_item(&item);
            }
            let permit = tx.permit(Action::ReviewWrite, &at.target())?;
            let position = store::next_position(&tx, meeting.id).await?;
            let change = add(&tx, &permit, &at, position, input.draft).await?;
            tx.commit(change).await
        })
        .await
    }

    /// Corrects a review. Officers of the group.
    async fn review_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: ReviewUpdateInput,
    ) -> Result<ReviewUpdatePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let seen: Seen<Model> =
                tx.seen(Kind::Review, input.id.of(Kind::Review).at("id")?).await.at("id")?;
            let sitting = store::sitting(&tx, seen.meeting_id).await?;
            let thing = thing_of(&tx, &seen).await?;
            let permit = tx.permit(Action::ReviewWrite, &store::target(&sitting, thing.group()))?;
            expect_version(Some(input.expected_version), seen.version)?;
            let row = changed(&tx, &seen, &input).await?;
            let change = store::update(&tx, &permit, &seen, row.clone()).await?;
            if row.outcome == seen.outcome {
                return tx.commit(change).await;
            }
            let moved = move_thing(&tx, &permit, &sitting, &thing, &row, Some(seen.outcome)).await?;
            tx.commit(change.detail(moved)).await
        })
        .await
    }
}

/// Writes a review inside an open transaction and moves what was reviewed. `at` is a meeting's or an
/// agenda item's.
///
/// # Errors
/// User errors with paths inside the draft.
pub(crate) async fn add(
    tx: &Tx,
    permit: &Permit,
    at: &Belonging,
    position: i32,
    draft: ReviewDraft,
) -> Result<Change> {
    permit.covers(Action::ReviewWrite, Some(at.group_id))?;
    let meeting = at.meeting_id.ok_or_else(|| Error::refused(Why::Required).at("meeting"))?;
    let sitting = store::sitting(tx, meeting).await?;
    if matches!(sitting.status, MeetingStatus::Cancelled | MeetingStatus::NotHeld) {
        let from = sitting.status.word();
        return Err(Error::refused(Why::State { from, allowed: Vec::new() }).at("meeting"));
    }
    let (thing, field) = thing(tx, &draft).await?;
    if !sitting.groups.contains(&thing.group()) {
        return Err(Error::rule(Rule::OtherGroup).at(field));
    }
    rules::not_from_later(store::day_of(tx, thing.meeting()).await?, sitting.day).at(field)?;
    // a joint meeting moves what belongs to its other groups too
    let permit = tx.permit(Action::ReviewWrite, &store::target(&sitting, thing.group()))?;
    let id = new_id(draft.id, Kind::Review)?;
    if store::others(tx, &thing, id).await?.contains_key(&sitting.id) {
        return Err(Error::refused(Why::Duplicate).at(field));
    }
    let at = match &thing {
        Thing::Recommendation(row) => at.clone().tightened(Some(row.visibility), Some(row.sensitivity)),
        Thing::FollowUp(row) => at.clone().tightened(Some(row.visibility), Some(row.sensitivity)),
    };
    let now = tx.now();
    let row = Model {
        id,
        meeting_id: sitting.id,
        agenda_item_id: at.agenda_item_id,
        group_id: at.group_id,
        operation_id: at.operation_id,
        visibility: at.visibility,
        sensitivity: at.sensitivity,
        published_at: None,
        recommendation_id: if let Thing::Recommendation(row) = &thing { Some(row.id) } else { None },
        follow_up_id: if let Thing::FollowUp(row) = &thing { Some(row.id) } else { None },
        position,
        outcome: draft.outcome.into(),
        action_taken: text::optional(draft.action_taken.as_deref(), text::LONGEST).at("actionTaken")?,
        next_step: text::optional(draft.next_step.as_deref(), text::LONGEST).at("nextStep")?,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let change = store::add(tx, &permit, row.clone()).await?;
    let moved = move_thing(tx, &permit, &sitting, &thing, &row, None).await?;
    Ok(change.detail(moved))
}

/// Moves what was reviewed as the outcome says, if no later meeting has looked at it; answers what
/// moved from where to where. `corrected`: the outcome that the review had before.
async fn move_thing(
    tx: &Tx,
    permit: &Permit,
    sitting: &Sitting,
    thing: &Thing,
    review: &Model,
    corrected: Option<entity::enums::ReviewOutcome>,
) -> Result<serde_json::Value> {
    let (id, from) = thing.named();
    let days: Vec<_> = store::others(tx, thing, review.id).await?.into_values().collect();
    if !rules::is_last_word(sitting.day, &days) {
        return Ok(json!({ "reviewed": id, "from": from, "to": from }));
    }
    let reason = review.next_step.clone().or_else(|| review.action_taken.clone());
    let to = match thing {
        Thing::Recommendation(row) => {
            let base = corrected.map_or(row.status, |old| rules::recommendation_without(old, row.status));
            let to = rules::recommendation(review.outcome, base).at("outcome")?.unwrap_or(base);
            let to = (to != row.status).then_some(to);
            let reason = review.action_taken.clone().or_else(|| review.next_step.clone());
            crate::recommendation::reviewed(tx, permit, row, to, reason).await?;
            to.map(entity::enums::RecommendationStatus::word)
        }
        Thing::FollowUp(row) => {
            let base = corrected.map_or(row.status, |old| rules::follow_up_without(old, row.status));
            let to = rules::follow_up(review.outcome, base).at("outcome")?.unwrap_or(base);
            let to = (to != row.status).then_some(to);
            rules::follow_up_is_told(to, review.action_taken.is_some(), reason.is_some())?;
            let on = sitting.day.unwrap_or_else(|| tx.today(sitting.operation_id));
            let action = review.action_taken.clone();
            crate::follow_up::reviewed(tx, permit, row, to, action, reason, on).await?;
            to.map(entity::enums::FollowUpStatus::word)
        }
    };
    let to = to.unwrap_or_else(|| from.clone());
    Ok(json!({ "reviewed": id, "from": from, "to": to }))
}

/// What a draft looks at, and the field that names it.
async fn thing(tx: &Tx, draft: &ReviewDraft) -> Result<(Thing, &'static str)> {
    match (draft.recommendation, draft.follow_up) {
        (Some(id), None) => {
            let id = id.of(Kind::Recommendation).at("recommendation")?;
            let row: Seen<recommendation::Model> =
                tx.seen(Kind::Recommendation, id).await.at("recommendation")?;
            Ok((Thing::Recommendation(row), "recommendation"))
        }
        (None, Some(id)) => {
            let id = id.of(Kind::FollowUp).at("followUp")?;
            let row: Seen<follow_up::Model> = tx.seen(Kind::FollowUp, id).await.at("followUp")?;
            Ok((Thing::FollowUp(row), "followUp"))
        }
        _ => Err(Error::rule(Rule::ExactlyOne).at("recommendation")),
    }
}

/// What a review looked at.
async fn thing_of(tx: &Tx, review: &Model) -> Result<Thing> {
    match (review.recommendation_id, review.follow_up_id) {
        (Some(id), _) => Ok(Thing::Recommendation(tx.seen(Kind::Recommendation, id).await?)),
        (None, Some(id)) => Ok(Thing::FollowUp(tx.seen(Kind::FollowUp, id).await?)),
        (None, None) => Err(Error::Internal),
    }
}

/// The row after an update.
async fn changed(tx: &Tx, seen: &Seen<Model>, input: &ReviewUpdateInput) -> Result<Model> {
    let mut row = Model::clone(seen);
    change_reference::<agenda_item::Model>(
        tx,
        Kind::AgendaItem,
        &mut row.agenda_item_id,
        &input.agenda_item,
        "agendaItem",
    )
    .await?;
    if let Some(id) = row.agenda_item_id.filter(|_| !input.agenda_item.is_undefined()) {
        let item: Seen<agenda_item::Model> = tx.seen(Kind::AgendaItem, id).await.at("agendaItem")?;
        if item.meeting_id != row.meeting_id {
            return Err(Error::rule(Rule::OtherGroup).at("agendaItem"));
        }
    }
    if let Some(outcome) = input.outcome {
        row.outcome = outcome.into();
    }
    change_text(&mut row.action_taken, &input.action_taken, text::LONGEST, "actionTaken")?;
    change_text(&mut row.next_step, &input.next_step, text::LONGEST, "nextStep")?;
    Ok(row)
}
