//! Writes about follow-ups.

mod draft;
mod input;

use async_graphql::{Context, Object};
use entity::follow_up::Model;
use entity::{agenda_item, coordination_group, meeting, organisation, person, recommendation};
use uuid::Uuid;

pub use draft::{FollowUpDraft, add};
use draft::{assignees, due};
use input::{
    FollowUpBlockInput, FollowUpCancelInput, FollowUpChangeDueInput, FollowUpCompleteInput,
    FollowUpCreateInput, FollowUpReassignInput, FollowUpReopenInput, FollowUpReportInput, FollowUpStartInput,
    FollowUpUnblockInput, FollowUpUpdateInput,
};

use super::rules::Step;
use super::store::{self, Stepping};
use super::types::FollowUp;
use crate::auth::Action;
use crate::belonging::Belonging;
use crate::db::{Seen, Tx, expect_version};
use crate::error::{At, Error, Result, Rule, Why};
use crate::external::{self, ExternalReferenceInput, Owner};
use crate::graphql::{Front, Id, StepInput, answer, change_reference, change_text, payloads, referenced};
use crate::id::Kind;
use crate::text;

payloads! {
    /// The follow-up that was entered.
    FollowUpCreatePayload => follow_up ("followUp"): FollowUp;
    /// The follow-up as it is now.
    FollowUpUpdatePayload => follow_up ("followUp"): FollowUp;
    /// The follow-up, now under way.
    FollowUpStartPayload => follow_up ("followUp"): FollowUp;
    /// The follow-up, now blocked.
    FollowUpBlockPayload => follow_up ("followUp"): FollowUp;
    /// The follow-up, under way again.
    FollowUpUnblockPayload => follow_up ("followUp"): FollowUp;
    /// The follow-up, now done.
    FollowUpCompletePayload => follow_up ("followUp"): FollowUp;
    /// The follow-up, open again.
    FollowUpReopenPayload => follow_up ("followUp"): FollowUp;
    /// The follow-up, now cancelled.
    FollowUpCancelPayload => follow_up ("followUp"): FollowUp;
    /// The follow-up with its new assignees.
    FollowUpReassignPayload => follow_up ("followUp"): FollowUp;
    /// The follow-up with its new due day.
    FollowUpChangeDuePayload => follow_up ("followUp"): FollowUp;
    /// The follow-up with the answer; done, if it was the last responsible part.
    FollowUpReportPayload => follow_up ("followUp"): FollowUp;
}

/// Changes to follow-ups.
#[derive(Default)]
pub struct FollowUpMutation;

