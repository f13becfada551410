use async_graphql::Object;

/// Changes.
#[derive(Default)]
pub struct RecommendationMutation;

#[Object]
impl RecommendationMutation {
    /// Stub.
    async fn stub_recommendation_change(&self) -> bool {
        false
    }
}
