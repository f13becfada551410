//! The audit log: who did what, read from the change sequence.

mod query;
mod rules;
mod store;
mod types;

pub use query::{AuditQuery, by_ids};
pub use types::AuditEntry;
