//! Places: administrative areas with P-codes.

mod import;
mod query;
mod rules;
pub(crate) mod store;
mod types;

pub use import::{Unusable, import, seed};
pub use query::PlaceQuery;
pub use types::Place;