#[Object]
impl FollowUpMutation {
    /// Enters a follow-up (action point) of a group, meeting, agenda item or recommendation. Officers.
    async fn follow_up_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where it belongs and what it says.")] input: FollowUpCreateInput,
    ) -> Result<FollowUpCreatePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let (at, recommendation) = place(&tx, &input).await?;
            let permit = tx.permit(Action::FollowUpWrite, &at.target())?;
            let operation: Seen<entity::operation::Model> = tx.seen(Kind::Operation, at.operation_id).await?;
            let position = store::next_position(&tx, at.meeting_id).await?;
            let language = &operation.default_language;
            let change = add(&tx, &permit, &at, language, position, recommendation, input.draft).await?;
            tx.commit(change).await
        })
        .await
    }

    /// Changes what a follow-up says. Its due day and its assignees have mutations of their own. Officers.
    async fn follow_up_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: FollowUpUpdateInput,
    ) -> Result<FollowUpUpdatePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let seen = seen(&tx, input.id).await?;
            let permit = tx.permit(Action::FollowUpWrite, &store::target(&seen))?;
            expect_version(Some(input.expected_version), seen.version)?;
            let mut row = Model::clone(&seen);
            if let Some(new) = &input.text {
                row.text = text::required(new, text::LONGEST).at("text")?;
            }
            if let Some(language) = &input.language {
                row.language = text::language(language).at("language")?;
            }
            if let Some(priority) = input.priority {
                row.priority = priority.into();
            }
            change_text(&mut row.note, &input.note, text::LONGEST, "note")?;
            let depends_on = &mut row.depends_on_id;
            change_reference::<Model>(&tx, Kind::FollowUp, depends_on, &input.depends_on, "dependsOn")
                .await?;
            store::depends_soundly(&tx, seen.id, row.depends_on_id).await.at("dependsOn")?;
            let change = store::update(&tx, &permit, &seen, row).await?;
            if let Some(list) = &input.external_references {
                let pairs = ExternalReferenceInput::pairs(list);
                external::replace(&tx, Owner(Kind::FollowUp, seen.id), &pairs).await?;
            }
            tx.commit(change).await
        })
        .await
    }

    /// Work begins. Officers.
    async fn follow_up_start(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: FollowUpStartInput,
    ) -> Result<FollowUpStartPayload> {
        answer(ctx, plain(ctx, input.into(), Step::Start)).await
    }

    /// Something is in the way. Officers.
    async fn follow_up_block(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and what is in the way.")] input: FollowUpBlockInput,
    ) -> Result<FollowUpBlockPayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let with = Stepping {
                reason: Some(text::required(&input.reason, text::LONGEST).at("reason")?),
                blocked_by: referenced::<organisation::Model>(
                    &tx,
                    Kind::Organisation,
                    input.blocked_by,
                    "blockedBy",
                )
                .await?,
                ..Stepping::default()
            };
            take(tx, input.id, input.expected_version, Step::Block, Action::FollowUpWrite, with).await
        })
        .await
    }

    /// What was in the way is gone. Officers.
    async fn follow_up_unblock(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: FollowUpUnblockInput,
    ) -> Result<FollowUpUnblockPayload> {
        answer(ctx, plain(ctx, input.into(), Step::Unblock)).await
    }

    /// It is done; says what was done. Information managers and coordinators; or it happens with the last report.
    async fn follow_up_complete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and what was done.")] input: FollowUpCompleteInput,
    ) -> Result<FollowUpCompletePayload> {
        answer(ctx, async {
            let with = Stepping {
                action_taken: Some(text::required(&input.action_taken, text::LONGEST).at("actionTaken")?),
                on: input.on.map(|d| d.0),
                ..Stepping::default()
            };
            step(ctx, input.id, input.expected_version, Step::Complete, Action::FollowUpComplete, with).await
        })
        .await
    }

    /// It was not done after all, or is wanted again. Officers.
    async fn follow_up_reopen(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and why.")] input: FollowUpReopenInput,
    ) -> Result<FollowUpReopenPayload> {
        answer(ctx, async {
            let reason = Some(text::required(&input.reason, text::LONGEST).at("reason")?);
            let with = Stepping { reason, ..Stepping::default() };
            step(ctx, input.id, input.expected_version, Step::Reopen, Action::FollowUpWrite, with).await
        })
        .await
    }

    /// It is not wanted any more. Officers.
    async fn follow_up_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and why.")] input: FollowUpCancelInput,
    ) -> Result<FollowUpCancelPayload> {
        answer(ctx, async {
            let reason = Some(text::required(&input.reason, text::LONGEST).at("reason")?);
            let with = Stepping { reason, ..Stepping::default() };
            step(ctx, input.id, input.expected_version, Step::Cancel, Action::FollowUpWrite, with).await
        })
        .await
    }

    /// Others are to do it. Who stays keeps their answer. Officers.
    async fn follow_up_reassign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and to whom.")] input: FollowUpReassignInput,
    ) -> Result<FollowUpReassignPayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let seen = seen(&tx, input.id).await?;
            let permit = tx.permit(Action::FollowUpWrite, &store::target(&seen))?;
            expect_version(input.expected_version, seen.version)?;
            let assignees = assignees(&tx, seen.group_id, &input.assignments).await?;
            let reason = text::optional(input.reason.as_deref(), text::LONGEST).at("reason")?;
            let change = store::reassign(&tx, &permit, &seen, &assignees, reason).await?;
            tx.commit(change).await
        })
        .await
    }

    /// It is due on another day. Officers.
    async fn follow_up_change_due(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, when, and why.")] input: FollowUpChangeDueInput,
    ) -> Result<FollowUpChangeDuePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let seen = seen(&tx, input.id).await?;
            let permit = tx.permit(Action::FollowUpWrite, &store::target(&seen))?;
            expect_version(input.expected_version, seen.version)?;
            let reason = text::required(&input.reason, text::LONGEST).at("reason")?;
            let due = due(input.due.as_ref()).at("due")?;
            let change = store::change_due(&tx, &permit, &seen, due, reason).await?;
            tx.commit(change).await
        })
        .await
    }

    /// An assignee reports on their own part: themselves, for their organisation, or as a member of a group that is
    /// assigned as a whole. With the last responsible part done the follow-up is done.
    async fn follow_up_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "On which part, and how far it is.")] input: FollowUpReportInput,
    ) -> Result<FollowUpReportPayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let seen = seen(&tx, input.id).await?;
            let named = input.assignment.map(|id| id.of(Kind::Assignment)).transpose().at("assignment")?;
            let (part, target) = store::mine_to_report(&tx, &seen, named).await.at("assignment")?;
            let permit = tx.permit(Action::FollowUpReport, &target)?;
            expect_version(input.expected_version, seen.version)?;
            let text = text::optional(input.response.as_deref(), text::LONGEST).at("response")?;
            let state = entity::enums::AssignmentState::from(input.state);
            if state == entity::enums::AssignmentState::Done && text.is_none() {
                return Err(Error::refused(Why::Required).at("response"));
            }
            let id = input.organisation;
            let organisation =
                referenced::<organisation::Model>(&tx, Kind::Organisation, id, "organisation").await?;
            if organisation.is_some_and(|o| !target.organisations.contains(&o)) {
                return Err(Error::rule(Rule::OtherGroup).at("organisation"));
            }
            let change = store::report(&tx, &permit, &seen, &part, state, text, organisation).await?;
            tx.commit(change).await
        })
        .await
    }
}

