use async_graphql::Object;

/// Changes.
#[derive(Default)]
pub struct MinutesMutation;

#[Object]
impl MinutesMutation {
    /// Stub.
    async fn stub_minutes_change(&self) -> bool {
        false
    }
}
