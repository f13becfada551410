//! Recommendations, decisions and proposals of a meeting.

mod mutation;
mod query;
pub(crate) mod store;
mod types;

pub use mutation::RecommendationMutation;
pub use query::{RecommendationFilter, RecommendationOrderBy, RecommendationQuery};
pub use types::Recommendation;
