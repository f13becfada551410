use async_graphql::Object;

/// Changes.
#[derive(Default)]
pub struct MeetingMutation;

#[Object]
impl MeetingMutation {
    /// Stub.
    async fn stub_meeting_change(&self) -> bool {
        false
    }
}
