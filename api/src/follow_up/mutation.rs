use async_graphql::Object;

/// Changes.
#[derive(Default)]
pub struct FollowUpMutation;

#[Object]
impl FollowUpMutation {
    /// Stub.
    async fn stub_follow_up_change(&self) -> bool {
        false
    }
}
