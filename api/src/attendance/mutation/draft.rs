use async_graphql::InputObject;
use entity::attendance::Model;
use entity::{organisation, person};
use uuid::Uuid;

use crate::attendance::types::{AttendanceCapacity, AttendanceStatus, MeetingRole};
use crate::attendance::{rules, store};
use crate::auth::{Action, Permit, Target};
use crate::belonging::Belonging;
use crate::db::{Seen, Tx};
use crate::error::{At, Error, Result};
use crate::graphql::{Id, Sensitivity, Visibility, new_id};
use crate::id::Kind;
use crate::text;

/// A line of an attendance list, wherever it is entered. At least one of `displayName`, `organisationText`, `person`
/// and `organisation`; what is not known is left out.
#[derive(InputObject, Clone, Debug)]
pub struct AttendanceDraft {
    /// An id of your own (`att_` and the hex of a UUID); left out, one is made.
    pub id: Option<Id>,
    /// The name as written.
    pub display_name: Option<String>,
    /// The organisation as written.
    pub organisation_text: Option<String>,
    /// The function as written.
    pub function_text: Option<String>,
    /// The person that is meant, if known.
    pub person: Option<Id>,
    /// The organisation that is meant, if known.
    pub organisation: Option<Id>,
    /// Whether they were there.
    pub status: AttendanceStatus,
    /// As what they took part.
    pub capacity: Option<AttendanceCapacity>,
    /// Their parts in this meeting.
    pub meeting_roles: Option<Vec<MeetingRole>>,
    /// A note.
    pub note: Option<String>,
    /// Who may see it, if fewer than the meeting's.
    pub visibility: Option<Visibility>,
    /// How bad disclosure would be, if worse than the meeting's.
    pub sensitivity: Option<Sensitivity>,
}

/// Enters a line in an open transaction. `position`: from 1, free.
///
/// # Errors
/// `REQUIRED` if it names nobody, `NOT_FOUND`, and those of texts, at the field of the draft.
#[allow(dead_code, reason = "meetingRecord takes it")]
pub(crate) async fn add(
    tx: &Tx,
    permit: &Permit,
    at: &Belonging,
    position: i32,
    draft: AttendanceDraft,
) -> Result<Model> {
    let (row, _) = written(tx, at, position, draft).await?;
    store::create(tx, permit, at.group_id, vec![row.clone()]).await?;
    Ok(row)
}

/// The row of a draft, and what writing it is about.
pub(super) async fn written(
    tx: &Tx,
    at: &Belonging,
    position: i32,
    draft: AttendanceDraft,
) -> Result<(Model, Target)> {
    let meeting_id = at.meeting_id.ok_or(Error::Internal)?;
    let at = at.clone().tightened(draft.visibility.map(Into::into), draft.sensitivity.map(Into::into));
    let short =
        |text: &Option<String>, field: &str| text::optional(text.as_deref(), text::LONGEST_NAME).at(field);
    let person = seen_person(tx, draft.person).await?;
    let organisation =
        draft.organisation.map(|id| id.of(Kind::Organisation)).transpose().at("organisation")?;
    let organisation: Option<Seen<organisation::Model>> =
        tx.seen_if(Kind::Organisation, organisation).await.at("organisation")?;
    let roles = draft.meeting_roles.unwrap_or_default();
    let now = tx.now();
    let row = Model {
        id: new_id(draft.id, Kind::Attendance)?,
        meeting_id,
        group_id: at.group_id,
        operation_id: at.operation_id,
        visibility: at.visibility,
        sensitivity: at.sensitivity,
        position,
        display_name: short(&draft.display_name, "displayName")?,
        organisation_text: short(&draft.organisation_text, "organisationText")?,
        function_text: short(&draft.function_text, "functionText")?,
        person_id: person.as_ref().map(|p| p.id),
        organisation_id: organisation.map(|o| o.id),
        status: draft.status.into(),
        capacity: draft.capacity.map(Into::into),
        is_chair: roles.contains(&MeetingRole::Chair),
        is_minute_taker: roles.contains(&MeetingRole::MinuteTaker),
        is_presenter: roles.contains(&MeetingRole::Presenter),
        note: text::optional(draft.note.as_deref(), text::LONGEST).at("note")?,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let target = about(&row, person.as_deref());
    Ok((row, target))
}

pub(super) async fn seen_person(tx: &Tx, id: Option<Id>) -> Result<Option<Seen<person::Model>>> {
    let id = id.map(|id| id.of(Kind::Person)).transpose().at("person")?;
    tx.seen_if(Kind::Person, id).await.at("person")
}

/// What writing a line is about: a person counts for their own organisation, whatever else the line
/// says; a line without a person is the organisation's.
pub(super) fn about(row: &Model, person: Option<&person::Model>) -> Target {
    let organisation: Option<Uuid> = match row.person_id {
        Some(_) => person.and_then(|p| p.organisation_id),
        None => row.organisation_id,
    };
    Target {
        people: row.person_id.into_iter().collect(),
        organisations: organisation.into_iter().collect(),
        ..Target::of(row.group_id, Some(row.operation_id), Some(row.meeting_id))
    }
}

/// Refuses a part in the meeting to whoever may not give it: chairs and minute takers get rights by it, so
/// neither members on their own line nor chairs and minute takers themselves hand it on.
pub(super) fn parts(tx: &Tx, old: Option<&Model>, row: &Model) -> Result<()> {
    if !rules::gives_part(old, row) {
        return Ok(());
    }
    let seat = Target::of(row.group_id, Some(row.operation_id), None);
    tx.permit(Action::AttendanceWrite, &seat).map(|_| ())
}

/// The permit for changing a line that stands: with a right to all of the list, or because it is about
/// oneself or one's organisation.
pub(super) async fn permit_for(tx: &Tx, row: &Model) -> Result<Permit> {
    let person: Option<Seen<person::Model>> = match row.person_id {
        // a person that the viewer does not see is none of theirs
        Some(id) => tx.seen(Kind::Person, id).await.ok(),
        None => None,
    };
    tx.permit(Action::AttendanceWrite, &about(row, person.as_deref()))
}
