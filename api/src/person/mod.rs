//! People: contacts. Personal data stands in tables of its own, each with its own visibility.

pub(crate) mod export;
mod mutation;
mod query;
pub(crate) mod registry;
mod rules;
pub(crate) mod store;
mod types;

pub use mutation::{DepartMutation, PersonMutation};
pub use query::PersonQuery;
pub use rules::address;
pub use store::{Sought, enter, sought, with_addresses};
pub(crate) use store::{join, new_row, organisation_of};
pub use types::Person;
