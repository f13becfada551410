use async_graphql::Object;

/// Changes.
#[derive(Default)]
pub struct AnnouncementMutation;

#[Object]
impl AnnouncementMutation {
    /// Stub.
    async fn stub_announcement_change(&self) -> bool {
        false
    }
}
