//! Meetings: one meeting of one group, possibly joint with others. And the series they belong to.

mod mutation;
mod query;
mod rules;
pub(crate) mod store;
mod types;

// for `meetingRecord`, and for the rooms whose rows belong to a meeting
pub use mutation::MeetingMutation;
#[allow(unused_imports, reason = "meetingRecord takes them")]
pub(crate) use mutation::{MeetingDraft, add};
pub use query::{MeetingFilter, MeetingOrderBy, MeetingQuery};
pub(crate) use rules::open_to_change;
pub(crate) use store::{keep_agenda_as_invited, keep_attendance};
pub use types::{AttendanceRecord, Meeting, MeetingSeries};
