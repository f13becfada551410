mod handover;
mod leave;
mod seat;
mod sync;

use async_graphql::MergedObject;
use entity::coordination_group;
use entity::membership::Model;
pub use leave::{Ended, end_all};
use uuid::Uuid;

use super::{grant, rules, store};
use crate::auth::{Action, Permit};
use crate::db::{Seen, Tx};
use crate::error::{At, Error, Result};
use crate::graphql::Id;
use crate::id::Kind;

/// Changes to memberships.
#[derive(MergedObject, Default)]
pub struct MembershipMutation(seat::SeatMutation, handover::HandoverMutation, sync::SyncMutation);

/// The seat that an input names, and its group, which who had or will have the seat may not see. On PostgreSQL
/// both are locked from here.
async fn seen_seat(tx: &Tx, id: Id) -> Result<(Seen<Model>, coordination_group::Model)> {
    let seen: Seen<Model> = tx.seen(Kind::Membership, id.of(Kind::Membership).at("id")?).await.at("id")?;
    let group = store::group_of(tx, &seen).await?;
    Ok((seen, group))
}

/// The organisations for which a person acts in a seat: the seat's and the person's own.
async fn organisations(tx: &Tx, seat: &Model) -> Result<Vec<Uuid>> {
    let person = match seat.person_id {
        Some(id) => match tx.seen::<entity::person::Model>(Kind::Person, id).await {
            Ok(person) => person.organisation_id,
            // whoever may not see the person does not learn their organisation by trying
            Err(Error::Refused(_)) => None,
            Err(other) => return Err(other),
        },
        None => None,
    };
    let mut organisations: Vec<Uuid> = seat.organisation_id.into_iter().chain(person).collect();
    organisations.dedup();
    Ok(organisations)
}

/// The permit to give, change or end a seat. `people`: whom it concerns, where "self" counts.
fn permit(
    tx: &Tx,
    action: Action,
    group: &coordination_group::Model,
    people: &[Uuid],
    organisations: &[Uuid],
) -> Result<Permit> {
    grant::permit_of(tx.actor(), action, group, people, organisations)
}

/// The permit to end a seat: one's own; of others whoever may give the role too.
fn may_end(
    tx: &Tx,
    seat: &Model,
    group: &coordination_group::Model,
    organisations: &[Uuid],
) -> Result<Permit> {
    let people: Vec<Uuid> = seat.person_id.into_iter().collect();
    let to_end = permit(tx, Action::MembershipEnd, group, &people, organisations)?;
    if !is_own(tx, seat) {
        let action = rules::grant(seat.role, seat.person_id.is_some());
        permit(tx, action, group, &[], organisations)?;
    }
    Ok(to_end)
}

fn is_own(tx: &Tx, row: &Model) -> bool {
    row.person_id.is_some() && row.person_id == tx.actor().person_id
}
