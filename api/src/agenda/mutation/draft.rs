use async_graphql::InputObject;
use entity::agenda_item::Model;
use entity::{enums, meeting, organisation, person, presenter};
use uuid::Uuid;

use crate::agenda::store;
use crate::agenda::types::{AgendaItemKind, AgendaItemPurpose, AgendaItemStatus, OfflineChannel};
use crate::auth::{Action, Permit};
use crate::belonging::Belonging;
use crate::db::{Seen, Tx};
use crate::error::{At, Error, Result, Rule};
use crate::graphql::{Id, Sensitivity, Visibility, new_id, referenced};
use crate::id::{self, Kind};
use crate::text;

/// Who presents a point, as written and as understood.
#[derive(InputObject, Clone, Debug)]
pub struct PresenterDraft {
    /// The name as written.
    pub display_name: String,
    /// The function as written.
    pub function_text: Option<String>,
    /// The organisation as written.
    pub organisation_text: Option<String>,
    /// The person that is meant, if known.
    pub person: Option<Id>,
    /// The organisation that is meant, if known.
    pub organisation: Option<Id>,
}

/// What a point of an agenda is, wherever it is entered. What is not known is left out.
#[derive(InputObject, Clone, Debug)]
pub struct AgendaItemDraft {
    /// An id of your own (`agi_` and the hex of a UUID); left out, one is made.
    pub id: Option<Id>,
    /// The number printed before it, as written.
    pub printed_number: Option<String>,
    /// What kind of point it is.
    pub kind: AgendaItemKind,
    /// What it is for.
    pub purpose: Option<AgendaItemPurpose>,
    /// Its title.
    pub title: String,
    /// How long it is planned to take, in minutes.
    pub planned_minutes: Option<i32>,
    /// Who presents it, in order.
    pub presenters: Option<Vec<PresenterDraft>>,
    /// What became of it; PLANNED if left out. Another one only once the meeting has begun.
    pub status: Option<AgendaItemStatus>,
    /// A word on what became of it.
    pub status_note: Option<String>,
    /// Where it goes on; only if MOVED_OFFLINE.
    pub offline_channel: Option<OfflineChannel>,
    /// The meeting of the same group to which it was put off, if known; only if DEFERRED. Nothing is entered there.
    pub deferred_to: Option<Id>,
    /// The item of an earlier meeting of the same group that it takes up again.
    pub continues: Option<Id>,
    /// What was said.
    pub discussion: Option<String>,
    /// The language of its texts (BCP 47); the meeting's if left out.
    pub language: Option<String>,
    /// Who may see it, if fewer than the meeting's.
    pub visibility: Option<Visibility>,
    /// How bad disclosure would be, if worse than the meeting's.
    pub sensitivity: Option<Sensitivity>,
}

/// Enters an item in an open transaction. `language`: of its texts if it does not say; `position`: from
/// 1, free.
///
/// # Errors
/// `NOT_FOUND`, `OTHER_GROUP`, `OUT_OF_RANGE`, and those of texts, at the field of the draft.
pub(crate) async fn add(
    tx: &Tx,
    permit: &Permit,
    at: &Belonging,
    language: &str,
    position: i32,
    draft: AgendaItemDraft,
) -> Result<Model> {
    add_as(tx, permit, Action::AgendaWrite, at, language, position, draft).await
}

