use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use entity::announcement::Model;
use entity::{operation, organisation, place};
use uuid::Uuid;

use super::rules::{self, Step};
use super::store;
use super::types::{Announcement, AnnouncementKind, AnnouncementStatus};
use crate::auth::{Action, Permit, Target};
use crate::belonging::Belonging;
use crate::db::{Change, Seen, Tx, expect_version};
use crate::error::{At, Result};
use crate::external::{self, ExternalReferenceInput, Owner};
use crate::graphql::{
    Date, DatePrecision, Front, Id, Sensitivity, Visibility, answer, change_day, change_reference,
    change_text, new_id, own_inputs, payloads, referenced,
};
use crate::id::Kind;
use crate::text;

/// An announcement to enter.
#[derive(InputObject)]
pub struct AnnouncementDraft {
    /// An id of your own (`ann_` and the hex of a UUID); left out, one is made.
    pub id: Option<Id>,
    /// What is announced.
    pub kind: AnnouncementKind,
    /// The announcement as it was told.
    pub text: String,
    /// The language of the text (BCP 47); the operation's if left out.
    pub language: Option<String>,
    /// The organisation whose mission, assessment or event it is.
    pub organisation: Option<Id>,
    /// The area in which it takes place.
    pub place: Option<Id>,
    /// Where it takes place, as written.
    pub place_text: Option<String>,
    /// Its first day; of a month, quarter or year the first day of that.
    pub starts_on: Option<Date>,
    /// How exact `startsOn` is meant; SEASON goes without a day.
    pub starts_precision: Option<DatePrecision>,
    /// Its last day; of a month, quarter or year the first day of that.
    pub ends_on: Option<Date>,
    /// How exact `endsOn` is meant; SEASON goes without a day.
    pub ends_precision: Option<DatePrecision>,
    /// When it takes place, as written.
    pub dates_text: Option<String>,
    /// What became of it, if it is told afterwards; PLANNED if left out.
    pub status: Option<AnnouncementStatus>,
    /// Who may see it, if fewer than see the meeting or group.
    pub visibility: Option<Visibility>,
    /// How bad disclosure would be, if worse than of the meeting or group: HIGH or SEVERE for places where people shelter.
    pub sensitivity: Option<Sensitivity>,
    /// Its codes in other systems.
    pub external_references: Option<Vec<ExternalReferenceInput>>,
}

/// An announcement, and where it belongs: exactly one of `group`, `meeting`, `agendaItem`.
#[derive(InputObject)]
pub struct AnnouncementAddInput {
    /// The group, if it was told at no meeting.
    pub group: Option<Id>,
    /// The meeting at which it was told.
    pub meeting: Option<Id>,
    /// The point of the agenda under which it was told.
    pub agenda_item: Option<Id>,
    /// The announcement.
    #[graphql(flatten)]
    pub draft: AnnouncementDraft,
}

/// What changes; what is left out stays, null clears.
#[derive(InputObject)]
pub struct AnnouncementUpdateInput {
    /// The announcement.
    pub id: Id,
    /// The version that you read.
    pub expected_version: i32,
    /// What is announced.
    pub kind: Option<AnnouncementKind>,
    /// The announcement as it was told.
    pub text: Option<String>,
    /// The language of the text (BCP 47).
    pub language: Option<String>,
    /// The organisation whose mission, assessment or event it is.
    pub organisation: MaybeUndefined<Id>,
    /// The area in which it takes place.
    pub place: MaybeUndefined<Id>,
    /// Where it takes place, as written.
    pub place_text: MaybeUndefined<String>,
    /// Its first day.
    pub starts_on: MaybeUndefined<Date>,
    /// How exact `startsOn` is meant.
    pub starts_precision: MaybeUndefined<DatePrecision>,
    /// Its last day.
    pub ends_on: MaybeUndefined<Date>,
    /// How exact `endsOn` is meant.
    pub ends_precision: MaybeUndefined<DatePrecision>,
    /// When it takes place, as written.
    pub dates_text: MaybeUndefined<String>,
    /// Who may see it: tighter for officers, wider for coordinators, never wider than the meeting or group.
    pub visibility: Option<Visibility>,
    /// How bad disclosure would be: worse for officers, less for coordinators, never less than of the meeting or group.
    pub sensitivity: Option<Sensitivity>,
    /// Its codes in other systems, the whole list.
    pub external_references: Option<Vec<ExternalReferenceInput>>,
}

