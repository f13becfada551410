//! All the seats of somebody who leaves.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::membership::Model;
use entity::person;
use uuid::Uuid;

use super::super::{rules, store};
use super::{may_end, organisations};
use crate::db::{Seen, Tx};
use crate::error::{At, Error, Result, Why};
use crate::id::Kind;

/// What was ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// The seats.
    pub seats: Vec<Uuid>,
    /// The groups in which they were.
    pub groups: BTreeSet<Uuid>,
    /// The operations of these.
    pub operations: BTreeSet<Uuid>,
}

/// Ends every seat of a person that has not ended yet; `on` as `membershipEnd` takes it. What was to
/// begin later never begins. Each as if it were ended by itself, and all or nothing: a seat that the
/// viewer may not end, or does not see, keeps the others too.
///
/// # Errors
/// `PERMISSION_DENIED`, `LAST_COORDINATOR` at `person`, `END_BEFORE_START` at `on`.
pub async fn end_all(tx: &Tx, person: &Seen<person::Model>, on: Option<NaiveDate>) -> Result<Ended> {
    let utc = tx.now().date_naive();
    let mut ended = Ended::default();
    for seat in store::of_person(tx, person.id, utc).await? {
        let seat: Seen<Model> = whatever(tx.seen(Kind::Membership, seat).await)?;
        let group = store::group_of(tx, &seat).await?;
        let organisations = organisations(tx, &seat).await?;
        let permit = may_end(tx, &seat, &group, &organisations).at("person")?;
        let there = tx.today(group.operation_id);
        let last = match on {
            None => rules::at_once(there, utc, seat.since),
            Some(day) if seat.since.is_some_and(|since| since > utc) => rules::at_once(day, day, seat.since),
            Some(day) => day,
        };
        rules::period(seat.since, Some(last)).at("on")?;
        if rules::ended(seat.until, last) {
            continue;
        }
        store::end(tx, &permit, &seat, last, &group, None).await.map_err(about_the_person)?;
        ended.seats.push(seat.id);
        ended.groups.insert(group.id);
        ended.operations.insert(group.operation_id);
    }
    Ok(ended)
}

/// What is hidden may not be ended: the same answer as for what may not be ended, so that nobody
/// learns which.
fn whatever<T>(seen: Result<T>) -> Result<T> {
    match seen {
        Err(Error::Refused(_)) => Err(Error::refused(Why::Denied).at("person")),
        other => other,
    }
}

fn about_the_person(error: Error) -> Error {
    match error {
        Error::Refused(refusal) => Error::refused(refusal.why).at("person"),
        other => other,
    }
}
