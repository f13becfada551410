mod input;

use async_graphql::{Context, Object};
use entity::recommendation::Model;
use entity::{agenda_item, coordination_group, meeting, operation, organisation, person};
use uuid::Uuid;

use super::rules::Step;
use super::store::{self, NewAddressee};
use super::types::Recommendation;
use crate::auth::{Action, Permit};
use crate::belonging::Belonging;
use crate::db::{Change, Seen, Tx, expect_version};
use crate::error::{At, Error, Result, Rule, Why};
use crate::external::{self, ExternalReferenceInput, Owner};
use crate::graphql::{Front, Id, answer, change_reference, change_text, new_id, payloads, referenced};
use crate::id::Kind;
use crate::text;

pub use input::RecommendationDraft;
use input::{
    AddresseeInput, MOST_ADDRESSEES, RecommendationAddInput, RecommendationConcludeInput,
    RecommendationReopenInput, RecommendationStartInput, RecommendationUpdateInput,
    RecommendationWithdrawInput,
};

payloads! {
    /// The recommendation that was entered.
    RecommendationAddPayload => recommendation ("recommendation"): Recommendation;
    /// The recommendation as it is now.
    RecommendationUpdatePayload => recommendation ("recommendation"): Recommendation;
    /// The recommendation, now in progress.
    RecommendationStartPayload => recommendation ("recommendation"): Recommendation;
    /// The recommendation with what became of it.
    RecommendationConcludePayload => recommendation ("recommendation"): Recommendation;
    /// The recommendation, open again.
    RecommendationReopenPayload => recommendation ("recommendation"): Recommendation;
    /// The recommendation, withdrawn.
    RecommendationWithdrawPayload => recommendation ("recommendation"): Recommendation;
}

/// Changes to recommendations.
#[derive(Default)]
pub struct RecommendationMutation;

#[Object]
impl RecommendationMutation {
    /// Enters a recommendation, decision or proposal. Officers of the group.
    async fn recommendation_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it says, and where it was made.")] input: RecommendationAddInput,
    ) -> Result<RecommendationAddPayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let (at, language) = place(&tx, &input).await?;
            let permit = tx.permit(Action::RecommendationWrite, &at.target())?;
            let position = store::next_position(&tx, at.group_id, at.meeting_id).await?;
            let change = add(&tx, &permit, &at, &language, position, input.draft).await?;
            tx.commit(change).await
        })
        .await
    }

    /// Changes what a recommendation says. Officers of the group.
    async fn recommendation_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: RecommendationUpdateInput,
    ) -> Result<RecommendationUpdatePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let seen = seen(&tx, input.id).await?;
            let permit = tx.permit(Action::RecommendationWrite, &store::target(&seen))?;
            expect_version(Some(input.expected_version), seen.version)?;
            let row = changed(&tx, &seen, &input).await?;
            let change = store::update(&tx, &permit, &seen, row).await?;
            if let Some(list) = &input.addressees {
                store::set_addressees(&tx, seen.id, addressees(&tx, list).await?).await?;
            }
            if let Some(references) = &input.external_references {
                let pairs = ExternalReferenceInput::pairs(references);
                external::replace(&tx, Owner(Kind::Recommendation, seen.id), &pairs).await?;
            }
            tx.commit(change).await
        })
        .await
    }

    /// Somebody takes an open recommendation up. Officers of the group.
    async fn recommendation_start(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: RecommendationStartInput,
    ) -> Result<RecommendationStartPayload> {
        let reason = input.reason;
        answer(ctx, step(ctx, input.id, input.expected_version, Step::Start, None, reason)).await
    }

    /// It is known what became of a recommendation. What was partly implemented can be concluded
    /// again. Officers of the group; a review at a meeting does the same.
    async fn recommendation_conclude(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and what became of it.")] input: RecommendationConcludeInput,
    ) -> Result<RecommendationConcludePayload> {
        let (outcome, reason) = (Some(input.outcome.into()), input.reason);
        answer(ctx, step(ctx, input.id, input.expected_version, Step::Conclude, outcome, reason)).await
    }

    /// A recommendation is not done with after all: a concluded one is in progress again, a
    /// withdrawn one open. Officers of the group.
    async fn recommendation_reopen(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and why.")] input: RecommendationReopenInput,
    ) -> Result<RecommendationReopenPayload> {
        let reason = Some(input.reason);
        answer(ctx, step(ctx, input.id, input.expected_version, Step::Reopen, None, reason)).await
    }

    /// The group takes a recommendation back. Officers of the group.
    async fn recommendation_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and why.")] input: RecommendationWithdrawInput,
    ) -> Result<RecommendationWithdrawPayload> {
        let reason = Some(input.reason);
        answer(ctx, step(ctx, input.id, input.expected_version, Step::Withdraw, None, reason)).await
    }
}

