//! Minutes: the record of one meeting, in revisions.

mod mutation;
mod query;
pub(crate) mod store;
mod types;

pub use mutation::MinutesMutation;
pub use query::MinutesQuery;
pub use types::Minutes;
