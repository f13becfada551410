use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use entity::document::Model;
use entity::follow_up;
use uuid::Uuid;

use super::rules;
use super::store;
use super::types::{Document, DocumentKind};
use crate::auth::{Action, Permit};
use crate::belonging::Belonging;
use crate::db::{Change, Seen, Tx, expect_version};
use crate::error::{At, Error, Result, Rule};
use crate::external::{self, ExternalReferenceInput, Owner};
use crate::graphql::{
    Front, Id, Sensitivity, Visibility, answer, change_reference, change_text, new_id, payloads, referenced,
};
use crate::id::Kind;
use crate::text;

/// A document to enter. Without an address it is PROMISED, with one AVAILABLE.
#[derive(InputObject)]
pub struct DocumentDraft {
    /// An id of your own (`doc_` and the hex of a UUID); left out, one is made.
    pub id: Option<Id>,
    /// What kind of paper it is.
    pub kind: DocumentKind,
    /// Its title.
    pub title: String,
    /// The language of the document (BCP 47); left out: not recorded.
    pub language: Option<String>,
    /// Whether it is a draft only.
    #[graphql(default)]
    pub is_draft: bool,
    /// Its address on the web.
    pub url: Option<String>,
    /// The checksum of its file, with the name of the algorithm in front, e.g. `sha256:…`.
    pub checksum: Option<String>,
    /// The action point (follow-up) of the same group that is to deliver it.
    pub promised_by: Option<Id>,
    /// The document from which it was made.
    pub derived_from: Option<Id>,
    /// A note, for the group.
    pub note: Option<String>,
    /// Who may see it, if fewer than see the meeting or group.
    pub visibility: Option<Visibility>,
    /// How bad disclosure would be, if worse than of the meeting or group.
    pub sensitivity: Option<Sensitivity>,
    /// Its codes in other systems.
    pub external_references: Option<Vec<ExternalReferenceInput>>,
}

/// A document, and where it belongs: exactly one of `group`, `meeting`, `agendaItem`.
#[derive(InputObject)]
pub struct DocumentAddInput {
    /// The group, if it belongs to no meeting.
    pub group: Option<Id>,
    /// The meeting at which it was named or shown.
    pub meeting: Option<Id>,
    /// The point of the agenda under which it was named or shown.
    pub agenda_item: Option<Id>,
    /// The document.
    #[graphql(flatten)]
    pub draft: DocumentDraft,
}

/// What changes; what is left out stays, null clears.
#[derive(InputObject)]
pub struct DocumentUpdateInput {
    /// The document.
    pub id: Id,
    /// The version that you read.
    pub expected_version: i32,
    /// What kind of paper it is.
    pub kind: Option<DocumentKind>,
    /// Its title.
    pub title: Option<String>,
    /// The language of the document (BCP 47).
    pub language: MaybeUndefined<String>,
    /// Whether it is a draft only. Left out: a draft stays one, until its address appears.
    pub is_draft: Option<bool>,
    /// Its address on the web. When it appears the document is AVAILABLE, unless `isDraft: true` is said; null takes it back to PROMISED.
    pub url: MaybeUndefined<String>,
    /// The checksum of its file.
    pub checksum: MaybeUndefined<String>,
    /// The action point (follow-up) of the same group that is to deliver it.
    pub promised_by: MaybeUndefined<Id>,
    /// The document from which it was made.
    pub derived_from: MaybeUndefined<Id>,
    /// A note, for the group.
    pub note: MaybeUndefined<String>,
    /// Who may see it: tighter for officers, wider for coordinators, never wider than the meeting or group.
    pub visibility: Option<Visibility>,
    /// How bad disclosure would be: worse for officers, less for coordinators, never less than of the meeting or group.
    pub sensitivity: Option<Sensitivity>,
    /// Its codes in other systems, the whole list.
    pub external_references: Option<Vec<ExternalReferenceInput>>,
}

payloads! {
    /// The document that was entered.
    DocumentAddPayload => document ("document"): Document;
    /// The document as it is now.
    DocumentUpdatePayload => document ("document"): Document;
}

/// Changes to documents.
#[derive(Default)]
pub struct DocumentMutation;

