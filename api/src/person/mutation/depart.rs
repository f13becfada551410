//! Somebody leaves.

use async_graphql::{Context, InputObject, Object, SelectionField};
use entity::person::Model;
use serde_json::json;
use uuid::Uuid;

use super::person;
use crate::db::{Change, Order, Seen, expect_version};
use crate::error::{At, Error, Result};
use crate::follow_up::{self, FollowUp};
use crate::graphql::{Date, Front, Id, UserError, outcome, prefetch};
use crate::id::Kind;
use crate::membership::{self, Ended, Membership};
use crate::person::Person;
use crate::text;

/// Who leaves, and when.
#[derive(InputObject)]
pub struct PersonDepartInput {
    /// The person.
    pub person: Id,
    /// The first day on which they hold no seat any more; left out: today in each operation's time zone (in UTC,
    /// where that is still yesterday), so that their rights are gone at once.
    pub on: Option<Date>,
    /// Why, for the record.
    pub reason: Option<String>,
    /// The version of the person that you read; left out, whatever stands.
    pub expected_version: Option<i32>,
}

/// What a departure ended, and what it leaves behind.
#[derive(Debug, Default)]
pub struct PersonDepartPayload {
    person: Option<Person>,
    ended: Vec<Membership>,
    left: Vec<FollowUp>,
    user_errors: Vec<UserError>,
}

/// What a departure ended, and what it leaves behind.
#[Object]
impl PersonDepartPayload {
    /// Who left, as you may see them now; null if nothing changed, or if you may not see them any more.
    async fn person(&self) -> Option<&Person> {
        self.person.as_ref()
    }

    /// The memberships that were ended, as far as you may see them now.
    async fn ended_memberships(&self) -> &[Membership] {
        &self.ended
    }

    /// Open follow-ups that are assigned to them and that they have neither done nor declined: somebody else must
    /// take them over (`followUpReassign`). As far as you may see follow-up and assignment; the most urgent first,
    /// at most 1000.
    async fn open_follow_ups(&self) -> &[FollowUp] {
        &self.left
    }

    /// Why nothing was changed; empty if it was.
    async fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// Departures.
#[derive(Default)]
pub struct DepartMutation;

#[Object]
impl DepartMutation {
    /// Somebody leaves: all their memberships end on a day, those that have not begun too, and with them the rights
    /// that they give. Sign-ins stay, without these rights. Sent again, it finds nothing to do. Oneself; others
    /// whoever may end each of the memberships (`membershipEnd`): all or nothing.
    ///
    /// `PERMISSION_DENIED` at `person`: one of the memberships is not yours to end, be it that you do not see it.
    /// `LAST_COORDINATOR` at `person`: name another coordinator of the group first. `END_BEFORE_START` at `on`.
    async fn person_depart(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who leaves, and when.")] input: PersonDepartInput,
    ) -> Result<PersonDepartPayload> {
        let front = Front::of(ctx);
        let left = match Box::pin(depart(&front, input)).await {
            Err(Error::Done(earlier)) => earlier.told().map(|seats| (earlier.entity, seats)),
            other => other,
        };
        let (left, user_errors) = outcome(ctx, left)?;
        match left {
            Some((person, seats)) => shown(ctx, person, &seats).await,
            None => Ok(PersonDepartPayload { user_errors, ..PersonDepartPayload::default() }),
        }
    }
}

/// Ends the seats; who left, and the seats.
async fn depart(front: &Front<'_>, input: PersonDepartInput) -> Result<(Uuid, Vec<Uuid>)> {
    let tx = front.begin().await?;
    let seen: Seen<Model> = person(&tx, input.person, "person").await?;
    let reason = text::optional(input.reason.as_deref(), text::LONGEST).at("reason")?;
    let ended = membership::end_all(&tx, &seen, input.on.map(|d| d.0)).await?;
    // after the rights, which are looked at seat by seat; what was done so far goes with the transaction
    expect_version(input.expected_version, seen.version)?;
    if ended.seats.is_empty() {
        tx.nothing_to_do(seen.id).await?;
    } else {
        let change = change(seen.id, &ended).telling(json!(ended.seats));
        tx.commit(change.because(reason)).await?;
    }
    Ok((seen.id, ended.seats))
}

/// One record, which belongs to the group or the operation if there is only one.
fn change(person: Uuid, ended: &Ended) -> Change {
    let seats: Vec<String> = ended.seats.iter().map(|id| Kind::Membership.id(*id)).collect();
    let groups: Vec<String> = ended.groups.iter().map(|id| Kind::Group.id(*id)).collect();
    let change = Change::new("personDepart", Kind::Person, person)
        .detail(json!({ "membershipsEnded": seats, "groups": groups }));
    let only = |ids: &std::collections::BTreeSet<Uuid>| ids.first().copied().filter(|_| ids.len() == 1);
    match (only(&ended.groups), only(&ended.operations)) {
        (Some(group), Some(operation)) => change.in_group(group, operation),
        (None, Some(operation)) => change.in_operation(operation),
        _ => change,
    }
}

/// The payload, read anew through the viewer's scope with what is selected of it.
async fn shown(ctx: &Context<'_>, person: Uuid, seats: &[Uuid]) -> Result<PersonDepartPayload> {
    let front = Front::of(ctx);
    let field = ctx.field();
    let selected = |name: &str| -> Vec<SelectionField<'_>> {
        field.selection_set().filter(|f| f.name() == name).collect()
    };
    let mut payload = PersonDepartPayload::default();
    let (of_person, of_seats, of_left) =
        (selected("person"), selected("endedMemberships"), selected("openFollowUps"));
    if !of_person.is_empty() {
        payload.person = prefetch::by_id(&front, person, &of_person).await?;
    }
    if !of_seats.is_empty() {
        prefetch::by_ids::<Membership>(&front, seats, &of_seats).await?;
        payload.ended = seats.iter().filter_map(|id| front.one(*id)).collect();
    }
    if !of_left.is_empty() {
        let (filter, order): (_, Order) = follow_up::left_by(front.scope(), person);
        payload.left = prefetch::those(&front, filter, order, &of_left).await?;
    }
    Ok(payload)
}
