//! Follow-ups: tracked work (action points, "points d'action"), who is to do it, and what was done.

mod mutation;
mod query;
pub(crate) mod rules;
pub(crate) mod store;
mod summary;
mod types;

pub use mutation::{FollowUpDraft, FollowUpMutation, add};
pub use query::FollowUpQuery;
pub use store::{left_by, reviewed};
pub use types::{Assignment, FollowUp};
