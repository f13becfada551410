//! The life of a membership request.

use entity::enums::{MembershipRole, RequestStatus};

use crate::error::{Error, Result, Rule, Why};

/// Refuses roles for which nobody asks.
///
/// # Errors
/// `ROLE_HOLDER`.
pub fn role(role: MembershipRole) -> Result<()> {
    match role {
        MembershipRole::Representative | MembershipRole::Observer => Ok(()),
        _ => Err(Error::rule(Rule::RoleHolder)),
    }
}

/// The mutations that are possible from a state.
#[must_use]
pub fn allowed(from: RequestStatus) -> Vec<&'static str> {
    if from == RequestStatus::Pending {
        return vec!["membershipRequestApprove", "membershipRequestDecline", "membershipRequestWithdraw"];
    }
    Vec::new()
}

/// Refuses steps of what is decided.
///
/// # Errors
/// `STATE`.
pub fn pending(from: RequestStatus) -> Result<()> {
    if from == RequestStatus::Pending {
        return Ok(());
    }
    Err(Error::refused(Why::State { from: from.word(), allowed: allowed(from) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_decided_once() {
        assert!(pending(RequestStatus::Pending).is_ok());
        for decided in [RequestStatus::Approved, RequestStatus::Declined, RequestStatus::Withdrawn] {
            assert!(pending(decided).is_err() && allowed(decided).is_empty());
        }
    }

    #[test]
    fn nobody_asks_to_coordinate() {
        assert!(role(MembershipRole::Observer).is_ok());
        assert!(role(MembershipRole::Coordinator).is_err() && role(MembershipRole::FocalPoint).is_err());
    }
}
