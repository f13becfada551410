use async_graphql::{Context, InputObject, Object};
use entity::referral::Model;
use entity::{agenda_item, coordination_group, follow_up, meeting, operation, recommendation};
use uuid::Uuid;

use super::rules::Step;
use super::store::{self, Said};
use super::types::Referral;
use crate::auth::{Action, Permit};
use crate::belonging::Belonging;
use crate::db::{Change, Row, Seen, Tx, expect_version};
use crate::error::{At, Error, Result, Rule};
use crate::graphql::{Date, Front, Id, answer, new_id, payloads};
use crate::id::Kind;
use crate::text;

/// A question to another forum.
#[derive(InputObject)]
pub struct ReferralDraft {
    /// An id of your own (`ref_` and the hex of a UUID); left out, one is made.
    pub id: Option<Id>,
    /// The group that is asked; one of the same operation that you may see.
    pub to: Id,
    /// What is asked.
    pub text: String,
    /// The language of the text (BCP 47); the operation's if left out.
    pub language: Option<String>,
    /// When it was sent. Left out: today in the operation's time zone for `referralSend`; not recorded for what a past meeting sent.
    pub sent_on: Option<Date>,
}

/// A question to another forum: who asks, and about what (at most one of `recommendation`, `followUp`, `agendaItem`).
#[derive(InputObject)]
pub struct ReferralSendInput {
    /// The group that asks.
    pub from: Id,
    /// The recommendation of the group that it is about.
    pub recommendation: Option<Id>,
    /// The action point (follow-up) of the group that it is about.
    pub follow_up: Option<Id>,
    /// The point of the group's agenda from which it comes.
    pub agenda_item: Option<Id>,
    /// The question.
    #[graphql(flatten)]
    pub draft: ReferralDraft,
}

/// The other forum will speak of it.
#[derive(InputObject)]
pub struct ReferralPutOnAgendaInput {
    /// The referral.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// The meeting of the group that is asked, if it stands already.
    pub meeting: Option<Id>,
}

/// The other forum answers.
#[derive(InputObject)]
pub struct ReferralAnswerInput {
    /// The referral.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// The answer. Both groups see it.
    pub answer: String,
    /// When it was given; today in the operation's time zone if left out.
    pub answered_on: Option<Date>,
}

/// The other forum gives it back.
#[derive(InputObject)]
pub struct ReferralReturnInput {
    /// The referral.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// Why. It stands as the answer; both groups see it.
    pub reason: String,
    /// When it was given back; today in the operation's time zone if left out.
    pub answered_on: Option<Date>,
}

payloads! {
    /// The referral that was sent.
    ReferralSendPayload => referral ("referral"): Referral;
    /// The referral, now on an agenda.
    ReferralPutOnAgendaPayload => referral ("referral"): Referral;
    /// The referral with its answer.
    ReferralAnswerPayload => referral ("referral"): Referral;
    /// The referral, now returned.
    ReferralReturnPayload => referral ("referral"): Referral;
}

/// Changes to referrals.
#[derive(Default)]
pub struct ReferralMutation;

#[Object]
impl ReferralMutation {
    /// Asks another forum. Coordinators of the group that asks, operation managers.
    async fn referral_send(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who asks whom, about what.")] input: ReferralSendInput,
    ) -> Result<ReferralSendPayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let from: Seen<coordination_group::Model> =
                tx.seen(Kind::Group, input.from.of(Kind::Group).at("from")?).await.at("from")?;
            let at = Belonging::of_group(&from);
            let permit = tx.permit(Action::ReferralSend, &at.target())?;
            let about =
                [input.recommendation.is_some(), input.follow_up.is_some(), input.agenda_item.is_some()];
            if about.into_iter().filter(|is_named| *is_named).count() > 1 {
                return Err(Error::rule(Rule::ExactlyOne).at("recommendation"));
            }
            let group = from.id;
            let recommendation = of_group(
                &tx,
                group,
                Kind::Recommendation,
                input.recommendation,
                |r: &recommendation::Model| r.group_id,
            )
            .await
            .at("recommendation")?;
            let follow_up =
                of_group(&tx, group, Kind::FollowUp, input.follow_up, |f: &follow_up::Model| f.group_id)
                    .await
                    .at("followUp")?;
            let agenda_item =
                of_group(&tx, group, Kind::AgendaItem, input.agenda_item, |i: &agenda_item::Model| {
                    i.group_id
                })
                .await
                .at("agendaItem")?;
            let operation: Seen<operation::Model> = tx.seen(Kind::Operation, at.operation_id).await?;
            let sent_on = input.draft.sent_on.unwrap_or_else(|| Date(tx.today(at.operation_id)));
            let draft = ReferralDraft { sent_on: Some(sent_on), ..input.draft };
            let language = &operation.default_language;
            let change =
                add(&tx, &permit, &at, language, draft, recommendation, follow_up, agenda_item).await?;
            tx.commit(change).await
        })
        .await
    }

    /// The forum that is asked puts it on its agenda. Its coordinators, operation managers.
    async fn referral_put_on_agenda(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which referral, on which agenda.")] input: ReferralPutOnAgendaInput,
    ) -> Result<ReferralPutOnAgendaPayload> {
        answer(ctx, async {
            let (tx, seen, permit) = begin(ctx, input.id, input.expected_version).await?;
            let group = seen.to_group_id;
            let meeting = of_group(&tx, group, Kind::Meeting, input.meeting, |m: &meeting::Model| m.group_id)
                .await
                .at("meeting")?;
            let said = Said { meeting, ..Said::default() };
            let change = store::step(&tx, &permit, &seen, Step::PutOnAgenda, said).await?;
            tx.commit(change).await
        })
        .await
    }

    /// The forum that is asked answers. Its coordinators, operation managers.
    async fn referral_answer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which referral, and the answer.")] input: ReferralAnswerInput,
    ) -> Result<ReferralAnswerPayload> {
        answer(ctx, async {
            let (tx, seen, permit) = begin(ctx, input.id, input.expected_version).await?;
            let answer = text::required(&input.answer, text::LONGEST).at("answer")?;
            let said = said(&tx, &seen, answer, input.answered_on);
            let change = store::step(&tx, &permit, &seen, Step::Answer, said).await?;
            tx.commit(change).await
        })
        .await
    }

    /// The forum that is asked gives it back, saying why. Its coordinators, operation managers.
    async fn referral_return(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which referral, and why.")] input: ReferralReturnInput,
    ) -> Result<ReferralReturnPayload> {
        answer(ctx, async {
            let (tx, seen, permit) = begin(ctx, input.id, input.expected_version).await?;
            let reason = text::required(&input.reason, text::LONGEST).at("reason")?;
            let said = said(&tx, &seen, reason, input.answered_on);
            let change = store::step(&tx, &permit, &seen, Step::Return, said).await?;
            tx.commit(change).await
        })
        .await
    }
}

