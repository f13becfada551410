//! Accounts: who may sign in, and their sessions.

mod mutation;
mod query;
mod rules;
pub mod store;
mod types;

pub use mutation::AccountMutation;
pub use query::AccountQuery;
pub use rules::throttle::{Limits, network};
pub(crate) use store::entry::{
    TABLE, enter, has_account, invitations_of, of_address, of_person, principal_of, tie,
};
pub(crate) use store::new_row;
pub use store::{Tokens, open_by_openid};
