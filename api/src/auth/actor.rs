//! Who sent this request: loaded once per request, never inside a resolver.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{MembershipRole, TokenScope};
use uuid::Uuid;

/// A seat that gives rights today: an active membership of the viewer, or an officer's seat handed
/// down to a sub-group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Seat {
    /// The group.
    pub group_id: Uuid,
    /// Its operation.
    pub operation_id: Uuid,
    /// The role held.
    pub role: MembershipRole,
    /// The organisation represented, if the membership names one.
    pub organisation_id: Option<Uuid>,
    /// Handed down from a parent group: the same rights, but no seat of one's own.
    pub is_inherited: bool,
}

/// A meeting in which the viewer has a part (chair, minute taker): the rights of a secretary, in that
/// meeting only, until its minutes are adopted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Part {
    /// The meeting.
    pub meeting_id: Uuid,
    /// Its group.
    pub group_id: Uuid,
}

/// The API token that came with the request: what the account may, cut to these scopes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// Its id.
    pub id: Uuid,
    /// What it may be used for. READ is always among them.
    pub scopes: BTreeSet<TokenScope>,
    /// When it was last seen, as far as that was written down.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Where it holds; none: wherever the account has rights.
    pub within: Option<Within>,
}

/// Where an API token holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Within {
    /// In these groups, sub-groups included.
    pub groups: BTreeSet<Uuid>,
    /// In these operations.
    pub operations: BTreeSet<Uuid>,
}

/// Whoever sent this request.
#[derive(Clone, Debug, Hash)]
pub struct Actor {
    /// The account, unless anonymous.
    pub account_id: Option<Uuid>,
    /// The sign-in that the access token belongs to.
    pub session_id: Option<Uuid>,
    /// The address of the account; empty for anonymous viewers.
    pub email: String,
    /// The name of the account as shown.
    pub display_name: String,
    /// The person of the account.
    pub person_id: Option<Uuid>,
    /// The person's organisation.
    pub organisation_id: Option<Uuid>,
    /// Holds the platform grant.
    pub is_admin: bool,
    /// Operations managed.
    pub managed: BTreeSet<Uuid>,
    /// Seats that give rights today.
    pub seats: Vec<Seat>,
    /// Meetings in which the viewer has a part.
    pub parts: Vec<Part>,
    /// Groups that an administrator has opened by break-glass: read, not written.
    pub opened: Vec<Uuid>,
    /// The API token, if the request came with one.
    pub token: Option<Token>,
    /// Whether the account is a service's, not a person's.
    pub is_service: bool,
    /// Today, in UTC.
    pub today: NaiveDate,
}

impl Actor {
    /// Nobody in particular.
    #[must_use]
    pub const fn anonymous(today: NaiveDate) -> Self {
        Self {
            account_id: None,
            session_id: None,
            email: String::new(),
            display_name: String::new(),
            person_id: None,
            organisation_id: None,
            is_admin: false,
            managed: BTreeSet::new(),
            seats: Vec::new(),
            parts: Vec::new(),
            opened: Vec::new(),
            token: None,
            is_service: false,
            today,
        }
    }

    /// Whether somebody is signed in.
    #[must_use]
    pub const fn is_signed_in(&self) -> bool {
        self.account_id.is_some()
    }

    /// Where the API token holds, if it came with such a limit.
    #[must_use]
    pub fn within(&self) -> Option<&Within> {
        self.token.as_ref().and_then(|token| token.within.as_ref())
    }

    /// The organisations that the viewer speaks for: their own, and those of their seats.
    #[must_use]
    pub fn organisations(&self) -> BTreeSet<Uuid> {
        self.spoken_for().collect()
    }

    /// Whether the viewer speaks for this organisation.
    #[must_use]
    pub fn speaks_for(&self, organisation: Uuid) -> bool {
        self.spoken_for().any(|o| o == organisation)
    }

    fn spoken_for(&self) -> impl Iterator<Item = Uuid> + '_ {
        let of_seats = self.seats.iter().filter(|s| !s.is_inherited).filter_map(|s| s.organisation_id);
        of_seats.chain(self.organisation_id)
    }
}
