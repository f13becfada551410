//! External references: the codes by which other systems know a row. Unique per kind and system.

mod store;
mod types;

pub use store::{Owner, add_all, find, known, replace};
pub use types::{ExternalReference, ExternalReferenceInput, relation, shown};
