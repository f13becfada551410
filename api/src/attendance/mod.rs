//! Attendance: who was at a meeting, as written, resolved later.

mod mutation;
pub(crate) mod store;
mod types;

pub use mutation::AttendanceMutation;
pub use types::Attendance;
