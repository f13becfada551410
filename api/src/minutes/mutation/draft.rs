use entity::minutes::Model;
use entity::{meeting, minutes_contributor, organisation, person};
use uuid::Uuid;

use super::inputs::{MinutesContributorInput, MinutesUpdateInput, RecordedMinutes};
use crate::auth::Permit;
use crate::belonging::Belonging;
use crate::db::{Change, Seen, Tx};
use crate::error::{At, Error, Result, Why};
use crate::graphql::{change_day, change_text, new_id, referenced};
use crate::id::{self, Kind};
use crate::minutes::{rules, store};
use crate::text;

/// How many contributors minutes may have.
const MOST_CONTRIBUTORS: usize = 50;

/// Writes the first revision of the minutes of a meeting inside an open transaction. `at`: the
/// meeting's; `language`: if the draft names none.
///
/// # Errors
/// User errors with paths inside the input; `DUPLICATE` at `meeting`.
pub(crate) async fn add(
    tx: &Tx,
    permit: &Permit,
    at: &Belonging,
    language: &str,
    recorded: RecordedMinutes,
) -> Result<Change> {
    let draft = recorded.draft;
    let at = at.clone().tightened(draft.visibility.map(Into::into), draft.sensitivity.map(Into::into));
    let status = recorded.status.map_or(entity::enums::MinutesStatus::Draft, Into::into);
    rules::may_be_entered_as(status).at("status")?;
    let (circulated_on, comments_due_on) =
        (recorded.circulated_on.map(|d| d.0), recorded.comments_due_on.map(|d| d.0));
    if comments_due_on.is_some_and(|due| circulated_on.is_some_and(|sent| due < sent)) {
        return Err(Error::refused(Why::EndBeforeStart).at("commentsDueOn"));
    }
    let now = tx.now();
    let row = Model {
        id: new_id(draft.id, Kind::Minutes)?,
        meeting_id: at.meeting_id.ok_or_else(|| Error::refused(Why::Required).at("meeting"))?,
        group_id: at.group_id,
        operation_id: at.operation_id,
        visibility: at.visibility,
        sensitivity: at.sensitivity,
        published_at: None,
        revision: 1,
        status,
        title: text::optional(draft.title.as_deref(), text::LONGEST_NAME).at("title")?,
        body: text::optional(draft.body.as_deref(), text::LONGEST).at("body")?,
        public_text: None,
        language: text::language(draft.language.as_deref().unwrap_or(language)).at("language")?,
        reviewed_on: draft.reviewed_on.map(|d| d.0),
        circulated_on,
        comments_due_on,
        adopted_on: None,
        adopted_at_id: None,
        corrections: None,
        status_reason: None,
        supersedes_id: None,
        snapshot: None,
        snapshot_hash: None,
        previous_hash: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let id = row.id;
    let contributors = contributors(tx, id, &draft.contributors.unwrap_or_default()).await?;
    let change = store::add(tx, permit, row).await?;
    store::set_contributors(tx, id, contributors).await?;
    Ok(change)
}

/// The row after an update.
pub async fn changed(tx: &Tx, seen: &Seen<Model>, input: &MinutesUpdateInput) -> Result<Model> {
    let mut row = Model::clone(seen);
    change_text(&mut row.title, &input.title, text::LONGEST_NAME, "title")?;
    change_text(&mut row.body, &input.body, text::LONGEST, "body")?;
    if let Some(language) = &input.language {
        row.language = text::language(language).at("language")?;
    }
    change_day(&mut row.reviewed_on, &input.reviewed_on);
    let meeting: Seen<meeting::Model> = tx.seen(Kind::Meeting, row.meeting_id).await?;
    let asked = (input.visibility.map(Into::into), input.sensitivity.map(Into::into));
    let old = (row.visibility, row.sensitivity);
    (row.visibility, row.sensitivity) = Belonging::of_meeting(&meeting).revised(tx.actor(), old, asked)?;
    Ok(row)
}

/// Contributors as the store takes them, each seen in the transaction.
pub async fn contributors(
    tx: &Tx,
    minutes: Uuid,
    list: &[MinutesContributorInput],
) -> Result<Vec<minutes_contributor::Model>> {
    if list.len() > MOST_CONTRIBUTORS {
        return Err(Error::refused(Why::TooMany { limit: MOST_CONTRIBUTORS }).at("contributors"));
    }
    let mut rows = Vec::new();
    for (number, input) in list.iter().enumerate() {
        rows.push(contributor(tx, minutes, input).await.at(&format!("contributors.{number}"))?);
    }
    let roles: Vec<_> = rows.iter().map(|r| (r.role, r.person_id)).collect();
    for (number, row) in rows.iter().enumerate() {
        if row.role == entity::enums::ContributorRole::Reviewer {
            let path = format!("contributors.{number}.person");
            rules::reviewer_is_no_author(&roles, row.person_id).at(&path)?;
        }
    }
    Ok(rows)
}

async fn contributor(
    tx: &Tx,
    minutes: Uuid,
    input: &MinutesContributorInput,
) -> Result<minutes_contributor::Model> {
    let organisation = input.organisation;
    Ok(minutes_contributor::Model {
        id: id::new(),
        minutes_id: minutes,
        position: 0,
        role: input.role.into(),
        display_name: text::required(&input.display_name, text::LONGEST_NAME).at("displayName")?,
        function_text: text::optional(input.function_text.as_deref(), text::LONGEST_NAME)
            .at("functionText")?,
        organisation_text: text::optional(input.organisation_text.as_deref(), text::LONGEST_NAME)
            .at("organisationText")?,
        person_id: referenced::<person::Model>(tx, Kind::Person, input.person, "person").await?,
        organisation_id: referenced::<organisation::Model>(
            tx,
            Kind::Organisation,
            organisation,
            "organisation",
        )
        .await?,
    })
}
