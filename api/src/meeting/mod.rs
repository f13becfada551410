//! Meetings: one meeting of one group, possibly joint with others. And the series they belong to.

mod mutation;
mod query;
mod rules;
pub(crate) mod store;
mod types;

pub use mutation::MeetingMutation;
pub use query::{MeetingFilter, MeetingOrderBy, MeetingQuery};
pub(crate) use rules::open_to_change;
pub(crate) use store::{keep_agenda_as_invited, keep_attendance};
pub use types::{AttendanceRecord, Meeting, MeetingSeries};
