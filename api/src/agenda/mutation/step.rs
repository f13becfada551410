use async_graphql::{Context, InputObject, Object};
use entity::agenda_item::Model;
use entity::meeting;
use uuid::Uuid;

use super::draft::AgendaItemDraft;
use super::{add, open};
use crate::agenda::rules::{self, Step};
use crate::agenda::store;
use crate::agenda::types::{AgendaItem, OfflineChannel};
use crate::auth::{Action, Permit};
use crate::belonging::Belonging;
use crate::db::{Seen, Tx, expect_version};
use crate::error::{At, Error, Result, Rule, Why};
use crate::graphql::{Id, answer, own_inputs, payloads};
use crate::id::Kind;
use crate::text;

/// What became of an item.
#[derive(InputObject)]
pub struct AgendaItemStepInput {
    /// The item.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// A word on it, kept with the item.
    pub note: Option<String>,
}

/// It was dealt with.
#[derive(InputObject)]
pub struct AgendaItemCoverInput {
    /// The item.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// Whether only in part.
    #[graphql(default)]
    pub is_partly: bool,
    /// A word on it, kept with the item.
    pub note: Option<String>,
}

/// It is put off.
#[derive(InputObject)]
pub struct AgendaItemDeferInput {
    /// The item.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// To which meeting of the same group, one that has not begun; left out: to no particular one. There a new item
    /// continues this one.
    pub to: Option<Id>,
    /// A word on it, kept with the item.
    pub note: Option<String>,
}

/// It goes on outside meetings.
#[derive(InputObject)]
pub struct AgendaItemMoveOfflineInput {
    /// The item.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// Where it goes on.
    pub channel: OfflineChannel,
    /// A word on it, kept with the item.
    pub note: Option<String>,
}

own_inputs! {
    /// Which item goes to another forum.
    AgendaItemReferInput(AgendaItemStepInput);
    /// Which item was not dealt with.
    AgendaItemSkipInput(AgendaItemStepInput);
    /// Which item is withdrawn.
    AgendaItemWithdrawInput(AgendaItemStepInput);
}

payloads! {
    /// The item, dealt with.
    AgendaItemCoverPayload => agenda_item ("agendaItem"): AgendaItem;
    /// The item, put off; its `continuedBy` is the new one.
    AgendaItemDeferPayload => agenda_item ("agendaItem"): AgendaItem;
    /// The item, moved out of meetings.
    AgendaItemMoveOfflinePayload => agenda_item ("agendaItem"): AgendaItem;
    /// The item, referred.
    AgendaItemReferPayload => agenda_item ("agendaItem"): AgendaItem;
    /// The item, not covered.
    AgendaItemSkipPayload => agenda_item ("agendaItem"): AgendaItem;
    /// The item, taken off.
    AgendaItemWithdrawPayload => agenda_item ("agendaItem"): AgendaItem;
}

/// What becomes of agenda items.
#[derive(Default)]
pub struct AgendaStepMutation;

#[Object]
impl AgendaStepMutation {
    /// An item was dealt with, wholly or in part. Officers, from the beginning of the meeting until it is closed; one
    /// outcome may be corrected into another. `STATE` otherwise.
    async fn agenda_item_cover(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which item.")] input: AgendaItemCoverInput,
    ) -> Result<AgendaItemCoverPayload> {
        let AgendaItemCoverInput { id, expected_version, is_partly, note } = input;
        let step = if is_partly { Step::CoverPartly } else { Step::Cover };
        answer(ctx, plain(ctx, AgendaItemStepInput { id, expected_version, note }, step)).await
    }

