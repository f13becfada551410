mod enums;
mod joint;
mod meeting;
mod series;

pub use enums::{AgendaStatus, AttendanceRecord, MeetingKind, MeetingStatus, Modality};
pub use meeting::Meeting;
pub use series::MeetingSeries;
