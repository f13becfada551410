//! Places: administrative areas with P-codes.

mod query;
pub(crate) mod store;
mod types;

pub use query::{PlaceFilter, PlaceOrderBy, PlaceQuery};
pub use store::{import, seed};
pub use types::Place;
