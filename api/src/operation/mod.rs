//! Operations: a response, usually a country.

mod mutation;
mod query;
pub(crate) mod store;
mod types;

pub use mutation::{OperationMutation, time_zone};
pub use query::OperationQuery;
pub use types::Operation;