/// Sends a referral inside an open transaction. `permit` is one for `referral.send` in the group that
/// asks, `language` the one of texts that say none; what it is about was seen by the caller.
///
/// # Errors
/// Those of the draft's fields; `CIRCULAR`: a group does not ask itself; `OTHER_GROUP`: a forum of
/// another operation, whose managers would see what this one's do not know of.
#[expect(clippy::too_many_arguments, reason = "at most one of the last three")]
pub(crate) async fn add(
    tx: &Tx,
    permit: &Permit,
    at: &Belonging,
    language: &str,
    draft: ReferralDraft,
    recommendation: Option<Uuid>,
    follow_up: Option<Uuid>,
    agenda_item: Option<Uuid>,
) -> Result<Change> {
    let to: Seen<coordination_group::Model> =
        tx.seen(Kind::Group, draft.to.of(Kind::Group).at("to")?).await.at("to")?;
    if to.id == at.group_id {
        return Err(Error::rule(Rule::Circular).at("to"));
    }
    if to.operation_id != at.operation_id {
        return Err(Error::rule(Rule::OtherGroup).at("to"));
    }
    let now = tx.now();
    let row = Model {
        id: new_id(draft.id, Kind::Referral)?,
        from_group_id: at.group_id,
        to_group_id: to.id,
        operation_id: at.operation_id,
        recommendation_id: recommendation,
        follow_up_id: follow_up,
        agenda_item_id: agenda_item,
        meeting_id: None,
        text: text::required(&draft.text, text::LONGEST).at("text")?,
        language: text::language(draft.language.as_deref().unwrap_or(language)).at("language")?,
        sent_on: draft.sent_on.map(|d| d.0),
        status: entity::enums::ReferralStatus::Sent,
        answer: None,
        answered_on: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    store::create(tx, permit, row).await
}

/// A step of the group that is asked, up to what it says.
async fn begin(
    ctx: &Context<'_>,
    id: Id,
    expected_version: Option<i32>,
) -> Result<(Tx, Seen<Model>, Permit)> {
    let tx = Front::of(ctx).begin().await?;
    let seen: Seen<Model> = tx.seen(Kind::Referral, id.of(Kind::Referral).at("id")?).await.at("id")?;
    let permit = tx.permit(Action::ReferralAnswer, &store::asked(&seen))?;
    expect_version(expected_version, seen.version)?;
    Ok((tx, seen, permit))
}

fn said(tx: &Tx, seen: &Model, answer: String, on: Option<Date>) -> Said {
    let on = on.map_or_else(|| tx.today(seen.operation_id), |d| d.0);
    Said { answer: Some(answer), on: Some(on), meeting: None }
}

/// The row that an input names, of this group and no other.
async fn of_group<M: Row>(
    tx: &Tx,
    group: Uuid,
    kind: Kind,
    id: Option<Id>,
    group_of: impl Fn(&M) -> Uuid,
) -> Result<Option<Uuid>> {
    let Some(id) = id else { return Ok(None) };
    let seen: Seen<M> = tx.seen(kind, id.of(kind)?).await?;
    if group_of(&seen) == group { Ok(Some(Row::id(&*seen))) } else { Err(Error::rule(Rule::OtherGroup)) }
}
