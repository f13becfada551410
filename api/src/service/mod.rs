//! Services: accounts of dashboards and scripts, their seats, and the tokens with which programs ask.

mod mutation;
mod query;
mod rules;
pub(crate) mod store;
mod types;

pub use mutation::ServiceMutation;
pub use query::{ServiceAccountFilter, ServiceAccountOrderBy, ServiceQuery, tokens_of};
pub use rules::{life as checked_life, scopes_of};
pub use types::{ApiToken, ServiceAccount};
