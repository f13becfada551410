//! Announcements: missions, assessments and events told to a meeting.

mod mutation;
mod query;
pub(crate) mod store;
mod types;

pub use mutation::AnnouncementMutation;
pub use query::{AnnouncementFilter, AnnouncementOrderBy, AnnouncementQuery};
pub use types::Announcement;
