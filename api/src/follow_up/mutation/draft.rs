//! What a follow-up says, entered on its own or within a whole past meeting.

use async_graphql::{InputObject, MaybeUndefined};
use entity::follow_up::Model;
use entity::{coordination_group, organisation};
use uuid::Uuid;

use super::PersonRow;
use crate::auth::Permit;
use crate::belonging::Belonging;
use crate::db::{Change, Tx};
use crate::error::{At, Error, Result, Rule, Why};
use crate::external::{self, ExternalReferenceInput, Owner};
use crate::follow_up::rules;
use crate::follow_up::store::{self, Assignee, Due};
use crate::follow_up::types::{AssignmentPart, DueQualifier, FollowUpStatus, Priority};
use crate::graphql::{Date, DatePrecision, Id, Sensitivity, Visibility, new_id, referenced};
use crate::id::Kind;
use crate::membership::MembershipRole;
use crate::text;

/// How many assignees a follow-up has at most.
const MOST_ASSIGNEES: usize = 100;

/// One assignee: exactly one of person, organisation, group (all its members), role, or only the text as written.
#[derive(InputObject, Clone)]
pub struct AssignmentInput {
    /// What is asked of them; RESPONSIBLE if left out.
    pub part: Option<AssignmentPart>,
    /// As written in the minutes; may stand beside what was understood.
    pub written_as: Option<String>,
    /// Whether who is meant was inferred from the text.
    #[graphql(default)]
    pub is_inferred: bool,
    /// A person.
    pub person: Option<Id>,
    /// An organisation.
    pub organisation: Option<Id>,
    /// Every member of a group; with `role`, whoever holds it there.
    pub group: Option<Id>,
    /// Whoever holds this role in the group (that of the follow-up if `group` is left out).
    pub role: Option<MembershipRole>,
}

/// When something is due: a day, the text as written, or both.
#[derive(InputObject, Clone)]
pub struct DueInput {
    /// The day, if one can be told. A season is none.
    pub on: Option<Date>,
    /// As written, e.g. "avant l'hivernage".
    pub text: Option<String>,
    /// How the day is meant; ON if left out.
    pub qualifier: Option<DueQualifier>,
    /// How exact the day is; DAY if left out.
    pub precision: Option<DatePrecision>,
    /// Whether a part of the day (its year, say) was inferred.
    #[graphql(default)]
    pub is_inferred: bool,
}

/// A dated note on what was done.
#[derive(InputObject, Clone)]
pub struct FollowUpUpdateDraft {
    /// What was done.
    pub text: String,
    /// The language of the text (BCP 47); the operation's if left out.
    pub language: Option<String>,
    /// The day it happened, if it can be told.
    pub occurred_on: Option<Date>,
    /// When it happened, as written.
    pub occurred_text: Option<String>,
    /// Whether a part of the day (its year, say) was inferred.
    #[graphql(default)]
    pub is_occurred_inferred: bool,
    /// The organisation that did it.
    pub organisation: Option<Id>,
}

/// What a follow-up says.
#[derive(InputObject, Clone)]
pub struct FollowUpDraft {
    /// An id of your own (`fup_` and the hex of a UUID); left out, one is made.
    pub id: Option<Id>,
    /// What is to be done.
    pub text: String,
    /// The language of the text (BCP 47); the operation's if left out.
    pub language: Option<String>,
    /// How urgent it is; NORMAL if left out.
    pub priority: Option<Priority>,
    /// Who is to do it; at most 100.
    pub assignments: Option<Vec<AssignmentInput>>,
    /// The column "responsable" as printed, where it cannot be told apart.
    pub responsible_text: Option<String>,
    /// When it is due.
    pub due: Option<DueInput>,
    /// The day it was agreed. Left out: the meeting's, or today if it comes from none; null: not recorded.
    pub raised_on: MaybeUndefined<Date>,
    /// What must be done first.
    pub depends_on: Option<Id>,
    /// Where it is in its life, for what was agreed in the past; OPEN if left out.
    pub status: Option<FollowUpStatus>,
    /// What is in the way; must be given with BLOCKED.
    pub blocked_reason: Option<String>,
    /// The organisation that is in the way.
    pub blocked_by: Option<Id>,
    /// What was done; must be given with DONE.
    pub action_taken: Option<String>,
    /// The day it was done or cancelled.
    pub closed_on: Option<Date>,
    /// Dated notes on what was done; at most 100.
    pub updates: Option<Vec<FollowUpUpdateDraft>>,
    /// A remark of the secretary, on doubts of reading for instance.
    pub note: Option<String>,
    /// Who may see it, where that is tighter than what it belongs to.
    pub visibility: Option<Visibility>,
    /// How bad disclosure would be, where that is tighter than what it belongs to.
    pub sensitivity: Option<Sensitivity>,
    /// Its codes in other systems.
    pub external_references: Option<Vec<ExternalReferenceInput>>,
}

