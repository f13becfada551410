//! Meetings: one meeting of one group, possibly joint with others.

mod mutation;
mod query;
pub(crate) mod store;
mod types;

pub use mutation::MeetingMutation;
pub use query::{MeetingFilter, MeetingOrderBy, MeetingQuery};
pub use types::{Meeting, MeetingSeries};
