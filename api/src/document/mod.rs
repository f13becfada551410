//! Documents: papers, promised or real, as links.

mod mutation;
mod query;
mod rules;
pub(crate) mod store;
mod types;

pub(crate) use mutation::add;
pub use mutation::{DocumentDraft, DocumentMutation};
pub use query::DocumentQuery;
pub use types::Document;