/// Enters a follow-up in an open transaction. `language`: of its texts if it says nothing.
pub async fn add(
    tx: &Tx,
    permit: &Permit,
    at: &Belonging,
    language: &str,
    position: i32,
    recommendation: Option<Uuid>,
    draft: FollowUpDraft,
) -> Result<Change> {
    let at = at.clone().tightened(draft.visibility.map(Into::into), draft.sensitivity.map(Into::into));
    let id = new_id(draft.id, Kind::FollowUp)?;
    let depends_on_id = referenced::<Model>(tx, Kind::FollowUp, draft.depends_on, "dependsOn").await?;
    let blocked_by_id =
        referenced::<organisation::Model>(tx, Kind::Organisation, draft.blocked_by, "blockedBy").await?;
    let assignees = assignees(tx, at.group_id, &draft.assignments.unwrap_or_default()).await?;
    let due = due(draft.due.as_ref()).at("due")?;
    let status = draft.status.map_or(entity::enums::FollowUpStatus::Open, Into::into);
    let language = text::language(draft.language.as_deref().unwrap_or(language)).at("language")?;
    let long = |value: Option<String>, field: &str| text::optional(value.as_deref(), text::LONGEST).at(field);
    let (blocked_reason, action_taken) =
        (long(draft.blocked_reason, "blockedReason")?, long(draft.action_taken, "actionTaken")?);
    let required = |field| Err(Error::refused(Why::Required).at(field));
    match status {
        entity::enums::FollowUpStatus::Blocked if blocked_reason.is_none() => {
            return required("blockedReason");
        }
        entity::enums::FollowUpStatus::Done if action_taken.is_none() => return required("actionTaken"),
        _ => {}
    }
    let closed_on = draft.closed_on.map(|d| d.0).filter(|_| !rules::is_open(status));
    let raised_on = match draft.raised_on {
        MaybeUndefined::Value(day) => Some(day.0),
        MaybeUndefined::Null => None,
        MaybeUndefined::Undefined => store::raised_on(tx, &at).await?,
    };
    let now = tx.now();
    let row = Model {
        id,
        group_id: at.group_id,
        operation_id: at.operation_id,
        visibility: at.visibility,
        sensitivity: at.sensitivity,
        published_at: None,
        public_text: None,
        meeting_id: at.meeting_id,
        agenda_item_id: at.agenda_item_id,
        recommendation_id: recommendation,
        depends_on_id,
        position,
        text: text::required(&draft.text, text::LONGEST).at("text")?,
        text_folded: String::new(),
        language: language.clone(),
        status,
        priority: draft.priority.map_or(entity::enums::Priority::Normal, Into::into),
        raised_on,
        responsible_text: long(draft.responsible_text, "responsibleText")?,
        due_on: due.on,
        due_text: due.text,
        due_qualifier: due.qualifier,
        due_precision: due.precision,
        due_is_inferred: due.is_inferred,
        blocked_reason,
        blocked_by_id,
        action_taken,
        closed_on,
        status_reason: None,
        due_change_count: 0,
        reassignment_count: 0,
        note: long(draft.note, "note")?,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let change = store::create(tx, permit, &at, row).await?;
    store::set_assignments(tx, id, &assignees).await?;
    notes(tx, id, &at, &language, draft.updates.unwrap_or_default()).await?;
    let references = ExternalReferenceInput::pairs(&draft.external_references.unwrap_or_default());
    external::replace(tx, Owner(Kind::FollowUp, id), &references).await?;
    Ok(change)
}

async fn notes(
    tx: &Tx,
    follow_up: Uuid,
    at: &Belonging,
    language: &str,
    drafts: Vec<FollowUpUpdateDraft>,
) -> Result<()> {
    if drafts.len() > 100 {
        return Err(Error::refused(Why::TooMany { limit: 100 }).at("updates"));
    }
    for (number, draft) in drafts.into_iter().enumerate() {
        let path = format!("updates.{number}");
        let organisation = draft.organisation;
        let note = store::Note {
            text: text::required(&draft.text, text::LONGEST).at("text").at(&path)?,
            language: text::language(draft.language.as_deref().unwrap_or(language))
                .at("language")
                .at(&path)?,
            occurred_on: draft.occurred_on.map(|d| d.0),
            occurred_text: text::optional(draft.occurred_text.as_deref(), text::LONGEST_NAME)
                .at("occurredText")
                .at(&path)?,
            occurred_is_inferred: draft.is_occurred_inferred,
            organisation: referenced::<organisation::Model>(
                tx,
                Kind::Organisation,
                organisation,
                "organisation",
            )
            .await
            .at(&path)?,
        };
        store::add_note(tx, follow_up, at.meeting_id, number, note).await?;
    }
    Ok(())
}

/// The assignees that the inputs name, seen in the transaction.
pub async fn assignees(tx: &Tx, group: Uuid, inputs: &[AssignmentInput]) -> Result<Vec<Assignee>> {
    if inputs.len() > MOST_ASSIGNEES {
        return Err(Error::refused(Why::TooMany { limit: MOST_ASSIGNEES }).at("assignments"));
    }
    let mut all = Vec::new();
    for (number, input) in inputs.iter().enumerate() {
        all.push(assignee(tx, group, input).await.at(&format!("assignments.{number}"))?);
    }
    Ok(all)
}

async fn assignee(tx: &Tx, own_group: Uuid, input: &AssignmentInput) -> Result<Assignee> {
    let person = referenced::<PersonRow>(tx, Kind::Person, input.person, "person").await?;
    let organisation =
        referenced::<organisation::Model>(tx, Kind::Organisation, input.organisation, "organisation").await?;
    let group = referenced::<coordination_group::Model>(tx, Kind::Group, input.group, "group").await?;
    let group = group.or(input.role.map(|_| own_group));
    let written_as = text::optional(input.written_as.as_deref(), text::LONGEST_NAME).at("writtenAs")?;
    let named = [person, organisation, group].iter().flatten().count();
    if named > 1 || (named == 0 && written_as.is_none()) {
        return Err(Error::rule(Rule::ExactlyOne));
    }
    Ok(Assignee {
        part: input.part.map_or(entity::enums::AssignmentPart::Responsible, Into::into),
        written_as,
        is_inferred: input.is_inferred,
        person,
        organisation,
        group,
        role: input.role.map(Into::into),
    })
}

/// A due day as the store takes it.
pub fn due(input: Option<&DueInput>) -> Result<Due> {
    let Some(input) = input else { return Ok(Due::default()) };
    let text = text::optional(input.text.as_deref(), text::LONGEST_NAME).at("text")?;
    if input.on.is_none() && text.is_none() {
        return Err(Error::refused(Why::Required).at("on"));
    }
    let dated = input.on.is_some();
    let (qualifier, precision) = (input.qualifier.map(Into::into), input.precision.map(Into::into));
    Ok(Due {
        on: input.on.map(|d| d.0),
        text,
        qualifier: qualifier.or(dated.then_some(entity::enums::DueQualifier::On)),
        precision: precision.or(dated.then_some(entity::enums::DatePrecision::Day)),
        is_inferred: input.is_inferred,
    })
}
