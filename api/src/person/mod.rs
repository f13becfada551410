//! People: contacts. Personal data stands in tables of its own, each with its own visibility.

mod mutation;
mod query;
mod rules;
pub(crate) mod store;
mod types;

pub use mutation::PersonMutation;
pub use query::PersonQuery;
pub use types::Person;
