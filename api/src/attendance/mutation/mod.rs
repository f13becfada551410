mod draft;
mod line;
mod record;

use async_graphql::MergedObject;
pub(crate) use draft::{AttendanceDraft, add};

/// Changes to attendance lists.
#[derive(MergedObject, Default)]
pub struct AttendanceMutation(record::AttendanceRecordMutation, line::AttendanceLineMutation);