#[Object]
impl DocumentMutation {
    /// Enters a document, promised or real. Officers; focal points what their organisation is to deliver (`promisedBy`).
    async fn document_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The document, and where it belongs.")] input: DocumentAddInput,
    ) -> Result<DocumentAddPayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let at = Belonging::named(&tx, input.group, input.meeting, input.agenda_item).await?;
            let promised_by = follow_up(&tx, at.group_id, input.draft.promised_by).await.at("promisedBy")?;
            let permit = tx.permit(Action::DocumentWrite, &store::target(&tx, &at, promised_by).await?)?;
            let position = store::next_position(&tx, &at).await?;
            let change = add(&tx, &permit, &at, position, input.draft).await?;
            tx.commit(change).await
        })
        .await
    }

    /// Changes a document, e.g. when its address is known. Officers; focal points what their organisation is to deliver. Another title or address withdraws its publication: what goes out is confirmed first.
    async fn document_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: DocumentUpdateInput,
    ) -> Result<DocumentUpdatePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let id = input.id.of(Kind::Document).at("id")?;
            let seen: Seen<Model> = tx.seen(Kind::Document, id).await.at("id")?;
            let at = store::belonging(&seen);
            let target = store::target(&tx, &at, seen.promised_by_id).await?;
            let permit = tx.permit(Action::DocumentWrite, &target)?;
            expect_version(Some(input.expected_version), seen.version)?;
            let row = changed(&tx, &seen, &input).await?;
            if row.promised_by_id != seen.promised_by_id {
                // nobody hands a document to whom they may not write for
                let target = store::target(&tx, &at, row.promised_by_id).await?;
                tx.permit(Action::DocumentWrite, &target).at("promisedBy")?;
            }
            let change = store::update(&tx, &permit, &seen, row).await?;
            if let Some(references) = &input.external_references {
                let pairs = ExternalReferenceInput::pairs(references);
                external::replace(&tx, Owner(Kind::Document, seen.id), &pairs).await?;
            }
            tx.commit(change).await
        })
        .await
    }
}

/// Enters a document inside an open transaction. `permit` is one for `document.write`.
///
/// # Errors
/// Those of the draft's fields.
pub(crate) async fn add(
    tx: &Tx,
    permit: &Permit,
    at: &Belonging,
    position: i32,
    draft: DocumentDraft,
) -> Result<Change> {
    let at = at.clone().tightened(draft.visibility.map(Into::into), draft.sensitivity.map(Into::into));
    let url = draft.url.as_deref().map(text::url).transpose().at("url")?;
    let now = tx.now();
    let row = Model {
        id: new_id(draft.id, Kind::Document)?,
        group_id: at.group_id,
        operation_id: at.operation_id,
        visibility: at.visibility,
        sensitivity: at.sensitivity,
        published_at: None,
        meeting_id: at.meeting_id,
        agenda_item_id: at.agenda_item_id,
        promised_by_id: follow_up(tx, at.group_id, draft.promised_by).await.at("promisedBy")?,
        derived_from_id: referenced::<Model>(tx, Kind::Document, draft.derived_from, "derivedFrom").await?,
        position,
        kind: draft.kind.into(),
        title: text::required(&draft.title, text::LONGEST_NAME).at("title")?,
        title_folded: String::new(),
        language: draft.language.as_deref().map(text::language).transpose().at("language")?,
        status: rules::status(url.is_some(), draft.is_draft),
        url,
        checksum: text::optional(draft.checksum.as_deref(), text::LONGEST_NAME).at("checksum")?,
        note: text::optional(draft.note.as_deref(), text::LONGEST).at("note")?,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let change = store::create(tx, permit, row).await?;
    let references = ExternalReferenceInput::pairs(&draft.external_references.unwrap_or_default());
    external::replace(tx, Owner(Kind::Document, change.entity()), &references).await?;
    Ok(change)
}

/// A follow-up of the group.
async fn follow_up(tx: &Tx, group: Uuid, id: Option<Id>) -> Result<Option<Uuid>> {
    let id = id.map(|id| id.of(Kind::FollowUp)).transpose()?;
    let seen: Option<Seen<follow_up::Model>> = tx.seen_if(Kind::FollowUp, id).await?;
    match seen {
        Some(follow_up) if follow_up.group_id != group => Err(Error::rule(Rule::OtherGroup)),
        other => Ok(other.map(|f| f.id)),
    }
}

/// The row after an update.
async fn changed(tx: &Tx, seen: &Seen<Model>, input: &DocumentUpdateInput) -> Result<Model> {
    let mut row = Model::clone(seen);
    if let Some(kind) = input.kind {
        row.kind = kind.into();
    }
    if let Some(title) = &input.title {
        row.title = text::required(title, text::LONGEST_NAME).at("title")?;
    }
    if !input.language.is_undefined() {
        let language = input.language.value().map(|tag| text::language(tag));
        row.language = language.transpose().at("language")?;
    }
    if !input.url.is_undefined() {
        row.url = input.url.value().map(|address| text::url(address)).transpose().at("url")?;
    }
    let url_appears = row.url.is_some() && seen.url.is_none();
    let is_draft = rules::is_draft(seen.status, input.is_draft, url_appears);
    row.status = rules::status(row.url.is_some(), is_draft);
    change_text(&mut row.checksum, &input.checksum, text::LONGEST_NAME, "checksum")?;
    change_text(&mut row.note, &input.note, text::LONGEST, "note")?;
    if !input.promised_by.is_undefined() {
        let id = input.promised_by.value().copied();
        row.promised_by_id = follow_up(tx, seen.group_id, id).await.at("promisedBy")?;
    }
    let source = &mut row.derived_from_id;
    change_reference::<Model>(tx, Kind::Document, source, &input.derived_from, "derivedFrom").await?;
    if input.visibility.is_some() || input.sensitivity.is_some() {
        let asked = (input.visibility.map(Into::into), input.sensitivity.map(Into::into));
        let inherited = store::belonging(seen).inherited(tx).await?;
        (row.visibility, row.sensitivity) =
            inherited.revised(tx.actor(), (row.visibility, row.sensitivity), asked)?;
    }
    Ok(row)
}
