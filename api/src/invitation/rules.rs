//! The life of an invitation.

use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::InvitationStatus;

use crate::error::{Error, Result, Why};

/// How long the link of an invitation is good.
pub const LIFE: TimeDelta = TimeDelta::days(14);

/// The mutations that are possible from a state.
#[must_use]
pub fn allowed(status: InvitationStatus, expired: bool) -> Vec<&'static str> {
    match (status, expired) {
        (InvitationStatus::Open, false) => {
            vec!["invitationAccept", "invitationRenew", "invitationWithdraw"]
        }
        (InvitationStatus::Open, true) => vec!["invitationRenew", "invitationWithdraw"],
        _ => Vec::new(),
    }
}

/// Refuses what is possible for open invitations only.
///
/// # Errors
/// `STATE` from `ACCEPTED` or `WITHDRAWN`.
pub fn open(status: InvitationStatus) -> Result<()> {
    if status == InvitationStatus::Open {
        return Ok(());
    }
    Err(Error::refused(Why::State { from: status.word(), allowed: allowed(status, false) }))
}

/// Refuses to accept what is not open any more, or not for longer than its link is good.
///
/// # Errors
/// `STATE` from `ACCEPTED`, `WITHDRAWN` or `EXPIRED`.
pub fn acceptable(status: InvitationStatus, expires: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
    open(status)?;
    if expires > now {
        return Ok(());
    }
    Err(Error::refused(Why::State { from: "EXPIRED".to_owned(), allowed: allowed(status, true) }))
}

/// The refusal for an invitation whose inviter may not give the role any more: somebody who may has to
/// renew it.
#[must_use]
pub fn inviter_may_not() -> Error {
    Error::refused(Why::State {
        from: "INVITER_WITHOUT_RIGHT".to_owned(),
        allowed: allowed(InvitationStatus::Open, true),
    })
}

/// The refusal for a named person as whom somebody else signs in.
#[must_use]
pub fn person_is_taken() -> Error {
    Error::refused(Why::State {
        from: "PERSON_HAS_ACCOUNT".to_owned(),
        allowed: allowed(InvitationStatus::Open, true),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_open_invitation_is_accepted_in_time() {
        let now = DateTime::UNIX_EPOCH;
        let later = now + LIFE;
        assert!(acceptable(InvitationStatus::Open, later, now).is_ok());
        assert!(acceptable(InvitationStatus::Open, later, later).is_err());
        for status in [InvitationStatus::Accepted, InvitationStatus::Withdrawn] {
            assert!(acceptable(status, later, now).is_err() && open(status).is_err());
            assert!(allowed(status, false).is_empty());
        }
    }
}
