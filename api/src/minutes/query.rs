use async_graphql::Object;

/// Queries.
#[derive(Default)]
pub struct MinutesQuery;

#[Object]
impl MinutesQuery {
    /// Stub.
    async fn stub_minutes(&self) -> bool {
        false
    }
}