async fn step(
    ctx: &Context<'_>,
    id: Id,
    expected_version: Option<i32>,
    step: Step,
    wanted: Option<entity::enums::RecommendationStatus>,
    reason: Option<String>,
) -> Result<Uuid> {
    let tx = Front::of(ctx).begin().await?;
    let seen = seen(&tx, id).await?;
    let permit = tx.permit(Action::RecommendationWrite, &store::target(&seen))?;
    expect_version(expected_version, seen.version)?;
    let reason = text::optional(reason.as_deref(), text::LONGEST).at("reason")?;
    let change = store::step(&tx, &permit, &seen, step, wanted, reason).await?;
    tx.commit(change).await
}

/// Writes a recommendation inside an open transaction. `language`: if the draft names none.
///
/// # Errors
/// User errors with paths inside the draft.
pub(crate) async fn add(
    tx: &Tx,
    permit: &Permit,
    at: &Belonging,
    language: &str,
    position: i32,
    draft: RecommendationDraft,
) -> Result<Change> {
    let at = at.clone().tightened(draft.visibility.map(Into::into), draft.sensitivity.map(Into::into));
    let now = tx.now();
    let row = Model {
        id: new_id(draft.id, Kind::Recommendation)?,
        group_id: at.group_id,
        operation_id: at.operation_id,
        visibility: at.visibility,
        sensitivity: at.sensitivity,
        published_at: None,
        public_text: None,
        meeting_id: at.meeting_id,
        agenda_item_id: at.agenda_item_id,
        derived_from_id: referenced::<Model>(tx, Kind::Recommendation, draft.derived_from, "derivedFrom")
            .await?,
        establishes_group_id: referenced::<coordination_group::Model>(
            tx,
            Kind::Group,
            draft.establishes,
            "establishes",
        )
        .await?,
        position,
        kind: draft.kind.into(),
        text: text::required(&draft.text, text::LONGEST).at("text")?,
        text_folded: String::new(),
        language: text::language(draft.language.as_deref().unwrap_or(language)).at("language")?,
        status: draft.status.map_or(entity::enums::RecommendationStatus::Open, Into::into),
        status_reason: None,
        note: text::optional(draft.note.as_deref(), text::LONGEST).at("note")?,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let addressees = addressees(tx, &draft.addressees.unwrap_or_default()).await?;
    let change = store::add(tx, permit, row).await?;
    store::set_addressees(tx, change.entity(), addressees).await?;
    let references = ExternalReferenceInput::pairs(&draft.external_references.unwrap_or_default());
    external::replace(tx, Owner(Kind::Recommendation, change.entity()), &references).await?;
    Ok(change)
}

/// Where a new one belongs: the narrowest place named, with which the wider ones must agree; and
/// the language of that place.
async fn place(tx: &Tx, input: &RecommendationAddInput) -> Result<(Belonging, String)> {
    let (at, language) = if let Some(id) = input.agenda_item {
        let id = id.of(Kind::AgendaItem).at("agendaItem")?;
        let item: Seen<agenda_item::Model> = tx.seen(Kind::AgendaItem, id).await.at("agendaItem")?;
        (Belonging::of_item(&item), item.language.clone())
    } else if let Some(id) = input.meeting {
        let id = id.of(Kind::Meeting).at("meeting")?;
        let meeting: Seen<meeting::Model> = tx.seen(Kind::Meeting, id).await.at("meeting")?;
        (Belonging::of_meeting(&meeting), meeting.language.clone())
    } else if let Some(id) = input.group {
        let id = id.of(Kind::Group).at("group")?;
        let group: Seen<coordination_group::Model> = tx.seen(Kind::Group, id).await.at("group")?;
        let operation: Seen<operation::Model> = tx.seen(Kind::Operation, group.operation_id).await?;
        (Belonging::of_group(&group), operation.default_language.clone())
    } else {
        return Err(Error::refused(Why::Required).at("group"));
    };
    for (named, kind, stands, field) in [
        (input.meeting, Kind::Meeting, at.meeting_id, "meeting"),
        (input.group, Kind::Group, Some(at.group_id), "group"),
    ] {
        let named = named.map(|id| id.of(kind)).transpose().at(field)?;
        if named.is_some() && named != stands {
            return Err(Error::rule(Rule::OtherGroup).at(field));
        }
    }
    Ok((at, language))
}

/// The row after an update.
async fn changed(tx: &Tx, seen: &Seen<Model>, input: &RecommendationUpdateInput) -> Result<Model> {
    let mut row = Model::clone(seen);
    if let Some(kind) = input.kind {
        row.kind = kind.into();
    }
    if let Some(said) = &input.text {
        row.text = text::required(said, text::LONGEST).at("text")?;
    }
    if let Some(language) = &input.language {
        row.language = text::language(language).at("language")?;
    }
    change_text(&mut row.note, &input.note, text::LONGEST, "note")?;
    change_reference::<Model>(
        tx,
        Kind::Recommendation,
        &mut row.derived_from_id,
        &input.derived_from,
        "derivedFrom",
    )
    .await?;
    change_reference::<coordination_group::Model>(
        tx,
        Kind::Group,
        &mut row.establishes_group_id,
        &input.establishes,
        "establishes",
    )
    .await?;
    change_reference::<agenda_item::Model>(
        tx,
        Kind::AgendaItem,
        &mut row.agenda_item_id,
        &input.agenda_item,
        "agendaItem",
    )
    .await?;
    let at = belonging(tx, &row).await?;
    if at.meeting_id != row.meeting_id {
        return Err(Error::rule(Rule::OtherGroup).at("agendaItem"));
    }
    let asked = (input.visibility.map(Into::into), input.sensitivity.map(Into::into));
    (row.visibility, row.sensitivity) = at.revised(tx.actor(), (row.visibility, row.sensitivity), asked)?;
    Ok(row)
}

/// Where a row belongs, with what it inherits from there.
async fn belonging(tx: &Tx, row: &Model) -> Result<Belonging> {
    if let Some(id) = row.agenda_item_id {
        let item: Seen<agenda_item::Model> = tx.seen(Kind::AgendaItem, id).await.at("agendaItem")?;
        return Ok(Belonging::of_item(&item));
    }
    if let Some(id) = row.meeting_id {
        let meeting: Seen<meeting::Model> = tx.seen(Kind::Meeting, id).await?;
        return Ok(Belonging::of_meeting(&meeting));
    }
    let group: Seen<coordination_group::Model> = tx.seen(Kind::Group, row.group_id).await?;
    Ok(Belonging::of_group(&group))
}

/// Addressees as the store takes them, each seen in the transaction.
async fn addressees(tx: &Tx, list: &[AddresseeInput]) -> Result<Vec<NewAddressee>> {
    if list.len() > MOST_ADDRESSEES {
        return Err(Error::refused(Why::TooMany { limit: MOST_ADDRESSEES }).at("addressees"));
    }
    let mut rows = Vec::new();
    for (number, input) in list.iter().enumerate() {
        rows.push(addressee(tx, input).await.at(&format!("addressees.{number}"))?);
    }
    Ok(rows)
}

async fn addressee(tx: &Tx, input: &AddresseeInput) -> Result<NewAddressee> {
    let named = [input.person, input.organisation, input.group].iter().flatten().count();
    if named > 1 {
        return Err(Error::rule(Rule::ExactlyOne));
    }
    if named == 0 && input.written_as.is_none() {
        return Err(Error::refused(Why::Required));
    }
    Ok(NewAddressee {
        written_as: text::optional(input.written_as.as_deref(), text::LONGEST_NAME).at("writtenAs")?,
        person_id: referenced::<person::Model>(tx, Kind::Person, input.person, "person").await?,
        organisation_id: referenced::<organisation::Model>(
            tx,
            Kind::Organisation,
            input.organisation,
            "organisation",
        )
        .await?,
        group_id: referenced::<coordination_group::Model>(tx, Kind::Group, input.group, "group").await?,
    })
}

async fn seen(tx: &Tx, id: Id) -> Result<Seen<Model>> {
    tx.seen(Kind::Recommendation, id.of(Kind::Recommendation).at("id")?).await.at("id")
}
