use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use entity::attendance::Model;
use entity::{meeting, organisation};

use super::draft::{about, parts, permit_for, seen_person};
use crate::attendance::store;
use crate::attendance::types::Attendance;
use crate::auth::{Action, Permit};
use crate::belonging::Belonging;
use crate::db::{Seen, Tx, expect_version};
use crate::error::{At, Error, Result};
use crate::graphql::{Front, Id, answer, change_reference, payloads};
use crate::id::Kind;
use crate::meeting::{Meeting, open_to_change};
use crate::text;

/// Who is meant; what is left out stays, null clears. What is written stays as written.
#[derive(InputObject)]
pub struct AttendanceResolveInput {
    /// The line.
    pub id: Id,
    /// The version that you read; left out, whatever stands is changed.
    pub expected_version: Option<i32>,
    /// The person that is meant.
    pub person: MaybeUndefined<Id>,
    /// The organisation that is meant.
    pub organisation: MaybeUndefined<Id>,
}

/// A line that should not be there.
#[derive(InputObject)]
pub struct AttendanceRemoveInput {
    /// The line.
    pub id: Id,
    /// The version that you read; left out, whatever stands is removed.
    pub expected_version: Option<i32>,
    /// Why, for the record.
    pub reason: String,
}

payloads! {
    /// The line as it is now.
    AttendanceResolvePayload => attendance ("attendance"): Attendance;
    /// The meeting, without the line.
    AttendanceRemovePayload => meeting ("meeting"): Meeting;
}

/// Changes to lines of attendance lists.
#[derive(Default)]
pub struct AttendanceLineMutation;

#[Object]
impl AttendanceLineMutation {
    /// Says which person or organisation a line means; what was written stays. Officers; others what concerns
    /// themselves, focal points their organisation, before and after. Also for closed meetings: nothing of what was
    /// recorded changes. `REQUIRED` if the line would name nobody any more.
    async fn attendance_resolve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who is meant.")] input: AttendanceResolveInput,
    ) -> Result<AttendanceResolvePayload> {
        answer(ctx, async {
            let (tx, meeting, seen) = open(ctx, input.id).await?;
            let permit = permit_to(&tx, &meeting, &seen).await?;
            expect_version(input.expected_version, seen.version)?;
            let mut row = Model::clone(&seen);
            change_reference::<organisation::Model>(
                &tx,
                Kind::Organisation,
                &mut row.organisation_id,
                &input.organisation,
                "organisation",
            )
            .await?;
            if !input.person.is_undefined() {
                let person = seen_person(&tx, input.person.value().copied()).await?;
                row.person_id = person.as_ref().map(|p| p.id);
                tx.permit(Action::AttendanceWrite, &about(&row, person.as_deref())).at("person")?;
            } else if !input.organisation.is_undefined() {
                permit_to(&tx, &meeting, &row).await.at("organisation")?;
            }
            parts(&tx, Some(&seen), &row).at("person")?;
            store::update(&tx, &permit, &seen, row).await.at("id")?;
            tx.commit(store::changed("attendanceResolve", &seen)).await
        })
        .await
    }

    /// Takes a line off the list. Officers; others what concerns themselves, focal points their organisation. `STATE`
    /// if the meeting is closed.
    async fn attendance_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which line, and why.")] input: AttendanceRemoveInput,
    ) -> Result<AttendanceRemovePayload> {
        answer(ctx, async {
            let (tx, meeting, seen) = open(ctx, input.id).await?;
            let permit = permit_to(&tx, &meeting, &seen).await?;
            expect_version(input.expected_version, seen.version)?;
            open_to_change(meeting.status)?;
            let reason = text::required(&input.reason, text::LONGEST).at("reason")?;
            let change = store::remove(&tx, &permit, &seen, reason).await?;
            tx.commit(change).await?;
            Ok(meeting.id)
        })
        .await
    }
}

/// A transaction, with the meeting and then the line of an input seen in it.
async fn open(ctx: &Context<'_>, id: Id) -> Result<(Tx, Seen<meeting::Model>, Seen<Model>)> {
    let tx = Front::of(ctx).begin().await?;
    let id = id.of(Kind::Attendance).at("id")?;
    let missing = || Error::not_found(Kind::Attendance).at("id");
    let meeting = store::meeting_of(&tx, id).await?.ok_or_else(missing)?;
    let meeting = tx.seen(Kind::Attendance, meeting).await.at("id")?;
    let line = tx.seen(Kind::Attendance, id).await.at("id")?;
    Ok((tx, meeting, line))
}

/// With a right to all of the list, or to this line.
async fn permit_to(tx: &Tx, meeting: &meeting::Model, line: &Model) -> Result<Permit> {
    let target = Belonging::of_meeting(meeting).target();
    if tx.actor().may(Action::AttendanceWrite, &target) {
        return tx.permit(Action::AttendanceWrite, &target);
    }
    permit_for(tx, line).await
}
