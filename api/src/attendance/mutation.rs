use async_graphql::Object;

/// Changes.
#[derive(Default)]
pub struct AttendanceMutation;

#[Object]
impl AttendanceMutation {
    /// Stub.
    async fn stub_attendance_change(&self) -> bool {
        false
    }
}
