//! Memberships: dated seats in groups.

pub(crate) mod export;
pub mod grant;
mod mutation;
mod query;
mod rules;
pub(crate) mod store;
mod types;

pub use mutation::{Ended, MembershipMutation, end_all};
pub use query::{MembershipFilter, MembershipOrderBy, MembershipQuery};
pub use types::{Membership, MembershipRole, leads};
