//! Seats that are given in the name of somebody who may give them: an invitation that is accepted, a
//! request that is approved.

use chrono::NaiveDate;
use entity::coordination_group;
use entity::enums::MembershipRole;
use entity::membership::Model;
use uuid::Uuid;

use super::rules::{self, Holder};
use super::store;
use crate::auth::{Action, Actor, Permit, Target};
use crate::db::Tx;
use crate::error::{At, Error, Result, Rule};

/// A person's seat to give.
#[derive(Clone, Copy, Debug)]
pub struct Seat {
    /// What it is.
    pub role: MembershipRole,
    /// Who holds it.
    pub person: Uuid,
    /// For which organisation.
    pub organisation: Option<Uuid>,
    /// The first day on which it holds; none: from now on.
    pub since: Option<NaiveDate>,
    /// The first day on which it holds no more.
    pub until: Option<NaiveDate>,
}

/// The permit for an action about seats in a group, whoever asks.
///
/// Where the table says "own", every organisation of the seat must be the giver's: a focal point
/// lets nobody speak for another organisation.
pub fn permit_of(
    giver: &Actor,
    action: Action,
    group: &coordination_group::Model,
    people: &[Uuid],
    organisations: &[Uuid],
) -> Result<Permit> {
    let target = Target { people: people.to_vec(), ..Target::of(group.id, Some(group.operation_id), None) };
    let Some((first, others)) = organisations.split_first() else { return giver.permit(action, &target) };
    for organisation in others {
        giver.permit(action, &Target { organisations: vec![*organisation], ..target.clone() })?;
    }
    giver.permit(action, &Target { organisations: vec![*first], ..target })
}

/// The permit to give this role to a person in a group.
pub fn permit_to_give(
    giver: &Actor,
    role: MembershipRole,
    group: &coordination_group::Model,
    organisations: &[Uuid],
) -> Result<Permit> {
    permit_of(giver, rules::grant(role, true), group, &[], organisations)
}

/// Whether `giver` may give this role in what `place` is about, for these organisations: what is offered of
/// it. [`permit_to_give`] decides.
#[must_use]
pub fn may_give(giver: &Actor, role: MembershipRole, place: &Target) -> bool {
    giver.may(rules::grant(role, true), place)
}

/// Refuses roles that are not for people, and an end before the start.
pub fn sound(role: MembershipRole, since: Option<NaiveDate>, until: Option<NaiveDate>) -> Result<()> {
    rules::fits(role, Holder { person: true, organisation: false, topic: false })?;
    rules::period(since, until).at("until")
}

/// Gives a seat in the name of `giver`. Who holds it already, keeps it: no second one. Answers its id.
pub async fn give(tx: &Tx, giver: &Actor, group: &coordination_group::Model, seat: Seat) -> Result<Uuid> {
    let organisations = organisations(tx, &seat).await?;
    let permit = permit_to_give(giver, seat.role, group, &organisations)?;
    if giver.person_id == Some(seat.person) {
        return Err(Error::rule(Rule::OwnRole));
    }
    sound(seat.role, seat.since, seat.until)?;
    let (there, utc) = (tx.today(group.operation_id), tx.now().date_naive());
    if rules::ended(seat.until, there.min(utc)) {
        return Err(rules::over());
    }
    if let Some(held) = store::held(tx, group.id, Some(seat.role), seat.person).await? {
        return Ok(held);
    }
    let row = Model {
        since: Some(seat.since.unwrap_or_else(|| rules::at_once(there, utc, None))),
        until: seat.until,
        ..store::blank(tx, group.id, seat.role, Some(seat.person), seat.organisation)
    };
    let action = rules::grant(seat.role, true);
    Ok(store::create(tx, &permit, action, row, group.operation_id).await?.entity())
}

/// The organisations for which the holder of a seat will act: the seat's and the person's own.
async fn organisations(tx: &Tx, seat: &Seat) -> Result<Vec<Uuid>> {
    let own = crate::person::organisation_of(tx, seat.person).await?;
    let mut organisations: Vec<Uuid> = seat.organisation.into_iter().chain(own).collect();
    organisations.dedup();
    Ok(organisations)
}

/// Whether a person has a seat in a group now, or will.
pub async fn has_seat(tx: &Tx, group: Uuid, person: Uuid) -> Result<bool> {
    Ok(store::held(tx, group, None, person).await?.is_some())
}

/// Refuses to let somebody sign in as a person whose seats `giver` may not give: with the account go
/// the seats.
///
/// # Errors
/// `PERMISSION_DENIED`.
pub async fn may_entrust(tx: &Tx, giver: &Actor, person: Uuid) -> Result<()> {
    for (seat, group) in store::seats_of(tx, person).await? {
        let organisations: Vec<Uuid> = seat.organisation_id.into_iter().collect();
        permit_to_give(giver, seat.role, &group, &organisations)?;
    }
    Ok(())
}