/// A step of an announcement's life.
#[derive(InputObject)]
pub struct AnnouncementStepInput {
    /// The announcement.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// Why, for the record.
    pub reason: Option<String>,
}

own_inputs! {
    /// What will not take place.
    AnnouncementCancelInput(AnnouncementStepInput);
    /// What took place.
    AnnouncementCompleteInput(AnnouncementStepInput);
}

payloads! {
    /// The announcement that was entered.
    AnnouncementAddPayload => announcement ("announcement"): Announcement;
    /// The announcement as it is now.
    AnnouncementUpdatePayload => announcement ("announcement"): Announcement;
    /// The announcement, now done.
    AnnouncementCompletePayload => announcement ("announcement"): Announcement;
    /// The announcement, now cancelled.
    AnnouncementCancelPayload => announcement ("announcement"): Announcement;
}

/// Changes to announcements.
#[derive(Default)]
pub struct AnnouncementMutation;

#[Object]
impl AnnouncementMutation {
    /// Enters an announcement. Officers; focal points for their own organisation.
    async fn announcement_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is announced, and where it was told.")] input: AnnouncementAddInput,
    ) -> Result<AnnouncementAddPayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let at = Belonging::named(&tx, input.group, input.meeting, input.agenda_item).await?;
            let organisation = input.draft.organisation.map(|id| id.of(Kind::Organisation)).transpose();
            let organisations = organisation.at("organisation")?.into_iter().collect();
            let target = Target { organisations, ..at.target() };
            let permit = tx.permit(Action::AnnouncementWrite, &target)?;
            let operation: Seen<operation::Model> = tx.seen(Kind::Operation, at.operation_id).await?;
            let position = store::next_position(&tx, &at).await?;
            let change = add(&tx, &permit, &at, &operation.default_language, position, input.draft).await?;
            tx.commit(change).await
        })
        .await
    }

    /// Changes an announcement. Officers; focal points for their own organisation. Other words or another place withdraw its publication: what goes out is confirmed first.
    async fn announcement_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: AnnouncementUpdateInput,
    ) -> Result<AnnouncementUpdatePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let seen = seen(&tx, input.id).await?;
            let permit = tx.permit(Action::AnnouncementWrite, &store::target(&seen))?;
            expect_version(Some(input.expected_version), seen.version)?;
            let row = changed(&tx, &seen, &input).await?;
            // nobody hands an announcement to an organisation for which they may not speak
            tx.permit(Action::AnnouncementWrite, &store::target(&row)).at("organisation")?;
            days_are_sound(&row)?;
            let change = store::update(&tx, &permit, &seen, row).await?;
            if let Some(references) = &input.external_references {
                let pairs = ExternalReferenceInput::pairs(references);
                external::replace(&tx, Owner(Kind::Announcement, seen.id), &pairs).await?;
            }
            tx.commit(change).await
        })
        .await
    }

    /// What was announced took place. Officers; focal points for their own organisation.
    async fn announcement_complete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which announcement.")] input: AnnouncementCompleteInput,
    ) -> Result<AnnouncementCompletePayload> {
        answer(ctx, step(ctx, input.step, Step::Complete)).await
    }

    /// What was announced does not take place. Officers; focal points for their own organisation.
    async fn announcement_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which announcement.")] input: AnnouncementCancelInput,
    ) -> Result<AnnouncementCancelPayload> {
        answer(ctx, step(ctx, input.step, Step::Cancel)).await
    }
}

