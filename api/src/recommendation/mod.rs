//! Recommendations, decisions and proposals of a meeting.

mod mutation;
mod query;
mod rules;
pub(crate) mod store;
mod types;

pub(crate) use mutation::add;
pub use mutation::{AddresseeInput, RecommendationDraft, RecommendationMutation};
pub use query::{RecommendationFilter, RecommendationOrderBy, RecommendationQuery};
pub(crate) use store::{next_position, reviewed};
pub use types::{Addressee, Recommendation, RecommendationKind, RecommendationStatus};