/// The same with the right that it is entered by.
pub(super) async fn add_as(
    tx: &Tx,
    permit: &Permit,
    action: Action,
    at: &Belonging,
    language: &str,
    position: i32,
    draft: AgendaItemDraft,
) -> Result<Model> {
    let meeting_id = at.meeting_id.ok_or(Error::Internal)?;
    let at = at.clone().tightened(draft.visibility.map(Into::into), draft.sensitivity.map(Into::into));
    let status = draft.status.map_or(enums::AgendaItemStatus::Planned, Into::into);
    if draft.offline_channel.is_some() && status != enums::AgendaItemStatus::MovedOffline {
        return Err(Error::rule(Rule::OutOfRange).at("offlineChannel"));
    }
    if draft.deferred_to.is_some() && status != enums::AgendaItemStatus::Deferred {
        return Err(Error::rule(Rule::OutOfRange).at("deferredTo"));
    }
    let own_language = draft.language.as_deref().map(text::language).transpose().at("language")?;
    let now = tx.now();
    let row = Model {
        id: new_id(draft.id, Kind::AgendaItem)?,
        meeting_id,
        group_id: at.group_id,
        operation_id: at.operation_id,
        visibility: at.visibility,
        sensitivity: at.sensitivity,
        published_at: None,
        position,
        printed_number: text::optional(draft.printed_number.as_deref(), 40).at("printedNumber")?,
        kind: draft.kind.into(),
        purpose: draft.purpose.map(Into::into),
        title: text::required(&draft.title, text::LONGEST_NAME).at("title")?,
        planned_minutes: minutes(draft.planned_minutes)?,
        status,
        status_note: text::optional(draft.status_note.as_deref(), text::LONGEST).at("statusNote")?,
        offline_channel: draft.offline_channel.map(Into::into),
        deferred_to_id: deferred_to(tx, (at.group_id, meeting_id), draft.deferred_to).await?,
        continues_id: continues(tx, (at.group_id, meeting_id), draft.continues).await?,
        discussion: text::optional(draft.discussion.as_deref(), text::LONGEST).at("discussion")?,
        language: own_language.unwrap_or_else(|| language.to_owned()),
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let presenters = presenters(tx, row.id, draft.presenters.unwrap_or_default()).await?;
    store::create(tx, permit, action, row.clone(), presenters).await?;
    Ok(row)
}

/// Planned minutes: more than none, at most a day.
pub(super) fn minutes(planned: Option<i32>) -> Result<Option<i32>> {
    if planned.is_some_and(|m| !(1..=1440).contains(&m)) {
        return Err(Error::rule(Rule::OutOfRange).at("plannedMinutes"));
    }
    Ok(planned)
}

async fn deferred_to(tx: &Tx, (group, meeting): (Uuid, Uuid), id: Option<Id>) -> Result<Option<Uuid>> {
    let id = id.map(|id| id.of(Kind::Meeting)).transpose().at("deferredTo")?;
    let other: Option<Seen<meeting::Model>> = tx.seen_if(Kind::Meeting, id).await.at("deferredTo")?;
    if other.as_ref().is_some_and(|m| m.group_id != group || m.id == meeting) {
        return Err(Error::rule(Rule::OtherGroup).at("deferredTo"));
    }
    Ok(other.map(|m| m.id))
}

/// The item that is taken up again: of another meeting of the same group.
pub(super) async fn continues(
    tx: &Tx,
    (group, meeting): (Uuid, Uuid),
    id: Option<Id>,
) -> Result<Option<Uuid>> {
    let id = id.map(|id| id.of(Kind::AgendaItem)).transpose().at("continues")?;
    let earlier: Option<Seen<Model>> = tx.seen_if(Kind::AgendaItem, id).await.at("continues")?;
    if earlier.as_ref().is_some_and(|i| i.group_id != group || i.meeting_id == meeting) {
        return Err(Error::rule(Rule::OtherGroup).at("continues"));
    }
    Ok(earlier.map(|i| i.id))
}

/// Presenters as they are stored, in order.
pub(super) async fn presenters(
    tx: &Tx,
    item: Uuid,
    drafts: Vec<PresenterDraft>,
) -> Result<Vec<presenter::Model>> {
    let mut rows = Vec::with_capacity(drafts.len());
    for (draft, position) in drafts.into_iter().zip(1..) {
        let path = format!("presenters.{}", position - 1);
        rows.push(presenter_of(tx, item, position, draft).await.at(&path)?);
    }
    Ok(rows)
}

async fn presenter_of(tx: &Tx, item: Uuid, position: i32, draft: PresenterDraft) -> Result<presenter::Model> {
    let short =
        |text: &Option<String>, field: &str| text::optional(text.as_deref(), text::LONGEST_NAME).at(field);
    let organisation = draft.organisation;
    Ok(presenter::Model {
        id: id::new(),
        agenda_item_id: item,
        position,
        display_name: text::required(&draft.display_name, text::LONGEST_NAME).at("displayName")?,
        function_text: short(&draft.function_text, "functionText")?,
        organisation_text: short(&draft.organisation_text, "organisationText")?,
        person_id: referenced::<person::Model>(tx, Kind::Person, draft.person, "person").await?,
        organisation_id: referenced::<organisation::Model>(
            tx,
            Kind::Organisation,
            organisation,
            "organisation",
        )
        .await?,
    })
}
