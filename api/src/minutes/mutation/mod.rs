mod draft;
mod inputs;
mod publish;

use async_graphql::{Context, Object};
use entity::meeting;
use entity::minutes::Model;

use super::rules::{self, Step};
use super::{snapshot, store};
use crate::auth::{Action, Permit, token};
use crate::belonging::Belonging;
use crate::db::{Seen, Tx, expect_version};
use crate::error::{At, Error, Result, Rule, Why};
use crate::graphql::{Front, Id, answer};
use crate::id::Kind;
use crate::text;

pub(crate) use draft::add;
pub use inputs::{
    MinutesAdoptInput, MinutesAdoptPayload, MinutesCirculateInput, MinutesCirculatePayload,
    MinutesPublishInput, MinutesPublishPayload, MinutesReturnInput,
    MinutesReturnPayload, MinutesReviseInput, MinutesRevisePayload, MinutesSubmitInput, MinutesSubmitPayload,
    MinutesUpdateInput, MinutesUpdatePayload, MinutesWriteInput, MinutesWritePayload, RecordedMinutes,
};

/// Changes to minutes.
#[derive(Default)]
pub struct MinutesMutation;

#[Object]
impl MinutesMutation {
    /// Begins the minutes of a meeting: its first revision, a draft. Officers of the group.
    async fn minutes_write(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which meeting, and what they say.")] input: MinutesWriteInput,
    ) -> Result<MinutesWritePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let id = input.meeting.of(Kind::Meeting).at("meeting")?;
            let meeting: Seen<meeting::Model> = tx.seen(Kind::Meeting, id).await.at("meeting")?;
            let at = Belonging::of_meeting(&meeting);
            let permit = tx.permit(Action::MinutesWrite, &at.target())?;
            let recorded = RecordedMinutes {
                draft: input.draft,
                status: None,
                circulated_on: None,
                comments_due_on: None,
            };
            let change = add(&tx, &permit, &at, &meeting.language, recorded).await?;
            tx.commit(change).await
        })
        .await
    }

    /// Changes minutes that are not circulated yet. Officers of the group.
    async fn minutes_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: MinutesUpdateInput,
    ) -> Result<MinutesUpdatePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let expected = Some(input.expected_version);
            let (seen, permit) = seen(&tx, input.id, expected, Action::MinutesWrite).await?;
            rules::still_written(seen.status)?;
            let row = draft::changed(&tx, &seen, &input).await?;
            let change = store::update(&tx, &permit, &seen, row).await?;
            if let Some(list) = &input.contributors {
                let contributors = draft::contributors(&tx, seen.id, list).await?;
                store::set_contributors(&tx, seen.id, contributors).await?;
            }
            tx.commit(change).await
        })
        .await
    }

    /// A draft goes to review. Officers of the group.
    async fn minutes_submit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which minutes.")] input: MinutesSubmitInput,
    ) -> Result<MinutesSubmitPayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let action = Action::MinutesWrite;
            let (seen, permit) = seen(&tx, input.id, input.expected_version, action).await?;
            let row = Model { status_reason: None, ..Model::clone(&seen) };
            let change = store::step(&tx, &permit, action, &seen, Step::Submit, row).await?;
            tx.commit(change).await
        })
        .await
    }

    /// A reviewer, who is none of the authors, gives minutes back. Information managers and
    /// coordinators of the group.
    async fn minutes_return(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which minutes, and why.")] input: MinutesReturnInput,
    ) -> Result<MinutesReturnPayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let action = Action::MinutesReview;
            let (seen, permit) = seen(&tx, input.id, input.expected_version, action).await?;
            rules::step(Step::Return, seen.status)?;
            let roles: Vec<_> =
                store::contributors(&tx, seen.id).await?.iter().map(|c| (c.role, c.person_id)).collect();
            rules::reviewer_is_no_author(&roles, tx.actor().person_id).at("id")?;
            let reason = text::required(&input.reason, text::LONGEST).at("reason")?;
            let row = Model { status_reason: Some(reason.clone()), ..Model::clone(&seen) };
            let change = store::step(&tx, &permit, action, &seen, Step::Return, row).await?;
            tx.commit(change.because(reason)).await
        })
        .await
    }

    /// Reviewed minutes go to the members, who may comment. Officers of the group.
    async fn minutes_circulate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which minutes, and until when comments are due.")] input: MinutesCirculateInput,
    ) -> Result<MinutesCirculatePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let action = Action::MinutesCirculate;
            let (seen, permit) = seen(&tx, input.id, input.expected_version, action).await?;
            let today = tx.today(seen.operation_id);
            let due = input.comments_due_on.map(|d| d.0);
            if due.is_some_and(|due| due < today) {
                return Err(Error::refused(Why::EndBeforeStart).at("commentsDueOn"));
            }
            let reviewed = input.reviewed_on.map(|d| d.0);
            if reviewed.is_some_and(|day| day > today) {
                return Err(Error::rule(Rule::OutOfRange).at("reviewedOn"));
            }
            let row = Model {
                circulated_on: Some(today),
                comments_due_on: due,
                reviewed_on: reviewed.or(seen.reviewed_on),
                ..Model::clone(&seen)
            };
            let change = store::step(&tx, &permit, action, &seen, Step::Circulate, row).await?;
            tx.commit(change).await
        })
        .await
    }

    /// A later meeting of the group adopts circulated minutes. They are sealed: what the meeting
    /// recorded is kept as it stands now, under a hash, whatever changes later. The revision before
    /// is superseded. Coordinators of the group.
    async fn minutes_adopt(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which minutes, and which meeting adopts them.")] input: MinutesAdoptInput,
    ) -> Result<MinutesAdoptPayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let action = Action::MinutesAdopt;
            let (seen, permit) = seen(&tx, input.id, input.expected_version, action).await?;
            let (_, to) = rules::step(Step::Adopt, seen.status)?;
            let meeting: Seen<meeting::Model> = tx.seen(Kind::Meeting, seen.meeting_id).await?;
            let at = input.at.of(Kind::Meeting).at("at")?;
            let at: Seen<meeting::Model> = tx.seen(Kind::Meeting, at).await.at("at")?;
            let (of, at) = (store::sitting(&tx, &meeting).await?, store::sitting(&tx, &at).await?);
            rules::adopted_at(seen.group_id, &of, &at).at("at")?;
            let before: Option<Seen<Model>> = tx.seen_if(Kind::Minutes, seen.supersedes_id).await?;
            let row = Model {
                status: to,
                adopted_on: at.day,
                adopted_at_id: Some(at.id),
                corrections: text::optional(input.corrections.as_deref(), text::LONGEST).at("corrections")?,
                previous_hash: before.as_ref().and_then(|b| b.snapshot_hash.clone()),
                ..Model::clone(&seen)
            };
            let record = store::record(&tx, &row, &meeting).await?;
            let sealed = snapshot::seal(record, token::random)?;
            let change = store::adopt(&tx, &permit, &seen, row, before.as_ref(), sealed).await?;
            tx.commit(change).await
        })
        .await
    }

    /// Adopted minutes go out: to everybody if they are PUBLIC and LOW, else to the accounts of the
    /// operation if they are PUBLIC or OPERATION and at most MODERATE. With them go out, as far as
    /// their own values let and to whom these let, the meeting, its agenda, its recommendations and
    /// follow-ups, each in the words confirmed here, and the announcements and documents named here.
    /// Publishing again corrects the texts. Information managers and coordinators of the group.
    async fn minutes_publish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which minutes, and the texts that go out.")] input: MinutesPublishInput,
    ) -> Result<MinutesPublishPayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let action = Action::MinutesPublish;
            let (seen, permit) = seen(&tx, input.id, input.expected_version, action).await?;
            rules::step(Step::Publish, seen.status)?;
            let audience = rules::audience(seen.visibility, seen.sensitivity)
                .ok_or_else(|| Error::rule(Rule::OutOfRange).at("id"))?;
            let outcome = store::outcome_of(&tx, seen.meeting_id).await?;
            let out = publish::outgoing(audience, outcome, &input.confirmed)?;
            let row = Model {
                published_at: seen.published_at.or_else(|| Some(tx.now())),
                public_text: text::optional(input.public_text.as_deref(), text::LONGEST).at("publicText")?,
                ..Model::clone(&seen)
            };
            let change = store::step(&tx, &permit, action, &seen, Step::Publish, row).await?;
            let mut published = Vec::new();
            for (row, said) in &out {
                store::publish(&tx, &permit, seen.group_id, row, said.as_deref()).await?;
                published.push(row.kind.id(row.id));
            }
            tx.commit(change.detail(serde_json::json!({ "published": published }))).await
        })
        .await
    }

    /// Begins the next revision of adopted minutes: a draft with the same text and authors. The
    /// adopted ones stand until it is adopted in their place. Coordinators of the group.
    async fn minutes_revise(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which minutes, and why.")] input: MinutesReviseInput,
    ) -> Result<MinutesRevisePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let action = Action::MinutesRevise;
            let (seen, permit) = seen(&tx, input.id, input.expected_version, action).await?;
            let reason = text::required(&input.reason, text::LONGEST).at("reason")?;
            let change = store::revise(&tx, &permit, &seen, reason).await?;
            tx.commit(change).await
        })
        .await
    }
}

/// The minutes of an input, as they stand, and the permit for what is asked.
async fn seen(tx: &Tx, id: Id, expected: Option<i32>, action: Action) -> Result<(Seen<Model>, Permit)> {
    let seen: Seen<Model> = tx.seen(Kind::Minutes, id.of(Kind::Minutes).at("id")?).await.at("id")?;
    let permit = tx.permit(action, &store::target(&seen))?;
    expect_version(expected, seen.version)?;
    Ok((seen, permit))
}
