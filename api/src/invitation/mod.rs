//! Invitations: a role waits for an e-mail address. It becomes a membership when somebody accepts with the
//! link's token, or when the account of that address signs in.

mod mutation;
mod query;
mod redeem;
mod rules;
pub(crate) mod store;
mod types;

pub use mutation::InvitationMutation;
pub use query::{InvitationFilter, InvitationOrderBy, InvitationQuery};
pub use redeem::redeem;
pub use types::Invitation;