    /// An item is put off (reporté): to a meeting, where a new item continues it, or to no particular one. Officers,
    /// until the meeting is closed. `OTHER_GROUP` for a meeting of another group or the same meeting, `OUT_OF_RANGE` for
    /// one that has begun, `DUPLICATE` if it is continued there already.
    async fn agenda_item_defer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which item, and where to.")] input: AgendaItemDeferInput,
    ) -> Result<AgendaItemDeferPayload> {
        answer(ctx, async {
            let (tx, meeting, seen) = open(ctx, input.id).await?;
            let permit = tx.permit(Action::AgendaWrite, &Belonging::of_meeting(&meeting).target())?;
            expect_version(input.expected_version, seen.version)?;
            rules::step(Step::Defer, seen.status, meeting.status)?;
            let status_note = note(input.note.as_deref())?;
            let next = match input.to {
                Some(to) => Some(taken_up(&tx, &permit, &seen, to).await.at("to")?),
                None => None,
            };
            let row = Model {
                status_note,
                deferred_to_id: next.as_ref().map(|n| n.meeting_id).or(seen.deferred_to_id),
                ..Model::clone(&seen)
            };
            let mut change = store::step(&tx, &permit, (&seen, &meeting), Step::Defer, row).await?;
            if let Some(next) = next {
                change = change.detail(serde_json::json!({ "continuedBy": Kind::AgendaItem.id(next.id) }));
            }
            tx.commit(change).await
        })
        .await
    }

    /// An item goes on outside meetings, e.g. by e-mail. Officers, until the meeting is closed.
    async fn agenda_item_move_offline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which item, and where it goes on.")] input: AgendaItemMoveOfflineInput,
    ) -> Result<AgendaItemMoveOfflinePayload> {
        answer(ctx, async {
            let (tx, meeting, seen) = open(ctx, input.id).await?;
            let permit = tx.permit(Action::AgendaWrite, &Belonging::of_meeting(&meeting).target())?;
            expect_version(input.expected_version, seen.version)?;
            let row = Model {
                status_note: note(input.note.as_deref())?,
                offline_channel: Some(input.channel.into()),
                ..Model::clone(&seen)
            };
            let change = store::step(&tx, &permit, (&seen, &meeting), Step::MoveOffline, row).await?;
            tx.commit(change).await
        })
        .await
    }

    /// An item is for another forum; the question itself goes out by `referralSend`. Officers, until the meeting is
    /// closed.
    async fn agenda_item_refer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which item.")] input: AgendaItemReferInput,
    ) -> Result<AgendaItemReferPayload> {
        answer(ctx, plain(ctx, input.step, Step::Refer)).await
    }

    /// There was no time for an item. Officers, from the beginning of the meeting until it is closed.
    async fn agenda_item_skip(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which item.")] input: AgendaItemSkipInput,
    ) -> Result<AgendaItemSkipPayload> {
        answer(ctx, plain(ctx, input.step, Step::Skip)).await
    }

    /// An item is taken off the agenda. Officers, until the meeting is closed.
    async fn agenda_item_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which item.")] input: AgendaItemWithdrawInput,
    ) -> Result<AgendaItemWithdrawPayload> {
        answer(ctx, plain(ctx, input.step, Step::Withdraw)).await
    }
}

async fn plain(ctx: &Context<'_>, input: AgendaItemStepInput, step: Step) -> Result<Uuid> {
    let (tx, meeting, seen) = open(ctx, input.id).await?;
    let permit = tx.permit(Action::AgendaWrite, &Belonging::of_meeting(&meeting).target())?;
    expect_version(input.expected_version, seen.version)?;
    let row = Model { status_note: note(input.note.as_deref())?, ..Model::clone(&seen) };
    let change = store::step(&tx, &permit, (&seen, &meeting), step, row).await?;
    tx.commit(change).await
}

fn note(text: Option<&str>) -> Result<Option<String>> {
    text::optional(text, text::LONGEST).at("note")
}

/// The new item, at the end of the other meeting's agenda, that continues this one.
async fn taken_up(tx: &Tx, permit: &Permit, seen: &Seen<Model>, to: Id) -> Result<Model> {
    let to: Seen<meeting::Model> = tx.seen(Kind::Meeting, to.of(Kind::Meeting)?).await?;
    if to.group_id != seen.group_id || to.id == seen.meeting_id {
        return Err(Error::rule(Rule::OtherGroup));
    }
    if !rules::takes_up(to.status) {
        return Err(Error::rule(Rule::OutOfRange));
    }
    if store::continuation(tx, seen.id, to.id).await?.is_some() {
        return Err(Error::refused(Why::Duplicate));
    }
    let draft = AgendaItemDraft {
        id: None,
        printed_number: None,
        kind: seen.kind.into(),
        purpose: seen.purpose.map(Into::into),
        title: seen.title.clone(),
        planned_minutes: seen.planned_minutes,
        presenters: None,
        status: None,
        status_note: None,
        offline_channel: None,
        deferred_to: None,
        continues: Some(Id(Kind::AgendaItem, seen.id)),
        discussion: None,
        language: Some(seen.language.clone()),
        visibility: Some(seen.visibility.into()),
        sensitivity: Some(seen.sensitivity.into()),
    };
    let position = store::next_position(tx, to.id).await?;
    add(tx, permit, &Belonging::of_meeting(&to), &seen.language, position, draft).await
}
