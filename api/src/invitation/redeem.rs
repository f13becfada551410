//! From an invitation to a membership, with the rights that the inviter has at that time.

use chrono::{DateTime, Utc};
use entity::invitation::Model;
use entity::{account, coordination_group};
use uuid::Uuid;

use super::{rules, store};
use crate::account as accounts;
use crate::app::App;
use crate::auth::{Action, Actor};
use crate::db::{Change, Db, Tx};
use crate::error::{Error, Result};
use crate::membership::grant::{self, Seat};
use crate::person;

/// Who accepts.
pub enum Guest {
    /// Whoever has this account, whose address is the invitation's.
    Account(Box<account::Model>),
    /// Somebody without an account, with the hash of the password they chose and their name.
    Newcomer {
        /// The hash.
        hash: String,
        /// The name; the invitation's if left out.
        display_name: Option<String>,
    },
}

/// Makes memberships of the invitations that wait for the address of an account. Call it once a sign-in
/// of that account has been committed: addresses of accounts are set by administrators or proven by an
/// invitation, so they count as verified.
///
/// Each invitation is a transaction of its own, with its change record. One that is refused, because its
/// inviter has lost the right, say, keeps waiting; none of them stands in the way of the sign-in.
pub async fn redeem(db: &Db, account: Uuid, now: DateTime<Utc>) {
    // what fails is logged where it fails; the next sign-in tries again
    let Ok(waiting) = accounts::invitations_of(db, account, now).await else { return };
    for invitation in waiting {
        let _ = redeem_one(db, account, invitation).await;
    }
}

async fn redeem_one(db: &Db, account: Uuid, invitation: Uuid) -> Result<()> {
    let tx = db.begin(App::nobody(db), None).await?;
    let Some(account) = accounts::of_person(&tx, account).await? else { return Ok(()) };
    let row = store::by_id(&tx, invitation).await?;
    let (change, _) = accept(&tx, &row, Guest::Account(Box::new(account))).await?;
    tx.commit(change).await?;
    Ok(())
}

/// Accepts an invitation that was read in this transaction: account, person and seat as they are needed.
/// Answers the change and the seat.
///
/// # Errors
/// `STATE` from `ACCEPTED`, `WITHDRAWN`, `EXPIRED`, `INVITER_WITHOUT_RIGHT`, `PERSON_HAS_ACCOUNT`, `ENDED`.
pub async fn accept(tx: &Tx, row: &Model, guest: Guest) -> Result<(Change, Uuid)> {
    rules::acceptable(row.status, row.expires_at, tx.now())?;
    store::take(tx, row).await?;
    let group = store::group_of(tx, row).await?;
    let inviter = match row.invited_by_id {
        Some(account) => accounts::principal_of(tx, account).await?,
        None => None,
    };
    let inviter = inviter.ok_or_else(rules::inviter_may_not)?;
    let (account, membership) = seat(tx, row, &group, &inviter, guest).await.map_err(lost)?;
    Ok((store::seated(tx, row, membership, account).await?, membership))
}

/// Whatever the inviter may not do any more is one answer to whoever accepts.
fn lost(error: Error) -> Error {
    use crate::error::{Rule, Why};
    match error {
        Error::Refused(refusal) if matches!(refusal.why, Why::Denied | Why::Invalid(Rule::OwnRole)) => {
            rules::inviter_may_not()
        }
        Error::Unauthenticated => rules::inviter_may_not(),
        other => other,
    }
}

async fn seat(
    tx: &Tx,
    row: &Model,
    group: &coordination_group::Model,
    inviter: &Actor,
    guest: Guest,
) -> Result<(Uuid, Uuid)> {
    let (account, person) = who(tx, row, inviter, guest).await?;
    let organisations: Vec<Uuid> =
        row.organisation_id.into_iter().chain(person::organisation_of(tx, person).await?).collect();
    grant::permit_of(inviter, Action::InvitationCreate, group, &[], &organisations)?;
    let seat = Seat {
        role: row.role,
        person,
        organisation: row.organisation_id,
        since: row.since,
        until: row.until,
    };
    Ok((account, grant::give(tx, inviter, group, seat).await?))
}

/// The account and the person who sit down.
async fn who(tx: &Tx, row: &Model, inviter: &Actor, guest: Guest) -> Result<(Uuid, Uuid)> {
    let known = match &guest {
        Guest::Account(account) => account.person_id,
        Guest::Newcomer { .. } => None,
    };
    let person = match (known, row.person_id) {
        (Some(own), _) => own,
        (None, Some(named)) => {
            if accounts::has_account(tx, named).await? {
                return Err(rules::person_is_taken());
            }
            grant::may_entrust(tx, inviter, named).await?;
            named
        }
        (None, None) => {
            let name = match &guest {
                Guest::Newcomer { display_name: Some(name), .. } => name,
                Guest::Newcomer { .. } => &row.display_name,
                Guest::Account(account) => &account.display_name,
            };
            person::join(tx, name, row.organisation_id).await?
        }
    };
    let account = match guest {
        Guest::Account(account) => {
            if known.is_none() {
                accounts::tie(tx, account.id, person).await?;
            }
            account.id
        }
        Guest::Newcomer { hash, display_name } => {
            let name = display_name.unwrap_or_else(|| row.display_name.clone());
            accounts::enter(tx, person, row.email.clone(), name, hash).await?
        }
    };
    Ok((account, person))
}
