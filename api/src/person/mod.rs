//! People: contacts, whose names are never split by guess.

mod mutation;
mod query;
pub(crate) mod store;
mod types;

pub use mutation::PersonMutation;
pub use query::{PersonFilter, PersonOrderBy, PersonQuery};
pub use types::Person;
