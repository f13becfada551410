use async_graphql::Object;

/// Changes.
#[derive(Default)]
pub struct ReviewMutation;

#[Object]
impl ReviewMutation {
    /// Stub.
    async fn stub_review_change(&self) -> bool {
        false
    }
}