async fn seen(tx: &Tx, id: Id) -> Result<Seen<Model>> {
    tx.seen(Kind::FollowUp, id.of(Kind::FollowUp).at("id")?).await.at("id")
}

async fn plain(ctx: &Context<'_>, input: StepInput, step: Step) -> Result<Uuid> {
    let reason = text::optional(input.reason.as_deref(), text::LONGEST).at("reason")?;
    let with = Stepping { reason, ..Stepping::default() };
    take(Front::of(ctx).begin().await?, input.id, input.expected_version, step, Action::FollowUpWrite, with)
        .await
}

async fn step(
    ctx: &Context<'_>,
    id: Id,
    expected: Option<i32>,
    step: Step,
    action: Action,
    with: Stepping,
) -> Result<Uuid> {
    take(Front::of(ctx).begin().await?, id, expected, step, action, with).await
}

async fn take(
    tx: Tx,
    id: Id,
    expected: Option<i32>,
    step: Step,
    action: Action,
    with: Stepping,
) -> Result<Uuid> {
    let seen = seen(&tx, id).await?;
    let permit = tx.permit(action, &store::target(&seen))?;
    expect_version(expected, seen.version)?;
    let change = store::step(&tx, &permit, action, &seen, step, with).await?;
    tx.commit(change).await
}

/// Where a new follow-up belongs: the closest thing named, and the recommendation it carries out.
async fn place(tx: &Tx, input: &FollowUpCreateInput) -> Result<(Belonging, Option<Uuid>)> {
    let recommendation = match input.recommendation {
        Some(id) => {
            let id = id.of(Kind::Recommendation).at("recommendation")?;
            let seen: Seen<recommendation::Model> =
                tx.seen(Kind::Recommendation, id).await.at("recommendation")?;
            Some(seen)
        }
        None => None,
    };
    let mut at = if let Some(id) = input.agenda_item {
        let id = id.of(Kind::AgendaItem).at("agendaItem")?;
        let item: Seen<agenda_item::Model> = tx.seen(Kind::AgendaItem, id).await.at("agendaItem")?;
        Belonging::of_item(&item)
    } else if let Some(id) = input.meeting {
        let id = id.of(Kind::Meeting).at("meeting")?;
        let meeting: Seen<meeting::Model> = tx.seen(Kind::Meeting, id).await.at("meeting")?;
        Belonging::of_meeting(&meeting)
    } else {
        let group = match (input.group, &recommendation) {
            (Some(id), _) => id.of(Kind::Group).at("group")?,
            (None, Some(recommendation)) => recommendation.group_id,
            (None, None) => return Err(Error::refused(Why::Required).at("group")),
        };
        let group: Seen<coordination_group::Model> = tx.seen(Kind::Group, group).await.at("group")?;
        Belonging::of_group(&group)
    };
    if let Some(recommendation) = &recommendation {
        if recommendation.group_id != at.group_id {
            return Err(Error::rule(Rule::OtherGroup).at("recommendation"));
        }
        at = at.tightened(Some(recommendation.visibility), Some(recommendation.sensitivity));
    }
    if let Some(group) = input.group
        && group.of(Kind::Group).at("group")? != at.group_id
    {
        return Err(Error::rule(Rule::OtherGroup).at("group"));
    }
    Ok((at, recommendation.map(|r| r.id)))
}

/// The row of a person that an assignment names.
type PersonRow = person::Model;
