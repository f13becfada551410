use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use entity::agenda_item::Model;
use entity::{enums, meeting};

use super::draft::{AgendaItemDraft, PresenterDraft, add_as, continues, minutes, presenters};
use super::{add, open};
use crate::agenda::types::{AgendaItem, AgendaItemKind, AgendaItemPurpose};
use crate::agenda::{invited, rules, store};
use crate::auth::Action;
use crate::belonging::Belonging;
use crate::db::{Change, Seen, Tx, expect_version};
use crate::error::{At, Result};
use crate::graphql::{Front, Id, Sensitivity, Visibility, answer, change_text, payloads};
use crate::id::Kind;
use crate::meeting::{keep_agenda_as_invited, open_to_change};
use crate::text;

/// A new point on an agenda.
#[derive(InputObject)]
pub struct AgendaItemAddInput {
    /// The meeting.
    pub meeting: Id,
    /// Its position, from 1; what stands there moves down. At the end if left out.
    pub position: Option<i32>,
    /// What it is.
    #[graphql(flatten)]
    pub draft: AgendaItemDraft,
}

/// A point that a member would like on the agenda.
#[derive(InputObject)]
pub struct AgendaItemProposeInput {
    /// The meeting.
    pub meeting: Id,
    /// An id of your own (`agi_` and the hex of a UUID); left out, one is made.
    pub id: Option<Id>,
    /// What kind of point it is.
    pub kind: AgendaItemKind,
    /// What it is for.
    pub purpose: Option<AgendaItemPurpose>,
    /// Its title.
    pub title: String,
    /// How long it should take, in minutes.
    pub planned_minutes: Option<i32>,
    /// Who would present it, in order.
    pub presenters: Option<Vec<PresenterDraft>>,
    /// The language of its texts (BCP 47); the meeting's if left out.
    pub language: Option<String>,
}

/// What changes; what is left out stays, null clears.
#[derive(InputObject)]
pub struct AgendaItemUpdateInput {
    /// The item.
    pub id: Id,
    /// The version that you read.
    pub expected_version: i32,
    /// The number printed before it, as written.
    pub printed_number: MaybeUndefined<String>,
    /// What kind of point it is.
    pub kind: Option<AgendaItemKind>,
    /// What it is for.
    pub purpose: MaybeUndefined<AgendaItemPurpose>,
    /// Its title.
    pub title: Option<String>,
    /// How long it is planned to take, in minutes.
    pub planned_minutes: MaybeUndefined<i32>,
    /// Who presents it, the whole list, in order.
    pub presenters: Option<Vec<PresenterDraft>>,
    /// A word on what became of it.
    pub status_note: MaybeUndefined<String>,
    /// The item of an earlier meeting of the same group that it takes up again.
    pub continues: MaybeUndefined<Id>,
    /// What was said.
    pub discussion: MaybeUndefined<String>,
    /// The language of its texts (BCP 47).
    pub language: Option<String>,
    /// Who may see it. Tighter: what was agreed under it becomes as tight. Wider, but no wider than the meeting:
    /// coordinators.
    pub visibility: Option<Visibility>,
    /// How bad disclosure would be. Worse: what was agreed under it follows. Milder, but no milder than the meeting:
    /// coordinators.
    pub sensitivity: Option<Sensitivity>,
}

/// Another place on the agenda.
#[derive(InputObject)]
pub struct AgendaItemMoveInput {
    /// The item.
    pub id: Id,
    /// The version that you read; left out, it moves from wherever it stands.
    pub expected_version: Option<i32>,
    /// Its new position, from 1; those in between close up.
    pub position: i32,
}

payloads! {
    /// The item that was entered.
    AgendaItemAddPayload => agenda_item ("agendaItem"): AgendaItem;
    /// The item that was proposed.
    AgendaItemProposePayload => agenda_item ("agendaItem"): AgendaItem;
    /// The item as it is now.
    AgendaItemUpdatePayload => agenda_item ("agendaItem"): AgendaItem;
    /// The item at its new position.
    AgendaItemMovePayload => agenda_item ("agendaItem"): AgendaItem;
}

/// Changes to what is on an agenda.
#[derive(Default)]
pub struct AgendaEditMutation;

