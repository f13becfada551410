//! Which seats a service may have, and how long a token lives.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::{MembershipRole, TokenScope};

use crate::auth::api_token::named;
use crate::error::{At, Error, Result, Rule, Why};

/// The longest life of a token: a year, and a day to renew it.
const LONGEST_LIFE: TimeDelta = TimeDelta::days(366);
/// More tokens than these nobody keeps track of.
pub const MOST_TOKENS: usize = 50;
/// A service with more seats than these is a grant in disguise.
pub const MOST_SEATS: usize = 100;

/// Refuses roles that only people hold.
///
/// # Errors
/// `ROLE_HOLDER`.
pub fn role(role: MembershipRole) -> Result<()> {
    use MembershipRole::{InformationManager, Observer, Representative, Secretary};
    match role {
        Observer | Representative | Secretary | InformationManager => Ok(()),
        _ => Err(Error::rule(Rule::RoleHolder)),
    }
}

/// The scopes of a token; it always reads.
#[must_use]
pub fn scopes(asked: impl IntoIterator<Item = TokenScope>) -> BTreeSet<TokenScope> {
    asked.into_iter().chain([TokenScope::Read]).collect()
}

/// The scopes as they are stored: words between blanks.
#[must_use]
pub fn words(scopes: &BTreeSet<TokenScope>) -> String {
    scopes.iter().map(|s| s.word()).collect::<Vec<_>>().join(" ")
}

/// The scopes of a list of words, as they are stored; the first word that is none.
///
/// # Errors
/// That word.
pub fn scopes_of(list: &[String]) -> Result<String, String> {
    let unknown = list.iter().find(|word| named(word).count() != 1);
    match unknown {
        Some(word) => Err(word.clone()),
        None => Ok(words(&scopes(list.iter().flat_map(|word| named(word))))),
    }
}

/// Refuses an end that has passed, or lies too far ahead.
///
/// # Errors
/// `OUT_OF_RANGE` at `expiresAt`.
pub fn life(now: DateTime<Utc>, expires: DateTime<Utc>) -> Result<()> {
    if expires > now && expires <= now + LONGEST_LIFE {
        return Ok(());
    }
    Err(Error::rule(Rule::OutOfRange)).at("expiresAt")
}

/// The mutations that are possible.
#[must_use]
pub fn allowed(is_active: bool) -> Vec<&'static str> {
    if is_active { vec!["serviceAccountDeactivate"] } else { vec!["serviceAccountActivate"] }
}

/// The name of the step that makes a service active, or not.
///
/// # Errors
/// `STATE` if it is so already.
pub fn step(was: bool, becomes: bool) -> Result<&'static str> {
    if was == becomes {
        return Err(Error::refused(Why::State { from: state(was).to_owned(), allowed: allowed(was) }));
    }
    Ok(if becomes { "serviceAccountActivate" } else { "serviceAccountDeactivate" })
}

/// The word for the change record.
#[must_use]
pub const fn state(is_active: bool) -> &'static str {
    if is_active { "ACTIVE" } else { "DEACTIVATED" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_neither_coordinates_nor_speaks_for_an_organisation() {
        use MembershipRole::{CoCoordinator, Coordinator, FocalPoint, Lead, Observer, Secretary};
        assert!(role(Observer).is_ok() && role(Secretary).is_ok());
        for refused in [Coordinator, CoCoordinator, FocalPoint, Lead] {
            assert!(role(refused).is_err());
        }
    }

    #[test]
    fn every_token_reads() {
        let scopes = scopes([TokenScope::Meetings, TokenScope::Meetings]);
        assert_eq!(words(&scopes), "READ MEETINGS");
        assert!(named("READ MEETINGS").eq([TokenScope::Read, TokenScope::Meetings]));
    }

    #[test]
    fn a_token_ends_within_a_year() {
        let now = DateTime::UNIX_EPOCH;
        assert!(life(now, now + TimeDelta::days(366)).is_ok());
        assert!(life(now, now + TimeDelta::days(366) + TimeDelta::seconds(1)).is_err());
        assert!(life(now, now).is_err());
    }

    #[test]
    fn a_step_changes_something() {
        assert_eq!(step(true, false).ok(), Some("serviceAccountDeactivate"));
        assert!(step(false, false).is_err());
    }
}
