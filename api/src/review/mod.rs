//! Reviews: a meeting looked at a recommendation or follow-up.

mod mutation;
pub(crate) mod store;
mod types;

pub use mutation::ReviewMutation;
pub use types::Review;
