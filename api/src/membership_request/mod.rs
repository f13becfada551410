//! Membership requests: somebody asks for a seat, whoever may give it decides.

mod mutation;
mod query;
mod rules;
pub(crate) mod store;
mod types;

pub use mutation::MembershipRequestMutation;
pub use query::{MembershipRequestFilter, MembershipRequestOrderBy, MembershipRequestQuery};
pub use types::MembershipRequest;
