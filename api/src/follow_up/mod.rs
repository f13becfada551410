//! Follow-ups: tracked work (action points).

mod mutation;
mod query;
pub(crate) mod store;
mod types;

pub use mutation::FollowUpMutation;
pub use query::{FollowUpFilter, FollowUpOrderBy, FollowUpQuery};
pub(crate) use store::reviewed;
pub use types::FollowUp;
