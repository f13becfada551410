//! Accounts: who may sign in, and their sessions.

mod mutation;
mod query;
pub mod store;
mod types;

pub use mutation::AccountMutation;
pub use query::AccountQuery;
