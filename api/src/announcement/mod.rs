//! Announcements: missions, assessments and events told to a meeting.

mod mutation;
mod query;
mod rules;
pub(crate) mod store;
mod types;

pub(crate) use mutation::add;
pub use mutation::{AnnouncementDraft, AnnouncementMutation};
pub use query::AnnouncementQuery;
pub use types::Announcement;
