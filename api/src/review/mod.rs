//! Reviews: a meeting looked at a recommendation or follow-up.

mod mutation;
mod rules;
pub(crate) mod store;
mod types;

pub(crate) use mutation::add;
pub use mutation::{ReviewDraft, ReviewMutation};
pub use types::Review;
