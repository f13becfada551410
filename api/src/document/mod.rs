//! Documents: papers, promised or real, as links.

mod mutation;
mod query;
pub(crate) mod store;
mod types;

pub use mutation::DocumentMutation;
pub use query::{DocumentFilter, DocumentOrderBy, DocumentQuery};
pub use types::Document;
