//! Attendance: who was at a meeting, as written, resolved later.

mod mutation;
mod rules;
pub(crate) mod store;
mod types;

pub use mutation::AttendanceMutation;
pub(crate) use mutation::{AttendanceDraft, add};
pub use types::Attendance;
