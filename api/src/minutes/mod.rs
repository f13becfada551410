//! Minutes: the record of one meeting, in revisions.

mod mutation;
mod query;
mod rules;
mod snapshot;
pub(crate) mod store;
mod types;

pub(crate) use mutation::add;
pub use mutation::{MinutesMutation, RecordedMinutes};
pub use query::MinutesQuery;
pub(crate) use store::forget;
pub use types::Minutes;