#[Object]
impl AgendaEditMutation {
    /// Puts a point on the agenda. Officers. `STATE` if the meeting is closed.
    async fn agenda_item_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is.")] input: AgendaItemAddInput,
    ) -> Result<AgendaItemAddPayload> {
        answer(ctx, async {
            let (tx, meeting) = of_meeting(ctx, input.meeting).await?;
            let at = Belonging::of_meeting(&meeting);
            let permit = tx.permit(Action::AgendaWrite, &at.target())?;
            open_to_change(meeting.status).at("meeting")?;
            let status = input.draft.status.map_or(enums::AgendaItemStatus::Planned, Into::into);
            rules::enterable(status, meeting.status).at("status")?;
            let position = match input.position {
                Some(position) => {
                    store::make_room(&tx, meeting.id, position).await?;
                    position
                }
                None => store::next_position(&tx, meeting.id).await?,
            };
            let row = add(&tx, &permit, &at, &meeting.language, position, input.draft).await?;
            tx.commit(entered("agendaItemAdd", &row)).await
        })
        .await
    }

    /// Proposes a point, at the end of the agenda. Members and officers, until the meeting begins; `STATE` afterwards.
    async fn agenda_item_propose(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is proposed.")] input: AgendaItemProposeInput,
    ) -> Result<AgendaItemProposePayload> {
        answer(ctx, async {
            let (tx, meeting) = of_meeting(ctx, input.meeting).await?;
            let at = Belonging::of_meeting(&meeting);
            let permit = tx.permit(Action::AgendaPropose, &at.target())?;
            rules::proposable(meeting.status).at("meeting")?;
            let draft = AgendaItemDraft {
                id: input.id,
                printed_number: None,
                kind: input.kind,
                purpose: input.purpose,
                title: input.title,
                planned_minutes: input.planned_minutes,
                presenters: input.presenters,
                status: None,
                status_note: None,
                offline_channel: None,
                deferred_to: None,
                continues: None,
                discussion: None,
                language: input.language,
                visibility: None,
                sensitivity: None,
            };
            let position = store::next_position(&tx, meeting.id).await?;
            let action = Action::AgendaPropose;
            let row = add_as(&tx, &permit, action, &at, &meeting.language, position, draft).await?;
            tx.commit(entered("agendaItemPropose", &row)).await
        })
        .await
    }

    /// Changes a point. Officers. `STATE` if the meeting is closed. `PERMISSION_DENIED` at `visibility` or `sensitivity`
    /// for who may not widen.
    async fn agenda_item_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: AgendaItemUpdateInput,
    ) -> Result<AgendaItemUpdatePayload> {
        answer(ctx, async {
            let (tx, meeting, seen) = open(ctx, input.id).await?;
            let at = Belonging::of_meeting(&meeting);
            let permit = tx.permit(Action::AgendaWrite, &at.target())?;
            expect_version(Some(input.expected_version), seen.version)?;
            let row = changed(&tx, &seen, &input).await?;
            if row != *seen || input.presenters.is_some() {
                open_to_change(meeting.status)?;
            }
            let asked = (input.visibility.map(Into::into), input.sensitivity.map(Into::into));
            let (visibility, sensitivity) =
                at.revised(tx.actor(), (seen.visibility, seen.sensitivity), asked)?;
            let change = store::update(&tx, &permit, &seen, Model { visibility, sensitivity, ..row }).await?;
            if visibility > meeting.visibility || sensitivity > meeting.sensitivity {
                // the title went out with the invitation; the record need not repeat it to everybody
                let kept = meeting.agenda_as_invited.as_deref();
                if let Some(agenda) = kept.and_then(|kept| invited::without(kept, seen.id)) {
                    keep_agenda_as_invited(&tx, &permit, &meeting, agenda).await?;
                }
            }
            if let Some(list) = input.presenters {
                let rows = presenters(&tx, seen.id, list).await?;
                store::set_presenters(&tx, seen.id, rows).await?;
            }
            tx.commit(change).await
        })
        .await
    }

    /// Moves a point to another place on the agenda. Officers. `STATE` if the meeting is closed.
    async fn agenda_item_move(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which item, and where to.")] input: AgendaItemMoveInput,
    ) -> Result<AgendaItemMovePayload> {
        answer(ctx, async {
            let (tx, meeting, seen) = open(ctx, input.id).await?;
            let permit = tx.permit(Action::AgendaWrite, &Belonging::of_meeting(&meeting).target())?;
            expect_version(input.expected_version, seen.version)?;
            open_to_change(meeting.status)?;
            if input.position == seen.position {
                return tx.nothing_to_do(seen.id).await;
            }
            let change = store::move_to(&tx, &permit, &seen, input.position).await?;
            tx.commit(change).await
        })
        .await
    }
}

async fn of_meeting(ctx: &Context<'_>, id: Id) -> Result<(Tx, Seen<meeting::Model>)> {
    let tx = Front::of(ctx).begin().await?;
    let meeting = tx.seen(Kind::Meeting, id.of(Kind::Meeting).at("meeting")?).await.at("meeting")?;
    Ok((tx, meeting))
}

fn entered(mutation: &'static str, row: &Model) -> Change {
    Change::new(mutation, Kind::AgendaItem, row.id)
        .in_group(row.group_id, row.operation_id)
        .step(None, row.status.word())
}

/// The row after an update, but for who may see it.
async fn changed(tx: &Tx, seen: &Seen<Model>, input: &AgendaItemUpdateInput) -> Result<Model> {
    let mut row = Model::clone(seen);
    change_text(&mut row.printed_number, &input.printed_number, 40, "printedNumber")?;
    if let Some(kind) = input.kind {
        row.kind = kind.into();
    }
    if !input.purpose.is_undefined() {
        row.purpose = input.purpose.value().map(|p| (*p).into());
    }
    if let Some(title) = &input.title {
        row.title = text::required(title, text::LONGEST_NAME).at("title")?;
    }
    if !input.planned_minutes.is_undefined() {
        row.planned_minutes = minutes(input.planned_minutes.value().copied())?;
    }
    change_text(&mut row.status_note, &input.status_note, text::LONGEST, "statusNote")?;
    if !input.continues.is_undefined() {
        let place = (seen.group_id, seen.meeting_id);
        row.continues_id = continues(tx, place, input.continues.value().copied()).await?;
    }
    change_text(&mut row.discussion, &input.discussion, text::LONGEST, "discussion")?;
    if let Some(language) = &input.language {
        row.language = text::language(language).at("language")?;
    }
    Ok(row)
}