/// Enters an announcement inside an open transaction. `permit` is one for `announcement.write`,
/// `language` the one of texts that say none.
///
/// # Errors
/// Those of the draft's fields.
pub(crate) async fn add(
    tx: &Tx,
    permit: &Permit,
    at: &Belonging,
    language: &str,
    position: i32,
    draft: AnnouncementDraft,
) -> Result<Change> {
    let at = at.clone().tightened(draft.visibility.map(Into::into), draft.sensitivity.map(Into::into));
    let organisation = draft.organisation;
    let now = tx.now();
    let row = Model {
        id: new_id(draft.id, Kind::Announcement)?,
        group_id: at.group_id,
        operation_id: at.operation_id,
        visibility: at.visibility,
        sensitivity: at.sensitivity,
        published_at: None,
        meeting_id: at.meeting_id,
        agenda_item_id: at.agenda_item_id,
        position,
        kind: draft.kind.into(),
        text: text::required(&draft.text, text::LONGEST).at("text")?,
        language: text::language(draft.language.as_deref().unwrap_or(language)).at("language")?,
        organisation_id: referenced::<organisation::Model>(
            tx,
            Kind::Organisation,
            organisation,
            "organisation",
        )
        .await?,
        place_id: referenced::<place::Model>(tx, Kind::Place, draft.place, "place").await?,
        place_text: text::optional(draft.place_text.as_deref(), text::LONGEST_NAME).at("placeText")?,
        starts_on: draft.starts_on.map(|d| d.0),
        starts_precision: draft.starts_precision.map(Into::into),
        ends_on: draft.ends_on.map(|d| d.0),
        ends_precision: draft.ends_precision.map(Into::into),
        dates_text: text::optional(draft.dates_text.as_deref(), text::LONGEST_NAME).at("datesText")?,
        status: draft.status.map_or(entity::enums::AnnouncementStatus::Planned, Into::into),
        created_at: now,
        updated_at: now,
        version: 1,
    };
    days_are_sound(&row)?;
    let change = store::create(tx, permit, row).await?;
    let references = ExternalReferenceInput::pairs(&draft.external_references.unwrap_or_default());
    external::replace(tx, Owner(Kind::Announcement, change.entity()), &references).await?;
    Ok(change)
}

async fn step(ctx: &Context<'_>, input: AnnouncementStepInput, step: Step) -> Result<Uuid> {
    let tx = Front::of(ctx).begin().await?;
    let seen = seen(&tx, input.id).await?;
    let permit = tx.permit(Action::AnnouncementWrite, &store::target(&seen))?;
    expect_version(input.expected_version, seen.version)?;
    let reason = text::optional(input.reason.as_deref(), text::LONGEST).at("reason")?;
    let change = store::step(&tx, &permit, &seen, step, reason).await?;
    tx.commit(change).await
}

async fn seen(tx: &Tx, id: Id) -> Result<Seen<Model>> {
    tx.seen(Kind::Announcement, id.of(Kind::Announcement).at("id")?).await.at("id")
}

fn days_are_sound(row: &Model) -> Result<()> {
    rules::exact(row.starts_on, row.starts_precision).at("startsOn")?;
    rules::exact(row.ends_on, row.ends_precision).at("endsOn")?;
    rules::period(row.starts_on, row.ends_on).at("endsOn")
}

/// The row after an update.
async fn changed(tx: &Tx, seen: &Seen<Model>, input: &AnnouncementUpdateInput) -> Result<Model> {
    let mut row = Model::clone(seen);
    if let Some(kind) = input.kind {
        row.kind = kind.into();
    }
    if let Some(text) = &input.text {
        row.text = text::required(text, text::LONGEST).at("text")?;
    }
    if let Some(language) = &input.language {
        row.language = text::language(language).at("language")?;
    }
    let organisation = &mut row.organisation_id;
    change_reference::<organisation::Model>(
        tx,
        Kind::Organisation,
        organisation,
        &input.organisation,
        "organisation",
    )
    .await?;
    change_reference::<place::Model>(tx, Kind::Place, &mut row.place_id, &input.place, "place").await?;
    change_text(&mut row.place_text, &input.place_text, text::LONGEST_NAME, "placeText")?;
    change_text(&mut row.dates_text, &input.dates_text, text::LONGEST_NAME, "datesText")?;
    change_day(&mut row.starts_on, &input.starts_on);
    change_day(&mut row.ends_on, &input.ends_on);
    for (old, new) in [
        (&mut row.starts_precision, &input.starts_precision),
        (&mut row.ends_precision, &input.ends_precision),
    ] {
        if !new.is_undefined() {
            *old = new.value().map(|precision| (*precision).into());
        }
    }
    if input.visibility.is_some() || input.sensitivity.is_some() {
        let asked = (input.visibility.map(Into::into), input.sensitivity.map(Into::into));
        let inherited = store::belonging(seen).inherited(tx).await?;
        (row.visibility, row.sensitivity) =
            inherited.revised(tx.actor(), (row.visibility, row.sensitivity), asked)?;
    }
    Ok(row)
}
