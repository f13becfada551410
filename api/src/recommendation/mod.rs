//! Recommendations, decisions and proposals of a meeting.

mod mutation;
mod query;
mod rules;
pub(crate) mod store;
mod types;

pub(crate) use mutation::add;
pub use mutation::{RecommendationDraft, RecommendationMutation};
pub use query::RecommendationQuery;
pub(crate) use store::reviewed;
pub use types::Recommendation;
